"""The hook of .pre-commit-hooks.yaml in a repository of its own: a real ``git commit`` is refused, or goes through."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.hosts.running import FINDING, HANG, MISREAD, RIGHT, ROOT

pytestmark = [
    pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed"),
    pytest.mark.skipif(find_spec("pre_commit") is None, reason="pre-commit is not installed"),
]


class Repository:
    """A git repository that no configuration of the machine reaches."""

    def __init__(self, folder: Path, home: Path) -> None:
        folder.mkdir()
        self.folder = folder
        kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
        who = {
            f"GIT_{role}_{field}": "t@example.org" for role in ("AUTHOR", "COMMITTER") for field in ("NAME", "EMAIL")
        }
        self._env = kept | who | {"PRE_COMMIT_HOME": str(home), "GIT_CONFIG_GLOBAL": os.devnull}
        self.run("git", "init", "--quiet", "--initial-branch=main")

    def run(self, *command: str, ok: bool = True) -> subprocess.CompletedProcess[str]:
        run = subprocess.run(
            command, cwd=self.folder, env=self._env, capture_output=True, encoding="utf-8", timeout=HANG, check=False
        )
        assert not ok or run.returncode == 0, run.stdout + run.stderr
        return run

    def stage(self, name: str, text: str) -> None:
        (self.folder / name).write_text(text, encoding="utf-8")
        self.run("git", "add", name)

    def commit(self, ok: bool = True) -> subprocess.CompletedProcess[str]:
        return self.run("git", "commit", "--message=change", ok=ok)


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    """A repository that uses the hook of a copy of this one."""
    folder = tmp_path_factory.mktemp("pre-commit")
    ours = Repository(folder / "rnnlint", folder / "home")
    for name in ("pyproject.toml", "README.md", "LICENSE", ".pre-commit-hooks.yaml"):
        shutil.copy(ROOT / name, ours.folder)
    shutil.copytree(ROOT / "rnnlint", ours.folder / "rnnlint", ignore=shutil.ignore_patterns("__pycache__"))
    ours.run("git", "add", ".")
    ours.commit()
    revision = ours.run("git", "rev-parse", "HEAD").stdout.strip()

    theirs = Repository(folder / "theirs", folder / "home")
    config = f"repos:\n  - repo: {ours.folder}\n    rev: {revision}\n    hooks:\n      - id: rnnlint\n"
    theirs.stage(".pre-commit-config.yaml", config)
    theirs.run(sys.executable, "-m", "pre_commit", "install", "--install-hooks")
    return theirs


def test_commits(repository: Repository) -> None:
    """One test, so that the hook's environment is built once."""
    assert "no files to check" in repository.commit().stderr  # the configuration itself: no Python file is staged

    repository.stage("model.py", MISREAD)
    refused = repository.commit(ok=False)
    line, column, code = FINDING
    assert refused.returncode == 1
    assert f"model.py:{line}:{column}: {code} " in refused.stdout + refused.stderr
    assert repository.run("git", "rev-list", "--count", "HEAD").stdout.strip() == "1"

    repository.stage("model.py", "import torch\n" + RIGHT)
    repository.commit()
    repository.stage("long.py", f"text = {'a' * 100!r}\n")  # other codes of flake8 are not the hook's affair
    repository.commit()
    repository.stage("notes.txt", MISREAD)
    assert "no files to check" in repository.commit().stderr
    assert repository.run("git", "rev-list", "--count", "HEAD").stdout.strip() == "4"
