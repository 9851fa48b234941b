"""Writes what zensical.toml says of the navigation: every page of docs/ has a place, every place a page.

The table names pages by their files; those of rules come from the rules.  A page that is not there has no entry, so
that no link leads nowhere; a page that the table lacks is an error, so that none is left out.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TypeAlias

from rnnlint.rules import registry
from tools import rule_pages

ROOT = Path(__file__).resolve().parents[2]
SETTINGS = ROOT / "zensical.toml"
_BEGIN, _END = "# navigation: python -m tools.site navigation\n", "# end of the navigation\n"

Entry: TypeAlias = "tuple[str, str | tuple[Entry, ...]]"
"""A title, and a file below docs/ or the entries under it."""

_GROUPS = (
    ("RNN1", "Which states"),
    ("RNN2", "Axes"),
    ("RNN3", "What kind of thing"),
    ("RNN4", "Padding, packing"),
    ("RNN5", "Building, handing on"),
    ("RNN9", "rnnlint itself"),
)
_RULES = "rules"

PARTS: tuple[Entry, ...] = (
    ("Start", "index.md"),
    ("Gallery", "gallery.md"),
    ("Explorer", "explorer/index.html"),
    ("Rules", _RULES),
    (
        "Checking",
        (
            ("rnnlint check", "check.md"),
            ("Configuration", "configuration.md"),
            ("Suppressing", "suppressing.md"),
            ("Output", "output.md"),
            ("Fixes", "fixes.md"),
            ("Notebooks", "notebooks.md"),
            ("Projects", "projects.md"),
            ("Hooks and CI", "ci.md"),
            ("In an editor", "server.md"),
            ("Beside others", "compared.md"),
            ("Changes", "changelog.md"),
        ),
    ),
    ("Asking", (("rnnlint show", "show.md"), ("rnnlint reveal", "reveal.md"))),
    (
        "On torch",
        (
            ("Confirm", "confirm.md"),
            ("Audit", "audit.md"),
            ("Concerns", "concerns.md"),
            ("Versions of torch", "torch-versions.md"),
        ),
    ),
    (
        "How it works",
        (
            ("Design", "design.md"),
            ("What is followed", "followed.md"),
            ("What a file costs", "cost.md"),
            ("Contributing", "contributing.md"),
            ("Where it lives", "map.md"),
            ("Releasing", "releasing.md"),
        ),
    ),
    (
        "Measured",
        (
            ("Files", "measured.md"),
            ("Whole projects", "measured-projects.md"),
            ("Published packages", "ecosystem.md"),
            ("Variations", "variations.md"),
            ("Mistakes on purpose", "mutation.md"),
            ("Mutants", "mutants.md"),
            ("Fuzzing", "fuzzing.md"),
        ),
    ),
)


class NoPlace(Exception):
    """Pages of docs/ that the table of the navigation does not name; the message is one line."""


def entries(docs: Path) -> list[Entry]:
    """The navigation over what is there.  NoPlace for a page that has none."""
    whole = tuple((title, _rules() if below == _RULES else below) for title, below in PARTS)
    named = set(files(whole))
    there = {path.relative_to(docs).as_posix() for path in docs.rglob("*.md")}
    if there - named:
        raise NoPlace(f"no place in the navigation: {', '.join(sorted(there - named))} (tools/site/navigation.py)")
    return list(_existing(whole, docs))


def _rules() -> tuple[Entry, ...]:
    """The index of the rules, then their pages by what they are about."""
    rules = registry().values()
    groups: list[Entry] = [("All rules", f"{_RULES}/README.md")]
    for prefix, title in _GROUPS:
        pages = tuple(
            (f"{rule.code} {rule.name}", f"{_RULES}/{rule_pages.file_name(rule)}")
            for rule in rules
            if rule.code.startswith(prefix)
        )
        groups.append((title, pages))
    return tuple(groups)


def files(parts: Sequence[Entry]) -> Iterator[str]:
    """Every file of the navigation, in its order."""
    for _, below in parts:
        if isinstance(below, str):
            yield below
        else:
            yield from files(below)


def _existing(parts: Sequence[Entry], docs: Path) -> Iterator[Entry]:
    for title, below in parts:
        if isinstance(below, str):
            if (docs / below).is_file():
                yield title, below
        elif found := tuple(_existing(below, docs)):
            yield title, found


def _lines(parts: Sequence[Entry], margin: str) -> Iterator[str]:
    for title, below in parts:
        if isinstance(below, str):
            yield f"{margin}{{ {json.dumps(title)} = {json.dumps(below)} }},"
        else:
            # a table of TOML stands on one line, a list in it need not
            yield f"{margin}{{ {json.dumps(title)} = ["
            yield from _lines(below, f"{margin}  ")
            yield f"{margin}] }},"


def written(settings: str, docs: Path) -> str:
    """The text of zensical.toml with the navigation over what is there."""
    before, _, rest = settings.partition(_BEGIN)
    _, _, after = rest.partition(_END)
    return "\n".join([f"{before}{_BEGIN}nav = [", *_lines(entries(docs), "  "), f"]\n{_END}{after}"])


def write() -> None:
    """Write it.  NoPlace for a page that has none."""
    SETTINGS.write_text(written(SETTINGS.read_text(encoding="utf-8"), ROOT / "docs"), encoding="utf-8")
