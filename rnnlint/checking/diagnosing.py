"""From what is said of a text to what is said of a file: places with a path, and the lines that stand there."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

from rnnlint.checking.results import FileResult
from rnnlint.checking.sources import Source
from rnnlint.diagnostics import Diagnostic, Place, Related
from rnnlint.findings import Finding
from rnnlint.findings import Related as FoundBeside
from rnnlint.frozen import dataclass
from rnnlint.report import Report
from rnnlint.settings import Settings

_KEY = 16  # hex digits: two findings of a project have the same by chance once in a million projects of a million each


@dataclass(frozen=True, slots=True)
class Text:
    """A file's lines, by which places get what stands there."""

    path: str
    lines: Sequence[str]

    @classmethod
    def of(cls, source: Source) -> Text:
        return cls(source.path, source.text.split("\n"))

    def place(self, one: Finding | FoundBeside) -> Place:
        end = (one.end_line, one.end_column) if one.end_line else (one.line, one.column)
        return Place(self.path, 0, one.line, one.column, *end, tuple(self.lines[one.line - 1 : end[0]]))


def diagnostics(source: Source, result: FileResult, settings: Settings, key_path: str) -> list[Diagnostic]:
    """What is said of a file.  ``key_path`` is its path in the project, wherever the run was started."""
    text = Text.of(source)
    findings = [_of(finding, text, key_path) for finding in result.report.findings]
    return [*findings, *_by_the_host(result.report, settings, text, key_path)]


def _of(finding: Finding, text: Text, key_path: str) -> Diagnostic:
    return Diagnostic(
        place=text.place(finding),
        code=finding.code,
        name=finding.name,
        message=finding.message,
        help=finding.help,
        read=finding.read,
        wanted=finding.wanted,
        facts=finding.facts,
        related=tuple(Related(text.place(one), one.message) for one in finding.related),
        qualified=finding.qualified,
        expression=finding.expression,
        key=key(key_path, finding.code, finding.expression, finding.qualified),
    )


def _by_the_host(report: Report, settings: Settings, text: Text, key_path: str) -> Iterator[Diagnostic]:
    """RNN900 and RNN901."""
    if not (report.not_analysed or report.internal or (report.unknown and settings.show_unknown)):
        return  # which is so of almost every file, and costs no import
    from rnnlint.host_messages import failed, not_known
    from rnnlint.rules import registry

    said = {"RNN900": not_known(report, show_unknown=settings.show_unknown), "RNN901": failed(report)}
    for code, lines in said.items():
        for line, column, message in lines:
            yield _of(Finding(line, column, code, registry()[code].name, message), text, key_path)


def key(path: str, code: str, expression: str, qualified: str) -> str:
    """What a finding is known by after the lines around it have changed."""
    path = str(PurePosixPath(path))
    parts = "\0".join((path, code, expression, qualified))
    return hashlib.sha256(parts.encode(errors="surrogatepass")).hexdigest()[:_KEY]
