"""The picture of a tensor for an editor: a few lines, in sizes that can be looked at."""

from __future__ import annotations

from collections.abc import Hashable, Iterator

from rnnlint.axes.states import Call, States, blocks
from rnnlint.drawing import terminal
from rnnlint.drawing.held import Setting
from rnnlint.drawing.picture import picture
from rnnlint.drawing.resized import NoSize, resized
from rnnlint.drawing.terminal import Ink
from rnnlint.interpret.state.sizes import LEAST, Sizes

_WIDTH = 88  # columns: what editors show beside the code without wrapping
_LINES = 16  # of a picture: what is seen without scrolling
# steps, samples, units and everything else that is open: small, and more where the program asks for a position that
# there is not, or for a part
_SMALL = ((5, 2, 4, 4), (8, 2, 8, 8), (12, 4, 12, 12), (24, 4, 24, 24))


def lines(states: States, sizes: Sizes) -> list[str]:
    """The lines of a picture and what its signs mean; none where no states of an RNN are in it, or nothing fits."""
    calls = list(dict.fromkeys(block.source for block in blocks(states) if isinstance(block.source, Call)))
    if not calls:
        return []
    for chosen in _choices(calls, sizes):
        try:
            small = resized(states, lambda number, chosen=chosen: _resize(number, sizes, chosen))  # type: ignore[misc]
        except NoSize:
            continue
        return _drawn(small, opened=bool(chosen.met))
    return []


class _Chosen(dict[Hashable, int]):
    """Open sizes by their keys; ``met`` are those that were asked for."""

    def __init__(self, other: int) -> None:
        super().__init__()
        self._other = other
        self.met: set[Hashable] = set()

    def __missing__(self, key: Hashable) -> int:
        return self._other


def _choices(calls: list[Call], sizes: Sizes) -> Iterator[_Chosen]:
    for steps, samples, units, other in _SMALL:
        chosen = _Chosen(other)
        for call in calls:
            wanted = ((call.steps, steps), (call.samples or 1, samples), (call.units, units), (call.cell_units, units))
            for number, small in wanted:
                made = sizes.made(number) if number >= LEAST else None
                if made is not None and len(made.keys) == 1:
                    # where the call has a part of the open size, that part is the small one
                    whole = (small - made.distance) / made.factor
                    chosen.setdefault(made.keys[0], max(1, whole.numerator // whole.denominator))
        yield chosen


def _resize(number: int, sizes: Sizes, chosen: _Chosen) -> int:
    if number < LEAST:
        return number
    made = sizes.made(number)
    found = None if made is None else made.at(chosen)
    if made is None or found is None or found < 0:
        raise NoSize
    chosen.met.update(made.keys)
    return found


def _lengths(states: States) -> tuple[int, ...]:
    """Lengths of the samples of the one packed batch: made up, each a step shorter than the one before."""
    every = {block.source for block in blocks(states)}
    packed = {(one.samples or 1, one.steps) for one in every if isinstance(one, Call) and one.packed and not one.even}
    if len(packed) != 1:
        return ()
    ((samples, steps),) = packed
    return tuple(max(1, steps - sample) for sample in range(min(samples, 100)))


def _drawn(states: States, opened: bool) -> list[str]:
    drawn = picture(states, Setting(_lengths(states)))
    if not drawn.cells:
        return []
    ink = Ink(width=_WIDTH)
    table = terminal.drawn(drawn, ink, legend=False)
    if len(table) > _LINES:
        table = [*table[: _LINES - 1], f"… {len(table) - _LINES + 1} more lines"]
    signs = terminal.legend_of((drawn,), ink) if any(part.strip for cell in drawn.cells for part in cell.parts) else []
    said = [f"{signs[0]}; open sizes are drawn small" if opened else signs[0]] if signs else []
    return [*table, *(["", *said] if said else [])]
