"""``--baseline``: findings that are known, in a file; what is found beside them is new.

A finding is known by its file, its code, the expression it is about and the function around, and by how many of these
there are; never by its line.
"""

from __future__ import annotations

import codecs
import contextlib
import json
import os
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from pathlib import Path, PurePath

from rnnlint.configuration.reading import shown
from rnnlint.configuration.selection import known_codes
from rnnlint.diagnostics import Diagnostic
from rnnlint.frozen import dataclass

_FORMAT, _VERSION = "rnnlint baseline", 1
_TEXTS = ("path", "code", "in", "expression")  # of an entry, beside "count"


class BadBaseline(Exception):
    """What is wrong with a baseline file, in one line that names it."""


@dataclass(frozen=True, slots=True, order=True)
class Key:
    """What a finding is known by.  ``path`` is written with slashes, from the folder of the baseline file."""

    path: str
    code: str
    qualified: str
    expression: str

    def __str__(self) -> str:
        inside = f" in {self.qualified}" if self.qualified else ""
        return f"{self.path}: {self.code}{f' {self.expression}' if self.expression else ''}{inside}"


@dataclass(frozen=True, slots=True)
class Stale:
    """An entry of a baseline that nothing is found for any more, and how many of its findings are gone."""

    key: Key
    count: int


@dataclass(frozen=True, slots=True)
class Compared:
    """Findings that a baseline does not know, those it knows, and what it knows in vain."""

    new: tuple[Diagnostic, ...]
    known: tuple[Diagnostic, ...]
    stale: tuple[Stale, ...]


Baseline = Mapping[Key, int]
"""How many findings of each key are known: at least one."""


def key(found: Diagnostic, folder: str, here: str) -> Key:
    """What a finding is known by, where the baseline stands in ``folder`` and its path counts from ``here``."""
    path = os.path.normpath(os.path.join(here, found.place.path))  # a Path keeps what ".." leads back
    with contextlib.suppress(ValueError):  # on another drive
        path = os.path.relpath(path, folder)
    # an expression with a string in it may have several lines
    return Key(PurePath(path).as_posix(), found.code, found.qualified, " ".join(found.expression.split()))


def asking(
    looked_at: Collection[str], searched: Sequence[str], folder: Path, takes: Callable[[str, Path], bool]
) -> Callable[[Key], bool]:
    """Whether a run could have found what an entry knows: its file was looked at, and its code is selected.

    ``looked_at`` are files as a :class:`Key` has them, ``searched`` the folders that were, by their absolute paths:
    what is gone from them was looked for. ``folder`` is that of the baseline, ``takes`` the selection. A rule that
    there is no more finds nothing, which is known.
    """

    def asked(at: Key) -> bool:
        file = Path(os.path.normpath(folder / at.path))
        there = at.path in looked_at or (any(map(file.is_relative_to, searched)) and not os.path.lexists(file))
        return there and (at.code not in known_codes() or takes(at.code, file))

    return asked


def compared(
    found: Iterable[Diagnostic], baseline: Baseline, keyed: Callable[[Diagnostic], Key], asked: Callable[[Key], bool]
) -> Compared:
    """Findings beside a baseline.  Where more are found than it knows, the last ones in the file are the new ones.

    ``asked`` says of an entry whether the run could have found it (:func:`asking`); of others nobody knows
    whether they are stale.
    """
    left = Counter(baseline)
    new: list[Diagnostic] = []
    known: list[Diagnostic] = []
    for one in sorted(found):
        at = keyed(one)
        (known if left[at] > 0 else new).append(one)
        left[at] -= 1
    stale = [Stale(at, left[at]) for at in sorted(baseline) if left[at] > 0 and asked(at)]
    return Compared(tuple(new), tuple(known), tuple(stale))


def updated(
    found: Iterable[Diagnostic], baseline: Baseline, keyed: Callable[[Diagnostic], Key], asked: Callable[[Key], bool]
) -> Baseline:
    """The baseline that knows what is found, and what ``baseline`` knows of what was not asked."""
    counts = Counter(keyed(one) for one in found)
    return {at: count for at, count in baseline.items() if at not in counts and not asked(at)} | dict(counts)


def as_before(text: str, before: bytes) -> bytes:
    """The bytes of a file whose text is another now: with the ends of lines and the byte order mark that it had."""
    mark = codecs.BOM_UTF8 if before.startswith(codecs.BOM_UTF8) else b""
    return mark + text.encode().replace(b"\n", b"\r\n" if b"\r\n" in before else b"\n")


def as_json(baseline: Baseline) -> str:
    """The text of a baseline file: sorted, an entry a line, so that it can be compared and merged line by line."""
    entries = [_line_of(at, count) for at, count in sorted(baseline.items())]
    body = "".join(f"\n    {entry}," for entry in entries).removesuffix(",")
    findings = f"[{body}\n  ]" if entries else "[]"
    return f'{{\n  "format": "{_FORMAT}",\n  "version": {_VERSION},\n  "findings": {findings}\n}}\n'


def _line_of(at: Key, count: int) -> str:
    entry = dict(zip(_TEXTS, (at.path, at.code, at.qualified, at.expression), strict=True)) | {"count": count}
    text = json.dumps(entry, ensure_ascii=False)
    # the name of a file may have bytes that are no text, which Python keeps as characters that no file can have
    return text if text.encode("utf-8", "ignore").decode() == text else json.dumps(entry)


def read(file: Path, *, missing: bool = False) -> Baseline:
    """What a file knows; nothing where there is none and ``missing`` allows it.  Raises BadBaseline."""
    try:
        if file.is_fifo():  # from which folder would its paths count?
            raise OSError("no regular file")
        data = file.read_bytes()
    except FileNotFoundError:
        if missing:
            return {}
        raise BadBaseline(f"{shown(file)}: there is no such file; --update-baseline writes it") from None
    except OSError as error:
        raise BadBaseline(f"{shown(file)}: cannot be read: {error.strerror or error}") from None
    try:
        return _read(json.loads(data.decode("utf-8-sig")))
    except (ValueError, RecursionError) as error:  # no JSON, no UTF-8, nested too deeply
        raise BadBaseline(f"{shown(file)}: no baseline of rnnlint: {_line(error)}") from None


def _line(error: Exception) -> str:
    return "it is nested too deeply" if isinstance(error, RecursionError) else next(iter(str(error).splitlines()), "")


def _read(whole: object) -> Baseline:
    """The entries of a file.  Raises ValueError, which says what is wrong."""
    if not isinstance(whole, dict) or whole.get("format") != _FORMAT:
        raise ValueError(f'it has no "format": "{_FORMAT}"')
    if whole.get("version") != _VERSION:
        raise ValueError(f"it is of version {whole.get('version')!r}, and this rnnlint reads {_VERSION}")
    entries = whole.get("findings")
    if not isinstance(entries, list):
        raise ValueError('its "findings" are no list')
    found: dict[Key, int] = {}
    for number, entry in enumerate(entries, 1):
        at, count = _entry(entry, number)
        # twice where two branches were merged by keeping the lines of both: who has counted more has met them all
        found[at] = max(count, found.get(at, 0))
    return found


def _entry(entry: object, number: int) -> tuple[Key, int]:
    texts = [entry.get(name) for name in _TEXTS] if isinstance(entry, dict) else []
    count = entry.get("count") if isinstance(entry, dict) else None
    if not texts or not all(isinstance(text, str) for text in texts):
        raise ValueError(f"finding {number} is not {', '.join(_TEXTS)} and count")
    if not isinstance(count, int) or isinstance(count, bool) or count < 1:
        raise ValueError(f"finding {number} has no count of 1 or more")
    return Key(*map(str, texts)), count
