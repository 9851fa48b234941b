"""The same findings whatever the number of jobs and the hash seed."""

from __future__ import annotations

from functools import cache

import pytest

from tests.hosts.running import ROOT, flake8


@cache
def findings(jobs: int, seed: int) -> str:
    run = flake8(
        "--isolated", "--select=RNN", "--max-line-length=120", f"--jobs={jobs}", "--rnnlint-all-configurations",
        "fixtures", cwd=ROOT, PYTHONHASHSEED=str(seed),
    )  # fmt: skip
    assert run.stderr == ""
    return run.stdout


def test_there_is_something_to_compare() -> None:
    assert findings(jobs=1, seed=0).count("RNN") > 50


def test_jobs() -> None:
    assert findings(jobs=2, seed=0) == findings(jobs=1, seed=0)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_hash_seeds(seed: int) -> None:
    assert findings(jobs=1, seed=seed) == findings(jobs=1, seed=0)
