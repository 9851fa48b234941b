"""What one reads at a time has a bound: modules and functions, in all that is not a test."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PARTS = ("rnnlint", "oracle", "tools", "benchmarks")
MODULE, FUNCTION = 400, 60
"""The most lines: what one keeps in mind of a file, and what one sees of a function at once.

What is longer has its reason beside it, in a comment that begins with ``long: because``: inside the function, or on a
line of the module that is not indented.
"""
_REASON = "# long: because "


def too_long(text: str) -> list[str]:
    """The module, if it is too long, and every function in it that is; those with a reason beside them are left out."""
    lines = text.splitlines()
    found = []
    if len(lines) > MODULE and not any(line.startswith(_REASON) for line in lines):
        found.append(f"{len(lines)} lines")
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert node.end_lineno is not None
            body = lines[node.lineno - 1 : node.end_lineno]
            if len(body) > FUNCTION and not any(line.strip().startswith(_REASON) for line in body):
                found.append(f"{node.name}: {len(body)} lines")
    return found


def test_no_module_and_no_function_is_too_long() -> None:
    files = [path for part in PARTS for path in (ROOT / part).rglob("*.py")]
    assert len(files) > 250  # the whole tree is looked at
    long = {path.relative_to(ROOT).as_posix(): too_long(path.read_text(encoding="utf-8")) for path in files}
    assert {name: found for name, found in long.items() if found} == {}


@pytest.mark.parametrize("reason", ["", "# long: because it is a table"])
def test_one_that_is_would_be_found(reason: str) -> None:
    def function(lines: int) -> str:
        return "\n".join(["def f():", f"    {reason}", *["    x = 1"] * (lines - 2)])

    just = function(FUNCTION)
    more = function(FUNCTION + 1)
    assert too_long("\n" * (MODULE - 1) + "x = 1") == []
    assert too_long("\n" * MODULE + f"x = 1\n{reason}") == ([] if reason else [f"{MODULE + 1} lines"])
    assert too_long(just) == []
    assert too_long(more) == ([] if reason else [f"f: {FUNCTION + 1} lines"])
