"""The unit of analysis: a group of files, which is asked as a whole.

What is said of a group depends on the texts of its files and on the settings, and on nothing else: so groups can be
analysed anywhere, and what was said of one can be kept.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rnnlint.checking.results import FileResult, Json, encoded
from rnnlint.checking.sources import Source
from rnnlint.frozen import dataclass
from rnnlint.report import NOTHING
from rnnlint.settings import Settings


@dataclass(frozen=True, slots=True)
class Group:
    """Files that are analysed together, and under which settings.  No two groups have a file in common."""

    files: tuple[Source, ...]
    settings: Settings

    @property
    def size(self) -> int:
        """How much there is to be analysed, in characters."""
        return sum(len(one.text) for one in self.files)


@dataclass(frozen=True, slots=True)
class Summary:
    """What is to be known of a file before it is put into a group: whether it can build a recurrent module."""

    builds: bool


def grouped(files: Iterable[tuple[Source, Settings]]) -> list[Group]:
    """Each file for itself."""
    return [Group((source,), settings) for source, settings in files]


def analysed(group: Group) -> tuple[list[Json], list[dict[str, Any]]]:
    """What is said of each file of a group, and the summary of each, as data.  Never raises."""
    results, summaries = [], []
    for source in group.files:
        result, summary = _analysed(source, group.settings)
        results.append(encoded(result))
        summaries.append({"builds": summary.builds})
    return results, summaries


def _analysed(source: Source, settings: Settings) -> tuple[FileResult, Summary]:
    from rnnlint.linter import lint

    if source.is_notebook:
        return _of_notebook(source, settings)
    report = lint(source.text, source.path, settings)
    return FileResult(report), Summary(report is not NOTHING)


def _of_notebook(source: Source, settings: Settings) -> tuple[FileResult, Summary]:
    from rnnlint.linter import lint
    from rnnlint.notebooks import NotANotebook, read

    try:
        notebook = read(source.text)
    except NotANotebook as error:
        return FileResult(refused=str(error)), Summary(True)
    # of what runs R there is nothing to be said
    report = lint(notebook.text, source.path, settings)
    told = report is not NOTHING or bool(notebook.taken_out)
    return FileResult(report, notebook=notebook if told else None), Summary(told)
