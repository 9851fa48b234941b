"""What the page says of its readings: its own scripts, run by node, which walk its menus."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rnnlint.showing.question import Question

PAGE = Path(__file__).resolve().parents[2] / "docs" / "explorer"
WALK = Path(__file__).resolve().parent / "walk.js"
SCRIPTS = ("labels", "menu", "meaning", "verdicts", "saying", "link")
"""The scripts of the page that say what a reading is, in the order in which each needs those before it."""


@dataclass(frozen=True, slots=True)
class Said:
    """One reading: the module and the sizes that were chosen, and all that the page says (docs/explorer/saying.js)."""

    module: dict[str, Any]
    said: dict[str, Any]

    @property
    def expression(self) -> str:
        """As the page writes it."""
        return str(self.said["expression"])

    @property
    def shape(self) -> tuple[int, ...]:
        """Of the reading."""
        return tuple(self.said["shape"])

    @property
    def question(self) -> Question:
        """What ``rnnlint show`` is asked for the same module."""
        return question_of(self.module)

    def __str__(self) -> str:
        return f"{self.expression} of {self.module}"


def question_of(module: dict[str, Any]) -> Question:
    """The choices of the page, as those of ``rnnlint show``."""
    sizes = {"N": module["N"], "T": module["T"], "H": module["H"], "I": 2}
    return Question(module["cell"], module["layers"], module["directions"] == 2, module["batchFirst"], sizes=sizes)


def walked(every: int = 1, first: int = 0, modules: Sequence[int] = (), page: Path = PAGE) -> Iterator[list[Said]]:
    """Every ``every``-th reading from number ``first`` on, of the modules with these numbers (of all, for none).

    Those of one module together, in the order of the menus.  ``page`` is the folder of the scripts.  RuntimeError where
    these end with an exception.
    """
    command = ["node", str(WALK), str(page), str(every), str(first), *map(str, modules)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, encoding="utf-8") as running:
        assert running.stdout is not None
        try:
            yield from _grouped(running.stdout)
        except GeneratorExit:
            running.kill()  # nobody reads the rest
            raise
    if running.returncode:
        raise RuntimeError(f"node ended with status {running.returncode}")


def _grouped(lines: Iterable[str]) -> Iterator[list[Said]]:
    group: list[Said] = []
    for line in lines:
        said = json.loads(line)
        one = Said(said.pop("module"), said)
        if group and group[0].module != one.module:
            yield group
            group = []
        group.append(one)
    if group:
        yield group
