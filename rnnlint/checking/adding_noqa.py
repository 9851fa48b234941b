"""``--add-noqa``: a comment on each line that has findings, so that flake8, ruff and we say no more of them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Sequence

from rnnlint.checking.comments import Tokens
from rnnlint.checking.suppressions import LINE, Placed, silenced
from rnnlint.frozen import dataclass

_CODE = re.compile(r"[A-Za-z]+[0-9]")  # what flake8 and ruff would take for one more code


class NotAdded(Exception):
    """Why a file is left as it is, in one line."""


@dataclass(frozen=True, slots=True)
class Added:
    """A text with comments, and how many lines have got one."""

    text: str
    lines: int


def with_noqa(text: str, found: Iterable[Placed], reason: str = "") -> Added:
    """A text, whose lines end with ``\\n``, with a comment for each finding.

    Each stands where it works: at the end of the line, or behind the string or the continued line that it is in.
    Codes are added to a comment that has some, and ``reason`` is put behind a new one.  What is silenced already needs
    none.  Raises NotAdded where the program would be another one.
    """
    if len(reason.splitlines()) > 1 or not reason.isprintable():
        raise NotAdded("the reason is not one line")
    wanted = silenced(found, text).kept
    tokens, lines = Tokens(text), text.split("\n")
    codes: dict[int, list[str]] = {}
    for one in wanted:
        codes.setdefault(tokens.block(one.line).last, []).append(one.code)
    for line, ours in codes.items():
        comment = tokens.comment(line)
        lines[line - 1] = _commented(lines[line - 1], comment, sorted(set(ours)), reason.strip())
    changed = "\n".join(lines)
    if codes and not _same(text, changed):
        raise NotAdded("it would no longer be the same program")
    if silenced(wanted, changed).kept:
        raise NotAdded(f"no comment fits at line {min(codes)}")
    return Added(changed, len(codes))


def _commented(line: str, comment: int | None, codes: Sequence[str], reason: str) -> str:
    """A line with codes in its comment, which begins at a column, or in a new one."""
    match = LINE.search(line, comment) if comment is not None else None
    if match is None or match["codes"] is None:
        kept = line.rstrip()
        return f"{kept}{'  ' if kept else ''}# noqa: {', '.join(codes)}{_behind(reason)}"
    there = match["codes"].rstrip(", \t\f")
    at = match.start("codes") + len(there)
    between = re.findall(r"[,\s]+", there)
    separator = between[-1] if between else ", "
    rest = line[at:]
    return f"{line[:at]}{separator}{separator.join(codes)}{rest if rest.strip() else _behind(reason)}"


def _behind(reason: str) -> str:
    if not reason:
        return ""
    return f" - {reason}" if _CODE.match(reason) else f" {reason}"


def _same(text: str, changed: str) -> bool:
    """Whether two texts are the same program."""
    try:
        return ast.dump(ast.parse(text)) == ast.dump(ast.parse(changed))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
