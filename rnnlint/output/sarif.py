"""``sarif``: version 2.1.0 of the format in which analysers hand on what they have found.

Addresses are relative to the folder the run was started in (``%SRCROOT%``), so that runs on several machines can be
put together: their ``runs`` one after another.  Columns are characters.  In a notebook a viewer knows the lines of the
JSON only: a finding is shown there, and its text, its logical location and ``properties`` name the cell.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from rnnlint.diagnostics import Checked, Diagnostic, Edit, Fix, Place, Refused
from rnnlint.output.addresses import addresses, page_of, version
from rnnlint.output.as_json import dumped
from rnnlint.output.fingerprints import fingerprints
from rnnlint.output.levels import Level, level_of
from rnnlint.output.places import line_in_file, within

_ROOT = "%SRCROOT%"
_LEVELS = {Level.ERROR: "error", Level.NOTE: "note"}
_KNOWN_AGAIN = "rnnlint/v1"  # what a finding is known again by; the number is that of how it is made
_DRIVE = re.compile(r"[A-Za-z]:/")  # C:/, of Windows


def text(checked: Checked) -> str:
    """One log with one run."""
    codes = sorted({one.code for one in checked.diagnostics})
    known = fingerprints(checked.diagnostics)
    run = {
        "columnKind": "unicodeCodePoints",
        "invocations": [_invocation(checked.refused)],
        "originalUriBaseIds": {_ROOT: {"description": {"text": "The folder in which rnnlint was run."}}},
        "results": [_result(one, codes, key) for one, key in zip(checked.diagnostics, known, strict=True)],
        "tool": {"driver": _driver(codes)},
    }
    log = {"$schema": "https://json.schemastore.org/sarif-2.1.0.json", "runs": [run], "version": "2.1.0"}
    return f"{dumped(log, indent=2)}\n"


def _driver(codes: Sequence[str]) -> dict[str, object]:
    source = addresses().get("Source")
    address = {"informationUri": source} if source else {}
    return {"name": "rnnlint", "version": version(), "rules": [_rule(code) for code in codes], **address}


def _rule(code: str) -> dict[str, object]:
    from rnnlint.rules import registry  # all of the rules, and what they are made of: where there is a finding only
    from rnnlint.rules.pages import sections

    rule = registry().get(code)
    if rule is None:
        return {"id": code}
    whole = sections(rule)
    # the first sentence, or up to a colon, as in the index of the rules
    short = re.split(r"(?<=[.:])\s", " ".join(whole["What it finds"].split()))[0].rstrip(":.") + "."
    full = "\n\n".join(whole[heading] for heading in ("What it finds", "Why it is wrong"))
    page = page_of(code, rule.name)
    markdown = "\n\n".join(f"## {heading}\n\n{said}" for heading, said in whole.items())
    return {
        "defaultConfiguration": {"enabled": rule.on, "level": _LEVELS[level_of(code)]},
        "fullDescription": {"text": full},
        "help": {"text": markdown, "markdown": markdown},
        "id": code,
        "name": rule.name,
        "shortDescription": {"text": short},
        **({"helpUri": page} if page else {}),
    }


def _result(one: Diagnostic, codes: Sequence[str], known: str) -> dict[str, object]:
    besides = {"read": one.read, "wanted": one.wanted, "help": one.help, "expression": one.expression}
    properties: dict[str, object] = {name: words for name, words in besides.items() if words}
    if one.facts:
        properties["facts"] = [{"name": name, "value": value} for name, value in one.facts]
    related = [
        {"id": n, "message": {"text": f"{_cell(other.place)}{other.message}"}, **_location(other.place)}
        for n, other in enumerate(one.related, 1)
    ]
    return {
        "level": _LEVELS[level_of(one.code)],
        "locations": [_location(one.place, one.qualified)],
        "message": {"text": f"{_cell(one.place)}{one.message}"},
        "partialFingerprints": {_KNOWN_AGAIN: known},
        "ruleId": one.code,
        "ruleIndex": codes.index(one.code),
        # a notebook's cells are strings in JSON, and no edit of theirs is one of the file's characters
        **({"fixes": [_fix(fix) for fix in one.fixes]} if one.fixes and not one.place.cell else {}),
        **({"relatedLocations": related} if related else {}),
        **({"properties": properties} if properties else {}),
    }


def _fix(fix: Fix) -> dict[str, object]:
    by_file: dict[str, list[Edit]] = {}
    for edit in fix.edits:
        by_file.setdefault(edit.place.path, []).append(edit)
    changes = [
        {
            "artifactLocation": _artifact(path),
            "replacements": [
                {"deletedRegion": _region(edit.place), "insertedContent": {"text": edit.text}} for edit in edits
            ],
        }
        for path, edits in by_file.items()
    ]
    return {"artifactChanges": changes, "description": {"text": f"{fix.title} ({fix.applicability.value})"}}


def _cell(place: Place) -> str:
    return f"{within(place)}: " if place.cell else ""


def _location(place: Place, qualified: str = "") -> dict[str, object]:
    names = ([f"cell {place.cell}"] if place.cell else []) + ([qualified] if qualified else [])
    location: dict[str, object] = {
        "physicalLocation": {"artifactLocation": _artifact(place.path), "region": _region(place)}
    }
    if names:
        location["logicalLocations"] = [{"fullyQualifiedName": name} for name in names]
    if place.cell:
        location["properties"] = {"cell": place.cell, "line": place.line, "column": place.column + 1}
    return location


def _artifact(path: str) -> dict[str, str]:
    address = quote(_bytes(path), safe="/")  # also what a path begins with: "a:b.py" is no address of scheme "a"
    if _DRIVE.match(path):
        return {"uri": f"file:///{path[0]}:{quote(_bytes(path[2:]), safe='/')}"}
    if path.startswith("//"):  # a computer's, of Windows
        return {"uri": f"file:{address}"}
    if path.startswith("/"):
        return {"uri": f"file://{address}"}
    return {"uri": address, "uriBaseId": _ROOT}


def _bytes(path: str) -> bytes:
    """The name as the file system has it: Python spells bytes that are no UTF-8 as half pairs of surrogates."""
    try:
        return path.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return path.encode("utf-8", "backslashreplace")


def _region(place: Place) -> dict[str, Any]:
    if place.cell:
        return {"startLine": line_in_file(place)}
    end_line = max(place.line, place.end_line)
    end = place.end_column if place.end_line >= place.line else place.column
    if end_line == place.line:
        end = max(end, place.column)  # an empty region, where something is missing
    region: dict[str, Any] = {
        "startLine": place.line,
        "startColumn": place.column + 1,
        "endLine": end_line,
        "endColumn": end + 1,
    }
    if len(place.source) == end_line - place.line + 1:
        lines = [*place.source[:-1], place.source[-1][:end]]
        lines[0] = lines[0][place.column :]
        region["snippet"] = {"text": "\n".join(lines)}
    return region


def _invocation(refused: Sequence[Refused]) -> dict[str, object]:
    if not refused:
        return {"executionSuccessful": True}
    return {"executionSuccessful": False, "toolExecutionNotifications": [_notification(one) for one in refused]}


def _notification(one: Refused) -> dict[str, object]:
    words = f"{one.path}: {one.reason}" if one.path else one.reason
    said: dict[str, object] = {"level": "error", "message": {"text": words}}
    if one.path:
        said["locations"] = [{"physicalLocation": {"artifactLocation": _artifact(one.path)}}]
    return said
