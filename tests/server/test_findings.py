"""What is said of open files is what `rnnlint check` says of them, with open files in the place of those on disk."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rnnlint import cli
from tests.server.client import Client, Json
from tests.server.texts import BOTH_WAYS, LIBRARY, LINE, MODEL, ONE_WAY, RIGHT


def test_a_finding_has_its_place_its_page_and_the_other_places(client: Client, tmp_path: Path) -> None:
    uri = (tmp_path / "model.py").as_uri()
    client.open(uri, MODEL)
    (one,) = client.diagnostics(uri)
    line = MODEL.splitlines()[LINE]
    assert one["range"] == {
        "start": {"line": LINE, "character": line.index("output[")},
        "end": {"line": LINE, "character": line.index("output[") + len("output[:, -1]")},
    }
    assert (one["code"], one["source"], one["severity"]) == ("RNN102", "rnnlint", 1)
    assert one["codeDescription"]["href"].endswith("/rules/RNN102-last-step-of-bidirectional.md")
    assert "torch.cat((h_n[-2], h_n[-1]), -1)" in one["message"]
    related = {other["message"]: other["location"] for other in one["relatedInformation"]}
    at = related["two directions: bidirectional=True"]
    assert (at["uri"], at["range"]["start"]["line"]) == (uri, 7)
    assert (one["data"]["code"], one["data"]["qualified"]) == ("RNN102", "Tagger.forward")


def test_it_goes_and_comes_as_one_types(client: Client, tmp_path: Path) -> None:
    uri = (tmp_path / "model.py").as_uri()
    client.open(uri, RIGHT)
    assert client.codes(uri) == []
    client.change(uri, MODEL)
    assert client.codes(uri) == [("RNN102", LINE)]
    client.change(uri, "# one more line\n" + MODEL)
    assert client.codes(uri) == [("RNN102", LINE + 1)]
    client.change(uri, RIGHT)
    assert client.codes(uri) == []


def test_what_is_closed_has_nothing_said_of_it(client: Client, tmp_path: Path) -> None:
    uri = (tmp_path / "model.py").as_uri()
    client.open(uri, MODEL)
    assert client.codes(uri) != []
    before = len(client.said)
    client.close(uri)
    client.wait(lambda one: one["params"].get("uri") == uri and one["params"]["diagnostics"] == [], before)


def test_a_file_that_is_no_python_for_the_moment_says_so_at_its_line(client: Client, tmp_path: Path) -> None:
    uri = (tmp_path / "model.py").as_uri()
    client.open(uri, MODEL)
    assert client.codes(uri) == [("RNN102", LINE)]
    client.change(uri, MODEL.replace("output[:, -1])", "output[:, -1"))
    (one,) = client.diagnostics(uri)
    assert one["message"].startswith("not analysed: Python cannot parse it: ")
    assert (one["severity"], one["range"]["start"]["line"]) == (3, LINE)
    client.change(uri, MODEL)
    assert client.codes(uri) == [("RNN102", LINE)]


def test_open_files_stand_for_those_on_disk_also_where_they_are_imported(client: Client, tmp_path: Path) -> None:
    (tmp_path / "rnnlint.toml").write_text("")
    (tmp_path / "library.py").write_text(LIBRARY)
    (tmp_path / "main.py").write_text(ONE_WAY)
    library, main = (tmp_path / "library.py").as_uri(), (tmp_path / "main.py").as_uri()
    client.open(library, LIBRARY)
    assert client.codes(library) == []
    client.open(main, ONE_WAY)
    assert client.codes(main) == []
    before = len(client.said)
    client.change(main, BOTH_WAYS)  # nothing is saved, and the other file is the one of which there is something to say
    found = client.wait(lambda one: one["params"].get("uri") == library and one["params"]["diagnostics"], before)
    (one,) = found["params"]["diagnostics"]
    assert (one["code"], one["range"]["start"]["line"]) == ("RNN102", 10)
    assert main in [other["location"]["uri"] for other in one["relatedInformation"]]
    before = len(client.said)
    client.close(main)  # on disk it is as it was
    client.wait(lambda one: one["params"].get("uri") == library and not one["params"]["diagnostics"], before)


def test_what_is_saved_is_read_by_the_others(client: Client, tmp_path: Path) -> None:
    (tmp_path / "rnnlint.toml").write_text("")
    (tmp_path / "library.py").write_text(LIBRARY)
    (tmp_path / "main.py").write_text(ONE_WAY)
    uri = (tmp_path / "library.py").as_uri()
    client.open(uri, LIBRARY)
    assert client.codes(uri) == []
    (tmp_path / "main.py").write_text(BOTH_WAYS)  # by somebody else
    before = len(client.said)
    client.notify("workspace/didChangeWatchedFiles", {"changes": [{"uri": (tmp_path / "main.py").as_uri(), "type": 2}]})
    client.wait(lambda one: one["params"].get("uri") == uri and one["params"]["diagnostics"], before)
    (tmp_path / "main.py").write_text(ONE_WAY)
    before = len(client.said)
    client.notify("textDocument/didSave", {"textDocument": {"uri": uri}})
    client.wait(lambda one: one["params"].get("uri") == uri and not one["params"]["diagnostics"], before)


CONFIGURED = {
    "ignored": ('ignore = ["RNN102"]\n', MODEL),
    "not selected": ('select = ["RNN2"]\n', MODEL),
    "ignored in the file": ('per-file-ignores = { "model.py" = ["RNN1"] }\n', MODEL),
    "excluded": ('extend-exclude = ["model.py"]\n', MODEL),
    "excluded by its folder": ('extend-exclude = ["inner"]\n', MODEL),
    "silenced": ("", MODEL.replace("output[:, -1])", "output[:, -1])  # noqa: RNN102")),
}


@pytest.mark.parametrize("name", CONFIGURED)
def test_configurations_and_comments_have_their_say(client: Client, tmp_path: Path, name: str) -> None:
    configuration, text = CONFIGURED[name]
    (tmp_path / "rnnlint.toml").write_text(configuration)
    path = tmp_path / "inner" / "model.py" if "folder" in name else tmp_path / "model.py"
    path.parent.mkdir(exist_ok=True)
    client.open(path.as_uri(), text)
    assert client.codes(path.as_uri()) == []


def test_what_the_baseline_knows_is_not_said(
    client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "rnnlint.toml").write_text('baseline = "known.json"\n')
    (tmp_path / "model.py").write_text(MODEL)
    monkeypatch.chdir(tmp_path)
    assert cli.main(["check", "--update-baseline", "--no-cache"]) == 0
    capsys.readouterr()
    uri = (tmp_path / "model.py").as_uri()
    client.open(uri, "\n\n" + MODEL)
    assert client.codes(uri) == []
    client.change(uri, MODEL.replace("[:, -1]", "[:, -1, :]"))  # which is another expression
    assert client.codes(uri) == [("RNN102", LINE)]


def test_a_changed_configuration_is_noticed_and_a_wrong_one_said_once(client: Client, tmp_path: Path) -> None:
    configuration = tmp_path / "pyproject.toml"
    configuration.write_text("[tool.rnnlint]\n")
    uri = (tmp_path / "model.py").as_uri()
    client.open(uri, MODEL)
    assert client.codes(uri) == [("RNN102", LINE)]

    def configured(text: str) -> int:
        before = len(client.said)
        configuration.write_text(text)
        client.notify("workspace/didChangeWatchedFiles", {"changes": [{"uri": configuration.as_uri(), "type": 2}]})
        return before

    before = configured('[tool.rnnlint]\nignore = ["RNN102"]\n')
    client.wait(lambda one: one["params"].get("uri") == uri and one["params"]["diagnostics"] == [], before)
    before = configured('[tool.rnnlint]\nignored = ["RNN102"]\n')
    message = client.wait(lambda one: one["method"] == "window/showMessage", before)["params"]
    assert message["type"] == 1
    assert message["message"].startswith("rnnlint: ")
    assert "unknown key 'ignored': did you mean 'ignore'?" in message["message"]
    assert "\n" not in message["message"]
    other = "untitled:beside"  # which has another configuration, and nothing wrong with it
    client.open(other, RIGHT)
    assert client.codes(other) == []
    client.change(uri, MODEL + "# more\n")
    assert client.codes(uri) == []
    client.change(uri, MODEL + "# and more\n")
    assert client.codes(uri) == []
    client.close(other)
    assert sum(_is_message(one) for one in client.said[before:]) == 1  # however often it is met
    before = configured("[tool.rnnlint]\n")
    client.wait(lambda one: one["params"].get("uri") == uri and bool(one["params"]["diagnostics"]), before)


def _is_message(one: Json) -> bool:
    return bool(one["method"] == "window/showMessage")


def test_what_is_on_no_disk_is_looked_at_by_itself(client: Client) -> None:
    for uri in ("untitled:Untitled-1", "git:/model.py?ref=HEAD", "vfs://host/a%20b/%F0%9F%98%80.py", "untitled:"):
        client.open(uri, MODEL)
        assert client.codes(uri) == [("RNN102", LINE)]
        client.close(uri)


def test_what_is_no_python_is_left_alone(client: Client, tmp_path: Path) -> None:
    other, uri = (tmp_path / "notes.md").as_uri(), (tmp_path / "model.py").as_uri()
    client.open(other, MODEL, "markdown")
    client.change(other, MODEL + "\n")
    client.close(other)
    client.open(uri, MODEL)
    assert client.codes(uri) == [("RNN102", LINE)]
    assert not [one for one in client.said if one["params"].get("uri") == other]


def test_two_addresses_of_one_file_are_one_file(client: Client, tmp_path: Path) -> None:
    one = (tmp_path / "model.py").as_uri()
    other = one.replace("model", "%6dodel")
    client.open(one, RIGHT)
    assert client.codes(one) == []
    client.open(other, MODEL)
    client.close(one)
    client.change(other, MODEL + "\n")
    assert client.codes(other) == [("RNN102", LINE)]


def test_what_it_says_is_what_check_says(
    client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    root = Path(__file__).resolve().parents[2] / "fixtures" / "rules"
    for fixture in [*root.glob("RNN2*/model.py")][:6]:
        text = fixture.read_text(encoding="utf-8")
        (tmp_path / "model.py").write_text(text, encoding="utf-8")
        uri = (tmp_path / "model.py").as_uri()
        client.open(uri, text)
        cli.main(["check", "--no-cache", "--output-format", "json", "model.py"])
        said = json.loads(capsys.readouterr().out)
        wanted = sorted((one["code"], one["location"]["row"] - 1, one["message"]) for one in said)
        found = sorted((one["code"], one["range"]["start"]["line"], one["message"]) for one in client.diagnostics(uri))
        assert found == wanted, fixture
        before = len(client.said)
        client.close(uri)
        client.wait(lambda one, uri=uri: one["params"].get("uri") == uri, before)  # type: ignore[misc]
        client.said.clear()
