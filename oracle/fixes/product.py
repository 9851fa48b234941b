"""``rnnlint check --fix --unsafe-fixes`` on a program: what users run, with every rule on and nothing kept."""

from __future__ import annotations

import argparse
import tempfile
from dataclasses import dataclass
from pathlib import Path

from rnnlint.checking import arguments
from rnnlint.checking.fix_command import fix
from rnnlint.checking.plan import Plan

_OPTIONS = ("--isolated", "--no-cache", "--jobs=1", "--select=ALL", "--fix", "--unsafe-fixes")


@dataclass(frozen=True, slots=True)
class Together:
    """The text after all fixes; the codes of what was mended; what is left in it, and what was refused, in lines.

    ``unsettled``: a second run would change something.
    """

    text: str
    mended: tuple[str, ...]
    left: tuple[str, ...]
    refused: tuple[str, ...]
    unsettled: bool


def together(text: str) -> Together:
    """Every fix of a program, as far as the command applies them."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "program.py"
        path.write_bytes(text.encode())
        parser = argparse.ArgumentParser()
        arguments.add(parser)
        options = parser.parse_args([*_OPTIONS, str(path)])
        first = fix(Plan.of(options))
        now = path.read_bytes()
        second = fix(Plan.of(options)) if first.fixed.contents else first
        return Together(
            now.decode(),
            tuple(one.code for one in first.fixed.mended),
            tuple(one.code for one in first.done.checked.diagnostics),
            (*(one.partition(" is not fixed: ")[2] for one in first.fixed.refused), *first.unwritten),
            bool(second.fixed.contents) and second is not first,
        )
