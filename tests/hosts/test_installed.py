"""What somebody has who installs the wheel: its commands run on what the wheel requires, and on nothing else."""

from __future__ import annotations

import re
import zipfile
from importlib.util import find_spec
from pathlib import Path

import pytest

from rnnlint.rules import registry
from tests.hosts.environments import Environment, build, closure, requirements
from tests.hosts.running import FINDING, MISREAD, ROOT, rows

pytestmark = pytest.mark.skipif(find_spec("hatchling") is None, reason="hatchling is not installed")
needs_torch = pytest.mark.skipif(find_spec("torch") is None, reason="torch is not installed")

FACTORY = """

def factory():
    import torch

    return Tagger(), torch.randn(3, 5, 8)
"""
IN_A_TEST = """\
import torch
from model import Tagger


def test_as_it_is(rnn_audit):
    rnn_audit(Tagger(), torch.randn(3, 5, 8))


def test_of_nothing_recurrent(rnn_audit):
    rnn_audit(torch.nn.Sequential(torch.nn.Linear(8, 2)), torch.randn(3, 5, 8), allow=["nothing-judged"])
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build("wheel", tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def runtime(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """``pip install 'rnnlint[runtime]'``."""
    return _environment(wheel, tmp_path_factory.mktemp("runtime"), "runtime")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "model.py").write_text(MISREAD + FACTORY, encoding="utf-8")
    return tmp_path


def _environment(wheel: Path, folder: Path, extra: str = "") -> Environment:
    needed = closure(requirements(wheel), extra)
    made = Environment(folder / "venv")
    made.link(needed)
    made.install(wheel)
    made.check()
    assert made.names() == {"rnnlint", *needed}
    return made


def test_the_linter_needs_flake8_and_libcst(wheel: Path, folder: Path) -> None:
    made = _environment(wheel, folder)
    assert not made.names() & {"torch", "numpy"}
    run = made.python("-m", "flake8", "--isolated", "model.py", cwd=folder)
    assert (rows(run.stdout), run.stderr) == ([("model.py", *FINDING)], "")
    checked = made.script("rnnlint", "check", "--no-cache", cwd=folder)
    assert (rows(checked.stdout), checked.stderr, checked.returncode) == ([("model.py", *FINDING)], "", 1)
    page = made.script("rnnlint", "rule", FINDING[2], cwd=folder)
    assert (page.stdout.splitlines()[0][:6], page.stderr, page.returncode) == (FINDING[2], "", 0)
    refused = made.script("rnnlint", "audit", "model:factory", cwd=folder)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert refused.stderr == "rnnlint audit: rnnlint.runtime needs torch: pip install 'rnnlint[runtime]'\n"


@needs_torch
def test_confirm(runtime: Environment, tmp_path: Path) -> None:
    # the rule with the fewest configurations to run
    run = runtime.script("rnnlint", "confirm", "RNN510", "--device", "cpu", "--dtype", "float32", cwd=tmp_path)
    assert (run.returncode, run.stderr) == (0, "")
    assert " 0 refuted, 0 not run\n" in run.stdout


@needs_torch
def test_audit(runtime: Environment, folder: Path) -> None:
    run = runtime.script("rnnlint", "audit", "model:factory", cwd=folder)
    assert (run.returncode, run.stderr) == (1, "")
    line, column, code = FINDING
    assert f"model.py:{line}:{column}: {code} " in run.stdout


@needs_torch
def test_the_fixture(runtime: Environment, folder: Path) -> None:
    """Beside pytest, which whoever uses the fixture has; behind the tests that do without it in this environment."""
    runtime.link(closure(["pytest"]))
    assert "einops" not in runtime.names()
    (folder / "test_model.py").write_text(IN_A_TEST, encoding="utf-8")
    run = runtime.python("-m", "pytest", "-q", "-p", "no:cacheprovider", cwd=folder)
    assert (run.returncode, run.stderr) == (1, "")
    assert "1 failed, 1 passed" in run.stdout
    assert f"{FINDING[0]}:{FINDING[1]}: {FINDING[2]} " in run.stdout


def test_the_wheel_has_the_package_and_the_pages(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        held = {name: archive.read(name) for name in archive.namelist() if not name.startswith("rnnlint-")}
    sources = {path.relative_to(ROOT).as_posix() for path in (ROOT / "rnnlint").rglob("*.py")}
    assert sources | {"rnnlint/py.typed"} <= set(held)
    assert {name.partition("/")[0] for name in held} == {"rnnlint"}, "nothing lands beside the package"
    docs = ROOT / "docs"
    named = re.findall(r'^"(docs/[^"]+)" =', (ROOT / "pyproject.toml").read_text(encoding="utf-8"), re.MULTILINE)
    kept = [
        *(one for one in (docs / "rules").rglob("*") if one.is_file()),
        *(ROOT / name for name in named if name != "docs/rules"),
    ]
    assert {docs / f"{name}.md" for name in ("audit", "check", "configuration", "followed", "projects")} <= {*kept}
    pages = {path.relative_to(ROOT).as_posix() for path in kept}
    assert pages >= {f"docs/rules/{rule.code}-{rule.name}.md" for rule in registry().values()}
    for page in pages:
        assert held[f"rnnlint/{page}"] == (ROOT / page).read_bytes()
