"""The options of ``rnnlint check``, as users of ruff and flake8 know them."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence

from rnnlint.configuration.options import add_options
from rnnlint.output.formats import MEANT_FOR

_ADD_NOQA = "--add-noqa"


def add(parser: argparse.ArgumentParser) -> None:
    """Declare them."""
    parser.usage = "%(prog)s [OPTIONS] [PATH ...]"  # there are too many to be read there
    parser.add_argument("paths", nargs="*", metavar="PATH", help="files and folders (.); - for standard input")
    which = parser.add_argument_group("which files")
    which.add_argument("--files-from", metavar="FILE", help="read paths from a file, one a line; - for standard input")
    which.add_argument("--stdin-filename", metavar="PATH", help="the name of what - brings")
    printed = parser.add_argument_group("what is done")
    for short, name, what in (
        ("-e", "--exit-zero", "exit with 0 where something is found"),
        ("-q", "--quiet", "print findings, and nothing else"),
        ("-w", "--watch", "run again whenever a file changes"),
        ("", "--statistics", "print how often each rule found something, and what is suppressed in vain"),
        ("", "--show-files", "print which files would be checked"),
        ("", "--show-settings", "print what is chosen for the first of them"),
        ("", "--ignore-noqa", "report what comments suppress as well"),
        ("", "--fix", "write what mends findings into the files, where no number changes by it"),
        ("", "--unsafe-fixes", "with --fix or --diff: also what changes numbers"),
        ("", "--diff", "print what --fix would write, and write nothing"),
        ("", "--show-fixes", "with --fix or --diff: print what was fixed"),
        ("", "--update-baseline", "write what is found into the file of --baseline"),
    ):
        printed.add_argument(*filter(None, (short, name)), action="store_true", help=what)
    printed.add_argument(_ADD_NOQA, metavar="[=REASON]", help="suppress what is found with comments, which may say why")
    chosen = parser.add_argument_group("configuration", "as in [tool.rnnlint] of pyproject.toml, which they overrule")
    chosen.add_argument("--config", metavar="FILE", help="read this file, and no other")
    chosen.add_argument("--isolated", action="store_true", help="read no configuration file")
    add_options(chosen)
    formats = "; ".join(f"{form.value} ({what})" for form, what in MEANT_FOR.items())
    parser.epilog = f"Formats: {formats}. NAME:FILE writes to a file, NAME:- prints."


def spelled_out(given: Sequence[str]) -> list[str]:
    """Arguments as argparse takes them between paths.

    An option whose value may be left out has one, which only ever comes with a "="; what stands behind a ``--`` is a
    path, and looks like one.
    """
    end = given.index("--") if "--" in given else len(given)
    options = [f"{one}=" if one == _ADD_NOQA else one for one in given[:end]]
    return options + [os.path.join(os.curdir, one) if one.startswith("-") else one for one in given[end + 1 :]]
