"""``json`` and ``json-lines``: ruff's keys where they mean the same, and what rnnlint knows besides.

docs/output.md has every key.  All characters beyond ASCII are escaped, so that it can be printed anywhere.
"""

from __future__ import annotations

import json
from typing import Any

from rnnlint.diagnostics import Checked, Diagnostic, Fix, Place, Related
from rnnlint.output.addresses import page_of
from rnnlint.output.levels import level_of
from rnnlint.output.places import line_in_file


def array(checked: Checked) -> str:
    """One array of all findings."""
    objects = [_indented(_finding(one)) for one in checked.diagnostics]
    return "[\n" + ",\n".join(objects) + "\n]\n" if objects else "[]\n"


def _indented(finding: dict[str, object]) -> str:
    """An object of an array, a key a line; of a drawing nobody reads the numbers line by line."""
    pairs = []
    for key, value in sorted(finding.items()):
        text = dumped(value, indent=None if key == "drawing" else 2).replace("\n", "\n    ")
        pairs.append(f"    {dumped(key)}: {text}")
    return "  {\n" + ",\n".join(pairs) + "\n  }"


def lines(checked: Checked) -> str:
    """An object a line, for tools that read while they are written to."""
    return "".join(f"{dumped(_finding(one))}\n" for one in checked.diagnostics)


def dumped(value: object, indent: int | None = None) -> str:
    """JSON that strict readers take: what is no character (half a pair of surrogates) is written out as text."""
    separators = (",", ":") if indent is None else None
    return json.dumps(_paired(value), indent=indent, separators=separators, sort_keys=True, allow_nan=False)


def _paired(value: Any) -> Any:
    if isinstance(value, str):
        # a byte of a file's name that is no UTF-8; RFC 8259 leaves it open what a reader does with \udc80
        return value.encode("utf-8", "backslashreplace").decode("utf-8")
    if isinstance(value, dict):
        return {key: _paired(held) for key, held in value.items()}
    return [_paired(held) for held in value] if isinstance(value, list) else value


def _finding(one: Diagnostic) -> dict[str, object]:
    return {
        **_place(one.place),
        "code": one.code,
        "drawing": json.loads(one.drawing) if one.drawing else None,
        "expression": one.expression,
        "facts": [{"name": name, "value": value} for name, value in one.facts],
        "fix": _fix(one.fixes[0]) if one.fixes else None,
        "help": one.help or None,
        "key": one.key or None,
        "message": one.message,
        "name": one.name,
        "noqa_row": one.place.line,
        "qualified": one.qualified,
        "read": one.read or None,
        "related": [_related(other) for other in one.related],
        "severity": level_of(one.code).value,
        "url": page_of(one.code, one.name),
        "wanted": one.wanted or None,
    }


def _fix(fix: Fix) -> dict[str, object]:
    return {
        "applicability": fix.applicability.value,
        "edits": [{**_place(one.place), "content": one.text} for one in fix.edits],
        "message": fix.title,
        "note": fix.note or None,
    }


def _related(other: Related) -> dict[str, object]:
    return {**_place(other.place), "message": other.message}


def _place(place: Place) -> dict[str, object]:
    return {
        "cell": place.cell or None,
        "end_location": {"column": place.end_column + 1, "row": place.end_line},
        "file_row": line_in_file(place),
        "filename": place.path,
        "location": {"column": place.column + 1, "row": place.line},
    }
