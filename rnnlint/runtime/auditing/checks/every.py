"""All questions to one run."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from torch import nn

from rnnlint.runtime.auditing.checks.concern import Checked, Concern
from rnnlint.runtime.auditing.checks.gradients import starving
from rnnlint.runtime.auditing.checks.influence import NoGradientError, Overview
from rnnlint.runtime.auditing.checks.padding import leaking
from rnnlint.runtime.auditing.checks.results import differentiable
from rnnlint.runtime.auditing.checks.samples import mixed
from rnnlint.runtime.auditing.checks.steps import idle
from rnnlint.runtime.auditing.record import Recorded


def concerns(model: nn.Module, recorded: Recorded, result: object, run: Callable[[], object] | None = None) -> Checked:
    """What the gradients of a run say of samples, steps, parameters and padding.

    ``result`` is what the model returned (a nested structure of tensors, with its graph).  ``run`` runs the model
    again on the same inputs; it is called only if padding reaches the result.  The model is left as it was, its
    gradients included.
    """
    return Checked.of(_every(model, recorded, result, run))


def _every(
    model: nn.Module, recorded: Recorded, result: object, run: Callable[[], object] | None
) -> Iterator[Concern | str]:
    if not recorded.recurrences:
        return  # which is a concern of its own: nothing was judged at all
    results, reasons = differentiable(result)
    yield from reasons
    if not results:
        return
    try:
        overview = Overview.of(results, recorded.recurrences)
        yield from mixed(model, recorded, results, overview)
        yield from idle(recorded, results, overview)
        yield from starving(recorded, results, overview, complete=not reasons)
        yield from leaking(model, recorded, results, run)
    except NoGradientError as error:
        yield f"influence was not checked any further, because {error}"
