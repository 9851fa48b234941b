"""A project's files run on torch, as their user would run them, while the audit watches."""

from __future__ import annotations

import contextlib
import io
import linecache
import runpy
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import torch

from rnnlint.failures import Failures
from rnnlint.rules import registry
from rnnlint.runtime.auditing.observe import observed
from rnnlint.runtime.auditing.report import judged
from rnnlint.runtime.auditing.watch import Watch
from tests.projects.announcements import Project, Spot

Seen = frozenset[tuple[Spot, str]]  # where, and the code of the rule


def run(project: Project, path: str) -> tuple[Seen, Exception | None]:
    """What the audit reports of a run, and what the run has raised."""
    watch, error = Watch(), None
    torch.manual_seed(0)
    with _alone(project, path), observed(watch), contextlib.redirect_stdout(io.StringIO()):
        try:
            _run(project, path)
        except Exception as raised:
            error = raised
    watch.ended()
    found = set()
    for one in judged(watch.events, Failures(), frozenset(registry())):
        spot = _spot(project, one.place.file, one.place.line)
        if spot is not None:
            found.add((spot, one.code))
    return frozenset(found), error


def _run(project: Project, path: str) -> None:
    file = project.folder / path
    if file.suffix == ".ipynb":
        names: dict[str, object] = {"__name__": "__main__"}
        for cell in project.of(path):
            if not cell.text.startswith("%"):
                name = f"{file}:{cell.cell}"
                linecache.cache[name] = (len(cell.text), None, cell.text.splitlines(keepends=True), name)
                exec(compile(cell.text, name, "exec"), names)
        return
    package = _package(file)
    if package:
        runpy.run_module(".".join((*package, file.stem)), run_name="__main__", alter_sys=False)
    else:
        runpy.run_path(str(file), run_name="__main__")


def _package(file: Path) -> tuple[str, ...]:
    """The names of the packages that a file is in: with any, it is run with ``python -m``."""
    folder = file.parent
    return (*_package(folder), folder.name) if (folder / "__init__.py").is_file() else ()


@contextlib.contextmanager
def _alone(project: Project, path: str) -> Iterator[None]:
    """As in a process of its own: modules of other projects, or of these tests, that have a name of one here are gone.

    The package of a ``src`` layout is installed.
    """
    file = project.folder / path
    above = len(_package(file))
    root = file.parents[above]
    names = {one.stem for one in project.folder.rglob("*.py")} | {one.name for one in project.folder.rglob("*")}
    before: dict[str, ModuleType] = dict(sys.modules)
    paths, arguments, bytecode = list(sys.path), sys.argv, sys.dont_write_bytecode
    for name in before:
        if name.partition(".")[0] in names:
            del sys.modules[name]
    sys.path[:0] = [str(root), str(project.folder / "src")]
    sys.argv = [str(file)]
    sys.dont_write_bytecode = True
    try:
        yield
    finally:
        for name, module in list(sys.modules.items()):
            if str(getattr(module, "__file__", "")).startswith(str(project.folder)):
                del sys.modules[name]
        for name, module in before.items():
            sys.modules.setdefault(name, module)
        sys.path[:] = paths
        sys.argv, sys.dont_write_bytecode = arguments, bytecode


def _spot(project: Project, file: str, line: int) -> Spot | None:
    name, _, cell = file.partition(".ipynb:")
    path = Path(f"{name}.ipynb" if cell else name)
    if not path.is_relative_to(project.folder):
        return None
    return path.relative_to(project.folder).as_posix(), int(cell or 0), line
