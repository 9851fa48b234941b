"""What stands in a rule's docstring, taken apart: its sections and the programs in them."""

from __future__ import annotations

import re
import textwrap

from rnnlint.rules.rule import Rule

_HEADING = re.compile(r"^## (.+)$", re.MULTILINE)
_PROGRAM = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_RAISES = re.compile(r"^torch raises `(\w+)`\.$", re.MULTILINE)


def sections(rule: Rule) -> dict[str, str]:
    """The text under each heading of a rule's docstring."""
    parts = _HEADING.split(rule.doc)
    # what is split by a pattern with a group comes as the text before, then heading and text by turns
    return {heading: text.strip() for heading, text in zip(parts[1::2], parts[2::2], strict=True)}


def chapters(rule: Rule) -> dict[str, str]:
    """The text under each heading of its page, as Markdown; what it says of its fix says that there need not be one."""
    return {heading: _fix(text) if heading == "Fix" else text for heading, text in sections(rule).items()}


def status(rule: Rule) -> str:
    """Whether it is on by default, since when there is it, and what its fix is."""
    fix = "no fix" if rule.fix == "none" else f"its fix is {rule.fix}"
    return f"{'On' if rule.on else 'Off'} by default, since {rule.since}; {fix}"


def _fix(text: str) -> str:
    """What a rule says of its fix, which not every finding has: some can be written in no way that is certain."""
    # how the sections "Fix" begin that propose nothing; the rest of the sentence says why
    if text.lower().startswith("none"):
        said = f"There is no fix{text[len('none') :]}"
    else:
        said = f"Where one can be written, a fix is {text[0].lower()}{text[1:]}"
    return textwrap.fill(said, 120, break_long_words=False, break_on_hyphens=False)


def summary(rule: Rule) -> str:
    """What it finds, in one line: the first sentence, or what stands before its colon."""
    return re.split(r"(?<=[.:])\s", sections(rule)["What it finds"].replace("\n", " "))[0].rstrip(":.")


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
