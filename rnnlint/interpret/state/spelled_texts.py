"""What is assumed of a text that the file leaves open, however it is spelled where it is asked about."""

from __future__ import annotations

from collections.abc import Hashable

from rnnlint.interpret.state.assumptions import Assumptions
from rnnlint.source.other_cells import OtherCells
from rnnlint.values.facts import OPEN, Fact, FactKind


def said(assumptions: Assumptions, about: Hashable, text: str) -> object:
    """Whether something is assumed to be a text, under any of its spellings; OPEN where nothing is assumed of that."""
    spellings = dict.fromkeys((text, text.lower(), text.upper()))
    answers = (assumptions.of(Fact(FactKind.SAME, about, spelled)) for spelled in spellings)
    return next((answer for answer in answers if answer is not OPEN), OPEN)


def settled(assumptions: Assumptions, about: Hashable, text: str, cells: OtherCells, forcing: bool) -> object:
    """As :func:`said`; also where it follows from the module that is built of what it is not."""
    answer = said(assumptions, about, text)
    if answer is not OPEN:
        return answer
    left = cells.leave(text.lower(), forcing)
    return True if any(all(said(assumptions, about, one) is False for one in texts) for texts in left) else OPEN
