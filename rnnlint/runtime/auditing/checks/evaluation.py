"""Evaluation that differs from run to run."""

from __future__ import annotations

import random
import sys
from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn

from rnnlint.runtime.auditing.checks.concern import Checked, Concern
from rnnlint.runtime.auditing.checks.results import first_line, tensors
from rnnlint.runtime.auditing.untouched import NotRestored, untouched

Named = list[tuple[str, Tensor]]


def differs_between_runs(model: nn.Module, run: Callable[[], object]) -> Checked:
    """Whether ``run``, which runs the model on some inputs, gives other results with other random numbers.

    The model is in evaluation mode for the runs, and afterwards as it was, with all random states.
    """
    try:
        first, again, other = (evaluated(model, run, seed) for seed in (1, 1, 2))
    except NotRestored as left:
        return Checked(notes=(f"evaluation was not checked, because a run cannot be undone: {left}",))
    except Exception as error:  # whatever the user's model raises
        said = f"{type(error).__name__}: {first_line(error)}"
        return Checked(notes=(f"evaluation was not checked, because in evaluation mode the model raises {said}",))
    found = difference(first, other)
    if found is None:
        return Checked()
    cause = "with other random numbers" if difference(first, again) is None else "even with the same random numbers"
    return Checked((Concern("evaluation", f"in evaluation the same input gives other results {cause}: {found}"),))


def evaluated(model: nn.Module, run: Callable[[], object], seed: int) -> Named:
    """The tensors (on the CPU) of a run in evaluation mode from a given random state; the model is left as it was."""
    with untouched(model):
        model.eval()
        _seed(seed)
        # What the model returned can be one of its own tensors, which is about to be put back.
        return copied(run())


def copied(result: object) -> Named:
    """The numbers of a result, on the CPU; of tensors on the meta device, which hold none, zeros."""
    return [
        (name, torch.zeros(tensor.shape) if tensor.is_meta else tensor.detach().to("cpu", copy=True))
        for name, tensor in tensors(result)
    ]


def _seed(seed: int) -> None:
    # Not torch.manual_seed: it would also seed devices that are not in use yet, for good.
    torch.default_generator.manual_seed(seed)
    if torch.cuda.is_initialized():  # type: ignore[no-untyped-call]
        torch.cuda.manual_seed_all(seed)
    if torch.backends.mps.is_available():
        torch.mps.manual_seed(seed)
    random.seed(seed)
    numpy = sys.modules.get("numpy")
    if numpy is not None:
        numpy.random.seed(seed)


def difference(before: Sequence[tuple[str, Tensor]], after: Sequence[tuple[str, Tensor]]) -> str | None:
    """The largest difference between two results, in words; None if they agree within rounding."""
    shapes = [[tuple(tensor.shape) for _, tensor in one] for one in (before, after)]
    if shapes[0] != shapes[1]:
        return f"shapes {_shown(shapes[0])}, then {_shown(shapes[1])}"
    largest, text = 0.0, None
    for (name, one), (_, other) in zip(before, after, strict=True):
        change = apart(one, other)
        if change > largest:
            at = int(_distance(one, other).argmax())
            place, left = "", at
            for extent in reversed(one.shape):
                left, index = divmod(left, extent)
                place = f"[{index}]{place}"
            values = one.flatten()[at].item(), other.flatten()[at].item()
            largest, text = change, f"{name}{place} is {values[0]:.6g}, then {values[1]:.6g}"
    return text


def apart(one: Tensor, other: Tensor) -> float:
    """The largest absolute difference of two tensors of one shape; 0 within rounding."""
    if not one.numel():
        return 0.0
    change = float(_distance(one, other).max())
    if not (one.is_floating_point() or one.is_complex()):
        return change
    size = max(1.0, float(one.abs().nan_to_num(posinf=0.0).max()))
    return change if change > 64 * torch.finfo(one.dtype).eps * size else 0.0


def _distance(one: Tensor, other: Tensor) -> Tensor:
    wide = torch.complex128 if one.is_complex() else torch.float64
    return (one.to(wide) - other.to(wide)).abs().nan_to_num()


def _shown(shapes: Sequence[tuple[int, ...]]) -> str:
    return ", ".join(map(str, shapes))
