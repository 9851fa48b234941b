"""A line of a file with what is said of places in it underneath: marks, and words that hang from them."""

from __future__ import annotations

from collections.abc import Sequence

from rnnlint.frozen import dataclass
from rnnlint.output.columns import Line, columns, folded, laid
from rnnlint.output.styles import Look, Style
from rnnlint.output.visible import visible

_CUT, _REST = "... ", " ..."  # what stands for the rest of a line that is too long; with a blank: code has dots too
_SIGN = {Style.MARK: "^", Style.BESIDE: "-"}  # told apart without colours too


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of one line, in characters, and what is said of it, if anything: a mark under it, and the words.

    It may be empty, and reach past the end of the line.
    """

    start: int
    end: int
    style: Style
    label: str = ""


@dataclass(frozen=True, slots=True)
class _Mark:
    """The same in columns of the screen; never empty."""

    start: int
    end: int
    style: Style
    label: str


def drawn(text: str, spans: Sequence[Span], width: int, look: Look) -> list[list[str]]:
    """The line, and the rows under it; more than once where not all that is marked fits into ``width`` columns."""
    line = laid(text.rstrip())
    marks = [_mark(line, span) for span in spans]
    if line.width <= width:
        return [["".join(line.texts), *_rows(marks, width, look)]]
    return [_window(line, group, width, look) for group in _groups(marks, width - 2 * len(_CUT))]


def _mark(line: Line, span: Span) -> _Mark:
    size = len(line.texts)
    start, end = (line.starts[min(one, size)] for one in (span.start, span.end))
    # past the end there are no characters, but a place may be there: what is missing, say
    return _Mark(start, max(end, start + 1), span.style, visible(span.label))


def _groups(marks: Sequence[_Mark], width: int) -> list[list[_Mark]]:
    """The marks of a long line by what can be seen at once; a line without any is shown from its start."""
    groups: list[list[_Mark]] = []
    for mark in sorted(marks, key=lambda one: (one.start, one.end)):
        if groups and max(mark.end, *(one.end for one in groups[-1])) - groups[-1][0].start <= width:
            groups[-1].append(mark)
        else:
            groups.append([mark])
    return groups or [[]]


def _window(line: Line, marks: Sequence[_Mark], width: int, look: Look) -> list[str]:
    """The part of a line that has the marks in it, with as much around them as fits."""
    first = min((mark.start for mark in marks), default=0)
    last = max((mark.end for mark in marks), default=0)
    room = width - len(_CUT)
    if last <= room:
        low = 0
    elif first >= line.width - room:
        low = line.width - room
    else:
        room -= len(_CUT)
        low = first - max(0, room - (last - first)) // 2
    begin = next(n for n, column in enumerate(line.starts) if column >= low)
    stop = max(n for n, column in enumerate(line.starts) if column <= low + room)
    left = _CUT if begin else ""
    shift, end = len(left) - line.starts[begin], line.starts[stop]
    moved = [
        _Mark(mark.start + shift, max(min(mark.end, end), mark.start + 1) + shift, mark.style, mark.label)
        for mark in marks
    ]
    right = _REST if stop < len(line.texts) else ""
    return [f"{left}{''.join(line.texts[begin:stop])}{right}", *_rows(moved, width, look)]


def _rows(marks: Sequence[_Mark], width: int, look: Look) -> list[str]:
    """What stands under a line: marks that overlap in rows of their own, what is the matter first."""
    layers: list[list[_Mark]] = []
    for mark in sorted(marks, key=lambda one: (one.style is not Style.MARK, one.start, -one.end)):
        # two that touch would look like one
        free = (layer for layer in layers if all(mark.end < one.start or one.end < mark.start for one in layer))
        layer = next(free, None)
        if layer is None:
            layers.append([mark])
        else:
            layer.append(mark)
    return [row for layer in layers for row in _layer(sorted(layer, key=lambda one: one.start), width, look)]


def _layer(marks: Sequence[_Mark], width: int, look: Look) -> list[str]:
    pieces = [(mark.start, _SIGN[mark.style] * (mark.end - mark.start), mark.style) for mark in marks]
    hanging = [mark for mark in marks if mark.label]
    last = marks[-1]
    if last.label and last.end + 1 + columns(last.label) <= width:
        pieces.append((last.end + 1, last.label, last.style))
        hanging.remove(last)
    rows = [_row(pieces, look)]
    if hanging and len(marks) > 1:  # words right under a mark need no thread, unless they could be another's
        rows.append(_row([_thread(mark) for mark in hanging], look))
    while hanging:
        mark = hanging.pop()
        start, said = _hung(mark, width, alone=len(marks) == 1)
        for text in said:
            threads = [_thread(one) for one in hanging if one.start < start]
            rows.append(_row([*threads, (start, text, mark.style)], look))
    return rows


def _thread(mark: _Mark) -> tuple[int, str, Style]:
    return mark.start, "|", mark.style


def _hung(mark: _Mark, width: int, *, alone: bool) -> tuple[int, list[str]]:
    """At which column the words under a mark begin, and the lines of them: moved to the left, or folded.

    Words on the left of a mark are taken for its own where there is no other.
    """
    lines = folded(mark.label, width - mark.start)
    if alone or max(map(columns, lines)) > width - mark.start:
        lines = folded(mark.label, width)
    return max(0, min(mark.start, width - max(map(columns, lines)))), lines


def _row(pieces: Sequence[tuple[int, str, Style]], look: Look) -> str:
    """Pieces of text at their columns, from left to right."""
    row, column = "", 0
    for start, text, style in pieces:
        row += " " * (start - column) + look.paint(text, style)
        column = start + columns(text)
    return row
