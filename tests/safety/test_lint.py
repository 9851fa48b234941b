"""``lint`` comes back with a report, whatever the text: no exception, no crash of the process, no explosion."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rnnlint.linter import lint
from tests.hosts.running import MISREAD, python
from tests.safety import hostile

# Lints each text of a JSON file, name after name, in a process that may take 3 GB.
LINT = """
import json, resource, sys
from rnnlint.linter import lint
from rnnlint.report import Report
resource.setrlimit(resource.RLIMIT_AS, (3 * 2**30, 3 * 2**30))
for name, text in json.load(open("texts.json", encoding="ascii")).items():
    print(name, end=": ", flush=True)
    report = lint(text)
    assert isinstance(report, Report)
    print(report.not_analysed or "analysed", flush=True)
"""


def answers(folder: Path, texts: dict[str, str]) -> dict[str, str]:
    """What was said of each text: "analysed", or why it was not."""
    (folder / "texts.json").write_text(json.dumps(texts), encoding="ascii")
    run = python("-c", LINT, cwd=folder)
    assert run.returncode == 0, f"after {run.stdout.splitlines()[-1:]}: {run.stderr[-2000:]}"
    return dict(line.split(": ", 1) for line in run.stdout.splitlines())


def test_what_is_no_python_is_not_analysed(tmp_path: Path) -> None:
    said = answers(tmp_path, hostile.NOT_PYTHON)
    assert [name for name, answer in said.items() if answer == "analysed"] == []
    assert said.keys() == hostile.NOT_PYTHON.keys()


@pytest.mark.parametrize("group", ["TOO_DEEP_FOR_PYTHON", "TOO_DEEP_FOR_PYFLAKES"])
def test_deep_texts_get_an_answer(tmp_path: Path, group: str) -> None:
    texts = getattr(hostile, group)
    assert answers(tmp_path, texts).keys() == texts.keys()


def test_what_is_not_analysed_is_only_what_is_deep(tmp_path: Path) -> None:
    said = answers(tmp_path, hostile.PYTHON)
    assert said.keys() == hostile.PYTHON.keys()
    assert {name for name, answer in said.items() if answer != "analysed"} <= {
        "150 nested parentheses",
        "nested match patterns",
        "5,000-operand and",
        "5,000 comparisons",
        "5,000 strings in a row",
        "a formatted string of 2,000 parts",
    }


def test_a_crash_would_be_seen(tmp_path: Path) -> None:
    """The meta-test: a report is read only off a process that ended well."""
    broken = LINT.replace("report = lint(text)", "import os; os.abort()")
    (tmp_path / "texts.json").write_text('{"a": ""}', encoding="ascii")
    assert python("-c", broken, cwd=tmp_path).returncode != 0


NAMED = MISREAD.replace("class Tagger", "class Näme")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (MISREAD, 12),
        (MISREAD.replace("\n", "\r\n"), 12),
        (MISREAD.replace("\n", "\r"), 12),
        (MISREAD.rstrip("\n"), 12),
        ("\ufeff" + MISREAD, 12),
        ("# -*- coding: latin-1 -*-\n" + NAMED, 13),
        ("# -*- coding: no-such-thing -*-\n" + NAMED, 13),
        ("\f\n" + MISREAD, 13),
        (MISREAD.replace("    ", "\t"), 12),
        (MISREAD.replace("output, _ =", "output, _ = \\\n           "), 13),
    ],
    ids=["LF", "CRLF", "CR", "no end", "BOM", "latin-1", "unknown cookie", "form feed", "tabs", "continued"],
)
def test_every_kind_of_text_has_its_finding_on_the_right_line(text: str, line: int) -> None:
    assert [(found.code, found.line) for found in lint(text).findings] == [("RNN102", line)]
