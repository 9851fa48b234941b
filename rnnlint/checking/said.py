"""What is said of a file after all that has a say in it: which rules are selected, which comments suppress."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from rnnlint.checking.diagnosing import Text, findings
from rnnlint.checking.excluding import Nearest
from rnnlint.checking.inputs import Input, input_of
from rnnlint.checking.results import FileResult
from rnnlint.diagnostics import Diagnostic, Place, Refused
from rnnlint.findings import Finding
from rnnlint.frozen import dataclass
from rnnlint.report import UNREADABLE

_BY_THE_HOST = "RNN9"  # what is said on request only, and so suppressed for other runs than this


@dataclass(frozen=True, slots=True)
class FileSaid:
    """A file, and what the analysis says of it."""

    file: Input
    result: FileResult

    def refused(self) -> Iterator[Refused]:
        """Why nothing could be said of it, where that is no finding itself."""
        report, reason = self.result.report, self.result.refused
        if not reason and report.not_analysed is not None and not report.internal:
            told = self.takes("RNN900") and not report.not_analysed.startswith(UNREADABLE)
            reason = "" if told else report.not_analysed
        if reason:
            yield Refused(self.file.source.path, reason)
        elif self.result.notebook is not None and not self.takes("RNN900"):
            # what names no recurrent module need not be Python: as of files
            for one in self.result.notebook.taken_out:
                if one.names_rnn:
                    place = f"cell {one.cell}, line {one.line}" if one.line else f"cell {one.cell}"
                    yield Refused(self.file.source.path, f"{place}: it is no Python: {one.reason}")

    def reported(self, suppressed: bool, others: Callable[[str], Text]) -> list[Reported]:
        """What is said of the file, of that which is selected for it; without what comments suppress.

        ``others`` are the texts of other files of the project, by their paths.
        """
        settings = self.file.configuration.settings
        every = findings(self.result.report, settings)
        if self._unreadable():
            every = [one for one in every if one.code != "RNN900"]
        if suppressed and every:
            from rnnlint.checking.suppressions import silenced

            every = list(silenced(every, self._module()).kept)
        taken = {code: self.takes(code) for code in {one.code for one in every}}
        text = self.text()
        of_cells = text.taken_out() if self.result.notebook and self.takes("RNN900") else []
        said = [Reported(text.diagnostic(one, others), self, one) for one in every if taken[one.code]]
        return said + [Reported(one, self) for one in of_cells]

    def unused(self) -> list[Place]:
        """Where comments name a rule of ours and suppress nothing; the code is the source of each place."""
        from rnnlint.checking.suppressions import silenced

        every: list[Finding] = findings(self.result.report, self.file.configuration.settings)
        return [
            self.text().comment(one.line, one.column, one.code)
            for one in silenced(every, self._module()).unused
            if not one.code.startswith(_BY_THE_HOST)
        ]

    def takes(self, code: str) -> bool:
        """Whether a code is selected for the file."""
        return self.file.configuration.selection.takes(code, Path(self.file.path))

    def _unreadable(self) -> bool:
        return (self.result.report.not_analysed or "").startswith(UNREADABLE)

    def _module(self) -> str:
        """The text that findings are placed in: of a notebook whose cells nobody has looked at there is none."""
        if self.result.notebook is not None:
            return self.result.notebook.text
        return "" if self.file.source.is_notebook else self.file.source.text

    def text(self) -> Text:
        """Its lines, as findings are placed in them."""
        return Text(self.file.source.path, self._in_project(), self._module().split("\n"), self.result.notebook)

    def _in_project(self) -> str:
        """The path of the file in its project, which is the same wherever a run is started."""
        try:
            return Path(self.file.path).relative_to(self.file.configuration.root).as_posix()
        except ValueError:
            return self.file.source.path


@dataclass(frozen=True, slots=True)
class Reported:
    """What is said of a file, and the finding in its text, if it is about a place in that."""

    diagnostic: Diagnostic
    file: FileSaid
    finding: Finding | None = None


class Texts:
    """The texts of a project's files by their paths as they are shown; those that nothing is said of as well."""

    def __init__(self, files: Iterable[FileSaid], nearest: Nearest) -> None:
        self._files = {one.file.source.path: one for one in files}
        self._nearest = nearest

    def of(self, path: str) -> Text:
        """A file's text; without lines, where it is gone by now."""
        if path not in self._files:
            found = input_of(os.path.abspath(path), self._nearest)
            if found is None:
                return Text(path, path, ())
            self._files[path] = FileSaid(found, FileResult())
        return self._files[path].text()
