"""The names of the attributes a program reads, wherever it does."""

from __future__ import annotations

from rnnlint.source import program as ir


def attributes_read(program: ir.Block) -> frozenset[str]:
    """Attributes that are read, and every string: ``getattr`` may read one by it."""
    found: set[str] = set()
    pending: list[tuple[ir.Part, bool]] = [(statement, False) for statement in program]  # and whether it is bound
    while pending:
        part, bound = pending.pop()
        if isinstance(part, ir.Attribute):
            found |= set() if bound else {part.attr}
        elif isinstance(part, ir.Constant):
            found |= {part.value} if isinstance(part.value, str) else set()
        through = bound and isinstance(part, ir.Display | ir.Starred)  # of x.y = ..., x is read
        targets = ir.targets(part)
        pending += [(one, through or one in targets) for one in ir.children(part)]
    return frozenset(found)
