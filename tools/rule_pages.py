"""Writes docs/rules from the rules themselves: ``python -m tools.rule_pages``.

One page a rule, from its docstring, its metadata and what the linter says of its example, a picture of what that reads
and of what its repair does, and an index.  The tests check that what is checked in is what this writes.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from rnnlint.linter import lint
from rnnlint.rules import registry
from rnnlint.rules.pages import chapters, program, status, summary
from rnnlint.rules.rule import Rule
from rnnlint.showing import examples

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "rules"
PICTURES = "pictures"
WITHOUT = {
    "RNN101": "two tensors are compared, and each of them is what it should be",
    "RNN109": "torch raises, so there is no tensor",
    "RNN204": "it stands at the input, before anything has been read of it",
    "RNN207": "with the sizes of its example the repair gives the same tensor: what is lost is lost in a batch of one",
    "RNN209": "it stands at the input, before anything has been read of it",
    "RNN3": "they are about what kind of thing is read, not about which states",
    "RNN4": "they are about a whole batch: its lengths, its padding, its order",
    "RNN5": "they are about how a module is built, and what is handed to it",
    "RNN9": "they are about rnnlint itself",
}
"""Why rules have no picture: the words of the longest name that their code begins with, if they have none."""
HEADINGS = ("What it finds", "Why it is wrong", "Example", "Instead", "When it stays silent", "Fix")


def file_name(rule: Rule) -> str:
    """``RNN102-last-step-of-bidirectional.md``: the code first, so that a folder lists the rules in order."""
    return f"{rule.code}-{rule.name}.md"


def page(rule: Rule) -> str:
    """The page of one rule."""
    lines = [f"# {rule.name} ({rule.code})", "", f"{status(rule)}.", ""]
    for heading, text in chapters(rule).items():
        lines += [f"## {heading}", "", text, ""]
        # what the linter says stands under the program it is said of
        if heading == "Example":
            lines += ["rnnlint says:", "", "```text", *_said(program(rule, heading)), "```", ""]
        if heading == "Instead":
            lines += _drawn(rule)
        if heading == "Fix" and rule.fix != "none":
            lines += [_fixed(program(rule, "Example")), ""]
    return "\n".join(lines)


def _fixed(text: str) -> str:
    """What a fix does to the example, in a sentence; Markdown of the folder of the pages."""
    titles = [fix.title for finding in lint(text).findings for fix in finding.fixes]
    said = f"Of the example: {'; or '.join(f'`{one}`' for one in titles)}." if titles else "The example has none."
    return f"{said} How fixes are made and proven: [fixes.md](../fixes.md)."


def _drawn(rule: Rule) -> list[str]:
    """The picture of the two programs, where the rule has one, with what it shows in words."""
    example = examples.drawn(rule)
    shown = [(word, one) for word, one in (("read", example.read), ("wanted", example.wanted)) if one is not None]
    if not shown:
        return []
    said = "; ".join(f"{word}: {examples.caption(one)}" for word, one in shown)
    alternative = said.replace("[", "\\[").replace("]", "\\]")
    return [f"![{alternative}]({PICTURES}/{rule.code}.svg)", ""]


@cache
def pictures() -> dict[str, str]:
    """Every picture by the name of its file."""
    found = {f"{rule.code}.svg": examples.as_svg(examples.drawn(rule)) for rule in registry().values()}
    return {name: text for name, text in found.items() if text}


def index() -> str:
    """The table of all rules."""
    lines = ["# Rules", "", "| code | name | default | fix | what it finds |", "|---|---|---|---|---|"]
    for rule in registry().values():
        on = "on" if rule.on else "off"
        lines.append(f"| [{rule.code}]({file_name(rule)}) | {rule.name} | {on} | {rule.fix} | {summary(rule)} |")
    return "\n".join([*lines, "", *_about_pictures(), ""])


def _about_pictures() -> list[str]:
    """Which pages have a picture, and why the others have none."""
    shown = [rule for rule in registry().values() if f"{rule.code}.svg" in pictures()]
    why: dict[str, list[Rule]] = {}
    for rule in registry().values():
        if rule not in shown:
            why.setdefault(reason(rule), []).append(rule)
    said = f"What is read and what was wanted is drawn on the pages of {_linked(shown)}. Of the others it is not:"
    reasons = [f"- {words}: {_linked(rules)}." for words, rules in why.items()]
    return ["## Pictures", "", *_filled(said), "", *(line for one in reasons for line in _filled(one))]


def reason(rule: Rule) -> str:
    """Why a rule without a picture has none; KeyError for a rule of which nothing is known."""
    known = [code for code in WITHOUT if rule.code.startswith(code)]
    if not known:
        raise KeyError(f"{rule.code} has no picture: say why in tools/rule_pages.py, or let its example be drawn")
    return WITHOUT[max(known, key=len)]


def _linked(rules: Iterable[Rule]) -> str:
    return ", ".join(f"[{rule.code}]({file_name(rule)})" for rule in rules)


def _filled(text: str) -> list[str]:
    below = "  " if text.startswith("- ") else ""
    return textwrap.wrap(text, 120, subsequent_indent=below, break_long_words=False, break_on_hyphens=False)


def pages() -> dict[str, str]:
    """Every file of docs/rules by its name."""
    return {"README.md": index(), **{file_name(rule): page(rule) for rule in registry().values()}}


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
    drawn = pictures()
    (FOLDER / PICTURES).mkdir(exist_ok=True)
    for path in (FOLDER / PICTURES).iterdir():
        if path.name not in drawn:
            path.unlink()
    for name, text in drawn.items():
        (FOLDER / PICTURES / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write()
