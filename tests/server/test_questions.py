"""Hover, inlay hints and code actions, asked as an editor asks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from rnnlint.checking.suppressions import silenced
from rnnlint.linter import lint
from tests.server.client import Client
from tests.server.editing import actions, made
from tests.server.texts import LIBRARY, LINE, MODEL, RIGHT


@pytest.fixture
def uri(client: Client, tmp_path: Path) -> Iterator[str]:
    """The model, open."""
    address = (tmp_path / "model.py").as_uri()
    client.open(address, MODEL)
    client.diagnostics(address)
    yield address
    client.close(address)


def _hover(client: Client, uri: str, text: str, line: int, word: str, inside: int = 0) -> str:
    return client.hover(uri, line, text.splitlines()[line].index(word) + inside) or ""


# --- hover -----------------------------------------------------------------------------------------------------------


def test_hover_says_the_axes_and_draws_what_was_read(client: Client, uri: str) -> None:
    said = _hover(client, uri, MODEL, LINE, "[:, -1]", 1)  # the slice: the smallest expression around it is all of it
    first, _, picture = said.partition("\n\n")
    assert first == (
        "```text\noutput[:, -1] is (sample, direction*unit[fwd|bwd]) of output of self.lstm, step: last\n```"
    )
    rows = picture.splitlines()
    # the forward half has read all steps, the backward half one
    assert rows[2].split() == ["0", "n0", "→", "■■■■■", "n0", "←", "□□□□■"]
    assert rows[-2].startswith("■ read, □ not read: the 5 steps of the input")
    assert "open sizes are drawn small" in rows[-2]


@pytest.mark.parametrize(
    ("line", "word", "said"),
    [
        (LINE, "output[", "output is (sample, step, direction*unit[fwd|bwd]) of output of self.lstm"),
        (
            LINE,
            "head",
            "self.head(output[:, -1]) is (sample, 2) of output of self.lstm, step: last, over direction, unit",
        ),
        (LINE - 1, "h_n", "h_n = (direction[fwd|bwd], sample, unit) of h_n of self.lstm, step: final"),
        (LINE - 1, "lstm(", "self.lstm(x) is (output, state) {(sample, step, direction*unit[fwd|bwd]) of output"),
        (7, "lstm", "self.lstm = nn.LSTM(8, 16, bidirectional, batch_first)"),
        (
            7,
            "LSTM",
            "nn.LSTM(8, 16, bidirectional=True, batch_first=True) is nn.LSTM(8, 16, bidirectional, batch_first)",
        ),
        (8, "head", "self.head = nn.Linear"),
    ],
)
def test_hover_is_about_the_smallest_expression_of_which_something_is_known(
    client: Client, uri: str, line: int, word: str, said: str
) -> None:
    assert said in _hover(client, uri, MODEL, line, word)


def test_hover_has_the_range_of_what_it_is_about(client: Client, uri: str) -> None:
    line = MODEL.splitlines()[LINE]
    place = {"line": LINE, "character": line.index(":, -1")}
    found = client.request("textDocument/hover", {"textDocument": {"uri": uri}, "position": place})
    start = line.index("output[")
    assert found["range"]["start"] == {"line": LINE, "character": start}
    assert found["range"]["end"] == {"line": LINE, "character": start + len("output[:, -1]")}


def test_hover_says_why_something_is_not_followed(client: Client, tmp_path: Path) -> None:
    text = MODEL.replace("output[:, -1]", "output.mystery()")
    uri = (tmp_path / "model.py").as_uri()
    client.open(uri, text)
    assert "output.mystery() is not followed because Tensor.mystery is not followed" in _hover(
        client, uri, text, LINE, "mystery"
    )


def test_hover_says_configurations_apart(client: Client, tmp_path: Path) -> None:
    uri = (tmp_path / "library.py").as_uri()
    client.open(uri, LIBRARY)
    said = _hover(client, uri, LIBRARY, 10, "[:, -1]", 1)
    assert "(when both=True)" in said
    assert "(when both=False)" in said


@pytest.mark.parametrize(("line", "character"), [(0, 0), (1, 0), (3, 0), (12, 0), (500, 3), (4, 6)])
def test_hover_says_nothing_where_nothing_is_known(client: Client, uri: str, line: int, character: int) -> None:
    assert client.hover(uri, line, character) is None


def test_hover_follows_imports(client: Client, tmp_path: Path) -> None:
    (tmp_path / "rnnlint.toml").write_text("")
    (tmp_path / "library.py").write_text(LIBRARY)
    text = "from library import Encoder\nimport torch\n\ny = Encoder(False)(torch.zeros(3, 5, 8))\n"
    uri = (tmp_path / "main.py").as_uri()
    client.open(uri, text)
    assert "(sample, unit) of output of self.gru, step: last" in _hover(client, uri, text, 3, "(torch")


# --- inlay hints -----------------------------------------------------------------------------------------------------


def _hints(client: Client, uri: str, first: int = 0, last: int = 1000) -> list[tuple[int, int, str]] | None:
    ends = [{"line": line, "character": 0} for line in (first, last)]
    asked = {"textDocument": {"uri": uri}, "range": dict(zip(("start", "end"), ends, strict=True))}
    found = client.request("textDocument/inlayHint", asked)
    return found and [(one["position"]["line"], one["position"]["character"], one["label"]) for one in found]


def test_hints_are_off_until_somebody_wants_them(client: Client, uri: str) -> None:
    assert _hints(client, uri) is None
    client.notify("workspace/didChangeConfiguration", {"settings": {"rnnlint": {"inlayHints": True}}})
    line = MODEL.splitlines()[LINE - 1]
    assert _hints(client, uri) == [
        (LINE - 1, line.index("output") + 6, ": (sample, step, direction*unit)"),
        (LINE - 1, line.index("h_n") + 3, ": (direction, sample, unit)"),
        (LINE - 1, line.index("c_n") + 3, ": (direction, sample, unit)"),
    ]
    assert _hints(client, uri, 0, 3) == []
    others: tuple[object, ...] = ({"rnnlint": {"inlayHints": "yes"}}, {"other": 1}, [], "rnnlint", {"rnnlint": None})
    for settings in others:
        client.notify("workspace/didChangeConfiguration", {"settings": settings})
    assert _hints(client, uri) != []
    client.notify("workspace/didChangeConfiguration", {"settings": {"inlayHints": False}})
    assert _hints(client, uri) is None


# --- code actions ----------------------------------------------------------------------------------------------------


def test_a_finding_can_be_silenced(client: Client, uri: str) -> None:
    *_, silence, page = actions(client, uri, LINE)
    assert (silence["kind"], page["kind"]) == ("quickfix", "quickfix")
    assert [one["code"] for one in silence["diagnostics"]] == ["RNN102"]
    (change,) = silence["edit"]["documentChanges"]
    assert change["textDocument"] == {"uri": uri, "version": 1}
    changed = made({uri: MODEL}, silence["edit"])[uri]
    assert changed.splitlines()[LINE].endswith("  # noqa: RNN102")
    assert silenced(lint(changed).findings, changed).kept == ()
    client.change(uri, changed)
    assert client.codes(uri) == []


def test_a_code_is_added_to_a_comment_that_has_some(client: Client, tmp_path: Path) -> None:
    text = MODEL.replace("output[:, -1])", "output[:, -1])  # noqa: E501")
    uri = (tmp_path / "model.py").as_uri()
    client.open(uri, text)
    client.diagnostics(uri)
    silence = actions(client, uri, LINE)[-2]
    assert made({uri: text}, silence["edit"])[uri].splitlines()[LINE].endswith("# noqa: E501, RNN102")


def test_actions_are_for_the_lines_and_kinds_that_are_asked_for(client: Client, uri: str) -> None:
    assert actions(client, uri, LINE - 1) == []
    assert actions(client, uri, LINE, ["refactor"]) == []
    assert len(actions(client, uri, LINE, ["quickfix"])) == 3
    client.change(uri, RIGHT)
    assert actions(client, uri, LINE) == []  # what was found is another edition's, or gone


def test_the_page_is_shown_by_the_client(client: Client, uri: str) -> None:
    command = actions(client, uri, LINE)[-1]["command"]
    client.answers["window/showDocument"] = {"success": True}
    asked = {"command": command["command"], "arguments": command["arguments"]}
    assert client.request("workspace/executeCommand", asked) is None
    shown = client.wait(lambda one: one["method"] == "window/showDocument")["params"]
    assert shown["external"] is True
    assert shown["uri"].endswith("RNN102-last-step-of-bidirectional.md")
    before = len(client.said)
    client.answers["window/showDocument"] = {"success": False}
    client.request("workspace/executeCommand", asked)
    message = client.wait(lambda one: one["method"] == "window/showMessage", before)["params"]
    assert shown["uri"] in message["message"]
