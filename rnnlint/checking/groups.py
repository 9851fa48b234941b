"""Which files are analysed together, and what is said of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from rnnlint.checking.members import Group, Member
from rnnlint.checking.modules import Files, module_text
from rnnlint.checking.results import FileResult, Json, encoded
from rnnlint.checking.sources import Source
from rnnlint.report import NOTHING, Report
from rnnlint.settings import Settings

if TYPE_CHECKING:
    from rnnlint.manner import Manner


def apart(files: Iterable[tuple[str, Source]], settings: Settings) -> list[Group]:
    """Each file for itself."""
    return [Group((Member(path, source),), settings) for path, source in files]


def together(files: Files, settings: Settings) -> list[Group]:
    """The files of projects, those together that use each other."""
    from rnnlint.projects.plan import plan

    found = []
    for group in plan(files.paths, files, files.root):
        members = tuple(
            Member(one.path, files.known_of(one.path), one.statements, one.guest, files.refused(one.path))
            for one in group.members
        )
        data = tuple(Member(path, source) for path, source in files.data_of(one.path for one in members))
        found.append(Group(members, settings, data, group.decides))
    return found


def analysed(group: Group, manner: Manner | None = None) -> list[Json]:
    """What is said of each file of a group, as data.  Never raises."""
    if len(group.files) > 1 or group.data:
        return [encoded(one) for one in _together(group, manner)]
    (member,) = group.files
    if member.guest:
        return [encoded(_unread(member))]
    return [encoded(_analysed(member.source, group.settings, manner))]


def _unread(member: Member) -> FileResult:
    """Why a file cannot be read that names no recurrent module, and builds what others define with one."""
    from rnnlint.source.parse import NotAnalysed, parse

    found = None if member.refused else parse(member.source.text)
    return FileResult(Report(not_analysed=found.reason) if isinstance(found, NotAnalysed) else NOTHING, member.refused)


def _analysed(source: Source, settings: Settings, manner: Manner | None) -> FileResult:
    from rnnlint.linter import lint

    if source.is_notebook:
        return _of_notebook(source, lambda text: lint(text, source.path, settings, manner=manner))
    return FileResult(lint(source.text, source.path, settings, manner=manner))


def _of_notebook(source: Source, said: Callable[[str], Report]) -> FileResult:
    from rnnlint.notebooks import NotANotebook, read

    try:
        notebook = read(source.text)
    except NotANotebook as error:
        return FileResult(refused=str(error))
    # of what runs R there is nothing to be said
    report = said(notebook.text)
    told = report is not NOTHING or bool(notebook.taken_out)
    return FileResult(report, notebook=notebook if told else None)


def _together(group: Group, manner: Manner | None) -> list[FileResult]:
    from rnnlint.projects import plan
    from rnnlint.projects.analysis import lint_group

    files = group.files
    texts = {one.path: module_text(one.source) for one in files} | {one.path: one.source.text for one in group.data}
    names = {one.path: one.source.path for one in (*files, *group.data)}
    members = tuple(plan.Member(one.path, one.statements, one.guest) for one in files)
    planned = plan.Group(members, tuple(one.path for one in group.data))
    reports = lint_group(planned, texts.__getitem__, names, group.settings, manner)
    return [_result(one.source, reports.get(one.source.path, NOTHING)) for one in files]


def _result(source: Source, report: Report) -> FileResult:
    return _of_notebook(source, lambda _: report) if source.is_notebook else FileResult(report)
