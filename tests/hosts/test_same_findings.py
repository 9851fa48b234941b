"""The same findings whatever the number of jobs and the hash seed."""

from __future__ import annotations

from functools import cache

from tests.hosts.running import ROOT, flake8

FOLDERS = ("fixtures/claims", "fixtures/demo", *(f"fixtures/rules/RNN{number}" for number in (102, 402)))
"""Files enough that each of two jobs gets many: flake8 deals files out, and what is found in one asks no other."""


@cache
def findings(jobs: int, seed: int) -> str:
    run = flake8(
        "--isolated", "--select=RNN", "--max-line-length=120", f"--jobs={jobs}", "--rnnlint-all-configurations",
        *FOLDERS, cwd=ROOT, PYTHONHASHSEED=str(seed),
    )  # fmt: skip
    assert run.stderr == ""
    return run.stdout


def test_there_is_something_to_compare() -> None:
    assert findings(jobs=1, seed=0).count("RNN") > 50


def test_jobs_and_hash_seeds() -> None:
    """Both at once: each run lints these fixtures.  Everything that is said of findings, by two seeds:
    tests/explaining/test_findings.py."""
    assert findings(jobs=2, seed=1) == findings(jobs=1, seed=0)
