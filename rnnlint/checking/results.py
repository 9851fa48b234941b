"""What the analysis says of a group of files, as data that can be written down: JSON and back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rnnlint.failures import Internal
from rnnlint.findings import Applicability, Edit, Finding, Fix, Related
from rnnlint.frozen import dataclass
from rnnlint.report import NOTHING, Modules, Report, Unfollowed

if TYPE_CHECKING:
    from rnnlint.notebooks.reading import Notebook

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class FileResult:
    """What is said of one file: a report; or why it could not be read, in one line (``refused``).

    ``notebook``: of which module it is said, if the file is one and there is something to say.
    """

    report: Report = NOTHING
    refused: str = ""
    notebook: Notebook | None = None


def encoded(result: FileResult) -> Json:
    """A result as dicts, lists, strings and numbers."""
    notebook = None if result.notebook is None else _notebook(result.notebook)
    return {"report": _report(result.report), "refused": result.refused, "notebook": notebook}


def decoded(data: Json) -> FileResult:
    """The result again.

    Raises KeyError, TypeError, ValueError or AttributeError for what :func:`encoded` has not made.
    """
    report = data["report"]
    return FileResult(
        Report(
            findings=tuple(_finding(one) for one in report["findings"]),
            not_analysed=report["not_analysed"],
            unknown=tuple(Unfollowed(*one) for one in report["unknown"]),
            modules=_modules(*report["modules"]),
            internal=tuple(Internal(*one) for one in report["internal"]),
        ),
        data["refused"],
        None if data["notebook"] is None else _read_notebook(**data["notebook"]),
    )


def _modules(seen: int, understood: int, unknown: list[tuple[str, int]], raising: int) -> Modules:
    return Modules(seen, understood, tuple((reason, count) for reason, count in unknown), raising)


def _report(report: Report) -> Json:
    modules = report.modules
    return {
        "findings": [_as_dict(one) for one in report.findings],
        "not_analysed": report.not_analysed,
        "unknown": [[one.line, one.column, one.reason, one.count] for one in report.unknown],
        "modules": [modules.seen, modules.understood, [list(one) for one in modules.unknown], modules.raising],
        "internal": [[one.line, one.what, one.error, one.trace] for one in report.internal],
    }


def _notebook(notebook: Notebook) -> Json:
    return {
        "text": notebook.text,
        "lines": [[one.cell, one.line, one.shift, one.file_line] for one in notebook.lines],
        "cells": [[number, list(lines)] for number, lines in notebook.cells.items()],
        "taken_out": [[one.cell, one.line, one.why.name, one.reason, one.names_rnn] for one in notebook.taken_out],
    }


def _read_notebook(
    text: str,
    lines: list[tuple[int, int, int, int]],
    cells: list[tuple[int, list[str]]],
    taken_out: list[tuple[int, int, str, str, bool]],
) -> Notebook:
    from rnnlint.notebooks.reading import Line, Notebook, TakenOut, Why

    return Notebook(
        text,
        tuple(Line(*one) for one in lines),
        {number: tuple(held) for number, held in cells},
        tuple(TakenOut(cell, line, Why[why], reason, names) for cell, line, why, reason, names in taken_out),
    )


def _as_dict(finding: Finding) -> Json:
    fields = {name: getattr(finding, name) for name in Finding.__slots__}
    related = [{name: getattr(one, name) for name in Related.__slots__} for one in finding.related]
    facts = [list(pair) for pair in finding.facts]
    return {**fields, "related": related, "facts": facts, "fixes": [_as_fix_dict(one) for one in finding.fixes]}


def _as_fix_dict(fix: Fix) -> Json:
    edits = [{name: getattr(one, name) for name in Edit.__slots__} for one in fix.edits]
    return {"title": fix.title, "applicability": fix.applicability.value, "edits": edits, "note": fix.note}


def _fix(data: Json) -> Fix:
    edits = tuple(Edit(**one) for one in data["edits"])
    return Fix(data["title"], Applicability(data["applicability"]), edits, data["note"])


def _finding(data: Json) -> Finding:
    related = tuple(Related(**one) for one in data["related"])
    facts = tuple((name, value) for name, value in data["facts"])
    return Finding(**{**data, "related": related, "facts": facts, "fixes": tuple(map(_fix, data["fixes"]))})
