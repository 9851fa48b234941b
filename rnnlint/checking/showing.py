"""``--show-settings``: what is chosen for a file, as it could stand in rnnlint.toml, and where each was said."""

from __future__ import annotations

import json
from pathlib import Path

from rnnlint.configuration import Configuration
from rnnlint.configuration.choices import KEYS
from rnnlint.configuration.patterns import Pattern
from rnnlint.configuration.selection import PerFile


def settings(path: str, configuration: Configuration) -> str:
    """What is chosen for a file."""
    lines = [f"# settings of {_text(path)}", f"# configuration: {configuration.source or 'none'}"]
    for key in KEYS:
        where = configuration.where(key.name)
        value = getattr(configuration, key.field)
        if value is None:
            lines.append(f"# {key.name} is not set")
        else:
            lines.append(f"{key.name} = {_value(value)}{f'  # {where}' if where else ''}")
    codes = configuration.selection.codes(Path(path))
    return "\n".join([*lines, f"# reported: {' '.join(codes) or 'nothing'}", ""])


def _value(value: object) -> str:
    match value:
        case bool():
            return str(value).lower()
        case int():
            return str(value)
        case tuple():
            pairs = [f"{_text(one.pattern.text)} = {_value(one.codes)}" for one in value if isinstance(one, PerFile)]
            return f"{{ {', '.join(pairs)} }}" if pairs else f"[{', '.join(map(_value, value))}]"
        case Pattern():
            return _text(value.text)
    return _text(str(value))


def _text(text: str) -> str:
    # TOML's basic strings are those of JSON
    return json.dumps(text)
