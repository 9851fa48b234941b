"""``rnnlint check``: what was asked for, run from the paths to the exit status."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from rnnlint.checking import parallel, watching
from rnnlint.checking.analysis import results
from rnnlint.checking.cache import Cache
from rnnlint.checking.diagnosing import Text, findings
from rnnlint.checking.excluding import Nearest
from rnnlint.checking.inputs import STANDARD, Asked, Input, WrongUse, found, read_all
from rnnlint.checking.progress import Progress
from rnnlint.checking.results import FileResult
from rnnlint.checking.showing import settings
from rnnlint.checking.summing_up import statistics
from rnnlint.checking.writing import Target, targets, to_standard_output, write
from rnnlint.configuration import BadConfiguration, Configuration, Configurations
from rnnlint.configuration.options import given
from rnnlint.configuration.reading import OWN, SHARED
from rnnlint.diagnostics import Checked, Diagnostic, Refused
from rnnlint.frozen import dataclass
from rnnlint.output.visible import visible
from rnnlint.report import UNREADABLE

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
        if not options.watch:
            return _once(Plan.of(options))
        if STANDARD in (*options.paths, options.files_from):
            raise WrongUse("--watch: standard input cannot be read again")
        watching.watch(lambda: _again(options), lambda: _state(options))
    except (WrongUse, BadConfiguration) as wrong:
        print(f"rnnlint check: {wrong}", file=sys.stderr)
    return REFUSED


def _once(plan: Plan) -> int:
    """Raises WrongUse."""
    if plan.options.show_files or plan.options.show_settings:
        return _show(plan)
    checked = check(plan)
    if plan.options.statistics:
        to_standard_output(statistics(checked, next(one.form for one in plan.targets if not one.file)))
    unwritten = write(checked, [one for one in plan.targets if one.file or not plan.options.statistics], os.environ)
    _refuse(checked.refused, unwritten)
    if checked.refused or unwritten:
        return REFUSED
    return FOUND if checked.diagnostics and not plan.options.exit_zero else CLEAN


def _again(options: argparse.Namespace) -> None:
    """A run of many: what is wrong with one may be mended for the next."""
    sys.stdout.write(watching.cleared(sys.stdout.isatty()))
    try:
        _once(Plan.of(options))
    except (WrongUse, BadConfiguration) as wrong:
        print(f"rnnlint check: {wrong}", file=sys.stderr)
    sys.stdout.flush()


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
            reason = _refusal(one, result)
            refused += [Refused(one.source.path, reason)] if reason else []
            reported += _reported(one, result)
    return Checked(tuple(sorted(reported)), tuple(sorted(refused)), inputs.files)


def _refusal(one: Input, result: FileResult) -> str:
    """Why nothing could be said of a file, "" where something is or where that is a finding itself."""
    report = result.report
    if report.not_analysed is None or report.internal:
        return result.refused
    readable = not report.not_analysed.startswith(UNREADABLE)
    told = readable and one.configuration.selection.takes("RNN900", Path(one.path))
    return "" if told else report.not_analysed


def _reported(one: Input, result: FileResult) -> Iterator[Diagnostic]:
    """What is said of a file, of that which is selected for it."""
    selection, path = one.configuration.selection, Path(one.path)
    every = findings(result.report, one.configuration.settings)
    taken = {code: selection.takes(code, path) for code in {said.code for said in every}}
    text = Text(one.source.path, _in_project(one), one.source.text.split("\n"))
    return (text.diagnostic(said) for said in every if taken[said.code])


def _in_project(one: Input) -> str:
    """The path of a file in its project, which is the same wherever a run is started."""
    try:
        return Path(one.path).relative_to(one.configuration.root).as_posix()
    except ValueError:
        return one.source.path


def _show(plan: Plan) -> int:
    """Which files are meant, or what is chosen for the first of them."""
    nearest = Nearest(plan.configurations)
    there = found(plan.asked, nearest)
    if plan.options.show_files:
        to_standard_output("".join(f"{path}\n" for path in there.files))
    else:
        path = next(iter(there.files), os.path.join(os.getcwd(), STANDARD))
        to_standard_output(settings(path, nearest.of(path) or plan.base))
    _refuse(there.refused)
    return REFUSED if there.refused else CLEAN


def _refuse(refused: Iterable[Refused], others: Iterable[str] = ()) -> None:
    for line in (*(f"{visible(one.path)}: {one.reason}" for one in refused), *others):
        print(line, file=sys.stderr)


def _state(options: argparse.Namespace) -> watching.State:
    """What a run depends on: its files, and what may configure them."""
    try:
        plan = Plan.of(options)
        nearest = Nearest(plan.configurations)
        files = found(plan.asked, nearest).files
    except (WrongUse, BadConfiguration):
        files = ()
    folders = {os.path.dirname(path) for path in files} | {os.getcwd()}
    return watching.state_of((*files, *(os.path.join(folder, name) for folder in folders for name in (*OWN, SHARED))))
