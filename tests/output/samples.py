"""Findings made by hand, and drawn ones, for every format."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import strategies as st

from rnnlint.axes.operations import select
from rnnlint.axes.results import output_of
from rnnlint.axes.states import Call
from rnnlint.diagnostics import Checked, Diagnostic, Edit, Fix, Place, Refused, Related
from rnnlint.drawing.carried import Drawing, written
from rnnlint.drawing.picture import BESIDE_A_FINDING, picture
from rnnlint.findings import Applicability
from rnnlint.rules.grounds import final_states
from tests.axes.arrangements import known

SOURCE = """\
class Tagger(nn.Module):
    def __init__(self):
        self.lstm = nn.LSTM(64, 64, batch_first=True, bidirectional=True)

    def forward(self, tokens):
        output, _ = self.lstm(tokens)
        return self.head(output[:, -1])
"""


def place(
    text: str, found: str, path: str = "models/tagger.py", source: str = SOURCE, cell: int = 0, nth: int = 0
) -> Place:
    """Where ``found`` stands in the line of the source that has ``text`` in it."""
    lines = source.splitlines()
    number = next(n for n, line in enumerate(lines) if text in line)
    column = -1
    for _ in range(nth + 1):
        column = lines[number].index(found, column + 1)
    return Place(path, cell, number + 1, column, number + 1, column + len(found), (lines[number],))


TAGGER = Diagnostic(
    place("return", "output[:, -1]"),
    "RNN102",
    "last-step-of-bidirectional",
    "the backward half (features 64:128) has read only the last step; unpack and use torch.cat((h_n[-2], h_n[-1]), -1)",
    help="unpack and use torch.cat((h_n[-2], h_n[-1]), -1)",
    read="the backward states of the last step, which have read that step alone",
    wanted="the backward states that have read the whole sequence",
    facts=(("batch_first", "True"), ("bidirectional", "True")),
    related=(
        Related(place("nn.LSTM", "bidirectional=True"), "two directions: bidirectional=True"),
        Related(place("nn.LSTM", "batch_first=True"), "steps are axis 1: batch_first=True"),
        Related(place("output, _", "self.lstm(tokens)"), "output comes from here"),
    ),
    qualified="Tagger.forward",
    expression="output[:, -1]",
    key="5d1c",
)
_CALL = Call("call", 2, 2, 4, 5, 64, 64)
DRAWING = written(
    Drawing(
        (picture(known(select.select(output_of(_CALL, True), 1, -1)), room=BESIDE_A_FINDING),),
        (picture(final_states(_CALL), room=BESIDE_A_FINDING),),
        (("tokens.size(0)", 4), ("tokens.size(1)", 5)),
    )
)
"""The last step of a bidirectional LSTM of two layers, and the final states."""
DRAWN = replace(TAGGER, drawing=DRAWING)
NOTEBOOK = Diagnostic(
    replace(place("return", "output[:, -1]", "train.ipynb", cell=3), file_line=118),
    "RNN102",
    "last-step-of-bidirectional",
    "the backward half has read only the last step",
    related=(
        Related(place("nn.LSTM", "bidirectional=True", "train.ipynb", cell=2), "two directions: bidirectional=True"),
        Related(place("nn.LSTM", "64", "conf/sizes.py", nth=1), "64 units"),
    ),
)
UNKNOWN = Diagnostic(
    Place("a b/größe.py", 0, 4, 0, 4, 7, ("weights",)), "RNN900", "not-analysed", "torch.stft is not followed"
)
CHECKED = Checked(
    (TAGGER, NOTEBOOK, UNKNOWN),
    (Refused("gone.py", "No such file or directory"), Refused("binary.py", "source code cannot contain null bytes")),
    files=12,
)
NOTHING = Checked(files=3)

_SPECIAL = "ab'\"%,:;\\<&>]\n\r\t\x1b\x00\u202e\ud800\udc80é漢\U0001f600\u0301\uffff"
texts = st.text(st.characters(), max_size=20)
"""Any text, also with half a pair of surrogates in it, as names of files may have."""
words = st.sampled_from(("", "word", *_SPECIAL, _SPECIAL, "]]>", "::stop::", "%0A", "a\r\nb")) | texts
"""Mostly one with something special, as a finding has many of them, and few are drawn as fast as one."""
paths = words.map(lambda text: text.replace("/", "") or "x")


@st.composite
def places(draw: st.DrawFn) -> Place:
    """A place with source lines under it, or lines that are too few, or none."""
    line, column = draw(st.integers(1, 300)), draw(st.integers(0, 40))
    height = draw(st.integers(0, 4))
    end = draw(st.integers(column, 60)) if not height else draw(st.integers(0, 60))
    source = draw(st.lists(words.map(_one_line), max_size=height + 1))
    return Place(draw(paths), draw(st.integers(0, 2)), line, column, line + height, end, tuple(source))


def _one_line(text: str) -> str:
    return text.replace("\n", "").replace("\r", "")


related = st.builds(Related, places(), words)
fixes = st.builds(
    Fix,
    words,
    st.sampled_from(Applicability),
    st.lists(st.builds(Edit, places(), words), min_size=1, max_size=2).map(tuple),
    words,
)
diagnostics = st.builds(
    Diagnostic,
    places(),
    st.sampled_from(("RNN102", "RNN401", "RNN900")),
    st.sampled_from(("last-step-of-bidirectional", "not-analysed")),
    words,
    help=words,
    read=words,
    wanted=words,
    facts=st.lists(st.tuples(words, words), max_size=2).map(tuple),
    related=st.lists(related, max_size=2).map(tuple),
    qualified=words,
    expression=words,
    key=words,
    drawing=st.sampled_from(("", DRAWING)),
    fixes=st.lists(fixes, max_size=2).map(tuple),
)
checks = st.builds(
    Checked,
    st.lists(diagnostics, max_size=3).map(tuple),
    st.lists(st.builds(Refused, paths, words), max_size=2).map(tuple),
    st.integers(0, 9),
)
