"""Python's arithmetic on constants, bounded."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any, TypeAlias

from rnnlint.interpret.state.limits import LIMITS

Operand: TypeAlias = int | float | complex | str | bytes | bool | None

_OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "//": operator.floordiv,
    "%": operator.mod,
    "**": operator.pow,
    "&": operator.and_,
    "|": operator.or_,
    "^": operator.xor,
    "<<": operator.lshift,
    ">>": operator.rshift,
}
_ORDER: dict[str, Callable[[Any, Any], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_MAX_STRING = 10_000
"""Characters of a text that is computed: more than any name of a cell or mode has.  ``s = s + s`` doubles them with
every line (tests/safety/growing, "strings")."""


def compute(op: str, left: Operand, right: Operand) -> Operand | None:
    """``left op right``, or None where that is no constant worth having (too large, or Python raises)."""
    function = _OPERATORS.get(op)
    if function is None or _too_large(op, left, right):
        return None
    try:
        result = function(left, right)
    except (TypeError, ValueError, ArithmeticError):
        return None
    return result if isinstance(result, (int, float, str)) else None


def compare(op: str, left: Operand, right: Operand) -> bool | None:
    """``left op right`` for an ordering or equality of constants, None where Python raises."""
    try:
        return bool(_ORDER[op](left, right))
    except TypeError:
        return None


def _too_large(op: str, left: Operand, right: Operand) -> bool:
    if isinstance(left, (str, bytes)) or isinstance(right, (str, bytes)):
        if op != "*":
            both = isinstance(left, (str, bytes)) and isinstance(right, (str, bytes))
            return op != "+" or not both or len(left) + len(right) > _MAX_STRING  # type: ignore[arg-type]
        text, count = (left, right) if isinstance(left, (str, bytes)) else (right, left)
        return not isinstance(count, int) or len(text) * count > _MAX_STRING  # type: ignore[arg-type]
    bits = [abs(side).bit_length() if isinstance(side, int) else 0 for side in (left, right)]
    if op == "**":
        return not isinstance(right, (int, float)) or abs(right) > LIMITS.digits or bits[0] * abs(right) > LIMITS.digits
    if op in ("<<", ">>"):
        return not isinstance(right, int) or right > LIMITS.digits or right < 0
    return max(bits) > LIMITS.digits
