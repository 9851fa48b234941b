"""Findings of a run in the form that findings of files have, for the pages that show both."""

from __future__ import annotations

import linecache

from rnnlint import diagnostics
from rnnlint.diagnostics import Diagnostic
from rnnlint.runtime.auditing.found import Found
from rnnlint.runtime.auditing.places import Place


def diagnostic(one: Found) -> Diagnostic:
    """A finding of a run."""
    return Diagnostic(
        _place(one.place), one.code, one.name, one.message, one.help, one.read, one.wanted, drawing=one.drawing
    )


def _place(place: Place) -> diagnostics.Place:
    """A place as those of files are written: columns in characters, and the lines that stand there."""
    path = place.short.rpartition(":")[0] or place.short.rpartition(", line")[0]
    end_line = place.end_line or place.line
    lines = [line.rstrip("\n") for line in linecache.getlines(place.file)[place.line - 1 : end_line]]
    first, last = (lines[0], lines[-1]) if lines else ("", "")
    if place.column is None:
        return diagnostics.Place(path, 0, place.line, 0, place.line, len(first), tuple(lines[:1]))
    columns = _characters(first, place.column), _characters(last, place.end_column or 0)
    return diagnostics.Place(path, 0, place.line, columns[0], end_line, columns[1], tuple(lines))


def _characters(line: str, column: int) -> int:
    """A column in UTF-8 bytes, in characters."""
    return len(line.encode()[:column].decode(errors="ignore"))
