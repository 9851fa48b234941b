"""What ``rnnlint check`` says of a project, asked as its user would ask, in this process."""

from __future__ import annotations

import contextlib
import io
import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rnnlint import cli
from tests.projects.announcements import Announced, Named, Project, Spot


@dataclass(frozen=True, slots=True)
class Said:
    """One finding, and the places it names beside its own."""

    spot: Spot
    code: str
    message: str
    related: tuple[Spot, ...]

    def meets(self, want: Announced) -> bool:
        return (self.spot, self.code) == (want.spot, want.code) and want.part in self.message

    def names(self, line: Named) -> bool:
        return (self.spot[0], self.code) == (line.path, line.code) and line.spot in self.related


def checked(project: Project, *options: str) -> list[Said]:
    """The findings; the command is run in the project's folder.  Raises AssertionError where it fails."""
    out, err = io.StringIO(), io.StringIO()
    with _inside(project.folder), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            status = cli.main(["check", "--no-cache", "--output-format", "json", *options])
        except SystemExit as end:
            status = int(str(end.code))
    assert status in (0, 1), err.getvalue()
    return [
        Said(_spot(one), one["code"], one["message"], tuple(map(_spot, one["related"])))
        for one in json.loads(out.getvalue())
    ]


@contextlib.contextmanager
def _inside(folder: Path) -> Iterator[None]:
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


def _spot(found: dict[str, Any]) -> Spot:
    return found["filename"], found["cell"] or 0, found["location"]["row"]


def mismatches(project: Project, said: Iterable[Said]) -> list[str]:
    """What was announced and not said, and the other way round, and lines that no finding names; one line each."""
    left, every = list(said), list(said)
    out = []
    for want in project.announced:
        met = next((one for one in left if one.meets(want)), None)
        if met is None:
            out.append(f"{_where(want.spot)} | announced | {want.code} {want.part}")
        else:
            left.remove(met)
    out += [f"{_where(one.spot)} | reported | {one.code} {one.message}" for one in left]
    unnamed = [line for line in project.named if not any(one.names(line) for one in every)]
    return out + [f"{_where(line.spot)} | not named | by {line.code} in {line.path}" for line in unnamed]


def _where(spot: Spot) -> str:
    path, cell, line = spot
    return f"{path}:cell {cell}:{line}" if cell else f"{path}:{line}"
