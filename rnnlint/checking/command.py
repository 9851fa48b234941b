"""``rnnlint check``: what was asked for, run from the paths to the exit status."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterable
from pathlib import Path

from rnnlint.checking import parallel
from rnnlint.checking.analysis import results
from rnnlint.checking.cache import Cache
from rnnlint.checking.diagnosing import diagnostics
from rnnlint.checking.excluding import Nearest
from rnnlint.checking.inputs import Asked, Input, WrongUse, found, read_all
from rnnlint.checking.progress import Progress
from rnnlint.checking.results import FileResult
from rnnlint.checking.writing import Target, targets, write
from rnnlint.configuration import BadConfiguration, Configuration, Configurations
from rnnlint.configuration.options import given
from rnnlint.diagnostics import Checked, Diagnostic, Refused
from rnnlint.frozen import dataclass

CLEAN, FOUND, REFUSED = 0, 1, 2
"""Exit statuses: nothing found; findings; wrong use, or a file of which nothing can be said."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What was asked for: where to look, what is chosen (``base``: for the run as a whole), what is done with it."""

    asked: Asked
    configurations: Configurations
    base: Configuration
    targets: tuple[Target, ...]
    options: argparse.Namespace

    @classmethod
    def of(cls, options: argparse.Namespace) -> Plan:
        """Raises WrongUse and BadConfiguration."""
        file = None if options.config is None else Path(options.config)
        configurations = Configurations(given(options), file=file, isolated=options.isolated)
        base = configurations.of(Path.cwd())
        asked = Asked(tuple(options.paths), options.files_from, options.stdin_filename)
        return cls(asked, configurations, base, targets(base.output_format, terminal=sys.stdout.isatty()), options)


def run(options: argparse.Namespace) -> int:
    """Check what was asked for, print what is found, and return the exit status."""
    try:
        plan = Plan.of(options)
        if options.show_files:
            return _show_files(plan)
        checked = check(plan)
    except (WrongUse, BadConfiguration) as wrong:
        print(f"rnnlint check: {wrong}", file=sys.stderr)
        return REFUSED
    unwritten = write(checked, plan.targets, os.environ)
    for line in (*(f"{one.path}: {one.reason}" for one in checked.refused), *unwritten):
        print(line, file=sys.stderr)
    if checked.refused or unwritten:
        return REFUSED
    return FOUND if checked.diagnostics and not options.exit_zero else CLEAN


def check(plan: Plan) -> Checked:
    """What is to be said of what was asked for.  Raises WrongUse."""
    inputs = read_all(plan.asked, Nearest(plan.configurations))
    cache = Cache(plan.base.cache_folder if plan.base.cache else None)
    jobs = plan.base.jobs or parallel.processors()
    with Progress(sys.stderr) as progress:
        said = results(((one.source, one.configuration.settings) for one in inputs.inputs), cache, jobs, progress.show)
    refused = list(inputs.refused)
    reported: list[Diagnostic] = []
    for one in inputs.inputs:
        result = said.get(one.source.path)
        if result is not None:
            reason = _refusal(result)
            refused += [Refused(one.source.path, reason)] if reason else []
            reported += _selected(one, result)
    return Checked(tuple(sorted(reported)), tuple(sorted(refused)), inputs.files)


def _refusal(result: FileResult) -> str:
    """Why nothing could be said of a file, "" where something is."""
    return result.refused or (not result.report.internal and result.report.not_analysed) or ""


def _selected(one: Input, result: FileResult) -> Iterable[Diagnostic]:
    """What is said of a file, of that which is selected for it."""
    selection, path = one.configuration.selection, Path(one.path)
    every = diagnostics(one.source, result, one.configuration.settings, _key_path(one))
    taken = {code: selection.takes(code, path) for code in {said.code for said in every}}
    return [said for said in every if taken[said.code]]


def _key_path(one: Input) -> str:
    """The path of a file in its project, which is the same wherever a run is started."""
    try:
        return Path(one.path).relative_to(one.configuration.root).as_posix()
    except ValueError:
        return one.source.path


def _show_files(plan: Plan) -> int:
    there = found(plan.asked, Nearest(plan.configurations))
    for path in there.files:
        print(path)
    for refused in there.refused:
        print(f"{refused.path}: {refused.reason}", file=sys.stderr)
    return REFUSED if there.refused else CLEAN
