"""A program rewritten, run on torch beside the original, and linted beside it."""

from __future__ import annotations

import enum
import random
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice, pairwise
from pathlib import Path

import libcst as cst
import torch

from oracle.programs.draw import draw
from oracle.variations.places import Compared, Found, compared, findings, marked, unmarked
from oracle.variations.rewrite import Rewrite
from oracle.variations.running import Drive, Ran, dies, difference, run
from rnnlint.linter import lint


class Checked(enum.Enum):
    """What torch says of a rewritten program."""

    SAME = "same values"
    REFUSED = "other values"
    NOT_RUN = "the program runs nothing"


@dataclass(frozen=True, slots=True)
class Variation:
    """A program rewritten by ``rewrites`` in turn; ``why`` torch refuses it."""

    program: str
    rewrites: tuple[str, ...]
    text: str
    checked: Checked
    why: str = ""
    compared: Compared | None = None


@dataclass(slots=True)
class Program:
    """A program, and what is asked of it once: its findings and its values."""

    name: str
    text: str
    drive: Drive | None = None
    _written: dict[tuple[str, ...], cst.Module | None] = field(default_factory=dict)
    _before: Counter[Found] | None = None
    _ran: Ran | None = None

    def written(self, rewrites: Sequence[Rewrite]) -> cst.Module | None:
        """The numbered program after these rewrites; None where one of them does not apply."""
        names = tuple(one.name for one in rewrites)
        if names not in self._written:
            if not rewrites:
                self._written[names] = marked(self.text)
            else:
                before = self.written(rewrites[:-1])
                after = before and rewrites[-1].apply(before)
                # parsed again, so that what a rewrite has put together of pieces is what its text says
                self._written[names] = cst.parse_module(after.code) if after else None
        return self._written[names]

    @property
    def before(self) -> Counter[Found]:
        """The findings, by the numbers of their lines."""
        if self._before is None:
            self._before = said(marked(self.text).code)
        return self._before

    @property
    def ran(self) -> Ran:
        """The run of the program as it is."""
        if self._ran is None:
            self._ran = Ran() if dies(self.text) else run(self.text, self.drive)
        return self._ran


def said(text: str) -> Counter[Found]:
    """The findings of every rule in a numbered program."""
    return findings(text, ((finding.line, finding.code) for finding in lint(text, "program.py").findings))


def varied(program: Program, rewrites: Sequence[Rewrite]) -> Variation | None:
    """The program rewritten and judged; None where a rewrite does not apply."""
    after = program.written(rewrites)
    if after is None:
        return None
    names = tuple(one.name for one in rewrites)
    checked, why = _checked(program, after.code)
    if checked is Checked.REFUSED:
        return Variation(program.name, names, unmarked(after.code), checked, why)
    found = compared(program.before, said(after.code), any(one.shares for one in rewrites))
    return Variation(program.name, names, unmarked(after.code), checked, why, found)


def _checked(program: Program, text: str) -> tuple[Checked, str]:
    try:
        compile(text, "program.py", "exec")
    except SyntaxError as error:
        return Checked.REFUSED, f"no program: {error}"
    if not program.ran.tells:
        return Checked.NOT_RUN, ""
    why = difference(program.ran, run(text, program.drive))
    return (Checked.REFUSED, why) if why else (Checked.SAME, "")


def of_files(paths: Iterable[Path]) -> Iterator[Program]:
    """The programs of files and folders, in the order of their names."""
    for path in paths:
        for file in sorted(path.rglob("*.py")) if path.is_dir() else [path]:
            yield Program(f"{file.parent.name}/{file.name}", file.read_text(encoding="utf-8"))


def drawn(count: int, seed: int) -> Iterator[Program]:
    """Programs of ``oracle/programs``, run as they say."""
    for number in range(seed, seed + count):
        program = draw(random.Random(number))

        def drive(scope: dict[str, object], declared: str = program.declared) -> object:
            return eval(declared, {"torch": torch, **scope})

        yield Program(f"drawn {number}", program.text, drive)


def variations(
    programs: Iterable[Program], rewrites: Sequence[Rewrite], seed: int, most: int | None, two: bool
) -> Iterator[Variation]:
    """Each program rewritten by each that applies, at most ``most`` of them, drawn; or by as many drawn pairs."""
    for program in programs:
        yield from islice(_drawn_of(program, rewrites, random.Random(f"{seed} {program.name}"), two), most)


def _drawn_of(program: Program, rewrites: Sequence[Rewrite], rng: random.Random, two: bool) -> Iterator[Variation]:
    """In an order that is drawn, so that the first few are a sample; made one by one, because each takes time."""
    order = rng.sample(rewrites, len(rewrites))
    if not two:
        chosen: Iterable[list[Rewrite]] = [[one] for one in order]
    else:
        applying = (one for one in order if program.written([one]) is not None)
        # each with the one before it, so that a pair costs one more rewrite and not two
        chosen = ([first, second] for first, second in pairwise(applying))
    for one in chosen:
        variation = varied(program, one)
        if variation is not None:
            yield variation
