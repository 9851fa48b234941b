"""What ``--show-settings`` prints: a configuration as the file that says the same."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from rnnlint.configuration.choices import KEYS, Configuration
from rnnlint.configuration.keys import Key, Kind
from rnnlint.configuration.patterns import Pattern
from rnnlint.configuration.reading import shown
from rnnlint.configuration.selection import PerFile

_WIDE = 120  # characters of a line; a longer list is written one a line


def settings(configuration: Configuration) -> str:
    """Every key with its value in TOML, in the comment who has set it, and at the end the codes that are on.

    It reads as a rnnlint.toml in the folder ``root`` with the same meaning, but that ``select`` on a command line is
    stronger than ``ignore`` in a file.
    """
    source = configuration.source
    head = f"# {shown(source)}" if source else f"# no file, in {configuration.root.as_posix()}"
    codes = ", ".join(configuration.selection.codes()) or "none"
    return "\n".join([head, *_lines(configuration), f"# on: {codes}", ""])


def _lines(configuration: Configuration) -> Iterator[str]:
    for key in KEYS:
        value = getattr(configuration, key.field)
        where = configuration.where(key.name)
        if value is None:
            yield f"# {key.name} is not set"
        else:
            yield f"{key.name} = {toml(plain(key, value, configuration.root))}  # {where or 'default'}"


def default(key: Key) -> str:
    """The default of a key, in TOML; "" for none."""
    return "" if key.default is None else toml(plain(key, key.default, Path()))


def plain(key: Key, value: object, root: Path) -> object:
    """The value of a key as a file has it: texts, numbers, lists and tables."""
    if key.kind is Kind.PER_FILE and isinstance(value, tuple):
        return _table(value, root)
    return _plain(value, root)


def _table(ignored: Sequence[PerFile], root: Path) -> dict[str, list[str]]:
    table: dict[str, list[str]] = {}
    for one in ignored:
        text = one.pattern.text.removeprefix("!")
        mark = "" if text == one.pattern.text else "!"
        table.setdefault(f"{mark}{_plain(Pattern(text, one.pattern.base), root)}", []).extend(one.codes)
    return table


def _plain(value: object, root: Path) -> object:
    match value:
        case Pattern():
            here = value.base == root or "/" not in value.text.rstrip("/")  # which is a name, wherever it is
            return value.text if here else _from(root, value.base / value.text)
        case Path():
            return _from(root, value)
        case tuple():
            return [_plain(one, root) for one in value]
    return value


def _from(root: Path, path: Path) -> str:
    """A path from a folder, where it lies below."""
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else path.as_posix()


def toml(value: object) -> str:
    """A value in TOML."""
    match value:
        case bool() | int():
            return str(value).lower()
        case str():
            # one that JSON leaves as it is TOML does not take; and pairs of escapes for one character neither
            return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
        case list():
            texts = [toml(one) for one in value]
            line = f"[{', '.join(texts)}]"
            return line if len(line) < _WIDE else "".join(["[\n", *(f"  {text},\n" for text in texts), "]"])
        case dict():
            return f"{{ {', '.join(f'{toml(name)} = {toml(one)}' for name, one in value.items())} }}" if value else "{}"
    raise TypeError(type(value))
