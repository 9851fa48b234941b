"""Auditing one model: run it once, watched; ask its gradients; leave it as it was."""

from __future__ import annotations

import contextlib
import inspect
import sys
from collections.abc import Iterator, Sequence
from types import CodeType

import torch
from torch import nn

from rnnlint.linter import INTERNAL
from rnnlint.runtime.auditing.carried import DISAGREE
from rnnlint.runtime.auditing.checks import Checked, Evaluations, concerns, differs_between_runs, settle
from rnnlint.runtime.auditing.observe import observed
from rnnlint.runtime.auditing.phases import Phases
from rnnlint.runtime.auditing.progress import shown
from rnnlint.runtime.auditing.record import Recorded, Recurrence
from rnnlint.runtime.auditing.report import Report, judged
from rnnlint.runtime.auditing.untouched import untouched
from rnnlint.runtime.auditing.watch import Watch


def audit(model: object, *inputs: object, **kwargs: object) -> Report:
    """Run ``model(*inputs, **kwargs)`` for real and report what it reads of its recurrent modules.

    Afterwards the model (parameters, buffers, hooks, training mode, attributes), the random number generators and
    torch's settings are what they were.  What the model raises is in the report, with what was found before.
    Raises TypeError for what is no module.
    """
    if not isinstance(model, nn.Module):
        raise TypeError(f"audit takes a model and its inputs, and a {type(model).__name__} is no nn.Module")

    def run() -> object:
        return model(*inputs, **kwargs)

    watch = Watch({module: name for name, module in model.named_modules()})
    checked, evaluation, error = Checked(), Checked(), None
    phases = Phases()
    with shown(phases), phases.phase("putting back"), untouched(model), _uncompiled():
        settled = settle(model)
        try:
            with (
                phases.phase("the watched run"),
                torch.enable_grad(),
                torch.backends.cudnn.flags(enabled=False),
                observed(watch, _forward(model)),
            ):
                result = run()
        except Exception as raised:  # whatever the user's model raises is part of the report
            error = raised
        else:
            recorded = Recorded(watch.recurrences, watch.padded, watch.embedded, (inputs, kwargs), settled)
            runs = Evaluations(model, run)
            checked = concerns(model, recorded, result, runs, phases)
            with phases.phase("evaluation"):
                evaluation = differs_between_runs(runs, result)
    with phases.phase("rules"):
        watch.run.finish()
        failures = watch.run.world.failures
        found = judged(watch.run.events, failures)
    wrong = [reason for reason in watch.run.unknown if reason.startswith((INTERNAL, DISAGREE))]
    wrong += [f"{INTERNAL}: {failure.what} at {failure.where}: {failure.error}" for failure in failures.kept.values()]
    unfollowed = [f"{name} was not followed: {why}" for name, why in watch.not_followed.items()]
    return Report(
        found,
        (*checked.concerns, *evaluation.concerns),
        error,
        (*wrong, *unfollowed, *_coinciding(watch.recurrences), *checked.notes, *evaluation.notes),
        tuple(sorted(watch.run.unknown.items())),
        phases.seconds,
    )


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


def _forward(model: nn.Module) -> frozenset[CodeType]:
    """The code of the model's own forward: what that returns is handed out."""
    code = getattr(inspect.getattr_static(type(model), "forward", None), "__code__", None)
    return frozenset({code} if isinstance(code, CodeType) else ())


@contextlib.contextmanager
def _uncompiled() -> Iterator[None]:
    """Inside, what was compiled runs as it is written (torch 2.6 and newer)."""
    with contextlib.ExitStack() as stack:
        # nothing is compiled where dynamo, which takes seconds to import, is not there yet
        if "torch._dynamo" in sys.modules and hasattr(torch.compiler, "set_stance"):
            stack.enter_context(torch.compiler.set_stance("force_eager"))
        yield
