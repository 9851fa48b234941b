"""The two lists: what became of each mutant, and why those that survive do."""

from __future__ import annotations

import csv
from pathlib import Path

from tools.mutation.bench import Outcome

Key = tuple[str, str, str, str, str]  # module, function, text, change, nth

CLASSES = ("equivalent", "guard", "wording", "cost", "import", "missing")
"""Why a mutant survives: nothing differs; it takes away a check of what cannot happen, which the type checker asks for;
only the words of a message differ; only the time it takes; it runs when the module is imported; a test is missing."""
NAMES = ["module", "function", "text", "change", "nth"]
EXPLAINED = [*NAMES, "class", "reason"]
OUTCOMES = [*NAMES, "state", "test", "seconds"]


class BadInput(Exception):
    """A list that cannot be used, and why."""


def _rows(path: Path, header: list[str]) -> list[list[str]]:
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    except FileNotFoundError:
        return []
    if not rows or rows[0] != header:
        raise BadInput(f"{path}: the first line is not {' '.join(header)}")
    for number, row in enumerate(rows[1:], start=2):
        if len(row) != len(header):
            raise BadInput(f"{path}:{number}: {len(row)} columns, not {len(header)}")
    return rows[1:]


def read_explained(path: Path) -> dict[Key, tuple[str, str]]:
    """Class and reason of each explained survivor; none where there is no such file.  Raises BadInput."""
    explained: dict[Key, tuple[str, str]] = {}
    for number, (module, function, text, change, nth, kind, reason) in enumerate(_rows(path, EXPLAINED), start=2):
        if kind not in CLASSES or not reason.strip():
            raise BadInput(f"{path}:{number}: a class of {', '.join(CLASSES)} and a reason are needed")
        explained[module, function, text, change, nth] = (kind, reason)
    return explained


def read_outcomes(path: Path) -> dict[Key, Outcome]:
    """The latest outcome of each mutant; none where there is no such file.  Raises BadInput."""
    return {
        (module, function, text, change, nth): Outcome(state, test, float(seconds))
        for module, function, text, change, nth, state, test, seconds in _rows(path, OUTCOMES)
    }


def write_outcome(path: Path, key: Key, outcome: Outcome) -> None:
    """Add a row."""
    new = not path.exists()
    with path.open("a", encoding="utf-8") as file:
        if new:
            file.write("\t".join(OUTCOMES) + "\n")
        file.write("\t".join([*key, outcome.state, outcome.test, f"{outcome.seconds:.2f}"]) + "\n")
