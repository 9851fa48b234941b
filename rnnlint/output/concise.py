"""``concise``: a line for each finding, as flake8 prints them."""

from __future__ import annotations

from rnnlint.diagnostics import Checked, Diagnostic
from rnnlint.output.places import within
from rnnlint.output.styles import Look, Style
from rnnlint.output.visible import visible


def text(checked: Checked, look: Look) -> str:
    """``path:line:column: CODE message``."""
    return "".join(f"{_line(one, look)}\n" for one in checked.diagnostics)


def _line(one: Diagnostic, look: Look) -> str:
    path, code = look.paint(visible(one.place.path), Style.STRONG), look.paint(one.code, Style.CODE)
    return f"{path}:{within(one.place)}: {code} {visible(one.message)}"
