"""Writes docs/rules from the rules themselves: ``python -m tools.rule_pages``.

One page a rule, from its docstring, its metadata and what the linter says of its example, and an index.  The tests
check that what is checked in is what this writes.
"""

from __future__ import annotations

import re
import textwrap
from pathlib import Path

from rnnlint.linter import lint
from rnnlint.rules import registry
from rnnlint.rules.pages import program, sections
from rnnlint.rules.rule import Rule

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "rules"
HEADINGS = ("What it finds", "Why it is wrong", "Example", "Instead", "When it stays silent", "Fix")


def file_name(rule: Rule) -> str:
    """``RNN102-last-step-of-bidirectional.md``: the code first, so that a folder lists the rules in order."""
    return f"{rule.code}-{rule.name}.md"


def page(rule: Rule) -> str:
    """The page of one rule."""
    lines = [f"# {rule.name} ({rule.code})", "", f"{_status(rule)}.", ""]
    for heading, text in sections(rule).items():
        lines += ["## Rewriting it", "", _rewrite(text), ""] if heading == "Fix" else [f"## {heading}", "", text, ""]
        # what the linter says stands under the program it is said of
        if heading == "Example":
            lines += ["rnnlint says:", "", "```text", *_said(program(rule, heading)), "```", ""]
    return "\n".join(lines)


def index() -> str:
    """The table of all rules."""
    lines = ["# Rules", "", "| code | name | default | a rewrite would be | what it finds |", "|---|---|---|---|---|"]
    for rule in registry().values():
        # the first sentence, or up to a colon: an index has one line for each
        what = re.split(r"(?<=[.:])\s", sections(rule)["What it finds"].replace("\n", " "))[0].rstrip(":.")
        on = "on" if rule.on else "off"
        lines.append(f"| [{rule.code}]({file_name(rule)}) | {rule.name} | {on} | {rule.fix} | {what} |")
    return "\n".join([*lines, ""])


def pages() -> dict[str, str]:
    """Every file of docs/rules by its name."""
    return {"README.md": index(), **{file_name(rule): page(rule) for rule in registry().values()}}


def _status(rule: Rule) -> str:
    rewrite = "no automatic rewrite" if rule.fix == "none" else f"an automatic rewrite would be {rule.fix}"
    return f"{'On' if rule.on else 'Off'} by default, since {rule.since}; {rewrite}"


def _rewrite(text: str) -> str:
    """What a rule says of a rewrite, as long as there is none."""
    # how the sections "Fix" begin that propose nothing; the rest of the sentence says why
    if text.lower().startswith("none"):
        said = f"There is no rewrite{text[len('none') :]}"
    else:
        said = f"rnnlint rewrites nothing yet. A rewrite would be {text[0].lower()}{text[1:]}"
    return textwrap.fill(said, 120, break_long_words=False, break_on_hyphens=False)


def _said(text: str) -> list[str]:
    return [f"{f.line}:{f.column + 1}: {f.code} {f.message}" for f in lint(text).findings]


def write() -> None:
    """Write what is missing or out of date, remove what belongs to no rule."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    wanted = pages()
    for path in FOLDER.glob("*.md"):
        if path.name not in wanted:
            path.unlink()
    for name, text in wanted.items():
        (FOLDER / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write()
