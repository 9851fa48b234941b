"""Reports for programs: ``rnnlint audit --output-format json``.  docs/audit.md describes every key."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

import torch

from rnnlint.runtime.auditing.checks import Concern
from rnnlint.runtime.auditing.checks.results import first_line
from rnnlint.runtime.auditing.command import Audited
from rnnlint.runtime.auditing.places import Place
from rnnlint.runtime.auditing.raised import frames
from rnnlint.runtime.auditing.report import Found, Report

_Json = Mapping[str, object]


def as_json(every: Iterable[Audited], seed: int) -> str:
    """The reports of a run of the command, in one object."""
    targets = [_target(one) for one in every]
    return json.dumps({"torch": torch.__version__, "seed": seed, "targets": targets}, indent=2)


def _target(one: Audited) -> _Json:
    report = one.report or Report()
    return {
        "target": one.target,
        "ok": one.report is not None and report.ok,
        "refused": one.refused or None,
        "findings": [_found(found) for found in report.findings],
        "concerns": [_found(concern) for concern in report.concerns],
        "waived": [{**_found(waived.what), "by": waived.by} for waived in report.waived],
        "error": None if report.error is None else _error(report.error),
        "followed": report.followed,
        "failures": [{"what": one.what, "message": one.error, "traceback": one.trace} for one in report.failures],
        "notes": list(report.notes),
        "coverage": _coverage(report),
    }


def _found(one: Found | Concern) -> _Json:
    if isinstance(one, Found):
        return {
            "code": one.code,
            "name": one.name,
            "message": one.message,
            "read": one.read or None,
            "wanted": one.wanted or None,
            "drawing": json.loads(one.drawing) if one.drawing else None,
            **_place(one.place),
        }
    return {"name": one.name, "message": one.text, "modules": list(one.names), **_place(one.place)}


def _place(place: object) -> _Json:
    """Lines and columns count from 1, as they are printed."""
    if not isinstance(place, Place):
        return {"file": None, "line": None, "column": None}
    return {"file": place.file, "line": place.line, "column": None if place.column is None else place.column + 1}


def _error(error: BaseException) -> _Json:
    own = [{"function": one.function, "text": one.text, **_place(one.place)} for one in frames(error)]
    return {"type": type(error).__name__, "message": first_line(error), "frames": own}


def _coverage(report: Report) -> _Json:
    lost = [
        {"operation": one.operation, "times": one.times, "reason": one.reason, **_place(one.place)}
        for one in report.coverage.unfollowed
    ]
    return {"calls": report.coverage.calls, "operations": report.coverage.operations, "unfollowed": lost}
