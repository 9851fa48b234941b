"""Comments that silence findings: ``# noqa`` in flake8's and ruff's spellings, and ruff's own.

Each does what it does at home.  Where flake8 and ruff read a comment differently, it silences what it silences in one
of them, with two exceptions: a comment is a comment and no text in a string (flake8 finds it there too), and
``# flake8: noqa: RNN102`` is about the codes it names (flake8 takes it for the whole file).
"""

from __future__ import annotations

import re
import tokenize
from collections.abc import Iterable, Iterator, Sequence
from enum import Enum
from typing import Generic, Protocol, TypeVar

from rnnlint.checking.comments import Token, Tokens
from rnnlint.frozen import dataclass

_ANY = re.compile(r"noqa|ruff\s*:", re.IGNORECASE)  # what has neither has no comment of the kind

# flake8/defaults.py: NOQA_INLINE_REGEXP and NOQA_FILE, the same from 6.0 to 7.5
LINE = re.compile(r"# noqa(?::\s?(?P<codes>(?:[A-Z]+[0-9]+(?:[,\s]+)?)+))?", re.IGNORECASE)
_FLAKE8_FILE = re.compile(r"# flake8[:=]\s*noqa", re.IGNORECASE)
# ruff_linter/src/noqa.rs: lex_inline_noqa, lex_file_exemption, lex_directive
_RUFF_LINE = re.compile(r"#\s*(?i:noqa)(?P<rest>.*)")
_RUFF_FILE = re.compile(r"#\s*(?:ruff|flake8)\s*:\s*(?i:noqa)(?P<rest>.*)")
_RUFF_BLANKET = re.compile(r"$|#|\s+(?!:|\s)|\s+$")
_RUFF_CODES = re.compile(r"\s*:(?P<codes>[\s,]*(?:[A-Z]+[0-9]+[\s,]*)+)")
_CODE = re.compile(r"[A-Za-z]+[0-9]+")
# ruff_linter/src/suppression.rs: SuppressionParser
_WORD = r"[^\W\d_][\w\-:]*"
_RUFF_OWN = re.compile(
    rf"#\s*ruff\s*:\s*(?P<what>disable|enable|file-ignore|ignore)\s*\[\s*(?P<codes>{_WORD}(?:\s*,\s*{_WORD})*)\s*,?\s*\]"
)


class Reach(Enum):
    """What a comment is about: the value orders them, the first that covers a finding has silenced it."""

    FILE = 1
    RANGE = 2
    LINES = 3


@dataclass(frozen=True, slots=True)
class Suppression:
    """A comment that silences: where it stands, the codes it names, and the lines from ``first`` to ``last``.

    Without codes it silences every code.  ``exact``: they are whole codes (or names of rules), else their beginnings
    do.  Lines count from 1, columns from 0.
    """

    line: int
    column: int
    reach: Reach
    codes: tuple[str, ...]
    first: int
    last: int
    exact: bool = False

    def covers(self, first: int, last: int) -> bool:
        """Whether it is about what stands on these lines: about all of it, or of single lines about where it begins."""
        return self.first <= first <= self.last and (self.reach is not Reach.RANGE or last <= self.last)

    def silencing(self, code: str, name: str) -> str | None:
        """Which of its codes silences a rule, "" for a comment without codes; None where it does not."""
        if not self.codes:
            return ""
        for one in self.codes:
            if (one in (code, name)) if self.exact else code.startswith(one):
                return one
        return None


@dataclass(frozen=True, slots=True)
class Unused:
    """A code of ours in a comment, where it silences nothing: the comment's place, and the code as it is written."""

    line: int
    column: int
    code: str


class Placed(Protocol):
    """What is silenced: a :class:`rnnlint.findings.Finding`, or what is placed like one."""

    @property
    def line(self) -> int: ...
    @property
    def end_line(self) -> int: ...
    @property
    def code(self) -> str: ...
    @property
    def name(self) -> str: ...


_Found = TypeVar("_Found", bound=Placed)


@dataclass(frozen=True, slots=True)
class Silenced(Generic[_Found]):
    """What is left of findings, what the comments of their file have silenced, and what these named in vain."""

    kept: tuple[_Found, ...]
    silenced: tuple[_Found, ...]
    unused: tuple[Unused, ...]


def silenced(found: Iterable[_Found], text: str) -> Silenced[_Found]:
    """The findings of a text, whose lines end with ``\\n``, after what its comments silence."""
    every = suppressions(text)
    kept: list[_Found] = []
    gone: list[_Found] = []
    used: set[tuple[Suppression, str]] = set()
    for one in found:
        by = _first(every, one)
        if by is None:
            kept.append(one)
        else:
            gone.append(one)
            used.add(by)
    unused = [
        Unused(comment.line, comment.column, code)
        for comment in every
        for code in dict.fromkeys(comment.codes)
        if code.startswith("RNN") and (comment, code) not in used
    ]
    return Silenced(tuple(kept), tuple(gone), tuple(sorted(unused, key=lambda one: (one.line, one.column))))


def _first(every: Iterable[Suppression], one: Placed) -> tuple[Suppression, str] | None:
    """The comment that silences a finding, and which of its codes does."""
    last = max(one.line, one.end_line)  # which is 0 where it is not known
    for comment in every:
        code = comment.silencing(one.code, one.name) if comment.covers(one.line, last) else None
        if code is not None:
            return comment, code
    return None


def suppressions(text: str) -> tuple[Suppression, ...]:
    """The comments of a text that silence, those of the whole file first."""
    if not _ANY.search(text):
        return ()
    tokens = Tokens(text)
    lines = text.split("\n")
    found: list[Suppression] = []
    for at, token in enumerate(tokens.every):
        if token.kind == tokenize.COMMENT:
            alone = not lines[token.line - 1][: token.column].strip()
            found += _noqa(token, tokens, alone, len(lines))
            found += _ignores(token, at, tokens, alone, len(lines))
    found += _ranges(tokens, lines)
    return tuple(sorted(found, key=lambda one: (one.reach.value, one.line, one.column)))


def _noqa(token: Token, tokens: Tokens, alone: bool, lines: int) -> Iterator[Suppression]:
    """``# noqa``, and where a comment stands alone ``# flake8: noqa`` and ``# ruff: noqa``."""
    if alone:
        codes = _file_codes(token.text)
        if codes is not None:
            yield Suppression(token.line, token.column, Reach.FILE, codes, 1, lines)
    codes = _line_codes(token.text)
    if codes is not None:
        block = tokens.block(token.line)
        yield Suppression(token.line, token.column, Reach.LINES, codes, block.first, block.last)


def _line_codes(comment: str) -> tuple[str, ...] | None:
    """The codes of ``# noqa`` in a comment, none for all codes; None where it has no such thing."""
    read: list[tuple[str, ...]] = []
    match = LINE.search(comment)
    if match:
        read.append(tuple(re.split(r"[,\s]+", match["codes"].strip(", \t\f"))) if match["codes"] else ())
    match = _RUFF_LINE.search(comment)
    codes = _of_ruff(match["rest"]) if match else None
    if codes is not None:
        read.append(codes)
    if not read:
        return None
    return () if () in read else tuple(dict.fromkeys(code for codes in read for code in codes))


def _file_codes(comment: str) -> tuple[str, ...] | None:
    """The codes of ``# flake8: noqa`` or ``# ruff: noqa`` in a comment; as those of a line."""
    match = _RUFF_FILE.search(comment)
    codes = _of_ruff(match["rest"]) if match else None
    # flake8 asks for no more than the words
    return () if codes is None and _FLAKE8_FILE.match(comment) else codes


def _of_ruff(rest: str) -> tuple[str, ...] | None:
    """The codes in what follows ``noqa``, as ruff reads it: none for all, None where it refuses it."""
    if _RUFF_BLANKET.match(rest):
        return ()
    match = _RUFF_CODES.match(rest)
    if match is None:
        return None
    if rest[match.end() :][:1] not in ("", "#") and match["codes"][-1].isdigit():
        return None  # something is glued to the last code
    return tuple(_CODE.findall(match["codes"]))


def _ignores(token: Token, at: int, tokens: Tokens, alone: bool, lines: int) -> Iterator[Suppression]:
    """``# ruff: ignore[...]`` and ``# ruff: file-ignore[...]``."""
    for match in _RUFF_OWN.finditer(token.text):
        column = token.column + match.start()
        own = alone and not match.start()  # behind another comment it is no longer at the beginning of its line
        codes = _words(match)
        if match["what"] == "ignore":
            first, last = _below(tokens, at) if own else _beside(tokens, token)
            yield Suppression(token.line, column, Reach.LINES, codes, first, last, exact=True)
        elif match["what"] == "file-ignore" and own and not column:
            yield Suppression(token.line, column, Reach.FILE, codes, 1, lines, exact=True)


def _words(match: re.Match[str]) -> tuple[str, ...]:
    return tuple(re.split(r"\s*,\s*", match["codes"]))


def _beside(tokens: Tokens, token: Token) -> tuple[int, int]:
    block = tokens.block(token.line)
    return block.first, block.last


def _below(tokens: Tokens, at: int) -> tuple[int, int]:
    """The lines that a comment on a line of its own is about: the next statement, or where it stands inside of one the
    next line of that.  Of a compound statement it is the head."""
    own = tokens.every[at].line
    before = next((token for token in reversed(tokens.every[:at]) if not token.trivial), None)
    inside = before is not None and before.kind not in (tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT)
    last, something = own, False
    for token in tokens.every[at + 1 :]:
        if token.kind == tokenize.NEWLINE:
            return own, token.line
        if token.kind == tokenize.NL:
            if inside and something:
                return own, token.line
        elif not token.trivial and token.kind not in (tokenize.INDENT, tokenize.DEDENT):
            something, last = True, token.end_line
    return own, last


@dataclass(frozen=True, slots=True)
class _Mark:
    """``# ruff: disable[...]`` or ``# ruff: enable[...]``, on a line of its own."""

    line: int
    column: int
    enables: bool
    codes: tuple[str, ...]


def _ranges(tokens: Tokens, lines: Sequence[str]) -> Iterator[Suppression]:
    """From ``disable`` to the ``enable`` with the same codes and indentation, else to the end of the block."""
    open_: list[_Mark] = []
    indents = [0]
    for at, token in enumerate(tokens.every):
        if token.kind == tokenize.INDENT:
            indents.append(len(token.text))
        elif token.kind == tokenize.DEDENT:
            ended = [mark for mark in open_ if mark.column >= indents[-1]]
            yield from _matched(ended, token.line - 1)
            open_ = [mark for mark in open_ if mark not in ended]
            indents.pop()
        elif token.kind == tokenize.COMMENT and not lines[token.line - 1][: token.column].strip():
            match = _RUFF_OWN.match(token.text)
            if match and match["what"] in ("disable", "enable"):
                after = next((one for one in tokens.every[at + 1 :] if not one.trivial), None)
                moves = after is not None and after.kind in (tokenize.INDENT, tokenize.DEDENT)
                if token.column == indents[-1] or moves:
                    open_.append(_Mark(token.line, token.column, match["what"] == "enable", _words(match)))
    yield from _matched(open_, len(lines))


def _matched(marks: Sequence[_Mark], end: int) -> Iterator[Suppression]:
    left = list(marks)
    while left:
        mark = left.pop(0)
        if mark.enables:
            continue  # of nothing
        other = next(
            (one for one in left if one.enables and (one.column, one.codes) == (mark.column, mark.codes)), None
        )
        if other is not None:
            left.remove(other)
        last = end if other is None else other.line
        yield Suppression(mark.line, mark.column, Reach.RANGE, mark.codes, mark.line, last, exact=True)
