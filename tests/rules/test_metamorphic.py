"""Changes to a fixture that must leave the verdicts as they are, or silence them.

Laws of the analysis and not of a rule, so some of the fixtures are changed in one way and others in another; what all
of them stand, and many more rewrites beside, is what ``python -m oracle.variations fixtures`` asks.
"""

from __future__ import annotations

import ast
import builtins
import re
from pathlib import Path

import pytest

from rnnlint.linter import lint
from rnnlint.rules import registry
from tests.hosts.running import flake8_here, rows
from tests.rules.expectations import expected, fixtures, linted, named

EVERY = [*fixtures("rules"), *fixtures("claims")]
FIRING = [path for path in EVERY if expected(path.read_text(encoding="utf-8"))]
EVERY_RULE = f"--select={','.join(registry())}"  # those that are off by default by their own names
DIRECTIONS = {"RNN102", "RNN103", "RNN104", "RNN106", "RNN108"}
ERROR = re.compile(r"\s*# error: .*")


def verdicts(text: str) -> list[tuple[int, str]]:
    return [(finding.line, finding.code) for finding in lint(text).findings]


def announced(text: str) -> list[tuple[int, str]]:
    return sorted((want.line, want.code) for want in expected(text))


def suppressed(text: str) -> str:
    """The announcements at the ends of lines turned into ``# noqa: CODE``."""
    lines = text.splitlines()
    for want in expected(text):
        lines[want.line - 1] = ERROR.sub(f"  # noqa: {want.code}", lines[want.line - 1])
    return "\n".join([*lines, ""])


def renamed(text: str) -> str:
    """Every variable of the program under another name; parameters, attributes, functions and classes keep theirs."""
    tree = ast.parse(text)
    names = [node for node in ast.walk(tree) if isinstance(node, ast.Name)]
    parameters = {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
    bound = {node.id for node in names if isinstance(node.ctx, ast.Store)} - parameters - {"_"}
    new = {old: f"v{number}" for number, old in enumerate(sorted(bound))}
    assert not set(new.values()) & (set(dir(builtins)) | {node.id for node in names})
    lines = text.splitlines()
    for node in sorted(names, key=lambda node: (node.lineno, node.col_offset), reverse=True):
        if node.id in new:
            line = lines[node.lineno - 1]
            lines[node.lineno - 1] = line[: node.col_offset] + new[node.id] + line[node.end_col_offset :]
    return "\n".join([*lines, ""])


def other_cell(text: str, old: str, new: str) -> str:
    return re.sub(rf"\bnn\.{old}\(", f"nn.{new}(", text)


def without_pair(text: str) -> str | None:
    """The program with GRUs in place of its LSTMs; None where it needs the pair (h_n, c_n) or a projection."""
    cells = set(re.findall(r"\(\w+, (\w+)\) = ", text)) - {"_"}
    changed = re.sub(r"\((\w+), \w+\) = ", r"\1 = ", text)
    needed = any(re.search(rf"\b{cell}\b", changed) for cell in cells)
    handed = r"(?:, |else )\(.+, .+\)\)"
    if needed or "nn.LSTM(" not in text or re.search(rf"proj|tuple|\)\[1\]|state\[0\]|nn\.LSTM\)|{handed}", text):
        return None
    return other_cell(changed, "LSTM", "GRU")


def test_noqa_silences_findings_of_every_rule(tmp_path: Path) -> None:
    """In flake8, and without it they are there: the lines of all are the linter's, which ``test_fixtures.py`` asks."""
    texts = {path: path.read_text(encoding="utf-8") for path in FIRING}
    some = {path.parent.name: text for path, text in texts.items() if f"[{path.parent.name}]" in text}
    some |= {path.stem: text for path, text in texts.items() if path.parent.name == "claims"}
    assert len(some) > 50
    for place, change in (("noqa", suppressed), ("plain", str)):
        (tmp_path / place).mkdir()
        for name, text in some.items():
            (tmp_path / place / f"{name}.py").write_text(change(text), encoding="utf-8")
    silenced = flake8_here("--isolated", EVERY_RULE, "noqa", cwd=tmp_path)
    assert (silenced.returncode, silenced.stdout, silenced.stderr) == (0, "", "")
    plain = flake8_here("--isolated", EVERY_RULE, "plain", cwd=tmp_path)
    assert {code for _, _, _, code in rows(plain.stdout)} >= {name for name in some if name.startswith("RNN")}
    assert len(plain.stdout.splitlines()) == sum(len(expected(text)) for text in some.values())


# Attributes of a class are variables of its body, and are set from outside by the names that they keep there.
SET_OUTSIDE = "rules/RNN102/set_on_the_class.py"


# RNN504 takes an argument's own name as evidence, so there names are part of the program.
@pytest.mark.parametrize(
    "path", [path for path in EVERY[::2] if path.parent.name != "RNN504" and named(path) != SET_OUTSIDE], ids=named
)
def test_names_do_not_matter(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert verdicts(renamed(text)) == announced(text)


SWAPPED = [
    (path, old, new)
    for path in EVERY[1::2]
    for old, new in (("GRU", "RNN"), ("RNN", "GRU"))
    if path.parent.name != "RNN504" and f"nn.{old}(" in path.read_text(encoding="utf-8")
    # a GRU takes no nonlinearity, and does not rectify its states
    if old == "GRU" or "nonlinearity=" not in path.read_text(encoding="utf-8")
]


@pytest.mark.parametrize(
    ("path", "old", "new"), SWAPPED, ids=lambda value: value if isinstance(value, str) else named(value)
)
def test_gru_and_rnn_are_read_alike(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert verdicts(other_cell(text, old, new)) == announced(text)


CONVERTED = {path: without_pair(path.read_text(encoding="utf-8")) for path in EVERY if path.stem != "c12"}


def test_enough_fixtures_do_without_the_pair() -> None:
    assert sum(text is not None for text in CONVERTED.values()) >= 15


@pytest.mark.parametrize(
    "path", [path for path, text in CONVERTED.items() if text and "RNN30" not in str(path)], ids=named
)
def test_lstm_and_gru_are_read_alike_where_there_is_no_pair(path: Path) -> None:
    changed = CONVERTED[path]
    assert changed is not None
    assert verdicts(changed) == announced(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    "path", [path for path in FIRING[::2] if path.stem != "guarded" and named(path) != SET_OUTSIDE], ids=named
)
def test_one_direction_has_no_mistakes_of_two(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    changed = text.replace("bidirectional=True", "bidirectional=False")
    report = linted(path) if changed == text else lint(changed)
    assert not DIRECTIONS & {finding.code for finding in report.findings}


@pytest.mark.parametrize("path", EVERY[::4], ids=named)
def test_without_torch_there_is_nothing_to_say(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert verdicts(re.sub(r"^(import|from) torch.*$", "import os", text, flags=re.MULTILINE)) == []
