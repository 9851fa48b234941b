"""Every operation there is: importing this module imports those that define them."""

from __future__ import annotations

import inspect

from rnnlint.torch_api.batches import packing, sorting
from rnnlint.torch_api.modules import recurrent
from rnnlint.torch_api.registry import OPERATIONS, Operation
from rnnlint.torch_api.tensors import (
    computing,
    einops,
    joining,
    making,
    numbers,
    picking,
    products,
    shaping,
    widening,
    windows,
)

DEFINED_IN = (
    computing,
    einops,
    joining,
    making,
    numbers,
    packing,
    picking,
    products,
    recurrent,
    shaping,
    sorting,
    widening,
    windows,
)


_FILLS = frozenset({"pad"})  # among those that only move elements: it puts in others
_HANDS_ON = frozenset({"clone", "contiguous", "detach"})  # the same elements, from a module that also computes


def moving() -> frozenset[str]:
    """The operations, by the last part of their names, that only move elements: done to labels instead, they move these
    in the same way.  They are registered in modules that say so of all they register."""
    modules = (module for module in DEFINED_IN if getattr(module, "ONLY_MOVES", False))
    names = {module.__name__ for module in modules}
    found = {op.name for op in OPERATIONS.values() if inspect.unwrap(op.run).__module__ in names}
    return frozenset(found | _HANDS_ON) - _FILLS


def find(*names: str) -> Operation | None:
    """The operation registered under the first of the qualified names that is known."""
    return next((OPERATIONS[name] for name in names if name in OPERATIONS), None)
