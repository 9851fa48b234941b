"""What is meant to be so is waived: by a comment, as flake8 reads it, by name, by a marker, for a project."""

from __future__ import annotations

import importlib.util
import linecache
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from rnnlint.runtime import audit
from rnnlint.runtime.auditing.names import UnknownNameError
from rnnlint.runtime.auditing.noqa import silenced
from rnnlint.runtime.auditing.project import BadProjectError, Project
from rnnlint.runtime.auditing.report import Found
from tests.hosts.running import flake8, python, rows

HEAD = """\
from torch import nn


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn = nn.GRU(3, 5, batch_first=True, bidirectional=True)
        self.head = nn.Linear(10, 2)

    def forward(self, x):
        output, _ = self.rnn(x)
"""
# Where each comment could go wrong: each line has one RNN102.
LINES = """\
        a = self.head(output[:, -1])
        b = self.head(output[:, -1])  # noqa: RNN102
        c = self.head(output[:, -1])  # noqa
        d = self.head(output[:, -1])  # NoQA:RNN102,E501
        e = self.head(output[:, -1])  # noqa: E501, RNN1
        f = self.head(output[:, -1])  # noqa: E501
        g = self.head(output[:, -1])  # noqa: RNN101
        h = self.head(output[:, -1])  # noqa: one-step-read
        i = self.head(output[:, -1])  # noqa: rnn102
        j = self.head(output[:, -1])  # noqa : RNN101
        k = self.head(output[:, -1])  #noqa
        l = self.head(output[:, -1])  # a reason # noqa: RNN102 and more
        m = self.head(
            output[:, -1]
        )  # noqa: RNN102
        n = self.head(
            output[:, -1]
        )
        o = self.head(output[:, -1]), '''
        # noqa: RNN102
        '''
        # noqa: RNN102
        p = self.head(output[:, -1])
"""
RETURN = "        return a + b + c + d + e + f + g + h + i + j + k + l + m + n + o[0] + p\n"


def loaded(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class TestComments:
    @pytest.mark.parametrize("first", ["", "# flake8: noqa\n", "#flake8: noqa\n", "x = 3  # flake8: noqa\n"])
    def test_the_audit_silences_what_flake8_silences(self, tmp_path: Path, first: str) -> None:
        path = tmp_path / "model.py"
        path.write_text(first + HEAD + LINES + RETURN, encoding="utf-8")
        said = {
            line for _, line, _, _ in rows(flake8("--isolated", "--select=RNN102", "model.py", cwd=tmp_path).stdout)
        }
        report = audit(loaded(path).Model(), torch.randn(4, 7, 3))
        assert {one.place.line for one in report.findings} == said
        waived = [one.what.place for one in report.waived if isinstance(one.what, Found)]
        assert len(report.findings) + len(waived) == LINES.count("[:, -1]")
        assert 0 < len(said) < LINES.count("[:, -1]") or first == "# flake8: noqa\n"

    @given(
        st.lists(
            st.sampled_from(["# noqa", "# NOQA", "#noqa", ":", " ", ",", "RNN102", "RNN1", "E501", "rnn102", "x", "-"]),
            max_size=7,
        ).map("".join)
    )
    def test_one_line(self, comment: str) -> None:
        from flake8.violation import Violation

        line = f"x = 1  # {comment}\n"
        name = f"comment {comment}"
        linecache.cache[name] = (len(line), None, [line], name)
        try:
            for code in ("RNN102", "RNN203"):
                theirs = Violation(code, name, 1, 0, "", line).is_inline_ignored(disable_noqa=False)
                assert silenced(name, 1, code) is theirs
        finally:
            del linecache.cache[name]

    def test_a_concern_by_a_comment_without_a_code(self, tmp_path: Path) -> None:
        """Concerns have no codes, and their line is that of the recurrent call."""
        path = tmp_path / "quiet.py"
        body = "        a = self.head(output[:, -1])  # noqa: RNN102\n        return a\n"
        for comment, concerns in (("", 1), ("  # noqa: RNN102", 1), ("  # noqa", 0)):
            path.write_text(HEAD.rstrip() + comment + "\n" + body, encoding="utf-8")
            linecache.checkcache(str(path))
            report = audit(loaded(path).Model(), torch.randn(4, 7, 3))
            assert (len(report.findings), len(report.concerns)) == (0, concerns)
            assert len(report.waived) == 2 - concerns
            assert str(report).startswith(f"rnnlint audit: 0 findings, {concerns} concern")
            assert f", {2 - concerns} waived" in str(report)

    def test_a_file_without_a_source(self) -> None:
        assert not silenced("<nowhere>", 3, "RNN102")


class TestAllow:
    @staticmethod
    def made(folder: Path) -> torch.nn.Module:
        path = folder / "plain.py"
        path.write_text(HEAD + "        return self.head(output[:, -1])\n", encoding="utf-8")
        found: torch.nn.Module = loaded(path).Model()
        return found

    @pytest.mark.parametrize(
        ("allow", "left"),
        [
            ([], ["RNN102", "one-step-read"]),
            (["RNN102"], ["one-step-read"]),
            (["rnn1"], ["one-step-read"]),
            (["last-step-of-bidirectional"], ["one-step-read"]),
            ("one-step-read", ["RNN102"]),
            (["RNN", "one-step-read"], []),
            (("RNN3", "mixed-samples"), ["RNN102", "one-step-read"]),
        ],
        ids=str,
    )
    def test_names(self, tmp_path: Path, allow: str | Sequence[str], left: list[str]) -> None:
        report = audit(self.made(tmp_path), torch.randn(4, 7, 3), allow=allow)
        assert [*(one.code for one in report.findings), *(one.name for one in report.concerns)] == left
        assert len(report.waived) == 2 - len(left)
        assert report.ok is (not left)

    @pytest.mark.parametrize(
        ("allow", "said"),
        [
            (["random"], "unknown name 'random' in allow: did you mean 'random-evaluation'?"),
            (["RNN19"], "unknown name 'RNN19' in allow: did you mean 'RNN109'?"),
            ([102], "allow takes names, not 102"),
            (3, "allow takes a list of names, not 3"),
            ([""], "an empty name in allow"),
        ],
        ids=str,
    )
    def test_a_name_that_is_none(self, allow: list[str], said: str) -> None:
        with pytest.raises(UnknownNameError, match=f"^{re.escape(said)}$") as raised:
            audit(torch.nn.Linear(3, 2), torch.randn(4, 3), allow=allow)
        assert isinstance(raised.value, ValueError)


SUITE = """
import pytest
import torch
from torch import nn
from torch.nn.functional import dropout

class Last(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn = nn.GRU(3, 5, bidirectional=True)

    def forward(self, x):
        return self.rnn(x)[0][-1]

class Right(Last):
    def forward(self, x):
        _, h_n = self.rnn(x)
        return torch.cat((h_n[-2], h_n[-1]), -1)

X = torch.randn(7, 4, 3)

def test_right(rnn_audit):
    assert rnn_audit(Right(), X).ok

def test_fails(rnn_audit):
    rnn_audit(Last(), X)

def test_call(rnn_audit):
    assert len(rnn_audit(Last(), X, allow=["RNN102", "one-step-read"]).waived) == 2

@pytest.mark.rnn_audit(allow=["one-step-read"])
class TestClass:
    def test_half(self, rnn_audit):
        rnn_audit(Last(), X)

    @pytest.mark.rnn_audit(allow=["RNN102"])
    def test_both(self, rnn_audit):
        assert rnn_audit(Last(), X).ok

@pytest.mark.rnn_audit(allow=["one-step"])
def test_unknown_name(rnn_audit):
    rnn_audit(Last(), X)

@pytest.mark.rnn_audit(["RNN102"])
def test_positional(rnn_audit):
    rnn_audit(Last(), X)

def test_nothing_to_judge(rnn_audit):
    rnn_audit(nn.Linear(3, 2), X)
"""


EACH_RUN = """
import pathlib, sys, pytest
print("=-=-=", flush=True)
pathlib.Path("pyproject.toml").write_text("[tool.pytest.ini_options]\\naddopts = '--strict-markers'\\n")
pytest.main(["-q", "-p", "no:cacheprovider", "-p", "no:xdist"])
print("=-=-=", flush=True)
pytest.main(["--markers", "-p", "no:cacheprovider"])
for table in sys.argv[1:]:
    text = f"[tool.pytest.ini_options]\\n[tool.rnnlint.audit]\\n{table}\\n"
    pathlib.Path("pyproject.toml").write_text(text, encoding="utf-8")
    print("=-=-=", flush=True)
    pytest.main(["-q", "-p", "no:cacheprovider", "-k", "test_fails or test_half"])
"""


TABLES = ('allow = ["RNN102", "one-step-read"]', 'alow = ["RNN102"]')


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """What four runs of pytest print, in one process: most of what each takes is importing torch."""
    folder = tmp_path_factory.mktemp("suite")
    (folder / "test_models.py").write_text(SUITE, encoding="utf-8")
    return python("-c", EACH_RUN, *TABLES, cwd=folder).stdout.split("=-=-=")[1:]


class TestPytest:
    def test_the_fixture_and_its_marker(self, runs: list[str]) -> None:
        done, listed, *_ = runs
        assert re.findall(r"^FAILED \S+?::(\S+)", done, re.MULTILINE) == [
            "test_fails",
            "TestClass::test_half",
            "test_unknown_name",
            "test_positional",
            "test_nothing_to_judge",
        ], done
        assert "test_models.py:13:16: RNN102 the backward half (features 5:10)" in done
        assert "rnn_audit: unknown name 'one-step' in the marker rnn_audit: did you mean 'one-step-read'?" in done
        assert "rnn_audit: the marker rnn_audit takes allow=[...] and nothing else" in done
        assert "[nothing-judged]" in done
        assert "Traceback" not in done
        assert "@pytest.mark.rnn_audit(allow=[...]): rules and concerns" in listed

    def test_project(self, runs: list[str]) -> None:
        *_, right, wrong = runs
        assert "2 passed" in right
        assert "2 failed" in wrong
        assert "unknown key 'alow' in [tool.rnnlint.audit]: did you mean 'allow'?" in wrong


def test_on_python_3_10_tomli_is_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.rnnlint.audit]")
    monkeypatch.setattr(sys, "version_info", (3, 10))
    monkeypatch.setitem(sys.modules, "tomli", None)
    with pytest.raises(BadProjectError, match=re.escape("needs tomli on Python 3.10: pip install tomli")):
        Project.around(tmp_path)
