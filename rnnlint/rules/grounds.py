"""What a finding rests on, as data: the settings of a module, what arrives, what was wanted, and where all that is.

A rule knows them when it speaks, and a message has room for few of them.  What is said of them to a reader, and which
lines they are on, is found once a finding is certain (:mod:`rnnlint.explaining`).
"""

from __future__ import annotations

import enum
from dataclasses import replace
from typing import TypeAlias

from rnnlint.axes import results
from rnnlint.axes.states import Block, Call, Factor, Kind, Mark, Note, Position, Role, States
from rnnlint.events import Site, Used
from rnnlint.frozen import dataclass
from rnnlint.values.domain import Recurrent, RecurrentCell, Value


class Setting(enum.Enum):
    """What a recurrent module was built with: its kind, or an argument by the name torch gives it."""

    CELL = "cell"
    DIRECTIONS = "bidirectional"
    LAYOUT = "batch_first"
    LAYERS = "num_layers"
    UNITS = "hidden_size"
    PROJECTION = "proj_size"

    __hash__ = object.__hash__  # members are single objects; enum's own hash is slow Python


Module: TypeAlias = Recurrent | RecurrentCell


@dataclass(frozen=True, slots=True)
class Beside:
    """Another place, and a few words; ``argument`` is the one of the call there that is meant, by its parameter."""

    site: Site
    message: str
    argument: str = ""


Read: TypeAlias = States | Value | str | tuple[States, ...]
"""What arrives: tensors, another value, or words."""


@dataclass(frozen=True, slots=True)
class Grounds:
    """What a hit rests on.

    ``read`` is what arrives (several, where two things do) and ``wanted`` what should, each as tensors or in words.
    ``settings`` are those of the module that matter: of ``module``, or else of the one that has returned what is read.
    ``call`` is the call that returned it, and ``result`` what of it that is, where tensors do not tell.  ``used`` is
    the use that makes it a mistake.  ``places`` are others that it rests on; ``facts`` are further pairs of a name and
    a value.
    """

    read: Read = ""
    wanted: States | str = ""
    settings: tuple[Setting, ...] = ()
    used: Used | None = None
    module: Module | None = None
    call: Call | None = None
    result: str = ""
    places: tuple[Beside, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()


NO_GROUNDS = Grounds()


def final_states(call: Call, kind: Kind = Kind.HIDDEN) -> Block:
    """The last layer's final states, of all directions side by side: what sums a sequence up."""
    units = call.cell_units if kind is Kind.CELL else call.units
    samples = () if call.samples is None else (results.axis(Factor(Role.SAMPLE, call.samples)),)
    features = results.axis(Factor(Role.DIRECTION, call.directions), Factor(Role.UNIT, units))
    state = results.state_of(call, kind)
    layer = ((Role.LAYER, call.layers - 1),) if call.layers > 1 else ()
    return Block(call, kind, (*samples, features), (*layer, *state.at), marks=(Mark(Note.STATE, 0, None),))


def output_at(call: Call, step: Position) -> Block:
    """``output`` at a step, of every sample."""
    whole = results.output_of(call, batch_first=False)
    layer = tuple(one for one in whole.at if one[0] is not Role.STEP)
    return Block(call, whole.kind, whole.axes[1:], (*layer, (Role.STEP, step)), marks=whole.marks)


def at_step(block: Block, step: Position) -> Block:
    """The same reading, at another step."""
    others = tuple((along, start) for along, start in block.at if along is not Role.STEP)
    return replace(block, at=(*others, (Role.STEP, step)))
