"""Code actions that mend what is found: an editor makes their edits, and what comes of it is checked, and run."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.server.client import CAPABILITIES, Client, Json
from tests.server.editing import actions, made
from tests.server.test_notebooks import open_notebook, said_of
from tests.server.texts import LINE, MODEL, RIGHT

SAFE = """\
from torch import nn, zeros


def first():
    output, h_n = nn.LSTM(8, 16)(zeros(5, 3, 8))
    return h_n.view(3, 16)


def second():
    output, h_n = nn.GRU(8, 16, bidirectional=True)(zeros(5, 3, 8))
    return nn.Linear(32, 2)(output[-1])


def third():
    output, state = nn.LSTM(8, 16)(zeros(5, 3, 8))
    return state.view(3, 16)
"""
"""Two findings whose fixes are safe, on lines 5 and 15 (from 0), and between them one whose fix changes numbers."""
MENDED = SAFE.replace("output, h_n = nn.LSTM", "output, (h_n, _) = nn.LSTM")
ALL_MENDED = MENDED.replace("output, state =", "output, (state, _) =")

RAISES = """\
from torch import nn, zeros


def read():
    output, h_n = nn.LSTM(8, 16, bidirectional=True)(zeros(5, 3, 8))
    return output, h_n.view(2, 3, 16)
"""
READER = "from model import nn, read\n\noutput, _ = read()\nnn.Linear(32, 2)(output[-1])\n"
"""Who calls it takes a wrong step of what it returns, which nobody sees as long as torch raises before."""

TWO_READINGS = """\
from torch import nn


class Convolved(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv1d(8, 12, 3, padding=1)
        self.gru = nn.GRU(12, 16)

    def forward(self, x):
        x = self.conv(x).permute(0, 2, 1)
        x, _ = self.gru(x)
        return x[:, -1]
"""


@pytest.fixture
def uri(client: Client, tmp_path: Path) -> Iterator[str]:
    address = (tmp_path / "model.py").as_uri()
    yield address
    client.close(address)


def _fixes(client: Client, uri: str, line: int) -> list[Json]:
    """The quick fixes that mend something."""
    every = actions(client, uri, line, ["quickfix"])
    return [one for one in every if "edit" in one and "noqa" not in one["title"]]


def _open(client: Client, uri: str, text: str) -> list[Json]:
    client.open(uri, text)
    return client.diagnostics(uri)


def _codes(client: Client, uri: str, text: str) -> list[tuple[Any, int]]:
    client.change(uri, text)
    return client.codes(uri)


def test_a_fix_that_changes_numbers_says_so_and_mends(client: Client, uri: str) -> None:
    _open(client, uri, MODEL)
    (fix,) = _fixes(client, uri, LINE)
    assert (fix["title"], fix["kind"]) == ("Use torch.cat((h_n[-2], h_n[-1]), -1) (changes numbers)", "quickfix")
    assert "isPreferred" not in fix
    assert [one["code"] for one in fix["diagnostics"]] == ["RNN102"]
    (change,) = fix["edit"]["documentChanges"]
    assert change["textDocument"] == {"uri": uri, "version": 1}
    after = made({uri: MODEL}, fix["edit"])[uri]
    assert after == RIGHT
    assert _codes(client, uri, after) == []
    assert _fixes(client, uri, LINE) == []


@pytest.mark.skipif(find_spec("torch") is None, reason="torch is not installed")
def test_what_was_mended_holds_on_torch(client: Client, uri: str) -> None:
    import torch

    _open(client, uri, MODEL)
    (fix,) = _fixes(client, uri, LINE)
    names: dict[str, Any] = {}
    exec(made({uri: MODEL}, fix["edit"])[uri], names)
    model, fed = names["Tagger"](), []
    model.head.register_forward_pre_hook(lambda _, given: fed.append(given[0]))
    with torch.no_grad():
        x = torch.randn(3, 5, 8)
        model(x)
        output, _ = model.lstm(x)
    wanted = torch.cat((output[:, -1, :16], output[:, 0, 16:]), -1)
    assert torch.equal(fed[0], wanted)
    assert not torch.equal(fed[0], output[:, -1])


def test_a_safe_fix_is_preferred(client: Client, uri: str) -> None:
    assert [one["code"] for one in _open(client, uri, SAFE)] == ["RNN302", "RNN102", "RNN302"]
    (fix,) = _fixes(client, uri, 5)
    assert fix["isPreferred"] is True
    assert "numbers" not in fix["title"]
    after = made({uri: SAFE}, fix["edit"])[uri]
    assert after == MENDED
    assert [code for code, _ in _codes(client, uri, after)] == ["RNN102", "RNN302"]


@pytest.mark.parametrize("kind", ["source", "source.fixAll", "source.fixAll.rnnlint"])
def test_all_that_is_safe_is_made_at_once(client: Client, uri: str, kind: str) -> None:
    _open(client, uri, SAFE)
    (every,) = actions(client, uri, 0, [kind], 2)
    assert every["kind"] == "source.fixAll.rnnlint"
    after = made({uri: SAFE}, every["edit"])[uri]
    assert after == ALL_MENDED
    assert [code for code, _ in _codes(client, uri, after)] == ["RNN102"]
    assert actions(client, uri, 0, [kind]) == []  # what changes numbers is never made by itself


def test_all_is_offered_to_somebody_who_looks_and_not_whenever_the_cursor_moves(client: Client, uri: str) -> None:
    _open(client, uri, SAFE)
    assert [one["kind"] for one in actions(client, uri, 0)] == ["source.fixAll.rnnlint"]
    assert actions(client, uri, 0, trigger=2) == []
    for kind in ("source.organizeImports", "source.fixAll.ruff", "sourc", "refactor"):
        assert actions(client, uri, 0, [kind]) == []
    assert all(one["kind"] == "quickfix" for one in actions(client, uri, 5, ["quickfix"]))


def test_all_is_made_of_what_has_just_been_typed(client: Client, uri: str) -> None:
    _open(client, uri, MODEL)
    client.change(uri, SAFE)  # and saved, before anything is said of it
    (every,) = actions(client, uri, 0, ["source.fixAll"], 2)
    assert every["edit"]["documentChanges"][0]["textDocument"]["version"] == 2


def test_of_two_readings_the_one_that_holds_is_offered(client: Client, uri: str) -> None:
    (found,) = [one for one in _open(client, uri, TWO_READINGS) if one["code"] == "RNN204"]
    line = found["range"]["start"]["line"]
    proposed = [(one["title"], one["applicability"]) for one in found["data"]["fixes"]]
    assert proposed == [("transpose the input", "display"), ("build it with batch_first=True", "display")]
    # transposed, the last sample would be taken for the last step
    (fix,) = _fixes(client, uri, line)
    assert fix["title"] == "Build it with batch_first=True (changes numbers)"
    assert "isPreferred" not in fix
    assert _codes(client, uri, made({uri: TWO_READINGS}, fix["edit"])[uri]) == []


def test_what_is_silenced_is_not_mended(client: Client, uri: str) -> None:
    text = SAFE.replace("return h_n.view(3, 16)", "return h_n.view(3, 16)  # noqa: RNN302")
    _open(client, uri, text)
    assert _fixes(client, uri, 5) == []
    (every,) = actions(client, uri, 0, ["source.fixAll"])
    assert "output, h_n = nn.LSTM" in made({uri: text}, every["edit"])[uri]


def test_what_brings_a_finding_to_another_file_is_not_offered(client: Client, uri: str, tmp_path: Path) -> None:
    (tmp_path / "rnnlint.toml").write_text("")
    reader = tmp_path / "reader.py"
    reader.write_text(READER)
    _open(client, uri, RAISES)
    assert _fixes(client, uri, 5) == []
    assert actions(client, uri, 5, ["source.fixAll"]) == []
    # what is open stands in the place of what is on disk
    client.open(reader.as_uri(), f"{READER.rstrip()}  # noqa: RNN102\n")
    assert client.diagnostics(reader.as_uri()) == []
    assert len(_fixes(client, uri, 5)) == 1
    client.close(reader.as_uri())


@pytest.mark.parametrize(("encoding", "codec"), [("utf-8", "utf-8"), ("utf-16", "utf-16-le"), ("utf-32", "utf-32-le")])
def test_columns_are_in_the_clients_units(own: Client, tmp_path: Path, encoding: str, codec: str) -> None:
    workspace = {"workspaceEdit": {"documentChanges": False}}
    own.initialize(tmp_path, {**CAPABILITIES, "general": {"positionEncodings": [encoding]}, "workspace": workspace})
    uri = (tmp_path / "model.py").as_uri()
    text = MODEL.replace("return self.head(", "return '😀é', self.head(")
    _open(own, uri, text)
    (fix,) = _fixes(own, uri, LINE)
    assert "documentChanges" not in fix["edit"]
    after = made({uri: text}, fix["edit"], codec)[uri]
    assert after == text.replace("output[:, -1]", "torch.cat((h_n[-2], h_n[-1]), -1)")


def test_new_lines_end_as_the_others(client: Client, uri: str) -> None:
    text = MODEL.replace("import torch\n", "", 1).replace("\n", "\r\n")
    _open(client, uri, text)
    (fix,) = _fixes(client, uri, LINE - 1)
    after = made({uri: text}, fix["edit"])[uri]
    assert "import torch\r\n" in after
    assert after.count("\n") == after.count("\r\n") == MODEL.count("\n")
    assert _codes(client, uri, after) == []


def test_a_text_that_calls_itself_something_else_is_edited_in_characters(client: Client, uri: str) -> None:
    text = "# -*- coding: latin-1 -*-\n" + MODEL.replace("return self.head(", "return 'é€', self.head(")
    _open(client, uri, text)
    (fix,) = _fixes(client, uri, LINE + 1)
    assert _codes(client, uri, made({uri: text}, fix["edit"])[uri]) == []


def test_a_fix_of_a_notebook_is_in_several_cells(client: Client, tmp_path: Path) -> None:
    before = len(client.said)
    head, rest = "%matplotlib inline\nfrom torch import nn\n", MODEL.partition("from torch import nn\n")[2].strip("\n")
    _, cells = open_notebook(client, tmp_path / "model.ipynb", [head, "# notes", rest])
    ((_, line, _),) = said_of(client, cells[2], before)
    (fix,) = _fixes(client, cells[2], line)
    assert {one["textDocument"]["uri"] for one in fix["edit"]["documentChanges"]} == {cells[0], cells[2]}
    texts = dict(zip(cells, (head, "# notes", rest), strict=True))
    after = made(texts, fix["edit"])
    assert after[cells[0]].startswith("%matplotlib inline\n")
    assert "import torch\n" in after[cells[0]]
    assert after[cells[1]] == "# notes"
    before = len(client.said)
    again = tmp_path / "again.ipynb"
    _, cells = open_notebook(client, again, list(after.values()))
    assert said_of(client, cells[2], before, found=False) == []


def test_all_that_is_safe_in_a_notebook(client: Client, tmp_path: Path) -> None:
    first, second = (SAFE[: SAFE.index("def second")], SAFE[SAFE.index("def second") :])
    before = len(client.said)
    _, cells = open_notebook(client, tmp_path / "model.ipynb", [first, second, "!ls"])
    assert [code for code, _, _ in said_of(client, cells[0], before)] == ["RNN302"]
    (every,) = actions(client, cells[2], 0, ["source.fixAll"])
    after = made(dict(zip(cells, (first, second, "!ls"), strict=True)), every["edit"])
    assert after[cells[0]] + after[cells[1]] == ALL_MENDED
    assert after[cells[2]] == "!ls"


def test_what_is_not_tried_in_time_is_not_offered(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("pygls")
    from rnnlint.server import questions

    cancelled = []

    async def ask(what: str, part: Any, **_: Any) -> None:
        part("the first")
        try:
            await asyncio.sleep(60.0)
        except asyncio.CancelledError:
            cancelled.append(what)
            raise

    monkeypatch.setattr(questions, "_LONGEST", 0.01)
    file: Any = SimpleNamespace(path="model.py", uri="file:///model.py", edition=1)
    server: Any = SimpleNamespace(
        asking=SimpleNamespace(ask=ask), documents=SimpleNamespace(files={file.uri: file}), failed=cancelled.append
    )
    came: list[Any] = []
    assert asyncio.run(questions._in_time(server, file, "fixes", came.append))
    assert (came, cancelled) == (["the first"], ["fixes"])
