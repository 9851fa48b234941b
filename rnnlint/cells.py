"""The names of torch's recurrent modules: which there are, and which texts can be about one.

Nothing is imported here but ``re``: the search that skips almost every file starts with these names.
"""

from __future__ import annotations

import re

LAYERS = ("RNN", "GRU", "LSTM")
"""Modules of ``torch.nn`` that read whole sequences."""

CELLS = ("RNNCell", "GRUCell", "LSTMCell")
"""Modules of ``torch.nn`` that take one step."""

BASE = "RNNBase"
"""What the layers inherit, and what builds one of them by its mode."""

MODES = ("LSTM", "GRU", "RNN_TANH", "RNN_RELU")
"""First arguments of ``nn.RNNBase``."""

EVERY = (*LAYERS, *CELLS, BASE)

_WORD = re.compile(rf"\b(?:{'|'.join(LAYERS)})(?:Cell|Base)?\b")


def is_part_of(text: str) -> bool:
    """Whether a text, such as a name of the program's own (``MyLSTM``), has the name of a recurrent module in it."""
    return "LSTM" in text or "GRU" in text or "RNN" in text  # every name is asked: half the time of a search


def is_word_of(text: str) -> bool:
    """Whether the name of a recurrent module stands in a text as a word."""
    return _WORD.search(text) is not None


def has_cell_state(name: str) -> bool:
    """Whether the module of a name keeps a cell state beside the hidden one, and returns both: an LSTM or LSTMCell."""
    return name.startswith("LSTM")
