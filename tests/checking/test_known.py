"""Baselines and added comments, on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.checking.running import Check
from tests.checking.test_notebooks import IMPORTS, MODEL, notebook
from tests.hosts.running import FINDING, FIRST_STEP, MISREAD, RIGHT


def test_what_a_baseline_knows_is_not_reported(check: Check) -> None:
    check.write("a.py", MISREAD)
    updated = check("--baseline=known.json", "--update-baseline")
    assert (updated.status, updated.out, updated.err) == (0, "known.json: 1 finding is known\n", "")
    ran = check("--baseline=known.json")
    assert (ran.status, ran.out, ran.err) == (0, "", "")
    # edits above bring nothing back, and what is new is reported
    check.write("a.py", f"import os\n\n{MISREAD}")
    check.write("b.py", MISREAD)
    assert check("--baseline=known.json").found == [("b.py", *FINDING)]


def test_stale_entries_are_named_and_taken_out(check: Check) -> None:
    check.write("rnnlint.toml", 'baseline = "known.json"\n')
    check.write("a.py", MISREAD)
    check.write("b.py", MISREAD)
    check("--update-baseline")
    check.write("a.py", RIGHT)
    ran = check()
    assert (ran.status, ran.out) == (0, "")
    assert ran.err.startswith("rnnlint check: known.json: stale: a.py: RNN102 output[:, -1] in Tagger.forward")
    assert check("--quiet").err == ""
    # nobody has asked
    assert check("b.py").err == ""
    assert check("--select=RNN2").err == ""
    check("b.py", "--update-baseline")
    assert check("b.py", "--update-baseline", "--quiet").out == ""
    assert len(json.loads(Path("known.json").read_text())["findings"]) == 2
    check("--update-baseline")
    assert check().err == ""
    assert [one["path"] for one in json.loads(Path("known.json").read_text())["findings"]] == ["b.py"]


def test_entries_of_a_file_that_is_gone(check: Check) -> None:
    for name in ("a.py", "src/b.py", "src/c.py"):
        check.write(name, MISREAD)
    known = ("--baseline=known.json", "--update-baseline", "-q")
    check(*known)
    Path("a.py").unlink()
    Path("src/b.py").unlink()
    # of a file that is named nobody can tell whether others are gone for good, or not there yet
    check("src/c.py", *known)
    assert [one["path"] for one in json.loads(Path("known.json").read_text())["findings"]] == [
        "a.py",
        "src/b.py",
        "src/c.py",
    ]
    check("src", *known)
    assert [one["path"] for one in json.loads(Path("known.json").read_text())["findings"]] == ["a.py", "src/c.py"]
    check(*known)
    assert [one["path"] for one in json.loads(Path("known.json").read_text())["findings"]] == ["src/c.py"]


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_an_update_keeps_ends_of_lines_and_the_byte_order_mark(check: Check, end: bytes, mark: bytes) -> None:
    check.write("a.py", MISREAD)
    check("--baseline=known.json", "--update-baseline")
    fresh = Path("known.json").read_bytes()
    Path("known.json").write_bytes(mark + fresh.replace(b"\n", end))
    check.write("b.py", MISREAD)
    check("--baseline=known.json", "--update-baseline")
    after = Path("known.json").read_bytes()
    assert b"b.py" in after
    assert after.startswith(mark + b"{" + end)
    assert after.count(end) == after.count(b"\n") == fresh.count(b"\n") + 1


def test_a_file_that_cannot_be_read_keeps_what_is_known_of_it(check: Check) -> None:
    check.write("a.py", MISREAD)
    check("--baseline=known.json", "--update-baseline")
    before = Path("known.json").read_bytes()
    check.write("a.py", MISREAD + "(")
    ran = check("--baseline=known.json", "--update-baseline")
    assert ran.status == 2
    assert ran.refused == ["a.py"]
    assert Path("known.json").read_bytes() == before


def test_each_project_has_its_own(check: Check, monkeypatch: pytest.MonkeyPatch) -> None:
    for project in ("one", "two"):
        check.write(f"{project}/rnnlint.toml", 'baseline = "known.json"\n')
        check.write(f"{project}/src/a.py", MISREAD)
    check.write("b.py", MISREAD)
    updated = check("--update-baseline")
    assert updated.out == "one/known.json: 1 finding is known\ntwo/known.json: 1 finding is known\n"
    assert Path("one/known.json").read_bytes() == Path("two/known.json").read_bytes()
    assert [row[0] for row in check().found] == ["b.py"]
    monkeypatch.chdir("one/src")
    assert check().out == ""
    assert check("..", "../../two/src/a.py").out == ""


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["--update-baseline"], "--update-baseline: there is none; --baseline FILE names it"),
        (["--baseline=no.json"], "no.json: there is no such file; --update-baseline writes it"),
        (["--baseline=a.py"], "a.py: no baseline of rnnlint: "),
        (
            ["--add-noqa", "--update-baseline"],
            "--add-noqa and --update-baseline are two things to do",
        ),
        (["--show-files", "--add-noqa"], "--add-noqa and --show-files are two things to do"),
        (["--fix", "--show-settings"], "--fix and --show-settings are two things to do"),
        (["--isolated", "--config=a.toml"], "--isolated reads no configuration file, and --config names one"),
        (["--stdin-filename=a.py"], "--stdin-filename is the name of what - brings, and there is no -"),
        (["--add-noqa", "-"], "--add-noqa: standard input cannot be written"),
    ],
)
def test_wrong_use(check: Check, given: list[str], said: str) -> None:
    file = check.write("a.py", MISREAD)
    ran = check(*given)
    assert (ran.status, ran.out) == (2, "")
    assert ran.err.startswith(f"rnnlint check: {said}")
    assert ran.err.count("\n") == 1
    assert file.read_text() == MISREAD


def test_a_baseline_that_cannot_be_written(check: Check) -> None:
    check.write("a.py", MISREAD)
    ran = check("--baseline=no/such/folder.json", "--update-baseline")
    assert (ran.status, ran.out) == (2, "")
    assert ran.err == "rnnlint check: no/such/folder.json: cannot be written: No such file or directory\n"


@pytest.mark.parametrize(
    ("option", "comment"), [("--add-noqa", ""), ("--add-noqa=as in the paper", " as in the paper")]
)
def test_comments_are_added(check: Check, option: str, comment: str) -> None:
    file = check.write("a.py", b"\xef\xbb\xbf" + MISREAD.replace("\n", "\r\n").encode())
    check.write("b.ipynb", notebook(IMPORTS, MODEL))
    check.write("c.py", RIGHT)
    ran = check(".", option)
    assert (ran.status, ran.out, ran.err) == (0, "2 lines of 2 files got a comment\n", "")
    assert check().out == ""
    assert f"# noqa: RNN102{comment}\r\n".encode() in file.read_bytes()
    assert file.read_bytes().startswith(b"\xef\xbb\xbf")
    assert f"# noqa: RNN102{comment}" in json.dumps(json.loads(Path("b.ipynb").read_text()))
    assert (check.folder / "c.py").read_text() == RIGHT
    assert check(".", option).out == "0 lines of 0 files got a comment\n"


def test_comments_are_added_for_what_no_baseline_knows(check: Check) -> None:
    file = check.write("a.py", MISREAD)
    check("--baseline=known.json", "--update-baseline")
    check.write("b.py", FIRST_STEP)
    assert check("--baseline=known.json", "--add-noqa", "--select=RNN").out == "1 line of 1 file got a comment\n"
    assert file.read_text() == MISREAD


def test_a_file_that_gets_none_is_named(check: Check) -> None:
    check.write("a.py", MISREAD)
    before = check.write("b.py", "# coding: latin-1\n" + MISREAD).read_bytes()
    ran = check("--add-noqa=\u0142")
    assert ran.status == 2
    assert ran.out == "1 line of 1 file got a comment\n"
    assert ran.err == "rnnlint check: b.py: --add-noqa: the reason cannot be written in iso-8859-1\n"
    assert (check.folder / "b.py").read_bytes() == before
