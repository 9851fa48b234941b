"""docs/gallery.md: for every kind of module a table of its readings, then a picture of each."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator

from rnnlint.findings import Finding
from rnnlint.rules import registry
from tools import rule_pages
from tools.gallery.drawn import LAYOUTS, Drawn, drawn
from tools.gallery.readings import SECTIONS, SIZES, Section

_SIZES = ", ".join(f"{name}={size}" for name, size in SIZES.items())
_HEAD = f"""\
# Readings of `output`, `h_n` and `c_n`

Every reading below is drawn, and compared with all others of its module, by what is behind [`rnnlint show`](show.md).
[How to read a drawing](show.md#how-to-read-a-drawing): a box is the elements of one sample, a filled tick a step that
the state has read. The tests run each on torch's LSTM, GRU and RNN, hold every box against where the states really
stand, every tick against autograd, and whether two readings are equal against `torch.equal`.

The modules are LSTMs with {_SIZES}: N samples, T steps, hidden size H, I features, L layers, D
directions. Of a GRU and an RNN, `output` and `h_n` are the same, and there is no `c_n`. *The same* are other readings
of the table that are equal to it, written as with `batch_first=True`; where none is named, none is. *Rules* are those
that speak up where a layer gets the reading.

| module | `output` with `batch_first=True`, and without | `h_n` |
|---|---|---|
"""
_WIDTH = 120


def page() -> str:
    """The page."""
    rows = [f"| [{section.title}](#{anchor(section.title)}) | {_returned(section)} |" for section in SECTIONS]
    return "\n".join([_HEAD + "\n".join(rows), "", *(line for one in SECTIONS for line in _section(one))])


def _returned(section: Section) -> str:
    """The shapes of what the module returns."""
    directions = "D*" if section.bidirectional else ""
    rows = "*".join(filter(None, ("L" if section.layers > 1 else "", "D" if section.bidirectional else ""))) or "1"
    return f"`(N, T, {directions}H)` or `(T, N, {directions}H)` | `({rows}, N, H)`"


def anchor(heading: str) -> str:
    """The anchor of a heading, as git hosts and the site make it."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def _section(section: Section) -> Iterator[str]:
    found = drawn(section)
    yield from (f"## {section.title}", "", *_intro(section), "")
    yield "| reading | `batch_first=True` | `batch_first=False` | the same | rules |"
    yield "|---|---|---|---|---|"
    for one in found:
        reading = one.reading
        equals = ", ".join(f"`{found[number].reading.batch_first}`" for number in one.equals)
        rules = ", ".join(dict.fromkeys(map(_link, one.findings)))
        name = f"[{reading.words}](#{anchor(_heading(section, one))})"
        yield f"| {name} | `{reading.batch_first}` | `{reading.time_major}` | {equals} | {rules} |"
    yield ""
    for one in found:
        yield from _picture(section, one, found)


def _intro(section: Section) -> list[str]:
    question = section.question(batch_first=True)
    said = f"`{question.module}`, or the same without `batch_first`."
    if section.packed:
        said += (
            f" The batch was packed with the lengths {', '.join(map(str, question.lengths))} and `output` padded again"
            " by `pad_packed_sequence`: behind the end of a sample stands padding, zeros that are no state."
        )
    return _wrapped(said)


def _heading(section: Section, one: Drawn) -> str:
    title = section.title[0].lower() + section.title[1:]
    return f"{one.reading.words[0].upper()}{one.reading.words[1:]}, {title}"


def _link(finding: Finding) -> str:
    return f"[{finding.code}]({rule_pages.FOLDER.name}/{rule_pages.file_name(registry()[finding.code])})"


def _picture(section: Section, one: Drawn, found: tuple[Drawn, ...]) -> Iterator[str]:
    reading = one.reading
    yield from (f"### {_heading(section, one)}", "")
    written = [f"`{reading.batch_first}`"]
    if reading.time_major != reading.batch_first:
        written.append(f"without `batch_first` it is written `{reading.time_major}`")
    said = [f"{'; '.join(written)}.", *(f"{line[0].upper()}{line[1:]}." for line in one.read)]
    if one.equals:
        said.append(f"The same: {', '.join(f'`{found[number].reading.batch_first}`' for number in one.equals)}.")
    said += [f"{_link(finding)}: {_escaped(finding.message)}." for finding in one.findings]
    yield from (*_wrapped(" ".join(said)), "")
    for number in range(len(one.pictures)):
        if len(one.pictures) > 1:
            yield from ("With `batch_first=True`:" if LAYOUTS[number] else "Without:", "")
        yield from (image(one, number), "")


def image(one: Drawn, number: int) -> str:
    """One of the pictures of a reading, with what it shows in words."""
    return f"![{_escaped(one.alternative(number))}]({one.pictures[number][0]})"


def _escaped(text: str) -> str:
    """Text in which nothing is a sign of Markdown."""
    return re.sub(r"([\\`*_\[\]<>|])", r"\\\1", text)


def _wrapped(text: str) -> list[str]:
    # what is code stays on its line
    kept = re.sub(r"`[^`]*`", lambda found: found[0].replace(" ", "\x00"), text)
    lines = textwrap.wrap(kept, _WIDTH, break_long_words=False, break_on_hyphens=False)
    return [line.replace("\x00", " ") for line in lines]
