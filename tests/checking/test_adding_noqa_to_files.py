"""Comments that are added to files: what else is in them stays, byte for byte."""

from __future__ import annotations

import hashlib
import json
import os
import stat
from pathlib import Path

import pytest

from rnnlint.checking import adding_noqa
from rnnlint.checking.adding_noqa import NotAdded, add
from rnnlint.findings import Finding


def finding(line: int, code: str = "RNN102") -> Finding:
    return Finding(line, 0, code, "name", "")


def file(folder: Path, content: bytes, name: str = "model.py") -> Path:
    (folder / name).write_bytes(content)
    return folder / name


def added(path: Path, *lines: int, reason: str = "") -> int:
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return add(str(path), digest, [finding(line) for line in lines], reason)


@pytest.mark.parametrize(
    "content",
    [
        b"x = 1\ny = 2\n",
        b"x = 1\r\ny = 2\r\n",
        b"x = 1\ry = 2",
        b"x = 1\r\ny = 2\nz = 3\r\x0cw = 4",
        b"\xef\xbb\xbfx = '\xc3\xa4'\r\n",
        b"# coding: latin-1\nx = '\xe4'\n",
        b"# coding: cp1252\r\nx = '\x80\x85'\r\n",
        "x = '\N{LINE SEPARATOR}\N{NEXT LINE}\x1c'\ny = 2\n".encode(),
    ],
)
def test_ends_of_lines_encoding_and_byte_order_mark_stay(tmp_path: Path, content: bytes) -> None:
    path = file(tmp_path, content)
    at = 2 if content.startswith(b"# coding") else 1
    assert added(path, at) == 1
    new = path.read_bytes()
    assert new.replace(b"  # noqa: RNN102", b"") == content
    assert new.count(b"  # noqa: RNN102") == 1
    assert added(path, at) == 0
    assert path.read_bytes() == new


@pytest.mark.skipif(os.name == "nt", reason="no modes on Windows")
@pytest.mark.parametrize("mode", [0o644, 0o755, 0o600, 0o640])
def test_the_mode_stays(tmp_path: Path, mode: int) -> None:
    path = file(tmp_path, b"x\n")
    path.chmod(mode)
    added(path, 1)
    assert stat.S_IMODE(path.stat().st_mode) == mode


@pytest.mark.skipif(os.name == "nt", reason="links need rights on Windows")
def test_a_link_stays_one(tmp_path: Path) -> None:
    path = file(tmp_path, b"x\n")
    link = tmp_path / "link.py"
    link.symlink_to("model.py")
    added(link, 1)
    assert link.is_symlink()
    assert path.read_bytes() == b"x  # noqa: RNN102\n"


def test_what_has_changed_meanwhile_is_left(tmp_path: Path) -> None:
    path = file(tmp_path, b"x\n")
    with pytest.raises(NotAdded, match="it has changed meanwhile"):
        add(str(path), hashlib.sha256(b"y\n").hexdigest(), [finding(1)])
    assert path.read_bytes() == b"x\n"


@pytest.mark.parametrize(
    ("content", "reason", "said"),
    [
        (b"# coding: latin-1\nx\n", "\N{EURO SIGN}", "the reason cannot be written in iso-8859-1"),
        (b"x = (\n", "", "it would no longer be the same program"),
        (b"#!/usr/bin/python\nx\n", "", "no comment fits at line 1, which says what runs the file"),
        (b"# coding: nothing\nx\n", "", "it cannot be read: unknown encoding"),
        (b"x = '\xe4'\n", "", "it cannot be read: "),
        (b"x\n", "a\nb", "the reason is not one line"),
    ],
)
def test_what_cannot_be_done_changes_nothing(tmp_path: Path, content: bytes, reason: str, said: str) -> None:
    path = file(tmp_path, content)
    with pytest.raises(NotAdded) as error:
        added(path, 1, reason=reason)
    assert said in str(error.value)
    assert "\n" not in str(error.value)
    assert path.read_bytes() == content
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_that_has_vanished(tmp_path: Path) -> None:
    with pytest.raises(NotAdded, match="it cannot be written: No such file"):
        add(str(tmp_path / "model.py"), "", [finding(1)])


def test_a_write_that_fails_leaves_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = file(tmp_path, b"x\n")

    def fails(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(adding_noqa, "replace", fails)
    with pytest.raises(NotAdded, match="it cannot be written: No space left on device"):
        added(path, 1)
    assert path.read_bytes() == b"x\n"


def notebook(*cells: list[str] | str) -> bytes:
    """Written as nobody's tool writes it: what is not touched stays all the same."""
    shown = [{"cell_type": "code", "source": cell, "outputs": [], "metadata": {"\u00e4": 1.50}} for cell in cells]
    return json.dumps({"cells": shown, "nbformat": 4, "nbformat_minor": 5}, indent=3).replace("\n", "\r\n").encode()


def test_a_line_of_a_notebook(tmp_path: Path) -> None:
    content = notebook(["!pip install torch\n", "x = 1\n", "y = 2"], "a = '\u00e4'\nb = 3")
    path = file(tmp_path, content, "model.ipynb")
    lines = [2, 3, 5]  # of the module: x, y, b
    assert added(path, *lines, reason="wie gew\u00fcnscht") == 3
    new = path.read_bytes()
    assert new.count(b"  # noqa: RNN102 wie gew\\u00fcnscht") == 3
    assert new.replace(b"  # noqa: RNN102 wie gew\\u00fcnscht", b"") == content
    sources = [cell["source"] for cell in json.loads(new)["cells"]]
    assert sources[0][1].startswith("x = 1  # noqa: RNN102")
    assert sources[0][1].endswith("\n")
    assert sources[1].splitlines()[1].startswith("b = 3  # noqa")
    assert added(path, *lines) == 0
    assert path.read_bytes() == new


def test_a_line_that_is_not_pythons(tmp_path: Path) -> None:
    content = notebook(["!pip install torch\n", "x = 1\n"])
    path = file(tmp_path, content, "model.ipynb")
    with pytest.raises(NotAdded, match="no comment fits: line 1 of cell 1 is IPython's: !pip install torch"):
        added(path, 1)
    assert path.read_bytes() == content


def test_a_notebook_that_is_none(tmp_path: Path) -> None:
    path = file(tmp_path, b"{}x", "model.ipynb")
    with pytest.raises(NotAdded):
        added(path, 1)
    assert path.read_bytes() == b"{}x"
