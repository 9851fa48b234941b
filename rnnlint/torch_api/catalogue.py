"""Every operation there is: importing this module imports those that define them."""

from __future__ import annotations

from rnnlint.torch_api.batches import packing, sorting
from rnnlint.torch_api.modules import recurrent
from rnnlint.torch_api.registry import OPERATIONS, Operation, work_in_place
from rnnlint.torch_api.tensors import (
    comparing,
    computing,
    contractions,
    diagonals,
    einops,
    functional,
    joining,
    making,
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
    making,
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


def find(*names: str) -> Operation | None:
    """The operation registered under the first of the qualified names that is known."""
    return next((OPERATIONS[name] for name in names if name in OPERATIONS), None)
