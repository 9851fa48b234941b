"""Which rules' findings are drawn, and why the others' are not.

A drawing shows which states stand where, and what these have read.  Beside a finding it belongs where that is what is
wrong; of everything else it would show a tensor in which nothing can be seen.
"""

from __future__ import annotations

import enum

from rnnlint.drawing.carried import Drawing


class Shows(enum.Enum):
    """What a drawing must have in it, so that what is wrong can be seen."""

    READ = "what arrives"
    BOTH = "what arrives, and what was wanted"
    LENGTHS = "samples of unequal length"

    __hash__ = object.__hash__  # members are single objects; enum's own hash is slow Python

    def is_in(self, drawing: Drawing) -> bool:
        """Whether a drawing has it, and does not show the same twice."""
        if not drawing.read or [one.cells for one in drawing.read] == [one.cells for one in drawing.wanted]:
            return False
        if self is Shows.LENGTHS:
            return bool(drawing.lengths)
        return self is Shows.READ or bool(drawing.wanted)


DRAWN = {
    "RNN101": Shows.READ,
    "RNN102": Shows.BOTH,
    "RNN103": Shows.BOTH,
    "RNN104": Shows.BOTH,
    "RNN105": Shows.BOTH,
    "RNN106": Shows.READ,
    "RNN107": Shows.BOTH,
    "RNN108": Shows.READ,
    "RNN110": Shows.BOTH,
    "RNN201": Shows.READ,
    "RNN202": Shows.BOTH,
    "RNN203": Shows.READ,
    "RNN205": Shows.READ,
    "RNN206": Shows.READ,
    "RNN208": Shows.BOTH,
    "RNN304": Shows.BOTH,
    "RNN401": Shows.BOTH,
    "RNN404": Shows.READ,
    "RNN405": Shows.LENGTHS,
}
"""The rules about halves, layers, samples, steps and axes, by what of them can be seen."""

_NO_STATE = "about what goes into a module, where no state stands yet"
_RESULT = "about what torch returns and how that is taken apart, not about which states it holds"
_OTHER_SIZE = "about a batch of another size, or a size that is not there"
_NOT_SEEN = "about what is done with a state, which looks the same either way"

NOT_DRAWN = {
    "RNN109": _OTHER_SIZE,
    "RNN204": _NO_STATE,
    "RNN207": _OTHER_SIZE,
    "RNN209": _NO_STATE,
    "RNN301": _RESULT,
    "RNN302": _RESULT,
    "RNN303": _RESULT,
    "RNN305": _RESULT,
    "RNN306": _NO_STATE,
    "RNN402": "about padding that a batch does not show: drawn, it would look as if nothing was wrong",
    "RNN403": _NO_STATE,
    "RNN406": _NO_STATE,
    "RNN407": _NO_STATE,
    "RNN408": _NO_STATE,
    "RNN501": _OTHER_SIZE,
    "RNN502": _OTHER_SIZE,
    "RNN503": _NO_STATE,
    "RNN504": _NO_STATE,
    "RNN505": _NOT_SEEN,
    "RNN506": _NOT_SEEN,
    "RNN507": _NOT_SEEN,
    "RNN508": _NOT_SEEN,
    "RNN509": _NOT_SEEN,
    "RNN510": _NOT_SEEN,
}
"""The others, and why."""
