"""From what is said of a text to what is said of a file: places with a path, and the lines that stand there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from rnnlint.diagnostics import Diagnostic, Edit, Fix, Place, Related
from rnnlint.findings import Edit as FoundEdit
from rnnlint.findings import Finding
from rnnlint.findings import Fix as FoundFix
from rnnlint.findings import Related as FoundBeside
from rnnlint.frozen import dataclass
from rnnlint.report import Report
from rnnlint.settings import Settings

if TYPE_CHECKING:
    from rnnlint.notebooks.reading import Notebook

_KEY = 16  # hex digits: two findings of a project have the same by chance once in a million projects of a million each


@dataclass(frozen=True, slots=True)
class Text:
    """A file's lines, by which places get what stands there.

    ``path`` is as it is shown, ``in_project`` as it is written in the project, wherever a run was started.
    ``notebook`` is what the lines are those of, if it is one.
    """

    path: str
    in_project: str
    lines: Sequence[str]
    notebook: Notebook | None = None

    def place(self, one: Finding | FoundBeside | FoundEdit) -> Place:
        """Where a finding is, and what stands there."""
        end = (one.end_line, one.end_column) if one.end_line else (one.line, one.column)
        if self.notebook is None:
            return Place(self.path, 0, one.line, one.column, *end, tuple(self.lines[one.line - 1 : end[0]]))
        first, last = self.notebook.spot(one.line, one.column), self.notebook.spot(*end)
        source = self.notebook.source(first.cell, first.line, last.line)
        return Place(self.path, first.cell, first.line, first.column, last.line, last.column, source, first.file_line)

    def diagnostic(self, finding: Finding, others: Callable[[str], Text]) -> Diagnostic:
        """What is said of the file by what is said of its text; ``others`` are the texts of other files by path."""
        return Diagnostic(
            place=self.place(finding),
            code=finding.code,
            name=finding.name,
            message=finding.message,
            help=finding.help,
            read=finding.read,
            wanted=finding.wanted,
            facts=finding.facts,
            related=tuple(
                Related((others(one.path) if one.path else self).place(one), one.message) for one in finding.related
            ),
            qualified=finding.qualified,
            expression=finding.expression,
            key=key(self.in_project, finding.code, finding.expression, finding.qualified),
            drawing=finding.drawing,
            fixes=tuple(self._fix(one, others) for one in finding.fixes),
        )

    def _fix(self, fix: FoundFix, others: Callable[[str], Text]) -> Fix:
        edits = (Edit((others(one.path) if one.path else self).place(one), one.text) for one in fix.edits)
        return Fix(fix.title, fix.applicability, tuple(edits), fix.note)

    def comment(self, line: int, column: int, said: str) -> Place:
        """Where a comment stands that says something."""
        if self.notebook is None:
            return Place(self.path, 0, line, column, line, column, (said,))
        spot = self.notebook.spot(line, column)
        return Place(self.path, spot.cell, spot.line, spot.column, spot.line, spot.column, (said,), spot.file_line)

    def taken_out(self) -> list[Diagnostic]:
        """RNN900 of cells that are no Python; what a magic hands to something else was not meant to be."""
        from rnnlint.host_messages import cell_not_analysed
        from rnnlint.notebooks.reading import Why
        from rnnlint.rules import registry

        return [
            Diagnostic(
                Place(self.path, one.cell, one.line or 1, 0, one.line or 1, 0),
                "RNN900",
                registry()["RNN900"].name,
                cell_not_analysed(one.reason),
                key=key(self.in_project, "RNN900", f"cell {one.cell}", ""),
            )
            for one in (self.notebook.taken_out if self.notebook else ())
            if one.why in (Why.SYNTAX, Why.NO_TEXT)
        ]


def key(path: str, code: str, expression: str, qualified: str) -> str:
    """What a finding is known by after the lines around it have changed."""
    import hashlib  # half as slow to import as all of this, and needed for findings only

    parts = "\0".join((path, code, expression, qualified))
    return hashlib.sha256(parts.encode(errors="surrogatepass")).hexdigest()[:_KEY]


def findings(report: Report, settings: Settings) -> list[Finding]:
    """What is said of a text: what was found, and what the host itself has to say (RNN900, RNN901)."""
    if not (report.not_analysed or report.internal or (report.unknown and settings.show_unknown)):
        return list(report.findings)  # which is so of almost every file, and costs no import
    from rnnlint.host_messages import failed, not_known
    from rnnlint.rules import registry

    by_the_host = {"RNN900": not_known(report, show_unknown=settings.show_unknown), "RNN901": failed(report)}
    return [
        *report.findings,
        *(
            Finding(line, column, code, registry()[code].name, message)
            for code, lines in by_the_host.items()
            for line, column, message in lines
        ),
    ]
