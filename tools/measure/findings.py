"""What the linter says of the labelled files, and what the labels and the judged list say of that."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rnnlint.findings import Finding
from rnnlint.linter import lint
from rnnlint.settings import Settings
from tools.measure.labels import CHANGEABLE, WRONG, File, Row
from tools.measure.places import Module, Place, parsed_place, read_module, written
from tools.tsv import BadInput, rows

VERDICTS = ("true", "arguable", "false")
JUDGED_COLUMNS = ("repository", "commit", "path", "line", "code", "verdict", "reason")


@dataclass(frozen=True, slots=True, order=True)
class Where:
    """The place of a finding, and its code."""

    file: File
    place: Place
    code: str

    def __str__(self) -> str:
        return f"{self.file[0]} {self.file[2]}:{written(self.place, self.file[2])} {self.code}"


@dataclass(frozen=True, slots=True)
class Judged:
    """A finding that no label speaks of, with its verdict.

    ``true``: a mistake, or just what the code promises to name.  ``arguable``: so far as the file can show.
    """

    where: Where
    verdict: str
    reason: str


@dataclass(frozen=True, slots=True)
class Said:
    """A finding, and the places of the statement it stands in."""

    where: Where
    around: frozenset[Place]
    message: str


@dataclass(frozen=True, slots=True)
class Alarm:
    """A finding beside the labels where it stands and the verdict, if it has one."""

    said: Said
    rows: tuple[Row, ...]
    judged: Judged | None

    @property
    def code(self) -> str:
        """The rule's code."""
        return self.said.where.code

    @property
    def explained(self) -> tuple[Row, ...]:
        """The wrong rows that say just this."""
        return tuple(row for row in self.rows if row.verdict in WRONG and self.code in row.codes)

    @property
    def kind(self) -> str:
        """``right`` or ``false alarm`` by the labels, else a verdict by hand, else ``unjudged``."""
        if self.explained:
            return "right"
        # before the verdict by hand, because a label was given without having seen what the linter says
        if any(row.verdict == "ok" for row in self.rows):
            return "false alarm"
        return self.judged.verdict if self.judged else "unjudged"


def read_judged(path: Path, files: Iterable[File]) -> list[Judged]:
    """The findings judged by hand in ``files``.  Raises BadInput."""
    wanted = frozenset(files)
    found = []
    for at, cells in rows(path, JUDGED_COLUMNS):
        if not re.fullmatch(CHANGEABLE["report_line"], cells["line"]):
            raise BadInput(f"{at}: line is 17 or cell2:line101, not {cells['line']!r}")
        if not re.fullmatch(r"RNN\d{3}", cells["code"]):
            raise BadInput(f"{at}: code is one like RNN102, not {cells['code']!r}")
        if cells["verdict"] not in VERDICTS:
            raise BadInput(f"{at}: verdict is one of {', '.join(VERDICTS)}, not {cells['verdict']!r}")
        if not cells["reason"].strip():
            raise BadInput(f"{at}: there is no reason")
        file = (cells["repository"], cells["commit"], cells["path"])
        where = Where(file, parsed_place(cells["line"]), cells["code"])
        if file in wanted:
            found.append(Judged(where, cells["verdict"], cells["reason"]))
    return found


def location(root: Path, file: File) -> Path:
    """Where a labelled file lies: ``OWNER+NAME/COMMIT/PATH``."""
    repository, commit, path = file
    return root / repository.replace("/", "+") / commit / path


@dataclass(frozen=True, slots=True)
class Linted:
    """What the linter says of files, and how many of the recurrent modules they build it has seen and understood."""

    said: tuple[Said, ...]
    seen: int
    understood: int


def linted(root: Path, files: Iterable[File], settings: Settings) -> Linted:
    """What the linter says of files that are there."""
    said: list[Said] = []
    seen = understood = 0
    for file in files:
        path = location(root, file)
        module = read_module(path)
        report = lint(module.text, str(path), settings)
        seen, understood = seen + report.modules.seen, understood + report.modules.understood
        if report.not_analysed:  # no mistake of the linter's may pass as silence
            said.append(Said(Where(file, module.places[0], "RNN900"), frozenset(), report.not_analysed))
        for failure in report.internal:
            place = module.places[min(failure.line, len(module.places)) - 1]
            said.append(Said(Where(file, place, "RNN901"), frozenset(), f"{failure.what}: {failure.error}"))
        said += (_said(file, module, finding) for finding in report.findings)
    return Linted(tuple(said), seen, understood)


def _said(file: File, module: Module, finding: Finding) -> Said:
    place = module.places[min(finding.line, len(module.places)) - 1]
    return Said(Where(file, place, finding.code), module.around(place), finding.message)


def beside(said: Sequence[Said], labelled: Sequence[Row], judged: Sequence[Judged]) -> list[Alarm]:
    """Each finding with the rows in its statement (those in its line first) and its verdict."""
    here: Mapping[File, list[Row]] = defaultdict(list)
    for row in labelled:
        here[row.file].append(row)
    verdicts: dict[Where, list[Judged]] = defaultdict(list)
    for one in judged:
        verdicts[one.where].append(one)
    alarms = []
    for one_said in said:
        exact = [row for row in here[one_said.where.file] if row.place == one_said.where.place]
        near = [row for row in here[one_said.where.file] if row.place in one_said.around and row not in exact]
        known = verdicts[one_said.where]
        alarms.append(Alarm(one_said, (*exact, *near), known.pop(0) if known else None))
    return alarms


def gone(judged: Sequence[Judged], *runs: Sequence[Said]) -> list[Judged]:
    """The judged findings that no run has any more.  Two findings of one code in one line are two."""
    most: Counter[Where] = Counter()
    for run in runs:
        most |= Counter(said.where for said in run)
    left = []
    for one in judged:
        if most[one.where]:
            most[one.where] -= 1
        else:
            left.append(one)
    return left
