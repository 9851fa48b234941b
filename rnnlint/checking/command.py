"""``rnnlint check``: what was asked for, run from the paths to the exit status."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterable
from typing import TextIO

from rnnlint.checking import watching
from rnnlint.checking.baseline import BadBaseline
from rnnlint.checking.excluding import Nearest
from rnnlint.checking.inputs import STANDARD, WrongUse, found
from rnnlint.checking.plan import Done, Plan, check
from rnnlint.checking.said import Reported
from rnnlint.configuration import BadConfiguration
from rnnlint.configuration.reading import OWN, SHARED
from rnnlint.configuration.shown import settings
from rnnlint.diagnostics import Checked, Place, Refused
from rnnlint.output.catalogue import Format, rendered
from rnnlint.output.destinations import BadInput
from rnnlint.output.places import spelled
from rnnlint.output.styles import PLAIN, look_of
from rnnlint.output.summary import AS_JSON, refusals, statistics, summary
from rnnlint.output.visible import visible
from rnnlint.output.writing import put, write

CLEAN, FOUND, REFUSED = 0, 1, 2
"""Exit statuses: nothing found; findings; wrong use, or a file of which nothing can be said."""


def run(options: argparse.Namespace) -> int:
    """Check what was asked for, print what is found, and return the exit status."""
    try:
        _check_current_folder()
        if not options.watch:
            return _once(Plan.of(options))
        if STANDARD in (*options.paths, options.files_from):
            raise WrongUse("--watch: standard input cannot be read again")
        _watch(options)
    except (WrongUse, BadConfiguration, BadInput, BadBaseline) as wrong:
        print(f"rnnlint check: {wrong}", file=sys.stderr)
    return REFUSED


def _check_current_folder() -> None:
    try:
        os.getcwd()
    except OSError as error:
        raise WrongUse(f"the current folder: {error.strerror}") from error


def _once(plan: Plan) -> int:
    """Raises WrongUse and BadBaseline."""
    options = plan.options
    if options.show_files or options.show_settings:
        return _show(plan)
    if options.fix or options.diff:
        return _fix(plan)
    done = check(plan)
    if options.update_baseline:
        return _changed(done, *done.baselines.update(), quiet=options.quiet)
    if options.add_noqa is not None:
        return _changed(done, *_add_noqa(done.reported, options.add_noqa), quiet=options.quiet)
    unwritten = _print(plan, done)
    put(refusals(Checked(refused=(*done.checked.refused, *unwritten))), sys.stderr)
    if not options.quiet:
        put("".join(f"rnnlint check: {line}\n" for line in done.baselines.stale), sys.stderr)
    if done.checked.refused or unwritten:
        return REFUSED
    return FOUND if done.checked.diagnostics and not options.exit_zero else CLEAN


def _fix(plan: Plan) -> int:
    """Mend what can be mended, and say what is left; or print what would be written."""
    from rnnlint.checking.fix_command import difference, fix, listed, untold, would_fix

    outcome = fix(plan)
    fixed, options = outcome.fixed, plan.options
    # as ruff does it: standard output is for what standard input has become, and nothing else
    beside = sys.stderr if options.diff or outcome.standard is not None else sys.stdout
    unwritten: list[Refused] = []
    if options.diff:
        put(difference(outcome), sys.stdout)
    else:
        if outcome.standard is not None:
            sys.stdout.buffer.write(outcome.standard)
            sys.stdout.flush()
        unwritten = _print(plan, outcome.done, len(fixed.mended), beside)
    if not options.quiet:
        short = would_fix(fixed) if options.diff else ""
        put(listed(fixed.mended, done=not options.diff) if options.show_fixes else short, beside)
    refused = (*outcome.done.checked.refused, *unwritten)
    put(refusals(Checked(refused=refused)), sys.stderr)
    said = (*(f"{line}\n" for line in (*fixed.refused, *outcome.unwritten)), *filter(None, [untold(fixed)]))
    put("".join(f"rnnlint check: {line}" for line in said), sys.stderr)
    if refused or outcome.unwritten:
        return REFUSED
    left = fixed.contents if options.diff else outcome.done.checked.diagnostics
    return FOUND if left and not options.exit_zero else CLEAN


def _print(plan: Plan, done: Done, mended: int = 0, stream: TextIO | None = None) -> list[Refused]:
    """Print what is found, and return what cannot be written."""
    stream = stream or sys.stdout
    look = look_of(stream, os.environ)
    unwritten = []
    for one in plan.destinations:
        if one.file:
            wrong = write(one.file, rendered(one.form, done.checked, PLAIN))
            unwritten += [wrong] if wrong else []
        elif plan.options.statistics:
            put(statistics(done.checked, one.form, look), stream)
            if one.form not in AS_JSON:
                put("".join(map(_unused, done.unused)), stream)
        else:
            put(rendered(one.form, done.checked, look), stream)
            if one.form is Format.FULL and not plan.options.quiet:
                put(summary(done.checked, mended), stream)
    return unwritten


def _changed(done: Done, said: str, refused: Iterable[Refused], *, quiet: bool) -> int:
    """Files were written in place of a report."""
    if not quiet:
        put(said, sys.stdout)
    every = (*done.checked.refused, *refused)
    put(refusals(Checked(refused=every)), sys.stderr)
    return REFUSED if every else CLEAN


def _add_noqa(reported: Iterable[Reported], reason: str) -> tuple[str, list[Refused]]:
    """Write comments for all that is reported; a line that says how many, and what cannot be written."""
    from rnnlint.checking.adding_noqa import NotAdded, add

    by_file: dict[str, list[Reported]] = {}
    for one in reported:
        # a file and links to it get their comments at once
        by_file.setdefault(os.path.realpath(one.file.file.path), []).append(one)
    lines, files = 0, 0
    refused = []
    for every in by_file.values():
        path, source = every[0].file.file.path, every[0].file.file.source
        try:
            added = add(path, source.digest, [one.finding for one in every if one.finding is not None], reason)
        except NotAdded as why:
            refused.append(Refused(source.path, f"--add-noqa: {why}"))
            continue
        lines, files = lines + added, files + bool(added)
    return f"{_count(lines, 'line')} of {_count(files, 'file')} got a comment\n", refused


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _watch(options: argparse.Namespace) -> None:
    """Run again and again.  Raises what is wrong with the first run; of a later one that may be mended for the next."""
    first = True

    def again() -> None:
        nonlocal first
        sys.stdout.write(watching.cleared(sys.stdout.isatty()))
        try:
            _once(Plan.of(options))
        except (WrongUse, BadConfiguration, BadInput, BadBaseline) as wrong:
            if first:
                raise
            print(f"rnnlint check: {wrong}", file=sys.stderr)
        first = False
        sys.stdout.flush()

    watching.watch(again, lambda: _state(options))


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
    except (WrongUse, BadConfiguration, BadInput, BadBaseline):
        files = ()
    folders = {os.path.dirname(path) for path in files} | {os.getcwd()}
    return watching.state_of((*files, *(os.path.join(folder, name) for folder in folders for name in (*OWN, SHARED))))
