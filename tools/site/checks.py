"""What is asked of every page of the site in a browser, and of the site once: by keyboard, and in the dark."""

from __future__ import annotations

import base64
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from selenium.webdriver.common.keys import Keys

from tools.site.browser import Browser

SIZES = WIDE, NARROW = (1280, 900), (360, 740)
"""A laptop, and the smallest telephone that is still sold."""

START = "index.html"
_RULE = "RNN203"
_TABS = 60
"""Times that Tab is pressed until something is reached: more stops than the start page has before its first drawing."""
_PATIENCE = 10.0
"""Seconds until what a script does late is given up; it takes a moment where the machine is free."""

# wider than the window: the whole page moves when a finger does
_WIDER = "const e = document.scrollingElement; return e.scrollWidth > innerWidth"
_IMAGES = """
return [...document.images].filter(i => !(i.complete && i.naturalWidth && i.alt.trim())).map(i => i.src)
"""
# a drawing is shown as large as it is, or its letters would be smaller than those around it
_SHRUNK = """
return [...document.querySelectorAll('article p > img:only-child')]
  .filter(i => i.clientWidth < i.naturalWidth - 1).map(i => i.src)
"""
_FOCUSED = """
const e = document.activeElement, s = getComputedStyle(e), r = e.getBoundingClientRect()
// of an input its label is seen
const drawn = e.checkVisibility({checkOpacity: true, checkVisibilityCSS: true})
const inside = r.right > 0 && r.left < innerWidth && r.bottom > 0 && r.top < innerHeight
return {tag: e.tagName, text: e.textContent.trim().slice(0, 40), href: e.getAttribute('href') || '',
        ring: s.outlineStyle != 'none', seen: inside && (drawn || e.tagName == 'INPUT'),
        images: e.querySelectorAll('img').length}
"""
_FIELD = "return document.activeElement.shadowRoot?.activeElement?.tagName == 'INPUT'"
_SCHEME = "return [document.body.dataset.mdColorScheme, getComputedStyle(document.body).backgroundColor]"
# the colour at the corner of a screenshot of a picture, in which its own ground is
_CORNER = """
const [data, done] = arguments
fetch(data).then(r => r.blob()).then(createImageBitmap).then(i => {
  const c = new OffscreenCanvas(i.width, i.height).getContext('2d')
  c.drawImage(i, 0, 0)
  done([...c.getImageData(3, 3, 1, 1).data])
})
"""


def of_page(browser: Browser, origin: str, name: str, folder: Path | None = None) -> Iterator[str]:
    """What is wrong with one page, wide and narrow; screenshots of both go into ``folder``."""
    for width, height in SIZES:
        browser.size(width, height)
        browser.open(origin + name)
        here = f"{name} at {width}"
        yield from (f"{here}: {error}" for error in browser.errors())
        yield from (f"{here}: asks for {one}" for one in outside(browser.asked_for(), origin))
        yield from (f"{here}: a picture without text, or not there: {one}" for one in browser.ask(_IMAGES))
        yield from (f"{here}: a drawing is made smaller: {one}" for one in browser.ask(_SHRUNK))
        if browser.ask(_WIDER):
            yield f"{here}: wider than the window"
        if folder is not None:
            browser.screenshot(folder / f"{name.replace('/', '-').removesuffix('.html')}-{width}.png")


def outside(asked: Sequence[str], origin: str) -> list[str]:
    """The addresses that are on no page of the site, nor inside of one."""
    return [one for one in dict.fromkeys(asked) if not one.startswith((origin, "data:", "blob:"))]


def of_keyboard(browser: Browser, origin: str) -> Iterator[str]:
    """The site without a mouse: past the header, along the navigation, to a drawing, into the search and out of it."""
    browser.size(*WIDE)
    browser.open(origin + START)
    browser.press(Keys.TAB)
    if browser.ask(_FOCUSED)["href"] != "#__skip":
        yield "keyboard: the first stop does not lead past the header"
    yield from _stops(browser, "wide", lambda at: at["href"].endswith("rules/index.html"), "the rules")
    browser.press(Keys.ENTER)
    if not _until(lambda: browser.address().endswith("rules/index.html")):
        yield f"keyboard: Enter on the rules leads to {browser.address()}"
    yield from _search(browser, origin)
    browser.size(*NARROW)
    browser.open(origin + START)
    # a drawing that is wider than the window is a stop, so that the arrows move it
    yield from _stops(browser, "narrow", lambda at: at["images"] == 1, "a drawing")


def _stops(browser: Browser, where: str, wanted: Callable[[Mapping[str, Any]], bool], name: str) -> Iterator[str]:
    """What is wrong with the stops of Tab until one is wanted."""
    for _ in range(_TABS):
        browser.press(Keys.TAB)
        # what slides in has to be there before it is seen
        if not _until(lambda: browser.ask(_FOCUSED)["seen"], patience=1.0):
            yield f"keyboard, {where}: the focus is out of sight on {browser.ask(_FOCUSED)['text']!r}"
        at = browser.ask(_FOCUSED)
        if at["tag"] in ("A", "BUTTON", "P", "LABEL") and not at["ring"]:
            yield f"keyboard, {where}: nothing shows the focus on {at['text']!r}"
        if wanted(at):
            return
    yield f"keyboard, {where}: {name} not reached in {_TABS} stops"


def _search(browser: Browser, origin: str) -> Iterator[str]:
    browser.open(origin + START)
    browser.press_with(Keys.CONTROL, "k")
    if not _until(lambda: bool(browser.ask(_FIELD))):
        yield "keyboard: Control and K lead to no field"
    browser.press(*_RULE)
    if not _until(lambda: f"({_RULE})" in browser.components()):
        yield f"keyboard: the search does not find {_RULE}"
    browser.press(Keys.ENTER)
    if not _until(lambda: _RULE in browser.address()):
        yield f"keyboard: Enter in the search leads to {browser.address()}"
    yield from (f"search: {error}" for error in browser.errors())
    yield from (f"search asks for {one}" for one in outside(browser.asked_for(), origin))


def of_schemes(browser: Browser, origin: str, folder: Path | None = None) -> Iterator[str]:
    """Light and dark: as the machine prefers, and against it where the reader chooses; drawings follow the page."""
    browser.size(*WIDE)
    for prefers, chosen, expected in (("light", "", "light"), ("dark", "", "dark"), ("dark", "light", "light")):
        browser.scheme(prefers)
        browser.open(origin + START)
        if chosen:
            browser.ask("document.querySelector('label[for=__palette_1]').click()")
            time.sleep(0.5)  # the colours change by a transition
        here = f"{expected} where the machine prefers {prefers}"
        grounds = {"page": _dark(browser.ask(_SCHEME)[1]), "drawing": sum(_corner(browser)) < 3 * 128}
        yield from (f"{here}: the {what} is not" for what, dark in grounds.items() if dark is not (expected == "dark"))
        if folder is not None:
            browser.screenshot(folder / f"scheme-{prefers}{'-' + chosen if chosen else ''}.png")
    # what was chosen is kept: forget it
    browser.ask("localStorage.clear()")
    browser.scheme("light")


def _dark(colour: str) -> bool:
    """Whether ``rgb(1, 2, 3)``, or the same with shares, is nearer to black."""
    numbers = [float(one) for one in "".join(c if c.isdigit() or c == "." else " " for c in colour).split()][:3]
    return sum(numbers) < 3 * 128


def _corner(browser: Browser) -> list[int]:
    """The ground of the first drawing, as red, green and blue."""
    picture = browser.picture("article p > img")
    data = f"data:image/png;base64,{base64.b64encode(picture).decode()}"
    return list(browser.wait_for(_CORNER, data))[:3]


def _until(holds: Callable[[], bool], patience: float = _PATIENCE) -> bool:
    """Whether something holds, at once or soon."""
    end = time.monotonic() + patience
    while time.monotonic() < end:
        if holds():
            return True
        time.sleep(0.05)
    return holds()
