"""Which inputs a result depends on and which parameters it ignores, by autograd.

A gradient says more than the values do: the backward half of ``output`` at the last step has the shape of a summary
of the sequence, and depends on one step of it.  A dependence is there where a derivative, at the given input, is not
exactly zero.  Zeros of structure are exact: no path leads from a step that was not read, and nothing is rounded.

Two accidents make zeros too.  A unit of a relu cell that is negative passes nothing on: ask with `alive` modules and
positive inputs.  A derivative may underflow over many steps or in saturated units: ask in float64.  Where neither is
done, a dependence that was found is a fact and one that was not is none.

Autograd: https://docs.pytorch.org/docs/stable/generated/torch.autograd.grad.html
"""

from __future__ import annotations

import copy
from typing import TypeVar

import torch
from torch import Tensor, nn

Module = TypeVar("Module", bound=nn.Module)

# elements differentiated in one pass: the memory taken is this many times that of an ordinary backward pass
_AT_ONCE = 256


def influence(result: Tensor, x: Tensor, time: int, batch: int | None) -> Tensor:
    """Which steps and samples of ``x`` each element of ``result`` depends on: bool (*result.shape, T, N), on the CPU.

    ``time`` and ``batch`` are the axes of ``x``, which requires a gradient; ``batch`` is None for an input without
    that axis, which is one sample.  The other axes, the features, are looked at together.  The graph is kept.  A
    recurrent module on a GPU must be in training mode, or cuDNN refuses to go back (RuntimeError).
    """
    kept = [time] if batch is None else [time, batch]
    sizes = (x.size(time), 1 if batch is None else x.size(batch))
    rows = result.reshape(-1)
    found = torch.zeros(len(rows), *sizes, dtype=torch.bool)
    if rows.requires_grad:
        for start in range(0, len(rows), _AT_ONCE):
            count = min(_AT_ONCE, len(rows) - start)
            gradients = _gradients(rows, x, start, count)
            if gradients is None:
                break
            nonzero = gradients.ne(0).movedim([axis % x.dim() + 1 for axis in kept], list(range(1, len(kept) + 1)))
            found[start : start + count] = nonzero.reshape(count, *sizes, -1).any(-1).cpu()
    return found.reshape(*result.shape, *sizes)


def _gradients(rows: Tensor, x: Tensor, start: int, count: int) -> Tensor | None:
    """The gradients of ``count`` of the elements, (count, *x.shape); None if nothing leads from them to ``x``."""
    picks = torch.zeros(count, len(rows), dtype=rows.dtype, device=rows.device)
    picks[torch.arange(count), torch.arange(start, start + count)] = 1
    try:
        # all at once, which takes a fraction of the time of one by one
        found = torch.autograd.grad(rows, x, picks, retain_graph=True, allow_unused=True, is_grads_batched=True)[0]
    except RuntimeError:
        # an operation on the way cannot be batched, as autograd functions of a user's own cannot
        one_by_one = [torch.autograd.grad(rows, x, pick, retain_graph=True, allow_unused=True)[0] for pick in picks]
        return None if one_by_one[0] is None else torch.stack(one_by_one)
    return found


def without_gradient(result: Tensor, module: nn.Module) -> tuple[str, ...]:
    """The names of the parameters of ``module`` that ``result`` ignores: no gradient, or one that is exactly zero.

    What is differentiated is one random weighting of the elements of ``result``, the same in every call; torch's
    generators are not touched.  Parameters that require no gradient are not named.  The graph is kept.  From a zero
    initial state the first step of a direction ignores its ``weight_hh``: the fingerprint of a direction of which one
    step is read.
    """
    trained = {name: parameter for name, parameter in module.named_parameters() if parameter.requires_grad}
    if not result.requires_grad:
        return tuple(trained)
    weighting = torch.randn(result.shape, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    gradients = torch.autograd.grad(
        result, list(trained.values()), weighting.to(result), retain_graph=True, allow_unused=True
    )
    return tuple(
        name for name, gradient in zip(trained, gradients, strict=True) if gradient is None or not gradient.any()
    )


def alive(module: Module) -> Module:
    """A copy in which every parameter is positive: with positive inputs, no unit of a relu cell is ever off."""
    copied = copy.deepcopy(module)
    with torch.no_grad():
        for parameter in copied.parameters():
            parameter.abs_()
    return copied
