"""The parameters of torch's functions, in order, for who looks for an argument of a call, or writes it otherwise."""

from __future__ import annotations

PACKS = ("input", "lengths", "batch_first", "enforce_sorted")
"""pack_padded_sequence
(https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.rnn.pack_padded_sequence.html)."""
PADS = ("sequence", "batch_first", "padding_value", "total_length")
"""pad_packed_sequence
(https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.rnn.pad_packed_sequence.html)."""
CALLED = ("input", "hx")
"""A recurrent module's call, and a cell's (https://docs.pytorch.org/docs/stable/generated/torch.nn.LSTM.html)."""
LINEAR = ("in_features", "out_features", "bias")
"""nn.Linear (https://docs.pytorch.org/docs/stable/generated/torch.nn.Linear.html)."""
MAKES_ZEROS = {"randn": "zeros", "rand": "zeros", "randn_like": "zeros_like", "rand_like": "zeros_like"}
"""Functions that draw numbers, and what takes the same arguments and makes zeros."""
