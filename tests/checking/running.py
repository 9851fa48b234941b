"""``rnnlint check`` in this process, as a user runs it in a folder."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from rnnlint import cli
from tests.hosts.running import rows


@dataclass(frozen=True)
class Ran:
    """What a run has printed, and its exit status."""

    status: int
    out: str
    err: str

    @property
    def found(self) -> list[tuple[str, int, int, str]]:
        """(file name, line, column, code) of each line of standard output."""
        return rows(self.out)

    @property
    def refused(self) -> list[str]:
        """Of what a line of standard error says why nothing can be said of it."""
        lines = [line.split(": ", 2) for line in self.err.splitlines()]
        assert all(len(parts) == 3 and parts[0] == "rnnlint check" for parts in lines), self.err
        return [path for _, path, _ in lines]


class Check:
    """The command, in a folder of its own."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self._capsys = capsys

    def __call__(self, *arguments: str, command: str = "check") -> Ran:
        try:
            status = cli.main([command, *arguments])
        except SystemExit as end:
            status = int(str(end.code))
        return Ran(status, *self._capsys.readouterr())

    def write(self, name: str, content: str | bytes) -> Path:
        """A file, and the folders it is in."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path
