"""The test that keeps almost every file from being parsed at all."""

from __future__ import annotations

import re

_MODULE = re.compile(r"\b(?:RNN|LSTM|GRU)(?:Cell|Base)?\b")


def mentions_rnn(text: str) -> bool:
    """Whether the file can build one of torch's recurrent modules: their names stand in it as words.

    Strings count (``getattr(nn, "LSTM")``).  ``torch`` itself need not be named where a star import may bind ``nn``.
    """
    if "LSTM" not in text and "GRU" not in text and "RNN" not in text:
        return False
    return ("torch" in text or "import *" in text) and _MODULE.search(text) is not None
