"""A headless Chromium that reads a site from a local server, and what it noticed: requests, errors, what is drawn.

It is driven by selenium and the chromedriver of the machine; nothing is downloaded, and its profile is thrown away.
"""

from __future__ import annotations

import json
import shutil
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from selenium import webdriver
from selenium.common.exceptions import WebDriverException
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.action_chains import ActionChains

CHROMIUMS = ("chromium", "chromium-browser", "google-chrome", "chrome")
DRIVER = "chromedriver"
# headless and without a sandbox, as root in a container has none; and nothing of Chromium's own asks for anything
_FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--hide-scrollbars",
)

_COMPONENTS = """
const shadows = root => [...root.querySelectorAll('*')].map(e => e.shadowRoot).filter(r => r)
const text = root => root.textContent + shadows(root).map(text).join(' ')
return shadows(document).map(text).join(' ')
"""
# a moment without work, and as long again for what was logged meanwhile to arrive
_AT_REST = "const done = arguments[0]; requestIdleCallback(() => setTimeout(done, 100), {timeout: 500})"


class NoBrowser(OSError):
    """There is no Chromium, no chromedriver, or they do not start; the message is one line."""


def programs() -> tuple[str, str]:
    """Chromium and chromedriver.  NoBrowser where one is missing."""
    chromium = next(filter(None, map(shutil.which, CHROMIUMS)), None)
    driver = shutil.which(DRIVER)
    if chromium is None or driver is None:
        missing = "Chromium" if chromium is None else DRIVER
        raise NoBrowser(f"no {missing} on the PATH: the pages cannot be looked at")
    return chromium, driver


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: what was asked for is seen in the browser."""


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """The address of a folder, served to this machine alone until the block ends."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class Browser:
    """One window, and what happened in it since it was last asked."""

    def __init__(self, driver: webdriver.Chrome) -> None:
        self.driver = driver

    def open(self, address: str) -> None:
        """Go there, forget what happened before, and wait until it is loaded and its scripts have come to rest."""
        self.driver.get("about:blank")
        self.errors()
        self.asked_for()
        self.driver.get(address)
        self.wait_for(_AT_REST)

    def ask(self, script: str, *given: Any) -> Any:
        """What a script returns on the page; ``given`` are its arguments."""
        return self.driver.execute_script(script, *given)

    def wait_for(self, script: str, *given: Any) -> Any:
        """What a script hands to its last argument, which is a function."""
        return self.driver.execute_async_script(script, *given)

    def address(self) -> str:
        """Of the page that is open."""
        return str(self.driver.current_url)

    def components(self) -> str:
        """The text inside of the page's components, which is no text of the page: that of its search."""
        return str(self.ask(_COMPONENTS))

    def picture(self, selector: str) -> bytes:
        """How the first such element looks, as PNG."""
        return bytes(self.driver.find_element("css selector", selector).screenshot_as_png)

    def press(self, *keys: str) -> None:
        """Keys, one after the other, wherever the focus is."""
        for key in keys:
            ActionChains(self.driver).send_keys(key).perform()

    def press_with(self, held: str, key: str) -> None:
        """A key, while another is held."""
        ActionChains(self.driver).key_down(held).send_keys(key).key_up(held).perform()

    def size(self, width: int, height: int) -> None:
        """The size of the page, which a window would not make as narrow as a telephone."""
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self._command("Emulation.setDeviceMetricsOverride", metrics)

    def scheme(self, name: str) -> None:
        """``light`` or ``dark``, as the reader's machine would prefer it."""
        features = [{"name": "prefers-color-scheme", "value": name}]
        self._command("Emulation.setEmulatedMedia", {"features": features})

    def screenshot(self, path: Path) -> None:
        """What is seen, as PNG."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(self.driver.get_screenshot_as_png())

    def _command(self, name: str, options: Mapping[str, Any]) -> None:
        self.driver.execute_cdp_cmd(name, dict(options))

    def errors(self) -> list[str]:
        """Errors of the console since last asked."""
        entries = self.driver.get_log("browser")  # type: ignore[no-untyped-call]
        return [one["message"] for one in entries if one["level"] == "SEVERE"]

    def asked_for(self) -> list[str]:
        """The addresses that were asked for since last asked, by pages, by scripts and by workers."""
        entries = self.driver.get_log("performance")  # type: ignore[no-untyped-call]
        messages = [json.loads(one["message"])["message"] for one in entries]
        return [one["params"]["request"]["url"] for one in messages if one["method"] == "Network.requestWillBeSent"]


@contextmanager
def browser() -> Iterator[Browser]:
    """A browser until the block ends.  NoBrowser where there is none, or it does not start."""
    chromium, driver = programs()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        options = webdriver.ChromeOptions()
        options.binary_location = chromium
        for flag in (*_FLAGS, f"--user-data-dir={profile}"):
            options.add_argument(flag)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        try:
            started = webdriver.Chrome(options=options, service=Service(driver))
        except WebDriverException as wrong:
            raise NoBrowser(f"Chromium does not start: {(wrong.msg or '').splitlines()[0]}") from None
        try:
            yield Browser(started)
        finally:
            started.quit()
