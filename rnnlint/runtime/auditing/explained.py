"""What a finding of a run rests on: what arrives and what was wanted, said and drawn in the sizes of the run."""

from __future__ import annotations

from collections.abc import Mapping

from rnnlint.axes.reading.text import PLAIN, text
from rnnlint.axes.states import Blended, Block, Call, Joined
from rnnlint.drawing.resized import NoSize
from rnnlint.explaining.drawings import drawn
from rnnlint.interpret.state.sizes import Sizes
from rnnlint.rules.grounds import Grounds, Read
from rnnlint.values.shown import Words, shown

_WORDS = Words()


def explained(code: str, grounds: Grounds, lengths: Mapping[Call, tuple[int, ...]]) -> tuple[str, str, str]:
    """What arrives, what was wanted, and both drawn; ``lengths`` are those of the samples of packed calls."""

    def of(call: Call) -> tuple[int, ...]:
        if call not in lengths:
            raise NoSize  # made up they would not be those of the run
        return lengths[call]

    return _said(grounds.read), _said(grounds.wanted), drawn(code, grounds, Sizes(), PLAIN, str, of)


def _said(what: Read) -> str:
    if isinstance(what, str):
        return what
    if isinstance(what, tuple):
        return " and ".join(dict.fromkeys(map(_said, what)))
    return text(what, PLAIN) if isinstance(what, (Block, Joined, Blended)) else shown(what, _WORDS)
