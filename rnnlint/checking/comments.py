"""The comments of a text, as Python's tokenizer finds them, and the lines that are one for ``# noqa``."""

from __future__ import annotations

import io
import tokenize
from collections.abc import Iterator

from rnnlint.frozen import dataclass

_STARTS = {getattr(tokenize, name, None) for name in ("FSTRING_START", "TSTRING_START")}
_ENDS = {getattr(tokenize, name, None) for name in ("FSTRING_END", "TSTRING_END")}
_BREAKS = (tokenize.NL, tokenize.NEWLINE)
_TRIVIA = (tokenize.NL, tokenize.COMMENT)


@dataclass(frozen=True, slots=True)
class Token:
    """A token: its kind as ``tokenize`` numbers it, its text, and where it is: lines from 1, columns from 0."""

    kind: int
    text: str
    line: int
    column: int
    end_line: int

    @property
    def trivial(self) -> bool:
        """Whether it is a comment, or the end of a line at which nothing ends."""
        return self.kind in _TRIVIA


@dataclass(frozen=True, slots=True)
class Block:
    """Lines that are one to whoever looks for a comment at their end: they share a string, or are continued."""

    first: int
    last: int


class Tokens:
    """The tokens of a text whose lines end with ``\\n``; of one that is no Python, those before it goes wrong."""

    def __init__(self, text: str) -> None:
        self.every = tuple(_tokens(text))
        self._comments = {token.line: token.column for token in self.every if token.kind == tokenize.COMMENT}
        self._blocks = {line: block for block in _blocks(self.every) for line in range(block.first, block.last + 1)}

    def comment(self, line: int) -> int | None:
        """The column at which a line has a comment, None for a line without."""
        return self._comments.get(line)

    def block(self, line: int) -> Block:
        """What ``# noqa`` at the end of a line is about: that line, and those before it that go on into it.

        flake8 puts together what stands between two ends of lines that its tokenizer sees (``_noqa_line_mapping`` in
        flake8/processor.py), ruff the lines of a string in triple quotes, of an f-string, and those continued by a
        backslash (``extract_noqa_line_for`` in ruff_linter/src/directives.rs).  These are the lines of both.
        """
        return self._blocks.get(line, Block(line, line))


def _tokens(text: str) -> Iterator[Token]:
    try:
        for kind, string, (line, column), (end_line, _), _ in tokenize.generate_tokens(io.StringIO(text).readline):
            yield Token(kind, string, line, column, end_line)
    except (tokenize.TokenError, SyntaxError):
        return


def _blocks(tokens: tuple[Token, ...]) -> Iterator[Block]:
    """The blocks of more than one line."""
    first, depth = 0, 0
    for token in tokens:
        if token.kind == tokenize.DEDENT:
            continue  # it stands at the next statement
        first = first or token.line
        depth += (token.kind in _STARTS) - (token.kind in _ENDS)
        # an f-string may have ends of lines between its braces, which flake8 takes for ends and ruff does not
        if token.kind in _BREAKS and not depth:
            if token.line > first:
                yield Block(first, token.line)
            first = 0
