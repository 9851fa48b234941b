"""``json`` and ``json-lines``: ruff's keys, everything that is known, and what a strict reader takes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from hypothesis import given, settings

from rnnlint.diagnostics import Checked, Diagnostic, Place, Related
from rnnlint.output.addresses import page_of
from rnnlint.output.catalogue import Format, ordered, rendered
from tests.output.samples import CHECKED, DRAWING, DRAWN, NOTHING, TAGGER, checks


def test_every_key_of_a_finding() -> None:
    (said,) = json.loads(rendered(Format.JSON, Checked((TAGGER,))))
    assert said == {
        "cell": None,
        "code": "RNN102",
        "drawing": None,
        "end_location": {"column": 39, "row": 7},
        "expression": "output[:, -1]",
        "facts": [{"name": "batch_first", "value": "True"}, {"name": "bidirectional", "value": "True"}],
        "file_row": 7,
        "filename": "models/tagger.py",
        "fix": None,
        "help": "unpack and use torch.cat((h_n[-2], h_n[-1]), -1)",
        "key": "5d1c",
        "location": {"column": 26, "row": 7},
        "message": TAGGER.message,
        "name": "last-step-of-bidirectional",
        "noqa_row": 7,
        "qualified": "Tagger.forward",
        "read": TAGGER.read,
        "related": [
            {
                "cell": None,
                "end_location": {"column": 73, "row": 3},
                "file_row": 3,
                "filename": "models/tagger.py",
                "location": {"column": 55, "row": 3},
                "message": "two directions: bidirectional=True",
            },
            {
                "cell": None,
                "end_location": {"column": 53, "row": 3},
                "file_row": 3,
                "filename": "models/tagger.py",
                "location": {"column": 37, "row": 3},
                "message": "steps are axis 1: batch_first=True",
            },
            {
                "cell": None,
                "end_location": {"column": 38, "row": 6},
                "file_row": 6,
                "filename": "models/tagger.py",
                "location": {"column": 21, "row": 6},
                "message": "output comes from here",
            },
        ],
        "severity": "error",
        "url": page_of("RNN102", "last-step-of-bidirectional"),
        "wanted": TAGGER.wanted,
    }


def test_a_drawing_is_one_line_of_an_indented_array() -> None:
    text = rendered(Format.JSON, Checked((DRAWN, TAGGER)))
    plain, drawn = json.loads(text)
    assert drawn.pop("drawing") == json.loads(DRAWING)
    assert plain.pop("drawing") is None
    assert drawn == plain
    assert [line for line in text.splitlines() if '"form"' in line] == [
        line for line in text.splitlines() if line.startswith('    "drawing": {')
    ]
    (line,) = rendered(Format.JSON_LINES, Checked((DRAWN,))).splitlines()
    assert json.loads(line)["drawing"] == json.loads(DRAWING)


def test_an_array_is_written_as_json_writes_it() -> None:
    for checked in (CHECKED, NOTHING):
        text = rendered(Format.JSON, checked)
        assert text == f"{json.dumps(json.loads(text), indent=2, sort_keys=True)}\n"


def test_a_notebook_has_its_cell_and_what_is_not_known_is_null() -> None:
    _, _, said = json.loads(rendered(Format.JSON, CHECKED))
    assert (said["filename"], said["cell"], said["location"]) == ("train.ipynb", 3, {"column": 26, "row": 7})
    assert said["file_row"] == 118
    assert [said[key] for key in ("help", "key", "read", "wanted")] == [None] * 4


def test_nothing_found() -> None:
    assert (rendered(Format.JSON, NOTHING), rendered(Format.JSON_LINES, NOTHING)) == ("[]\n", "")


def test_the_keys_are_ruffs_where_there_are_any(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("import os\n", encoding="utf-8")
    ruff = [sys.executable, "-m", "ruff", "check", "--isolated", "--no-cache", "--output-format=json", "a.py"]
    run = subprocess.run(ruff, cwd=tmp_path, capture_output=True, encoding="utf-8", check=False)
    (theirs,) = json.loads(run.stdout)
    (ours,) = json.loads(rendered(Format.JSON, Checked((TAGGER,))))
    assert set(theirs) <= set(ours)
    for key in ("location", "end_location"):
        assert set(theirs[key]) == set(ours[key])


@given(checks)
@settings(max_examples=settings().max_examples // 3)
def test_everything_comes_back(checked: Checked) -> None:
    said = rendered(Format.JSON, checked)
    assert said.isascii()
    objects = json.loads(said)
    assert [json.loads(line) for line in rendered(Format.JSON_LINES, checked).splitlines()] == objects
    assert [_read(one) for one in objects] == [_kept(one) for one in ordered(checked).diagnostics]


@given(checks)
@settings(max_examples=settings().max_examples // 3)
def test_strict_readers_take_it(checked: Checked) -> None:
    json.dumps(json.loads(rendered(Format.JSON, checked)), ensure_ascii=False).encode("utf-8")  # no half of a pair


def _read(said: dict[str, Any]) -> Diagnostic:
    return Diagnostic(
        _place(said),
        said["code"],
        said["name"],
        said["message"],
        said["help"] or "",
        said["read"] or "",
        said["wanted"] or "",
        tuple((fact["name"], fact["value"]) for fact in said["facts"]),
        tuple(Related(_place(other), other["message"]) for other in said["related"]),
        said["qualified"],
        said["expression"],
        said["key"] or "",
    )


def _place(said: dict[str, Any]) -> Place:
    start, end = said["location"], said["end_location"]
    return Place(said["filename"], said["cell"] or 0, start["row"], start["column"] - 1, end["row"], end["column"] - 1)


def _kept(one: Diagnostic) -> Diagnostic:
    """What JSON keeps: no source lines, and half pairs of surrogates written out."""
    return Diagnostic(
        _bare(one.place),
        one.code,
        one.name,
        _whole(one.message),
        _whole(one.help),
        _whole(one.read),
        _whole(one.wanted),
        tuple((_whole(name), _whole(value)) for name, value in one.facts),
        tuple(Related(_bare(other.place), _whole(other.message)) for other in one.related),
        _whole(one.qualified),
        _whole(one.expression),
        _whole(one.key),
    )


def _bare(place: Place) -> Place:
    return Place(_whole(place.path), place.cell, place.line, place.column, place.end_line, place.end_column)


def _whole(text: str) -> str:
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
