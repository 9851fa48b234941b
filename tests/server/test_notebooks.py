"""Notebooks come as cells: what is found in one is said of its document."""

from __future__ import annotations

from pathlib import Path

from tests.server.client import Client, Json, stretch

HEAD = "%matplotlib inline\nimport torch\nfrom torch import nn\n"
CLASS = """\
class Tagger(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(8, 16, bidirectional=True, batch_first=True)
        self.head = nn.Linear(32, 2)

    def forward(self, x):
        output, _ = self.lstm(x)
        return self.head(output[:, -1])
"""
LAST = """\
!pip list
y = Tagger()(torch.zeros(3, 5, 8))
last = '😀', nn.LSTM(2, 3, bidirectional=True)(y)[0][-1]; nn.Linear(6, 1)(last[1])"""


def _cell(uri: str, kind: int = 2) -> Json:
    return {"kind": kind, "document": uri}


def _document(uri: str, text: str, version: int = 1, language: str = "python") -> Json:
    return {"uri": uri, "languageId": language, "version": version, "text": text}


def open_notebook(client: Client, path: Path, texts: list[str]) -> tuple[str, list[str]]:
    uri = path.as_uri()
    cells = [f"vscode-notebook-cell:{path.as_posix()}#cell{number}" for number in range(len(texts))]
    client.notify(
        "notebookDocument/didOpen",
        {
            "notebookDocument": {
                "uri": uri,
                "notebookType": "jupyter-notebook",
                "version": 1,
                "cells": list(map(_cell, cells)),
            },
            "cellTextDocuments": [_document(cell, text) for cell, text in zip(cells, texts, strict=True)],
        },
    )
    return uri, cells


def _change(client: Client, uri: str, cells: Json, version: int = 2) -> None:
    client.notify(
        "notebookDocument/didChange",
        {"notebookDocument": {"uri": uri, "version": version}, "change": {"cells": cells}},
    )


def said_of(client: Client, cell: str, before: int, found: bool = True) -> list[tuple[str, int, int]]:
    said = client.wait(
        lambda one: one["params"].get("uri") == cell and bool(one["params"]["diagnostics"]) is found, before
    )
    return [
        (one["code"], one["range"]["start"]["line"], one["range"]["start"]["character"])
        for one in said["params"]["diagnostics"]
    ]


def test_findings_stand_in_their_cells(client: Client, tmp_path: Path) -> None:
    before = len(client.said)
    uri, cells = open_notebook(client, tmp_path / "model.ipynb", [HEAD, "# notes", CLASS])
    assert said_of(client, cells[2], before) == [("RNN102", 8, 25)]
    assert said_of(client, cells[0], before, found=False) == []
    # a cell that is typed into, by units; and one that comes between
    before = len(client.said)
    text = {"document": {"uri": cells[1], "version": 2}, "changes": [stretch((0, 0), (0, 7), "'😀'")]}
    _change(client, uri, {"textContent": [text]})
    new = f"{cells[0]}new"
    opened = [_document(new, "x = 1\n")]
    _change(
        client,
        uri,
        {"structure": {"array": {"start": 1, "deleteCount": 0, "cells": [_cell(new)]}, "didOpen": opened}},
        3,
    )
    assert said_of(client, new, before, found=False) == []
    said = client.request(
        "textDocument/hover", {"textDocument": {"uri": cells[2]}, "position": {"line": 8, "character": 33}}
    )
    assert "output[:, -1] is (sample, direction*unit[fwd|bwd]) of output" in said["contents"]["value"]
    assert said["range"]["start"] == {"line": 8, "character": 25}
    place = {"line": 8, "character": 0}
    asked = {"textDocument": {"uri": cells[2]}, "range": {"start": place, "end": place}, "context": {"diagnostics": []}}
    silence = client.request("textDocument/codeAction", asked)[-2]
    (change,) = silence["edit"]["documentChanges"]
    assert change["textDocument"]["uri"] == cells[2]
    assert change["edits"][0]["range"]["start"]["line"] == 8
    assert change["edits"][0]["newText"] == "  # noqa: RNN102"
    before = len(client.said)
    client.notify(
        "notebookDocument/didClose",
        {"notebookDocument": {"uri": uri}, "cellTextDocuments": [{"uri": cell} for cell in cells]},
    )
    assert said_of(client, cells[2], before, found=False) == []


def test_a_cell_that_goes_takes_its_findings_and_its_names(client: Client, tmp_path: Path) -> None:
    before = len(client.said)
    uri, cells = open_notebook(client, tmp_path / "model.ipynb", [HEAD, CLASS, LAST])
    assert said_of(client, cells[1], before) == [("RNN102", 8, 25)]
    (one,) = said_of(client, cells[2], before)
    assert one[:2] == ("RNN102", 2)
    before = len(client.said)
    gone = {"array": {"start": 1, "deleteCount": 1}, "didClose": [{"uri": cells[1]}]}
    _change(client, uri, {"structure": gone})
    assert said_of(client, cells[1], before, found=False) == []


def test_a_cell_that_is_no_python_costs_the_others_nothing(client: Client, tmp_path: Path) -> None:
    before = len(client.said)
    uri, cells = open_notebook(client, tmp_path / "model.ipynb", [HEAD, "def f(:", CLASS, "%%bash\nls", ""])
    assert said_of(client, cells[2], before) == [("RNN102", 8, 25)]
    # a cell becomes a heading
    before = len(client.said)
    _change(client, uri, {"data": [_cell(cells[2], 1)]})
    assert said_of(client, cells[2], before, found=False) == []


def test_hostile_notebooks(client: Client, tmp_path: Path) -> None:
    uri = (tmp_path / "never.ipynb").as_uri()
    _change(client, uri, {"data": [_cell("x")]})
    client.notify("notebookDocument/didClose", {"notebookDocument": {"uri": uri}, "cellTextDocuments": []})
    client.notify("notebookDocument/didSave", {"notebookDocument": {"uri": uri}})
    uri, cells = open_notebook(client, tmp_path / "model.ipynb", [HEAD, CLASS])
    before = len(client.said)
    _change(client, uri, {"structure": {"array": {"start": 50, "deleteCount": 70}, "didClose": [{"uri": "nobody"}]}})
    _change(client, uri, {"textContent": [{"document": {"uri": "nobody", "version": 1}, "changes": [{"text": "x"}]}]})
    _change(client, uri, {"data": [_cell("nobody")]})
    # a cell of which there is no document, and documents of which there is no cell
    orphan = [_document("orphan:1", CLASS)]
    _change(
        client,
        uri,
        {"structure": {"array": {"start": 0, "deleteCount": 0, "cells": [_cell("ghost:1")]}, "didOpen": orphan}},
    )
    client.open(cells[1], "x = 1")  # which is open already, as a cell
    client.close(cells[1])
    _change(
        client,
        uri,
        {"textContent": [{"document": {"uri": cells[0], "version": 9}, "changes": [{"text": HEAD + "\n"}]}]},
    )
    assert said_of(client, cells[1], before) == [("RNN102", 8, 25)]
