"""Marks stand under what they mark: whatever is in the line, however wide it is drawn, wherever it is cut."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnlint.output.columns import columns, folded
from rnnlint.output.frame import Span, drawn
from rnnlint.output.styles import PLAIN, Look, Style
from rnnlint.output.visible import visible

SAID = {Style.MARK: "^", Style.BESIDE: "-"}
letters = st.text(
    st.one_of(st.sampled_from("ab ([.])=\t漢字가é\u0301\u200d\U0001f600\x1b\u202e"), st.characters()), max_size=90
)
lines = letters.map(lambda text: text.replace("\n", "").replace("\r", ""))


@st.composite
def marked(draw: st.DrawFn, most: int = 1) -> tuple[str, list[Span]]:
    """A line, and stretches of it; some reach past its end, some are empty."""
    line = draw(lines)
    spans = []
    for number in range(draw(st.integers(1, most))):
        start = draw(st.integers(0, len(line) + 2))
        style = Style.MARK if not number else Style.BESIDE
        spans.append(Span(start, draw(st.integers(start, len(line) + 4)), style, f"label{number}" if number else ""))
    return line, spans


def grid(line: str) -> list[str]:
    """What a terminal shows in each column; the second one of a wide character is empty."""
    shown: list[str] = []
    joined = False
    for character in line:
        narrow = unicodedata.category(character) in ("Mn", "Me") or "\u1160" <= character <= "\u11ff"
        if narrow or joined or character in "\u200d\u200c":
            shown[-1:] = [(shown or [""])[-1] + character]
        else:
            shown += [character, ""] if unicodedata.east_asian_width(character) in "WF" else [character]
        joined = character == "\u200d"
    return shown


def bare(text: str) -> str:
    """Without blanks, since tabs become some, and without what has no column of its own."""
    kept = (c for c in text if unicodedata.category(c) not in ("Mn", "Me") and not "\u1160" <= c <= "\u11ff")
    return "".join("".join(kept).split())


@given(marked(), st.integers(40, 100))
def test_the_marks_are_under_the_text(given: tuple[str, list[Span]], width: int) -> None:
    text, (span,) = given
    ((line, row),) = drawn(text, [span], width, PLAIN)
    start, end = row.index("^"), row.rindex("^") + 1
    assert row.strip() == "^" * (end - start)
    under = "".join(grid(line)[start:end])
    wanted = visible(text.rstrip()[span.start : span.end].replace("\t", " "))
    # what is drawn together has one column for several characters
    if not {"\u200d", "\ufe0f", *map(chr, range(0x1F3FB, 0x1F400))}.isdisjoint(text):
        return
    if not bare(wanted):  # one column says where something is missing, or cannot be seen
        assert not bare(under) or end - start == 1
    elif line.endswith("..."):
        assert bare(wanted).startswith(bare(under.removesuffix("...")))
    else:
        assert bare(under) == bare(wanted)


@given(marked(most=4), st.integers(40, 100))
def test_nothing_is_lost_and_nothing_is_too_wide(given: tuple[str, list[Span]], width: int) -> None:
    text, spans = given
    blocks = drawn(text, spans, width, PLAIN)
    rows = [row for _, *rows in blocks for row in rows]
    for span in spans:
        assert sum(row.count(span.label) for row in rows) == 1 if span.label else True
    assert any("^" in row for row in rows)
    for line, *rows in blocks:
        assert columns(line) <= width
        assert all(columns(row) <= width + 5 for row in rows)  # past the end of a line that just fits


@given(marked(most=4), st.integers(40, 100))
def test_colours_change_nothing_but_colours(given: tuple[str, list[Span]], width: int) -> None:
    text, spans = given
    coloured = drawn(text, spans, width, Look(colour=True))
    stripped = [[_uncoloured(row) for row in rows] for rows in coloured]
    assert stripped == drawn(text, spans, width, PLAIN)


def _uncoloured(row: str) -> str:
    for command in ("\x1b[1;31m", "\x1b[1;34m", "\x1b[0m"):
        row = row.replace(command, "")
    return row


@pytest.mark.parametrize(
    ("text", "found", "shown", "under"),
    [
        ("x = out[-1]", "out[-1]", "x = out[-1]", "    ^^^^^^^"),
        ("\tx = out[-1]", "out[-1]", "    x = out[-1]", "        ^^^^^^^"),
        ("ab\tout[-1]", "out[-1]", "ab  out[-1]", "    ^^^^^^^"),
        ("隠れ = 出力[-1]", "出力[-1]", "隠れ = 出力[-1]", "       ^^^^^^^^"),
        ("e\u0301 = out[-1]", "out[-1]", "e\u0301 = out[-1]", "    ^^^^^^^"),
        ("'\U0001f600', out[-1]", "out[-1]", "'\U0001f600', out[-1]", "      ^^^^^^^"),
        ("'\U0001f469\u200d\U0001f4bb', out", "out", "'\U0001f469\u200d\U0001f4bb', out", "      ^^^"),
        ("'\U0001f44d\U0001f3fd', out", "out", "'\U0001f44d\U0001f3fd', out", "      ^^^"),
        ("'\U0001f3c3\u200d\u2642\ufe0f', out", "out", "'\U0001f3c3\u200d\u2642\ufe0f', out", "      ^^^"),
        ("'\u0d28\u0d4d\u200d\u0d28', out", "out", "'\u0d28\u0d4d\u200d\u0d28', out", "      ^^^"),
        ("'\u1112\u1161\u11ab', out", "out", "'\u1112\u1161\u11ab', out", "      ^^^"),
        ("'\u1112\u1160\u11ff', out", "out", "'\u1112\u1160\u11ff', out", "      ^^^"),
        ("'\u2764\ufe0f', out", "out", "'\u2764\ufe0f', out", "      ^^^"),
        ("'\x1b[2J', out", "out", "'\\x1b[2J', out", "           ^^^"),
        ("'\u202e', out", "out", "'\\u202e', out", "          ^^^"),
        ("'\ud800', out", "out", "'\\ud800', out", "          ^^^"),
    ],
)
def test_by_hand(text: str, found: str, shown: str, under: str) -> None:
    start = text.index(found)
    assert drawn(text, [Span(start, start + len(found), Style.MARK)], 80, PLAIN) == [[shown, under]]


@pytest.mark.parametrize(
    ("start", "end", "under"),
    [(4, 4, "    ^"), (5, 5, "     ^"), (9, 12, "     ^"), (2, 9, "  ^^^")],
)
def test_empty_places_and_such_past_the_end(start: int, end: int, under: str) -> None:
    assert drawn("x = y", [Span(start, end, Style.MARK)], 80, PLAIN) == [["x = y", under]]


def test_several_on_one_line() -> None:
    text = "self.rnn = nn.GRU(8, 8, 2, batch_first=True, bidirectional=True)"

    def span(found: str, label: str, style: Style = Style.BESIDE) -> Span:
        return Span(text.index(found), text.index(found) + len(found), style, label)

    spans = [
        span("2", "two layers"),
        span("batch_first=True", "steps are axis 1"),
        span("bidirectional=True", "two directions"),
        span("nn.GRU(8, 8, 2, batch_first=True, bidirectional=True)", "", Style.MARK),
    ]
    assert drawn(text, spans, 100, PLAIN) == [
        [
            "self.rnn = nn.GRU(8, 8, 2, batch_first=True, bidirectional=True)",
            "           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^",
            "                        -  ----------------  ------------------ two directions",
            "                        |  |",
            "                        |  steps are axis 1",
            "                        two layers",
        ]
    ]


def test_what_just_fits_is_not_cut_nor_moved() -> None:
    text = "x" * 40
    assert drawn(text, [Span(0, 1, Style.MARK)], 40, PLAIN) == [[text, "^"]]
    assert drawn(text + "y", [Span(0, 1, Style.MARK)], 40, PLAIN) == [[f"{'x' * 36} ...", "^"]]
    assert drawn(text, [Span(0, 1, Style.BESIDE, "w" * 38)], 40, PLAIN) == [[text, f"- {'w' * 38}"]]
    assert drawn(text, [Span(0, 1, Style.BESIDE, "w" * 39)], 40, PLAIN) == [[text, "-", "w" * 39]]
    near, far = Span(3, 4, Style.MARK), Span(36, 37, Style.BESIDE)
    assert len(drawn("y" * 50, [near, far], 42, PLAIN)) == 1
    assert len(drawn("y" * 50, [near, far], 39, PLAIN)) == 2


def test_words_that_do_not_fit_beside_a_mark() -> None:
    text = "one(two, three, four, five, six, seven)"
    alone = Span(text.index("seven"), text.index("seven") + 5, Style.BESIDE, "words for seven")
    assert drawn(text, [alone], 40, PLAIN) == [[text, f"{' ' * 33}-----", f"{' ' * 25}words for seven"]]
    other = Span(text.index("six"), text.index("six") + 3, Style.BESIDE, "six")
    assert drawn(text, [alone, other], 40, PLAIN) == [
        [
            text,
            "                            ---  -----",
            "                            |    |",
            "                            |    words",
            "                            |    for",
            "                            |    seven",
            "                            six",
        ]
    ]


def test_a_long_line_is_cut_around_the_place_and_shown_twice_where_two_are_far_apart() -> None:
    text = f"first({', '.join(map(str, range(60)))}, last)"
    near = [
        Span(text.index("30"), text.index("30") + 2, Style.MARK),
        Span(text.index("33"), text.index("33") + 2, Style.BESIDE, "beside"),
    ]
    assert drawn(text, near, 40, PLAIN) == [
        ["...  28, 29, 30, 31, 32, 33, 34, 35, ...", "             ^^          -- beside"]
    ]
    far = [Span(0, 5, Style.BESIDE, "from here"), Span(text.index("last"), len(text) - 1, Style.MARK)]
    assert drawn(text, far, 40, PLAIN) == [
        ["first(0, 1, 2, 3, 4, 5, 6, 7, 8, 9,  ...", "----- from here"],
        ["... 2, 53, 54, 55, 56, 57, 58, 59, last)", "                                   ^^^^"],
    ]
    wide = [Span(6, 150, Style.MARK)]
    assert drawn(text, wide, 40, PLAIN) == [
        ["... 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 ...", "    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^"]
    ]


@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [
        (
            "use torch.cat((h_n[-2], h_n[-1]), -1) in its place",
            34,
            ["use", "torch.cat((h_n[-2], h_n[-1]), -1)", "in its place"],
        ),
        ("a b c", 3, ["a b", "c"]),
        ("", 10, [""]),
        ("half (a b) of it )", 9, ["half", "(a b) of", "it )"]),
        ("in a (bracket that is) long", 9, ["in a", "(bracket", "that is)", "long"]),
        ("two\nlines", 40, ["two\\nlines"]),
    ],
)
def test_words_are_folded_and_code_is_not(text: str, width: int, lines: list[str]) -> None:
    assert folded(text, width) == lines
