"""git repositories that no configuration of the machine reaches, one of them with what this one installs."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from tests.hosts.running import HANG, ROOT


class Repository:
    """A new git repository; ``home`` is where pre-commit keeps its environments."""

    def __init__(self, folder: Path, home: Path) -> None:
        folder.mkdir()
        self.folder = folder
        self.home = home
        kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
        who = {
            f"GIT_{role}_{field}": "t@example.org" for role in ("AUTHOR", "COMMITTER") for field in ("NAME", "EMAIL")
        }
        self._env = kept | who | {"PRE_COMMIT_HOME": str(home), "GIT_CONFIG_GLOBAL": os.devnull}
        self.run("git", "init", "--quiet", "--initial-branch=main")

    def run(self, *command: str, ok: bool = True, folder: Path | None = None) -> subprocess.CompletedProcess[str]:
        run = subprocess.run(
            command,
            cwd=folder or self.folder,
            env=self._env,
            capture_output=True,
            encoding="utf-8",
            timeout=HANG,
            check=False,
        )
        assert not ok or run.returncode == 0, run.stdout + run.stderr
        return run

    def stage(self, name: str, text: str) -> None:
        (self.folder / name).parent.mkdir(exist_ok=True)
        (self.folder / name).write_text(text, encoding="utf-8")
        self.run("git", "add", name)

    def commit(self, ok: bool = True) -> subprocess.CompletedProcess[str]:
        return self.run("git", "commit", "--message=change", ok=ok)


def copy_ours(repository: Repository) -> str:
    """Commit a copy of what is built and installed from this repository; returns the revision."""
    for name in ("pyproject.toml", "README.md", "LICENSE", ".pre-commit-hooks.yaml"):
        shutil.copy(ROOT / name, repository.folder)
    for name in ("rnnlint", "docs"):
        shutil.copytree(ROOT / name, repository.folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    repository.run("git", "add", ".")
    repository.commit()
    return repository.run("git", "rev-parse", "HEAD").stdout.strip()
