"""The site: every page has a place, every link leads somewhere, nothing is loaded from elsewhere; a browser agrees.

What is asked of the site is asked of small pages with mistakes first; ``make docs-check`` reads all pages in a browser.
"""

from __future__ import annotations

import re
import shutil
from collections import Counter
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from tests.hosts.running import ROOT
from tools.gallery import page as gallery
from tools.site import browser as browsing
from tools.site import build, checks, links, navigation
from tools.site.__main__ import main

DOCS = ROOT / build.DOCS
SETTINGS = (ROOT / build.SETTINGS).read_text(encoding="utf-8")
SENT = '<a href="{}">x</a>'


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, built of a copy: what stands in site/ is left alone."""
    pytest.importorskip("zensical", reason="zensical needs Python 3.11")
    folder = tmp_path_factory.mktemp("built")
    shutil.copytree(DOCS, folder / build.DOCS)
    shutil.copy(ROOT / build.SETTINGS, folder)
    return build.build(folder, repository=ROOT)


@pytest.fixture(scope="module")
def browser() -> Iterator[browsing.Browser]:
    """One browser for all tests of this module."""
    try:
        with browsing.browser() as found:
            yield found
    except browsing.NoBrowser as missing:
        pytest.skip(str(missing))


def test_the_navigation_is_up_to_date() -> None:
    assert navigation.written(SETTINGS, DOCS) == SETTINGS, "run python -m tools.site navigation"


def test_every_page_has_one_place() -> None:
    named = list(navigation.files(navigation.entries(DOCS)))
    pages = {path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*.md")}
    assert len(set(named)) == len(named)
    assert pages <= set(named)
    assert all((DOCS / name).is_file() for name in named)


def test_a_page_comes_and_goes(tmp_path: Path) -> None:
    """What is not there has no entry, as soon as it is there it has one, and what nobody has named is an error."""
    (tmp_path / "show.md").write_text("# x", encoding="utf-8")
    assert navigation.entries(tmp_path) == [("Asking", (("rnnlint show", "show.md"),))]
    (tmp_path / "explorer").mkdir()
    (tmp_path / "explorer" / "index.html").write_text("x", encoding="utf-8")
    assert navigation.entries(tmp_path)[0] == ("Explorer", "explorer/index.html")
    assert '  { "Explorer" = "explorer/index.html" },\n' in navigation.written(SETTINGS, tmp_path)
    (tmp_path / "other.md").write_text("# x", encoding="utf-8")
    with pytest.raises(navigation.NoPlace, match=r"other\.md"):
        navigation.entries(tmp_path)


def small(folder: Path, body: str, name: str = "index.html") -> Path:
    """A site of one page more, beside one that has an anchor, a style sheet and a picture."""
    (folder / "deep").mkdir(exist_ok=True)
    (folder / "other.html").write_text('<h1 id="here">x</h1><a name="there"></a>', encoding="utf-8")
    (folder / "deep" / "index.html").write_text("", encoding="utf-8")
    (folder / "a.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg"/>', encoding="utf-8")
    (folder / name).write_text(body, encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (SENT.format("other.html#here") + SENT.format("deep/") + SENT.format("deep") + SENT.format("#"), None),
        (SENT.format("other.html#there") + SENT.format("https://example.org/x#y") + SENT.format("mailto:a@b"), None),
        (SENT.format("none.html"), "leads to no file: none.html"),
        (SENT.format("other.html#gone"), "leads to no anchor: other.html#gone"),
        (SENT.format("#gone"), "leads to no anchor: #gone"),
        (SENT.format("/other.html"), None),
        (SENT.format("../pyproject.toml"), "leads out of the site: ../pyproject.toml"),
        ('<img src="a.svg" alt="x">', None),
        ('<img src="data:image/png;base64,AA" alt="x">', None),
        ('<img src="a.svg">', "a picture without a text: a.svg"),
        ('<img src="a.svg" alt=" ">', "a picture without a text: a.svg"),
        ('<img src="b.svg" alt="x">', "loads no file: b.svg"),
        ('<img src="http://example.org/b.svg" alt="x">', "loads from elsewhere: http://example.org/b.svg"),
        ('<img srcset="a.svg 1x, //example.org/b 2x" alt="x">', "loads from elsewhere: //example.org/b"),
        ('<script src="https://example.org/x.js"></script>', "loads from elsewhere: https://example.org/x.js"),
        ('<link rel="stylesheet" href="//example.org/x.css">', "loads from elsewhere: //example.org/x.css"),
        ('<link rel="preconnect" href="https://example.org">', "loads from elsewhere: https://example.org"),
        ('<link rel="icon" href="none.png">', "loads no file: none.png"),
        ('<link rel="next" href="https://example.org/x">', None),
        ('<iframe src="https://example.org/"></iframe>', "loads from elsewhere: https://example.org/"),
        ('<meta http-equiv="refresh" content="0; url=https://example.org/">', "elsewhere: https://example.org/"),
        ("<style>@import 'https://example.org/x.css';</style>", "loads from elsewhere: https://example.org/x.css"),
        ("<style>p{}</style><p>url(https://example.org/x)</p>", None),
        ('<p style="background:url(https://example.org/x.png)">', "loads from elsewhere: https://example.org/x.png"),
        ('<svg><use href="#x"/><image href="https://example.org/x"/></svg>', "loads from elsewhere"),
    ],
)
def test_of_one_page(body: str, said: str | None, tmp_path: Path) -> None:
    found = list(links.problems(small(tmp_path, body)))
    if said is None:
        assert found == []
    else:
        (one,) = found
        assert one.startswith("index.html: ")
        assert said in one


def test_of_style_sheets_and_drawings(tmp_path: Path) -> None:
    small(tmp_path, "@font-face{src:url('https://example.org/f.woff2')}", "deep/x.css")
    small(tmp_path, '<svg><image href="https://example.org/x"/></svg>', "deep/x.svg")
    assert list(links.problems(tmp_path)) == [
        "deep/x.svg: loads from elsewhere: https://example.org/x",
        "deep/x.css: loads from elsewhere: https://example.org/f.woff2",
    ]


def test_what_lies_outside_of_docs_is_taken_along(tmp_path: Path) -> None:
    repository = tmp_path / "repository"
    (repository / "tools").mkdir(parents=True)
    (repository / "tools" / "list.tsv").write_text("a\tb\n", encoding="utf-8")
    site = tmp_path / "folder" / "site"
    site.mkdir(parents=True)
    small(site, SENT.format("../tools/list.tsv") + SENT.format("../none.txt") + SENT.format("other.html"))
    small(site, SENT.format("../../tools/list.tsv"), "deep/index.html")
    build.take_along(site, repository)
    assert (site / "repository" / "tools" / "list.tsv").read_text(encoding="utf-8") == "a\tb\n"
    assert '"repository/tools/list.tsv"' in (site / "index.html").read_text(encoding="utf-8")
    assert '"../repository/tools/list.tsv"' in (site / "deep" / "index.html").read_text(encoding="utf-8")
    # what is not there either is left to be found
    assert list(links.problems(site)) == ["index.html: leads out of the site: ../none.txt"]


def test_bad_input_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(["links", str(tmp_path)]) == 2
    assert re.fullmatch(r"site: no site in .*: there is no index\.html\n", capsys.readouterr().err)
    monkeypatch.setenv("PATH", "")
    assert main(["browser", str(small(tmp_path, ""))]) == 2
    assert capsys.readouterr().err == "site: no Chromium on the PATH: the pages cannot be looked at\n"


def test_the_command_says_what_is_wrong(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["links", str(small(tmp_path, SENT.format("none.html")))]) == 1
    assert capsys.readouterr().out.splitlines() == [
        "index.html: leads to no file: none.html",
        "links, anchors and what is loaded: 1 problems",
    ]


def test_what_zensical_says_is_said(tmp_path: Path) -> None:
    pytest.importorskip("zensical", reason="zensical needs Python 3.11")
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "index.md").write_text("# x\n\n[y](gone.md)\n", encoding="utf-8")
    (tmp_path / build.SETTINGS).write_text('[project]\nsite_name = "x"\n', encoding="utf-8")
    with pytest.raises(build.CannotBuild, match=r"index\.md:3:5") as said:
        build.build(tmp_path)
    assert "Traceback" not in str(said.value)
    assert "\x1b" not in str(said.value)


def test_the_links_of_the_site(site: Path) -> None:
    assert list(links.problems(site)) == []


def test_without_zensical(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(build, "find_spec", lambda _: None)
    assert main([]) == 2
    assert capsys.readouterr().err == (
        "site: zensical is not installed, which needs Python 3.11: pip install -e '.[docs]'\n"
    )


_COUNTED = {
    "li",
    "ul",
    "ol",
    "table",
    "tr",
    "td",
    "pre",
    "h1",
    "h2",
    "h3",
    "img",
    "blockquote",
    "em",
    "strong",
    "p",
    "a",
}


class Elements(HTMLParser):
    """How often there is each kind of element in a text; what the site adds to code and headings aside."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.counts: Counter[str] = Counter()
        self._code = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._code = self._code or tag == "pre"
        # lines of code and headings have anchors there, and what one skips to has one
        added = self._code or "headerlink" in (dict(attrs).get("class") or "") or ("id", "__skip") in attrs
        if tag in _COUNTED and not (tag == "a" and added):
            self.counts[tag] += 1

    def handle_endtag(self, tag: str) -> None:
        self._code = self._code and tag != "pre"


def test_the_site_reads_as_a_git_host(site: Path) -> None:
    """As many lists, rows, links and words that stand out as CommonMark with tables makes of each page."""
    markdown = MarkdownIt("commonmark").enable("table")
    for source in sorted(DOCS.rglob("*.md")):
        text = source.read_text(encoding="utf-8")
        page = site / source.relative_to(DOCS).with_suffix(".html")
        built = (page.with_name("index.html") if source.stem == "README" else page).read_text(encoding="utf-8")
        (article,) = re.findall(r"<article.*?</article>", built, re.DOTALL)
        assert Elements(article).counts == Elements(markdown.render(text)).counts, source.name


def test_anchors_are_those_of_a_git_host() -> None:
    """A heading in small letters, without signs, with - for a space: every link within docs/ leads to one."""
    texts = {path: path.read_text(encoding="utf-8") for path in DOCS.rglob("*.md")}
    anchors = {path: set(map(gallery.anchor, _headings(text))) for path, text in texts.items()}
    linked = 0
    for path, text in texts.items():
        for name, fragment in re.findall(r"\]\(([^)#:]*\.md|)#([^)]*)\)", text):
            assert fragment in anchors[(path.parent / name).resolve() if name else path], f"{path.name}: #{fragment}"
            linked += 1
    assert linked > 100


def _headings(text: str) -> list[str]:
    outside = re.sub(r"^(```+).*?^\1$", "", text, flags=re.DOTALL | re.MULTILINE)
    return re.findall(r"^#+ (.*)$", outside, re.MULTILINE)


def test_no_shape_is_read_as_emphasis(site: Path) -> None:
    """``(L*D, N, H)`` and another of these in one paragraph are, unless they are code."""
    for page in sorted(site.rglob("*.html")):
        for text in re.findall(r"<em>(.*?)</em>", page.read_text(encoding="utf-8"), re.DOTALL):
            assert not re.search(r"[()\[\]*]", text), f"{page.name}: {text}"


def test_every_rule_with_a_picture_shows_it(site: Path) -> None:
    for picture in sorted((DOCS / "rules" / "pictures").iterdir()):
        (page,) = (site / "rules").glob(f"{picture.stem}-*.html")
        assert f'src="pictures/{picture.name}"' in page.read_text(encoding="utf-8")
        assert (site / "rules" / "pictures" / picture.name).read_bytes() == picture.read_bytes()


BAD = """<!doctype html><title>x</title><link rel="icon" href="data:,">
<script>throw new Error("planted")</script>
<img src="a.svg"><article><p><img src="b.svg" alt="b" style="width: 50px"></p></article>
<div style="width: 2000px">x</div><script>fetch("http://127.0.0.1:9/planted").catch(() => {})</script>"""


def test_a_browser_notices(browser: browsing.Browser, tmp_path: Path) -> None:
    small(tmp_path, BAD, "bad.html")
    drawing = '<svg xmlns="http://www.w3.org/2000/svg" width="200" height="20"/>'
    (tmp_path / "b.svg").write_text(drawing, encoding="utf-8")
    with browsing.serving(tmp_path) as origin:
        found = "\n".join(checks.of_page(browser, origin, "bad.html"))
    for said in ("planted", "asks for http://127.0.0.1:9/planted", "without text", "made smaller", "wider than the"):
        assert f"bad.html at 360: {said}" in found or re.search(f"bad.html at 360: .*{said}", found), said


def test_in_a_browser(browser: browsing.Browser, site: Path) -> None:
    pages = ("index.html", "rules/RNN203-reshape-cuts-an-axis.html")
    with browsing.serving(site) as origin:
        assert [one for page in pages for one in checks.of_page(browser, origin, page)] == []
        assert list(checks.of_keyboard(browser, origin)) == []
        assert list(checks.of_schemes(browser, origin)) == []
