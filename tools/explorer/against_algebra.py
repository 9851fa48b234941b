"""What the page says of a reading against what rnnlint's algebra and rules say of the same expression.

The page moves labelled elements and reads off them what the axes mean; rnnlint moves axes and never sees an element.
"""

from __future__ import annotations

import argparse
import shlex
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import product
from typing import Any, TypeAlias

from rnnlint.axes.reading.meaning import cut, same
from rnnlint.axes.reading.text import axis_names, text
from rnnlint.axes.states import ROLES, Role, Somewhere, States, blocks, shape
from rnnlint.drawing.bands import bands
from rnnlint.drawing.held import Held, Place, Setting, held
from rnnlint.drawing.positions import listed
from rnnlint.drawing.strips import strip
from rnnlint.linter import lint
from rnnlint.showing import command
from rnnlint.showing.answer import OF_THE_LAYER, advice, readings, states_of
from rnnlint.showing.question import Question
from tools.explorer.walking import Said

State: TypeAlias = tuple[str, int, int, int, int]
"""Kind, direction, layer, sample, step."""

Known: TypeAlias = Sequence[tuple[str, States | None]]
"""The readings that rnnlint compares with, and what they hold."""

_SETTING = Setting()
_ALL = 10**6  # bands of an axis: all of them


def differences(group: Sequence[Said]) -> Iterator[str]:
    """Where the page and rnnlint do not agree about readings of one module."""
    question = group[0].question
    others = readings(question)
    for begin in range(0, len(group), _TOGETHER):
        several = group[begin : begin + _TOGETHER]
        # in one program: a call of another program is another call, and its states are no others' equals
        found = states_of(question, [*(one.expression for one in several), *others])
        known = list(zip(others, found[len(several) :], strict=True))
        yield from _of_several(several, found[: len(several)], question, known)


_TOGETHER = 200  # expressions in one program: of one with a thousand, the analysis does not come to the last


def _of_several(
    group: Sequence[Said], found: Sequence[States | None], question: Question, known: Known
) -> Iterator[str]:
    for one, states in zip(group, found, strict=True):
        if states is None:
            yield f"{one}: rnnlint does not follow it"
            continue
        yield from (f"{one}: {said}" for said in _differences(one, states, question, known))


def _differences(one: Said, states: States, question: Question, known: Known) -> Iterator[str]:
    said = one.said
    if one.shape != shape(states):
        yield f"shape {one.shape}, rnnlint: {shape(states)}"
        return
    yield from _axes(said, states)
    for cell in said["cells"]:
        yield from _cell(cell, states)
    equal = [other for other, held in known if held is not None and other != one.expression and same(states, held)]
    if sorted(said["equals"]) != sorted(equal):
        yield f"the same as {said['equals']}, rnnlint: {equal}"
    pairs: list[tuple[str, object, object]] = [
        ("module", said["constructor"], question.module),
        ("wanted", said["wanted"], advice(question)),
        ("command", *_command(one)),
        ("what its link leads to", said["linked"], one.expression),
        ("findings", [tuple(finding) for finding in said["findings"]], verdict(one)),
    ]
    yield from (f"{name} {here}, rnnlint: {there}" for name, here, there in pairs if here != there)


@cache
def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser()
    command.add(parser)
    return parser


def _command(one: Said) -> tuple[object, object]:
    """What the command that stands below a reading asks for, and what it should."""
    program, verb, *arguments = shlex.split(one.said["command"])
    asked = vars(_parser().parse_args(arguments))
    question = one.question
    wanted = {
        "expressions": [one.expression],
        "cell": question.cell,
        "layers": question.layers,
        "bidirectional": question.bidirectional,
        "batch_first": question.batch_first,
        "sizes": ",".join(f"{name}={question.sizes[name]}" for name in ("N", "T", "H")),
    }
    return (program, verb, {name: asked[name] for name in wanted}), ("rnnlint", "show", wanted)


def _axes(said: dict[str, Any], states: States) -> Iterator[str]:
    """The names of the axes and the sentence; where roles are cut, which ones, since there the page has own words."""
    tangled = _tangled(states)
    if not tangled:
        pairs = [("axes", tuple(said["axes"]), axis_names(states)), ("says", said["says"], text(states))]
        yield from (f"{name} {here}, rnnlint: {there}" for name, here, there in pairs if here != there)
        for axis, here in enumerate(said["bands"]):
            groups = [list(band) for band in bands(states, axis, _ALL, _SETTING, None).drawn]
            if here != groups:
                yield f"groups of axis {axis}: {here}, rnnlint: {groups}"
    else:
        names = _names_by_trial(states)
        if said["axes"] != names:
            yield f"axes {said['axes']}, rnnlint: {names}"
    roles = {role.value for role in cut(states) if isinstance(role, Role)}
    if set(said["cut"]) - {"unit"} != roles:
        yield f"cut {said['cut']}, rnnlint: {roles}"


def _names_by_trial(states: States) -> list[str]:
    """What changes along each axis, by looking at every element; a step that goes with its direction left out."""
    sizes = shape(states)
    taken = {place: _taken(held(states, tuple((at, at + 1) for at in place), _SETTING)) for place in _places(sizes)}
    along = [
        [
            role
            for role in ROLES
            if any(place[axis] and one[role] != taken[_before(place, axis)][role] for place, one in taken.items())
        ]
        for axis in range(len(sizes))
    ]
    final = all(dict(block.at).get(Role.STEP) is Somewhere.FINAL for block in blocks(states))
    pieces = {role for role in ROLES if sum(role in roles for roles in along) > 1}
    names = []
    for roles in along:
        named = [role for role in roles if role is not Role.STEP or not final]
        cut_ones = "+".join(role.value for role in named if role in pieces)
        words = [f"pieces of {cut_ones}"] if cut_ones else []
        names.append("*".join([*words, *(role.value for role in named if role not in pieces)]) or "1")
    return names


def _places(sizes: Sequence[int]) -> Iterator[tuple[int, ...]]:
    return product(*map(range, sizes))


def _before(place: tuple[int, ...], axis: int) -> tuple[int, ...]:
    return (*place[:axis], place[axis] - 1, *place[axis + 1 :])


def _taken(several: Sequence[Held]) -> dict[Role, frozenset[int]]:
    """The positions that an element takes of each role."""
    found: dict[Role, set[int]] = {role: set() for role in ROLES}
    for one in several:
        assert not isinstance(one.steps, Somewhere)
        found[Role.DIRECTION].add(one.direction)
        runs = {Role.LAYER: one.layers, Role.SAMPLE: one.samples, Role.STEP: one.steps, Role.UNIT: one.units}
        for role, positions in runs.items():
            found[role].update(listed(positions))
    return {role: frozenset(positions) for role, positions in found.items()}


def _tangled(states: States) -> bool:
    return any(block.tangles for block in blocks(states))


def _cell(cell: dict[str, Any], states: States) -> Iterator[str]:
    place = tuple((start, stop) for start, stop in cell["place"])
    shown: set[State] = set()
    ticks: dict[int, list[str]] = {}
    units: set[int] = set()
    for part in cell["parts"]:
        shown |= set(_every(part["kind"], part["direction"], *(part[role] for role in ("layer", "sample", "step"))))
        units |= set(part["unit"])
        ticks[part["direction"]] = _together(ticks.get(part["direction"]), part["strip"])
    wanted: set[State] = set()
    wanted_ticks: dict[int, list[str]] = {}
    wanted_units: set[int] = set()
    for one in _held(states, place):
        assert not isinstance(one.steps, Somewhere)
        places = (listed(runs) for runs in (one.layers, one.samples, one.steps))
        wanted |= set(_every(one.kind.value, one.direction, *places))
        wanted_units |= set(listed(one.units))
        drawn = strip(one, _SETTING)
        assert drawn is not None
        read = [drawn.read(step) for step in range(drawn.steps)]
        wanted_ticks[one.direction] = _together(wanted_ticks.get(one.direction), read)
    pairs: list[tuple[str, object, object]] = [
        ("states", shown, wanted),
        ("units", units, wanted_units),
        ("steps read", ticks, wanted_ticks),
    ]
    for name, here, there in pairs:
        if here != there:
            yield f"cell {place}: {name} {here}, rnnlint: {there}"


def _held(states: States, place: Place) -> list[Held]:
    """What the elements of a cell hold, one by one where something is cut: there a group may end anywhere."""
    if not _tangled(states):
        return list(held(states, place, _SETTING))
    every = product(*(range(start, stop) for start, stop in place))
    return [found for one in every for found in held(states, tuple((at, at + 1) for at in one), _SETTING)]


def _every(
    kind: str, direction: int, layers: Sequence[int], samples: Sequence[int], steps: Sequence[int]
) -> list[State]:
    return [(kind, direction, layer, sample, step) for layer in layers for sample in samples for step in steps]


_ORDER = ("no", "below", "own")


def _together(before: list[str] | None, ticks: list[str]) -> list[str]:
    """Ticks of one direction; of a step the most that any of its states has read."""
    if before is None:
        return ticks
    return [max(pair, key=_ORDER.index) for pair in zip(before, ticks, strict=True)]


def verdict(one: Said) -> list[tuple[str, str]]:
    """Codes and texts of what rnnlint finds where a layer gets the reading, in the page's form (see `texts`)."""
    return [
        (code, _text(message, one.expression))
        for code, message in _found(one.question.model(one.expression, one.shape[-1]))
    ]


@cache
def _found(model: str) -> tuple[tuple[str, str], ...]:
    findings = lint(model).findings
    return tuple((one.code, one.message) for one in findings if one.code not in OF_THE_LAYER)


def _text(message: str, expression: str) -> str:
    """A message without the expression that it begins with, whole or cut off: the page has it above."""
    subject, colon, rest = message.partition(": ")
    begun = subject.removesuffix("...")
    named = expression.startswith(begun) or f"self.head({expression})".startswith(begun)
    return rest if colon and named else message
