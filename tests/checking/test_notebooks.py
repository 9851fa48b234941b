"""Notebooks are checked as one module, and findings stand in cells."""

from __future__ import annotations

import json
from collections.abc import Sequence

from tests.checking.running import Check
from tests.hosts.running import MISREAD

IMPORTS, _, MODEL = MISREAD.partition("\n")


def notebook(*cells: str, kinds: Sequence[str] = (), language: str = "python") -> str:
    """A notebook of code cells, and before them those of other kinds."""
    every = [*((kind, f"an LSTM in {kind}") for kind in kinds), *(("code", cell) for cell in cells)]
    written: list[dict[str, object]] = [
        {"cell_type": kind, "metadata": {}, "source": source.splitlines(keepends=True)}
        | ({"outputs": [], "execution_count": None} if kind == "code" else {})
        for kind, source in every
    ]
    metadata = {"kernelspec": {"name": language, "language": language, "display_name": language}}
    return json.dumps({"cells": written, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}, indent=1)


def test_a_finding_stands_in_its_cell(check: Check) -> None:
    check.write("a.ipynb", notebook(IMPORTS, MODEL.lstrip(), kinds=["markdown"]))
    ran = check()
    assert (ran.status, ran.err) == (1, "")
    assert ran.out.startswith("a.ipynb:cell 3:9:26: RNN102 the backward half")
    (one,) = json.loads(check("--output-format=json").out)
    assert (one["cell"], one["location"], one["end_location"]["row"]) == (3, {"row": 9, "column": 26}, 9)
    written = (check.folder / "a.ipynb").read_text(encoding="utf-8").splitlines()
    assert "return self.head(output[:, -1])" in written[one["file_row"] - 1]
    assert {other["file_row"] for other in one["related"]} < set(range(one["file_row"] - 9, one["file_row"] + 1))
    full = check("--output-format=full").out
    assert "return self.head(output[:, -1])" in full


def test_a_second_run_reads_no_cell(check: Check, monkeypatch: object) -> None:
    check.write("a.ipynb", notebook(IMPORTS, "def (:", MODEL))
    first = check("--show-unknown")
    monkeypatch.setattr("rnnlint.notebooks.read", None)  # type: ignore[attr-defined]
    assert check("--show-unknown") == first
    assert "a.ipynb:cell 2:1:" in first.out


def test_comments_in_cells_suppress(check: Check) -> None:
    check.write("a.ipynb", notebook(IMPORTS, MODEL.replace("[:, -1])", "[:, -1])  # noqa: RNN102, RNN201")))
    assert check().out == ""
    assert check("--statistics").out == "a.ipynb:cell 2:11:42: unused noqa: RNN201\n"


def test_a_cell_that_is_no_python_is_named_where_a_recurrent_module_is(check: Check) -> None:
    check.write(
        "a.ipynb", notebook("%%bash\nls LSTM", IMPORTS, "x = 1\ny = = nn.LSTM(2, 3)", MODEL, "pip instal torch")
    )
    for _ in range(2):  # the second time from the cache
        ran = check()
        assert ran.status == 2
        assert ran.err.startswith("rnnlint check: a.ipynb: cell 3, line 2: it is no Python: ")
        assert ran.err.count("\n") == 1
        assert ran.out.startswith("a.ipynb:cell 4:11:26: RNN102 ")


def test_cells_that_are_no_python_are_named_on_request(check: Check) -> None:
    check.write("a.ipynb", notebook("%%bash\nls LSTM", IMPORTS, "x = = 1", MODEL, "!pip install torch"))
    ran = check()
    assert (ran.status, ran.err) == (1, "")
    assert [line.split(": ")[1][:6] for line in ran.out.splitlines()] == ["RNN102"]
    lines = check("--show-unknown").out.splitlines()
    assert lines[0].startswith("a.ipynb:cell 3:1:1: RNN900 not analysed: the cell is no Python: ")
    assert [line.split(": ")[1][:6] for line in lines] == ["RNN900", "RNN102"]


def test_what_is_no_notebook_is_one_line(check: Check) -> None:
    check.write("a.ipynb", '{"cells": [torch.LSTM')
    check.write("b.ipynb", "torch.LSTM\n")
    check.write("c.ipynb", notebook("from torch.nn import LSTM", language="R"))
    check.write("d.py", MISREAD)
    ran = check()
    assert ran.status == 2
    assert ran.refused == ["a.ipynb", "b.ipynb"]
    assert [row[0] for row in ran.found] == ["d.py"]
