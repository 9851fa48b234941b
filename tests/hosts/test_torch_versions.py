"""docs/torch-versions.md is what its results say, and its results are what torch says."""

from __future__ import annotations

import itertools
import json
import re
from pathlib import Path

import pytest

from tests.hosts.running import ROOT, python
from tools.torch_versions import FACTS, PAGE, Confirmed, Counts, Fact, Result, confirmed, outcome, page, read, results

HELD = results(PAGE.read_text(encoding="utf-8"))

GOOD = Result("2.9.0", "3.11.7", Counts(7, 0, {}), Confirmed(["RNN102"], {}, []), {"1": "1"})
BAD = Result(
    "2.3.0+cpu",
    "3.11.7",
    Counts(5, 1, {"tests/oracle/test_chains.py::test_drawn": 2}),
    Confirmed([], {"RNN102": ["the halves are equal"]}, ["RNN504"]),
    {"1": "2"},
)


def test_the_page_is_made_of_its_results() -> None:
    assert page(HELD) == PAGE.read_text(encoding="utf-8")


def test_every_row_is_a_version_of_the_session() -> None:
    versions = re.findall(r'nox\.param\("([\d.]+)"', (ROOT / "noxfile.py").read_text(encoding="utf-8"))
    rows = [result.release for result in HELD]
    assert rows
    assert rows == [version for version in versions if version in rows]


def test_torch_does_here_what_is_recorded() -> None:
    torch = pytest.importorskip("torch")
    here = [result for result in HELD if result.order[:2] == tuple(map(int, torch.__version__.split(".")[:2]))]
    if not here:
        pytest.skip(f"torch {torch.__version__} has no row")
    assert here[0].facts == {fact.expression: outcome(fact.expression) for fact in FACTS}


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: fact.expression)
def test_a_fact_changed_in_the_releases_named(fact: Fact) -> None:
    """Each change between neighbouring rows is explained by one release between them, the newer row included."""
    named = [tuple(map(int, release.split("."))) for release in fact.since]
    for before, after in itertools.pairwise(HELD):
        between = [release for release in named if before.order[:2] < release <= after.order[:2]]
        changed = before.facts[fact.expression] != after.facts[fact.expression]
        assert len(between) == changed, (before.release, after.release)


def test_rows_are_in_the_order_of_the_versions() -> None:
    written = page([GOOD, BAD])
    assert [one.release for one in results(written)] == ["2.3.0", "2.9.0"]
    assert written == page([BAD, GOOD])


def test_what_failed_is_shown() -> None:
    written = page([GOOD, BAD])
    assert "| 2.3.0 | 3.11.7 | 5 | 2 | 0 confirmed, RNN102 refuted, 1 not run |" in written
    assert "- `tests/oracle/test_chains.py::test_drawn` (2 times)" in written
    assert "- RNN102: the halves are equal" in written
    assert "Nothing." in page([GOOD])


def test_a_result_survives_its_line() -> None:
    assert read(BAD.line()) == BAD
    assert (GOOD.good, BAD.good) == (True, False)


def test_verdicts_of_confirm() -> None:
    claims = [{"text": "equal", "held": False}, {"text": "shorter", "held": True}]
    rules = [
        {"code": "RNN102", "verdict": "confirmed", "claims": []},
        {"code": "RNN102", "verdict": "refuted", "claims": claims},
        {"code": "RNN103", "verdict": "confirmed", "claims": []},
        {"code": "RNN104", "verdict": "not run", "claims": []},
    ]
    assert confirmed(json.dumps({"rules": rules})) == Confirmed(["RNN103"], {"RNN102": ["equal"]}, ["RNN104"])
    assert confirmed("", "Traceback\nno such device\n").error == "no such device"


def test_tests_are_counted(tmp_path: Path) -> None:
    (tmp_path / "test_some.py").write_text(
        "import pytest\n"
        "@pytest.mark.parametrize('n', [1, 2, 3])\n"
        "def test_small(n): assert n < 2\n"
        "def test_skipped(): pytest.skip('no')\n",
        encoding="utf-8",
    )
    (tmp_path / "test_broken.py").write_text("import nothing_of_this_name\n", encoding="utf-8")
    program = "import sys; from tools.torch_versions import run_tests; print(run_tests(sys.argv[1:]))"
    run = python("-c", program, str(tmp_path), cwd=ROOT)
    counted = run.stdout.splitlines()[-1]
    assert counted.startswith("Counts(passed=1, skipped=1, failed={"), run.stdout + run.stderr
    assert "test_some.py::test_small': 2" in counted
    assert "test_broken.py': 1" in counted
