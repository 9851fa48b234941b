"""The hook, as README has it, in a repository of its own: a real ``git commit`` is refused, or goes through.

The environment of the hook is built as for a user, from a package index.
"""

from __future__ import annotations

import shutil
import sys
from importlib.metadata import version
from importlib.util import find_spec

import pytest

from tests.hosts.repositories import Repository, copy_ours
from tests.hosts.running import FINDING, FIRST_STEP, MISREAD, RIGHT, readme
from tests.notebooks.written import code, markdown, notebook

pytestmark = [
    pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed"),
    pytest.mark.skipif(find_spec("pre_commit") is None, reason="pre-commit is not installed"),
]

(HOOKS,) = readme("yaml")
# ruff as a hook of its own comes from another repository; what it does is the same
RUFF = f"""\
  - repo: local
    hooks:
      - id: ruff-check
        name: ruff check
        entry: {sys.executable} -m ruff check --force-exclude --select=E9,F,RUF100
        language: system
        types_or: [python, jupyter]
        require_serial: true
"""
PYPROJECT = """\
[tool.rnnlint]
extend-ignore = ["RNN110"]
exclude = ["generated"]
[tool.ruff.lint]
external = ["RNN"]
"""


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    """A repository that is set up as README says, with a copy of this one in the place of OWNER's."""
    folder = tmp_path_factory.mktemp("pre-commit")
    ours = Repository(folder / "rnnlint", folder / "home")
    revision = copy_ours(ours)

    theirs = Repository(folder / "theirs", folder / "home")
    config = HOOKS.replace("https://github.com/OWNER/rnnlint", str(ours.folder))
    theirs.stage(".pre-commit-config.yaml", config.replace(f"v{version('rnnlint')}", revision) + RUFF)
    theirs.stage("pyproject.toml", PYPROJECT)
    theirs.run(sys.executable, "-m", "pre_commit", "install", "--install-hooks")
    assert theirs.commit().stderr.count("no files to check") == 2  # the set-up itself
    return theirs


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
    assert passed(repository).count("Passed") == 2
    repository.stage("first.py", FIRST_STEP)  # pyproject.toml has been read
    assert passed(repository).count("Passed") == 2
    repository.stage("notes.txt", MISREAD)
    assert passed(repository).count("no files to check") == 2


def test_a_line_that_is_silenced_beside_ruff(repository: Repository) -> None:
    line, _, code = FINDING
    lines = MISREAD.splitlines()
    lines[line - 1] += f"  # noqa: {code}"
    repository.stage("silenced.py", "\n".join(lines) + "\n")
    assert passed(repository).count("Passed") == 2


def test_what_is_excluded_is_excluded_where_it_is_named(repository: Repository) -> None:
    repository.stage("generated/model.py", MISREAD)
    assert passed(repository).count("Passed") == 2


def test_a_file_that_is_no_python(repository: Repository) -> None:
    repository.stage("broken.py", MISREAD.replace("def forward", "def def forward"))
    said = refused(repository)
    assert "broken.py" in said.split("ruff check")[0]
    assert "Passed" not in said
    repository.run("git", "rm", "-f", "--quiet", "broken.py")


def test_a_link_that_leads_nowhere(repository: Repository) -> None:
    """pre-commit hands no links to hooks; what matters is that it does not say Passed."""
    (repository.folder / "link.py").symlink_to("nowhere.py")
    repository.run("git", "add", "link.py")
    assert "Passed" not in passed(repository)


def test_a_notebook(repository: Repository) -> None:
    line, column, rule = FINDING
    imports, body = MISREAD.split("\n\n\n")
    model = code(f"!pip list\n{body}".rstrip("\n").splitlines(keepends=True))
    repository.stage("model.ipynb", notebook(markdown("# Model"), code(imports), model))
    assert f"model.ipynb:cell 3:{line - 2}:{column}: {rule} " in refused(repository)
    model["source"][-1] += f"  # noqa: {rule}"
    repository.stage("model.ipynb", notebook(markdown("# Model"), code(imports), model))
    assert passed(repository).count("Passed") == 2
    repository.stage("broken.ipynb", "{")
    assert "this is no notebook" not in refused(repository), "it names no recurrent module"
    repository.stage("broken.ipynb", '{"cells": torch.nn.LSTM')
    assert "broken.ipynb: this is no notebook: it is not valid JSON" in refused(repository)
    repository.run("git", "rm", "-f", "--quiet", "broken.ipynb")


def test_a_folder_with_a_configuration_of_its_own(repository: Repository) -> None:
    line, column, rule = FINDING
    repository.stage("below/model.py", MISREAD)
    below = repository.folder / "below"
    run = repository.run(sys.executable, "-m", "pre_commit", "run", "rnnlint", ok=False, folder=below)
    assert f"below/model.py:{line}:{column}: {rule} " in run.stdout
    repository.stage("below/rnnlint.toml", f'ignore = ["{rule}"]\n')
    run = repository.run(sys.executable, "-m", "pre_commit", "run", "rnnlint", folder=below)
    assert "Passed" in run.stdout
    passed(repository)


def test_an_encoder_in_one_file_and_its_reader_in_another(repository: Repository) -> None:
    """Files of one commit are one project; a file that is not committed is read where one of these imports it."""
    encoder = MISREAD.replace("Tagger", "Encoder").replace("self.head(output[:, -1])", "output")
    reader = """\
        from torch import nn

        from encoder import Encoder


        class Tagger(nn.Module):
            def __init__(self):
                super().__init__()
                self.encoder = Encoder()
                self.out = nn.Linear(32, 2)

            def forward(self, x):
                return self.out(self.encoder(x)[:, -1])
        """
    repository.stage("encoder.py", encoder)
    repository.stage("reader.py", "\n".join(line[8:] for line in reader.splitlines()) + "\n")
    assert "RNN102" in refused(repository)
    repository.run("git", "rm", "-f", "--quiet", "encoder.py", "reader.py")
