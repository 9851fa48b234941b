"""Notes stay with an arrangement, part by part, until they are taken off, and change nothing of what it reads."""

from __future__ import annotations

import pytest

from rnnlint.axes import results
from rnnlint.axes.operations import combine, select
from rnnlint.axes.reading import notes
from rnnlint.axes.reading.notes import note, noted, without
from rnnlint.axes.states import Call, Kind, Note, States, blocks
from tests.axes.arrangements import known

STATE = results.state_of(Call("call", 4, 1, 5, 7, 3, 3), Kind.HIDDEN)
ROWS = [known(select.select(STATE, 0, place)) for place in (0, 3)]
OF_EACH_KIND = [STATE, known(combine.cat(ROWS, 1)), known(combine.blend(ROWS))]


@pytest.mark.parametrize("states", OF_EACH_KIND, ids=["block", "joined", "blended"])
def test_notes(states: States) -> None:
    once = noted(states, Note.MASKED, "here")
    twice = noted(noted(once, Note.PADDING_POOLED, "elsewhere"), Note.MASKED, "there")
    for block in blocks(twice):
        masked, pooled = note(block, Note.MASKED), note(block, Note.PADDING_POOLED)
        assert masked is not None
        assert pooled is not None
        assert (masked.site, pooled.site) == ("there", "elsewhere")
    for block in blocks(without(twice, Note.MASKED)):
        assert note(block, Note.MASKED) is None
        assert note(block, Note.PADDING_POOLED) is not None
    assert once == twice == states
    assert not any(note(block, Note.MASKED) for block in blocks(states))


def test_a_note_on_some_parts_only() -> None:
    some = notes.noted(OF_EACH_KIND[1], Note.MASKED, "here", lambda block: bool(block.at))
    assert [note(block, Note.MASKED) is not None for block in blocks(some)] == [
        bool(block.at) for block in blocks(some)
    ]
