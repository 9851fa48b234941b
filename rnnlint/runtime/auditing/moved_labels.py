"""Labels carried beside the tensors of a run, so that the analysis is never wrong silently.

From a recurrent call on, every operation that only moves elements is applied to the labels as well, by torch itself.
Where they show other states than the analysis believes, the tensor is not followed any further and the report says so.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from rnnlint.axes.states import Block, Call, States, blocks, shape
from rnnlint.runtime.auditing.record import transformed
from rnnlint.runtime.truth import labels
from rnnlint.runtime.truth.realized import realized
from rnnlint.torch_api import catalogue

DISAGREE = "torch's labels show other states than the analysis expects, please report this"

_LARGEST = 1 << 16  # elements of a tensor whose labels are carried: eight bytes each, and every operation is done twice
_MOVES = catalogue.moving() | {"__getitem__", "__get__"}  # indexing, and attributes such as x.T


class Carried:
    """The labels of one run's tensors, held as weakly as the tensors themselves."""

    def __init__(self) -> None:
        self._labels: dict[int, tuple[weakref.ref[Tensor], Tensor]] = {}

    def begin(self, module: nn.RNNBase, result: object) -> None:
        """Label what an unpacked call returned."""
        if transformed():  # every tensor made inside, the labels too, stands for another one
            return
        match result:
            case (Tensor() as output, state):
                finals = state if isinstance(state, tuple) else (state,)
            case _:
                return
        # three axes, because an unbatched output has none for samples, and batch_first turns nothing there
        directions, turned = 2 if module.bidirectional else 1, module.batch_first and output.dim() == 3
        steps, samples, _ = output.shape if output.dim() == 3 else (len(output), 1, 0)
        # (N, T, D*H)
        if turned:
            steps, samples = samples, steps
        if max(output.numel(), *(final.numel() for final in finals)) > _LARGEST:
            return
        units = output.shape[-1] // directions
        rows = labels.output_labels(module.num_layers, directions, steps, samples, units)
        self._set(output, (rows.transpose(0, 1) if turned else rows).reshape(output.shape))
        lengths = torch.full((samples,), steps)
        for kind, final in enumerate(finals):
            held = labels.state_labels(kind, module.num_layers, directions, lengths, final.shape[-1])
            self._set(final, held.reshape(final.shape))

    def moved(
        self, name: str, func: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any], result: object
    ) -> None:
        """Do to the labels what was done to the tensors."""
        if name.rpartition(".")[2] not in _MOVES or not self._labels or transformed():
            return
        known: list[bool] = []
        swapped = [self._swap(one, known) for one in args], {key: self._swap(one, known) for key, one in kwargs.items()}
        if known and all(known):
            # only where all of the floats have labels, because beside others it could not be said where those went
            self._take(result, func(*swapped[0], **swapped[1]))

    def same(self, before: Tensor, after: Tensor) -> None:
        """One tensor was handed through and is another object now."""
        held = self._get(before)
        if held is not None:
            self._set(after, held)

    def agree(self, tensor: Tensor, states: States) -> bool:
        """Whether the labels of a tensor are those of the states it is believed to hold (or it has none)."""
        held = self._get(tensor)
        if held is None or not all(_single(block) for block in blocks(states)) or shape(states) != tuple(held.shape):
            return True
        expected = realized(states)
        return bool(np.array_equal(expected.reshape(-1), held.reshape(-1).numpy()))

    def _get(self, tensor: Tensor) -> Tensor | None:
        held, found = self._labels.get(id(tensor), (None, None))
        return found if held is not None and held() is tensor else None

    def _set(self, tensor: Tensor, held: Tensor) -> None:
        self._labels[id(tensor)] = (weakref.ref(tensor), held)

    def _swap(self, thing: Any, known: list[bool]) -> Any:
        """An argument with labels in place of tensors; indices stay what they are."""
        if isinstance(thing, Tensor):
            held = self._get(thing)
            if held is not None or thing.is_floating_point():
                known.append(held is not None)
            return thing.cpu() if held is None else held
        if isinstance(thing, (tuple, list)) and any(isinstance(one, Tensor) for one in thing):
            return type(thing)([self._swap(one, known) for one in thing])
        return thing

    def _take(self, result: object, held: object) -> None:
        if isinstance(result, Tensor) and isinstance(held, Tensor):
            if result.shape == held.shape and held.numel() <= _LARGEST:
                self._set(result, held)
        elif isinstance(result, (tuple, list)) and isinstance(held, (tuple, list)):
            for one, its in zip(result, held, strict=True):
                self._take(one, its)


def _single(block: Block) -> bool:
    """Whether every element of a block is one state of an unpacked call, at a known place."""
    source = block.source
    # ``final`` is known here, because the samples of an unpacked call all end at the last step; a packed one is left
    # out
    places = all(isinstance(at, int) or at.value == "final" for _, at in block.at)
    return isinstance(source, Call) and not source.packed and not block.reduced and places
