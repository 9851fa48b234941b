"""``--output-format NAME[:FILE]``, and how a file is written: whole or not at all."""

from __future__ import annotations

import io
import os
import stat
from pathlib import Path

import pytest

from rnnlint.diagnostics import Refused
from rnnlint.output.catalogue import MEANT_FOR, Format
from rnnlint.output.destinations import BadInput, Destination, destinations
from rnnlint.output.writing import put, write


def test_every_format_has_its_words_for_the_help() -> None:
    assert list(MEANT_FOR) == list(Format)


@pytest.mark.parametrize(
    ("given", "asked"),
    [
        ([], [Destination(Format.FULL)]),
        (["json"], [Destination(Format.JSON)]),
        (["json:-"], [Destination(Format.JSON)]),
        (["sarif:out.sarif"], [Destination(Format.FULL), Destination(Format.SARIF, "out.sarif")]),
        (["sarif:C:\\out\\a.sarif"], [Destination(Format.FULL), Destination(Format.SARIF, "C:\\out\\a.sarif")]),
        (
            ["junit:x.xml", "github", "json-lines:/dev/stderr"],
            [
                Destination(Format.JUNIT, "x.xml"),
                Destination(Format.GITHUB),
                Destination(Format.JSON_LINES, "/dev/stderr"),
            ],
        ),
    ],
)
def test_what_is_asked_for(given: list[str], asked: list[Destination]) -> None:
    assert destinations(given, Format.FULL) == tuple(asked)


@pytest.mark.parametrize(
    ("given", "why"),
    [
        (["sarf"], "--output-format: no format 'sarf' (did you mean sarif?)"),
        (["JSON"], "--output-format: no format 'JSON' (did you mean json?)"),
        (["C:\\out.sarif"], f"--output-format: no format 'C' (there are {', '.join(form.value for form in Format)})"),
        (["sarif:"], "--output-format: sarif: names no file"),
        (
            ["full", "json"],
            "--output-format: full and json would both go to standard output (give one of them a file: json:FILE)",
        ),
        (["sarif:a", "json:a"], "--output-format: sarif and json would both go to a"),
        (["sarif:a", "json:./a"], "--output-format: sarif and json would both go to ./a"),
        (["sarif:no/../a", "json:a"], "--output-format: sarif and json would both go to a"),
        (["sarif:a\0", "json:a\0"], "--output-format: sarif and json would both go to a\0"),
    ],
)
def test_what_cannot_be_done_is_one_line(given: list[str], why: str) -> None:
    with pytest.raises(BadInput) as wrong:
        destinations(given, Format.CONCISE)
    assert str(wrong.value) == why


def test_a_file_and_a_link_to_it_are_one_place(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("real")  # which need not be there
    with pytest.raises(BadInput):
        destinations([f"sarif:{tmp_path / 'link'}", f"json:{tmp_path / 'real'}"], Format.CONCISE)
    assert len(destinations([f"sarif:{tmp_path / 'link'}", f"json:{tmp_path / 'other'}"], Format.CONCISE)) == 3


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_file_is_written_with_the_ends_of_lines_as_they_are(tmp_path: Path) -> None:
    assert write(str(tmp_path / "out"), "é\nb\n") is None
    assert (tmp_path / "out").read_bytes() == "é\nb\n".encode()
    assert names(tmp_path) == ["out"]


def test_a_file_that_is_there_keeps_its_mode_and_a_link_stays_a_link(tmp_path: Path) -> None:
    real, link = tmp_path / "real", tmp_path / "link"
    real.write_text("old", encoding="utf-8")
    real.chmod(0o640)
    link.symlink_to(real)
    assert write(str(link), "new") is None
    assert link.is_symlink()
    assert real.read_text(encoding="utf-8") == "new"
    assert stat.S_IMODE(real.stat().st_mode) == 0o640


def test_what_cannot_be_written_is_said_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "folder").mkdir()
    for name in ("folder", "no/such/folder", "nul\0l", "x" * 300):
        refused = write(str(tmp_path / name), "text")
        assert isinstance(refused, Refused)
        assert refused.path == str(tmp_path / name)
        assert refused.reason.startswith("cannot be written: ")
        assert "\n" not in refused.reason

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    (tmp_path / "kept").write_text("old", encoding="utf-8")
    monkeypatch.setattr(Path, "replace", full)
    refused = write(str(tmp_path / "kept"), "new")
    assert refused is not None
    assert refused.reason == "cannot be written: No space left on device"
    assert (tmp_path / "kept").read_text(encoding="utf-8") == "old"
    assert names(tmp_path) == ["folder", "kept"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names here")
def test_what_is_no_file_is_not_replaced(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    assert write(str(pipe), "text") is None
    assert os.read(reader, 10) == b"text"
    os.close(reader)
    assert stat.S_ISFIFO(pipe.stat().st_mode)


@pytest.mark.parametrize(("encoding", "said"), [("ascii", b"\\u6f22\\xe9\n"), ("cp1252", b"\\u6f22\xe9\n")])
def test_a_stream_of_few_characters_gets_them_all(encoding: str, said: bytes) -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding=encoding, newline="")
    put("漢é\n", stream)
    stream.flush()
    assert raw.getvalue() == said
