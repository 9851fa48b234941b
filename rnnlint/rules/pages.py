"""What stands in a rule's docstring, taken apart: its sections and the programs in them."""

from __future__ import annotations

import re

from rnnlint.rules.rule import Rule

_HEADING = re.compile(r"^## (.+)$", re.MULTILINE)
_PROGRAM = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_RAISES = re.compile(r"^torch raises `(\w+)`\.$", re.MULTILINE)


def sections(rule: Rule) -> dict[str, str]:
    """The text under each heading of a rule's docstring."""
    parts = _HEADING.split(rule.doc)
    # what is split by a pattern with a group comes as the text before, then heading and text by turns
    return {heading: text.strip() for heading, text in zip(parts[1::2], parts[2::2], strict=True)}


def program(rule: Rule, heading: str) -> str:
    """The program under "Example" or "Instead"; KeyError for a rule that has none."""
    found = _PROGRAM.findall(sections(rule)[heading])
    if len(found) != 1:
        raise ValueError(f"{rule.code}: {len(found)} programs under {heading!r}")
    return str(found[0])


def raises(rule: Rule) -> str | None:
    """The exception that torch raises on the rule's example, as its text says; None where it runs."""
    found = _RAISES.search(sections(rule)["Example"])
    return found[1] if found else None
