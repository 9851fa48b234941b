"""An arrangement as one line of text: what runs along each axis, which result it is of, what stands still.

``(sample, step, direction*unit[fwd|bwd]) of output, layer: last`` is the text of what ``nn.LSTM(..., bidirectional,
batch_first)`` of two layers returns first.  It is read so:

- An axis is what runs along it, the slowest first: ``direction*unit`` are all units of one direction, then those of the
  other, ``[fwd|bwd]`` says which comes first.  A number alone is an axis along which nothing moves: every element there
  reads the same states (features a ``Linear`` has made, copies, an axis of 1).
- ``step[1:]``, ``step[::-1]``, ``unit[:3]`` are slices, as Python writes them.
- ``step//3`` and ``step%3`` are one role on several axes: which three, and which of them.  Where a role does not come
  apart so (windows that overlap), ``+step[...]`` are numbers to be added.
- After ``of``: ``output``, ``h_n`` or ``c_n``, and the call.  Then the roles that stand still (``layer: last``), where
  there is more than one to choose from; ``step: final`` is each direction's own last one, ``last valid`` each sample's.
- ``over step``: every element reads all of them at once (a mean, the features that a ``Linear`` adds up).
- ``cut: step*unit as cut1*cut2 = 7*5``: a reshape without a common boundary, so that its axes hold pieces of several.
- ``joined along dim 1 {...; ...}`` is what ``cat`` makes, ``combined {...; ...}`` what arithmetic makes.

Two arrangements of the same calls that read different states have different texts.  Where that cannot be said, the text
says that it is a summary: it is cut off (``...``), or something stands ``in another order``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import prod
from typing import TypeAlias

from rnnlint.axes.reading.notes import note
from rnnlint.axes.states import (
    ROLES,
    Block,
    Call,
    Factor,
    Given,
    Joined,
    Kind,
    Note,
    Own,
    Position,
    Role,
    Somewhere,
    States,
    Wire,
)

LIMIT = 300
"""The most characters of a text: two lines of a terminal, and what an editor shows beside a name."""

_SUMMARY = "..."
_RESERVED = {role.value for role in Role}  # a size the program calls so must not read as a role


class Words:
    """What the file calls things.  This one knows no file: sizes are numbers, and a call has no name."""

    def call(self, call: Call) -> str:  # noqa: ARG002 - for those who know a file
        """The call that returned something, "" where it has no name."""
        return ""

    def size(self, size: int) -> str:
        """An extent or a position."""
        return str(size)

    def given(self, given: Given) -> str:
        """A tensor that no RNN returned."""
        return given.key if isinstance(given.key, str) else "a tensor"

    def axis(self, given: Given, index: int) -> str:  # noqa: ARG002
        """An axis of such a tensor."""
        return f"dim{index}"

    def open(self, size: int) -> bool:  # noqa: ARG002
        """Whether an extent is not known, and ``size`` only stands for it."""
        return False


PLAIN = Words()


def text(states: States, words: Words = PLAIN, limit: int = LIMIT) -> str:
    """What an arrangement is, on one line of at most ``limit`` characters."""
    if isinstance(states, Block):
        return clipped(_Block(states, words).text(), limit)
    how = f"joined along dim {states.axis}" if isinstance(states, Joined) else "combined"
    return listed(how, (text(part, words, limit) for part in states.parts), len(states.parts), limit)


def axis_names(states: States, words: Words = PLAIN) -> tuple[str, ...]:
    """What runs along each axis, in the words of `text`; of several parts that differ, theirs one after the other."""
    if isinstance(states, Block):
        written = _Block(states, words).axis_names()
        return tuple([_product(axis) for axis in written])
    several = [axis_names(part, words) for part in states.parts]
    return tuple([clipped(" | ".join(dict.fromkeys(names)), _NAME) for names in zip(*several, strict=True)])


_NAME = 60  # characters of the name of one axis, beside which others stand


def clipped(whole: str, limit: int) -> str:
    """At most ``limit`` characters of a text; one that is cut off ends with dots."""
    return whole if len(whole) <= limit else whole[: limit - len(_SUMMARY)] + _SUMMARY


def listed(head: str, parts: Iterator[str], count: int, limit: int) -> str:
    """``head {part; part}``; of parts for which there is no room, how many they are."""
    shown: list[str] = []
    # room for the longest count of what is left out, so that what is listed never has to be cut itself
    room = limit - len(head) - len(" {; ... 1000000 more}")
    for part in parts:
        # 2 for the "; " between parts
        room -= len(part) + 2
        if room < 0:
            break
        shown.append(part)
    left = count - len(shown)
    if left:
        shown.append(f"{_SUMMARY} {left} more" if shown else f"{_SUMMARY} {left}")
    return clipped(f"{head} {{{'; '.join(shown)}}}", limit)


def is_summary(said: str) -> bool:
    """Whether a text says that there is more to it."""
    return _SUMMARY in said or "in another order" in said


_Coordinate: TypeAlias = Role | Own | Wire
_SOMEWHERE = {Somewhere.FINAL: "final", Somewhere.LAST_VALID: "last valid", Somewhere.ANYWHERE: "some one"}


class _Block:
    """The text of one block.  The factors of one coordinate are understood together, wherever they stand."""

    def __init__(self, block: Block, words: Words) -> None:
        self.block, self.words = block, words
        self.wires = {
            wire: f"cut{number}"
            for number, wire in enumerate(
                (Wire(number, digit) for number, knot in enumerate(block.tangles) for digit in range(len(knot.shape))),
                start=1,
            )
        }
        self.groups = [*block.axes, *(knot.digits for knot in block.tangles), block.reduced]
        self.wholes = self._wholes()
        self.at = dict(block.at)
        self.factors = {
            along: [factor for group in self.groups for factor in group if factor.along == along]
            for along in self.wholes
        }

    def text(self) -> str:
        block = self.block
        written = self._written()
        axes, knots, held = written[: len(block.axes)], written[len(block.axes) : -1], written[-1]
        said = [self._source([_product(axis) for axis in axes]) + self._still()]
        for number, (tangle, digits) in enumerate(zip(block.tangles, knots, strict=True)):
            names = [self.wires[Wire(number, place)] for place in range(len(tangle.shape))]
            sizes = "*".join(map(self._size, tangle.shape))
            said.append(f"cut: {_product(digits)} as {'*'.join(names)} = {sizes}")
        if held:
            said.append(f"over {', '.join(held).replace(_FORWARD_FIRST, '')}")  # of a set there is no order
        said += [f"{self._name(along)} in another order" for along, _ in block.orders]
        if note(block, Note.DETACHED) is not None:
            said.append("detached")
        return ", ".join(said)

    def axis_names(self) -> list[list[str]]:
        """The words for the factors of every axis."""
        return self._written()[: len(self.block.axes)]

    def _source(self, axes: Sequence[str]) -> str:
        """The axes, and what they are axes of; an untouched given tensor needs no axes."""
        block, source = self.block, self.block.source
        if isinstance(source, Given):
            name = f"{self.words.given(source)} ({', '.join(map(self.words.size, source.shape))})"
            plain = tuple((Factor(Own(i), size),) if size != 1 else () for i, size in enumerate(source.shape))
            untouched = (block.axes, block.at, block.reduced) == (plain, (), ())
            return name if untouched else f"({', '.join(axes)}) of {name}"
        call = self.words.call(source)
        return f"({', '.join(axes)}) of {result_of(block)}{f' of {call}' if call else ''}"

    def _still(self) -> str:
        """The coordinates that stand still where they could be others, and those that are nowhere in particular."""
        out: list[str] = []
        for along, whole in self.wholes.items():
            start = self.at.get(along, 0)
            if isinstance(start, Somewhere):
                out.append(f", {self._name(along)}: {_SOMEWHERE[start]}")
            elif not self.factors[along] and whole > 1:
                out.append(f", {self._name(along)}: {self._place(along, start, whole)}")
        return "".join(out)

    def _place(self, along: _Coordinate, start: int, whole: int) -> str:
        if along is Role.DIRECTION:
            return "backward" if start else "forward"
        return "last" if start == whole - 1 else self._position(start, whole)

    def _name(self, along: _Coordinate) -> str:
        if isinstance(along, Role):
            return along.value
        if isinstance(along, Own) and isinstance(self.block.source, Given):
            return self.words.axis(self.block.source, along.index)
        return f"dim{along.index}" if isinstance(along, Own) else self.wires[along]

    def _position(self, number: int, whole: int) -> str:
        """A position; from the end where the extent is open and that is nearer."""
        # because -1 can be read where the extent is a number that only stands for an open size
        if self.words.open(whole) and not self.words.open(whole - number):
            return str(number - whole)
        return self.words.size(number)

    def _wholes(self) -> dict[_Coordinate, int]:
        """Every coordinate that an element may have, with its extent."""
        block, source = self.block, self.block.source
        wholes: dict[_Coordinate, int] = {}
        if isinstance(source, Call):
            width = source.cell_units if block.kind is Kind.CELL else source.units
            wholes.update(
                zip(ROLES, (source.layers, source.directions, source.samples or 1, source.steps, width), strict=True)
            )
        else:
            wholes.update((Own(number), size) for number, size in enumerate(source.shape))
        wholes.update((wire, block.tangles[wire.tangle].shape[wire.digit]) for wire in self.wires)
        return wholes

    def _written(self) -> list[list[str]]:
        """The words for every factor, in the groups in which they stand."""
        names = {along: iter(self._names(along)) for along in self.wholes}
        return [
            [self._count(factor.extent) if factor.along is None else next(names[factor.along]) for factor in group]
            for group in self.groups
        ]

    def _count(self, size: int) -> str:
        said = self._size(size)
        return f"'{said}'" if said in _RESERVED else said

    def _size(self, size: int) -> str:
        """An extent among the factors of a product."""
        said = self.words.size(size)
        # in a product of sizes, only what is one word or number can stand without parentheses
        return f"({said})" if " " in said or "/" in said or "*" in said else said

    def _names(self, along: _Coordinate) -> list[str]:
        """The words for the factors of a coordinate, in the order in which they stand."""
        factors, whole, name = self.factors[along], self.wholes[along], self._name(along)
        start = self.at.get(along, 0)
        if isinstance(start, int) and len(factors) == 1:
            (factor,) = factors
            if along is Role.DIRECTION:
                return [name + (_FORWARD_FIRST if factor.stride > 0 else _BACKWARD_FIRST)]
            return [name + self._slice(start, factor, whole)]
        digits = self._digits(factors, start, whole)
        if digits is not None:
            return [name + digit for digit in digits]
        begins = [max(0, -factor.stride * (factor.extent - 1)) for factor in factors]
        if isinstance(start, int) and factors:
            begins[0] += start - sum(begins)  # what is left of the start is told with the first
        return [f"+{name}{self._offsets(begin, factor)}" for begin, factor in zip(begins, factors, strict=True)]

    def _offsets(self, begin: int, factor: Factor) -> str:
        """What a factor adds to the position, as a slice of the natural numbers."""
        end = begin + factor.stride * (factor.extent - 1)
        size = self.words.size
        if factor.stride < 0:
            return f"[{size(begin)}:{size(end - 1) if end else ''}:-{size(-factor.stride)}]"
        return f"[{size(begin)}:{size(end + 1)}{'' if factor.stride == 1 else f':{size(factor.stride)}'}]"

    def _digits(self, factors: Sequence[Factor], start: Position, whole: int) -> list[str] | None:
        """``//`` and ``%`` of a coordinate that comes apart into the digits of its number; None where it does not."""
        rising = sorted(factors, key=lambda factor: abs(factor.stride))
        if start != sum(-f.stride * (f.extent - 1) for f in factors if f.stride < 0):
            return None
        if prod(factor.extent for factor in factors) != whole:
            return None
        stride = 1
        for factor in rising:
            if abs(factor.stride) != stride:
                return None
            stride *= factor.extent
        out: list[str] = []
        for factor in factors:
            below = f"//{self._size(abs(factor.stride))}" if factor is not rising[0] else ""
            above = f"%{self._size(factor.extent)}" if factor is not rising[-1] else ""
            out.append(below + above + ("[::-1]" if factor.stride < 0 else ""))
        return out

    def _slice(self, start: int, factor: Factor, whole: int) -> str:
        """``[lower:upper:step]`` as Python writes it; "" where it is all of it, in order."""
        stride, end = factor.stride, start + factor.stride * (factor.extent - 1)
        if stride > 0:
            lower = self._position(start, whole) if start else ""
            upper = "" if end + stride >= whole else self._position(end + 1, whole)
        else:
            lower = "" if start == whole - 1 else self._position(start, whole)
            upper = "" if end + stride < 0 else self._position(end - 1, whole)
        # all of it, in order, is said by the name alone
        if (lower, upper, stride) == ("", "", 1):
            return ""
        step = "" if stride == 1 else f":-{self.words.size(-stride)}" if stride < 0 else f":{self.words.size(stride)}"
        return f"[{lower}:{upper}{step}]"


_FORWARD_FIRST, _BACKWARD_FIRST = "[fwd|bwd]", "[bwd|fwd]"


def _product(factors: Sequence[str]) -> str:
    """The factors of an axis, slowest first.  That the features are those of one direction, then those of the other, is
    said of the whole axis: the order goes last where the direction is slowest, and all else is whole."""
    joint = "*".join(factors or ["1"])
    # slices and digits are no identifiers: then the directions do not divide the whole axis in two, and it is left
    # where it is
    for order in (_FORWARD_FIRST, _BACKWARD_FIRST):
        if factors and factors[0].endswith(order) and all(map(str.isidentifier, factors[1:])):
            return joint.replace(order, "") + order
    return joint


def result_of(block: Block) -> str:
    """Which result of its call a block is from; both, where it is put together of the two."""
    about = {mark.about for mark in block.marks}
    if block.kind is Kind.CELL:
        return "c_n"
    names = [name for name, made in (("output", Note.OUTPUT), ("h_n", Note.STATE)) if made in about]
    return " and ".join(names) or "the hidden states"
