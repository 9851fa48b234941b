"""What the analysis says of a group of files, as data that can be written down: JSON and back."""

from __future__ import annotations

from typing import Any

from rnnlint.failures import Internal
from rnnlint.findings import Finding, Related
from rnnlint.frozen import dataclass
from rnnlint.report import Modules, Report, Unfollowed

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class FileResult:
    """What is said of one file: a report; or why it could not be read, in one line (``refused``)."""

    report: Report = Report()
    refused: str = ""


def encoded(result: FileResult) -> Json:
    """A result as dicts, lists, strings and numbers."""
    return {"report": _report(result.report), "refused": result.refused}


def decoded(data: Json) -> FileResult:
    """The result again.  Raises KeyError, TypeError or AttributeError for what :func:`encoded` has not made."""
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
    )


def _modules(seen: int, understood: int, unknown: list[tuple[str, int]]) -> Modules:
    return Modules(seen, understood, tuple((reason, count) for reason, count in unknown))


def _report(report: Report) -> Json:
    return {
        "findings": [_as_dict(one) for one in report.findings],
        "not_analysed": report.not_analysed,
        "unknown": [[one.line, one.column, one.reason, one.count] for one in report.unknown],
        "modules": [report.modules.seen, report.modules.understood, [list(one) for one in report.modules.unknown]],
        "internal": [[one.line, one.what, one.error, one.trace] for one in report.internal],
    }


def _as_dict(finding: Finding) -> Json:
    fields = {name: getattr(finding, name) for name in Finding.__slots__}
    related = [{name: getattr(one, name) for name in Related.__slots__} for one in finding.related]
    return {**fields, "related": related, "facts": [list(pair) for pair in finding.facts]}


def _finding(data: Json) -> Finding:
    related = tuple(Related(**one) for one in data["related"])
    return Finding(**{**data, "related": related, "facts": tuple((name, value) for name, value in data["facts"])})
