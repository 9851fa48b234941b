"""``html``: one page with everything: each finding with its lines, its drawing, what it rests on, and its rule's text.

It asks for nothing outside of itself, is whole without its script, and takes whatever stands in names and programs for
text.  What people and screen readers get is the same: every drawing has its words beside it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from rnnlint.diagnostics import Checked, Diagnostic, Related
from rnnlint.frozen import dataclass
from rnnlint.output import full
from rnnlint.output.html_drawing import drawing
from rnnlint.output.html_style import SCRIPT, policy, sheet
from rnnlint.output.html_text import blocks, path_text, text
from rnnlint.output.places import spelled
from rnnlint.output.styles import Look
from rnnlint.output.summary import summary

_WIDTH = 110  # columns of a line of a program: wider ones are cut as on a terminal, and scrolled to on a small screen


@dataclass(frozen=True, slots=True)
class Section:
    """A heading, and what stands below it: lines of text, each with what is shown of it as it is written."""

    heading: str
    lines: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Content:
    """What a page says: a title, a sentence, findings, and sections before and after these."""

    title: str
    said: str
    findings: Sequence[Diagnostic] = ()
    before: tuple[Section, ...] = ()
    after: tuple[Section, ...] = ()


def of_run(checked: Checked) -> str:
    """The page of a run."""
    said = " ".join(summary(checked).splitlines())  # what can be fixed is a line of its own in a terminal
    refused = tuple((f"{one.path}: {one.reason}" if one.path else one.reason, "") for one in checked.refused)
    before = (Section("Could not be read", refused),) if refused else ()
    return page(Content("rnnlint", said, checked.diagnostics, before))


def page(content: Content) -> str:
    """A whole document."""
    rules = _rules(content.findings)
    filtered = len(content.findings) > 1
    script = f"<script>{SCRIPT}</script>" if filtered else ""
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{text(policy())}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark">'
        f"<title>{text(f'{content.title}: {content.said}')}</title><style>{sheet()}</style></head>\n"
        '<body class="rnnlint-page"><a class="skip" href="#findings">To the findings</a><div class="inner">\n'
        f"<header><h1>{text(content.title)}</h1><p>{text(content.said)}</p></header>\n<main>"
        f"{''.join(map(_section, content.before))}{_overview(content.findings)}"
        f"{_filter(rules) if filtered else ''}"
        f'<div id="findings" tabindex="-1">{"".join(_files(content.findings))}</div>'
        f"{''.join(map(_section, content.after))}{_texts(rules)}</main>\n</div>{script}</body></html>\n"
    )


def fragment(content: Content) -> str:
    """The same as a part of another page, such as a notebook: without what a page has once, and nothing to click."""
    return (
        f'<div class="rnnlint-page"><style>{sheet()}</style><div class="inner">'
        f"<p><strong>{text(content.title)}</strong>: {text(content.said)}</p>"
        f"{''.join(map(_section, content.before))}"
        f"{''.join(_finding(one, '') for one in content.findings)}"
        f"{''.join(map(_section, content.after))}</div></div>"
    )


# --- what there is ---------------------------------------------------------------------------------------------------


def _rules(findings: Sequence[Diagnostic]) -> dict[str, str]:
    """The rules that spoke, by their codes, with their names."""
    return dict(sorted({one.code: one.name for one in findings}.items()))


def _overview(findings: Sequence[Diagnostic]) -> str:
    if not findings:
        return ""
    rules = Counter((one.code, one.name) for one in findings)
    files = Counter(one.place.path for one in findings)
    numbers = {path: number for number, path in enumerate(files)}
    by_rule = [
        (f'<a href="#{text(code)}">{text(code)}</a> {text(name)}', rules[code, name])
        for code, name in sorted(rules, key=lambda one: (-rules[one], one))
    ]
    by_file = [
        (f'<a href="#file-{numbers[path]}">{path_text(path)}</a>', files[path])
        for path in sorted(files, key=lambda one: (-files[one], one))
    ]
    tables = f"{_counts('Rule', by_rule)}{_counts('File', by_file)}"
    return f'<section><h2>Overview</h2><div class="drawn">{tables}</div></section>'


def _counts(what: str, rows: Iterable[tuple[str, int]]) -> str:
    body = "".join(f'<tr><td>{said}</td><td class="count">{count}</td></tr>' for said, count in rows)
    head = f'<tr><th scope="col">{what}</th><th scope="col" class="count">Findings</th></tr>'
    return f"<table><thead>{head}</thead><tbody>{body}</tbody></table>"


def _filter(rules: dict[str, str]) -> str:
    options = "".join(f'<option value="{text(code)}">{text(f"{code} {name}")}</option>' for code, name in rules.items())
    return (
        '<form class="filter" hidden><label>Words <input type="search" name="words"></label>'
        f'<label>Rule <select name="rule"><option value="">all</option>{options}</select></label>'
        '<button type="reset">All</button><output aria-live="polite"></output></form>'
    )


def _section(one: Section) -> str:
    return f"<section><h2>{text(one.heading)}</h2><ul>{''.join(_line(*line) for line in one.lines)}</ul></section>"


def _line(said: str, written: str) -> str:
    shown = (
        f'<pre tabindex="0">{"".join(f"{text(line)}<br>" for line in written.splitlines())}</pre>' if written else ""
    )
    return f"<li>{text(said)}{shown}</li>"


def _texts(rules: dict[str, str]) -> str:
    """What the rules say, each once."""
    from rnnlint.rules import registry  # all of the rules, and what they are made of: where there is a finding only
    from rnnlint.rules.pages import chapters, status

    found = []
    for code, name in rules.items():
        rule = registry().get(code)
        body = [] if rule is None else [f'<p class="soft">{text(status(rule))}.</p>']
        for heading, said in chapters(rule).items() if rule is not None else ():
            body.append(f"<h4>{text(heading)}</h4>{blocks(said)}")
        found.append(f'<section id="{text(code)}"><h3>{text(f"{code} {name}")}</h3>{"".join(body)}</section>')
    return f"<section><h2>What the rules say</h2>{''.join(found)}</section>" if found else ""


# --- a finding -------------------------------------------------------------------------------------------------------


def _files(findings: Sequence[Diagnostic]) -> Iterator[str]:
    by_file: dict[str, list[str]] = {}
    for number, one in enumerate(findings, 1):
        by_file.setdefault(one.place.path, []).append(_finding(one, f"finding-{number}"))
    for number, (path, articles) in enumerate(by_file.items()):
        head = f'<h2 id="file-{number}" class="mono">{text(path)}</h2>'
        yield f'<section class="file">{head}{"".join(articles)}</section>\n'


def _finding(one: Diagnostic, name: str) -> str:
    where = spelled(one.place)
    within = f" in {one.qualified}" if one.qualified else ""
    link = f'<a href="#{name}">{text(where)}</a>' if name else text(where)
    named = f' id="{name}"' if name else ""
    rule = f'<a href="#{text(one.code)}">{text(one.code)} {text(one.name)}</a>' if name else f"rnnlint rule {one.code}"
    return (
        f'<article{named} data-rule="{text(one.code)}">'
        f'<h3><span class="tag">{text(one.code)}</span> {text(full.headline(one))}</h3>'
        f'<p class="soft">{link}{text(within)}</p>{_frame(one)}{drawing(one)}'
        f"<dl>{''.join(_pairs(one))}<dt>Rule</dt><dd>{rule}</dd></dl>{_rests_on(one.related)}</article>\n"
    )


def _pairs(one: Diagnostic) -> Iterator[str]:
    # what is drawn is said there
    read, wanted = (not one.drawing, '"wanted":[]' in one.drawing or not one.drawing)
    for label, words, is_said in (("Read", one.read, read), ("Wanted", one.wanted, wanted), ("Help", one.help, True)):
        if words and is_said:
            yield f"<dt>{label}</dt><dd>{text(words)}</dd>"
    if one.facts:
        said = "<br>".join(f"<code>{text(name)}</code> = <code>{text(value)}</code>" for name, value in one.facts)
        yield f"<dt>Facts</dt><dd>{said}</dd>"


def _rests_on(related: Sequence[Related]) -> str:
    items = []
    for one in related:
        line = one.place.source[0].strip() if one.place.source else ""
        written = f"<br><code>{text(line)}</code>" if line else ""
        items.append(f'<li>{text(one.message)} <span class="soft">{text(spelled(one.place))}</span>{written}</li>')
    return f"<h4>It rests on</h4><ul>{''.join(items)}</ul>" if items else ""


_PAINTED = re.compile("\x1b\\[([0-9;]+)m(.*?)\x1b\\[0m")


def _frame(one: Diagnostic) -> str:
    """The lines of a finding with marks under them; a screen reader gets the lines, and what hangs from them below."""
    rows = []
    for row in full.frames(one, Look(colour=True, width=_WIDTH)):
        painted = _spans(row)
        plain = _PAINTED.sub(r"\2", row)
        is_code = re.match(r"\s*(\d+ \||-->|\.\.\.)", plain)
        rows.append(painted if is_code else f'<span aria-hidden="true">{painted}</span>')
    return f'<pre class="frame" tabindex="0">{chr(10).join(rows)}</pre>'


_CLASSES = {"1;31": "k", "1;34": "b"}


def _spans(row: str) -> str:
    out, end = [], 0
    for found in _PAINTED.finditer(row):
        out.append(text(row[end : found.start()]))
        kind = _CLASSES.get(found[1], "")
        said = text(found[2])
        out.append(f'<span class="{kind}">{said}</span>' if kind else said)
        end = found.end()
    return "".join([*out, text(row[end:])])
