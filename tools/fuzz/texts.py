"""The programs that mutants are made of: all there are in this repository."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

from rnnlint.source.prefilter import mentions_rnn

ROOT = Path(__file__).resolve().parents[2]
_BLOCK = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)
_LONGEST = 6_000  # characters: a longer program hides what a mutation does, and takes the time of several


@cache
def texts() -> tuple[str, ...]:
    """Fixtures and the examples of the pages, in one order on every machine; each parses and mentions an RNN."""
    found = [path.read_text(encoding="utf-8") for path in sorted((ROOT / "fixtures").rglob("*.py"))]
    for page in sorted((ROOT / "docs").rglob("*.md")):
        found += _BLOCK.findall(page.read_text(encoding="utf-8"))
    return tuple(
        dict.fromkeys(text for text in found if len(text) <= _LONGEST and mentions_rnn(text) and _parses(text))
    )


def _parses(text: str) -> bool:
    try:
        ast.parse(text)
    except SyntaxError:
        return False
    return True
