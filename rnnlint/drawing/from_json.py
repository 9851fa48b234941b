"""A picture again, from its JSON: what another process, or the cache, has drawn."""

from __future__ import annotations

from typing import Any

from rnnlint.axes.states import Call, Given, Source
from rnnlint.drawing.picture import Cell, Drawn, Part, Picture
from rnnlint.drawing.positions import Run, Runs
from rnnlint.drawing.strips import Strip


def from_json(data: dict[str, Any]) -> Picture:
    """The picture of which :func:`rnnlint.drawing.as_json.as_json` has made this.

    Sources are known by their numbers alone.  Raises KeyError, TypeError or ValueError for anything else.
    """
    return Picture(
        data["says"],
        tuple(_axis(one) for one in data["axes"]),
        tuple(_cell(one) for one in data["cells"]),
        tuple(_source(number, one) for number, one in enumerate(data["sources"])),
    )


def _axis(data: dict[str, Any]) -> Drawn:
    left_out = data["left_out"]
    return Drawn(
        data["name"], data["extent"], tuple(map(_pair, data["bands"])), None if left_out is None else _pair(left_out)
    )


def _pair(data: list[int]) -> tuple[int, int]:
    start, stop = data
    return start, stop


def _source(number: int, data: dict[str, Any]) -> Source:
    if data["kind"] == "given":
        return Given(number, tuple(data["shape"]))
    names = ("layers", "directions", "samples", "steps", "units", "cell_units", "packed")
    return Call(number, **{name: data[name] for name in names})


def _cell(data: dict[str, Any]) -> Cell:
    return Cell(
        tuple(data["index"]), tuple(map(_pair, data["place"])), tuple(_part(one) for one in data["parts"]), data["note"]
    )


def _part(data: dict[str, Any]) -> Part:
    strip, steps = data["strip"], data["steps"]
    return Part(
        data["call"],
        data["kind"],
        data["direction"],
        _runs(data["layers"]),
        _runs(data["samples"]),
        steps if isinstance(steps, str) else _runs(steps),
        _runs(data["units"]),
        None
        if strip is None
        else Strip(
            strip["steps"], tuple(map(_pair, strip["own"])), tuple(map(_pair, strip["below"])), strip["certain"]
        ),
        data["reordered"],
    )


def _runs(data: list[list[int]]) -> Runs:
    return tuple(Run(*one) for one in data)
