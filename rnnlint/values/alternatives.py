"""Several values that are one of each other: what a value is where paths meet."""

from __future__ import annotations

from collections.abc import Hashable
from operator import is_

from rnnlint.axes.operations import per_sample
from rnnlint.axes.reading import notes
from rnnlint.axes.states import Note, Unknown, blocks
from rnnlint.values.compound import Compound
from rnnlint.values.domain import Along, Either, Free, Items, Lit, Packed, Ref, Tensor, Value

MOST_OPTIONS = 6
"""Possibilities that are kept apart; as many as in interpret.state.limits: what an operation is not done for is not
worth being kept apart."""


def either(values: tuple[Value, ...], limit: int = MOST_OPTIONS) -> Value:
    """One of the values; more than ``limit`` different ones are unknown, and held."""
    if not values:
        return _too_many([])
    if len(values) == 1 or (len(values) == 2 and values[0] is values[1]):
        return values[0]
    options: list[Value] = []
    for number, value in enumerate(values):
        # before the next value is compared with all of these: a join of n values stays linear in n
        if len(options) > limit:  # the others are looked at for what they hold, not at each other
            return _too_many([*options, *values[number:]])
        for option in value.options if isinstance(value, Either) else (value,):
            kind = type(option)
            for place, known in enumerate(options):
                # the same object, most of the time: found without a comparison
                if option is known:
                    break
                if kind is not type(known):
                    continue
                # because the reason is all that is told of the two: as two options they would count against the limit,
                # as one they keep all that either holds
                if kind is Unknown and option.reason == known.reason:  # type: ignore[union-attr]
                    if option.held or option.recurrent != known.recurrent or option.count != known.count:  # type: ignore[union-attr]
                        options[place] = _too_many([known, option])
                    break
                if identical(option, known):
                    options[place] = rather(known, option)
                    break
            else:
                options.append(option)
    if len(options) == 1:
        return options[0]
    if len(options) == 2 and (table := _written(*options) or _written(*reversed(options))):
        return table
    # unknowns alone are one unknown, with the first reason: there is nothing left to choose from
    if len(options) > limit or (
        isinstance(options[0], Unknown) and all(isinstance(option, Unknown) for option in options)
    ):
        return _too_many(options)
    first = values[0]
    # where nothing was added to it, it is itself: what is compared with it later is found to be the same object
    if isinstance(first, Either) and len(options) == len(first.options) and all(map(is_, options, first.options)):
        return first
    return Either(tuple(options))


def whichever(values: tuple[Value, ...]) -> Value:
    """One of the items of a list, nobody knows which: of several steps of one call, some one."""
    options = [option for value in values for option in (value.options if isinstance(value, Either) else (value,))]
    some = iter(per_sample.whichever([option.states for option in options if isinstance(option, Tensor)]))
    return either(tuple([Tensor(next(some)) if isinstance(option, Tensor) else option for option in options]))


def _written(table: Value, before: Value) -> Value | None:
    """A table into which a loop has written rows, where the other is what it was before these: no batch is empty."""
    filled = isinstance(table, Free) and table.key == TABLE
    return table if filled and isinstance(before, Unknown) and not (before.held or before.recurrent) else None


TABLE = "a table"
"""What an open value is called into which rows of unequal length were written."""


def _too_many(options: list[Value]) -> Unknown:
    """Not known which of the values, with all in them that can hold states."""
    held: dict[Hashable, None] = {}
    pending, seen = list(reversed(options)), set[int]()
    while pending:
        option = pending.pop()
        if isinstance(option, Unknown):
            held.update(dict.fromkeys(option.held))
        elif isinstance(option, (Tensor, Along, Packed, Ref)):
            held[option] = None
        elif isinstance(option, (Items, Either)) and id(option) not in seen:
            seen.add(id(option))
            pending += reversed(option.items if isinstance(option, Items) else option.options)
    reasons = (option.reason for option in options if isinstance(option, Unknown))
    recurrent = any(isinstance(option, Unknown) and option.recurrent for option in options)
    return Unknown(next(reasons, "too many possibilities meet here"), tuple(held), recurrent)


def rather(known: Value, other: Value) -> Value:
    """Which of two identical values is kept: the one of which padding was masked, if one was.

    The path that masks is taken where there is padding; the other one has none (fixtures/rules/RNN405/optional.py).
    """
    if isinstance(known, Either) and isinstance(other, Either):  # identical ones have the same options, in order
        kept = tuple([rather(one, beside) for one, beside in zip(known.options, other.options, strict=True)])
        return known if all(map(is_, kept, known.options)) else Either(kept)
    masked = isinstance(known, Tensor) and isinstance(other, Tensor) and _masked(other) and not _masked(known)
    return other if masked else known


def _masked(value: Tensor) -> bool:
    return all(notes.note(block, Note.MASKED) is not None for block in blocks(value.states))


def identical(a: Value, b: Value) -> bool:
    """Equality that tells ``True`` from ``1``."""
    if type(a) is not type(b):
        return False
    if isinstance(a, Lit) and isinstance(b, Lit):
        # True == 1 in Python, and a flag is no number of layers (fixtures/rules/RNN504)
        return type(a.value) is type(b.value) and a.value == b.value
    # before the values are walked: equal ones have equal sizes, and most that differ do not
    if isinstance(a, Compound) and isinstance(b, Compound) and a.size != b.size:
        return False
    return a == b
