"""The names of the attributes a program reads, wherever it does."""

from __future__ import annotations

from rnnlint.source import program as ir
from rnnlint.source import walking

REVEAL = "reveal_axes"
"""What a program asks with what a value is: it reads its argument for nothing."""


_KEEPING = frozenset(
    {"to", "cuda", "cpu", "detach", "contiguous", "float", "double", "half", "requires_grad_", "zero_"}
)
"""Methods of a tensor that give the same one, elsewhere or anew: as a statement, or where that is stored again, they
read it for nothing."""


def attributes_read(program: ir.Block) -> frozenset[str]:
    """Attributes that are read, and every string: ``getattr`` may read one by it."""
    found: set[str] = set()
    pending: list[walking.Part] = list(program)
    while pending:
        part = pending.pop()
        kept = _kept(part)
        if kept is not None:
            pending += kept
        elif isinstance(part, ir.Attribute):
            found.add(part.attr)
            pending.append(part.value)
        elif isinstance(part, ir.Constant):
            # getattr(self, "hidden"), and names that are put together of words elsewhere: a string that is an
            # attribute's name may read it
            if isinstance(part.value, str):
                found.add(part.value)
        elif isinstance(part, walking.BINDING):
            bound = walking.targets(part)
            pending += (one for one in walking.children(part) if one not in bound)
            for target in bound:
                pending += _read_in(target)
        elif not isinstance(part, ir.Evaluate) or not is_reveal(part.value):
            pending += walking.children(part)
    return frozenset(found)


def _kept(part: walking.Part) -> list[walking.Part] | None:
    """What is read besides where ``x.y.to(device)`` is a statement, or stored as ``x.y``; None for anything else."""
    match part:
        case ir.Evaluate(value=ir.Call(func=ir.Attribute(value=ir.Attribute() as held, attr=name), args=args)):
            pass
        case ir.Assign(
            targets=(ir.Attribute() as target,),
            value=ir.Call(func=ir.Attribute(value=ir.Attribute() as held, attr=name), args=args),
        ) if target.attr == held.attr:
            pass
        case _:
            return None
    return [held.value, *args] if name in _KEEPING else None


def _read_in(target: walking.Part) -> list[walking.Part]:
    """What is read where a target is bound: of ``x.y = ...`` that is x."""
    if isinstance(target, ir.Attribute):
        return [target.value]
    if isinstance(target, (ir.Display, ir.Starred)):
        return [part for one in walking.children(target) for part in _read_in(one)]
    return [target]


def is_reveal(node: ir.Node) -> bool:
    """Whether it is a call that asks what its argument is."""
    # by its name, bare or behind any module: it need not be imported from anywhere to be understood
    return isinstance(node, ir.Call) and REVEAL in (getattr(node.func, "id", ""), getattr(node.func, "attr", ""))
