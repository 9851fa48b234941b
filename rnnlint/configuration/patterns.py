"""Patterns of files: globs as ruff and flake8 take them."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from rnnlint.frozen import dataclass

_BEGIN = re.compile(r"[\[{]")
_CHOICE = re.compile(r"\{[^{}]*\}")
_SET = re.compile(r"\[(?:[!^]|(?![!^]))(?:\][^\]]*|[^\]]+)\]")  # a bracket at its beginning is one of its characters


@dataclass(frozen=True, slots=True)
class Pattern:
    """A glob, and the folder it counts from: that of the file it was written in.

    ``build`` is whatever has that name, at any depth; with a slash in it, it is the path below ``base``
    (``src/old_*.py``).  ``*`` goes past slashes, as it does for both; ``**/`` is any number of folders, none too;
    ``?``, ``[seq]``, ``[!seq]`` and ``{a,b}`` are what they are elsewhere.  What a pattern of a folder covers, it
    covers with all that is below.
    """

    text: str
    base: Path

    def matches(self, path: Path) -> bool:
        """Whether it is the file, or a folder that the file is in; ``path`` is absolute.

        Folders above the project are not asked: a project may stand in a folder that is named ``build``.
        """
        if self.is_name:
            return any(self.covers_name(one.name) for one in _below(path, self.base))
        expression = _expression(_placed(self.text, self.base))
        return any(expression.fullmatch(one.as_posix()) for one in _below(path, self.base))

    @property
    def is_name(self) -> bool:
        """Whether it is about what something is called, wherever it is."""
        return "/" not in self.text.rstrip("/")

    def covers_name(self, name: str) -> bool:
        """Whether it is about what is called so, if it is about names."""
        return _expression(self.text.rstrip("/")).fullmatch(name) is not None


def mistake(text: str) -> str:
    """What is wrong with a pattern as somebody has written it; "" where nothing is.

    One that is no glob is taken for a name by :class:`Pattern`, which none has that anybody means.
    """
    if not text.strip("/!"):
        return "is a pattern of nothing"
    rest = text
    while begin := _BEGIN.search(rest):
        rest = rest[begin.start() :]
        whole = (_SET if rest[0] == "[" else _CHOICE).match(rest)
        if whole is None:
            why = "is not closed" if rest[0] == "[" else "is not closed, or has another in it"
            return f"has a {rest[0]} that {why}; [{rest[0]}] stands for the character"
        rest = rest[whole.end() :]
    return ""


def _below(path: Path, base: Path) -> Iterator[Path]:
    """The path, and the folders it is in that ``base`` is not in."""
    yield path
    for folder in path.parents:
        if folder == base or folder in base.parents:
            return
        yield folder


def _placed(text: str, base: Path) -> str:
    """A pattern with a slash, as the pattern of an absolute path; what is special in the name of the folder is not."""
    if os.sep != "/":
        text = text.replace(os.sep, "/")
    folder = re.sub(r"([*?\[{])", r"[\1]", base.as_posix())
    parts: list[str] = []
    for part in (text if Path(text).is_absolute() else f"{folder}/{text}").split("/"):
        if part == ".." and parts:
            parts.pop()
        elif part not in (".", "..") and (part or not parts):  # the first is empty before the root
            parts.append(part)
    return "/".join(parts)


@cache
def _expression(glob: str) -> re.Pattern[str]:
    out, at = "", 0
    while at < len(glob):
        rest = glob[at:]
        folders = re.match(r"(?:\*\*/)+", rest) if at == 0 or glob[at - 1] == "/" else None
        if folders:
            out, at = f"{out}(?:.*/)?", at + folders.end()
            continue
        stars = re.match(r"\*+", rest)  # several are one, which is not so slow
        if stars:
            out, at = f"{out}.*", at + stars.end()
            continue
        closed = _SET.match(rest)
        choice = _CHOICE.match(rest)
        if closed:
            out, at = out + _set(closed.group()[1:-1]), at + closed.end()
        elif choice:
            words = (_expression(word).pattern for word in choice.group()[1:-1].split(","))
            out, at = f"{out}(?:{'|'.join(words)})", at + choice.end()
        else:
            out, at = out + ("." if rest[0] == "?" else re.escape(rest[0])), at + 1
    try:
        return re.compile(out, re.DOTALL)
    except re.error:  # [z-a]: nothing that a name could be
        return re.compile(re.escape(glob))


def _set(inside: str) -> str:
    """What stands between brackets, as a set of a regular expression."""
    negated = "^" if inside[0] in "!^" else ""
    # escaped is what means something there, or may one day
    text = re.sub(r"([\\\[\]&~|^])", r"\\\1", inside[len(negated) :]).replace("--", r"-\-")
    return f"[{negated}{text}]"
