"""The two lists of the run: the pinned packages, and the findings that were judged."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TypeVar

from tools.tsv import BadInput, rows

VERDICTS = ("true", "arguable", "false")
INSTALLED = "installed"  # in place of a hash: the package that is installed is looked at


@dataclass(frozen=True, slots=True)
class Package:
    """A release as the package index has it; ``python`` is the version whose wheels are asked for."""

    package: str
    version: str
    python: str
    sha256: str

    @property
    def installed(self) -> bool:
        """Whether the package that is installed here is looked at, and nothing is downloaded."""
        return self.sha256 == INSTALLED

    def __str__(self) -> str:
        return f"{self.package} {self.version}"


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where a finding stands, and which it is."""

    package: str
    version: str
    path: str
    line: int
    code: str

    def __str__(self) -> str:
        return f"{self.package} {self.path}:{self.line} {self.code}"


@dataclass(frozen=True, slots=True)
class Judged:
    """A finding with its verdict: ``true`` (a mistake, or what the code promises to name), ``arguable``, ``false``."""

    place: Place
    verdict: str
    reason: str


_Row = TypeVar("_Row")
PACKAGE_COLUMNS = tuple(field.name for field in fields(Package))
ACCEPTED_COLUMNS = (*(field.name for field in fields(Place)), "verdict", "reason")


def read_packages(path: Path) -> list[Package]:
    """The pinned packages.  Raises BadInput."""
    found: list[Package] = []
    for where, row in rows(path, PACKAGE_COLUMNS):
        package = Package(**row)
        if any(known.package == package.package for known in found):
            raise BadInput(f"{where}: {package.package} is listed twice")
        # because a hash that is cut short would make pip fail with words about requirements files
        if not package.installed and not re.fullmatch(r"[0-9a-f]{64}", package.sha256):
            raise BadInput(f"{where}: sha256 is 64 hexadecimal digits or {INSTALLED!r}, not {package.sha256!r}")
        if not re.fullmatch(r"3\.\d+", package.python):
            raise BadInput(f"{where}: python is a version like 3.11, not {package.python!r}")
        found.append(package)
    return found


def read_accepted(path: Path, packages: Sequence[Package]) -> list[Judged]:
    """The judged findings, all of them of pinned packages.  Raises BadInput."""
    pinned = {package.package: package.version for package in packages}
    found: list[Judged] = []
    for where, row in rows(path, ACCEPTED_COLUMNS):
        name, version = row["package"], row["version"]
        if name not in pinned:
            raise BadInput(f"{where}: {name} is not among the packages")
        if pinned[name] != version:
            raise BadInput(f"{where}: {name} is pinned to {pinned[name]}, not to {version}: judge its findings again")
        # isdigit, because int takes blanks, signs and underscores too
        if not row["line"].isdigit() or row["line"] == "0":
            raise BadInput(f"{where}: line is a number from 1, not {row['line']!r}")
        if not re.fullmatch(r"RNN\d{3}", row["code"]):
            raise BadInput(f"{where}: code is one like RNN102, not {row['code']!r}")
        if row["verdict"] not in VERDICTS:
            raise BadInput(f"{where}: verdict is one of {', '.join(VERDICTS)}, not {row['verdict']!r}")
        if not row["reason"].strip():
            raise BadInput(f"{where}: there is no reason")
        place = Place(name, version, row["path"], int(row["line"]), row["code"])
        found.append(Judged(place, row["verdict"], row["reason"]))
    return found


def write_accepted(path: Path, judged: Sequence[Judged]) -> None:
    """Write a list of judged findings, in order of their places.  An empty verdict is one still to be given."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter="\t", quoting=csv.QUOTE_NONE, lineterminator="\n", quotechar=None)
        writer.writerow(ACCEPTED_COLUMNS)
        for row in sorted(judged, key=lambda row: row.place):
            place = row.place
            writer.writerow((place.package, place.version, place.path, place.line, place.code, row.verdict, row.reason))
