"""Notebooks, read and linted."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from rnnlint.findings import Finding
from rnnlint.linter import lint
from rnnlint.notebooks import NotANotebook, Notebook, Spot, TakenOut, Why, read
from rnnlint.notebooks.reading import LINE_END
from rnnlint.report import NOTHING, Modules
from rnnlint.source.gate import builds
from rnnlint.source.prefilter import mentions_rnn
from rnnlint.source.tree import tree_of
from tools.notebooks.against_ipython import difference


@dataclass(frozen=True, slots=True)
class Said:
    """A finding, and where it stands."""

    spot: Spot
    finding: Finding


@dataclass(frozen=True, slots=True)
class Surveyed:
    """One notebook: why it is not analysed ("" if it is), its cells, what is said of it, and how long that took.

    ``lost`` are the cells that IPython runs and the reader takes out or reads otherwise, with what is different.
    """

    name: str
    refused: str
    cells: int = 0
    taken_out: tuple[TakenOut, ...] = ()
    said: tuple[Said, ...] = ()
    modules: Modules = NOTHING.modules
    builds: bool = False
    internal: int = 0
    seconds: float = 0.0
    lost: tuple[tuple[int, str], ...] = ()


def survey(files: Iterable[tuple[str, Path]], beside_ipython: bool) -> Iterator[Surveyed]:
    """What becomes of each notebook: pairs of a name and where it lies."""
    for name, path in files:
        yield _surveyed(name, path, beside_ipython)


def _surveyed(name: str, path: Path, beside_ipython: bool) -> Surveyed:
    began = time.process_time()
    text = path.read_bytes().decode("utf-8", errors="replace")
    try:
        notebook = read(text)
    except NotANotebook as error:
        return Surveyed(name, str(error))
    if notebook.not_analysed:
        return Surveyed(name, notebook.not_analysed)
    report = lint(notebook.text, name)
    took = time.process_time() - began
    return Surveyed(
        name,
        report.not_analysed or "",
        len(notebook.cells),
        notebook.taken_out,
        tuple(Said(notebook.spot(one.line, one.column), one) for one in report.findings),
        report.modules,
        mentions_rnn(notebook.text) and builds(notebook.text, tree_of(notebook.text)),
        len(report.internal),
        took,
        tuple(_lost(text, notebook)) if beside_ipython else (),
    )


def _lost(text: str, notebook: Notebook) -> Iterator[tuple[int, str]]:
    for number, lines in notebook.cells.items():
        said = difference("\n".join(lines))
        if said:
            yield number, said
    for taken in notebook.taken_out:
        if taken.why is Why.SYNTAX:
            said = difference("\n".join(_lines(text, taken.cell)))
            if said:
                yield taken.cell, said


def _lines(text: str, cell: int) -> list[str]:
    content = json.loads(text.removeprefix("\ufeff"))
    cells = content.get("cells") or [one for sheet in content["worksheets"] for one in sheet["cells"]]
    source = cells[cell - 1].get("source", cells[cell - 1].get("input"))
    return LINE_END.split("".join(source))
