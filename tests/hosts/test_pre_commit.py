"""The hooks, as README has them, in a repository of its own: a real ``git commit`` is refused, or goes through.

The environments of the hooks are built as for a user, from a package index.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.hosts.repositories import Repository, copy_ours
from tests.hosts.running import FINDING, FIRST_STEP, HANG, MISREAD, RIGHT, readme, rows

pytestmark = [
    pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed"),
    pytest.mark.skipif(find_spec("pre_commit") is None, reason="pre-commit is not installed"),
]

(HOOKS,) = readme("yaml")
PYPROJECT = f'{readme("toml")[0]}extend-ignore = ["RNN110"]\n'


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    """A repository that is set up as README says, with a copy of this one in the place of OWNER's."""
    folder = tmp_path_factory.mktemp("pre-commit")
    ours = Repository(folder / "rnnlint", folder / "home")
    revision = copy_ours(ours)

    theirs = Repository(folder / "theirs", folder / "home")
    config = HOOKS.replace("https://github.com/OWNER/rnnlint", str(ours.folder))
    theirs.stage(".pre-commit-config.yaml", config.replace(f"v{version('rnnlint')}", revision))
    theirs.stage("pyproject.toml", PYPROJECT)
    theirs.run(sys.executable, "-m", "pre_commit", "install", "--install-hooks")
    assert theirs.commit().stderr.count("no files to check") == 2  # the set-up itself
    return theirs


def notebook(*cells: str) -> str:
    """A notebook of these cells of code, after a cell of text."""
    made = [{"cell_type": "markdown", "metadata": {}, "source": ["# Model"]}]
    for cell in cells:
        source = cell.splitlines(keepends=True)
        made.append(
            {"cell_type": "code", "metadata": {}, "source": source, "execution_count": None, "outputs": []}  # type: ignore[dict-item]
        )
    about = {"language_info": {"name": "python"}}
    return json.dumps({"cells": made, "metadata": about, "nbformat": 4, "nbformat_minor": 4})


def refused(repository: Repository) -> str:
    """What is said of a commit that does not go through."""
    before = repository.run("git", "rev-list", "--count", "HEAD").stdout
    run = repository.commit(ok=False)
    assert run.returncode == 1
    assert repository.run("git", "rev-list", "--count", "HEAD").stdout == before
    return run.stdout + run.stderr


def passed(repository: Repository) -> str:
    """What is said of a commit that does."""
    run = repository.commit()
    return run.stdout + run.stderr


def test_commits(repository: Repository) -> None:
    line, column, code = FINDING
    repository.stage("model.py", MISREAD)
    assert f"model.py:{line}:{column}: {code} " in refused(repository)
    repository.stage("model.py", "import torch\n" + RIGHT)
    assert "Passed" in passed(repository)
    repository.stage("long.py", f"text = {'a' * 100!r}\n")  # other codes of flake8 are not the hook's affair
    assert "Passed" in passed(repository)
    repository.stage("first.py", FIRST_STEP)  # and pyproject.toml has been read
    assert "Passed" in passed(repository)
    repository.stage("notes.txt", MISREAD)
    assert passed(repository).count("no files to check") == 2


def test_a_file_that_is_no_python(repository: Repository) -> None:
    repository.stage("broken.py", MISREAD.replace("def forward", "def def forward"))
    said = refused(repository)
    assert "broken.py:10:" in said
    assert "E999" in said
    assert "Passed" not in said
    repository.run("git", "rm", "-f", "--quiet", "broken.py")


def test_a_link_that_leads_nowhere(repository: Repository) -> None:
    """pre-commit hands no links to hooks; what matters is that it does not say Passed."""
    (repository.folder / "link.py").symlink_to("nowhere.py")
    repository.run("git", "add", "link.py")
    assert "Passed" not in passed(repository)


def test_a_notebook(repository: Repository) -> None:
    line, column, code = FINDING
    imports, body = MISREAD.split("\n\n\n")
    repository.stage("model.ipynb", notebook(imports, body.rstrip("\n")))
    said = refused(repository)
    assert f"model.ipynb:cell_2:{line - 3}:{column}: {code} " in said
    repository.stage("model.ipynb", notebook(imports, f"!pip list\n{body}".rstrip("\n")))
    (place,) = [one for one in refused(repository).splitlines() if code in one]
    assert int(place.split(":")[2]) > line - 2, "nbQA counts right: README need not warn of it any more"
    repository.stage("model.ipynb", notebook("import torch\n" + imports, RIGHT.split("\n\n\n")[1].rstrip("\n")))
    assert "Passed" in passed(repository)


def test_flake8_reads_pyproject_where_flake8_pyproject_is_installed(repository: Repository, tmp_path: Path) -> None:
    """Not as a hook: in the environment that has been made for it."""
    for name, text in {"model.py": MISREAD, "first.py": FIRST_STEP, "pyproject.toml": PYPROJECT}.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    for python in repository.home.glob("*/py_env-*/bin/python"):
        run = subprocess.run(
            [str(python), "-m", "flake8", "."],
            cwd=tmp_path,
            capture_output=True,
            encoding="utf-8",
            timeout=HANG,
            check=False,
        )
        assert rows(run.stdout) == [("model.py", *FINDING)], run.stderr
        return
    pytest.fail("no environment")
