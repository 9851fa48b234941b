"""Parameters of recurrent modules that can get no gradient, with the reading that causes it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import torch
from torch import Tensor, nn

from rnnlint.runtime.auditing.checks.concern import Concern
from rnnlint.runtime.auditing.checks.influence import Overview, called, selects
from rnnlint.runtime.auditing.record import Recorded, Recurrence
from rnnlint.runtime.auditing.structure import PARAMETER

_NAMED = 4  # parameters named in a message


def starving(
    recorded: Recorded, results: Sequence[tuple[str, Tensor]], overview: Overview, *, complete: bool
) -> Iterator[Concern | str]:
    """Trainable parameters whose gradient is zero because of what is read of the module's results.

    A zero gradient is only reported if the states that are read explain it; others are noted, since data can cause
    them too (a dead relu, an input of zeros, a last layer that starts at zero).  ``complete`` says that ``results``
    are all the tensors the model returned: only then can a module reach none of them.
    """
    by_module: dict[int, list[Recurrence]] = {}
    for call in recorded.recurrences:
        by_module.setdefault(id(call.module), []).append(call)
    for calls in by_module.values():
        yield from _of_module(calls, results, overview, complete)


def _of_module(
    calls: Sequence[Recurrence], results: Sequence[tuple[str, Tensor]], overview: Overview, complete: bool
) -> Iterator[Concern | str]:
    first = calls[0]
    name = called(first)
    gradients = [gradient for call in calls for gradient in _arriving(call, overview)]
    if not any(_returned_with_gradient(call) for call in calls):
        yield f"{name} was not checked, because it ran without gradients"
        return
    dead = [
        parameter
        for parameter, value in first.module.named_parameters()
        if value.requires_grad and not _nonzero(overview.parameters.get(id(value)))
    ]
    if all(gradient is None for gradient in gradients):
        if complete and dead:
            yield _concern(first, dead, ("unread-states", f"nothing that {name} returns reaches the result"))
        elif dead:
            yield f"{name} was not checked, because what it returns reaches none of the results that were"
        return
    if not any(map(_nonzero, gradients)):
        yield f"{name} was not checked, because no gradient arrives at it (a dead relu, or a layer that starts at zero)"
        return
    reads = _steps_read(calls, overview)
    selecting = selects(results, calls)
    reasons: dict[tuple[str, str], list[str]] = {}
    for parameter in dead:
        reason = None if reads is None else _reason(calls, parameter, reads)
        if reason is None or selecting:
            yield f"{_qualified(first, parameter)} gets no gradient in this run, which its reading does not explain"
        elif any(reason):
            reasons.setdefault(reason, []).append(parameter)
    for reason, parameters in reasons.items():
        yield _concern(first, parameters, reason)
    if reads is not None and not selecting:
        yield from _frozen(calls, reads)


def _concern(call: Recurrence, parameters: Sequence[str], why: tuple[str, str]) -> Concern:
    name, reason = why
    names = tuple(_qualified(call, parameter) for parameter in parameters)
    listed = ", ".join(names[:_NAMED]) + (f" and {len(names) - _NAMED} more" if len(names) > _NAMED else "")
    return Concern(name, f"{listed}: no gradient, because {reason}", call.place, names)


def _qualified(call: Recurrence, parameter: str) -> str:
    return f"{call.name}.{parameter}" if call.name else parameter


def _nonzero(gradient: Tensor | None) -> bool:
    return gradient is not None and bool((gradient != 0).any())


def _arriving(call: Recurrence, overview: Overview) -> list[Tensor | None]:
    return [overview.output.get(id(call)), *overview.states.get(id(call), ())]


def _returned_with_gradient(call: Recurrence) -> bool:
    return any(one is not None and one.requires_grad for one in (call.output, *call.states))


def _steps_read(calls: Sequence[Recurrence], overview: Overview) -> Tensor | None:
    """(L, D): the most steps that any state has read which the result depends on; None for another kind of module.

    A forward state after step t has read t + 1 steps, a backward one length - t; final states have read all.
    """
    module = calls[0].module
    if isinstance(module, nn.RNNCellBase):
        return torch.ones(1, 1, dtype=torch.int64)
    if not isinstance(module, nn.RNNBase):
        return None
    layers, directions = module.num_layers, 2 if module.bidirectional else 1
    found = torch.zeros(layers, directions, dtype=torch.int64)
    for call in calls:
        lengths = call.lengths()
        reads = torch.zeros(layers, directions, len(lengths), dtype=torch.int64)
        for state in overview.states[id(call)]:
            if state is not None:
                reads = reads.maximum(
                    (state != 0).reshape(layers, directions, len(lengths), -1).any(-1).cpu() * lengths
                )
        output = overview.output[id(call)]
        if output is not None:
            samples, steps = call.rows()
            touched = (output != 0).reshape(*output.shape[:-1], directions, -1).any(-1).cpu()
            for direction in range(directions):
                count = (lengths[samples] - steps if direction else steps + 1) * touched[..., direction]
                reads[-1, direction].scatter_reduce_(0, samples.flatten(), count.flatten(), "amax")
        for layer in reversed(range(layers - 1)):
            above = reads[layer + 1]
            # What one direction has passed holds, of the other direction below, a state that has read everything.
            below = torch.where(above.flip(0) > 0, lengths, above) if directions == 2 else above
            reads[layer] = reads[layer].maximum(below)
        found = found.maximum(reads.amax(-1))
    return found


def _reason(calls: Sequence[Recurrence], parameter: str, reads: Tensor) -> tuple[str, str] | None:
    """Why a parameter gets no gradient: the concern's name, and in words; both "" if that is natural.

    None if the reading does not say.
    """
    # because parameters that a wrapper or a user adds have names of their own, and no layer to ask about
    match = PARAMETER.search(parameter)
    if match is None:
        return None
    kind, layer, direction = match[1], int(match[2] or 0), int(match[3] is not None)
    read = int(reads[layer, direction])
    what = _what(calls[0], layer, direction, reads.shape)
    if read == 0:
        return "unread-states", f"{what} is never read"
    # because ``weight_ih`` meets the input at the first step already; ``weight_hh`` (and ``weight_hr``, where only a
    # cell state is read) meets only what came before, which is zero at the first step unless a state is handed in
    if kind == "ih" or read > 1 or any(_nonzero(state) for call in calls for state in call.initial):
        return None
    if max(int(call.lengths().max()) for call in calls) > 1:
        return "one-step-read", f"{what} is only read after one step"
    # because two calls of one step can be two sequences of one step; docs/concerns.md shows the loop that is meant
    if len(calls) < 3:
        return "", ""
    return "stateless-steps", f"each of {len(calls)} calls reads one step, and none is handed a state"


def _what(call: Recurrence, layer: int, direction: int, shape: Sequence[int]) -> str:
    layers, directions = shape
    side = ("forward", "backward")[direction]
    if directions == 1:
        return f"layer {layer} of {called(call)}" if layers > 1 else f"the output of {called(call)}"
    of = f"layer {layer} of {called(call)}" if layers > 1 else called(call)
    return f"the {side} direction of {of}"


def _frozen(calls: Sequence[Recurrence], reads: Tensor) -> Iterator[Concern]:
    """A direction read too early shows in no gradient if its parameters are frozen."""
    if reads.shape[1] == 1 or max(int(call.lengths().max()) for call in calls) < 2:
        return
    suffixes = ("", "_reverse")
    for direction in range(2):
        weight = getattr(calls[0].module, f"weight_hh_l{len(reads) - 1}{suffixes[direction]}", None)
        if isinstance(weight, Tensor) and weight.is_leaf and not weight.requires_grad and reads[-1, direction] == 1:
            what = _what(calls[0], len(reads) - 1, direction, reads.shape)
            yield Concern("one-step-read", f"{what} is only read after one step", calls[0].place, (calls[0].name,))
