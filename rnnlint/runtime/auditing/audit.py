"""Auditing one model: run it once, watched; ask its gradients; leave it as it was."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from torch import nn

from rnnlint.report import INTERNAL
from rnnlint.runtime.auditing import attempts
from rnnlint.runtime.auditing.checks import Concern
from rnnlint.runtime.auditing.coverage import Coverage
from rnnlint.runtime.auditing.moved_labels import DISAGREE
from rnnlint.runtime.auditing.names import Names
from rnnlint.runtime.auditing.phases import Phases
from rnnlint.runtime.auditing.progress import shown
from rnnlint.runtime.auditing.record import Recurrence
from rnnlint.runtime.auditing.report import UNSEEN, Found, Report, judged, waive


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

    phases = Phases()
    with shown(phases):
        seen = attempts.run(model, tuple(inputs), dict(kwargs), phases)
    run, coverage = seen.watch.run, seen.watch.tally.coverage()
    also = frozenset[str]() if selected is None else selected.off_by_default
    found: tuple[Found, ...] | None = None
    sizes: list[str] = []
    if seen.followed:
        with phases.phase("rules"), run.learned.failures.contained("the rules"):
            found = judged(
                seen.watch.events, run.learned.failures, also, passed=seen.error is None, lengths=seen.watch.lengths
            )
    # apart from the rules, so that a mistake of ours in one costs no word of the other
    with run.learned.failures.contained("the look at sizes"):
        sizes += _coinciding(seen.watch.recurrences)
    concerned = (*seen.checked.concerns, *seen.evaluation.concerns)
    # because a run that broke off has said already why nothing was judged
    if seen.error is None and found is not None:
        concerned += tuple(_unjudged(coverage))
    kept = found or ()
    # because ``selected`` asks and ``allowed`` answers: what was not asked for is not waived either
    if selected is not None:
        kept = tuple(one for one in kept if selected.has_rule(one.code))
        # because that nothing was judged is an answer to every question that was asked
        concerned = tuple(one for one in concerned if selected.has_concern(one.name) or one.kind == "coverage")
    kept, concerned, waived = waive(kept, concerned, allowed or Names())
    unknown = _unknown(run.losses.why)
    return Report(
        kept,
        concerned,
        seen.error,
        (*seen.notes, *_lost(seen, unknown), *_unasked(selected), *sizes, *seen.checked.notes, *seen.evaluation.notes),
        tuple(sorted(unknown.items())),
        waived,
        coverage,
        timings=phases.seconds,
        failures=tuple(dict.fromkeys((*run.learned.failures.kept.values(), *seen.failures))),
        followed=found is not None,
    )


def _unknown(why: Mapping[tuple[str, object], int]) -> Counter[str]:
    """How often something was lost for which reason, wherever it was."""
    counted: Counter[str] = Counter()
    for (reason, _), times in why.items():
        counted[reason] += times
    return counted


def _lost(seen: attempts.Outcome, unknown: Iterable[str]) -> Iterator[str]:
    """What the audit itself got wrong, and the modules it could not look into."""
    # because labels that disagree show a mistake of ours, and must not drown among what is merely not known
    yield from (reason for reason in unknown if reason.startswith(DISAGREE))
    for one in seen.watch.run.learned.failures.kept.values():
        yield f"{INTERNAL}: {one.what}{_at(one.where)}: {one.error}"
    yield from (f"{name} was not followed: {why}" for name, why in seen.watch.not_followed.items())


def _at(where: object) -> str:
    return "" if where is None else f" at {where}"


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
