"""How far one value is from another."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True, slots=True)
class Distance:
    """``error`` is relative to ``max(1, |expected|)``, infinite where the values cannot be compared.

    ``where`` says in words where it is largest, ``place`` is the index there.
    """

    error: float
    where: str
    place: tuple[int, ...] = ()


def distance(result: object, expected: object) -> Distance:
    """The largest distance of any number in ``result`` from its counterpart in ``expected``.

    Tensors, tuples and lists of the same structure; anything else is equal or infinitely far.
    """
    if isinstance(result, Tensor) and isinstance(expected, Tensor):
        return _of_tensors(result.detach().to("cpu", torch.float64), expected.detach().to(torch.float64))
    if isinstance(result, (tuple, list)) and isinstance(expected, (tuple, list)) and len(result) == len(expected):
        parts = [distance(one, other) for one, other in zip(result, expected, strict=True)]
        return max(parts, key=lambda part: part.error, default=Distance(0.0, "both are empty"))
    if isinstance(result, Tensor) or isinstance(expected, Tensor) or type(result) is not type(expected):
        return Distance(math.inf, f"result is {_kind(result)}, not {_kind(expected)}")
    same = result == expected
    return Distance(0.0 if same else math.inf, f"result is {result!r}, {'as' if same else 'not'} {expected!r}")


def _of_tensors(result: Tensor, expected: Tensor) -> Distance:
    if result.shape != expected.shape:
        return Distance(math.inf, f"result has the shape {tuple(result.shape)}, not {tuple(expected.shape)}")
    if not result.numel():
        return Distance(0.0, "both are empty")
    errors = ((result - expected).abs() / expected.abs().clamp(min=1)).nan_to_num(nan=math.inf, posinf=math.inf)
    errors = errors.masked_fill((result == expected) | (result.isnan() & expected.isnan()), 0.0)
    place = _place(int(errors.argmax()), tuple(errors.shape))
    index = f"[{', '.join(map(str, place))}]" if place else ""
    where = f"result{index} is {float(result[place]):.7g}, not {float(expected[place]):.7g}"
    return Distance(float(errors[place]), where, place)


def _place(number: int, sizes: tuple[int, ...]) -> tuple[int, ...]:
    """The index of an element by its number in row-major order."""
    place = []
    for size in reversed(sizes):
        number, at = divmod(number, size)
        place.append(at)
    return tuple(reversed(place))


def _kind(value: object) -> str:
    if isinstance(value, Tensor):
        return f"a tensor of shape {tuple(value.shape)}"
    return f"a {type(value).__name__}" if isinstance(value, (tuple, list)) else repr(value)
