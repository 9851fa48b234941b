"""Messages in any order, and what is no message: each is answered or left alone, and the next one is answered."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from tests.server.client import CAPABILITIES, Client, Json, at, stretch
from tests.server.texts import LINE, MODEL, RIGHT

NOT_INITIALIZED, INVALID_REQUEST, NOT_FOUND, INVALID_PARAMS, PARSE = -32002, -32600, -32601, -32602, -32700


def _still_answers(client: Client, folder: Path) -> None:
    uri = (folder / "after.py").as_uri()
    client.open(uri, MODEL)
    assert client.codes(uri) == [("RNN102", LINE)]
    client.close(uri)


def _code(answer: Json) -> int:
    return int(answer["error"]["code"])


# --- one server each, since it is about how one begins and ends ------------------------------------------------------


def test_before_initialize_after_shutdown_and_twice(own: Client, tmp_path: Path) -> None:
    uri = (tmp_path / "model.py").as_uri()
    assert _code(own.answer(own.begin("textDocument/hover", at(uri, 0, 0)))) == NOT_INITIALIZED
    own.open(uri, MODEL)  # which is too early, and forgotten
    own.initialize(tmp_path)
    assert _code(own.answer(own.begin("initialize", {"capabilities": {}, "processId": None}))) == INVALID_REQUEST
    assert own.request("textDocument/hover", at(uri, 0, 0)) is None
    _still_answers(own, tmp_path)
    assert own.request("shutdown") is None
    assert _code(own.answer(own.begin("textDocument/hover", at(uri, 0, 0)))) == INVALID_REQUEST
    assert _code(own.answer(own.begin("shutdown"))) == INVALID_REQUEST
    own.open(uri, MODEL)
    own.notify("exit")
    assert own.ended() == 0
    assert own.errors == []


def test_exit_without_shutdown_is_an_error(own: Client, tmp_path: Path) -> None:
    own.initialize(tmp_path)
    own.open((tmp_path / "model.py").as_uri(), MODEL)
    own.notify("exit")
    assert own.ended() == 1


def test_questions_that_are_not_answered_when_it_ends(own: Client, tmp_path: Path) -> None:
    uri = (tmp_path / "model.py").as_uri()
    assert _code(own.answer(own.begin("initialize", {"capabilities": 7}))) == INVALID_PARAMS  # and may be tried again
    own.initialize(tmp_path, options=["nonsense"])
    own.open(uri, MODEL)
    numbers = [own.begin("textDocument/hover", at(uri, LINE, 30)) for _ in range(5)]
    assert own.request("shutdown") is None
    assert all(_code(own.answer(number)) == -32800 for number in numbers)
    own.notify("exit")
    assert own.ended() == 0
    assert [line for line in own.errors if not line.startswith("rnnlint server: Unable to deserialize")] == []


def test_exit_before_initialize(own: Client) -> None:
    own.notify("exit")
    assert own.ended() == 1


def test_a_client_that_is_gone_takes_the_server_with_it(own: Client, tmp_path: Path) -> None:
    own.initialize(tmp_path)
    own.open((tmp_path / "model.py").as_uri(), MODEL)
    assert own.process.stdin is not None
    own.process.stdin.close()
    assert own.ended() == 1


@pytest.mark.parametrize("encoding", ["utf-8", "utf-32"])
def test_the_encoding_of_positions_is_agreed_on(own: Client, tmp_path: Path, encoding: str) -> None:
    general = {"positionEncodings": ["utf-7", encoding, "utf-16"]}
    agreed = own.initialize(tmp_path, {**CAPABILITIES, "general": general})
    assert agreed["positionEncoding"] == encoding
    before = 'x = "😀é"; '
    text = MODEL.replace("        return", f"        {before}return")
    line = text.split("\n")[LINE]
    uri = (tmp_path / "model.py").as_uri()
    own.open(uri, text)
    (one,) = own.diagnostics(uri)
    left = line[: line.index("output[")]
    assert one["range"]["start"]["character"] == (len(left.encode()) if encoding == "utf-8" else len(left))


def test_a_client_that_can_do_nothing(own: Client, tmp_path: Path) -> None:
    agreed = own.initialize(None, {})
    assert agreed["positionEncoding"] == "utf-16"
    assert "notebookDocumentSync" not in agreed
    uri = (tmp_path / "model.py").as_uri()
    own.open(uri, MODEL)
    found = own.wait(lambda one: one["params"].get("uri") == uri)["params"]
    assert "version" not in found
    assert [one["code"] for one in found["diagnostics"]] == ["RNN102"]
    assert "relatedInformation" not in found["diagnostics"][0]
    own.notify("textDocument/didSave", {"textDocument": {"uri": uri}})
    *fixes, action, _ = own.request("textDocument/codeAction", _actions(uri, LINE))
    assert [[*one["edit"]] for one in (*fixes, action)] == [["changes"]] * 2
    page = {"command": "rnnlint.openPage", "arguments": ["RNN102", "last-step-of-bidirectional"]}
    assert own.request("workspace/executeCommand", page) is None
    said = own.wait(lambda one: one["method"] == "window/showMessage")["params"]["message"]
    assert "RNN102-last-step-of-bidirectional.md" in said
    assert own.end() == 0


def _actions(uri: str, line: int) -> Json:
    place = {"line": line, "character": 0}
    return {"textDocument": {"uri": uri}, "range": {"start": place, "end": place}, "context": {"diagnostics": []}}


# --- one server for all ----------------------------------------------------------------------------------------------

NO_MESSAGES: list[tuple[bytes, int]] = [
    (b"{", PARSE),
    (b"\xff\xfe\x00", PARSE),
    (b"nonsense", PARSE),
    (b"[" * 100_000, PARSE),
    (b"[]", INVALID_REQUEST),
    (b"17", INVALID_REQUEST),
    (b"{}", INVALID_REQUEST),
    (b'{"id": 1, "method": "shutdown"}', INVALID_REQUEST),
]


@pytest.mark.parametrize(("body", "code"), NO_MESSAGES, ids=[str(body[:20]) for body, _ in NO_MESSAGES])
def test_what_is_no_message_is_refused(client: Client, tmp_path: Path, body: bytes, code: int) -> None:
    client._results.pop(None, None)
    client.write(b"Content-Length: %d\r\nContent-Type: application/x; charset=utf-8\r\n\r\n" % len(body) + body)
    assert _code(client.answer(None)) == code
    _still_answers(client, tmp_path)


def test_requests_that_nobody_knows_or_that_are_wrong(client: Client, tmp_path: Path) -> None:
    assert _code(client.answer(client.begin("textDocument/nonsense", {}))) == NOT_FOUND
    wrong_params: tuple[object, ...] = (
        {},
        None,
        [],
        {"textDocument": 3, "position": {}},
        {"textDocument": {"uri": "x"}, "position": "y"},
    )
    for params in wrong_params:
        assert _code(client.answer(client.begin("textDocument/hover", params))) in (INVALID_PARAMS, -32602, -32603)
    assert _code(client.answer(client.begin("workspace/executeCommand", {"command": "rm"}))) == INVALID_PARAMS
    wrong = {"command": "rnnlint.openPage", "arguments": [{}, 1, 2, 3]}
    assert "error" in client.answer(client.begin("workspace/executeCommand", wrong))
    client.notify("textDocument/nonsense", {"a": 1})
    client.notify("textDocument/didOpen", {"nonsense": True})
    client.notify("textDocument/didChange", {"textDocument": {}, "contentChanges": 7})
    _still_answers(client, tmp_path)


def test_what_was_never_opened_or_closed_already(client: Client, tmp_path: Path) -> None:
    uri = (tmp_path / "never.py").as_uri()
    client.change(uri, stretch((0, 0), (0, 1), "x"))
    client.close(uri)
    client.close(uri)
    client.notify("textDocument/didSave", {"textDocument": {"uri": uri}})
    assert client.hover(uri, 0, 0) is None
    assert client.request("textDocument/codeAction", _actions(uri, 3)) is None
    client.open(uri, RIGHT)
    client.open(uri, MODEL)  # opened twice: the second is what it is
    assert client.wait(lambda one: one["params"].get("uri") == uri and one["params"]["diagnostics"])
    client.close(uri)
    client.close(uri)
    _still_answers(client, tmp_path)


ADDRESSES = [
    "",
    ":",
    "file:",
    "file://",
    "file:///",
    "file:///a%00b.py",
    "file://host/share/x.py",
    "http://[",
    "%",
    "file:///" + "a" * 5000 + ".py",
    "file:relative.py",
    "\u0000",
    "file:///tmp/%FF%FE.py",
    "file:///tmp/\ud800.py",
]


@pytest.mark.parametrize("uri", ADDRESSES, ids=[ascii(one)[:20] for one in ADDRESSES])
def test_addresses_of_all_kinds(client: Client, tmp_path: Path, uri: str) -> None:
    before = len(client.said)
    client.open(uri, MODEL)
    client.change(uri, MODEL)
    client.request("textDocument/hover", at(uri, LINE, 30))
    client.close(uri)
    _still_answers(client, tmp_path)
    assert not [one for one in client.said[before:] if one["method"] == "window/showMessage"]


def test_versions_that_go_back_stay_or_are_missing(client: Client, tmp_path: Path) -> None:
    uri = (tmp_path / "model.py").as_uri()
    client.open(uri, RIGHT)
    for version in (5, 5, 3, -1, 0, 2**31 - 1):
        text = f"# {version}\n{MODEL}"
        params = {"textDocument": {"uri": uri, "version": version}, "contentChanges": [{"text": text}]}
        client.notify("textDocument/didChange", params)
    assert client.codes(uri, 2**31 - 1) == [("RNN102", LINE + 1)]


def test_changes_of_stretches_are_counted_in_units(client: Client, tmp_path: Path) -> None:
    uri = (tmp_path / "model.py").as_uri()
    text = MODEL.replace("        return", '        "😀😀"; return').replace("\n", "\r\n")
    line = text.split("\r\n")[LINE]
    client.open(uri, text)
    assert client.codes(uri) == [("RNN102", LINE)]
    column = line.index("[:, -1]") + 2  # two characters that are two units each
    client.change(
        uri,
        stretch((LINE, column), (LINE, column + len("[:, -1]")), "[:, 0]"),
        stretch((LINE, column), (LINE, column + len("[:, 0]")), "[:, -1]"),
        stretch((0, 0), (0, 0), "# ä\r# b\n"),
    )
    assert client.codes(uri) == [("RNN102", LINE + 2)]
    client.change(uri, stretch((10_000, 9), (20_000, 9), "\f\nx = 1\u2028y = 2\n"))  # behind the end: at the end
    client.change(uri, stretch((3, 5_000), (2, 0), ""), stretch((0, 2**31 - 1), (0, 2**31 - 1), ""))
    assert len(client.diagnostics(uri)) == 1


def test_ends_of_lines_of_all_kinds(client: Client, tmp_path: Path) -> None:
    for number, end in enumerate(("\r", "\r\n", "\n")):
        uri = (tmp_path / f"model{number}.py").as_uri()
        client.open(uri, MODEL.replace("\n", end))
        assert client.codes(uri) == [("RNN102", LINE)]
    mixed = (tmp_path / "mixed.py").as_uri()
    client.open(mixed, "# a\f\r\r\n# \x85\u2028 b\n" + MODEL)
    assert client.codes(mixed) == [("RNN102", LINE + 3)]


def test_cancelling_what_is_answered_and_what_is_not(client: Client, tmp_path: Path) -> None:
    uri = (tmp_path / "model.py").as_uri()
    client.open(uri, MODEL)
    client.diagnostics(uri)
    number = client.begin("textDocument/hover", at(uri, LINE, 30))
    client.answer(number)
    client.notify("$/cancelRequest", {"id": number})
    client.notify("$/cancelRequest", {"id": 123_456})
    client.notify("$/cancelRequest", {"id": "nobody"})
    client.notify("$/cancelRequest", {})
    numbers = [client.begin("textDocument/hover", at(uri, LINE, 30)) for _ in range(4)]
    for number in numbers[:3]:
        client.notify("$/cancelRequest", {"id": number})
    assert "RNN" not in str(client.answer(numbers[3])["result"])
    for number in numbers[:3]:
        answer = client.answer(number)
        assert "result" in answer or _code(answer) == -32800
    client.close(uri)
    _still_answers(client, tmp_path)


def test_the_last_of_many_changes_is_what_counts(client: Client, tmp_path: Path) -> None:
    uri = (tmp_path / "model.py").as_uri()
    client.open(uri, MODEL)
    for number in range(60):
        client.change(uri, f"# {number}\n" * (number % 7) + (MODEL if number % 2 else RIGHT + "("))
    assert client.codes(uri) == [("RNN102", LINE + 59 % 7)]
    before = len(client.said)
    time.sleep(0.5)  # nothing of an older version comes behind it
    assert not [one for one in client.said[before:] if one["params"].get("uri") == uri]


def test_what_is_said_of_it_is_never_older_than_the_last_answer(client: Client, tmp_path: Path) -> None:
    uri = (tmp_path / "model.py").as_uri()
    client.open(uri, MODEL)
    for _ in range(10):
        client.change(uri, MODEL)
        time.sleep(0.03)
    client.diagnostics(uri)
    versions = [one["params"].get("version") for one in client.said if one["params"].get("uri") == uri]
    assert versions == sorted(versions)


def test_large_and_deep_texts_get_an_answer(client: Client, tmp_path: Path) -> None:
    uri = (tmp_path / "model.py").as_uri()
    deep = MODEL + "x = " + "(" * 5_000 + ")" * 5_000 + "\n"
    long = MODEL + "y = [" + "1, " * 200_000 + "]\n"
    for text, codes in ((deep, [None]), (long, ["RNN102"]), ("\0" + MODEL, [None]), (MODEL, ["RNN102"])):
        client.open(uri, text)
        assert [code for code, _ in client.codes(uri)] == codes, json.dumps(text[:40])
        before = len(client.said)
        client.close(uri)
        client.wait(lambda one: one["params"].get("uri") == uri, before)
        client.said.clear()
