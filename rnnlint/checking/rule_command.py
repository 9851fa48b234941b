"""``rnnlint rule`` and ``rnnlint rules``: what a rule finds and why, and which there are."""

from __future__ import annotations

import json
import re
from dataclasses import replace

from rnnlint.drawing.terminal import PLAIN, Ink
from rnnlint.rules import registry
from rnnlint.rules.pages import chapters, status, summary
from rnnlint.rules.rule import Rule
from rnnlint.settings import guess
from rnnlint.showing.examples import drawn, lines

_LINK = re.compile(r"\[([^\]]*)\]\(([^)]*)\)")
_INDENT = " " * 4


class UnknownRule(Exception):
    """There is none of this code or name; the message is one line."""


def pages(given: str, output_format: str, ink: Ink = PLAIN) -> str:
    """The pages of a rule by its code or name, or of all: as text, Markdown or JSON.  Raises UnknownRule.

    ``ink`` is what the terminal can show of the drawings.
    """
    rules = _named(given)
    if output_format == "json":
        objects = [_as_json(rule) for rule in rules]
        return json.dumps(objects[0] if len(objects) == 1 else objects, indent=2)
    page = _markdown if output_format == "markdown" else _text
    return "\n\n".join(page(rule, ink) for rule in rules)


def table(output_format: str) -> str:
    """A line for each rule, or the same as JSON."""
    every = registry().values()
    if output_format == "json":
        return json.dumps([_as_json(rule) for rule in every], indent=2)
    widest = max(len(rule.name) for rule in every)
    return "\n".join(f"{rule.code}  {rule.name:{widest}}  {_default(rule)}  {summary(rule)}" for rule in every)


def _default(rule: Rule) -> str:
    return "on " if rule.on else "off"


def _named(given: str) -> list[Rule]:
    """The rule of a code or a name, in any case, or all.  Raises UnknownRule."""
    every = registry()
    if given.lower() == "all":
        return list(every.values())
    found = [rule for rule in every.values() if given.lower() in (rule.code.lower(), rule.name)]
    if not found:
        names = [word for rule in every.values() for word in (rule.code, rule.name)]
        likely = guess(given, names) or " (rnnlint rules names them all)"
        raise UnknownRule(f"no rule {given!r}{likely}")
    return found


def _markdown(rule: Rule, ink: Ink) -> str:
    drawings = lines(drawn(rule), replace(ink, colour=False))
    parts = [f"# {rule.name} ({rule.code})", f"{status(rule)}."]
    for heading, text in chapters(rule).items():
        parts += [f"## {heading}", text]
        if heading in drawings:
            parts.append("\n".join(["```text", *drawings[heading], "```"]))
    return "\n\n".join(parts)


def _text(rule: Rule, ink: Ink) -> str:
    """What one reads in a terminal: no marks of Markdown but the backticks, programs indented."""
    drawings = lines(drawn(rule), ink)
    title = f"{rule.code} {rule.name}"
    parts = [title, "=" * len(title), "", f"{status(rule)}."]
    for heading, text in chapters(rule).items():
        parts += ["", heading, "-" * len(heading), *_plain(text)]
        if heading in drawings:
            parts += ["", *(f"{_INDENT}{line}".rstrip() for line in drawings[heading])]
    return "\n".join(parts)


def _plain(text: str) -> list[str]:
    lines, program = [], False
    for line in text.splitlines():
        if line.startswith("```"):
            program = not program
        elif program:
            lines.append(f"{_INDENT}{line}".rstrip())
        else:
            lines.append(_LINK.sub(r"\1", line))
    return lines


def _as_json(rule: Rule) -> dict[str, object]:
    """The keys are ruff's where they mean the same: ``name``, ``code``, ``summary``, ``explanation``."""
    headings = "\n\n".join(f"## {heading}\n{text}" for heading, text in chapters(rule).items())
    return {
        "name": rule.name,
        "code": rule.code,
        "linter": "rnnlint",
        "summary": summary(rule),
        "explanation": headings,
        "default": rule.on,
        "since": rule.since,
        "fix": rule.fix,
    }
