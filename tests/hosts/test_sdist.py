"""The sdist: everything that is in the repository, and tests that can be collected from it."""

from __future__ import annotations

import os
import subprocess
import tarfile
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.hosts.environments import build
from tests.hosts.running import ROOT, python

SOME = ("tests/output", "tests/hosts", "tests/oracle/test_chains.py")
"""They import of tests/, rnnlint, oracle and tools, each from where it was unpacked."""

pytestmark = pytest.mark.skipif(find_spec("hatchling") is None, reason="hatchling is not installed")


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sdist")
    (folder / "made").mkdir()
    with tarfile.open(build("sdist", folder / "made")) as archive:
        archive.extraction_filter = getattr(tarfile, "data_filter", None)  # from 3.10.12 on, and the default later
        archive.extractall(folder)
    (root,) = folder.glob("rnnlint-*")
    return root


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="not a clone")
def test_it_holds_what_the_repository_holds(unpacked: Path) -> None:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    run = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, env=kept, capture_output=True, encoding="utf-8", check=True
    )
    tracked = {name for name in run.stdout.split("\0") if name and (ROOT / name).exists()}
    held = {path.relative_to(unpacked).as_posix() for path in unpacked.rglob("*") if path.is_file()}
    assert tracked - held == set()
    assert not {name for name in held if name.startswith((".venv", ".nox", ".git/"))}


def test_its_tests_can_be_collected(unpacked: Path) -> None:
    """From the sdist's own files: where they are is asked of one of them.

    That all of them are there the test above says; some folders show that what they import is found there.
    """
    # plain: to rewrite what the tests assert takes as long again, and nothing is run
    how = ("--collect-only", "-q", "-n0", "-p", "no:cacheprovider", "--assert=plain")
    run = python("-m", "pytest", *how, *SOME, cwd=unpacked)
    assert run.returncode == 0, run.stdout[-4000:] + run.stderr
    assert " tests collected" in run.stdout
    where = python("-c", "import rnnlint, tools; print(rnnlint.__file__, tools.__path__[0])", cwd=unpacked)
    assert where.stdout.split() == [str(unpacked / "rnnlint" / "__init__.py"), str(unpacked / "tools")]
