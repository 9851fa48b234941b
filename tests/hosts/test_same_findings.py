"""The same findings whatever the number of jobs and the hash seed."""

from __future__ import annotations

from functools import cache

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


def test_jobs_and_hash_seeds() -> None:
    """Both at once: each run lints every fixture.  More seeds, of fewer fixtures: tests/explaining/test_findings.py."""
    assert findings(jobs=2, seed=1) == findings(jobs=1, seed=0)
