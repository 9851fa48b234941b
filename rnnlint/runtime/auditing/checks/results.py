"""The tensors in what a model returns or is handed."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping

from torch import Tensor
from torch.nn.utils.rnn import PackedSequence


def tensors(result: object, name: str = "result") -> Iterator[tuple[str, Tensor]]:
    """Every tensor in a nested structure, with the expression that gets it; of a PackedSequence, its data.

    What holds itself is looked into once, and a field of a dataclass that is not set holds nothing.
    """
    yield from _tensors(result, name, ())


def _tensors(result: object, name: str, around: tuple[object, ...]) -> Iterator[tuple[str, Tensor]]:
    if any(result is one for one in around):
        return
    inside = (*around, result)
    match result:
        case Tensor():
            yield name, result
        case PackedSequence():
            yield f"{name}.data", result.data
        case Mapping():
            for key, part in result.items():
                yield from _tensors(part, f"{name}[{key!r}]", inside)
        case tuple() | list():
            for index, part in enumerate(result):
                yield from _tensors(part, f"{name}[{index}]", inside)
        case _ if dataclasses.is_dataclass(result):
            for field in dataclasses.fields(result):
                yield from _tensors(getattr(result, field.name, None), f"{name}.{field.name}", inside)
        case _:
            pass


def differentiable(result: object) -> tuple[list[tuple[str, Tensor]], list[str]]:
    """The tensors whose gradient can be asked for, each once, and why others cannot be."""
    found: dict[int, tuple[str, Tensor]] = {}
    reasons: list[str] = []
    for name, tensor in tensors(result):
        if not (tensor.is_floating_point() or tensor.is_complex()):
            reasons.append(f"{name} was not checked, because it holds no floats")
        elif tensor.is_meta:
            reasons.append(f"{name} was not checked, because it is on the meta device and holds no numbers")
        elif not tensor.requires_grad:
            reasons.append(f"{name} was not checked, because it has no gradient (no_grad, detach or a constant)")
        elif tensor.numel():
            found.setdefault(id(tensor), (name, tensor))
    if not found and not reasons:
        reasons.append("no influence was checked, because the result holds no tensor")
    return list(found.values()), reasons


def first_line(error: BaseException) -> str:
    """What an exception says, in one line."""
    return next(iter(str(error).splitlines()), "")
