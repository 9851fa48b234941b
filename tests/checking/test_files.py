"""Which files are checked."""

from __future__ import annotations

import io
import subprocess
from pathlib import Path

import pytest

from tests.checking.running import Check
from tests.hosts.running import MISREAD, RIGHT


def git(folder: Path, *arguments: str) -> None:
    identity = ["-c", "user.name=a", "-c", "user.email=a@b", "-c", "protocol.file.allow=always"]
    subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True)


def checked(check: Check, *arguments: str) -> list[str]:
    """The files that are reported, all of which have a finding; and nothing is refused."""
    ran = check(*arguments)
    assert ran.err == ""
    return [line.partition(":")[0] for line in ran.out.splitlines()]


def test_python_files_of_a_folder_by_their_ending(check: Check) -> None:
    for name in ("a.py", "b.pyi", "c.pyw", "d.txt", "e", "f.py.bak"):
        check.write(name, MISREAD)
    assert checked(check) == ["a.py", "b.pyi", "c.pyw"]


@pytest.mark.parametrize("name", ["d.txt", "script"])
def test_a_file_that_is_named_is_read_whatever_its_ending(check: Check, name: str) -> None:
    check.write(name, MISREAD)
    assert checked(check, name) == [name]


@pytest.mark.parametrize("repository", [False, True])
def test_what_everybody_skips_is_skipped_but_where_it_is_named(check: Check, repository: bool) -> None:
    if repository:
        git(check.folder, "init", "--quiet")
    for name in ("a.py", "venv/b.py", "src/build/c.py", "node_modules/x/d.py", "builds/e.py"):
        check.write(name, MISREAD)
    assert checked(check) == ["a.py", "builds/e.py"]
    assert checked(check, "src/build", "venv/b.py") == ["src/build/c.py", "venv/b.py"]
    assert checked(check, "src/build", "venv/b.py", "a.py", "--force-exclude") == ["a.py"]


def test_an_environment_is_skipped_whatever_it_is_called(check: Check) -> None:
    check.write("mine/pyvenv.cfg", "")
    check.write("mine/lib/a.py", MISREAD)
    assert checked(check) == []


def test_exclude_replaces_what_is_skipped_and_extend_exclude_adds(check: Check) -> None:
    for name in ("a.py", "venv/b.py", "old/c.py", "deep/old_d.py"):
        check.write(name, MISREAD)
    assert checked(check, "--exclude=a.py") == ["deep/old_d.py", "old/c.py", "venv/b.py"]
    assert checked(check, "--extend-exclude=old,deep/old_*") == ["a.py"]


def test_each_file_has_the_configuration_nearest_above_it(check: Check) -> None:
    check.write("pyproject.toml", '[tool.rnnlint]\nextend-exclude = ["skipped"]\n')
    check.write("inner/rnnlint.toml", 'extend-exclude = ["other"]\n')
    check.write("muted/rnnlint.toml", 'ignore = ["RNN1"]\n')
    for folder in (".", "inner", "muted"):
        for name in ("skipped/a.py", "other/b.py"):
            check.write(f"{folder}/{name}", MISREAD)
    assert checked(check) == ["inner/skipped/a.py", "other/b.py"]


def test_git_says_which_files_there_are(check: Check) -> None:
    git(check.folder, "init", "--quiet")
    check.write(".gitignore", "ignored/\n*_ignored.py\n")
    for name in ("tracked.py", "new.py", "ignored/a.py", "b_ignored.py", "deleted.py", "sub/c.py"):
        check.write(name, MISREAD)
    git(check.folder, "add", "tracked.py", "deleted.py")
    (check.folder / "deleted.py").unlink()
    assert checked(check) == ["new.py", "sub/c.py", "tracked.py"]
    assert checked(check, "sub") == ["sub/c.py"]
    # what is named is meant
    assert checked(check, "ignored", "b_ignored.py") == ["b_ignored.py", "ignored/a.py"]


def test_submodules_are_not_entered(check: Check) -> None:
    other = check.folder / "other"
    check.write("other/a.py", MISREAD)
    for step in (["init", "--quiet"], ["add", "."], ["commit", "--quiet", "-m", "a"]):
        git(other, *step)
    main = check.folder / "main"
    check.write("main/b.py", MISREAD)
    git(main, "init", "--quiet")
    git(main, "submodule", "--quiet", "add", str(other), "inner")
    assert checked(check, "main") == ["main/b.py"]
    assert checked(check, "main/inner") == ["main/inner/a.py"]


def test_where_git_runs_a_hook_its_variables_are_not_ours(check: Check, monkeypatch: pytest.MonkeyPatch) -> None:
    git(check.folder, "init", "--quiet")
    check.write("a.py", MISREAD)
    check.write("sub/b.py", MISREAD)
    monkeypatch.setenv("GIT_DIR", ".git")
    monkeypatch.setenv("GIT_INDEX_FILE", ".git/index.lock")
    assert checked(check, "sub") == ["sub/b.py"]


def test_without_git_folders_are_walked(check: Check, monkeypatch: pytest.MonkeyPatch) -> None:
    git(check.folder, "init", "--quiet")
    check.write("a.py", MISREAD)
    monkeypatch.setenv("PATH", "")
    assert checked(check) == ["a.py"]


@pytest.mark.parametrize("repository", [False, True])
def test_links(check: Check, repository: bool) -> None:
    """One to a file is that file, one to a folder is followed where it is named, and none goes round."""
    if repository:
        git(check.folder, "init", "--quiet")
    check.write("real/a.py", MISREAD)
    (check.folder / "link").symlink_to("real")
    (check.folder / "real" / "up").symlink_to("..")
    (check.folder / "b.py").symlink_to("real/a.py")
    (check.folder / "dead.py").symlink_to("nowhere")
    (check.folder / "self.py").symlink_to("self.py")
    ran = check()
    assert [line.partition(":")[0] for line in ran.out.splitlines()] == ["b.py", "real/a.py"]
    assert ran.err == "rnnlint check: self.py: Too many levels of symbolic links\n"
    assert checked(check, "link") == ["link/a.py"]


def test_standard_input(check: Check, monkeypatch: pytest.MonkeyPatch) -> None:
    def given(*arguments: str) -> list[str]:
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(MISREAD.encode())))
        return checked(check, *arguments)

    check.write("a.py", MISREAD)
    check.write("muted/rnnlint.toml", 'ignore = ["RNN1"]\n')
    assert given("-") == ["-"]
    assert given("-", "--stdin-filename=not/there.py") == ["not/there.py"]
    assert given("-", "--stdin-filename=muted/a.py") == []
    assert given("-", "a.py") == ["-", "a.py"]
    check.write("right.py", RIGHT)
    assert given("-", ".", "--stdin-filename=right.py") == ["a.py", "right.py"]
    assert given("-", "--stdin-filename=venv/a.py") == ["venv/a.py"]
    assert given("-", "--stdin-filename=venv/a.py", "--force-exclude") == []


@pytest.mark.parametrize("end", ["\n", "\r\n", "\0"])
def test_a_list_of_files(check: Check, monkeypatch: pytest.MonkeyPatch, end: str) -> None:
    for name in ("a.py", "b.py", "c d.py", "sub/e.py"):
        check.write(name, MISREAD)
    listed = "".join(f"{name}{end}" for name in ("b.py", "c d.py", "sub")).encode()
    expected = ["b.py", "c d.py", "sub/e.py"]
    check.write("list", listed)
    assert checked(check, "--files-from", "list") == expected
    assert checked(check, "--files-from", "list", "a.py") == ["a.py", *expected]
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(listed)))
    assert checked(check, "--files-from=-") == expected
    check.write("list", b"\xef\xbb\xbf" + listed)
    assert checked(check, "--files-from", "list") == expected
    check.write("list", b"")
    assert checked(check, "--files-from", "list") == []


def test_options_stand_anywhere(check: Check) -> None:
    check.write("a.py", MISREAD)
    check.write("b.py", MISREAD)
    assert checked(check, "a.py", "--select", "RNN1", "b.py") == ["a.py", "b.py"]


def test_show_files(check: Check) -> None:
    check.write("a.py", "")
    check.write("b/c.py", "")
    ran = check("--show-files")
    assert (ran.status, ran.err) == (0, "")
    assert ran.out == f"{check.folder}/a.py\n{check.folder}/b/c.py\n"
