"""What was asked for, and what is to be said of that."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from rnnlint.checking.discovery import shown
from rnnlint.checking.excluding import Nearest
from rnnlint.checking.inputs import STANDARD, Asked, Inputs, WrongUse, input_of, read_all
from rnnlint.checking.known import Baselines
from rnnlint.checking.progress import Progress
from rnnlint.checking.results import FileResult
from rnnlint.checking.said import FileSaid, Reported, Texts
from rnnlint.configuration import Configuration, Configurations
from rnnlint.configuration.choices import spelled
from rnnlint.configuration.options import given
from rnnlint.diagnostics import Checked, Place, Refused
from rnnlint.frozen import dataclass
from rnnlint.output.catalogue import Format
from rnnlint.output.destinations import Destination, destinations
from rnnlint.output.summary import COUNTING

_INSTEAD = ("add_noqa", "update_baseline", "fix", "diff", "show_files", "show_settings")
"""Options that do something else than print what is found."""

_FIXING = ("fix", "diff")


_FORMAT = "output-format"


def _check(options: argparse.Namespace) -> None:
    """Raises WrongUse where options say what cannot be meant together."""
    instead = [name for name in _INSTEAD if getattr(options, name) not in (None, False)]
    if len(instead) > 1:
        raise WrongUse(f"{_spelled(instead[0])} and {_spelled(instead[1])} are two things to do")
    (what,) = instead or ("",)
    if (options.unsafe_fixes or options.show_fixes) and what not in _FIXING:
        one = "--unsafe-fixes" if options.unsafe_fixes else "--show-fixes"
        raise WrongUse(f"{one} says how --fix or --diff is done, and neither is asked for")
    if what in _FIXING and options.ignore_noqa:
        raise WrongUse(f"--{what} and --ignore-noqa: what a comment suppresses is not fixed")
    if what in ("add_noqa", "update_baseline") and STANDARD in options.paths:
        raise WrongUse(f"{_spelled(what)}: standard input cannot be written")
    if options.isolated and options.config is not None:
        raise WrongUse("--isolated reads no configuration file, and --config names one")
    if options.stdin_filename is not None and STANDARD not in options.paths:
        raise WrongUse("--stdin-filename is the name of what - brings, and there is no -")
    if options.add_noqa:
        from rnnlint.checking.adding_noqa import NO_LINE, fits  # which few runs need

        if not fits(options.add_noqa):
            raise WrongUse(f"--add-noqa: {NO_LINE}")


def _spelled(option: str) -> str:
    return f"--{option.replace('_', '-')}"


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
        _check(options)
        file = None if options.config is None else Path(options.config)
        configurations = Configurations(given(options), file=file, isolated=options.isolated)
        base = configurations.of(Path.cwd())
        asked = Asked(tuple(options.paths), options.files_from, options.stdin_filename)
        otherwise = Format.FULL if sys.stdout.isatty() else Format.CONCISE
        where = spelled(base.where(_FORMAT), _FORMAT)
        to = destinations(base.output_format, otherwise, where)
        for place in to:
            if options.statistics and not place.file and place.form not in COUNTING:
                name = place.form.value
                raise WrongUse(f"--statistics: {name} has no form for counts (give the findings a file: {name}:FILE)")
        return cls(asked, configurations, base, to, options)


@dataclass(frozen=True, slots=True)
class Done:
    """What is to be said; what of that no baseline knows, and where comments suppress nothing, if that was asked."""

    checked: Checked
    reported: tuple[Reported, ...]
    unused: tuple[Place, ...]
    baselines: Baselines
    files: tuple[FileSaid, ...] = ()


def _analysed(plan: Plan, inputs: Inputs, nearest: Nearest, memory: dict[str, str] | None) -> dict[str, FileResult]:
    # imported for who has something to be analysed: most of what is linted has not
    from rnnlint.checking.analysis import results
    from rnnlint.checking.cache import Cache
    from rnnlint.checking.data_files import DataFiles
    from rnnlint.checking.parallel import processors

    cache = Cache(plan.base.cache_folder if plan.base.cache else None, memory)
    data = DataFiles(inputs.folders, nearest.excludes)
    jobs = plan.base.jobs or processors()
    with Progress(sys.stderr) as progress:
        return results(inputs, data, cache, jobs, progress.show)


def check(plan: Plan) -> Done:
    """What is to be said of what was asked for.  Raises WrongUse and BadBaseline."""
    nearest = Nearest(plan.configurations)
    return said_of(plan, read_all(plan.asked, nearest), nearest)


def _deciding(inputs: Inputs, said: Mapping[str, FileResult]) -> Iterator[Refused]:
    """The files around those that were asked for which cannot be read, and may decide what is said of these."""
    named = set(inputs.files)
    for path in (*inputs.others, *(one.path for one in inputs.around)):
        result = said.get(shown(path)) if path not in named else None
        reason = "" if result is None else result.refused or result.report.not_analysed
        if result is not None and reason and not result.report.internal:
            yield Refused(shown(path), reason)


def said_of(plan: Plan, inputs: Inputs, nearest: Nearest, memory: dict[str, str] | None = None) -> Done:
    """What is to be said of files that have been read; ``memory`` is what was said of groups in the same run.

    Raises WrongUse and BadBaseline.
    """
    said = _analysed(plan, inputs, nearest, memory) if inputs.inputs or inputs.around else {}
    named = set(inputs.files)
    also = [path for path in inputs.others if path in named and shown(path) in said]
    read = {path: input_of(path, nearest) for path in also}
    beside = [one for one in read.values() if one is not None]
    no_text = [Refused(name, said[name].refused) for path, one in read.items() if one is None for name in [shown(path)]]
    files = [FileSaid(one, said.get(one.source.path, FileResult())) for one in (*inputs.inputs, *beside)]
    by_file = (why for one in files for why in one.refused())
    refused = sorted({*inputs.refused, *no_text, *by_file, *_deciding(inputs, said)})
    texts = Texts(files, nearest)
    every = [one for file in files for one in file.reported(not plan.options.ignore_noqa, texts.of)]
    # a file that cannot be read may have all that is known of it
    looked_at = set(inputs.files) - {os.path.abspath(one.path) for one in refused}
    searched, base, update = plan.asked.folders, plan.base.baseline, plan.options.update_baseline
    baselines = Baselines.of(every, looked_at, nearest, base, searched=searched, update=update)
    new = baselines.new
    unused = [one for file in files for one in file.unused()] if plan.options.statistics else []
    checked = Checked(tuple(one.diagnostic for one in new), tuple(refused), len(inputs.files))
    return Done(checked, new, tuple(unused), baselines, tuple(files))
