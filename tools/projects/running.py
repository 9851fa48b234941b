"""``rnnlint check`` over a repository, each file alone or with the whole project in view."""

from __future__ import annotations

import contextlib
import io
import json
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rnnlint import cli
from rnnlint.checking.cache import Cache
from rnnlint.checking.data_files import DataFiles
from rnnlint.checking.excluding import Nearest
from rnnlint.checking.groups import together
from rnnlint.checking.inputs import Asked, read_all
from rnnlint.checking.modules import Files
from rnnlint.configuration import Configurations
from rnnlint.rules import registry
from rnnlint.settings import Settings
from tools.measure.findings import Said, Where
from tools.measure.places import Module, Place, read_module
from tools.projects.trees import Tree, folder_of

ALONE = "--isolated-files"
NOT_ASKED = frozenset({"RNN900"})
"""What is no finding: files that Python cannot parse, which are many in repositories of all ages."""


@dataclass(frozen=True, slots=True)
class Run:
    """What is said of a tree.  ``seconds`` are of processor time; ``refused`` is what was said to have failed.

    ``joined`` are the files that were analysed together with others.
    """

    said: tuple[Said, ...]
    seconds: float
    refused: str
    related: dict[Where, tuple[str, ...]]
    joined: int = 0


def run(root: Path, tree: Tree, *options: str) -> Run:
    """Check a tree with all rules, in this process and without a cache."""
    folder = folder_of(root, tree)
    out, err = io.StringIO(), io.StringIO()
    # by their names, since a prefix leaves out what is off by default
    every = ",".join(code for code in registry() if code not in NOT_ASKED)
    arguments = ["check", "--no-cache", "-j", "1", "--select", every, "--output-format", "json", *options]
    with _inside(folder), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        start = time.process_time()
        with contextlib.suppress(SystemExit):  # of which standard error says why
            cli.main(arguments)
        seconds = time.process_time() - start
    found = json.loads(out.getvalue() or "[]")
    modules: dict[str, Module] = {}
    said, related = [], {}
    for one in found:
        name = one["filename"]
        module = modules.setdefault(name, read_module(folder / name))
        place = _place(one)
        where = Where((*tree, name), place, one["code"])
        said.append(Said(where, module.around(place), one["message"]))
        related[where] = tuple(f"{_address(other)} {other['message']}" for other in one["related"])
    joined = 0 if ALONE in options else _joined(folder)
    return Run(tuple(said), seconds, err.getvalue().strip(), related, joined)


def _joined(folder: Path) -> int:
    """How many files of a tree are analysed together with others: what uses a model, and what it needs of others."""
    nearest = Nearest(Configurations(isolated=True))
    inputs = read_all(Asked((str(folder),)), nearest)
    data = DataFiles(inputs.folders, nearest.excludes)
    files = Files({one.path: one.source for one in inputs.inputs}, inputs.others, data, Cache(None))
    groups = [(*group.files, *group.data) for group in together(files, Settings())]
    return sum(len(group) for group in groups if len(group) > 1)


def _place(found: dict[str, Any]) -> Place:
    # labels count the cells of a notebook from 0, the command from 1
    cell = found["cell"] or 0
    return (cell - 1 if cell else 0), found["location"]["row"]


def _address(found: dict[str, Any]) -> str:
    cell = f"cell {found['cell']}:" if found["cell"] else ""
    return f"{found['filename']}:{cell}{found['location']['row']}"


@contextlib.contextmanager
def _inside(folder: Path) -> Iterator[None]:
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)
