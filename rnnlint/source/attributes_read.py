"""The names of the attributes a program reads, wherever it does."""

from __future__ import annotations

from dataclasses import fields

from rnnlint.source import program as ir

REVEAL = "reveal_axes"
"""What a program asks with what a value is: it reads its argument for nothing."""

_TARGETS = {"targets", "target"}  # the fields of a node that hold what is assigned to
_PARTS = ir.Node | ir.Argument | ir.Parameter | ir.Generator


def attributes_read(program: ir.Block) -> frozenset[str]:
    """Attributes that are read, and every string: ``getattr`` may read one by it."""
    found: set[str] = set()
    pending: list[tuple[object, bool]] = [(program, False)]  # and whether it is assigned to
    while pending:
        part, target = pending.pop()
        if isinstance(part, tuple):
            pending += [(one, target) for one in part]
        elif isinstance(part, ir.Attribute):
            found |= set() if target else {part.attr}
            pending.append((part.value, False))
        elif isinstance(part, ir.Evaluate) and is_reveal(part.value):
            continue
        elif isinstance(part, ir.Constant):
            found |= {part.value} if isinstance(part.value, str) else set()
        elif isinstance(part, _PARTS):
            inside = target and isinstance(part, ir.Display | ir.Starred)
            assigns = not isinstance(part, ir.AugAssign)
            pending += [
                (getattr(part, field.name), inside or (assigns and field.name in _TARGETS))
                for field in fields(part)
                if field.name not in ("cst", "names")
            ]
    return frozenset(found)


def is_reveal(node: ir.Node) -> bool:
    """Whether it is a call that asks what its argument is."""
    return isinstance(node, ir.Call) and REVEAL in (getattr(node.func, "id", ""), getattr(node.func, "attr", ""))
