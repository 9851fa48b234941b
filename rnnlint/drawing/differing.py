"""In which cells two pictures differ, and what they hold there, in words."""

from __future__ import annotations

from collections.abc import Sequence

from rnnlint.drawing.grid import band_words, runs_words
from rnnlint.drawing.picture import Cell, Part, Picture
from rnnlint.drawing.positions import Runs, size

_LINES = 4
"""Of differences that are not alike: who sees four knows that the two are not the same thing."""


def differences(first: Picture, second: Picture, cells: Sequence[int]) -> list[str]:
    """What the cells of these numbers hold in one picture and in the other; cells that differ alike on one line."""
    alike: dict[str, list[Cell]] = {}
    for number in cells:
        here, there = first.cells[number], second.cells[number]
        alike.setdefault(_difference(here, there, first, second), []).append(here)
    lines = [f"{_places(several)}: {words}" for words, several in alike.items()]
    left = len(lines) - _LINES
    return [*lines[:_LINES], *([f"and {left} more such differences"] if left > 0 else [])]


def _places(cells: Sequence[Cell]) -> str:
    shown = ", ".join(band_words(band) for band in cells[0].place)
    more = len(cells) - 1
    return f"[{shown}]" + (f" and {more} more cell{'' if more == 1 else 's'}" if more else "")


def _difference(here: Cell, there: Cell, first: Picture, second: Picture) -> str:
    if len(here.parts) != 1 or len(there.parts) != 1 or here.note or there.note:
        return f"{_counted(here)}, {_counted(there)}"
    (one,), (other,) = here.parts, there.parts
    words = []
    if one.call != other.call or first.sources[one.call] != second.sources[other.call]:
        words.append("states of different calls")
    if one.kind != other.kind:
        words.append(f"{one.kind}, {other.kind}")
    if one.direction != other.direction:
        words.append(f"{_way(one)}, {_way(other)}")
    for name in ("layers", "samples", "units"):
        runs, others = getattr(one, name), getattr(other, name)
        if runs != others:
            words.append(f"{_named(name, runs)}, {_named(name, others)}")
    if one.steps != other.steps:
        way = f"{_way(one)} " if one.direction == other.direction else ""
        words.append(f"{way}after {_step(one)}, after {_step(other)}")
    return "; ".join(words)


def _counted(cell: Cell) -> str:
    if cell.note:
        return cell.note
    return f"{len(cell.parts)} states combined" if len(cell.parts) != 1 else "one state"


def _way(part: Part) -> str:
    return "backward" if part.direction else "forward"


def _named(name: str, runs: Runs) -> str:
    return f"{name[:-1] if size(runs) == 1 else name} {runs_words(runs)}"


def _step(part: Part) -> str:
    where = f"step {part.steps}" if isinstance(part.steps, str) else _named("steps", part.steps)
    return f"{where} ({part.strip.count()} of {part.strip.steps} read)" if part.strip and part.strip.certain else where
