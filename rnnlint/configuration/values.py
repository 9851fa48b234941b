"""From what stands in a file or on a command line to the value of a key, or to what is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from rnnlint.configuration.choices import refusal
from rnnlint.configuration.keys import Key, Kind
from rnnlint.configuration.patterns import Pattern, mistake
from rnnlint.configuration.selection import EVERYTHING, PerFile, known_codes, unknown
from rnnlint.settings import guess

_SAID = 40  # characters of a wrong value that are repeated


def from_toml(key: Key, value: object, base: Path, where: str) -> object:
    """The value of a key as TOML has it; ``base`` is the folder of the file, ``where`` its name.

    Raises BadConfiguration for another type, a code that does not exist, and a pattern of nothing.
    """
    match key.kind, value:
        case Kind.SWITCH, bool():
            return value
        case Kind.COUNT, int() if value >= 0 and not isinstance(value, bool):
            return value
        case Kind.PATH, str() if value:
            return base / value
        case Kind.FORMATS, str() if value:
            return (value,)
        case ((Kind.CODES | Kind.PATTERNS | Kind.FORMATS), list()) if _all_text(value):
            return _listed(key, value, base, where)
        case Kind.PER_FILE, dict() if all(isinstance(one, list) and _all_text(one) for one in value.values()):
            return _per_file(key, value.items(), base, where)
    raise refusal(where, key.name, f"{_article(key.kind.value)} is wanted, not {_said(value)}")


def from_options(key: Key, given: Sequence[str], base: Path) -> object:
    """The value of a key as a command line has it, once for each time the option was given.

    Lists are written with commas, ``per-file-ignores`` as flake8 has it (``old.py:RNN1,RNN202 tests/*:RNN``).  Raises
    BadConfiguration.
    """
    where = f"--{key.name}"
    if key.kind is Kind.PER_FILE:
        return _per_file(key, _pairs(given, where), base, where)
    if key.name == "select" and not "".join(given).strip(", "):
        # an empty variable of a script would select nothing, and all would seem to be well
        raise refusal(where, key.name, f"{_article(key.kind.value)} is wanted, not nothing")
    if key.kind in (Kind.CODES, Kind.PATTERNS, Kind.FORMATS):
        return _listed(key, [word for one in given for word in re.split(r"[,\s]+", one) if word], base, where)
    last = given[-1]
    if key.kind is Kind.COUNT:
        if not last.isdecimal():
            raise refusal(where, key.name, f"{_article(key.kind.value)} is wanted, not {last!r}")
        return int(last)
    return from_toml(key, last, base, where)


def _listed(key: Key, words: Sequence[str], base: Path, where: str) -> tuple[object, ...]:
    if key.kind is Kind.CODES:
        return _codes(key, words, where)
    if key.kind is Kind.FORMATS:
        return tuple(words)
    return tuple(_pattern(key, word, base, where) for word in words)


def _codes(key: Key, words: Iterable[str], where: str) -> tuple[str, ...]:
    found = tuple(words)
    for word in found:
        if unknown(word):
            likely = guess(word, (*known_codes(), EVERYTHING)) or " (rnnlint rules names them all)"
            raise refusal(where, key.name, f"unknown code {word!r}{likely}")
    return found


def _pattern(key: Key, word: str, base: Path, where: str) -> Pattern:
    wrong = mistake(word)
    if wrong:
        raise refusal(where, key.name, f"{word!r} {wrong}")
    return Pattern(word, base)


def _per_file(key: Key, pairs: Iterable[tuple[str, Sequence[str]]], base: Path, where: str) -> tuple[PerFile, ...]:
    return tuple(PerFile(_pattern(key, text, base, where), _codes(key, codes, where)) for text, codes in pairs)


def _pairs(given: Sequence[str], where: str) -> list[tuple[str, list[str]]]:
    """``a.py,b.py:RNN1,RNN2 c.py:RNN3``: patterns, a colon, codes; what is no code begins the next pattern."""
    found: list[tuple[str, list[str]]] = []
    files: list[str] = []
    open_ = 0  # how many of the last pairs take the next code
    for word in filter(None, re.split(r"[,\s]+", re.sub(r"\s*:\s*", ":", " ".join(given)))):
        file, colon, code = word.rpartition(":")
        if colon and file and code:
            files.append(file)
            found += [(one, [code]) for one in files]
            files, open_ = [], len(files)
        elif not colon and open_ and not files and re.fullmatch(r"[A-Z]+[0-9]*", word):
            for _, codes in found[-open_:]:
                codes.append(word)
        elif not colon:
            files.append(word)
        else:
            files.append(word)
            break
    if files:
        raise refusal(where, where, f"PATTERN:CODE,... is wanted, not {_said(' '.join(given))}")
    return found


def _all_text(value: Sequence[object]) -> bool:
    return all(isinstance(one, str) for one in value)


def _article(what: str) -> str:
    return what if what.startswith("true") else f"a {what}"


def _said(value: object) -> str:
    """A wrong value in a message: as it is, and on one line."""
    import json

    text = json.dumps(value, default=str, ensure_ascii=False) if not isinstance(value, Mapping) else "a table"
    return text if len(text) <= _SAID else f"{text[: _SAID - 3]}..."
