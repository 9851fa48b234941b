"""As many as are missing of a length, as a text counts them: ``n - len(x)``, and names of such a number."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet

from rnnlint.frozen import dataclass
from rnnlint.source import program as ir
from rnnlint.source import walking

_NONE: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Counts:
    """The names of a file for lengths (``n = len(x)``), and for what is missing of one (``gap = most - len(x)``)."""

    lengths: AbstractSet[str] = _NONE
    missing: AbstractSet[str] = _NONE


NO_NAMES = Counts()


def counts_of(assigned: Sequence[ir.Assign]) -> Counts:
    """What assignments give a name to."""
    lengths = frozenset(name for node in assigned if _is_len(node.value) for name in _names(node))
    named = Counts(lengths)
    return Counts(
        lengths, frozenset(name for node in assigned if is_missing(node.value, named) for name in _names(node))
    )


def _names(node: ir.Assign) -> Iterator[str]:
    return (target.id for target in node.targets if isinstance(target, ir.Name))


def _is_len(node: ir.Expr) -> bool:
    return isinstance(node, ir.Call) and ir.last_name(node.func) == "len"


def is_length(node: ir.Expr, names: Counts) -> bool:
    """``len(x)``, or a name of one."""
    return _is_len(node) or (isinstance(node, ir.Name) and node.id in names.lengths)


def is_missing(node: ir.Expr, names: Counts = NO_NAMES) -> bool:
    """``n - len(x)``, or ``max(0, n - len(x))``: how many are missing of some."""
    match node:
        case ir.Binary(op="-", right=right):
            return is_length(right, names)
        case ir.Call(func=function, args=args) if ir.last_name(function) == "max":
            return any(is_missing(argument.value, names) for argument in args)
        case ir.Name(id=name):
            return name in names.missing
    return False


def mentions_missing(node: ir.Expr, names: Counts = NO_NAMES) -> bool:
    """Whether an expression counts anywhere how many are missing."""
    counting = (inner for inner in walking.walk(node) if isinstance(inner, (ir.Binary, ir.Call, ir.Name)))
    return any(is_missing(inner, names) for inner in counting)


def fills(node: ir.Expr, names: Counts = NO_NAMES) -> bool:
    """``[c] * (n - len(x))``, ``[c for _ in range(n - len(x))]``."""
    if isinstance(node, ir.Comprehension) and len(node.generators) == 1:
        over = node.generators[0].iter
        if not isinstance(over, ir.Call) or ir.last_name(over.func) != "range" or len(over.args) != 1:
            return False
        return is_missing(over.args[0].value, names)
    if not isinstance(node, ir.Binary) or node.op != "*":
        return False
    sides = (node.left, node.right)
    # one item: [0] * n fills, and [a, b] * n repeats a pattern
    listed = any(isinstance(side, ir.Display) and len(side.items) == 1 for side in sides)
    return listed and any(is_missing(side, names) for side in sides)


def constants_given(node: ir.Call) -> dict[str, object]:
    """What a call is given by keyword, as far as constants are written there."""
    return {a.keyword: a.value.value for a in node.args if a.keyword and isinstance(a.value, ir.Constant)}


def flips(node: object) -> bool:
    """Whether something is turned round."""
    return isinstance(node, ir.Call) and ir.last_name(node.func) in ("flip", "flipud")
