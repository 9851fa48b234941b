"""A picture laid out on a page: rows and columns of cells, what is written beside them, and words for what they hold.

The last axis but one runs to the right, all others downwards; of two axes the last one does.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import product as every

from rnnlint.drawing.bands import Band
from rnnlint.drawing.picture import Cell, Drawn, Part, Picture, whole_units
from rnnlint.drawing.positions import Runs, size
from rnnlint.drawing.strips import Strip
from rnnlint.frozen import dataclass

MOST_TICKS = 12
"""Of a strip: more are not counted at a glance, and the first and the last say where it is read."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row of cells and the elements it stands for, by axis; before it some may have been left out."""

    labels: tuple[str, ...]
    cells: tuple[Cell, ...]
    after_gap: bool = False


@dataclass(frozen=True, slots=True)
class Grid:
    """``down`` and ``right`` name the axes; the column that follows a gap is ``gap`` (-1: none does)."""

    down: tuple[str, ...]
    right: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    gap: int = -1


def grid(picture: Picture) -> Grid:
    """The rows and columns of a picture."""
    rank = len(picture.axes)
    right = rank - 1 if rank < 3 else rank - 2
    down = [number for number in range(rank) if number != right]
    cells = {cell.index: cell for cell in picture.cells}
    across = picture.axes[right] if rank else Drawn("1", 1, ((0, 1),))
    rows = []
    last: tuple[int, ...] = (0,) * len(down)
    for place in every(*(range(len(picture.axes[number].bands)) for number in down)):
        index = [0] * rank
        for number, at in zip(down, place, strict=True):
            index[number] = at
        found = []
        for column in range(len(across.bands)):
            if rank:
                index[right] = column
            if tuple(index) in cells:
                found.append(cells[tuple(index)])
        labels = tuple(band_words(picture.axes[number].bands[at]) for number, at in zip(down, place, strict=True))
        # the outermost axis that goes on here: the inner ones begin again
        moved = [(number, at) for number, at, was in zip(down, place, last, strict=True) if at != was]
        gap = bool(moved) and _is_after_gap(picture.axes[moved[0][0]], moved[0][1])
        last = place
        rows.append(Row(labels, tuple(found), gap))
    return Grid(
        tuple(short(picture.axes[number].name) for number in down),
        short(across.name) if rank else "",
        tuple(map(band_words, across.bands)) if rank else ("",),
        tuple(rows),
        next((number for number in range(len(across.bands)) if _is_after_gap(across, number)), -1),
    )


def short(name: str) -> str:
    """The name of an axis without the order of the directions, which every cell shows."""
    return name.replace("[fwd|bwd]", "").replace("[bwd|fwd]", "")


def _is_after_gap(axis: Drawn, number: int) -> bool:
    return axis.left_out is not None and axis.bands[number][0] == axis.left_out[1]


def band_words(band: Band) -> str:
    """The elements of a band as Python would index them."""
    start, stop = band
    return str(start) if stop == start + 1 else f"{start}:{stop}"


def ticks(strip: Strip, most: int = MOST_TICKS) -> Iterator[tuple[int, str] | None]:
    """The ticks of a strip: the step, and whether it was read; None where steps are left out."""
    shown = range(strip.steps) if strip.steps <= most else range(most // 2)
    yield from ((step, strip.read(step)) for step in shown)
    if strip.steps > most:
        yield None
        yield from ((step, strip.read(step)) for step in range(strip.steps - most // 2 + 1, strip.steps))


def has_below(picture: Picture) -> bool:
    """Whether a step reaches something through the layers below alone."""
    return any(part.strip and part.strip.below for cell in picture.cells for part in cell.parts)


def steps_of(picture: Picture) -> int:
    """How many steps the longest strip has; 0 where there is none."""
    return max((part.strip.steps for cell in picture.cells for part in cell.parts if part.strip), default=0)


@dataclass(frozen=True, slots=True)
class Varying:
    """What cells must name, since it is not the same in all of the picture."""

    layer: bool
    direction: bool
    kind: bool
    call: bool

    @classmethod
    def of(cls, pictures: Sequence[Picture]) -> Varying:
        """Of pictures that are laid beside each other."""
        parts = [(picture, part) for picture in pictures for cell in picture.cells for part in cell.parts]
        calls = [picture.call(part) for picture, part in parts]
        return cls(
            layer=len({part.layers for _, part in parts}) > 1,
            direction=any(call is not None and call.directions > 1 for call in calls),
            kind=len({part.kind for _, part in parts}) > 1,
            call=any(len(picture.sources) > 1 for picture in pictures),
        )


ARROWS = {True: ("→", "←"), False: ("->", "<-")}
_LETTERS = {"hidden": "h", "cell": "c", "given": "x"}
_WORDS = {"hidden": "hidden state", "cell": "cell state", "given": "input"}


def tags(part: Part, picture: Picture, varying: Varying, unicode: bool) -> list[str]:
    """The few letters that say which states a part is, but for its sample: what varies, and what is not whole."""
    found = []
    if varying.kind:
        found.append(_LETTERS[part.kind])
    if varying.layer and picture.call(part) is not None:
        found.append(f"L{runs_words(part.layers)}")
    if not whole_units(part, picture) and picture.call(part) is not None and part.units:
        found.append(f"u{runs_words(part.units)}")
    if not isinstance(part.steps, str) and size(part.steps) > 1:
        found.append(f"t{runs_words(part.steps)}")
    if varying.direction and picture.call(part) is not None:
        found.append(ARROWS[unicode][part.direction])
    return found


def sample_tag(part: Part, picture: Picture) -> str:
    """``n0``: the sample; "" for what has none."""
    source = picture.call(part)
    if source is not None and source.samples is None:
        return ""
    if source is None and part.strip is None:
        return ""
    return f"n{'?' if part.reordered else runs_words(part.samples)}"


def runs_words(runs: Runs) -> str:
    """Positions as Python would index them: ``3``, ``0:5``, ``0:5:2``, several with commas."""
    words = []
    for run in runs:
        if run.count == 1:
            words.append(str(run.start))
        else:
            words.append(f"{run.start}:{run.last + 1}{'' if run.step == 1 else f':{run.step}'}")
    return ",".join(words)


def spoken(part: Part, picture: Picture) -> str:
    """A part in words, for whoever does not see it."""
    call = picture.call(part)
    strip = part.strip
    if call is None and strip is None:
        return "no state of the RNN"
    words = [_WORDS[part.kind]]
    if call is not None and call.layers > 1:
        words.append(f"layer {runs_words(part.layers)}")
    if call is not None and call.directions > 1:
        words.append("backward" if part.direction else "forward")
    if sample_tag(part, picture):
        words.append(f"sample {'in another order' if part.reordered else runs_words(part.samples)}")
    if strip is not None:
        words.append(read_words(strip))
    return ", ".join(words)


def read_words(strip: Strip) -> str:
    """How much of a sequence was read: ``has read 1 of 5 steps (4)``."""
    if not strip.certain:
        return "has read steps that are not known"
    said = ", ".join(band_words(one) for one in strip.own)
    below = f", through the layers below {', '.join(map(band_words, strip.below))}" if strip.below else ""
    return f"has read {strip.count()} of {strip.steps} steps ({said}){below}"


def left_out(axes: Iterable[Drawn]) -> list[str]:
    """What is not drawn, axis by axis."""
    return [
        f"{axis.name}: {axis.left_out[1] - axis.left_out[0]:,} of {axis.extent:,} are not drawn"
        f" ({axis.left_out[0]}:{axis.left_out[1]})"
        for axis in axes
        if axis.left_out
    ]
