"""What the tests of the command are given."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.checking.running import Check


@pytest.fixture
def check(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Check:
    """The command, run in an empty folder that is no git repository."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    return Check(tmp_path, capsys)
