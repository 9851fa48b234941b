"""The benchmark of the server: what it measures on is a model that can be analysed, and what cannot be read is said."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

pytest.importorskip("lsprotocol", reason="the server's own constants are part of what is printed")

from benchmarks import server
from rnnlint.linter import lint


def test_the_model_is_as_long_as_it_is_asked_to_be() -> None:
    text = server.model(500)
    assert 400 <= text.count("\n") <= 500
    report = lint(text)
    assert report.not_analysed is None
    assert report.modules.seen > 10


def test_a_file_that_is_not_there_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert server.main([str(tmp_path / "none.py")]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="not Linux")
def test_processor_time_is_counted() -> None:
    before = server.processor_time(os.getpid())
    while server.processor_time(os.getpid()) < before + 0.05:
        sum(range(10_000))
