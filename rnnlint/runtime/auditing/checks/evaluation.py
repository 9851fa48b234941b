"""Evaluation that differs from run to run."""

from __future__ import annotations

import pickle
import random
import sys
from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn

from rnnlint.runtime.auditing.checks.concern import Checked, Concern
from rnnlint.runtime.auditing.checks.results import first_line, tensors
from rnnlint.runtime.auditing.untouched import NotRestored, untouched

Named = list[tuple[str, Tensor]]


class Evaluations:
    """Runs of a model in evaluation mode, each from a given random state and made once.

    ``run`` runs the model on its inputs.  The model is left as it was, with all random states.  ``steady`` is set by
    whoever has seen two runs, from one random state, that gave the same.
    """

    def __init__(self, model: nn.Module, run: Callable[[], object]) -> None:
        self._model = model
        self._run = run
        self._results: dict[int, Named] = {}
        self._drawing: dict[int, bool] = {}
        self._with_gradients = False
        self.steady = False

    def result(self, seed: int) -> Named:
        """The tensors that come out, on the CPU; raises what the model raises."""
        if seed not in self._results:
            self._results[seed] = self.repeated(seed)
        return self._results[seed]

    def draws(self, seed: int) -> bool:
        """Whether such a run takes random numbers from one of the generators that everybody shares."""
        self.result(seed)
        return self._drawing[seed]

    def repeated(self, seed: int) -> Named:
        """The same, run once more."""
        if not self._with_gradients:
            try:
                with torch.no_grad():
                    return self._evaluated(seed)
            except NotRestored:
                raise
            except Exception:  # some models take gradients of their own; what else went wrong is raised again
                self._with_gradients = True
        return self._evaluated(seed)

    def _evaluated(self, seed: int) -> Named:
        with untouched(self._model):
            self._model.eval()
            _seed(seed)
            before = _generators()
            # What the model returned can be one of its own tensors, which is about to be put back.
            found = copied(self._run())
            # after the run and before it is undone: ``untouched`` puts the generators back
            self._drawing[seed] = before != _generators()
        return found


def differs_between_runs(runs: Evaluations) -> Checked:
    """Whether a model gives other results with other random numbers, in evaluation mode.

    Where evaluation takes no random numbers and the model is steady, one run is enough.
    """
    try:
        # The seeds 1 and 2 are any two. ``padded_further`` asks for the same runs, and they are made once.
        first = runs.result(1)
        if runs.steady and not runs.draws(1):
            return Checked()
        found = difference(first, runs.result(2))
        if found is None:
            return Checked()
        by_numbers = difference(first, runs.repeated(1)) is None
    except NotRestored as left:
        return Checked(notes=(f"evaluation was not checked, because a run cannot be undone: {left}",))
    except Exception as error:  # whatever the user's model raises
        said = f"{type(error).__name__}: {first_line(error)}"
        return Checked(notes=(f"evaluation was not checked, because in evaluation mode the model raises {said}",))
    name, cause = (
        ("random-evaluation", "with other random numbers")
        if by_numbers
        else ("unrepeatable-evaluation", "even with the same random numbers")
    )
    return Checked((Concern(name, f"in evaluation the same input gives other results {cause}: {found}"),))


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


def _generators() -> list[object]:
    """The states of the generators that are seeded."""
    states: list[object] = [torch.default_generator.get_state().numpy().tobytes(), random.getstate()]
    if torch.cuda.is_initialized():  # type: ignore[no-untyped-call]
        states += [state.numpy().tobytes() for state in torch.cuda.get_rng_state_all()]
    if torch.backends.mps.is_available():
        states.append(torch.mps.get_rng_state().numpy().tobytes())
    numpy = sys.modules.get("numpy")
    if numpy is not None:
        states.append(pickle.dumps(numpy.random.get_state()))
    return states


def same(before: Named, after: Named) -> bool:
    """Whether two results agree within rounding."""
    shapes = [[tuple(tensor.shape) for _, tensor in one] for one in (before, after)]
    return shapes[0] == shapes[1] and not any(map(apart, *[[tensor for _, tensor in one] for one in (before, after)]))


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
    if not one.numel() or torch.equal(one, other):
        return 0.0
    change = float(_distance(one, other).max())
    if not (one.is_floating_point() or one.is_complex()):
        return change
    size = 1.0
    # 64 roundings, because kernels may add in another order from run to run (threads, a GPU), which is no other result.
    # The largest number is looked for only where it can matter: that is another pass over the tensor.
    if change > 64 * torch.finfo(one.dtype).eps:
        size = max(1.0, float(one.abs().nan_to_num_(posinf=0.0).max()))
    return change if change > 64 * torch.finfo(one.dtype).eps * size else 0.0


def _distance(one: Tensor, other: Tensor) -> Tensor:
    if one.dtype in (torch.float32, torch.float64) and other.dtype is one.dtype:
        return (one - other).abs_().nan_to_num_()
    wide = torch.complex128 if one.is_complex() else torch.float64
    return (one.to(wide) - other.to(wide)).abs().nan_to_num()


def _shown(shapes: Sequence[tuple[int, ...]]) -> str:
    return ", ".join(map(str, shapes))
