"""What a worker says of a file, in the words of the protocol."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from lsprotocol import types

from rnnlint.output.addresses import page_of
from rnnlint.output.levels import Level, level_of
from rnnlint.server.documents import Document, File
from rnnlint.server.texts import Columns

SOURCE = "rnnlint"
_SEVERITIES = {Level.ERROR: types.DiagnosticSeverity.Error, Level.NOTE: types.DiagnosticSeverity.Information}
_LINE = re.compile(r"\(line (\d+)\)")  # in the reason for which Python cannot parse a file
_DATA = ("key", "code", "name", "help", "read", "wanted", "facts", "qualified", "fixes")

Json = Mapping[str, Any]


class Translator:
    """``related`` says whether the client shows other places.  ``other`` finds the open file of a path."""

    def __init__(self, columns: Columns, related: bool, other: Callable[[str], File | None]) -> None:
        self._columns, self._related, self._other = columns, related, other

    def of_file(self, file: File, said: Json) -> dict[str, list[types.Diagnostic]]:
        """The diagnostics of every document of a file, by its URI; none of those that have nothing."""
        found: dict[str, list[types.Diagnostic]] = {document.uri: [] for _, document in file.every()}
        for one in said["diagnostics"]:
            document = file.document(one["place"]["cell"])
            if document is not None:
                found[document.uri].append(self.finding(one))
        first = next((document for _, document in file.every()), None)
        if first is not None:
            found[first.uri] += (self._refusal(file, first, reason) for _, reason in said["refused"])
        return found

    def finding(self, one: Json) -> types.Diagnostic:
        """One finding."""
        code, page = one["code"], page_of(one["code"], one["name"])
        return types.Diagnostic(
            range=self.range(one["place"]),
            severity=_SEVERITIES[level_of(code)],
            code=code,
            code_description=types.CodeDescription(href=page) if page else None,
            source=SOURCE,
            message=one["message"],
            related_information=[
                types.DiagnosticRelatedInformation(
                    location=types.Location(uri=self._uri(other["place"]), range=self.range(other["place"])),
                    message=other["message"],
                )
                for other in one["related"]
            ]
            if self._related
            else None,
            data={name: one[name] for name in _DATA},
        )

    def range(self, place: Json) -> types.Range:
        """A place as the client counts; lines of the place are in it."""
        lines = place["source"] or [""]
        end_line = max(place["end_line"], place["line"])
        start = self._columns.to_units(lines[0], place["column"])
        end = self._columns.to_units(lines[-1], place["end_column"]) if place["end_line"] >= place["line"] else start
        return types.Range(types.Position(place["line"] - 1, start), types.Position(end_line - 1, end))

    def _uri(self, place: Json) -> str:
        file = self._other(place["path"])
        document = None if file is None else file.document(place["cell"])
        return uri_of(place["path"]) if document is None else document.uri

    def _refusal(self, file: File, document: Document, reason: str) -> types.Diagnostic:
        """That nothing is said of a file, and why: at the line that Python names, if it does."""
        named = _LINE.search(reason)
        line = int(named[1]) - 1 if named and file.cells is None else 0
        line = min(line, document.text.count - 1)
        whole = document.text.line(line)
        end = self._columns.to_units(whole, len(whole))
        return types.Diagnostic(
            range=types.Range(types.Position(line, 0), types.Position(line, end)),
            severity=types.DiagnosticSeverity.Information,
            source=SOURCE,
            message=f"not analysed: {reason}",
        )


def uri_of(path: str) -> str:
    """The address of a file on disk."""
    return Path(path).as_uri()
