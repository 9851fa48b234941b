"""Source text on one line of a message."""

from __future__ import annotations

import re

_TOKEN = re.compile(
    r"""(?P<comment>\#[^\n]*)
    |(?P<space>(?:\s|\\\r?\n)+)
    |(?P<string>[A-Za-z]{0,2}(?:\"{3}(?:\\.|[^\\])*?\"{3}|'{3}(?:\\.|[^\\])*?'{3}|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'))
    |(?P<word>\w+)
    |(?P<other>.)""",
    re.VERBOSE | re.DOTALL,
)
_OPEN, _CLOSE = "([{", ")]}"


def excerpt(code: str, limit: int) -> str:
    """An expression on one line, without comments, in at most ``limit`` characters.

    It is cut before a token, never inside a name, a number or a string; "" where nothing but dots would be left, or
    the object at hand, which tells nothing.
    """
    tokens = _tokens(code)
    whole = "".join(tokens)
    if len(whole) <= limit:
        return whole
    kept = ""
    for token in tokens:
        # 3 for the dots
        if len(kept) + len(token) + 3 > limit:
            break
        kept += token
    kept = kept.rstrip(" .")  # dots after a dot read as one more name
    return f"{kept}..." if kept not in ("", "self") else ""


def _tokens(code: str) -> list[str]:
    """The tokens of an expression, with one space for what stands between them; none where a bracket is broken open."""
    found: list[str] = []
    gap, broken = False, False
    for match in _TOKEN.finditer(code.strip()):
        text = match.group()
        # a comment would swallow what stands behind it, once lines are joined
        if match.lastgroup in ("comment", "space"):
            gap, broken = True, broken or "\n" in text
            continue
        # where a bracket was broken open over several lines, no space: f(\n  x\n) is written f(x)
        if gap and found and not (broken and (found[-1] in _OPEN or text in _CLOSE or text == ".")):
            found.append(" ")
        gap, broken = False, False
        found.append(" ".join(text.split()) if match.lastgroup == "string" else text)
    return found
