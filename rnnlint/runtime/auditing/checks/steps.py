"""Steps that influence nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import torch
from torch import Tensor

from rnnlint.runtime.auditing.checks.concern import Concern
from rnnlint.runtime.auditing.checks.influence import Overview, called, hit, selects
from rnnlint.runtime.auditing.checks.padding import trailing
from rnnlint.runtime.auditing.checks.results import tensors
from rnnlint.runtime.auditing.record import Recorded, Recurrence


def idle(recorded: Recorded, results: Sequence[tuple[str, Tensor]], overview: Overview) -> Iterator[Concern | str]:
    """Steps that a recurrent module read and that no result depends on, in no sample.

    Padding is not counted.  One idle step is natural (a language model that predicts the next token), and so is what
    the model's inputs explain: lengths, or a mask.  A call of which nothing is read is no matter of steps.
    """
    for call in recorded.recurrences:
        table = overview.strength.get(id(call))
        # 3, because one step is read and one idle step is natural: of two no more can be idle
        if table is None or not hit(table).any() or call.steps < 3:
            continue
        unread = _idle_steps(call, table, trailing(call, recorded.embedded))
        if len(unread) < 2 or _explained(hit(table), recorded.inputs):
            continue
        if selects(results, [call]):
            yield f"steps of {called(call)} were not judged, because a maximum picks among them by value"
        elif _vanishes(table, call.input.dtype):
            yield f"steps of {called(call)} were not judged, because gradients get too small for {call.input.dtype}"
        else:
            yield Concern(
                "idle-steps",
                f"{_ranges(unread)} of the {call.steps} that {called(call)} reads influence nothing",
                call.place,
                (call.name,),
            )


def _idle_steps(call: Recurrence, table: Tensor, padding: Tensor) -> list[int]:
    """The steps that are idle in every sample; none if samples differ, for then data or lengths decide."""
    reached = hit(table)
    valid = (torch.arange(call.steps) < call.lengths()[:, None]) & ~padding & reached.any(1)[:, None]
    if ((reached & valid).any(0) & (~reached & valid).any(0)).any():
        return []
    found: list[int] = ((~reached & valid).any(0)).nonzero().flatten().tolist()
    return found


def _explained(reached: Tensor, inputs: object) -> bool:
    """Whether an input of the model says how many steps of each sample count."""
    samples, steps = reached.shape
    last = (reached * torch.arange(1, steps + 1)).amax(1)
    counts = reached.sum(1)
    numbers = [inputs] if isinstance(inputs, (list, tuple)) else []
    known: dict[int, object] = {}  # a list can hold itself
    while numbers:
        one = numbers.pop()
        if isinstance(one, (list, tuple)) and id(one) not in known:
            known[id(one)] = one
            if one == last.tolist():
                return True
            numbers += one
    for _, tensor in tensors(inputs):
        given = tensor.detach().cpu()
        if given.numel() == samples and torch.equal(given.flatten().long(), last):
            return True
        if sorted(given.shape) == sorted(reached.shape):
            kept = given != 0 if given.shape == reached.shape else (given != 0).T
            if torch.equal(kept.sum(1), counts) or torch.equal((~kept).sum(1), counts):
                return True
    return False


def _vanishes(table: Tensor, dtype: torch.dtype) -> bool:
    """Whether a zero can be a number too small to be held."""
    # 2**20, because a step more shrinks a gradient by some powers of two: where one is this near to the smallest
    # number, the next may be zero only for being smaller (test_gradients_that_vanish_are_no_idle_steps)
    return bool(table[hit(table)].min() < torch.finfo(dtype).tiny * 2**20)


def _ranges(steps: Sequence[int]) -> str:
    """Numbers in words: "steps 1 to 6", "steps 0, 2 and 4"."""
    if list(steps) == list(range(steps[0], steps[-1] + 1)):
        return f"steps {steps[0]} to {steps[-1]}"
    # six numbers, because a concern is one line; of more the first five and the last say where they lie
    named = [str(step) for step in (steps if len(steps) <= 6 else steps[:5])]
    return f"steps {', '.join(named)} and {steps[-1]}" if len(steps) > 6 else f"steps {', '.join(named)}"
