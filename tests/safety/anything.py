"""Values of a type, drawn: what rules and operations are fed to see whether anything makes them fail."""

from __future__ import annotations

import dataclasses
import enum
import types
import typing
from collections.abc import Callable, Hashable, Mapping
from random import Random
from typing import Any

from rnnlint.axes import results
from rnnlint.axes.operations import combine, regroup, select
from rnnlint.axes.states import Call, Given, Kind, Raises, States, Unknown, blocks, shape
from rnnlint.events import Site, Wrong
from rnnlint.values import domain
from rnnlint.values.domain import Free, Lit, Recurrent, RecurrentCell, Tensor, Value
from rnnlint.values.layer_kinds import LayerFact, LayerKind

SMALL = (-7, -3, -2, -1, 0, 1, 2, 3, 4, 5, 8, 16, 99, 1_000_003, 4_000_012)
WORDS: tuple[str, ...] = (
    "",
    "index",
    "view",
    "cat",
    "stack",
    "layer",
    "return",
    "arithmetic",
)
WORDS += ("x", "*rest", "h_n", "detach", "squeeze", "sum", "LSTM", "GRU", "RNN", "LSTMCell", "hidden_size", "dropout")

CALLS = tuple(
    Call(f"call {number}", layers, directions, samples, steps, 4, 4)
    for number, (layers, directions, samples, steps) in enumerate(
        (layers, directions, samples, steps)
        for layers in (1, 2)
        for directions in (1, 2)
        for samples in (None, 1, 3, 4_000_012)
        for steps in (1, 5, 4_000_028)
    )
)
GIVEN = tuple(
    Given(f"given {len(sizes)}", sizes) for sizes in ((), (3,), (3, 4), (5, 3, 4), (2, 5, 3, 4), (1,), (0, 4))
)


def module_of(call: Call, random: Random) -> Recurrent:
    """A module that could have made the call."""
    cell = random.choice(("RNN", "GRU", "LSTM"))
    return Recurrent(cell, Lit(call.layers), call.directions, random.random() < 0.5, Lit(4), None, Lit(4), "built")


def _wholes() -> list[States]:
    found: list[States] = [results.given(given) for given in GIVEN]
    for call in CALLS:
        found += [results.output_of(call, batch_first) for batch_first in (True, False)]
        found += [results.state_of(call, kind) for kind in (Kind.HIDDEN, Kind.CELL)]
    return found


WHOLES = _wholes()


def states(random: Random) -> States:
    """States of every rank from 0 up: a result, then up to four operations that torch allows."""
    value = random.choice(WHOLES)
    for _ in range(random.randrange(5)):
        sizes = shape(value)
        axis = random.randrange(len(sizes)) if sizes else 0
        tried: Any = Unknown("")
        match random.randrange(8):
            case 0 | 1 if sizes and sizes[axis]:
                tried = select.select(value, axis, random.choice((0, -1)))
            case 2 if sizes:
                tried = select.narrow(value, axis, 0, max(1, sizes[axis] // 2))
            case 3:
                tried = regroup.reshape(value, (*sizes[:axis], -1)) if sizes else Unknown("")
            case 4:
                tried = combine.cat((value, random.choice(WHOLES)), axis)
            case 5:
                tried = combine.stack((value, value), axis)
            case 6:
                tried = combine.blend((value, random.choice(WHOLES)))
            case _:
                tried = regroup.reshape(value, (*sizes[:axis], 1, *sizes[axis:]))
        if not isinstance(tried, Raises | Unknown):
            value = tried
    return value


def packable(random: Random) -> States:
    """States of two axes or more: torch packs no others."""
    drawn = states(random)
    while len(shape(drawn)) < 2:
        drawn = states(random)
    return drawn


_ALONE = (LayerKind.LINEAR, LayerKind.SAME, LayerKind.OTHER)  # the others are built with facts of their own


def value(random: Random, depth: int = 0) -> Value:
    """A value of the analysed program."""
    makers: list[Callable[[], Value]] = [
        lambda: Tensor(states(random)),
        lambda: Tensor(states(random)),
        lambda: Lit(random.choice(SMALL)),
        lambda: Lit(random.choice((None, True, False, 0.5, "x", b"x", 1e300, float("nan"), 2**70, 1j))),
        lambda: Free(random.choice(WORDS), random.choice((None, "self", "global"))),
        lambda: Unknown("planted"),
        lambda: domain.Formless(Free("t"), random.choice((-1, 0, 1)), random.choice((None, 4)), random.random() < 0.5),
        lambda: domain.Packed(random.choice((None, packable(random))), True, random.choice((None, *CALLS[:3]))),
        lambda: domain.Torch(random.choice(("torch.nn.GRU", "torch.float32", "torch.cat"))),
        lambda: domain.Builtin(random.choice(("len", "slice", "max"))),
        lambda: domain.Layer(random.choice(_ALONE), "Linear", ((LayerFact.IN, Lit(8)),)),
        lambda: module_of(random.choice(CALLS), random),
        lambda: RecurrentCell(random.choice(("GRUCell", "LSTMCell")), Lit(4), Lit(4), "built"),
        lambda: domain.Along(states(random), random.choice((-1, 0, 1, 2))),
    ]
    if depth < 2:
        makers += [
            lambda: domain.Items(tuple(value(random, depth + 1) for _ in range(random.randrange(4)))),
            lambda: domain.Items(tuple(value(random, depth + 1) for _ in range(2)), domain.PairOf(CALLS[0], "LSTM")),
            lambda: domain.Items(tuple(value(random, depth + 1) for _ in range(2)), domain.ResultOf(CALLS[0], "LSTM")),
            lambda: domain.Either((value(random, depth + 1), value(random, depth + 1))),
        ]
    return random.choice(makers)()


class Drawn:
    """Objects of annotated classes, field by field.  Where an object holds states, the modules that it gives for their
    calls are ones that could have made them."""

    def __init__(self, random: Random) -> None:
        self.random = random

    def one(self, cls: type[Any]) -> Any:
        hints = typing.get_type_hints(cls)
        held = {field.name: self.of(hints[field.name]) for field in dataclasses.fields(cls)}
        held_alone = (one for value in held.values() for one in (value if isinstance(value, tuple) else (value,)))
        seen = next((one for one in held_alone if isinstance(one, States)), None)
        if seen is not None:
            self._agree(held, seen)
        return cls(**held)

    def _agree(self, held: dict[str, Any], about: States) -> None:
        """What events promise of their fields: axes are axes of their states, and so on (see ``rnnlint.events``)."""
        sizes = shape(about)
        if "modules" in held:
            calls = {block.source: None for block in blocks(about) if isinstance(block.source, Call)}
            held["modules"] = tuple((call, module_of(call, self.random)) for call in calls)
        if isinstance(held.get("axis"), int):
            held["axis"] = self.random.randrange(len(sizes)) if sizes else 0
        if "extents" in held:
            axis = held["axis"] if sizes else None
            held |= {"axis": axis, "extents": sizes if axis is None else sizes[axis : axis + 1]}
            held["open"] = tuple(axis for axis in range(len(sizes)) if self.random.random() < 0.5)
        if "wanted" in held:
            held["wanted"] = held["wanted"] or (4,)
            held["what"] = held["what"] if len(held["wanted"]) == len(sizes) else Wrong.RANK

    def of(self, hint: Any) -> Any:
        """A value of a type."""
        known = self._known().get(hint)
        if known is not None:
            return known()
        origin, args = typing.get_origin(hint), typing.get_args(hint)
        if origin in (types.UnionType, typing.Union):
            rest = [arg for arg in args if arg not in typing.get_args(States)]
            if len(rest) < len(args):  # torch's results and what is made of them, not blocks field by field
                return self.of(self.random.choice(rest)) if rest and self.random.random() < 0.2 else states(self.random)
            return self.of(self.random.choice(args))
        if origin is tuple:
            if args[-1] is Ellipsis:
                return tuple(self.of(args[0]) for _ in range(self.random.randrange(4)))
            return tuple(self.of(arg) for arg in args)
        if origin is frozenset:
            return frozenset(self.of(args[0]) for _ in range(self.random.randrange(3)))
        if origin is typing.Literal:
            return self.random.choice(args)
        if isinstance(hint, type) and issubclass(hint, enum.Enum):
            return self.random.choice(list(hint))
        if dataclasses.is_dataclass(hint):
            return self.one(hint)  # type: ignore[arg-type]
        raise TypeError(f"no values of {hint!r} are known")

    def _known(self) -> Mapping[Any, Callable[[], Any]]:
        random = self.random
        return {
            bool: lambda: random.random() < 0.5,
            int: lambda: random.choice(SMALL),
            str: lambda: random.choice(WORDS),
            object: lambda: random.choice(WORDS),
            type(None): lambda: None,
            Hashable: lambda: random.choice((None, "node")),
            Site: lambda: Site("node", random.choice(WORDS), ()),
            Call: lambda: random.choice(CALLS),
            Given: lambda: random.choice(GIVEN),
            Lit: lambda: Lit(random.choice(SMALL)),
            Free: lambda: Free(random.choice(WORDS)),
            Value: lambda: value(random),
            States: lambda: states(random),
            Recurrent: lambda: module_of(random.choice(CALLS), random),
            RecurrentCell: lambda: RecurrentCell("GRUCell", Lit(4), Lit(4), "built"),
        }
