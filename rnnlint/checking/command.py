"""``rnnlint check``: what was asked for, run from the paths to the exit status."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from rnnlint.checking import parallel
from rnnlint.checking.analysis import results
from rnnlint.checking.arguments import listed
from rnnlint.checking.cache import FOLDER, Cache
from rnnlint.checking.diagnosing import diagnostics
from rnnlint.checking.discovery import discovered, shown
from rnnlint.checking.results import FileResult
from rnnlint.checking.sources import Source, Unreadable, read, source
from rnnlint.diagnostics import Checked, Diagnostic, Refused
from rnnlint.settings import OPTIONS, Settings

CLEAN, FOUND, REFUSED = 0, 1, 2
"""Exit statuses: nothing found; findings; wrong use, or a file of which nothing can be said."""


def run(asked: argparse.Namespace) -> int:
    """Check what was asked for, print what is found, and return the exit status."""
    checked = check(asked)
    for one in checked.diagnostics:
        print(f"{one.place.path}:{one.place.line}:{one.place.column + 1}: {one.code} {one.message}")
    for refused in checked.refused:
        print(f"{refused.path}: {refused.reason}", file=sys.stderr)
    if checked.refused:
        return REFUSED
    return FOUND if checked.diagnostics and not asked.exit_zero else CLEAN


def check(asked: argparse.Namespace) -> Checked:
    """What is to be said of what was asked for."""
    settings = Settings(**{option.field: getattr(asked, option.field) for option in OPTIONS})
    files, refused, count = _read(asked)
    folder = None if asked.no_cache else Path(asked.cache_dir or FOLDER)
    found = results(
        ((one, settings) for one in files), Cache(folder), asked.jobs or parallel.processors(), _say_nothing
    )
    said: list[Diagnostic] = []
    for one in files:
        if one.path in found:
            result = found[one.path]
            if reason := _refusal(result):
                refused.append(Refused(one.path, reason))
            said += _selected(diagnostics(one, result, settings, one.path), asked)
    return Checked(tuple(sorted(said)), tuple(sorted(refused)), count)


def _read(asked: argparse.Namespace) -> tuple[list[Source], list[Refused], int]:
    """What is to be analysed, what cannot be read, and how many files were looked at."""
    named = [path for path in asked.paths if path != "-"]
    sources: list[Source] = []
    refused: list[Refused] = []
    count = 0
    if "-" in asked.paths:
        count += 1
        name = asked.stdin_filename or "-"
        try:
            given = source(sys.stdin.buffer.read(), name)
            sources += [given] if given else []
        except Unreadable as error:
            refused.append(Refused(name, str(error)))
    if named or not asked.paths:
        there = discovered(named or ["."], _nothing)
        count += len(there.files)
        refused += there.refused
        for path in there.files:
            try:
                one = read(path, shown(path))
                sources += [one] if one else []
            except Unreadable as error:
                refused.append(Refused(shown(path), str(error)))
    return sources, refused, count


def _say_nothing(*_: int) -> None:
    pass


def _nothing(*_: object) -> bool:
    return False


def _refusal(result: FileResult) -> str:
    """Why nothing could be said of a file, "" where something is."""
    return result.refused or (not result.report.internal and result.report.not_analysed) or ""


def _selected(said: Iterable[Diagnostic], asked: argparse.Namespace) -> Iterator[Diagnostic]:
    from rnnlint.rules import registry

    every = list(said)
    if not every:
        return
    on = {code for code, rule in registry().items() if rule.on}
    select = (*listed(asked.select), *listed(asked.extend_select))
    ignore = (*listed(asked.ignore), *listed(asked.extend_ignore))
    for one in every:
        chosen = one.code.startswith(listed(asked.select) or "RNN")
        narrow = any(len(prefix) >= 5 and one.code.startswith(prefix) for prefix in select)
        if (narrow or (chosen and one.code in on)) and not one.code.startswith(ignore or "-"):
            yield one
