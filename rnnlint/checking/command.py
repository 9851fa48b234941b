"""``rnnlint check``: what was asked for, run from the paths to the exit status."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from rnnlint.checking import parallel, watching
from rnnlint.checking.analysis import results
from rnnlint.checking.cache import Cache
from rnnlint.checking.discovery import shown
from rnnlint.checking.excluding import Nearest
from rnnlint.checking.inputs import STANDARD, Asked, WrongUse, found, input_of, read_all
from rnnlint.checking.progress import Progress
from rnnlint.checking.results import FileResult
from rnnlint.checking.said import FileSaid, Texts
from rnnlint.configuration import BadConfiguration, Configuration, Configurations
from rnnlint.configuration.options import given
from rnnlint.configuration.reading import OWN, SHARED
from rnnlint.configuration.shown import settings
from rnnlint.diagnostics import Checked, Place
from rnnlint.frozen import dataclass
from rnnlint.output.catalogue import Format, rendered
from rnnlint.output.destinations import BadInput, Destination, destinations
from rnnlint.output.places import spelled
from rnnlint.output.styles import PLAIN, look_of
from rnnlint.output.summary import AS_JSON, refusals, statistics, summary
from rnnlint.output.visible import visible
from rnnlint.output.writing import put, write

CLEAN, FOUND, REFUSED = 0, 1, 2
"""Exit statuses: nothing found; findings; wrong use, or a file of which nothing can be said."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What was asked for: where to look, what is chosen (``base``: for the run as a whole), what is done with it."""

    asked: Asked
    configurations: Configurations
    base: Configuration
    destinations: tuple[Destination, ...]
    options: argparse.Namespace

    @classmethod
    def of(cls, options: argparse.Namespace) -> Plan:
        """Raises WrongUse, BadInput and BadConfiguration."""
        file = None if options.config is None else Path(options.config)
        configurations = Configurations(given(options), file=file, isolated=options.isolated)
        base = configurations.of(Path.cwd())
        asked = Asked(tuple(options.paths), options.files_from, options.stdin_filename)
        otherwise = Format.FULL if sys.stdout.isatty() else Format.CONCISE
        return cls(asked, configurations, base, destinations(base.output_format, otherwise), options)


def run(options: argparse.Namespace) -> int:
    """Check what was asked for, print what is found, and return the exit status."""
    try:
        _check_current_folder()
        if not options.watch:
            return _once(Plan.of(options))
        if STANDARD in (*options.paths, options.files_from):
            raise WrongUse("--watch: standard input cannot be read again")
        watching.watch(lambda: _again(options), lambda: _state(options))
    except (WrongUse, BadConfiguration, BadInput) as wrong:
        print(f"rnnlint check: {wrong}", file=sys.stderr)
    return REFUSED


def _check_current_folder() -> None:
    try:
        os.getcwd()
    except OSError as error:
        raise WrongUse(f"the current folder: {error.strerror}") from error


def _once(plan: Plan) -> int:
    """Raises WrongUse."""
    if plan.options.show_files or plan.options.show_settings:
        return _show(plan)
    checked, unused = check(plan)
    look = look_of(sys.stdout, os.environ)
    unwritten = []
    for one in plan.destinations:
        if one.file:
            wrong = write(one.file, rendered(one.form, checked, PLAIN))
            unwritten += [wrong] if wrong else []
        elif plan.options.statistics:
            put(statistics(checked, one.form, look), sys.stdout)
            if one.form not in AS_JSON:
                put("".join(map(_unused, unused)), sys.stdout)
        else:
            put(rendered(one.form, checked, look), sys.stdout)
            if one.form is Format.FULL and not plan.options.quiet:
                put(summary(checked), sys.stdout)
    put(refusals(Checked(refused=(*checked.refused, *unwritten))), sys.stderr)
    if checked.refused or unwritten:
        return REFUSED
    return FOUND if checked.diagnostics and not plan.options.exit_zero else CLEAN


def _again(options: argparse.Namespace) -> None:
    """A run of many: what is wrong with one may be mended for the next."""
    sys.stdout.write(watching.cleared(sys.stdout.isatty()))
    try:
        _once(Plan.of(options))
    except (WrongUse, BadConfiguration, BadInput) as wrong:
        print(f"rnnlint check: {wrong}", file=sys.stderr)
    sys.stdout.flush()


def check(plan: Plan) -> tuple[Checked, list[Place]]:
    """What is to be said of what was asked for, and where comments suppress nothing.  Raises WrongUse."""
    nearest = Nearest(plan.configurations)
    inputs = read_all(plan.asked, nearest)
    cache = Cache(plan.base.cache_folder if plan.base.cache else None)
    jobs = plan.base.jobs or parallel.processors()
    with Progress(sys.stderr) as progress:
        said = results(inputs.inputs, inputs.others, cache, jobs, progress.show)
    beside = [one for path in inputs.others if shown(path) in said and (one := input_of(path, nearest)) is not None]
    files = [FileSaid(one, said.get(one.source.path, FileResult())) for one in (*inputs.inputs, *beside)]
    refused = [*inputs.refused, *(why for one in files for why in one.refused())]
    texts = Texts(files, nearest)
    reported = [one for file in files for one in file.reported(not plan.options.ignore_noqa, texts.of)]
    unused = [one for file in files for one in file.unused()] if plan.options.statistics else []
    return Checked(tuple(sorted(reported)), tuple(sorted(set(refused))), inputs.files), unused


def _show(plan: Plan) -> int:
    """Which files are meant, or what is chosen for the first of them."""
    nearest = Nearest(plan.configurations)
    there = found(plan.asked, nearest)
    if plan.options.show_files:
        put("".join(f"{visible(path)}\n" for path in there.files), sys.stdout)
    else:
        path = next(iter(there.files), os.path.join(os.getcwd(), STANDARD))
        put(f"# settings of {visible(path)}\n{settings(nearest.of(path) or plan.base)}", sys.stdout)
    put(refusals(Checked(refused=there.refused)), sys.stderr)
    return REFUSED if there.refused else CLEAN


def _unused(one: Place) -> str:
    return f"{spelled(one)}: unused noqa: {one.source[0]}\n"


def _state(options: argparse.Namespace) -> watching.State:
    """What a run depends on: its files, and what may configure them."""
    try:
        plan = Plan.of(options)
        nearest = Nearest(plan.configurations)
        files = found(plan.asked, nearest).files
    except (WrongUse, BadConfiguration, BadInput):
        files = ()
    folders = {os.path.dirname(path) for path in files} | {os.getcwd()}
    return watching.state_of((*files, *(os.path.join(folder, name) for folder in folders for name in (*OWN, SHARED))))
