"""The names of the attributes a program reads, wherever it does."""

from __future__ import annotations

from rnnlint.source import program as ir
from rnnlint.source import walking

REVEAL = "reveal_axes"
"""What a program asks with what a value is: it reads its argument for nothing."""


def attributes_read(program: ir.Block) -> frozenset[str]:
    """Attributes that are read, and every string: ``getattr`` may read one by it."""
    found: set[str] = set()
    pending: list[tuple[walking.Part, bool]] = [(statement, False) for statement in program]  # and whether it is bound
    while pending:
        part, bound = pending.pop()
        if isinstance(part, ir.Attribute):
            found |= set() if bound else {part.attr}
        elif isinstance(part, ir.Evaluate) and is_reveal(part.value):
            continue
        elif isinstance(part, ir.Constant):
            # getattr(self, "hidden"), and names that are put together of words elsewhere: a string that is an
            # attribute's name may read it
            found |= {part.value} if isinstance(part.value, str) else set()
        through = bound and isinstance(part, (ir.Display, ir.Starred))  # of x.y = ..., x is read
        targets = walking.targets(part)
        pending += [(one, through or one in targets) for one in walking.children(part)]
    return frozenset(found)


def is_reveal(node: ir.Node) -> bool:
    """Whether it is a call that asks what its argument is."""
    # by its name, bare or behind any module: it need not be imported from anywhere to be understood
    return isinstance(node, ir.Call) and REVEAL in (getattr(node.func, "id", ""), getattr(node.func, "attr", ""))
