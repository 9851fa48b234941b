"""What an open value is made of: the forms of :class:`~rnnlint.values.domain.Free`."""

from __future__ import annotations

from dataclasses import replace
from enum import Enum
from typing import TYPE_CHECKING

from rnnlint.frozen import dataclass

if TYPE_CHECKING:  # values hold forms, which hold values
    from rnnlint.values.domain import Free, Lit, Value


@dataclass(frozen=True, slots=True)
class Form:
    """How an open value was made of other values, its ``operands``."""

    @property
    def operands(self) -> tuple[Value, ...]:
        """The values it was made of, in the order in which they are written."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Arithmetic(Form):
    """``left op right``; ``op`` as Python spells it."""

    op: str
    left: Value
    right: Value

    @property
    def operands(self) -> tuple[Value, ...]:
        return (self.left, self.right)


@dataclass(frozen=True, slots=True)
class Not(Form):
    """``not value``."""

    value: Value

    @property
    def operands(self) -> tuple[Value, ...]:
        return (self.value,)


@dataclass(frozen=True, slots=True)
class Equal(Form):
    """``value == constant``."""

    value: Value
    constant: Lit

    @property
    def operands(self) -> tuple[Value, ...]:
        return (self.value, self.constant)


@dataclass(frozen=True, slots=True)
class NumberOf(Form):
    """A function of a number, which is one (``math.sqrt``)."""

    of: Value

    @property
    def operands(self) -> tuple[Value, ...]:
        return (self.of,)


@dataclass(frozen=True, slots=True)
class OfTorchNN(Form):
    """The member of ``torch.nn`` under a ``name`` that is not known."""

    name: Free

    @property
    def operands(self) -> tuple[Value, ...]:
        return (self.name,)


class Side(Enum):
    """Where padding is: at the end of samples, in front of them (or nowhere), at the end of one; ``WHOLE``: nothing is
    anything else, as in what fills up others; ``NOWHERE``: all samples are known to be of one length;
    ``WINDOW``: of one, which is as long as every other of its kind."""

    RIGHT = "right"
    LEFT = "left"
    ROW = "row"
    WHOLE = "whole"
    NOWHERE = "nowhere"
    WINDOW = "window"


@dataclass(frozen=True, slots=True)
class Padding(Form):
    """What is padded: its layout, where that is known, and on which side.

    ``why`` is what shows it: the function that pads, or how the program does.  ``length`` is that of a window.
    ``axis`` is the one that is filled up, where that is known, from the first of what is padded, or from its last (-1).
    """

    batch_first: bool | None
    side: Side
    why: str = "pad_sequence"
    length: int | None = None
    axis: int | None = None

    def inside(self) -> Padding:
        """How something is padded that holds what is padded so, side by side."""
        return self if self.axis is None or self.axis < 0 else replace(self, axis=self.axis + 1)

    @property
    def nowhere(self) -> bool:
        """Whether it is known that there is no padding."""
        return self.side in (Side.NOWHERE, Side.WINDOW)

    @property
    def operands(self) -> tuple[Value, ...]:
        return ()


@dataclass(frozen=True, slots=True)
class OfTensor(Form):
    """A tensor that was made of another one, of unknown rank, and has the same rank."""

    of: Free

    @property
    def operands(self) -> tuple[Value, ...]:
        return (self.of,)


@dataclass(frozen=True, slots=True)
class Mask(OfTensor):
    """Where a comparison of it holds."""


@dataclass(frozen=True, slots=True)
class Moved(OfTensor):
    """The same on another device."""


@dataclass(frozen=True, slots=True)
class Beside(OfTensor):
    """The same with other tensors beside it (``cat``)."""


@dataclass(frozen=True, slots=True)
class InOrder(OfTensor):
    """The same, sorted (``descending``: None where that is open)."""

    descending: bool | None


@dataclass(frozen=True, slots=True)
class SortIndex(OfTensor):
    """The index that sorts it."""

    descending: bool | None


@dataclass(frozen=True, slots=True)
class Reordered(OfTensor):
    """The same, indexed by the index of a sort of another one."""

    index: Free

    @property
    def operands(self) -> tuple[Value, ...]:
        return (self.of, self.index)
