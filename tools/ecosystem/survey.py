"""Linting one package: its findings, and what the run was like."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from rnnlint.linter import lint
from rnnlint.source.prefilter import mentions_rnn
from tools.ecosystem.lists import Package, Place

NOT_ANALYSED = "RNN900"


@dataclass(frozen=True, slots=True)
class Found:
    """A finding and its message; a file that was not analysed is one, RNN900 in its first line."""

    place: Place
    message: str


@dataclass(slots=True)
class Survey:
    """One package, linted.  Times are seconds of processor time; ``slow`` are the files that took too many."""

    package: Package
    files: int = 0
    mentioning: int = 0  # files that were looked into, since RNN, LSTM or GRU stands in them
    seconds: float = 0.0
    slowest: tuple[float, str] = (0.0, "")
    slow: list[tuple[float, str]] = field(default_factory=list)
    crashes: list[str] = field(default_factory=list)
    seen: int = 0  # places that build a recurrent module
    understood: int = 0
    unknown: Counter[str] = field(default_factory=Counter)
    found: list[Found] = field(default_factory=list)


def survey(package: Package, files: Iterable[tuple[str, str]], limit: float) -> Survey:
    """Lint the files (path and text) of a package; one that takes more than ``limit`` seconds is listed as slow."""
    result = Survey(package)
    for path, text in files:
        result.files += 1
        if mentions_rnn(text):
            result.mentioning += 1
            _lint(result, path, text, limit)
    return result


def _lint(result: Survey, path: str, text: str, limit: float) -> None:
    start = time.process_time()
    report = lint(text, path)
    took = time.process_time() - start
    result.seconds += took
    result.slowest = max(result.slowest, (took, path))
    if took > limit:
        result.slow.append((took, path))
    package, version = result.package.package, result.package.version
    if report.not_analysed is not None:
        result.found.append(Found(Place(package, version, path, 1, NOT_ANALYSED), report.not_analysed))
    result.crashes += [f"{path}:{one.line}: {one.what} failed: {one.error}" for one in report.internal]
    for finding in report.findings:
        result.found.append(Found(Place(package, version, path, finding.line, finding.code), finding.message))
    result.seen += report.modules.seen
    result.understood += report.modules.understood
    result.unknown.update(dict(report.modules.unknown))
