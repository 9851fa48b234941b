"""A picture as text for a terminal: with block characters or in ASCII, in colours or without, on so many columns."""

from __future__ import annotations

from collections.abc import Sequence

from rnnlint.drawing.grid import (
    Grid,
    Varying,
    grid,
    has_below,
    left_out,
    sample_tag,
    steps_of,
    tags,
    ticks,
)
from rnnlint.drawing.picture import Cell, Part, Picture
from rnnlint.drawing.strips import Strip
from rnnlint.frozen import dataclass

_BLOCKS = {"own": "■", "below": "▪", "no": "□", "unknown": "?"}
_ASCII = {"own": "#", "below": "+", "no": ".", "unknown": "?"}
# of the 256 colours of terminals: told apart on light and on dark ground; the number beside says the same
_HUES = (33, 208, 35, 162, 99, 136, 37, 160)
_GAP = {True: "…", False: "..."}


@dataclass(frozen=True, slots=True)
class Ink:
    """What a terminal can show."""

    unicode: bool = True
    colour: bool = False
    width: int = 100

    def hue(self, text: str, sample: int | None) -> str:
        """Text in the colour of its sample."""
        if not self.colour or sample is None:
            return text
        return f"\x1b[38;5;{_HUES[sample % len(_HUES)]}m{text}\x1b[0m"


PLAIN = Ink()


@dataclass(frozen=True, slots=True)
class _Piece:
    """A stretch of a line, and the sample whose colour it has."""

    text: str
    sample: int | None = None


def drawn(picture: Picture, ink: Ink = PLAIN, varying: Varying | None = None, legend: bool = True) -> list[str]:
    """The lines of a picture.  No line is longer than the terminal is wide, where that is at least 40 columns."""
    if not picture.cells:
        return [f"no elements: shape {picture.shape}"]
    page = grid(picture)
    write = _Writer(picture, ink, varying or Varying.of((picture,)))
    lines = write.table(page)
    lines += left_out(picture.axes)
    if legend and steps_of(picture):
        lines += ["", *legend_of((picture,), ink)]
    return lines


def legend_of(pictures: Sequence[Picture], ink: Ink) -> list[str]:
    """What the ticks mean, and the letters."""
    signs = signs_of(ink)
    words = [f"{signs['own']} read"]
    if any(map(has_below, pictures)):
        words.append(f"{signs['below']} only through the layers below")
    words.append(f"{signs['no']} not read")
    steps = max(map(steps_of, pictures))
    samples = any(sample_tag(part, one) for one in pictures for cell in one.cells for part in cell.parts)
    said = f"{', '.join(words)}: the {steps} step{'' if steps == 1 else 's'} of the input"
    return [f"{said}; n0 is sample 0" if samples else said]


def signs_of(ink: Ink) -> dict[str, str]:
    """The ticks, by whether a step was read."""
    return _BLOCKS if ink.unicode else _ASCII


def part_text(part: Part, picture: Picture, varying: Varying, ink: Ink, *, sample: bool = True) -> str:
    """A part as a word: ``n0 L1 ■■□``; without its sample where that is said elsewhere."""
    words = [sample_tag(part, picture) if sample else "", *tags(part, picture, varying, ink.unicode)]
    if part.strip is not None:
        words.append(_strip(part.strip, ink))
    return " ".join(filter(None, words)) or "not of the RNN"


def _strip(strip: Strip, ink: Ink) -> str:
    signs = signs_of(ink)
    return "".join(_GAP[ink.unicode] if tick is None else signs[tick[1]] for tick in ticks(strip))


class _Writer:
    def __init__(self, picture: Picture, ink: Ink, varying: Varying) -> None:
        self.picture, self.ink, self.varying = picture, ink, varying

    def table(self, page: Grid) -> list[str]:
        """Rows and columns; a line for each cell where they do not fit side by side."""
        texts = [[self._cell(cell) for cell in row.cells] for row in page.rows]
        labels = _aligned([page.down, *(row.labels for row in page.rows)])
        corner = labels.pop(0)
        head = len(corner)
        columns = list(page.columns)
        if page.right and columns:
            columns[0] = f"{page.right} {columns[0]}" if len(columns) > 1 or columns[0] != "0" else page.right
        widths = [max(len(columns[i]), *(_length(row[i]) for row in texts)) for i in range(len(columns))]
        gap = f"{_GAP[self.ink.unicode]}  "
        total = head + sum(width + 2 for width in widths) + (len(gap) if page.gap > 0 else 0)
        if total > self.ink.width:
            return self._narrow(page, texts)
        before = [gap if number == page.gap else "" for number in range(len(widths))]
        top = "".join(f"{sep}{column:<{width + 2}}" for sep, column, width in zip(before, columns, widths, strict=True))
        named = f"{corner:<{head}}  {top}".rstrip()
        lines = [named] if named else []  # a single number has no axes
        for row, label, cells in zip(page.rows, labels, texts, strict=True):
            if row.after_gap:
                lines.append(_GAP[self.ink.unicode])
            said = "".join(
                sep + self._inked(cell, width + 2) for sep, cell, width in zip(before, cells, widths, strict=True)
            )
            lines.append(f"{label}  {said}".rstrip())
        return lines

    def _narrow(self, page: Grid, texts: list[list[list[_Piece]]]) -> list[str]:
        lines = []
        for row, cells in zip(page.rows, texts, strict=True):
            if row.after_gap:
                lines.append(_GAP[self.ink.unicode])
            if page.down:
                lines.append(", ".join(f"{name} {label}" for name, label in zip(page.down, row.labels, strict=True)))
            for number, (column, cell) in enumerate(zip(page.columns, cells, strict=True)):
                if number == page.gap:
                    lines.append(f"  {_GAP[self.ink.unicode]}")
                name = f"  {page.right} {column}: " if page.right else "  "
                lines.append(f"{name}{self._inked(cell, 0)}".rstrip())
        return lines

    def _cell(self, cell: Cell) -> list[_Piece]:
        pieces: list[_Piece] = []
        for part in cell.parts:
            if pieces:
                pieces.append(_Piece(" + "))
            pieces.append(self._part(part))
        if cell.note:
            pieces.append(_Piece(f"{' ' if pieces else ''}{cell.note}"))
        return pieces

    def _part(self, part: Part) -> _Piece:
        sample = sample_tag(part, self.picture)
        alone = part.samples[0].start if sample and len(part.samples) == 1 and part.samples[0].count == 1 else None
        return _Piece(part_text(part, self.picture, self.varying, self.ink), alone)

    def _inked(self, pieces: list[_Piece], width: int) -> str:
        text = "".join(self.ink.hue(piece.text, piece.sample) for piece in pieces)
        return text + " " * (width - _length(pieces))


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Rows of words as lines, their columns below each other, all of one length."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(f"{word:<{width}}" for word, width in zip(row, widths, strict=True)) for row in rows]


def _length(pieces: list[_Piece]) -> int:
    return sum(len(piece.text) for piece in pieces)
