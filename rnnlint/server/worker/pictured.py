"""The picture of a tensor for an editor: a few lines, in sizes that can be looked at."""

from __future__ import annotations

from rnnlint.axes.states import Call, States, blocks
from rnnlint.drawing import terminal
from rnnlint.drawing.held import Setting
from rnnlint.drawing.picture import picture
from rnnlint.drawing.resized import NoSize, resized
from rnnlint.drawing.terminal import Ink
from rnnlint.explaining.small_sizes import Sizing, calls_of, choices
from rnnlint.interpret.state.sizes import Sizes

_WIDTH = 88  # columns: what editors show beside the code without wrapping
_LINES = 16  # of a picture: what is seen without scrolling


def lines(states: States, sizes: Sizes) -> list[str]:
    """The lines of a picture and what its signs mean; none where no states of an RNN are in it, or nothing fits."""
    calls = calls_of([states])
    if not calls:
        return []
    for chosen in choices(sizes, calls):
        sizing = Sizing(sizes, chosen)
        try:
            return _drawn(resized(states, sizing.of), opened=bool(sizing.met))
        except NoSize:
            continue
    return []


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
