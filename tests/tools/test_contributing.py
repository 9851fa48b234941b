"""The worked changes of docs/contributing.md, made on a copy; the map; the table of events."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import typing
from pathlib import Path

import pytest

from rnnlint import events
from tests.hosts.running import HANG, ROOT
from tools import map as where


def _block(text: str, language: str) -> str:
    return "".join(re.findall(rf"^```{language}\n(.*?)^```$", text, re.DOTALL | re.MULTILINE))


PAGE = (ROOT / "docs" / "contributing.md").read_text(encoding="utf-8")
SECTIONS = {
    title: body for title, body in re.findall(r"^## (.*)\n((?:(?!## ).*\n)*)", PAGE, re.MULTILINE) if "```diff" in body
}
CHANGES = {title: _block(body, "diff") for title, body in SECTIONS.items()}
STEPS = {
    title: re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", _block(body, "console"), re.MULTILINE)
    for title, body in SECTIONS.items()
}
TREE = ("rnnlint", "oracle", "tools", "tests", "fixtures", "docs", "pyproject.toml")


@pytest.fixture(scope="module")
def changed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the tree with every change made, one after the other."""
    copy = tmp_path_factory.mktemp("changed")
    for name in TREE:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, copy / name)  # with what is compiled, which is compared by time and size
        else:
            shutil.copy(ROOT / name, copy)
    for change in CHANGES.values():
        subprocess.run(["git", "apply", "-C1", "-"], cwd=copy, input=change, text=True, check=True)
    return copy


def run(command: str, folder: Path) -> tuple[int, str]:
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=folder,
        env=os.environ | {"PATH": path, "PYTHONPATH": str(folder)},
        capture_output=True,
        encoding="utf-8",
        timeout=HANG,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def test_there_are_three() -> None:
    assert list(CHANGES) == ["An operation of torch", "A rule", "A fact on an event"]
    assert list(STEPS) == list(CHANGES)


@pytest.mark.parametrize("title", CHANGES)
def test_a_change_shows_what_the_page_says(title: str, changed: Path) -> None:
    """Its commands, but for those of pytest, print what stands under them; flake8 finds what it was asked for."""
    steps = [(command, output) for command, output in STEPS[title] if "pytest" not in command]
    assert any(output for _, output in steps)
    for command, output in steps:
        status, printed = run(command, changed)
        assert printed == output, command
        assert status == int("flake8" in command)


def test_the_tests_named_there_pass_with_all_changes_made(changed: Path) -> None:
    for command in ("python -m tools.followed", "python -m tools.rule_pages"):
        assert run(command, changed) == (0, "")
    tests = [command for steps in STEPS.values() for command, _ in steps if "pytest" in command]
    assert len(tests) == len(CHANGES)
    files = sorted({word for command in tests for word in command.split() if word.startswith("tests/")})
    chosen = " or ".join(re.findall(r'-k "?(.*?)"?$', "\n".join(tests), re.MULTILINE))
    status, printed = run(f"python -m pytest -p no:randomly -n0 -q {' '.join(files)} -k '{chosen}'", changed)
    assert status == 0, printed
    passed = re.search(r"(\d+) passed", printed)
    assert passed
    assert int(passed[1]) > 30


def test_an_operation_touches_one_file_beside_its_tests() -> None:
    touched = re.findall(r"^\+\+\+ b/(.*)$", CHANGES["An operation of torch"], re.MULTILINE)
    assert len(touched) == 1


def test_every_event_is_in_the_table() -> None:
    rows = re.findall(r"^\| `([A-Z]\w+)` \| (?:at once|corrected|at the end) \|", PAGE, re.MULTILINE)
    assert sorted(rows) == sorted(event.__name__ for event in typing.get_args(events.Event))


def test_every_file_it_names_is_there() -> None:
    for name in re.findall(r"`((?:rnnlint|oracle|tests|fixtures|docs)/[\w./]+)`", PAGE):
        assert (ROOT / name).exists(), name


def test_the_map_is_up_to_date() -> None:
    assert where.main(["--check"]) == 0, "run python -m tools.map"


def test_every_module_stands_on_the_map() -> None:
    text = where.PAGE.read_text(encoding="utf-8")
    for path in (ROOT / "rnnlint").rglob("*.py"):
        assert path.name == "__init__.py" or where._is_rule(path) or f"| `{path.name}` |" in text, path
