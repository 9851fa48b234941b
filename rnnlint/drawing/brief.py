"""Pictures in a few lines, beside something else that is said: the first rows of each, and what the ticks mean."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from rnnlint.drawing.carried import Drawing
from rnnlint.drawing.grid import Grid, Row, Varying, grid, has_below, steps_of
from rnnlint.drawing.picture import Cell, Part, Picture
from rnnlint.drawing.terminal import Ink, part_text, signs_of

MOST = 6
"""Lines of a drawing: more would push what is said of the next finding out of sight."""

_APART = "  "


def lines(drawing: Drawing, ink: Ink, most: int = MOST) -> list[str]:
    """At most ``most`` lines, each as wide as ``ink`` is, but for a single cell that is wider; none for no drawing."""
    pictures = drawing.pictures()
    if not pictures:
        return []
    varying = Varying.of([one for _, one in pictures])
    tables = [(word, _table(one, varying, ink)) for word, one in pictures]
    wide = max(len(word) for word, _ in tables)
    head = max(len(label) for _, rows in tables for label, _ in rows)
    shares = _shares([len(rows) for _, rows in tables], most - 1)
    found = []
    for (word, rows), share in zip(tables, shares, strict=True):
        for number, (label, cells) in enumerate(rows[:share]):
            said = [f"{'' if number else word:<{wide}}", *([f"{label:<{head}}"] if head else [])]
            found.append(_fitted(_APART.join(said), cells, number == share - 1 and len(rows) > share, ink))
    return [*found[: most - 1], _legend(drawing, ink)]


def _shares(rows: Sequence[int], most: int) -> list[int]:
    """How many rows of each picture are shown: one of each first, then by turns."""
    shares = [min(1, many) for many in rows]
    while sum(shares) < most and shares != list(rows):
        for number, many in enumerate(rows):
            if shares[number] < many and sum(shares) < most:
                shares[number] += 1
    return shares


_Line = tuple[str, list[str]]
"""What a row is called, and its cells; an empty one stands for those that are not drawn."""


def _table(picture: Picture, varying: Varying, ink: Ink) -> list[_Line]:
    """The rows of a picture; one for all where they differ in nothing but the sample that is theirs."""
    page = grid(picture)
    if _is_by_sample(page):
        return [("each sample", _words(page, page.rows[0], picture, varying, ink, sample=False))]
    return [(_label(page, row), _words(page, row, picture, varying, ink)) for row in page.rows]


def _label(page: Grid, row: Row) -> str:
    """Where a row is, along the axes that more than one row is drawn of."""
    pairs = zip(page.down, row.labels, zip(*(one.labels for one in page.rows), strict=True), strict=True)
    return ", ".join(f"{name} {at}" for name, at, every in pairs if len(set(every)) > 1)


def _is_by_sample(page: Grid) -> bool:
    """Whether each row is a sample's own, and what it holds is the same for each."""
    if page.down != ("sample",) or len(page.rows) < 2:
        return False
    rows = [[_but_sample(cell, row.labels[0]) for cell in row.cells] for row in page.rows]
    return None not in rows[0] and all(row == rows[0] for row in rows)


def _but_sample(cell: Cell, label: str) -> tuple[object, ...] | None:
    """What a cell holds, if it is of the sample of this number and no other."""
    own = all(part.samples and str(part.samples[0].start) == label and _is_one(part) for part in cell.parts)
    return (cell.note, *(replace(part, samples=()) for part in cell.parts)) if own else None


def _is_one(part: Part) -> bool:
    return len(part.samples) == 1 and part.samples[0].count == 1 and not part.reordered


def _words(page: Grid, row: Row, picture: Picture, varying: Varying, ink: Ink, *, sample: bool = True) -> list[str]:
    found = []
    for number, cell in enumerate(row.cells):
        if number == page.gap:
            found.append("")
        parts = [part_text(part, picture, varying, ink, sample=sample) for part in cell.parts]
        found.append(" ".join(filter(None, (" + ".join(parts), cell.note))))
    return found


def _fitted(start: str, cells: Sequence[str], more: bool, ink: Ink) -> str:
    """A line of as many cells as there is room for, the first of them whatever it is; ``more`` rows follow."""
    gap = "…" if ink.unicode else "..."
    shown = [cell or gap for cell in cells]
    end = [gap] if more else []
    while len(shown) > 1 and len(_APART.join((start, *shown, *end))) > ink.width:
        shown.pop()
        end = [gap]
    if end and shown[-1] == gap:
        shown.pop()
    return _APART.join((start, *shown, *end)).rstrip()


def _legend(drawing: Drawing, ink: Ink) -> str:
    pictures = [one for _, one in drawing.pictures()]
    signs = signs_of(ink)
    below = f", {signs['below']} through the layers below" if any(map(has_below, pictures)) else ""
    steps = max(map(steps_of, pictures))
    ticks = f"{signs['own']} read{below}, {signs['no']} not read, of {steps} step{'' if steps == 1 else 's'}"
    made = [*(["lengths"] if drawing.made_up else []), *(["open sizes"] if drawing.sizes else [])]
    return f"{ticks} ({' and '.join(made)} made up)" if made else ticks
