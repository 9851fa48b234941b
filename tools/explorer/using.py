"""The page used in a headless Chromium, as a reader would: what is wrong with it, in lines.

Nothing is asserted about looks; ``--shots`` keeps pictures for whoever wants to see.
"""

from __future__ import annotations

import contextlib
import functools
import http.server
import json
import shutil
import tempfile
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from selenium import webdriver
from selenium.common.exceptions import TimeoutException
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

from tools.explorer.walking import PAGE, Said, walked

CHROMIUM, DRIVER = shutil.which("chromium") or shutil.which("google-chrome"), shutil.which("chromedriver")
_FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking"
    " --disable-component-update --disable-sync"
)
_PATIENCE = 30  # seconds until what a click leads to is there, on a machine that does other things as well
SMALL, WIDE = (360, 740), (1280, 1000)

HOSTILE = (
    "read=<img src=x onerror=alert(1)>",
    "cell=<script>alert(1)</script>",
    "read=output/pick.1.99",
    "read=output/pick.1.4/pick.1.4/pick.1.4/pick.1.4",
    "read=__proto__",
    "read=constructor",
    "__proto__=1",
    "layers=1e9",
    "N=-1&read=output",
    "read=" + "a" * 10_000,
    "read=%00%0a%0d",
    "read=%E0%A4%A",
    "a\nb",
)
"""What somebody may write behind the # of an address; none of it is a reading."""


@contextlib.contextmanager
def chromium() -> Iterator[webdriver.Chrome]:
    """A browser of its own, which forgets everything."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        options = webdriver.ChromeOptions()
        options.binary_location = CHROMIUM or ""
        for flag in (*_FLAGS.split(), f"--user-data-dir={profile}"):
            options.add_argument(flag)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        driver = webdriver.Chrome(options=options, service=Service(DRIVER))
        try:
            # the page that the browser begins with is not asked about
            driver.get("about:blank")
            driver.get_log("performance")  # type: ignore[no-untyped-call]
            yield driver
        finally:
            driver.quit()


@contextlib.contextmanager
def served() -> Iterator[str]:
    """The address of the page on a server of its own."""

    class Silent(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            """Nothing."""

    handler = functools.partial(Silent, directory=str(PAGE))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/index.html"
        server.shutdown()


class Using:
    """The page at an address, and what is wrong with it so far."""

    def __init__(self, driver: webdriver.Chrome, address: str) -> None:
        self.driver, self.address = driver, address
        self.wrong: list[str] = []

    def look(self, size: tuple[int, int] = WIDE, scheme: str = "light", media: str = "screen") -> None:
        """The screen that the page is seen on."""
        screen = {"width": size[0], "height": size[1], "deviceScaleFactor": 1, "mobile": size == SMALL}
        features = [
            {"name": "prefers-color-scheme", "value": scheme},
            {"name": "prefers-reduced-motion", "value": "reduce"},
        ]
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", screen)
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": media, "features": features})

    def open(self, link: str = "") -> None:
        """The page, loaded anew."""
        self.driver.get("about:blank")
        self.driver.get(self.address + (f"#{link}" if link else ""))
        with contextlib.suppress(TimeoutException):
            WebDriverWait(self.driver, _PATIENCE, 0.05).until(lambda _: self.expression())

    def ask(self, script: str, *arguments: object) -> Any:
        """What a script in the page gives."""
        return self.driver.execute_script(script, *arguments)

    def expression(self) -> str:
        """What is shown."""
        return str(self.ask("return document.getElementById('expression').textContent"))

    def wait_for(self, expression: str) -> bool:
        """Whether the page comes to show an expression."""
        with contextlib.suppress(TimeoutException):
            WebDriverWait(self.driver, _PATIENCE, 0.05).until(lambda _: self.expression() == expression)
        return self.expect("the page shows", self.expression(), expression)

    def expect(self, what: str, found: object, wanted: object) -> bool:
        """Notes what is not as it should be."""
        if found != wanted:
            self.wrong.append(f"{what} {str(found)[:300]!r}, not {str(wanted)[:300]!r}")
        return found == wanted

    def quiet(self, what: str) -> None:
        """No message in the console since the last question, and no request but for the page's own files."""
        folder = self.address.rpartition("/")[0]
        for entry in self.driver.get_log("browser"):  # type: ignore[no-untyped-call]
            self.wrong.append(f"{what}: the console has {entry['message']}")
        for entry in self.driver.get_log("performance"):  # type: ignore[no-untyped-call]
            event = json.loads(entry["message"])["message"]
            if event["method"] == "Network.requestWillBeSent":
                url = event["params"]["request"]["url"]
                if not url.startswith((folder, "data:,", "about:blank")):
                    self.wrong.append(f"{what}: asked for {url}")


def readings(page: Using, several: Sequence[Said]) -> None:
    """Each reading by its link: what is drawn is what the scripts say."""
    for one in several:
        page.open(one.said["address"].removeprefix("#"))
        page.expect("expression", page.expression(), one.expression)
        page.expect("notice", page.ask("return document.getElementById('notice').textContent"), "")
        cells = page.ask(
            "return [...document.querySelectorAll('#drawing td[data-key]')].map((cell) => [cell.dataset.place,"
            " [...cell.querySelectorAll('.part')].map((part) => [part.className, part.innerText.trim(),"
            " [...part.querySelectorAll('.tick')].map((tick) => tick.classList[1])])])"
        )
        wanted = {_place(cell): cell["parts"] for cell in one.said["cells"]}
        page.expect(f"{one}: cells", sorted(place for place, _ in cells), sorted(wanted))
        for place, parts in cells:
            for (hue, tag, ticks), part in zip(parts, wanted[place], strict=True):
                page.expect(f"{one}: ticks of {place}", ticks, part["strip"])
                alone = len(part["sample"]) == 1
                page.expect(f"{one}: hue of {place}", hue, f"part s{part['sample'][0]}" if alone else "part several")
                page.expect(f"{one}: sample of {place}", tag.split()[0].startswith(f"n{part['sample'][0]}"), True)
        said = page.ask("return [...document.querySelectorAll('.verdict li')].map((one) => one.textContent)")
        page.expect(f"{one}: findings", said, [f"{code} {text}" for code, text in one.said["findings"]])
        page.quiet(str(one))


def _place(cell: dict[str, Any]) -> str:
    return ", ".join(str(start) if stop == start + 1 else f"{start}:{stop}" for start, stop in cell["place"])


def hostile(page: Using, links: Sequence[str] = HOSTILE) -> None:
    """What nobody should write into an address gives one line, and the page as it begins."""
    for link in links:
        page.open(quote(link, safe="=&/<>.%"))
        notice = str(page.ask("return document.getElementById('notice').innerText"))
        page.expect(f"{link[:40]!r}: lines", len(notice.splitlines()), 1)
        page.expect(f"{link[:40]!r}: said", notice.startswith("This link asks for ") and len(notice) < 160, True)
        page.expect(f"{link[:40]!r}: expression", page.expression(), "output")
        page.expect(
            f"{link[:40]!r}: elements",
            page.ask("return document.querySelectorAll('img, body script:not([src])').length"),
            0,
        )
        page.quiet(link[:40])


def clicks(page: Using) -> None:
    """The way from `output` to a reading and back, by the mouse."""
    page.open()
    page.driver.find_element(By.CSS_SELECTOR, "#groups [data-key='pick.1.4']").click()
    page.wait_for("output[:, -1]")
    page.driver.find_element(By.XPATH, "//*[@id='drawing']//th/button[text()='4:8']").click()
    page.wait_for("output[:, -1, H:]")
    page.driver.find_element(By.XPATH, "//label[@for='batchFirst-false']/..").click()
    page.driver.find_element(By.XPATH, "//label[@for='cell-GRU']/..").click()
    constructor = str(page.ask("return document.getElementById('constructor').textContent"))
    page.expect("constructor", "nn.GRU(I, H, bidirectional=True)" in constructor, True)
    page.driver.find_element(By.XPATH, "//*[@id='way']//button").click()
    page.wait_for("output")
    page.driver.back()
    page.wait_for("output[:, -1, H:]")
    page.driver.find_element(By.CSS_SELECTOR, "#wanted-says button").click()
    page.wait_for("torch.cat((h_n[-2], h_n[-1]), -1)")
    page.quiet("clicks")


def keyboard(page: Using) -> None:
    """Every control can be reached, focus can be seen, arrows move through the drawing, Enter takes what they reach."""
    page.open()
    active = page.driver.switch_to.active_element
    focused = "const one = document.activeElement; "
    visible = "return [one.tagName, one.type || '', one.name || '', one.textContent.slice(0, 40)].join(' ')"
    seen: list[str] = []
    for _ in range(80):
        active.send_keys(Keys.TAB)
        active = page.driver.switch_to.active_element
        if active.tag_name == "body":
            break
        seen.append(str(page.ask(focused + visible)))
        # a radio shows its focus on the label beside it
        ring = page.ask(
            focused + "return getComputedStyle(one.type === 'radio' ? one.nextElementSibling : one).outlineStyle"
        )
        page.expect(f"outline of {seen[-1]}", ring, "solid")
    names = {one.split()[2] for one in seen if one.startswith("INPUT radio")}
    page.expect("groups reached", names, {"cell", "layers", "directions", "batchFirst", "N", "T", "H"})
    buttons = page.ask("return document.querySelectorAll('button:not([tabindex=\"-1\"])').length")
    page.expect("buttons reached", sum(one.startswith("BUTTON") for one in seen), buttons)
    page.expect("cells reached by Tab", sum(one.startswith("TD") for one in seen), 1)
    page.ask("document.querySelector('#drawing td[tabindex=\"0\"]').focus()")
    place = "return document.activeElement.dataset.place || document.activeElement.textContent"
    for key, wanted in (
        (Keys.ARROW_RIGHT, "0, 1, 0:4"),
        (Keys.ARROW_DOWN, "0, 1, 4:8"),
        (Keys.END, "0, 4, 4:8"),
        (Keys.ARROW_UP, "0, 4, 0:4"),
        (Keys.ARROW_UP, "4"),
    ):
        page.driver.switch_to.active_element.send_keys(key)
        page.expect(f"after {key!r}", page.ask(place), wanted)
    page.driver.switch_to.active_element.send_keys(Keys.ENTER)
    page.wait_for("output[:, -1]")
    page.expect("focus after a step", page.ask("return document.activeElement.id"), "expression")
    page.quiet("keyboard")


_CONTRAST = """
const parse = (colour) => colour.match(/[\\d.]+/g).map(Number);
const light = (colour) => {
  const [r, g, b] = parse(colour).slice(0, 3).map((one) => one / 255)
    .map((one) => (one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const ground = (one) => {
  for (; one; one = one.parentElement) {
    const colour = getComputedStyle(one).backgroundColor;
    if (parse(colour).length < 4 || parse(colour)[3] > 0) return colour;
  }
  return 'rgb(255, 255, 255)';
};
const found = [];
for (const one of document.querySelectorAll('main *')) {
  if (![...one.childNodes].some((node) => node.nodeType === 3 && node.data.trim()) || !one.offsetParent) continue;
  const [a, b] = [light(getComputedStyle(one).color), light(ground(one))];
  const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  if (contrast < 4.5) found.push(`${one.tagName} ${one.textContent.trim().slice(0, 30)}: ${contrast.toFixed(1)}`);
}
return found;
"""


def screens(page: Using, links: Sequence[str]) -> None:
    """Small screens do not scroll sideways; text can be read in light and dark; print leaves the controls out."""
    for link in links:
        page.look(SMALL)
        page.open(link)
        page.expect(f"{link}: width", page.ask("return document.documentElement.scrollWidth"), SMALL[0])
        for scheme in ("light", "dark"):
            page.look(WIDE, scheme)
            page.expect(f"{link}: contrast in {scheme}", page.ask(_CONTRAST), [])
    ground = page.ask("return getComputedStyle(document.body).backgroundColor")
    page.expect("dark ground", ground, "rgb(13, 17, 23)")
    page.look(WIDE, media="print")
    shown = page.ask(
        "return ['module', 'menu', 'drawing'].map((id) => Boolean(document.getElementById(id).offsetParent))"
    )
    page.expect("printed: module, menu, drawing", shown, [False, False, True])
    page.look()
    page.quiet("screens")


LINKS = (
    "",
    "layers=2&read=output/pick.1.4",
    "layers=2&read=h_n/rows.N",
    "layers=2&read=output/split",
    "layers=2&batchFirst=false&read=output/pick.1.2",
    "layers=2&read=h_n/mean.0",
    "read=h_n/cat.last",
)


def briefly() -> list[str]:
    """A little of everything, from a file: what a test has time for."""
    several = [one for group in walked(every=67, modules=(17, 90)) for one in group][:3]
    with chromium() as driver:
        page = Using(driver, (PAGE / "index.html").as_uri())
        page.look()
        readings(page, several)
        hostile(page, HOSTILE[:4])
        clicks(page)
        keyboard(page)
        screens(page, LINKS[1:2])
    return page.wrong


def everything(shots: Path | None = None, every: int = 4001) -> list[str]:
    """All of it, from a file and from a server."""
    several = [one for group in walked(every) for one in group]
    with chromium() as driver, served() as address:
        page = Using(driver, (PAGE / "index.html").as_uri())
        page.look()
        readings(page, several)
        hostile(page)
        clicks(page)
        keyboard(page)
        screens(page, LINKS)
        web = Using(driver, address)
        readings(web, several[:3])
        clicks(web)
        if shots is not None:
            _keep(page, shots)
    return page.wrong + web.wrong


def _keep(page: Using, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for number, link in enumerate(LINKS):
        for name, size, scheme in (("wide", WIDE, "light"), ("dark", WIDE, "dark"), ("small", SMALL, "light")):
            page.look(size, scheme)
            page.open(link)
            high = page.ask("return document.documentElement.scrollHeight")
            page.look((size[0], max(size[1], high)), scheme)
            page.driver.save_screenshot(str(folder / f"{number}-{name}.png"))
