"""Auditing one model: run it once, watched; ask its gradients; leave it as it was."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from torch import nn

from rnnlint.linter import INTERNAL
from rnnlint.runtime.auditing import attempts
from rnnlint.runtime.auditing.carried import DISAGREE
from rnnlint.runtime.auditing.record import Recurrence
from rnnlint.runtime.auditing.report import Found, Report, judged


def audit(model: object, *inputs: object, **kwargs: object) -> Report:
    """Run ``model(*inputs, **kwargs)`` for real and report what it reads of its recurrent modules.

    Afterwards the model (parameters, buffers, hooks, training mode, attributes), the random number generators and
    torch's settings are what they were.  What the model raises is in the report, with what was found before.
    Raises TypeError for what is no module.
    """
    if not isinstance(model, nn.Module):
        raise TypeError(f"audit takes a model and its inputs, and a {type(model).__name__} is no nn.Module")

    seen = attempts.run(model, inputs, kwargs)
    run = seen.watch.run
    found: tuple[Found, ...] = ()
    if seen.followed:
        found = judged(run.events, run.world.failures, passed=seen.error is None)
    failures = tuple(dict.fromkeys((*run.world.failures.kept.values(), *seen.failures)))
    unknown: Counter[str] = Counter()
    for (reason, _), times in run.unknown.items():
        unknown[reason] += times
    wrong = [reason for reason in unknown if reason.startswith(DISAGREE)]
    wrong += [f"{INTERNAL}: {one.what}{_at(one.where)}: {one.error}" for one in run.world.failures.kept.values()]
    unfollowed = [f"{name} was not followed: {why}" for name, why in seen.watch.not_followed.items()]
    return Report(
        found,
        (*seen.checked.concerns, *seen.evaluation.concerns),
        seen.error,
        (
            *seen.notes,
            *wrong,
            *unfollowed,
            *_coinciding(seen.watch.recurrences),
            *seen.checked.notes,
            *seen.evaluation.notes,
        ),
        tuple(sorted(unknown.items())),
        failures=failures,
        followed=seen.followed,
    )


def _at(where: object) -> str:
    return "" if where is None else f" at {where}"


def _coinciding(calls: Sequence[Recurrence]) -> Iterator[str]:
    """Sizes that are equal by chance hide what takes one axis for another."""
    said = set()
    for call in calls:
        if isinstance(call.module, nn.RNNBase) and call.samples > 1 and call.module not in said:
            rows = call.module.num_layers * (2 if call.module.bidirectional else 1)
            others = {call.steps: "as many as steps", rows: "as many as rows of h_n"}
            if call.samples in others:
                said.add(call.module)
                name = call.name or type(call.module).__name__
                yield f"{name} read {call.samples} samples, {others[call.samples]}: another batch size shows more"
