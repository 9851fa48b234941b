"""``rnnlint audit --diff``: what would mend those findings of an audit that the linter finds and can mend as well."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from pathlib import Path

from rnnlint.checking import arguments
from rnnlint.checking.fix_command import difference, fix
from rnnlint.checking.fix_results import Line
from rnnlint.checking.plan import Plan
from rnnlint.frozen import dataclass


@dataclass(frozen=True, slots=True)
class Difference:
    """What would change, as ``diff -u`` prints it, and of how many findings."""

    text: str
    mended: int


def difference_of(found: Iterable[Line]) -> Difference:
    """The difference for findings of an audit, with every fix: what an audit has seen certainly ran.

    A file that is gone by now has none.  Raises WrongUse and BadConfiguration.
    """
    lines = frozenset((str(Path(path).resolve()), line, code) for path, line, code in found)
    paths = sorted({path for path, _, _ in lines if Path(path).is_file()})
    if not paths:
        return Difference("", 0)
    parser = argparse.ArgumentParser()
    arguments.add(parser)
    codes = ",".join(sorted({code for _, _, code in lines}))
    options = parser.parse_args(["--diff", "--unsafe-fixes", f"--select={codes}", *paths])
    outcome = fix(Plan.of(options), only=lines)
    return Difference(difference(outcome), len(outcome.fixed.mended))
