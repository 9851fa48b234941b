"""Every operation there is: importing this module imports those that define them."""

from __future__ import annotations

import inspect

from rnnlint.torch_api.batches import packing, sorting
from rnnlint.torch_api.modules import functional, recurrent
from rnnlint.torch_api.registry import OPERATIONS, Operation, work_in_place
from rnnlint.torch_api.tensors import (
    comparing,
    computing,
    contractions,
    diagonals,
    einops,
    joining,
    listed,
    making,
    measures,
    numbers,
    parting,
    picking,
    placing,
    products,
    reducing,
    shaping,
    widening,
    windows,
)
from rnnlint.torch_api.tensors.elementwise_names import IN_PLACE

DEFINED_IN = (
    comparing,
    computing,
    contractions,
    diagonals,
    einops,
    functional,
    joining,
    listed,
    making,
    measures,
    numbers,
    parting,
    packing,
    picking,
    placing,
    products,
    reducing,
    recurrent,
    shaping,
    sorting,
    widening,
    windows,
)
work_in_place(IN_PLACE)


_FILLS = frozenset({"pad"})  # among those that only move elements: it puts in others
# of modules that do not say it of all they register
_ALSO = frozenset({"clone", "contiguous", "detach", "diagonal", "unfold"})


def moving() -> frozenset[str]:
    """The operations, by the last part of their names, that only move elements: done to labels instead, they move these
    in the same way.  They are registered in modules that say so of all they register."""
    modules = (module for module in DEFINED_IN if getattr(module, "ONLY_MOVES", False))
    names = {module.__name__ for module in modules}
    found = {op.name for op in OPERATIONS.values() if inspect.unwrap(op.run).__module__ in names}
    return frozenset(found | _ALSO) - _FILLS


def find(*names: str) -> Operation | None:
    """The operation registered under the first of the qualified names that is known."""
    for name in names:
        found = OPERATIONS.get(name)
        if found is not None:
            return found
    return None
