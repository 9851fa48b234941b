"""Which imported names are torch's, and their canonical qualified names."""

from __future__ import annotations

import math
from collections.abc import Hashable

from rnnlint.values.domain import Free, Lit, Torch, Value

_FOLLOWED = ("torch", "einops", "numpy", "math")
_ALIASES = {
    "torch.nn.modules.rnn": "torch.nn",
    "torch.nn.modules.linear": "torch.nn",
    "torch.nn.modules": "torch.nn",
    "torch.functional": "torch",
    "torch.autograd.variable": "torch.autograd",
    "einops.einops": "einops",
    "numpy.newaxis": "None",
}
_NUMBERS = {f"{module}.{name}": getattr(math, name) for module in ("math", "numpy") for name in ("pi", "e", "inf")}
RECURRENT = ("LSTM", "GRU", "RNN")
CLASS_OF_NN = "class of torch.nn"
"""The form of ``getattr(nn, name)`` for a name that the file leaves open."""
_SHORT = {"nn": "torch.nn", "torch": "torch", "F": "torch.nn.functional"}


def imported(name: str, place: Hashable) -> Value:
    """What ``import name`` binds."""
    return qualified(name) if name.partition(".")[0] in _FOLLOWED else Free(name.rpartition(".")[2], place)


def qualified(name: str) -> Value:
    """A torch (einops, numpy, math) name under its canonical qualified name."""
    name = _ALIASES.get(name, name)
    if name == "None":
        return Lit(None)
    if name in _NUMBERS:
        return Lit(_NUMBERS[name])
    return Torch(name)


def by_convention(name: str) -> Value | None:
    """What ``nn``, ``torch`` and ``F`` are where a star import binds them."""
    return Torch(_SHORT[name]) if name in _SHORT else None
