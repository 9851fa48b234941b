"""Text that can be shown: nothing in it moves the cursor, turns the line around, or cannot be encoded."""

from __future__ import annotations

import unicodedata

_ESCAPED = frozenset(("Cc", "Cf", "Cs", "Zl", "Zp"))
_SHOWN = frozenset("\u00ad\u200c\u200d")  # soft hyphen, and what joins letters and emoji: harmless, and part of words


def visible(text: str) -> str:
    """The text with control characters, marks of direction, and what stands alone of a pair, as Python writes them.

    A file may be named after a command of the terminal, or hold one in a string; half a pair of surrogates is how
    Python spells a byte of a name that it cannot decode.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(map(shown, text))


def shown(character: str) -> str:
    """One character: itself, or what Python writes for it in a string (``\\x1b``, ``\\u202e``)."""
    if character in _SHOWN or unicodedata.category(character) not in _ESCAPED:
        return character
    return character.encode("unicode_escape").decode("ascii")
