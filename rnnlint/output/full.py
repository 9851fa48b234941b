"""``full``: each finding with the lines it is about, as compilers draw them.

The place itself is underlined with ``^``, what it rests on with ``-`` and words; ``...`` stands for lines between.
What lies in another file, or in another cell, has a frame of its own below.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from rnnlint.diagnostics import Checked, Diagnostic, Place, Related
from rnnlint.output.columns import columns, folded
from rnnlint.output.frame import Span, drawn
from rnnlint.output.places import spelled
from rnnlint.output.styles import Look, Style
from rnnlint.output.visible import visible

_WHOLE, _HEAD = 4, 2  # an expression of so many lines is shown; of a longer one how it begins, and its last line
_LEAST = 40  # columns of a line of a file, however narrow the terminal is


def text(checked: Checked, look: Look) -> str:
    """A frame for each finding, with an empty line after it."""
    return "".join(f"{line}\n" for one in checked.diagnostics for line in (*_finding(one, look), ""))


def _finding(one: Diagnostic, look: Look) -> Iterator[str]:
    first, *rest = folded(headline(one), max(_LEAST, look.width - len(one.code) - 1))
    yield f"{look.paint(one.code, Style.CODE)} {look.paint(first, Style.STRONG)}"
    for line in rest:
        yield f"{' ' * len(one.code)} {look.paint(line, Style.STRONG)}"
    yield from frames(one, look)
    yield from _notes(one, _gutter(_frames(one)), look)


def frames(one: Diagnostic, look: Look) -> Iterator[str]:
    """The lines that a finding is about, by files and cells, with what is said of places in them underneath."""
    places = _frames(one)
    gutter = _gutter(places)
    arrow, bar = (look.paint(f"{' ' * gutter}{sign}", Style.FRAME) for sign in ("-->", " |"))
    for group in places:
        within = f" in {visible(one.qualified)}" if group is places[0] and one.qualified else ""
        yield f"{arrow} {spelled(group[0][0])}{within}"
        lines = list(_lines(group, gutter, look))
        yield from (bar, *lines, bar) if lines else (bar,)


def headline(one: Diagnostic) -> str:
    """The message, without what to write: that stands below, under the lines it is about.

    Behind it there may be the condition under which it holds, in brackets, which stays.
    """
    before, found, after = one.message.rpartition(f"; {one.help}")
    return f"{before}{after}" if one.help and found and (not after or after.startswith(" (")) else one.message


_Marked = tuple[Place, Style, str]


def _gutter(places: Sequence[Sequence[_Marked]]) -> int:
    """The columns that the numbers of lines take."""
    return max(len(str(place.end_line)) for group in places for place, _, _ in group)


def _frames(one: Diagnostic) -> list[list[_Marked]]:
    """The places, by file and cell: the finding's own first, the others as they are named."""
    groups: dict[tuple[str, int], list[_Marked]] = {}
    beside = ((other.place, Style.BESIDE, other.message) for other in _joined(one.related) if other.place.source)
    for marked in ((one.place, Style.MARK, ""), *beside):
        groups.setdefault((marked[0].path, marked[0].cell), []).append(marked)
    return list(groups.values())


def _joined(related: Sequence[Related]) -> list[Related]:
    """What is said of one place, at once."""
    said: dict[Place, list[str]] = {}
    for other in related:
        said.setdefault(other.place, []).append(other.message)
    return [Related(place, "; ".join(dict.fromkeys(messages))) for place, messages in said.items()]


def _lines(group: Sequence[_Marked], gutter: int, look: Look) -> Iterator[str]:
    """The lines of a frame by their numbers, each with what stands under it, and ``...`` for what is left out."""
    texts: dict[int, str] = {}
    spans: dict[int, list[Span]] = {}
    for place, style, label in group:
        for number, line, span in _spans(place, style, label):
            texts[number] = line
            spans.setdefault(number, []).extend((span,) if span else ())
    before = None
    width = max(_LEAST, look.width - gutter - len(" | "))
    if any(columns(_code(line).rstrip()) > width for line in texts.values()):  # the end of a comment is not missed
        texts, spans = _dedented(texts, spans)
    margin = look.paint(f"{' ' * gutter} |", Style.FRAME)
    for number in sorted(texts):
        if before is not None and number != before + 1:
            yield look.paint("...", Style.FRAME)
        before = number
        for line, *rows in drawn(texts[number], spans[number], width, look):
            yield f"{look.paint(f'{number:>{gutter}} |', Style.FRAME)} {line}".rstrip()
            yield from (f"{margin} {row}" for row in rows)


def _dedented(
    texts: Mapping[int, str], spans: Mapping[int, Sequence[Span]]
) -> tuple[dict[int, str], dict[int, list[Span]]]:
    """The lines without the indentation that all of them have: room for what does not fit."""
    indentations = [_indentation(line) for line in texts.values() if line.strip()]
    # what the first and the last of them in order begin with, all of them begin with
    pairs = zip(min(indentations), max(indentations), strict=False)
    blank = sum(1 for _ in itertools.takewhile(lambda pair: pair[0] == pair[1], pairs))
    moved = {
        number: [replace(one, start=max(0, one.start - blank), end=max(0, one.end - blank)) for one in found]
        for number, found in spans.items()
    }
    return {number: line[blank:] for number, line in texts.items()}, moved


def _indentation(line: str) -> str:
    return line[: len(line) - len(line.lstrip(" \t"))]


def _spans(place: Place, style: Style, label: str) -> Iterator[tuple[int, str, Span | None]]:
    """The lines of a place that are shown, each with its number and what is marked in it; the words are at the first.

    Of a place that something rests on that is the only one.  An empty line of an expression has no mark.
    """
    size = len(place.source) if style is Style.MARK else min(1, len(place.source))
    for offset, line in enumerate(place.source[:size]):
        between = _HEAD <= offset < size - 1 and size > _WHOLE
        if between or (offset and offset == size - 1 and not line.strip(" \t)]}")):
            continue  # nor is a line shown that closes brackets, and says no more
        number = place.line + offset
        start = place.column if not offset else len(_indentation(line))
        end = place.end_column if number == place.end_line else len(_code(line).rstrip())
        wanted = not offset or start < end
        yield number, line, Span(start, end, style, "" if offset else label) if wanted else None


def _code(line: str) -> str:
    """A line without its comment, as far as one line tells: a quote that is open at the # keeps it."""
    for n, character in enumerate(line):
        if character == "#" and all(line.count(quote, 0, n) % 2 == 0 for quote in "'\""):
            return line[:n]
    return line


def _notes(one: Diagnostic, gutter: int, look: Look) -> Iterator[str]:
    said = [("read", one.read), ("wanted", one.wanted), ("help", one.help), ("page", f"rnnlint rule {one.code}")]
    # what is said of places whose lines are not known
    said[:0] = [("see", f"{spelled(other.place)}: {other.message}") for other in one.related if not other.place.source]
    labels = [label for label, words in said if words] + ([_DRAWN] if one.drawing else [])
    wide = max(map(len, labels)) + 2
    room = max(_LEAST, look.width - gutter - len(" = ") - wide)
    notes = [(label, folded(words, room)) for label, words in said if words]
    if one.drawing:
        # under what it is a drawing of
        notes.insert(len(notes) - 1 - bool(one.help), (_DRAWN, _drawing(one, room, look)))
    margin = " " * gutter
    for label, (first, *rest) in notes:
        equals, named = look.paint(f"{margin} =", Style.FRAME), look.paint(f"{label}:", Style.NOTE)
        yield f"{equals} {named}{' ' * (wide - len(label) - 1)}{first}"
        yield from (f"{margin}   {' ' * wide}{line}" for line in rest)


_DRAWN = "drawn"


def _drawing(one: Diagnostic, width: int, look: Look) -> list[str]:
    """What arrives and is wanted, drawn in a few lines."""
    from rnnlint.drawing import brief  # pictures are drawn of what was found
    from rnnlint.drawing.carried import carried
    from rnnlint.drawing.terminal import Ink

    return [visible(line) for line in brief.lines(carried(one.drawing), Ink(look.unicode, look.colour, width))]
