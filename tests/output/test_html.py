"""``html``: one page that asks for nothing, takes nothing for markup, and can be read by everybody."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import itertools
import re
from collections import Counter
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings

from rnnlint.diagnostics import Checked, Diagnostic, Edit, Fix, Refused
from rnnlint.drawing import svg
from rnnlint.drawing.carried import carried
from rnnlint.findings import Applicability
from rnnlint.output import full, html_style
from rnnlint.output.catalogue import Format, ordered, rendered
from rnnlint.output.html import Content, fragment
from rnnlint.output.html_text import blocks
from rnnlint.output.visible import visible
from tests.output.samples import CHECKED, DRAWING, DRAWN, NOTHING, TAGGER, checks

_VOID = {"meta", "br", "input", "wbr"}
_NAMES = {"html", "head", "title", "style", "body", "a", "div", "header", "main", "section", "article", "h1", "h2"}
_NAMES |= {"h3", "h4", "p", "ul", "li", "pre", "code", "span", "b", "strong", "dl", "dt", "dd", "table", "thead"}
_NAMES |= {"tbody", "tr", "th", "td", "form", "label", "select", "option", "button", "output", "script", "figure"}
_NAMES |= {"figcaption", "svg", "g", "rect", "text", *_VOID}


class Page(HTMLParser):
    """A page taken apart; fails where a tag is not closed, or is one that we never write."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.words: list[str] = []
        self.by_tag: dict[str, list[str]] = {}
        text.encode()  # which half a pair of surrogates cannot be
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in _NAMES, tag
        assert len({name for name, _ in attrs}) == len(attrs)
        self.tags.append((tag, {name: value or "" for name, value in attrs}))
        self.by_tag.setdefault(tag, []).append("")
        if tag not in _VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open[-1:] not in (["style"], ["script"]):
            self.words.append(data)
        for tag in dict.fromkeys(self.open):
            self.by_tag[tag][-1] += data

    def handle_comment(self, data: str) -> None:
        raise AssertionError(data)

    @property
    def text(self) -> str:
        return "".join(self.words)

    def all(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.tags if name == tag]


def page(*diagnostics: Diagnostic, refused: tuple[Refused, ...] = ()) -> Page:
    return Page(rendered(Format.HTML, Checked(diagnostics, refused, len(diagnostics))))


def assert_sound(one: Page) -> None:
    """What holds of every page: links lead somewhere in it, every drawing has words, and nothing is asked for."""
    ids = Counter(attributes["id"] for _, attributes in one.tags if "id" in attributes)
    assert set(ids.values()) <= {1}
    for tag, attributes in one.tags:
        assert not {name for name in attributes if name.startswith("on") or name in ("src", "style", "srcset")}
        if "href" in attributes:
            assert tag == "a"
            assert attributes["href"].removeprefix("#") in ids
        if tag == "svg":
            assert attributes["role"] == "img"
            assert attributes["aria-label"]
        if tag in ("input", "select"):
            assert one.by_tag["label"]
    assert not re.search(r"url\(|@import|https?:(?!//www\.w3\.org/2000/svg)", "".join(one.by_tag.get("style", [])))
    headings = [int(tag[1]) for tag, _ in one.tags if re.fullmatch("h[1-6]", tag)]
    assert headings[0] == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(headings))


def test_a_finding_has_everything() -> None:
    one = page(DRAWN)
    assert_sound(one)
    assert one.by_tag["h1"] == ["rnnlint"]
    assert one.by_tag["title"][0] == "rnnlint: 1 finding in 1 of 1 file."
    assert "RNN102 the backward half (features 64:128) has read only the last step" in one.by_tag["h3"]
    (frame,) = (text for text in one.by_tag["pre"] if "-->" in text)
    assert "7 |         return self.head(output[:, -1])\n  |                          ^^^^^^^^^^^^^" in frame
    assert len(one.all("figure")) == len(one.all("svg")) == 2
    assert one.by_tag["figcaption"][0] == f"Read {carried(DRAWING).read[0].says}"
    assert "has read 1 of 5 steps (4), through the layers below 0:4" in one.all("svg")[0]["aria-label"]
    assert "tokens.size(0) is drawn as 4; tokens.size(1) is drawn as 5." in one.text
    for words in (TAGGER.help, *(related.message for related in TAGGER.related), "batch_first = True"):
        assert words in one.text
    assert "Why it is wrong" in one.by_tag["h4"]
    assert one.all("form") == []  # there is nothing to be filtered


def test_what_is_not_drawn_is_said() -> None:
    one = page(TAGGER)
    assert one.all("svg") == []
    assert TAGGER.read in one.text
    assert TAGGER.wanted in one.text


def test_several() -> None:
    one = Page(rendered(Format.HTML, dataclasses.replace(CHECKED, diagnostics=(*CHECKED.diagnostics, DRAWN))))
    assert_sound(one)
    assert "gone.py: No such file or directory" in one.text
    assert one.by_tag["td"][:4] == ["RNN102 last-step-of-bidirectional", "3", "RNN900 not-analysed", "1"]
    assert len(one.all("article")) == 4
    assert one.all("form") == [{"class": "filter", "hidden": ""}]


def test_what_can_be_fixed_is_said_in_words() -> None:
    fix = Fix("use another", Applicability.SAFE, (Edit(TAGGER.place, "y"),))
    one = page(dataclasses.replace(TAGGER, fixes=(fix,)))
    assert one.by_tag["p"][0] == "1 finding in 1 of 1 file. 1 fixable with --fix."


def test_a_clean_run_and_one_in_which_nothing_could_be_read() -> None:
    clean = Page(rendered(Format.HTML, NOTHING))
    assert_sound(clean)
    assert "No findings in 3 files." in clean.text
    one = page(refused=(Refused("a\udc80.py", "</li><script>alert(1)</script>"), Refused("", "no such option")))
    assert_sound(one)
    assert "a\\udc80.py: </li><script>alert(1)</script>" in one.by_tag["li"]
    assert one.all("script") == []
    assert "2 could not be read" in one.text


@given(checks)
@settings(max_examples=settings().max_examples // 3)
def test_nothing_in_a_program_is_markup(checked: Checked) -> None:
    one = Page(rendered(Format.HTML, checked))
    assert_sound(one)
    assert len(one.all("script")) == int(len(checked.diagnostics) > 1)
    shown = " ".join(one.text.split())
    for found in ordered(checked).diagnostics:
        for words in (full.headline(found), found.place.path, found.help, found.qualified):
            assert " ".join(visible(words).split()) in shown
    for refused in checked.refused:
        assert " ".join(visible(refused.reason).split()) in shown


def test_hostile_words() -> None:
    hostile = "</script></pre><img src=x onerror=alert(1)> & \"'\u202e\ud800\x1b[31m"
    one = dataclasses.replace(DRAWN, message=hostile, help="", read="", qualified=hostile, expression=hostile)
    one = dataclasses.replace(
        one, place=dataclasses.replace(one.place, path=hostile, source=(f"output[:, -1]  # {hostile}",))
    )
    drawing = DRAWING.replace("tokens.size(0)", "<img onerror='x'>").replace("of output", "of </title>")
    found = page(dataclasses.replace(one, drawing=drawing), TAGGER)
    assert_sound(found)
    assert len(found.all("script")) == 1
    assert visible(hostile) in found.text
    assert "<img onerror='x'> is drawn as 4" in found.text


def test_browsers_run_nothing_else() -> None:
    text = rendered(Format.HTML, CHECKED)
    (policy,) = (one["content"] for one in Page(text).all("meta") if "http-equiv" in one)
    for tag in ("style", "script"):
        (held,) = re.findall(f"<{tag}>(.*?)</{tag}>", text, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(held.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy
    assert policy.startswith("default-src 'none'; ")


def test_a_part_of_another_page() -> None:
    text = fragment(Content("rnnlint audit", "1 finding", (DRAWN,)))
    one = Page(text)
    assert one.tags[0] == ("div", {"class": "rnnlint-page"})
    assert not {"script", "form", "html", "a"} & set(one.by_tag)
    assert [attributes for _, attributes in one.tags if "id" in attributes] == []
    # every rule is for what is inside, or it would change the page around
    plain = re.sub(r"@media[^{]*\{", "", one.by_tag["style"][0]).replace("}}", "}")
    assert all(
        one.strip().startswith(".rnnlint-page") for rule in re.findall(r"([^{}]+)\{", plain) for one in rule.split(",")
    )


def test_pages_of_rules() -> None:
    assert blocks(
        "One `a<b` and [a page](x.md),\nstill.\n\n- first\n  more\n- second\n```python\nx = '<'\n\n```\nEnd."
    ) == (
        "<p>One <code>a&lt;b</code> and a page, still.</p><ul><li>first more</li><li>second</li></ul>"
        '<pre tabindex="0"><code>x = &#x27;&lt;&#x27;\n\n</code></pre><p>End.</p>'
    )


def _luminance(colour: str) -> float:
    channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [one / 12.92 if one <= 0.03928 else ((one + 0.055) / 1.055) ** 2.4 for one in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one: str, other: str) -> float:
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("scheme", [0, 1])
def test_everything_can_be_read(scheme: int) -> None:
    """WCAG 2: 4.5 between text and what it stands on, 3 between that and a border or what has the focus."""
    grounds = (html_style.GROUND, html_style.FIELD)
    for ink in (html_style.INK, html_style.SOFT, html_style.CODE, html_style.LINK):
        for ground in grounds:
            assert _contrast(ink[scheme], ground[scheme]) >= 4.5, (ink, ground)
    assert _contrast(html_style.LINE[scheme], html_style.GROUND[scheme]) >= 3
    for fill in svg.FILLS:
        assert _contrast(svg.INK[scheme], fill[scheme]) >= 4.5
    used = set(re.findall(r"#[0-9a-f]{6}", html_style.sheet()))
    pairs = (html_style.INK, html_style.SOFT, html_style.CODE, html_style.LINK, html_style.LINE, *grounds, *svg.FILLS)
    assert used == {colour for pair in pairs for colour in pair}


def test_paper_is_light() -> None:
    sheet = html_style.sheet()
    assert "@media print{" in sheet
    assert set(re.findall(r"@media([^{]*dark[^{]*)\{", sheet)) == {" screen and (prefers-color-scheme:dark)"}
