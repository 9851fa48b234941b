"""What the files of a test project say of themselves.

A project is a folder of ``fixtures/projects``: files as people write them, each with the marks of ``tests/rules``'
fixtures (``# error: [RNN102]``, ``# ok: reason``).  Besides: ``# related: model.py [RNN102]`` marks a line that the
finding in that file names as a place it rests on; ``# runs`` as the first line, a file that is run, alone and from its
own folder, and ``# raises TypeError`` as the next one, that its run ends so.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.rules.expectations import FIXTURES, expected, reasons

PROJECTS = FIXTURES / "projects"

Spot = tuple[str, int, int]  # path within the project, cell (counted from 1 and in every kind; 0 in a file), line

_RELATED = re.compile(r"# related: (?P<path>\S+) \[(?P<code>RNN\d{3})\]")
_RAISES = re.compile(r"^# raises (\w+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Text:
    """A file, or a cell of a notebook."""

    path: str
    cell: int
    text: str


@dataclass(frozen=True, slots=True)
class Announced:
    """A finding, where it should stand."""

    spot: Spot
    code: str
    part: str


@dataclass(frozen=True, slots=True)
class Named:
    """A line that a finding of ``code`` in the file ``path`` names as related."""

    spot: Spot
    path: str
    code: str


@dataclass(frozen=True, slots=True)
class Project:
    """A test project, as it announces itself."""

    folder: Path
    texts: tuple[Text, ...]

    @property
    def announced(self) -> list[Announced]:
        return [
            Announced((one.path, one.cell, want.line), want.code, want.part)
            for one in self.texts
            for want in expected(one.text)
        ]

    @property
    def right(self) -> dict[Spot, str]:
        """The lines marked right, with their reason."""
        return {(one.path, one.cell, line): why for one in self.texts for line, why in reasons(one.text).items()}

    @property
    def named(self) -> list[Named]:
        return [
            Named((one.path, one.cell, number), match["path"], match["code"])
            for one in self.texts
            for number, line in enumerate(one.text.splitlines(), start=1)
            for match in _RELATED.finditer(line)
        ]

    @property
    def entries(self) -> list[str]:
        """The files that are run."""
        starts = [one.path for one in self.texts if re.match("# runs$", one.text, re.MULTILINE)]
        return list(dict.fromkeys(starts))

    def of(self, path: str) -> list[Text]:
        """A file, or the code cells of a notebook."""
        return [one for one in self.texts if one.path == path]

    def raises(self, path: str) -> str | None:
        """The exception that a run of the file ends with."""
        match = _RAISES.search(self.of(path)[0].text)
        return match[1] if match else None


def projects() -> list[Project]:
    """All of them."""
    folders = sorted(path for path in PROJECTS.iterdir() if path.is_dir())
    return [Project(folder, tuple(_texts(folder))) for folder in folders]


def _texts(folder: Path) -> Iterator[Text]:
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.suffix == ".py":
            yield Text(name, 0, path.read_text(encoding="utf-8"))
        elif path.suffix == ".ipynb":
            cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
            for number, cell in enumerate(cells, start=1):
                if cell["cell_type"] == "code":
                    yield Text(name, number, "".join(cell["source"]))
