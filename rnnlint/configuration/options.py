"""The keys as options of a command line."""

from __future__ import annotations

import argparse
from collections.abc import Mapping

from rnnlint.configuration.choices import KEYS
from rnnlint.configuration.keys import Kind

_METAVARS = {
    Kind.CODES: "CODE[,CODE...]",
    Kind.PER_FILE: "PATTERN:CODE[,CODE...]",
    Kind.PATTERNS: "PATTERN[,PATTERN...]",
    Kind.FORMATS: "FORMAT[:FILE]",
    Kind.COUNT: "N",
    Kind.PATH: "PATH",
}


def add_options(parser: argparse.ArgumentParser | argparse._ArgumentGroup) -> None:
    """An option for each key, as in ``--extend-select``; ``--no-`` before the name turns a switch off."""
    for key in KEYS:
        spelled, text = f"--{key.name}", key.help.replace("%", "%%").replace("`", "")
        if key.kind is Kind.SWITCH:
            parser.add_argument(spelled, action=argparse.BooleanOptionalAction, default=None, help=text)
        else:
            short = ("-j",) if key.kind is Kind.COUNT else ()
            # every time it is given: lists go on, of the others the last one counts
            parser.add_argument(*short, spelled, action="append", metavar=_METAVARS[key.kind], help=text)


def given(asked: argparse.Namespace) -> Mapping[str, object]:
    """What was given of them, as :class:`rnnlint.configuration.Configurations` takes it."""
    return {key.field: value for key in KEYS if (value := getattr(asked, key.field)) is not None}
