"""What is wrong with the links of a built site: to no file or anchor, out of the site, and what loads from elsewhere.

A page may *link* to another host; whatever a browser would ask for by itself (scripts, styles, fonts, pictures, frames)
has to be a file of the site.  What scripts ask for is seen by a browser alone: ``tools.site.browser``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

_URL = re.compile(r"""url\(\s*['"]?([^'")]+)|@import\s+['"]([^'"]+)""")
_LOADS = {
    ("img", "src"),
    ("script", "src"),
    ("iframe", "src"),
    ("embed", "src"),
    ("source", "src"),
    ("audio", "src"),
    ("video", "src"),
    ("video", "poster"),
    ("track", "src"),
    ("input", "src"),
    ("object", "data"),
    ("image", "href"),
    ("image", "xlink:href"),
    ("use", "href"),
    ("use", "xlink:href"),
}
"""Attributes whose address a browser asks for without being asked."""

# of <link>: which relations are only followed by a reader
_FOLLOWED = {"next", "prev", "canonical", "alternate", "help", "license", "author"}


@dataclass(slots=True)
class Page:
    """What a document names: its anchors, where it leads, what it loads, pictures without a text."""

    anchors: set[str] = field(default_factory=set)
    links: list[str] = field(default_factory=list)
    loads: list[str] = field(default_factory=list)
    wordless: list[str] = field(default_factory=list)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.page = Page()
        self._style = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        page = self.page
        page.anchors |= {given[name] for name in ("id", "name") if given.get(name)}
        page.loads += [given[name] for name in given if (tag, name) in _LOADS]
        page.loads += _within(given.get("style", ""))
        page.loads += [one.split()[0] for one in given.get("srcset", "").split(",") if one.strip()]
        if tag in ("a", "area") and "href" in given:
            page.links.append(given["href"])
        if tag == "link" and "href" in given:
            relations = set(given.get("rel", "").split())
            (page.links if relations and relations <= _FOLLOWED else page.loads).append(given["href"])
        # an address in a refresh is gone to without being asked
        if tag == "meta" and given.get("http-equiv", "").lower() == "refresh":
            page.loads.append(given.get("content", "").partition("=")[2])
        if tag == "img" and not given.get("alt", "").strip():
            page.wordless.append(given.get("src", ""))
        self._style = tag == "style"

    def handle_data(self, data: str) -> None:
        if self._style:
            self.page.loads += _within(data)

    def handle_endtag(self, tag: str) -> None:
        self._style = self._style and tag != "style"


def _within(style: str) -> list[str]:
    """The addresses in a style sheet."""
    return [one or other for one, other in _URL.findall(style)]


def read(text: str) -> Page:
    """What a document of HTML or SVG names."""
    reader = _Reader()
    reader.feed(text)
    reader.close()
    return reader.page


def problems(site: Path) -> Iterator[str]:
    """What is wrong, a line each, by file; nothing where all is well."""
    pages = {path: read(path.read_text(encoding="utf-8")) for path in sorted(site.rglob("*")) if _is_page(path)}
    for path, page in pages.items():
        name = path.relative_to(site).as_posix()
        said = [*_followed(path, page, pages, site), *_loaded(path, page.loads, site)]
        said += [f"a picture without a text: {one}" for one in page.wordless]
        yield from (f"{name}: {one}" for one in dict.fromkeys(said))
    for path in sorted(site.rglob("*.css")):
        name = path.relative_to(site).as_posix()
        yield from (f"{name}: {one}" for one in _loaded(path, _within(path.read_text(encoding="utf-8")), site))


def _is_page(path: Path) -> bool:
    return path.suffix in (".html", ".svg")


def _followed(path: Path, page: Page, pages: dict[Path, Page], site: Path) -> Iterator[str]:
    for link in page.links:
        parts = urlsplit(link)
        if parts.scheme or parts.netloc:
            continue
        target = _file(path, parts.path, site)
        if not target.is_relative_to(site):
            yield f"leads out of the site: {link}"
        elif not target.is_file():
            yield f"leads to no file: {link}"
        elif parts.fragment and target in pages and unquote(parts.fragment) not in pages[target].anchors:
            yield f"leads to no anchor: {link}"


def _loaded(path: Path, addresses: Iterable[str], site: Path) -> Iterator[str]:
    for address in addresses:
        parts = urlsplit(address)
        if parts.scheme == "data" or (not parts.scheme and not parts.netloc and not parts.path):
            continue  # an address inside of the document
        if parts.scheme or parts.netloc:
            yield f"loads from elsewhere: {address}"
            continue
        target = _file(path, parts.path, site)
        if not target.is_relative_to(site) or not target.is_file():
            yield f"loads no file: {address}"


def _file(path: Path, address: str, site: Path) -> Path:
    """The file that an address leads to, from a file of the site."""
    if not address:
        return path
    base = site if address.startswith("/") else path.parent
    # as text: a link out of the site is one wherever the site lies
    target = Path(*_normal((base / unquote(address).lstrip("/")).parts))
    return target / "index.html" if target.is_dir() or address.endswith("/") else target


def _normal(parts: Iterable[str]) -> list[str]:
    out: list[str] = []
    for part in parts:
        if part == ".." and out:
            out.pop()
        elif part not in (".", ".."):
            out.append(part)
    return out
