"""The test that keeps almost every file from being parsed at all."""

from __future__ import annotations

import re

from rnnlint.cells import is_part_of, is_word_of

_GETS = re.compile(r"(?:getattr|vars)\(\s*(?:torch\.)?nn\s*[,)]|\bnn\.__dict__")


def gets_by_name(text: str) -> bool:
    """Whether the file may build one by a name that another file has: ``getattr(nn, kind)``."""
    return "torch" in text and _GETS.search(text) is not None


_SPELLS = re.compile(r"lstm|gru|rnn", re.IGNORECASE)


def spells_one(text: str) -> bool:
    """Whether the file may build one by a name that it makes itself: ``getattr(nn, "gru".upper())``."""
    return gets_by_name(text) and _SPELLS.search(text) is not None


def mentions_rnn(text: str) -> bool:
    """Whether the file can build one of torch's recurrent modules: their names stand in it as words.

    Strings count (``getattr(nn, "LSTM")``).  ``torch`` itself need not be named where a star import may bind ``nn``.
    """
    # cheapest first, and what rules out most files first: substrings, then words. "torch" or a star import, because
    # without either nothing of torch can have a name here
    return is_part_of(text) and ("torch" in text or "import *" in text) and is_word_of(text)
