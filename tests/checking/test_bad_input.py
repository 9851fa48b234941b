"""What cannot be read is one line on standard error and loses nothing else; no traceback, whatever there is."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from rnnlint.checking import sources
from tests.checking.running import Check
from tests.hosts.running import FINDING, HANG, MISREAD

COMMAND = [sys.executable, "-m", "rnnlint", "check"]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"# coding: no-such\ntorch LSTM", "cannot be decoded: unknown encoding: no-such"),
        (b"# coding: hex\ntorch LSTM", "cannot be decoded: 'hex' is not a text encoding"),
        (b"# coding: undefined\ntorch LSTM", "cannot be decoded: undefined encoding"),
        (b"# coding: utf-16\ntorch LSTM", "cannot be decoded: "),
        (b"\xef\xbb\xbf# coding: latin-1\ntorch LSTM", "cannot be decoded: encoding problem: utf-8"),
        (b"import torch\nLSTM\n\xff", "cannot be decoded: "),
        (b"import torch\nLSTM\n\x00", "Python cannot parse it: source code string cannot contain null bytes"),
        (b"import torch\nLSTM = = 1\n", "Python cannot parse it: invalid syntax (line 2)"),
        (b"import torch\nLSTM" + b"(" * 5000 + b")" * 5000, ""),
        (b"import torch\nLSTM\nx = " + b"-" * 100_000 + b"1", "it is nested too deeply"),
    ],
)
def test_what_is_no_python(check: Check, content: bytes, why: str) -> None:
    check.write("a.py", content)
    check.write("b.py", MISREAD)
    ran = check()
    assert (ran.status, ran.found) == (2, [("b.py", *FINDING)])
    assert ran.err.startswith(f"rnnlint check: a.py: {why}")
    assert ran.err.count("\n") == 1


@pytest.mark.parametrize("content", [b"# coding: latin-1\n# \xff\n", b"\xef\xbb\xbf", b"# coding: cp1252\r\n"])
def test_what_is_python_in_other_clothes(check: Check, content: bytes) -> None:
    check.write("a.py", content + MISREAD.encode())
    check.write("b.py", content + MISREAD.replace("\n", "\r\n").encode())
    check.write("c.py", content + MISREAD.replace("\n", "\r").encode())
    ran = check()
    assert [(name, column) for name, _, column, _ in ran.found] == [("a.py", 26), ("b.py", 26), ("c.py", 26)]


def test_what_is_no_file(check: Check) -> None:
    os.mkfifo(check.folder / "pipe.py")
    check.write("folder.py/a.py", MISREAD)
    ran = check("pipe.py", "folder.py", "nothing.py", "", "/dev/null", "a\0b")
    assert ran.found == [("a.py", *FINDING)]
    assert ran.status == 2
    assert ran.err == (
        "rnnlint check: '': there is no such file or folder\n"
        "rnnlint check: /dev/null: no regular file\n"
        "rnnlint check: a\\x00b: there is no such file or folder\n"
        "rnnlint check: nothing.py: there is no such file or folder\n"
        "rnnlint check: pipe.py: no regular file\n"
    )
    # in a folder, it is none of ours
    assert check().err == ""


def test_where_nobody_can_look(check: Check) -> None:
    (check.folder / "ring").symlink_to("ring")
    ran = check("ring/a.py")
    assert (ran.status, ran.err) == (2, "rnnlint check: ring/a.py: Too many levels of symbolic links\n")


def test_a_large_file_is_not_read(check: Check, monkeypatch: pytest.MonkeyPatch) -> None:
    check.write("a.py", MISREAD)
    check.write("b.py", MISREAD + "#" * 2_000_000)
    check.write("c.py", "x = 1\n" + "#" * 2_000_000)
    monkeypatch.setattr(sources, "_LARGEST", 1_000_000)
    ran = check()
    assert ran.found == [("a.py", *FINDING)]
    assert ran.err == "rnnlint check: b.py: is 2 MB large, and no more than 1 MB are read\n"


def test_a_file_that_vanishes(check: Check, monkeypatch: pytest.MonkeyPatch) -> None:
    check.write("a.py", MISREAD)
    file = check.write("b.py", MISREAD)
    read = sources.read

    def vanishing(path: str, shown: str) -> sources.Source | None:
        file.unlink(missing_ok=True)
        return read(path, shown)

    monkeypatch.setattr("rnnlint.checking.inputs.read", vanishing)
    ran = check()
    assert (ran.status, ran.found) == (2, [("a.py", *FINDING)])
    assert ran.err == "rnnlint check: b.py: No such file or directory\n"


@pytest.mark.parametrize("repository", [False, True])
def test_no_permission(check: Check, repository: bool) -> None:
    if repository:
        subprocess.run(["git", "init", "--quiet"], check=True)
    check.write("closed/a.py", MISREAD)
    check.write("b.py", MISREAD)
    check.write("c.py", MISREAD).chmod(0)
    (check.folder / "closed").chmod(0)
    try:
        if os.access(check.folder / "closed", os.R_OK):
            pytest.skip("whoever runs this may read everything")
        ran = check()
        assert (ran.status, ran.found) == (2, [("b.py", *FINDING)])
        assert ran.err == "rnnlint check: c.py: Permission denied\nrnnlint check: closed: Permission denied\n"
    finally:
        (check.folder / "closed").chmod(0o700)


@pytest.mark.parametrize("repository", [False, True])
def test_nobody_asks_for_what_is_left_out(check: Check, repository: bool) -> None:
    if repository:
        subprocess.run(["git", "init", "--quiet"], check=True)
    check.write("a.py", MISREAD)
    closed = [check.folder / name for name in ("out", ".rnnlint_cache")]
    for folder in closed:
        folder.mkdir()
        folder.chmod(0)
    try:
        ran = check("--extend-exclude=out")  # which a cache of another user need not be told
        assert (ran.status, ran.found, ran.err) == (1, [("a.py", *FINDING)], "")
    finally:
        for folder in closed:
            folder.chmod(0o700)


@pytest.mark.parametrize("name", ["new\nline.py", "a:b.py", " a .py", "\x1b[31m.py", "\udcff.py", "é.py", "-x.py"])
def test_names_of_files(check: Check, name: str) -> None:
    (check.folder / name).write_text(MISREAD)
    for form in ("concise", "full", "json", "sarif"):
        ran = check(f"--output-format={form}")
        assert (ran.status, ran.err) == (1, "")
        assert "RNN102" in ran.out
        assert "\x1b" not in ran.out
    assert check("--", name).status == 1


def run(folder: Path, shell: str) -> subprocess.CompletedProcess[str]:
    """A line of a shell in which ``rnnlint check`` is ``$CHECK``."""
    environment = os.environ | {
        "CHECK": " ".join(COMMAND),
        "PYTHONUTF8": "0",
        "LC_ALL": "C",
        "PYTHONCOERCECLOCALE": "0",
    }
    return subprocess.run(
        ["bash", "-c", shell],
        cwd=folder,
        env=environment,
        capture_output=True,
        encoding="utf-8",
        timeout=HANG,
        check=False,
    )


@pytest.mark.parametrize(
    ("shell", "status", "err"),
    [
        ("$CHECK - <&-", 2, "rnnlint check: standard input is closed\n"),
        ("$CHECK >&-", 2, "rnnlint check: standard output is closed\n"),
        ("$CHECK >&- 2>&-", 2, ""),
        ("$CHECK no.py 2>&-", 2, ""),
        ("$CHECK > /dev/full", 2, "rnnlint check: No space left on device\n"),
        ("$CHECK | true; exit ${PIPESTATUS[0]}", 141, ""),
        ("rmdir gone; $CHECK", 2, "rnnlint check: the current folder: No such file or directory\n"),
    ],
)
def test_streams_and_folders_that_are_not_there(tmp_path: Path, shell: str, status: int, err: str) -> None:
    (tmp_path / "a.py").write_text(MISREAD)
    (tmp_path / "é.py").write_text(MISREAD)
    if shell.startswith("rmdir"):
        shell = "mkdir gone; cd gone; rmdir ../gone; $CHECK"
    if "true" in shell:  # whose reader is gone before anything is written
        shell = shell.replace("true", "sleep 0").replace("$CHECK", "(sleep 0.2; $CHECK)")
    ran = run(tmp_path, shell)
    assert (ran.returncode, ran.stderr) == (status, err)


def test_a_locale_that_has_no_such_character(tmp_path: Path) -> None:
    (tmp_path / "é.py").write_text(MISREAD, encoding="utf-8")
    ran = run(tmp_path, "$CHECK --output-format=full --isolated")
    assert (ran.returncode, ran.stderr) == (1, "")
    assert "RNN102" in ran.stdout


@pytest.mark.parametrize(
    ("option", "said"),
    [
        ("--config", "pipe: cannot be read: nobody writes to this pipe"),
        ("--files-from", "--files-from pipe: nobody writes to this pipe"),
        ("--baseline", "pipe: cannot be read: no regular file"),
    ],
)
def test_a_pipe_that_nobody_writes_to_is_not_waited_for(tmp_path: Path, option: str, said: str) -> None:
    os.mkfifo(tmp_path / "pipe")
    ran = run(tmp_path, f"$CHECK {option} pipe")
    assert (ran.returncode, ran.stdout, ran.stderr) == (2, "", f"rnnlint check: {said}\n")


def test_pipes_are_read_and_written(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(MISREAD)
    shell = (
        "$CHECK --files-from <(true) && $CHECK --config <(echo 'ignore = [\"RNN1\"]') &&"
        " ! $CHECK --files-from <(sleep 0.2; echo a.py) --output-format github:>(cat > piped) && sleep 0.3 && cat piped"
    )
    ran = run(tmp_path, shell)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert [line.split(":", 1)[0] for line in ran.stdout.splitlines()] == ["a.py", ""]


@pytest.mark.parametrize(
    ("shell", "said"),
    [
        ("$CHECK --output-format github:/dev/stdout > out", ["::error"]),
        ("$CHECK --output-format github:out > out", ["a.py", "::error"]),
        ("$CHECK --output-format github:/dev/stderr > out 2>&1", ["a.py", "::error"]),
        ("$CHECK --output-format github:/dev/stdout | cat > out", ["::error"]),
        ("echo before > out; $CHECK --output-format github:/dev/stdout >> out", ["before", "::error"]),
    ],
)
def test_what_goes_to_one_file_twice_is_all_there(tmp_path: Path, shell: str, said: list[str]) -> None:
    (tmp_path / "a.py").write_text(MISREAD)
    ran = run(tmp_path, shell)
    assert (ran.stdout, ran.stderr) == ("", "")
    lines = (tmp_path / "out").read_text().splitlines()
    assert [line.split(" ")[0].split(":1")[0] for line in lines] == said


@pytest.mark.parametrize("everybody", [False, True])
def test_an_interrupt_ends_it_with_nothing_said(tmp_path: Path, everybody: bool) -> None:
    for number in range(1500):  # some seconds of work
        (tmp_path / f"a{number}.py").write_text(f"{MISREAD}# {number}\n")
    process = subprocess.Popen(
        [*COMMAND, "--jobs=2", "--no-cache"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    time.sleep(0.4)
    (os.killpg if everybody else os.kill)(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=HANG)
    # before its first line is run, Python itself says that it was interrupted
    assert process.returncode in (130, -signal.SIGINT)
    assert out == b""
    assert process.returncode != 130 or err == b""
