"""The options of ``rnnlint check``, as users of ruff and flake8 know them."""

from __future__ import annotations

import argparse

from rnnlint.settings import OPTIONS

FILES, CODES = "files", "rules"


def add(parser: argparse.ArgumentParser) -> None:
    """Declare them."""
    parser.add_argument("paths", nargs="*", metavar="PATH", help="files and folders (.); - for standard input")
    which = parser.add_argument_group("which files")
    which.add_argument("--files-from", metavar="FILE", help="read paths from a file, one a line; - for standard input")
    which.add_argument("--stdin-filename", metavar="PATH", help="the name of what - brings")
    rules = parser.add_argument_group("which rules")
    for name, what in (
        ("select", "rules by code or prefix, in place of those that are on"),
        ("extend-select", "rules beside those"),
        ("ignore", "rules that are not asked"),
        ("extend-ignore", "rules that are not asked either"),
    ):
        rules.add_argument(f"--{name}", action="append", metavar="CODE[,CODE...]", help=what)
    for option in OPTIONS:
        rules.add_argument(f"--{option.name}", action="store_true", help=option.help)
    printed = parser.add_argument_group("what is printed")
    printed.add_argument("--exit-zero", action="store_true", help="exit with 0 where something is found")
    running = parser.add_argument_group("how it runs")
    running.add_argument("-j", "--jobs", type=_jobs, metavar="N", help="processes (as many as there are processors)")
    running.add_argument("--no-cache", action="store_true", help="neither read nor write what was found before")
    running.add_argument("--cache-dir", metavar="FOLDER", help="where that is kept (.rnnlint_cache)")


def listed(given: list[str] | None) -> tuple[str, ...]:
    """What stands between commas, in every option of the kind."""
    return tuple(part for one in given or () for text in one.split(",") if (part := text.strip()))


def _jobs(text: str) -> int:
    number = int(text) if text.isdecimal() else 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of processes")
    return number
