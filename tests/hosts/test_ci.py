"""docs/ci.md: its YAML parses, and the commands in it do what it says, but for what a service does with their files."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from packaging.requirements import Requirement

from tests.hosts.repositories import Repository
from tests.hosts.running import FINDING, HANG, MISREAD, RIGHT, ROOT, readme
from tests.notebooks.written import code, notebook

yaml = pytest.importorskip("yaml")
pytestmark = pytest.mark.skipif(
    not all(map(shutil.which, ("git", "bash", "awk"))), reason="git, bash or awk is not installed"
)

PAGE = (ROOT / "docs" / "ci.md").read_text(encoding="utf-8")
BLOCKS = [yaml.safe_load(block) for block in re.findall(r"^```yaml\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)]
HOOK, OF_FLAKE8, GITHUB, SHARDS, GITLAB = BLOCKS
FILES = {
    "a.py": MISREAD,
    "b.py": RIGHT,
    "sub/c.py": MISREAD,
    "d.ipynb": notebook(code(MISREAD)),
    "sub/e.ipynb": notebook(code("x = 1")),
    "a b.py": MISREAD,
    "größe.py": MISREAD,  # which git quotes in a list, unless it is told not to
}
WRONG = {"a.py", "sub/c.py", "d.ipynb", "a b.py", "größe.py"}


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    made = Repository(tmp_path / "project", tmp_path / "home")
    for name, text in FILES.items():
        made.stage(name, text)
    return made


def _bash(command: str, repository: Repository, **env: str) -> subprocess.CompletedProcess[str]:
    # as GitHub runs it: https://docs.github.com/en/actions/reference/workflow-syntax-for-github-actions (shell)
    return subprocess.run(
        ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", command],
        cwd=repository.folder,
        env=os.environ | {"PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])} | env,
        capture_output=True,
        encoding="utf-8",
        timeout=HANG,
        check=False,
    )


def _steps(workflow: dict[object, Any]) -> tuple[str, str, dict[str, Any]]:
    """What a workflow installs, what it runs, and what it uploads."""
    assert workflow[True] == ["push", "pull_request"], "YAML 1.1 reads the word on as a truth, and GitHub does not"
    assert workflow["permissions"] == {"contents": "read", "security-events": "write"}
    (job,) = workflow["jobs"].values()
    install, check = [step["run"] for step in job["steps"] if "run" in step]
    upload = job["steps"][-1]
    assert upload["if"] == "success() || failure()", "findings are the reason to upload"
    return install, check, upload["with"]


def test_the_hook_is_that_of_readme() -> None:
    assert yaml.safe_load(readme("yaml")[0]) == HOOK


def test_what_is_installed() -> None:
    (flake8,) = OF_FLAKE8["repos"]
    (hook,) = flake8["hooks"]
    needs = [*hook["additional_dependencies"], GITLAB["rnnlint"]["script"][0].partition('"')[2].rstrip('"')]
    needs += [_steps(workflow)[0].partition('"')[2].rstrip('"') for workflow in (GITHUB, SHARDS)]
    for need in needs:
        assert Requirement(need).url == f"git+https://github.com/OWNER/rnnlint@v{version('rnnlint')}"


def test_github(repository: Repository) -> None:
    _, command, upload = _steps(GITHUB)
    run = _bash(command, repository)
    assert run.returncode == 1, run.stderr
    line, _, rule = FINDING
    assert f"file=a.py,line={line}," in run.stdout
    log = json.loads((repository.folder / upload["sarif_file"]).read_text(encoding="utf-8"))
    assert _named(log) == WRONG
    assert {result["ruleId"] for result in log["runs"][0]["results"]} == {rule}


def test_github_in_four_shards(repository: Repository) -> None:
    _, command, upload = _steps(SHARDS)
    (job,) = SHARDS["jobs"].values()
    assert "${{ matrix.shard }}" in upload["category"], "one run of a tool for each category"
    shards = job["strategy"]["matrix"]["shard"]
    named: list[str] = []
    for shard in shards:
        run = _bash(command.replace("${{ matrix.shard }}", str(shard)), repository)
        log = json.loads((repository.folder / upload["sarif_file"]).read_text(encoding="utf-8"))
        assert run.returncode == (1 if _named(log) else 0), run.stderr
        named += _named(log)
    assert sorted(named) == sorted(WRONG)


@pytest.mark.parametrize("total", [1, 4])
def test_gitlab(repository: Repository, total: int) -> None:
    job = GITLAB["rnnlint"]
    report = job["artifacts"]["reports"]["codequality"]
    named: list[str] = []
    for index in range(1, total + 1):
        env = {"CI_NODE_TOTAL": str(total), "CI_NODE_INDEX": str(index)} if total > 1 else {}
        run = _bash(job["script"][1], repository, **env)
        found = json.loads((repository.folder / report).read_text(encoding="utf-8"))
        assert run.returncode == (1 if found else 0), run.stderr
        named += [one["location"]["path"] for one in found]
    assert sorted(named) == sorted(WRONG)


def _named(log: dict[str, Any]) -> set[str]:
    places = [result["locations"][0]["physicalLocation"] for run in log["runs"] for result in run["results"]]
    return {unquote(place["artifactLocation"]["uri"]) for place in places}
