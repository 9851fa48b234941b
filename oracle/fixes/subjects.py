"""The programs whose fixes are tried: fixtures, the rules' pages, those of a folder, and drawn ones."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import torch

from oracle.fixes.guessing import guessed
from oracle.programs.draw import Program, draw
from oracle.variations.running import Drive
from rnnlint.rules import registry
from rnnlint.rules.pages import program

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
_FOLDERS = ("rules", "constructs", "claims", "demo")  # whose files are programs by themselves
_TOO_LARGE = "original_sizes.py"  # the claims of others again, with 1,024 samples: their labels would take 70 GB
_WRONG = "*_bad.py"  # of a folder that holds right programs too


@dataclass(frozen=True, slots=True)
class Subject:
    """A program by its name; ``drive`` runs what it only defines, and ``drawn`` is what a drawn one has to say."""

    name: str
    text: str
    drive: Drive | None = None
    drawn: Program | None = None


def fixtures(under: str = "") -> Iterator[Subject]:
    """The fixtures that are single files, those below a folder of theirs where one is given."""
    for folder in [under] if under else _FOLDERS:
        for path in sorted((FIXTURES / folder).rglob("*.py")):
            if path.name == _TOO_LARGE:
                continue
            text = path.read_text(encoding="utf-8")
            yield Subject(path.relative_to(FIXTURES).as_posix(), text, guessed(text))


def pages() -> Iterator[Subject]:
    """The example of every rule's page."""
    for code, rule in registry().items():
        if not code.startswith("RNN9"):  # of the linter itself no program is one
            yield Subject(f"the page of {code}", program(rule, "Example"))


def wrong_ones(folders: Iterable[Path]) -> Iterator[Subject]:
    """The programs of folders whose names say that they are wrong."""
    for folder in folders:
        for path in sorted(folder.rglob(_WRONG)):
            text = path.read_text(encoding="utf-8")
            yield Subject(f"{folder.name}/{path.name}", text, guessed(text))


def drawn(count: int, seed: int) -> Iterator[Subject]:
    """Programs of ``oracle/programs``, run as they say."""
    for number in range(seed, seed + count):
        one = draw(random.Random(number))

        # where nothing says that the input has no batch, what is said is said of one
        def drive(scope: dict[str, object], expression: str = one.in_batch or one.declared) -> object:
            return eval(expression, {"torch": torch, **scope})

        yield Subject(f"drawn {number}", one.text, drive, one)
