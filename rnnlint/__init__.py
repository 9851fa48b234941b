"""rnnlint: what the axes of an RNN's results mean."""

from __future__ import annotations

from typing import TypeVar

_Value = TypeVar("_Value")


def reveal_axes(value: _Value) -> _Value:
    """``value`` as it is.  In a file, ``rnnlint reveal FILE`` says what the value is that stands in its place."""
    return value
