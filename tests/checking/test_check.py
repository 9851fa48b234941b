"""What ``rnnlint check`` finds, and how it ends."""

from __future__ import annotations

import pytest

from tests.checking.running import Check
from tests.hosts.running import FINDING, MISREAD, RIGHT


def test_nothing_to_be_found_is_nothing_said(check: Check) -> None:
    check.write("model.py", RIGHT)
    ran = check()
    assert (ran.status, ran.out, ran.err) == (0, "", "")


def test_findings_of_the_current_folder(check: Check) -> None:
    check.write("models/tagger.py", MISREAD)
    check.write("right.py", RIGHT)
    ran = check()
    assert (ran.status, ran.err) == (1, "")
    assert ran.out.startswith("models/tagger.py:12:26: RNN102 the backward half")
    assert ran.found == [("tagger.py", *FINDING)]


def test_files_come_in_the_order_of_their_names(check: Check) -> None:
    for name in ("b.py", "a/z.py", "c.py", "a.py"):
        check.write(name, MISREAD)
    lines = check("c.py", ".", "a").out.splitlines()
    assert [line.partition(":")[0] for line in lines] == ["a.py", "a/z.py", "b.py", "c.py"]


def test_exit_zero(check: Check) -> None:
    check.write("model.py", MISREAD)
    ran = check("--exit-zero")
    assert ran.status == 0
    assert ran.found


def test_a_file_that_cannot_be_read_is_one_line_and_loses_no_other(check: Check) -> None:
    check.write("a.py", b"# coding: no-such\nfrom torch.nn import LSTM\n")
    check.write("b.py", MISREAD)
    check.write("c.py", b"from torch.nn import LSTM\n# \xff\n")
    check.write("d.py", "from torch.nn import LSTM\nLSTM(2, 3\n")
    ran = check(".", "missing.py")
    assert ran.status == 2
    assert ran.found == [("b.py", *FINDING)]
    assert ran.refused == ["a.py", "c.py", "d.py", "missing.py"]


@pytest.mark.parametrize("content", [b"\x00\xff\xfe", b"# coding: no-such\n", b"def (:\n", b"x = '\xff'\n"])
def test_what_names_no_recurrent_module_need_be_no_python(check: Check, content: bytes) -> None:
    check.write("a.py", content)
    ran = check()
    assert (ran.status, ran.out, ran.err) == (0, "", "")


def test_a_second_run_finds_the_same_and_analyses_nothing(check: Check, monkeypatch: pytest.MonkeyPatch) -> None:
    check.write("model.py", MISREAD)
    check.write("right.py", RIGHT)
    check.write("named.py", "from torch.nn import LSTM\n\n__all__ = ['LSTM']\n")
    first = check()
    monkeypatch.setattr("ast.parse", None)
    monkeypatch.setattr("rnnlint.linter.lint", None)
    assert check() == first
