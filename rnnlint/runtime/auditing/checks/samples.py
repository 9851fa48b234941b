"""Samples that influence each other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.nn.utils.rnn import PackedSequence

from rnnlint.runtime.auditing.checks.concern import Concern
from rnnlint.runtime.auditing.checks.influence import (
    NoGradientError,
    Overview,
    called,
    hit,
    pull,
    selects,
    strengths,
    weights,
)
from rnnlint.runtime.auditing.checks.results import tensors
from rnnlint.runtime.auditing.record import Recorded, Recurrence
from rnnlint.runtime.auditing.structure import Walk

_AT_MOST = 8  # samples asked for one by one, once something is wrong
_BITS = 4  # products for up to 16 samples; in larger batches see ``_halves_apart``
_NAMED = 4  # modules named in a note
_CLASSES = 31  # powers of two up to 2 ** 30, which a gradient in float32 has room for


def settle(model: nn.Module) -> tuple[str, ...]:
    """Put the modules that mix samples on purpose into evaluation mode; their names."""
    names = [
        name
        for name, module in model.named_modules()
        if _normalises_batch(module) and module.training and getattr(module, "running_mean", None) is not None
    ]
    for name in names:
        model.get_submodule(name).eval()
    return tuple(names)


def mixed(
    model: nn.Module, recorded: Recorded, results: Sequence[tuple[str, Tensor]], overview: Overview
) -> Iterator[Concern | str]:
    """Results whose samples depend on other samples of what a recurrent module read.

    A result's axis of N elements keeps the samples apart if each element depends on one sample at most, and no two on
    the same.  A result is only reported if it has such an axis and none keeps them apart.
    Raises :class:`NoGradientError`.
    """
    if recorded.settled:
        yield _settled(recorded.settled)
    calls = [call for call in recorded.recurrences if call.input.requires_grad and call.samples > 1]
    # before batches are told by the inputs, because it asks of a call's own samples, whichever they are
    yield from _alone(calls, results, overview)
    batches = _batches(recorded.inputs)
    for count, group in groupby(sorted(calls, key=lambda call: call.samples), key=lambda call: call.samples):
        if not batches or count in batches:
            yield from _of_batch(model, recorded, results, count, list(group), overview)


def _of_batch(
    model: nn.Module,
    recorded: Recorded,
    results: Sequence[tuple[str, Tensor]],
    count: int,
    calls: Sequence[Recurrence],
    overview: Overview,
) -> Iterator[Concern | str]:
    found = [(name, tensor, axes) for name, tensor in results if (axes := _axes(tensor, count))]
    first = [(tensor, axes[0]) for _, tensor, axes in found]
    whole = overview if len(found) == len(results) else None
    # from the cheapest to the dearest, because most models are right: two products, then two a bit, then one a sample
    if not found or _scales_apart(first, calls, whole) or _halves_apart(first, count, calls):
        return
    for name, tensor, axes in found:
        examples = [_mixing(tensor, axis, count, calls) for axis in axes]
        if any(example is None for example in examples):
            continue
        batchwise = _batchwise(model, recorded.settled)
        if len(axes) > 1:
            yield f"{name} was not checked for mixed samples, because it compares the samples of a batch"
        elif count in _other_extents(recorded.recurrences):
            yield f"{name} mixes something, samples or not: {count} is also a width or a length; try another batch size"
        elif batchwise:
            yield f"{name} mixes samples, as {', '.join(batchwise)} does on purpose: not checked any further"
        elif examples[0] is not None:
            sample, other, call = examples[0]
            yield Concern(
                "mixed-samples",
                f"{name} of sample {sample} depends on sample {other} of what {called(call)} reads",
                call.place,
                (call.name,),
            )


def _settled(names: Sequence[str]) -> str:
    """One line for all of them: a convolutional encoder has dozens."""
    were, they, mix = ("was", "it", "mixes") if len(names) == 1 else ("were", "they", "mix")
    named = ", ".join(names[:_NAMED]) + (f" and {len(names) - _NAMED} more" if len(names) > _NAMED else "")
    return f"{named} {were} in evaluation mode for the run: in training {they} {mix} the samples of a batch on purpose"


def _axes(tensor: Tensor, count: int) -> list[int]:
    return [axis for axis, extent in enumerate(tensor.shape) if extent == count]


def _scales_apart(found: Sequence[tuple[Tensor, int]], calls: Sequence[Recurrence], overview: Overview | None) -> bool:
    """Whether sample i of every result surely depends on sample i of the input alone.

    If each sample of the results is weighted by a power of two of its own, the gradients of a sample that influences
    no other are scaled by that very power: powers of two are exact, and nothing else comes in between.  So two
    products decide, of which ``overview`` has the first where it is of these results.  In batches of more than 31,
    one pair of samples in 31 has the same power, and such a pair alone would not show.  A gradient that is not scaled
    exactly decides nothing: it may be too small to be.
    """
    watched = {
        id(tensor): (tensor, samples) for call in calls for tensor, samples in call.by_sample() if tensor.requires_grad
    }
    inputs = [tensor for tensor, _ in watched.values()]
    walk = Walk() if overview is None else overview.walk
    plain = [(tensor, weights(tensor, seed)) for seed, (tensor, _) in enumerate(found)]
    powered = [
        (tensor, weight * _powers(tensor, axis)) for (tensor, weight), (_, axis) in zip(plain, found, strict=True)
    ]
    try:
        before = pull(plain, inputs, walk) if overview is None else [overview.gradients.get(key) for key in watched]
        after = pull(powered, inputs, walk)
    except NoGradientError:
        return False
    return all(
        (one is None and other is None)
        or (one is not None and other is not None and torch.equal(one * _power(samples).to(one), other))
        for one, other, (_, samples) in zip(before, after, watched.values(), strict=True)
    )


def _powers(tensor: Tensor, axis: int) -> Tensor:
    samples = torch.arange(tensor.shape[axis]).view([-1 if at == axis else 1 for at in range(tensor.dim())])
    return _power(samples).to(tensor)


def _power(samples: Tensor) -> Tensor:
    """The weight of a sample.  No distance between samples is one at which all have the same."""
    # 7, because it is prime to 31: samples 31, 62, ... apart get other powers
    # (test_no_distance_between_samples_is_overlooked)
    return torch.exp2(((samples + 7 * (samples // _CLASSES)) % _CLASSES).double())


def _halves_apart(found: Sequence[tuple[Tensor, int]], count: int, calls: Sequence[Recurrence]) -> bool:
    """Whether sample i of every result depends on sample i of the input alone.

    Any two samples differ in a bit of their numbers; so 2 log2(N) products decide what would take N, one a sample.
    In batches of more than 16, samples that are a multiple of 16 apart are taken to be as independent as the others.
    """
    numbers = torch.arange(count)
    for bit in range(min((count - 1).bit_length(), _BITS)):
        for side in (0, 1):
            chosen = (numbers >> bit) & 1 == side
            if (_touched(found, chosen, calls) & ~chosen).any():
                return False
    return True


def _mixing(tensor: Tensor, axis: int, count: int, calls: Sequence[Recurrence]) -> tuple[int, int, Recurrence] | None:
    """A sample of the result, a sample of the input it should not depend on, and the call that reads it.

    Each call may have the batch in an order of its own: sorted by length, say.
    """
    taken: list[dict[int, int]] = [{} for _ in calls]
    for sample in torch.linspace(0, count - 1, min(count, _AT_MOST)).long().tolist():
        tables = _touched([(tensor, axis)], torch.arange(count) == sample, calls)
        for call, table, before in zip(calls, tables, taken, strict=True):
            touched = table.nonzero().flatten().tolist()
            if len(touched) > 1:
                return sample, next(one for one in touched if one != sample), call
            for one in touched:
                if one in before:
                    return (before[one] if one == sample else sample), one, call
                before[one] = sample
    return None


def _touched(found: Sequence[tuple[Tensor, int]], chosen: Tensor, calls: Sequence[Recurrence]) -> Tensor:
    """(calls, N): the samples of each call's input that the chosen samples of the results depend on."""
    weighted = []
    for seed, (tensor, axis) in enumerate(found):
        shape = [-1 if at == axis else 1 for at in range(tensor.dim())]
        weighted.append((tensor, weights(tensor, seed) * chosen.view(shape).to(tensor)))
    gradients = pull(weighted, [call.input for call in calls])
    tables = [hit(strengths(call, gradient)).any(1) for call, gradient in zip(calls, gradients, strict=True)]
    return torch.stack(tables)


def _alone(calls: Sequence[Recurrence], results: Sequence[tuple[str, Tensor]], overview: Overview) -> Iterator[Concern]:
    """Modules of whose input only one sample matters, in all calls together."""
    together: dict[tuple[int, int], list[Recurrence]] = {}
    for call in calls:
        together.setdefault((id(call.module), call.samples), []).append(call)
    for group in together.values():
        first = group[0]
        reached = torch.stack([hit(overview.strength[id(call)]).any(1) for call in group]).any(0)
        if int(reached.sum()) == 1 and not selects(results, group):
            yield Concern(
                "single-sample",
                f"only sample {int(reached.nonzero())} of the {first.samples} that {called(first)} reads influences"
                " the result",
                first.place,
                (first.name,),
            )


def _batches(inputs: object) -> set[int]:
    """Numbers of samples the model can have been given: the extents of its inputs."""
    found = {extent for _, tensor in tensors(inputs) for extent in tensor.shape}
    waiting = [inputs]
    known: dict[int, object] = {}  # a list can hold itself
    while waiting:
        thing = waiting.pop()
        if id(thing) in known:
            continue
        known[id(thing)] = thing
        match thing:
            case PackedSequence() as packed:
                found.add(int(packed.batch_sizes[0]))
            case dict() as mapping:
                waiting += mapping.values()
            case tuple() | list() as parts:
                if parts is not inputs:
                    found.add(len(parts))
                waiting += parts
            case _:
                pass
    return found


def _other_extents(calls: Sequence[Recurrence]) -> set[int]:
    found: set[int] = set()
    for call in calls:
        found |= {call.steps, call.input.shape[-1], *(state.shape[-1] for state in call.states)}
        if call.output is not None:
            found.add(call.output.shape[-1])
    return found


def _normalises_batch(module: nn.Module) -> bool:
    """Whether a module computes statistics over samples: BatchNorm, and what keeps running statistics like it."""
    instance = isinstance(module, nn.modules.instancenorm._InstanceNorm)
    # by the buffer, because batch norms of other packages (synchronised, fused) are no subclasses of torch's
    return not instance and (isinstance(module, _BatchNorm) or "running_mean" in module._buffers)


def _batchwise(model: nn.Module, settled: Sequence[str]) -> list[str]:
    """The modules that normalised over the batch in this run."""
    return [
        name or type(module).__name__
        for name, module in model.named_modules()
        if _normalises_batch(module)
        and (getattr(module, "running_mean", None) is None or (module.training and name not in settled))
    ]
