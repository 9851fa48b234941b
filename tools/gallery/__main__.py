"""Writes docs/gallery.md and its pictures: ``python -m tools.gallery``.

The tests check that what is checked in is what this writes, and that torch says the same.
"""

from __future__ import annotations

from pathlib import Path

from tools.gallery import drawn, page

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGE = DOCS / "gallery.md"


def write() -> None:
    """Write what is missing or out of date, remove pictures that belong to no reading."""
    PAGE.write_text(page.page(), encoding="utf-8")
    wanted = drawn.pictures()
    for path in (DOCS / drawn.PICTURES).rglob("*.svg"):
        if path.relative_to(DOCS).as_posix() not in wanted:
            path.unlink()
    for name, text in wanted.items():
        (DOCS / name).parent.mkdir(parents=True, exist_ok=True)
        (DOCS / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write()
