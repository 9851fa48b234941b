"""Auditing one model: run it once, watched; ask its gradients; leave it as it was."""

from __future__ import annotations

import contextlib
import inspect
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import CodeType

import torch
from torch import nn

from rnnlint.linter import INTERNAL
from rnnlint.runtime.auditing.carried import DISAGREE
from rnnlint.runtime.auditing.checks import Checked, Concern, concerns, differs_between_runs, settle
from rnnlint.runtime.auditing.coverage import Coverage
from rnnlint.runtime.auditing.names import Names
from rnnlint.runtime.auditing.observe import observed
from rnnlint.runtime.auditing.record import Recorded, Recurrence
from rnnlint.runtime.auditing.report import UNSEEN, Report, judged, waive
from rnnlint.runtime.auditing.untouched import untouched
from rnnlint.runtime.auditing.watch import Watch


def audit(model: object, *inputs: object, allow: str | Iterable[str] = (), **kwargs: object) -> Report:
    """Run ``model(*inputs, **kwargs)`` for real and report what it reads of its recurrent modules.

    ``allow`` waives rules (by code, prefix of codes or name) and concerns (by name): what is meant to be so.
    Afterwards the model (parameters, buffers, hooks, training mode, attributes), the random number generators and
    torch's settings are what they were.  What the model raises is in the report, with what was found before.
    Raises TypeError for what is no module, ValueError for a name in ``allow`` that does not exist.
    """
    return audited(model, inputs, kwargs, allowed=Names.of(allow, "allow"))


def audited(
    model: object,
    inputs: Sequence[object],
    kwargs: Mapping[str, object],
    *,
    allowed: Names | None = None,
    selected: Names | None = None,
) -> Report:
    """:func:`audit` of ``model(*inputs, **kwargs)``.

    With ``selected``, only these rules and concerns are asked for; rules that are off by default are turned on by it.
    Raises TypeError.
    """
    if not isinstance(model, nn.Module):
        raise TypeError(f"audit takes a model and its inputs, and a {type(model).__name__} is no nn.Module")

    def run() -> object:
        return model(*inputs, **kwargs)

    watch = Watch({module: name for name, module in model.named_modules()})
    checked, evaluation, error = Checked(), Checked(), None
    with untouched(model), _uncompiled():
        settled = settle(model)
        try:
            with torch.enable_grad(), torch.backends.cudnn.flags(enabled=False), observed(watch, _forward(model)):
                result = run()
        except Exception as raised:  # whatever the user's model raises is part of the report
            error = raised
        else:
            recorded = Recorded(watch.recurrences, watch.padded, watch.embedded, (inputs, kwargs), settled)
            checked = concerns(model, recorded, result, run)
            evaluation = differs_between_runs(model, run)
    watch.run.finish()
    coverage, failures = watch.tally.coverage(), watch.run.world.failures
    also = frozenset() if selected is None else selected.off_by_default
    found = judged(watch.run.events, failures, also, passed=error is None)
    concerned = (*checked.concerns, *evaluation.concerns, *(_unjudged(coverage) if error is None else ()))
    if selected is not None:
        found = tuple(one for one in found if selected.has_rule(one.code))
        concerned = tuple(one for one in concerned if selected.has_concern(one.name) or one.kind == "coverage")
    found, concerned, waived = waive(found, concerned, allowed or Names())
    unknown: Counter[str] = Counter()
    for (reason, _), times in watch.run.unknown.items():
        unknown[reason] += times
    wrong = [reason for reason in unknown if reason.startswith((INTERNAL, DISAGREE))]
    wrong += [f"{INTERNAL}: {failure.what} at {failure.where}: {failure.error}" for failure in failures.kept.values()]
    unfollowed = [f"{name} was not followed: {why}" for name, why in watch.not_followed.items()]
    return Report(
        found,
        concerned,
        error,
        (
            *wrong,
            *unfollowed,
            *_unasked(selected),
            *_coinciding(watch.recurrences),
            *checked.notes,
            *evaluation.notes,
        ),
        tuple(sorted(unknown.items())),
        waived,
        coverage,
    )


def _unjudged(coverage: Coverage) -> Iterator[Concern]:
    """Silence must not look like a clean bill where there was nothing to look at."""
    if not coverage.calls:
        yield Concern("nothing-judged", "no recurrent module of torch was called, so there was nothing to judge")
    elif not coverage.judged:
        yield Concern("nothing-judged", f"nothing was judged: {coverage}")


def _unasked(selected: Names | None) -> Iterator[str]:
    """Rules that were asked for by name and that no run can answer."""
    for code in sorted(UNSEEN if selected is not None else ()):
        if selected is not None and code in selected.prefixes:
            yield f"{code} is for the linter: one run does not show {UNSEEN[code]}"


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
