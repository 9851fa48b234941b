"""Tensors of which each element is the same whole number, as the program has made them: as an index, that position."""

from __future__ import annotations

from typing import TypeVar

from rnnlint.axes.reading import notes
from rnnlint.axes.states import Block, Given, Note, States, shape
from rnnlint.torch_api.context import Context
from rnnlint.values.domain import Lit, Tensor, Torch, Value
from rnnlint.values.origins import Constants, Filled, Fresh

T = TypeVar("T", bound=Value)


def made(states: States, number: int | None, dtype: Value | None = None) -> States:
    """A new tensor, noted where each element of it is one whole number, or one truth: that is a mask and no index."""
    if number is None:
        return states
    return notes.noted(states, Note.ONE_TRUTH if dtype == _BOOL else Note.ONE_NUMBER, None, extent=number)


def each_of(op: str) -> int | None:
    """The number that each element is of what an operation of some name makes."""
    return 0 if "zero" in op else 1 if "ones" in op else None


_BOOL = Torch("torch.bool")


def number_of(ctx: Context, value: Value, about: Note = Note.ONE_NUMBER) -> int | None:
    """The number that each element of a tensor is, or the truth; None where it is not known to be one."""
    states = value.states if isinstance(value, Tensor) else None
    if not isinstance(states, Block) or not isinstance(states.source, Given) or states.reduced:
        return None
    noted = notes.note(states, about)
    if noted is None or (isinstance(states.source.key, Fresh) and ctx.fresh_tensors.filled(states.source) is not None):
        return None
    return noted.extent


def is_noted(value: Value) -> bool:
    """Whether each element of a tensor was one number when it was made."""
    if not isinstance(value, Tensor) or not isinstance(value.states, Block) or not value.states.marks:
        return False
    return any(mark.about in (Note.ONE_NUMBER, Note.ONE_TRUTH) for mark in value.states.marks)


def forgotten(value: T) -> T | Tensor:
    """What is computed of a tensor is another number."""
    if not isinstance(value, Tensor) or not is_noted(value):
        return value
    return Tensor(notes.without(notes.without(value.states, Note.ONE_NUMBER), Note.ONE_TRUTH))


def computed(ctx: Context, op: str, left: Value, right: Value) -> Tensor | None:
    """``tensor + 1`` and the like where each element is the same number; None for anything else."""
    for tensor, other in ((left, right), (right, left)):
        each = number_of(ctx, tensor)
        if each is None or not isinstance(tensor, Tensor) or not isinstance(other, Lit) or type(other.value) is not int:
            continue
        first, second = (each, other.value) if tensor is left else (other.value, each)
        match op:
            case "+":
                return _instead(ctx, tensor, first + second)
            case "-":
                return _instead(ctx, tensor, first - second)
            case "*":
                return _instead(ctx, tensor, first * second)
    return None


def negative(ctx: Context, tensor: Tensor) -> Tensor | None:
    """``-tensor``, likewise."""
    each = number_of(ctx, tensor)
    return None if each is None else _instead(ctx, tensor, -each)


def _instead(ctx: Context, tensor: Tensor, number: int) -> Tensor:
    states = notes.without(tensor.states, Note.ONE_NUMBER)
    key = states.source.key if isinstance(states, Block) and isinstance(states.source, Given) else None
    if isinstance(key, (Constants, Filled)):  # which say which number it was
        states = ctx.given(Filled(ctx.occurrence(), number), shape(states))
    return Tensor(made(states, number))
