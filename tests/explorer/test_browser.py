"""The explorer page in a headless Chromium, briefly; ``python -m tools.explorer browser`` does all of it."""

from __future__ import annotations

import shutil

import pytest

pytest.importorskip("selenium", reason="selenium is not installed; it drives the browser")

from tools.explorer import using

_MISSING = [
    name
    for name, found in (
        ("chromium", using.CHROMIUM),
        ("chromedriver", using.DRIVER),
        ("node", shutil.which("node")),
    )
    if not found
]


@pytest.mark.skipif(bool(_MISSING), reason=f"not installed: {', '.join(_MISSING)}")
def test_the_page_can_be_used() -> None:
    """Drawn as computed, by mouse and keyboard, on a small screen, in the dark; a hostile address gives one line."""
    assert using.briefly() == []
