"""What a message says to use is used: the changed fixture is silent there, and runs on torch.

Of messages that show their whole expression and advise another one.  Where what is advised has another width or form,
the layer behind it has to be built for that, so that torch is asked only of the rules whose advice keeps it.
"""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from rnnlint.findings import Finding
from rnnlint.linter import lint
from tests.rules.expectations import fixtures, linted, named, raised

# each with what must be done beside it left out: (or ...), and the condition under which the finding holds
_ADVICE = re.compile(r"; use (?P<new>[^;]+?)(?: \(or [^)]*\))?(?: \(when .*\))?$")
LINTED = ("RNN102", "RNN103", "RNN105", "RNN110", "RNN201", "RNN202", "RNN207", "RNN208", "RNN401")
SAME_FORM = ("RNN103", "RNN110", "RNN201")
TWO = {("rules/RNN103/model.py", 15)}  # two halves side by side: while one is wrong, one of them is said
WIDENED = {("rules/RNN201/beside.py", 82)}  # what was picked is copied to all samples behind it
FILES = [path for code in LINTED for path in fixtures(f"rules/{code}")]


def applied(text: str, finding: Finding) -> str | None:
    """The text with the advice in the place of what is reported; None where it advises no expression."""
    advice = _ADVICE.search(finding.message)
    line = text.splitlines(keepends=True)[finding.line - 1]
    shown = finding.message.partition(": ")[0] if advice else ""
    # an expression may have a colon with a space behind it in a slice: what stands in the line is what counts
    for end in (one.start() for one in re.finditer(": ", finding.message)):
        if line[finding.column :].startswith(finding.message[:end]):
            shown = finding.message[:end]
    if advice is None or not line[finding.column :].startswith(shown) or not _is_expression(advice["new"]):
        return None
    changed = line[: finding.column] + advice["new"] + line[finding.column + len(shown) :]
    lines = text.splitlines(keepends=True)
    return "".join([*lines[: finding.line - 1], changed, *lines[finding.line :]])


def _is_expression(text: str) -> bool:
    try:
        ast.parse(text, mode="eval")
    except SyntaxError:
        return False
    return True


def changes(path: Path) -> Iterator[tuple[Finding, str]]:
    """The findings of a fixture whose advice can be taken, each with the text in which it is."""
    text = path.read_text(encoding="utf-8")
    for finding in linted(path).findings:
        changed = applied(text, finding) if finding.code in LINTED else None
        if changed is not None:
            yield finding, changed


def test_there_are_some() -> None:
    assert sum(1 for path in FILES for _ in changes(path)) > 40


@pytest.mark.parametrize("path", FILES, ids=named)
def test_what_is_advised_is_not_reported(path: Path) -> None:
    before = Counter(finding.line for finding in linted(path).findings)
    for finding, changed in changes(path):
        left = [one for one in lint(changed, str(path)).findings if one.line == finding.line]
        # of two mistakes on the line the other one is still there
        assert len(left) < before[finding.line] or (named(path), finding.line) in TWO, (finding, left)


@pytest.mark.parametrize("path", [path for path in FILES if path.parent.name in SAME_FORM], ids=named)
def test_what_is_advised_runs(path: Path) -> None:
    if raised(path.read_text(encoding="utf-8")) is not None:
        return
    for finding, changed in changes(path):
        asserted = "assert" in changed.splitlines()[finding.line - 1]
        if finding.code in SAME_FORM and not asserted and (named(path), finding.line) not in WIDENED:
            torch.manual_seed(0)
            exec(compile(changed, str(path), "exec"), {"__name__": "__main__"})
