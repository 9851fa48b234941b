"""Every fixture is linted and run on torch: a fixture that lies about either fails."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest
import torch

from rnnlint.findings import Finding
from rnnlint.rules import registry
from tests.rules.expectations import expected, fixtures, linted, mismatches, named, raised, reasons

RULES = [*fixtures("rules"), *fixtures("constructs")]
EVERY = [*RULES, *fixtures("claims")]


@pytest.mark.parametrize("path", EVERY, ids=named)
def test_reports_what_is_announced_and_nothing_else(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    report = linted(path)
    assert report.not_analysed is None
    assert mismatches(text, report.findings) == []


@pytest.mark.filterwarnings("ignore:LSTM with projections:UserWarning")
@pytest.mark.filterwarnings("ignore:Implicit dimension choice for softmax:UserWarning")
@pytest.mark.filterwarnings("ignore:dropout option adds dropout:UserWarning")
@pytest.mark.parametrize("path", RULES, ids=named)
def test_runs_on_torch_as_it_says(path: Path) -> None:
    torch.manual_seed(0)
    error = raised(path.read_text(encoding="utf-8"))
    if error is None:
        runpy.run_path(str(path), run_name="__main__")
        return
    with pytest.raises(Exception) as caught:  # noqa: PT011 - which one, the fixture says
        runpy.run_path(str(path), run_name="__main__")
    assert caught.type.__name__ == error


@pytest.mark.parametrize("path", EVERY, ids=named)
def test_says_why_a_line_is_right(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert all(reasons(text).values())
    assert not set(reasons(text)) & {want.line for want in expected(text)}


@pytest.mark.parametrize("code", [code for code in registry() if not code.startswith("RNN9")])
def test_every_rule_has_lines_that_fire_and_lines_that_do_not(code: str) -> None:
    texts = [path.read_text(encoding="utf-8") for path in fixtures(f"rules/{code}")]
    assert any(want.code == code for text in texts for want in expected(text))
    assert any(reasons(text) for text in texts)


class TestGrammar:
    FINDING = Finding(1, 4, "RNN102", "last-step-of-bidirectional", "out[-1]: features 5:10 have read one step here")

    @pytest.mark.parametrize(
        "text",
        [
            "x = out[-1]  # error: [RNN102]",
            'x = out[-1]  # error: [RNN102] "features 5:10"',
            'x = out[-1]  # error: 5 [RNN102] "one step"',
        ],
    )
    def test_meets_a_finding(self, text: str) -> None:
        assert mismatches(text, [self.FINDING]) == []

    @pytest.mark.parametrize(
        "text",
        [
            "x = out[-1]",
            "\nx = out[-1]  # error: [RNN102]",
            "x = out[-1]  # error: [RNN103]",
            'x = out[-1]  # error: [RNN102] "features 0:5"',
            "x = out[-1]  # error: 4 [RNN102]",
        ],
    )
    def test_misses_a_finding(self, text: str) -> None:
        assert "1 | reported | RNN102 out[-1]: features 5:10 have read one step here" in mismatches(
            text, [self.FINDING]
        )

    def test_stacked_above(self) -> None:
        text = '# error: [RNN102] "5:10"\n# error: [RNN104]\nx = f(out[-1], h_n[-1])'
        assert [(want.line, want.code) for want in expected(text)] == [(3, "RNN102"), (3, "RNN104")]

    def test_a_comment_that_is_nearly_one(self) -> None:
        with pytest.raises(ValueError, match="line 1"):
            expected("x = out[-1]  # error: RNN102")
