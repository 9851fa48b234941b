"""Writes what is said of the keys of ``[tool.rnnlint]``: docs/rnnlint.schema.json, the table in docs/configuration.md.

``python -m tools.settings`` writes both, ``--check`` says with exit status 1 which is not up to date.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Sequence
from pathlib import Path

from rnnlint.configuration.choices import KEYS
from rnnlint.configuration.keys import Key, Kind
from rnnlint.configuration.selection import EVERYTHING, known_codes
from rnnlint.configuration.shown import default, plain
from rnnlint.rules import registry

ROOT = Path(__file__).resolve().parents[1]
SCHEMA = ROOT / "docs" / "rnnlint.schema.json"
PAGE = ROOT / "docs" / "configuration.md"
_BEGIN, _END = "<!-- keys: python -m tools.settings -->\n", "<!-- end of keys -->\n"


def schema() -> str:
    """The JSON schema of the table, as editors take it: draft 7, which taplo and SchemaStore read."""
    text = {"type": "array", "items": {"type": "string", "minLength": 1}}
    whole = {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "$id": SCHEMA.name,
        "title": "rnnlint",
        "description": "[tool.rnnlint] in pyproject.toml, or rnnlint.toml",
        "type": "object",
        "additionalProperties": False,
        "properties": {key.name: _property(key) for key in KEYS}
        | {
            "audit": {
                "description": "In pyproject.toml: what `rnnlint audit` waives and asks for.",
                "type": "object",
                "additionalProperties": False,
                "properties": {"allow": text, "select": text},
            }
        },
        "definitions": {"code": _code(), "pattern": {"type": "string", "minLength": 1}},
    }
    return json.dumps(whole, indent=2) + "\n"


def _property(key: Key) -> dict[str, object]:
    codes: dict[str, object] = {"type": "array", "items": {"$ref": "#/definitions/code"}}
    what: dict[Kind, dict[str, object]] = {
        Kind.CODES: codes,
        Kind.PER_FILE: {"type": "object", "additionalProperties": codes},
        Kind.PATTERNS: {"type": "array", "items": {"$ref": "#/definitions/pattern"}},
        Kind.FORMATS: {
            "anyOf": [
                {"type": "string", "minLength": 1},
                {"type": "array", "items": {"type": "string", "minLength": 1}},
            ]
        },
        Kind.SWITCH: {"type": "boolean"},
        Kind.COUNT: {"type": "integer", "minimum": 0},
        Kind.PATH: {"type": "string", "minLength": 1},
    }
    said = {} if key.default is None else {"default": plain(key, key.default, Path())}
    return {"description": f"{key.help}.", **what[key.kind], **said}


def _code() -> dict[str, object]:
    """Every code and what codes begin with; what each is about stands beside it, where editors show it."""
    rules = registry()
    prefixes = {code[:size] for code in known_codes() for size in range(3, 6)}
    return {
        "description": "A rule, or what rules begin with.",
        "anyOf": [
            {"const": EVERYTHING, "description": "every rule"},
            *({"const": prefix, "description": f"{prefix}..."} for prefix in sorted(prefixes)),
            *({"const": code, "description": rule.name} for code, rule in sorted(rules.items())),
        ],
    }


def table() -> str:
    """The keys as a table of a page."""
    rows = [
        f"| `{key.name}` | {_escaped(key.help)}. | {key.kind.value} | {_default(key)} | `{key.name} = {key.example}` |"
        for key in KEYS
    ]
    return "\n".join(["| key | | what it is | default | for example |", "|---|---|---|---|---|", *rows, ""])


def _default(key: Key) -> str:
    said = default(key)
    return f"`{said}`" if said and "\n" not in said else "what ruff and flake8 skip" if said else ""


def _escaped(text: str) -> str:
    return text.replace("|", "\\|")


def page() -> str:
    """The page, with the table as it should be."""
    text = PAGE.read_text(encoding="utf-8")
    return re.sub(
        f"{re.escape(_BEGIN)}.*?{re.escape(_END)}", lambda _: f"{_BEGIN}{table()}{_END}", text, flags=re.DOTALL
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Write them or compare them, and return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tools.settings", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--check", action="store_true")
    check = parser.parse_args(arguments).check
    stale = False
    for path, text in ((SCHEMA, schema()), (PAGE, page())):
        if check and path.read_text(encoding="utf-8") != text:
            print(f"{path.relative_to(ROOT)} is not up to date: python -m tools.settings", file=sys.stderr)
            stale = True
        elif not check:
            path.write_text(text, encoding="utf-8")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
