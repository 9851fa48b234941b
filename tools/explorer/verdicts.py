"""The table of what rnnlint says of every reading of the page: docs/explorer/verdicts.js, written by a command.

Rules are not ported: what they say is asked of rnnlint itself, for every reading, and written down in the order in
which the page's menus lead to the readings.  Modules of the same shape mostly hear the same, but for their names; each
sequence of verdicts stands there once.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, TypeAlias

from rnnlint.rules import registry
from tools.explorer.against_algebra import verdict
from tools.explorer.walking import PAGE, Said, walked
from tools.rule_pages import file_name

FILE = PAGE / "verdicts.js"
Verdict: TypeAlias = tuple[tuple[str, str], ...]
"""Code and text of each finding; the cell's name left open in the texts."""

_HEAD = """/* What rnnlint says where a layer gets a reading, for every reading of the page.
   Written by `python -m tools.explorer table`.

   `pages` are the pages of the rules, `findings` codes and texts, `verdicts` lists of these.  A sequence has the
   verdict of each reading that the menus lead to from one result, in their order: `verdict*count`, in base 36. */
"""
_CELL = re.compile(r"\b(an? )?(LSTM|GRU|RNN)\b")


def table(modules: Sequence[int] = ()) -> dict[str, Any]:
    """All of it, as JSON has it, or that of some modules.  Takes minutes: every expression is linted."""
    return _table(walked(modules=modules))


def _table(groups: Iterable[Sequence[Said]]) -> dict[str, Any]:
    findings: dict[tuple[str, str], int] = {}
    verdicts: dict[tuple[int, ...], int] = {}
    sequences: dict[str, int] = {}
    of: dict[str, int] = {}
    for group in groups:
        by_name: dict[str, list[int]] = {}
        for one in group:
            said = [findings.setdefault(_opened(*each), len(findings)) for each in verdict(one)]
            by_name.setdefault(one.said["name"], []).append(verdicts.setdefault(tuple(said), len(verdicts)))
        for name, several in by_name.items():
            of[key(group[0].module, name)] = sequences.setdefault(_packed(several), len(sequences))
    pages = {code: file_name(registry()[code]).removesuffix(".md") for code in sorted({code for code, _ in findings})}
    return {
        "pages": pages,
        "findings": list(map(list, findings)),
        "verdicts": list(map(list, verdicts)),
        "sequences": list(sequences),
        "of": of,
    }


def key(module: dict[str, Any], name: str) -> str:
    """By which the table knows a result of a module: the choices in their order, as JavaScript writes them."""
    written = [str(value).lower() if isinstance(value, bool) else str(value) for value in module.values()]
    return " ".join([*written, name])


def _opened(code: str, text: str) -> tuple[str, str]:
    return code, _CELL.sub(lambda found: "{a cell}" if found[1] else "{cell}", text)


def _packed(numbers: Sequence[int]) -> str:
    """Runs of the same number as `number*count`, or `number` alone."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and runs[-1][0] == number:
            runs[-1][1] += 1
        else:
            runs.append([number, 1])
    return " ".join(_base36(number) + (f"*{_base36(count)}" if count > 1 else "") for number, count in runs)


def unpacked(found: dict[str, Any], key: str) -> Iterator[list[list[str]]]:
    """The verdicts of a key, in their order."""
    for run in found["sequences"][found["of"][key]].split(" "):
        number, _, count = run.partition("*")
        said = [found["findings"][one] for one in found["verdicts"][int(number, 36)]]
        yield from [said] * int(count or "1", 36)


def _base36(number: int) -> str:
    digits = "0123456789abcdefghijklmnopqrstuvwxyz"
    return (_base36(number // 36) if number >= 36 else "") + digits[number % 36]


def written(found: dict[str, Any]) -> str:
    """The file."""
    parts = []
    for name, value in found.items():
        separators = (",", ":")
        if isinstance(value, dict):
            lines = [f"{json.dumps(one)}:{json.dumps(said)}" for one, said in value.items()]
            parts.append(f'"{name}":{{\n' + ",\n".join(lines) + "\n}")
        else:
            lines = [json.dumps(one, separators=separators, ensure_ascii=False) for one in value]
            parts.append(f'"{name}":[\n' + ",\n".join(lines) + "\n]")
    body = ",\n".join(parts)
    return f'{_HEAD}\n"use strict";\n\nglobalThis.Explorer = {{ ...globalThis.Explorer, verdicts: {{\n{body}\n}} }};\n'
