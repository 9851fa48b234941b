"""``--add-noqa``: a comment on each line that has findings, so that flake8, ruff and we say no more of them."""

from __future__ import annotations

import ast
import codecs
import hashlib
import os
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from rnnlint.checking.comments import Tokens
from rnnlint.checking.sources import encoding_of
from rnnlint.checking.suppressions import LINE, Placed, silenced
from rnnlint.frozen import dataclass
from rnnlint.output.writing import replace

_LINE_END = re.compile(r"\r\n|\r|\n")  # as Python reads a file
_CODE = re.compile(r"[A-Za-z]+[0-9]")  # what flake8 and ruff would take for one more code


NO_LINE = "the reason is not one line"


class NotAdded(Exception):
    """Why a file is left as it is, in one line."""


@dataclass(frozen=True, slots=True)
class Added:
    """A text with comments, and how many lines have got one."""

    text: str
    lines: int


def fits(reason: str) -> bool:
    """Whether a reason can stand in a comment."""
    return len(reason.splitlines()) <= 1 and reason.isprintable()


def add(path: str, digest: str, found: Iterable[Placed], reason: str = "") -> int:
    """Write comments into a file, and return how many lines have got one.

    ``digest`` is the SHA-256 of the file in which ``found`` was found, in hexadecimal.  Ends of lines, encoding, byte
    order mark and mode stay, and of a notebook everything but those lines of its cells.  Raises NotAdded, and then the
    file is what it was: where it has changed meanwhile, and where it cannot be written.
    """
    try:
        target = Path(path).resolve()
        content, mode = target.read_bytes(), target.stat().st_mode
        if hashlib.sha256(content).hexdigest() != digest:
            raise NotAdded("it has changed meanwhile")
        if not os.access(target, os.W_OK):
            raise NotAdded("it cannot be written")
        changed, lines = (_in_notebook if path.endswith(".ipynb") else _in_module)(content, found, reason)
        if lines:
            replace(target, changed, mode)
        return lines
    except UnicodeEncodeError:
        raise NotAdded(f"the reason cannot be written in {encoding_of(content)}") from None
    except (OSError, RuntimeError) as error:  # links that lead round
        raise NotAdded(f"it cannot be written: {getattr(error, 'strerror', None) or error}") from None
    except (SyntaxError, ValueError) as error:  # it could be read before
        raise NotAdded(f"it cannot be read: {error}") from None


def _in_module(content: bytes, found: Iterable[Placed], reason: str) -> tuple[bytes, int]:
    """The bytes of a file with comments, and on how many lines."""
    encoding = encoding_of(content)
    whole = content.decode(encoding)
    added = with_noqa(_LINE_END.sub("\n", whole), found, reason)
    ends = [*_LINE_END.findall(whole), ""]
    lines = added.text.split("\n")
    return "".join(line + end for line, end in zip(lines, ends, strict=True)).encode(encoding), added.lines


def _in_notebook(content: bytes, found: Iterable[Placed], reason: str) -> tuple[bytes, int]:
    from rnnlint.notebooks import NotANotebook, changes, read, replaced

    encoding = "utf-8-sig" if content.startswith(codecs.BOM_UTF8) else "utf-8"
    whole = content.decode(encoding)
    try:
        module = read(whole).text
        added = with_noqa(module, found, reason)
        changed = replaced(whole, changes(module, added.text))
        if read(changed).text != added.text:
            raise NotAdded("the cells would not be what they are")
    except NotANotebook as error:
        raise NotAdded(str(error)) from None
    except ValueError as error:  # what is no line of Python's
        raise NotAdded(f"no comment fits: {error}") from None
    return changed.encode(encoding), added.lines


def with_noqa(text: str, found: Iterable[Placed], reason: str = "") -> Added:
    """A text, whose lines end with ``\\n``, with a comment for each finding.

    Each stands where it works: at the end of the line, or behind the string or the continued line that it is in.
    Codes are added to a comment that has some, and ``reason`` is put behind a new one.  What is silenced already needs
    none.  Raises NotAdded where the program would be another one.
    """
    if not fits(reason):
        raise NotAdded(NO_LINE)
    wanted = silenced(found, text).kept
    tokens, lines = Tokens(text), text.split("\n")
    codes: dict[int, list[str]] = {}
    for one in wanted:
        codes.setdefault(tokens.block(one.line).last, []).append(one.code)
    for line, ours in codes.items():
        comment = tokens.comment(line)
        lines[line - 1] = _commented(lines[line - 1], comment, sorted(set(ours)), reason.strip())
    if 1 in codes and text.startswith("#!"):
        raise NotAdded("no comment fits at line 1, which says what runs the file")
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
        kept = line.rstrip(" \t\f")
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
