"""The ecosystem run without a network: lists, archives, surveys, changes, and what the command answers."""

from __future__ import annotations

import hashlib
import subprocess
import zipfile
from pathlib import Path

import pytest

from rnnlint.failures import Internal
from rnnlint.report import Modules, Report
from rnnlint.rules import registry
from tools.ecosystem import archives, lists, survey
from tools.ecosystem.__main__ import HERE, main
from tools.ecosystem.changes import carried, compare
from tools.ecosystem.lists import Judged, Package, Place, read_accepted, read_packages, write_accepted
from tools.ecosystem.survey import Found
from tools.tsv import BadInput

LAST = """\
import torch
m = torch.nn.LSTM(4, 8, bidirectional=True)
y = torch.nn.Linear(16, 2)(m(torch.rand(5, 3, 4))[0][-1])
"""
CLEAN = LAST.replace(", bidirectional=True", "").replace("16", "8")
BROKEN = "import torch\ntorch.nn.LSTM(4, 8\n"


def _place(line: int = 3, code: str = "RNN102", path: str = "a/last.py") -> Place:
    return Place("a", "1.0", path, line, code)


class World:
    """A package list, an accepted list and a cache with one wheel, in a folder."""

    def __init__(self, folder: Path) -> None:
        self.packages, self.accepted, self.cache = folder / "packages.tsv", folder / "accepted.tsv", folder / "cache"
        wheel = self.cache / "a-1.0" / "a-1.0-py3-none-any.whl"
        wheel.parent.mkdir(parents=True)
        with zipfile.ZipFile(wheel, "w") as archive:
            for name, text in {"a/last.py": LAST, "a/clean.py": CLEAN, "a/plain.py": "1\n", "a/data.txt": LAST}.items():
                archive.writestr(name, text)
        digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
        self.packages.write_text("\t".join(lists.PACKAGE_COLUMNS) + f"\na\t1.0\t3.11\t{digest}\n")
        self.accept()

    def accept(self, *rows: Judged) -> None:
        write_accepted(self.accepted, rows)

    def run(self, *more: str) -> int:
        return main(
            ["--packages", str(self.packages), "--accepted", str(self.accepted), "--cache", str(self.cache), *more]
        )


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


class TestTheCommand:
    def test_a_finding_nobody_has_judged(self, world: World, capsys: pytest.CaptureFixture[str]) -> None:
        assert world.run() == 1
        out = capsys.readouterr().out
        assert "new: a a/last.py:3 RNN102" in out
        assert "recurrent modules: 2 seen, 2 understood, 0 unknown" in out

    def test_a_judged_finding(self, world: World, capsys: pytest.CaptureFixture[str]) -> None:
        world.accept(Judged(_place(), "true", "the backward half has read one step"))
        assert world.run() == 0
        assert "nothing changed" in capsys.readouterr().out

    def test_a_judged_finding_that_is_gone(self, world: World, capsys: pytest.CaptureFixture[str]) -> None:
        world.accept(Judged(_place(), "true", "as it is"), Judged(_place(9), "false", "the mask is applied before"))
        assert world.run() == 1
        out = capsys.readouterr().out
        assert "gone: a a/last.py:9 RNN102\n    false: the mask is applied before" in out
        assert "new:" not in out

    def test_it_writes_the_list_to_be_judged(self, world: World, tmp_path: Path) -> None:
        assert world.run("--out", str(tmp_path / "out.tsv")) == 1
        rows = (tmp_path / "out.tsv").read_text().splitlines()
        assert rows[1].startswith("a\t1.0\ta/last.py\t3\tRNN102\t\t")
        packages = read_packages(world.packages)
        with pytest.raises(BadInput, match="verdict"):
            read_accepted(tmp_path / "out.tsv", packages)

    def test_a_package_that_cannot_be_had_is_said_and_passed_over(
        self, world: World, capsys: pytest.CaptureFixture[str]
    ) -> None:
        with world.packages.open("a") as file:
            file.write("torch\t0.0.1\t3.11\tinstalled\n")
        world.accept(
            Judged(_place(), "true", "as it is"), Judged(Place("torch", "0.0.1", "t.py", 1, "RNN101"), "true", "-")
        )
        assert world.run() == 0
        assert "torch 0.0.1: cannot be had: " in capsys.readouterr().out

    def test_nothing_compared_is_no_success(self, world: World) -> None:
        world.packages.write_text("\t".join(lists.PACKAGE_COLUMNS) + "\ntorch\t0.0.1\t3.11\tinstalled\n")
        assert world.run() == 2

    @pytest.mark.parametrize(
        ("arguments", "said"),
        [
            (["--only", "aa"], "aa is not among the packages: did you mean a?"),
            (["--accepted", "/nowhere/list.tsv"], "/nowhere/list.tsv"),
        ],
    )
    def test_bad_arguments(
        self, world: World, arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert world.run(*arguments) == 2
        assert said in capsys.readouterr().err


class TestLists:
    @pytest.mark.parametrize(
        ("row", "said"),
        [
            ("b\t1.0\ta.py\t3\tRNN102\ttrue\tit is", "b is not among the packages"),
            ("a\t0.9\ta.py\t3\tRNN102\ttrue\tit is", "a is pinned to 1.0"),
            ("a\t1.0\ta.py\tthree\tRNN102\ttrue\tit is", "line is a number"),
            ("a\t1.0\ta.py\t3\tE501\ttrue\tit is", "code is one like RNN102"),
            ("a\t1.0\ta.py\t3\tRNN102\tmaybe\tit is", "true, arguable, false"),
            ("a\t1.0\ta.py\t3\tRNN102\ttrue\t ", "no reason"),
            ("a\t1.0\ta.py\t3\tRNN102\ttrue", "6 columns"),
        ],
    )
    def test_a_bad_row_is_named_with_its_line(self, world: World, row: str, said: str) -> None:
        world.accepted.write_text("\t".join(lists.ACCEPTED_COLUMNS) + f"\n{row}\n")
        with pytest.raises(BadInput, match="line 2: ") as caught:
            read_accepted(world.accepted, read_packages(world.packages))
        assert said in str(caught.value)

    @pytest.mark.parametrize(
        ("row", "said"),
        [
            ("a\t1.0\t3.11\tabc", "64 hexadecimal digits"),
            ("a\t1.0\tthree\tinstalled", "version like 3.11"),
            ("a\t1.0\t3.11\tinstalled\na\t2.0\t3.11\tinstalled", "listed twice"),
        ],
    )
    def test_a_bad_package_is_named(self, tmp_path: Path, row: str, said: str) -> None:
        path = tmp_path / "packages.tsv"
        path.write_text("\t".join(lists.PACKAGE_COLUMNS) + f"\n{row}\n")
        with pytest.raises(BadInput, match=said):
            read_packages(path)

    def test_other_columns(self, tmp_path: Path) -> None:
        (tmp_path / "list.tsv").write_text("name\tversion\n")
        with pytest.raises(BadInput, match="first line"):
            read_packages(tmp_path / "list.tsv")

    def test_the_lists_of_the_repository_are_in_order(self) -> None:
        packages = read_packages(HERE / "packages.tsv")
        assert len(packages) >= 25
        assert [package.package.lower() for package in packages] == sorted(p.package.lower() for p in packages)
        accepted = read_accepted(HERE / "accepted.tsv", packages)
        assert [row.place for row in accepted] == sorted(row.place for row in accepted)
        assert {row.place.code for row in accepted} <= set(registry())


class TestChanges:
    def test_two_of_a_kind_in_one_line_are_two(self) -> None:
        found = [Found(_place(), "one"), Found(_place(), "two")]
        judged = [Judged(_place(), "true", "it is")]
        changes = compare(found, judged, ["a"])
        assert (len(changes.new), changes.gone) == (1, ())
        assert [row.verdict for row in carried(found, judged)] == ["true", ""]

    def test_what_was_not_looked_at_is_not_gone(self) -> None:
        judged = [Judged(_place(), "true", "it is")]
        assert not compare([], judged, [])
        assert compare([], judged, ["a"]).gone == tuple(judged)


class TestSurvey:
    PACKAGE = Package("a", "1.0", "3.11", "installed")

    def test_figures(self) -> None:
        files = [("a/last.py", LAST), ("a/clean.py", CLEAN), ("a/plain.py", "import torch\n"), ("a/b.py", BROKEN)]
        result = survey.survey(self.PACKAGE, files, limit=60)
        assert (result.files, result.mentioning, result.seen, result.understood) == (4, 3, 2, 2)
        assert [one.place for one in result.found] == [_place(), _place(1, "RNN900", "a/b.py")]
        assert (result.slow, result.crashes) == ([], [])
        assert result.seconds >= result.slowest[0] > 0

    def test_a_crash_is_a_finding_and_counted(self, monkeypatch: pytest.MonkeyPatch) -> None:
        report = Report(not_analysed="failed", internal=(Internal.of("the analysis", KeyError("x")),))
        monkeypatch.setattr(survey, "lint", lambda *_: report)
        result = survey.survey(self.PACKAGE, [("a/last.py", LAST)], limit=60)
        assert [one.place.code for one in result.found] == ["RNN900"]
        assert result.crashes == ["a/last.py:1: the analysis failed: KeyError: 'x'"]

    def test_reasons_are_added_up_and_slow_files_are_named(self, monkeypatch: pytest.MonkeyPatch) -> None:
        report = Report(modules=Modules(3, 1, (("no call", 2),)))
        monkeypatch.setattr(survey, "lint", lambda *_: report)
        result = survey.survey(self.PACKAGE, [("a/last.py", LAST), ("a/clean.py", CLEAN)], limit=-1)
        assert (result.seen, result.understood, dict(result.unknown)) == (6, 2, {"no call": 4})
        assert [path for _, path in result.slow] == ["a/last.py", "a/clean.py"]


def test_an_archive_with_another_hash_is_not_used(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    refused = subprocess.CompletedProcess([], 1, "", "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES\n")
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: refused)
    package = Package("a", "1.0", "3.11", "0" * 64)
    with pytest.raises(archives.NotHad, match="DO NOT MATCH"):
        list(archives.sources(package, world.cache))
    assert not list((world.cache / "a-1.0").glob("*.whl"))
