"""A mistake of rnnlint's own costs one word or one value, and is said."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

import pytest

from rnnlint import cli, judge
from rnnlint.failures import Failures
from rnnlint.interpret.evaluate import dispatch
from rnnlint.linter import lint
from rnnlint.report import Report
from rnnlint.rules import hits, registry
from rnnlint.rules.rule import Hit
from rnnlint.source import program as ir
from rnnlint.torch_api.registry import OPERATIONS

ROOT = Path(__file__).resolve().parents[2]

# two mistakes in two methods (RNN102 at lines 13 and 18), and an operation, a subscript and a loop between
MODEL = """\
import torch
from torch import nn


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn = nn.GRU(4, 8, batch_first=True, bidirectional=True)
        self.fc = nn.Linear(16, 2)

    def forward(self, x):
        output, h_n = self.rnn(x)
        late = self.fc(output[:, -1])
        return late + torch.relu(h_n[-1]).sum()

    def other(self, x):
        output, h_n = self.rnn(x)
        return self.fc(output[:, -1])
"""
CLEAN = [("RNN102", 13), ("RNN102", 18)]


def found(report: Report) -> list[tuple[str, int]]:
    return [(finding.code, finding.line) for finding in report.findings]


def internal(report: Report) -> list[tuple[int, str, str]]:
    return [(one.line, one.what, one.error) for one in report.internal]


def fail(*_: object, **__: object) -> NoReturn:
    raise KeyError("planted\nin two lines")


def test_nothing_fails_here() -> None:
    report = lint(MODEL)
    assert found(report) == CLEAN
    assert report.internal == ()


class TestPlanted:
    def test_in_a_rule(self, monkeypatch: pytest.MonkeyPatch) -> None:
        text = MODEL + "\n\nother = nn.GRU(4, 8, dropout=0.5)\n"
        checks = hits._checks()
        broken = {
            event: [replace(rule, check=fail) if rule.code == "RNN102" else rule for rule in rules]
            for event, rules in checks.items()
        }
        monkeypatch.setattr(hits, "_checks", lambda: broken)
        report = lint(text)
        assert report.not_analysed is None
        assert found(report) == [("RNN503", 21)]
        error = "KeyError: 'planted\\nin two lines'"
        assert internal(report) == [(12, "RNN102", error), (17, "RNN102", error)]

    def test_in_a_rule_at_one_place(self, monkeypatch: pytest.MonkeyPatch) -> None:
        rule = registry()["RNN102"]
        first: list[object] = []

        def sometimes(event: object) -> Iterator[Hit]:
            for hit in rule.check(event):
                first[:] = first or [hit.site.node]
                if hit.site.node == first[0]:
                    raise IndexError("tuple index out of range")
                yield hit

        broken = {
            event: [replace(one, check=sometimes) if one.code == "RNN102" else one for one in rules]
            for event, rules in hits._checks().items()
        }
        monkeypatch.setattr(hits, "_checks", lambda: broken)
        report = lint(MODEL)
        assert found(report) == [("RNN102", 18)]
        assert internal(report) == [(12, "RNN102", "IndexError: tuple index out of range")]

    def test_in_an_operation(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for name in ("torch.relu", "Tensor.relu"):
            monkeypatch.setitem(OPERATIONS, name, replace(OPERATIONS[name], run=fail))
        report = lint(MODEL)
        assert found(report) == CLEAN
        assert internal(report) == [(14, "the analysis of a call", "KeyError: 'planted\\nin two lines'")]
        assert "in fail" in report.internal[0].trace

    def test_what_went_into_the_operation_counts_as_used(self, monkeypatch: pytest.MonkeyPatch) -> None:
        text = MODEL.replace("output[:, -1]", "torch.cat((h_n[-1], torch.relu(h_n[-2])), -1)")
        assert found(lint(text)) == []
        for name in ("torch.relu", "Tensor.relu"):
            monkeypatch.setitem(OPERATIONS, name, replace(OPERATIONS[name], run=fail))
        report = lint(text)
        assert found(report) == []  # above all not RNN104: only one direction is used
        assert [line for line, _, _ in internal(report)] == [13, 14, 18]

    def test_in_the_interpreter(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(dispatch.EVALUATORS, ir.Binary, fail)
        report = lint(MODEL)
        assert found(report) == CLEAN
        assert internal(report) == [(14, "the analysis of an operation", "KeyError: 'planted\\nin two lines'")]

    def test_in_a_statement(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(dispatch.EXECUTORS, ir.For, fail)
        text = MODEL.replace("        return late", "        for late in h_n:\n            pass\n        return late")
        report = lint(text)
        assert found(report) == [("RNN102", 13), ("RNN102", 20)]
        assert internal(report) == [(14, "the analysis of a statement", "KeyError: 'planted\\nin two lines'")]

    def test_where_a_message_is_made(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(judge, "message", fail)
        report = lint(MODEL)
        assert found(report) == []
        assert [(line, what) for line, what, _ in internal(report)] == [(13, "RNN102"), (18, "RNN102")]

    def test_where_modules_are_counted(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(judge, "fates", fail)
        report = lint(MODEL)
        assert found(report) == CLEAN
        assert [what for _, what, _ in internal(report)] == ["the count of modules"]


def test_a_failure_is_kept_once_a_place() -> None:
    failures = Failures()
    for place in ("a", "b", "a"):
        with failures.contained("it", place):
            raise ValueError
    assert [(one.what, one.where, one.error) for one in failures.kept.values()] == [
        ("it", "a", "ValueError"),
        ("it", "b", "ValueError"),
    ]


PLANT = """\
import sys
from dataclasses import replace
from rnnlint.torch_api import catalogue
from rnnlint.torch_api.registry import OPERATIONS


def fail(*_):
    raise KeyError("planted")


for name in ("torch.relu", "Tensor.relu"):
    OPERATIONS[name] = replace(OPERATIONS[name], run=fail)
from {module} import main

sys.exit(main({arguments!r}))
"""


def planted(module: str, arguments: list[str], cwd: Path) -> subprocess.CompletedProcess[str]:
    """A host run on its command line, with a mistake in ``torch.relu``."""
    script = PLANT.format(module=module, arguments=arguments)
    command = [sys.executable, "-W", "ignore", "-c", script]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)


class TestHosts:
    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        (tmp_path / "model.py").write_text(MODEL, encoding="utf-8")
        return tmp_path

    @pytest.mark.parametrize("select", [(), ("--select=RNN",)])
    def test_flake8_says_it_by_default_with_the_findings(self, folder: Path, select: tuple[str, ...]) -> None:
        run = planted("flake8.main.cli", ["--isolated", "-j1", *select, "model.py"], folder)
        assert (run.stderr, run.returncode) == ("", 1)
        codes = [line.split()[:2] for line in run.stdout.splitlines()]
        assert codes == [["model.py:13:24:", "RNN102"], ["model.py:14:1:", "RNN901"], ["model.py:18:24:", "RNN102"]]
        (said,) = (line for line in run.stdout.splitlines() if "RNN901" in line)
        assert "the analysis of a call failed (KeyError: 'planted')" in said
        assert "`rnnlint traceback FILE`" in said
        assert len(said.partition(" ")[2]) <= 120

    def test_it_is_silenced_on_its_line(self, folder: Path) -> None:
        text = MODEL.replace(".sum()", ".sum()  # noqa: RNN901")
        (folder / "model.py").write_text(text, encoding="utf-8")
        run = planted("flake8.main.cli", ["--isolated", "-j1", "--select=RNN901", "model.py"], folder)
        assert (run.stdout, run.stderr, run.returncode) == ("", "", 0)

    def test_the_command_that_shows_why(self, folder: Path) -> None:
        run = planted("rnnlint.cli", ["traceback", "model.py"], folder)
        assert (run.stderr, run.returncode) == ("", 1)
        assert run.stdout.startswith("model.py:14: the analysis of a call failed: KeyError: 'planted'\nTraceback")
        assert "in fail\n" in run.stdout
        assert "libcst 1." in run.stdout
        assert "Please report this" in run.stdout


class TestTraceback:
    def test_where_nothing_fails(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        (tmp_path / "model.py").write_text(MODEL, encoding="utf-8")
        assert cli.main(["traceback", str(tmp_path / "model.py")]) == 0
        assert capsys.readouterr().out == "no internal error\n"

    @pytest.mark.parametrize("content", [None, b"\xff\xfe\x00", b"# coding: nonsense\n"])
    def test_bad_input_is_one_line(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes | None
    ) -> None:
        if content is not None:
            (tmp_path / "model.py").write_bytes(content)
        assert cli.main(["traceback", str(tmp_path / "model.py")]) == 2
        said = capsys.readouterr()
        assert said.out == ""
        assert said.err.startswith("rnnlint traceback: ")
        assert said.err.count("\n") == 1
