"""Padding that reaches results."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode

from rnnlint.runtime.auditing.checks.concern import Checked, Concern
from rnnlint.runtime.auditing.checks.evaluation import Evaluations, apart, difference
from rnnlint.runtime.auditing.checks.influence import called, hit, pull, strengths, weights
from rnnlint.runtime.auditing.checks.results import first_line
from rnnlint.runtime.auditing.record import Embedded, Padded, Recorded, Recurrence

FURTHER = 3  # steps that a second run is padded further


@dataclass(frozen=True, slots=True, eq=False)
class Suspect:
    """Filled up places that reach a result: ``valid`` is (N, T), the others."""

    valid: Tensor
    place: object


def leaking(
    recorded: Recorded, results: Sequence[tuple[str, Tensor]], suspects: list[Suspect]
) -> Iterator[Concern | str]:
    """Padding that results depend on: what ``pad_packed_sequence`` filled up, and padding tokens that were not packed.

    Results at padded steps do not count.  That a result depends on what was filled up is no mistake in itself (a sum
    adds zeros); it is one if the result changes when ``pad_packed_sequence`` pads further.  What is to be asked in that
    way is added to ``suspects``.  Raises :class:`NoGradientError`.
    """
    for padded in recorded.padded:
        if padded.overwritten:
            yield "what pad_packed_sequence filled up was not checked, because the model writes to it"
        elif padded.tensor.requires_grad and any(_filled_up(padded, tensor) for _, tensor in results):
            suspects.append(Suspect(padded.valid(), padded.place))
    for call in recorded.recurrences:
        padding = trailing(call, recorded.embedded) if call.input.requires_grad else torch.zeros(1, 1)
        if padding.any():
            yield from _unpacked(call, ~padding, results)


def trailing(call: Recurrence, embedded: Sequence[Embedded]) -> Tensor:
    """(N, T), boolean: the steps of a call's input that are padding tokens behind the end of a sample.

    A sample of nothing but padding has no end.  Where samples and steps are as many, nothing can be told.
    """
    count, steps = call.samples, call.steps
    for one in embedded:
        if call.packed or call.sample_axis is None or sorted(one.indices.shape) != sorted((count, steps)):
            continue
        if count == steps or not _leads_to(one.result, call.input):
            continue
        padding = (one.indices.detach().cpu() == one.padding_idx).view(one.indices.shape)
        padding = padding if padding.shape == (count, steps) else padding.T
        behind = padding.int().flip(1).cumprod(1).flip(1).bool()
        return behind & ~padding.all(1)[:, None]
    return torch.zeros(count, steps, dtype=torch.bool)


def _leads_to(source: Tensor, reached: Tensor) -> bool:
    if source.requires_grad and reached.grad_fn is not None:
        return pull([(reached, weights(reached))], [source])[0] is not None
    return source.data_ptr() == reached.data_ptr()


def _unpacked(call: Recurrence, valid: Tensor, results: Sequence[tuple[str, Tensor]]) -> Iterator[Concern]:
    for name, tensor in results:
        if _leaks(tensor, valid, call.input, lambda gradient: hit(strengths(call, gradient))):
            yield Concern(
                "unpacked-padding",
                f"{called(call)} reads the padding behind shorter samples, and {name} depends on it; pack the input",
                call.place,
                (call.name,),
            )
            return


def _filled_up(padded: Padded, result: Tensor) -> bool:
    """Whether a result depends on places that ``pad_packed_sequence`` filled up."""

    def table(gradient: Tensor | None) -> Tensor:
        if gradient is None:
            return torch.zeros(1, 1, dtype=torch.bool)
        places = (gradient != 0).flatten(2).any(-1).cpu()
        return places if padded.batch_first else places.T

    return _leaks(result, padded.valid(), padded.tensor, table)


def _leaks(result: Tensor, valid: Tensor, source: Tensor, table: Callable[[Tensor | None], Tensor]) -> bool:
    """Whether a result at valid steps depends on other places of ``source``, whichever its axes are."""
    if valid.all():
        return False
    for mask in _masks(result.shape, valid):
        gradient = pull([(result, weights(result) * mask.to(result))], [source])[0]
        if not (table(gradient) & ~valid).any():
            return False
    return True


def _masks(shape: Sequence[int], valid: Tensor) -> Iterator[Tensor]:
    """1 at valid steps of a result, for every way its axes can be samples and steps; 1 everywhere if there is none."""
    count, steps = valid.shape
    found = False
    for step_axis, extent in enumerate(shape):
        if extent == count * steps:
            for order in (valid, valid.T):
                found = True
                yield order.flatten().view([-1 if at == step_axis else 1 for at in range(len(shape))])
        if extent != steps:
            continue
        for sample_axis, samples in enumerate(shape):
            if sample_axis != step_axis and samples == count:
                found = True
                ordered = valid if sample_axis < step_axis else valid.T
                yield ordered.reshape(
                    [extent if at in (sample_axis, step_axis) else 1 for at, extent in enumerate(shape)]
                )
    if not found:
        yield torch.ones([1] * len(shape), dtype=torch.bool)


class _PaddingFurther(TorchFunctionMode):
    """Inside, ``pad_packed_sequence`` pads some steps further than it is asked to."""

    def __torch_function__(
        self, func: Callable[..., Any], types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        # by name, because the function is torch's own affair, and a version without it must not raise here; its five
        # arguments end with the length to pad to (see ``pad_packed_sequence`` in torch.nn.utils.rnn)
        if getattr(func, "__name__", "") == "_pad_packed_sequence" and len(args) == 5:
            args = (*args[:4], args[4] + FURTHER)
        return func(*args, **(kwargs or {}))


def padded_further(suspects: Sequence[Suspect], runs: Evaluations | None) -> Checked:
    """What happens to the result, in evaluation mode, when every sample is padded further."""
    if runs is None and suspects:
        return Checked.of(
            ["what pad_packed_sequence filled up reaches the result: not checked any further without a second run"]
        )
    return Checked.of(_further(suspects[0], runs)) if suspects and runs is not None else Checked()


def _further(suspect: Suspect, runs: Evaluations) -> Iterator[Concern | str]:
    unsure = "what pad_packed_sequence filled up reaches the result: not checked any further, because"
    try:
        # the run that ``differs_between_runs`` asks for too: it is made once
        near = runs.result(1)
        with _PaddingFurther():
            far = runs.repeated(1)
    except Exception as error:  # whatever the user's model raises
        yield f"{unsure} with more padding it raises {type(error).__name__}: {first_line(error)}"
        return
    changes = [
        change
        for (_, before), (_, after) in zip(near, far, strict=False)
        if before.is_floating_point() and (change := _change(before, after, suspect.valid)) is not None
    ]
    runs.steady |= len(near) == len(far) == len(changes) and not max(changes, default=1.0)
    if runs.steady and not runs.draws(1) and not max(changes, default=1.0):
        return
    try:
        again = runs.result(2)
    except Exception as error:
        yield f"{unsure} when it is run again it raises {type(error).__name__}: {first_line(error)}"
        return
    if difference(near, again) is not None:
        yield f"{unsure} the result is random"
    elif len(near) != len(far) or not changes:
        yield f"{unsure} with more padding it has another shape"
    # last, because only a result that is steady and keeps its shape shows anything by its numbers
    elif max(changes) > 0:
        yield Concern(
            "padding-as-data",
            f"padding is read as data: padded {FURTHER} steps further, the same batch gives results that differ by up"
            f" to {max(changes):.3g}",
            suspect.place,
        )


def _change(before: Tensor, after: Tensor, valid: Tensor) -> float | None:
    """The largest difference at valid steps; 0 within rounding, None where the two cannot be laid beside each other."""
    count, steps = valid.shape
    differing = [axis for axis, pair in enumerate(zip(before.shape, after.shape, strict=False)) if pair[0] != pair[1]]
    if before.dim() != after.dim() or len(differing) > 1:
        return None
    found: list[float] = []
    if not differing:
        found = [_difference(before, after, torch.ones([1] * before.dim()))]
    elif after.shape[differing[0]] == before.shape[differing[0]] + FURTHER:
        shorter = after.narrow(differing[0], 0, before.shape[differing[0]])
        found = [_difference(before, shorter, mask) for mask in _masks(before.shape, valid)]
    elif after.shape[differing[0]] == count * (steps + FURTHER) and before.shape[differing[0]] == count * steps:
        axis = differing[0]
        split = after.reshape(*after.shape[:axis], count, -1, *after.shape[axis + 1 :])
        by_sample = split.narrow(axis + 1, 0, steps).flatten(axis, axis + 1)
        by_step = after.narrow(axis, 0, count * steps)
        masks = list(_masks(before.shape, valid))
        found = [_difference(before, laid, mask) for laid in (by_sample, by_step) for mask in masks]
    return min(found) if found else None


def _difference(before: Tensor, after: Tensor, mask: Tensor) -> float:
    kept = mask.to(before.device, torch.bool).expand(before.shape)
    return apart(before[kept], after[kept])
