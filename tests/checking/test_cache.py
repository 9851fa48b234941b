"""What was said of a file is kept, for as long as all that it depends on is the same."""

from __future__ import annotations

import ast
import os
import shutil
import stat
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from rnnlint import notebooks
from rnnlint.checking import cache
from rnnlint.linter import lint
from tests.checking.running import Check
from tests.hosts.running import FIRST_STEP, MISREAD, RIGHT, ROOT

FOLDER = ".rnnlint_cache"


class Counted:
    """How many files were analysed."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.times = 0

        def counting(*given: object, **named: object) -> object:
            self.times += 1
            return lint(*given, **named)  # type: ignore[arg-type]

        monkeypatch.setattr("rnnlint.linter.lint", counting)

    def since(self) -> int:
        times, self.times = self.times, 0
        return times


@pytest.fixture
def analysed(monkeypatch: pytest.MonkeyPatch) -> Counted:
    return Counted(monkeypatch)


def counting(function: Callable[..., object], seen: list[object]) -> Callable[..., object]:
    """The same, that notes what it is first given."""

    def noting(*given: object, **named: object) -> object:
        seen.append(given[0])
        return function(*given, **named)

    return noting


def entries(check: Check) -> list[Path]:
    return sorted(path for path in (check.folder / FOLDER).glob("??/*") if path.is_file())


def test_only_what_has_changed_is_analysed_again(check: Check, analysed: Counted) -> None:
    check.write("a.py", MISREAD)
    check.write("b.py", RIGHT)
    check()
    assert analysed.since() == 2
    check.write("b.py", FIRST_STEP)
    assert [row[0] for row in check().found] == ["a.py", "b.py"]
    assert analysed.since() == 1


def test_a_project_that_is_as_it_was_is_not_parsed(check: Check, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(ROOT / "fixtures" / "projects", check.folder, dirs_exist_ok=True)
    first = check()
    assert first.out.count("\n") > 20

    texts: list[object] = []
    for module, name in ((ast, "parse"), (notebooks, "read")):
        monkeypatch.setattr(module, name, counting(getattr(module, name), texts))
    again = check(), check("--output-format=json").status
    monkeypatch.undo()
    assert [text for text in texts if isinstance(text, str)] == []  # pytest parses modules as bytes
    assert again == (first, 1)


def test_other_selections_and_comments_need_no_analysis(check: Check, analysed: Counted) -> None:
    check.write("a.py", MISREAD)
    first = check()
    analysed.since()
    assert check("--select=RNN2").out == ""
    assert check("--show-unknown", "--exit-zero").out == first.out
    assert analysed.since() == 0
    check("--all-configurations")
    assert analysed.since() == 1


def test_another_rnnlint_takes_nothing_from_it(
    check: Check, analysed: Counted, monkeypatch: pytest.MonkeyPatch
) -> None:
    check.write("a.py", MISREAD)
    check()
    before = cache._engine()
    monkeypatch.setattr(cache, "_engine", lambda: f"{before}!")
    check()
    assert analysed.since() == 2


def test_a_changed_source_of_rnnlint_is_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "rnnlint"
    shutil.copytree(Path(cache.__file__).parents[1], package, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(cache, "__file__", str(package / "checking" / "cache.py"))
    before = cache._engine()
    assert before == cache._engine()
    with (package / "rules" / "rnn101.py").open("a") as file:
        file.write("# \n")
    assert before != cache._engine()


def test_no_cache_is_neither_read_nor_written(check: Check, analysed: Counted) -> None:
    check.write("a.py", MISREAD)
    check("--no-cache")
    assert not (check.folder / FOLDER).exists()
    check()
    check("--no-cache")
    assert analysed.since() == 3


def test_where_it_is(check: Check) -> None:
    check.write("project/rnnlint.toml", "")
    check.write("project/sub/a.py", MISREAD)
    os.chdir(check.folder / "project" / "sub")
    check()
    folder = check.folder / "project" / FOLDER
    assert (folder / ".gitignore").read_text().endswith("\n*\n")
    assert (folder / "CACHEDIR.TAG").read_text().startswith("Signature: 8a477f597d28d172789f06886806bc55\n")
    check("--cache-dir=other/cache")
    assert Path("other/cache/CACHEDIR.TAG").exists()


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: text[:0],
        lambda text: text[: len(text) // 2],
        lambda text: text.replace("RNN102", "RNN103"),
        lambda text: text.partition("\n")[0] + "\n{}",
        lambda _: "null",
        lambda _: "\x00\udcff",
        lambda _: "[" * 100_000,
    ],
)
def test_what_is_not_what_was_written_is_not_there(check: Check, spoil: Callable[[str], str]) -> None:
    check.write("a.py", MISREAD)
    first = check()
    for path in entries(check):
        path.write_bytes(spoil(path.read_text()).encode(errors="surrogateescape"))
    assert check() == first
    assert check() == first


def test_entries_of_another_key_are_not_taken(check: Check) -> None:
    check.write("a.py", MISREAD)
    check.write("b.py", FIRST_STEP)
    first = check()
    every = entries(check)
    texts = [path.read_bytes() for path in every]
    for path, text in zip(every, reversed(texts), strict=True):
        path.write_bytes(text)
    assert check() == first


@pytest.mark.parametrize("there", ["file", "folder of folders", "read-only"])
def test_a_cache_that_cannot_be_used_is_none(check: Check, there: str) -> None:
    check.write("a.py", MISREAD)
    first = check()
    if there == "file":
        shutil.rmtree(check.folder / FOLDER)
        check.write(FOLDER, "")
    elif there == "folder of folders":
        for path in entries(check):
            path.unlink()
            path.mkdir()
    else:
        for path in entries(check):
            path.unlink()
        for path in (check.folder / FOLDER).rglob("*"):
            if path.is_dir():
                path.chmod(stat.S_IRUSR | stat.S_IXUSR)
    assert check() == first


def test_what_failed_is_tried_again(check: Check, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError("on purpose")

    check.write("a.py", MISREAD)
    with monkeypatch.context() as failing:
        failing.setattr("rnnlint.judge.judged", fail)
        ran = check()
    assert (ran.status, [row[3] for row in ran.found]) == (1, ["RNN901"])
    assert [row[3] for row in check().found] == ["RNN102"]


def test_what_nobody_asks_for_is_forgotten(check: Check) -> None:
    check.write("a.py", MISREAD)
    check.write("b.py", FIRST_STEP)
    check()
    old = time.time() - 31 * 24 * 60 * 60
    for path in [*entries(check), check.folder / FOLDER / "last-cleared"]:
        os.utime(path, (old, old))
    check("a.py")  # which is of use again
    used = [path for path in entries(check) if path.stat().st_mtime > old + 1]
    assert 0 < len(used) < len(entries(check))
    check.write("a.py", RIGHT)
    check("a.py")
    assert {path for path in entries(check) if path.stat().st_mtime <= old + 1} == set()
    assert set(used) <= set(entries(check))


def test_one_file_is_the_same_wherever_it_is_looked_at(
    check: Check, analysed: Counted, monkeypatch: pytest.MonkeyPatch
) -> None:
    check.write("rnnlint.toml", "")
    check.write("sub/a.py", MISREAD)
    check()
    monkeypatch.chdir("sub")
    assert check().out.startswith("a.py:12:26: RNN102")
    assert analysed.since() == 1
