"""Every claim of the rules, over the grid, on one device."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, replace
from multiprocessing import get_context

import torch

from rnnlint.rules import pages
from rnnlint.rules.claims import Claim
from rnnlint.rules.rule import Rule
from rnnlint.runtime.confirm import examples, grid
from rnnlint.runtime.confirm.devices import seeds_kept
from rnnlint.runtime.confirm.grid import Configuration, spread
from rnnlint.runtime.confirm.judging import Setting, judged, simplest
from rnnlint.runtime.confirm.verdicts import Failure, RuleResult, Verdict
from rnnlint.runtime.confirm.witnesses import SHARP, Refuted, Unsupported
from rnnlint.runtime.truth.tolerances import exact_kernels


@dataclass(frozen=True, slots=True)
class Scale:
    """How much is tried.

    ``configurations``, and of those that a claim is about, how many it is run on, linted in and differentiated in.
    """

    name: str
    configurations: Callable[[], tuple[Configuration, ...]]
    run: int
    linted: int
    differentiated: int


# So many, because a quick run is to take under a minute and a full one under ten (docs/confirm.md); linting and
# autograd take longer than a run, so fewer configurations get them.
QUICK = Scale("quick", grid.quick, run=96, linted=12, differentiated=6)
FULL = Scale("full", grid.full, run=len(grid.full()), linted=240, differentiated=48)

_SMALL = 48  # numbers in the states of a layer: differentiated quickly
_PARTS = 64  # of a run in several processes: enough for a progress bar, few enough not to matter


@dataclass(frozen=True, slots=True)
class Subject:
    """A claim and the code of its rule."""

    code: str
    claim: Claim


@dataclass(frozen=True, slots=True)
class Trial:
    """A configuration, and the claims to try in it: (number of the subject, whether to lint, to differentiate)."""

    configuration: Configuration
    claims: tuple[tuple[int, bool, bool], ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """What to try, on one device.  Plain data: it can be sent to another process."""

    subjects: tuple[Subject, ...]
    trials: tuple[Trial, ...]
    device: str
    dtypes: tuple[torch.dtype, ...]
    seed: int


Found = dict[tuple[int, torch.dtype], Verdict]
"""By the number of the subject and the dtype."""


def confirm(
    rules: Sequence[Rule],
    device: str,
    dtypes: Sequence[torch.dtype],
    *,
    scale: Scale = QUICK,
    seed: int = 0,
    jobs: int = 1,
    progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> list[RuleResult]:
    """Every claim of ``rules`` and the programs of their pages, on ``device`` in each of ``dtypes``.

    ``progress`` is told how many of how many configurations are done.  torch's state is as it was, afterwards.
    """
    subjects = tuple(Subject(rule.code, claim) for rule in rules for claim in rule.claims)
    plan = Plan(subjects, planned(subjects, scale), device, tuple(dtypes), seed)
    with undisturbed(device):
        found = tried(plan, progress) if jobs == 1 else _tried_by(jobs, plan, progress)
        found = {key: _simplest(plan, *key, verdict) for key, verdict in found.items()}
        return [_result(rule, dtype, plan, found) for rule in rules for dtype in dtypes]


def planned(subjects: Sequence[Subject], scale: Scale) -> tuple[Trial, ...]:
    """Which claims to try in which configurations, the simplest configurations first."""
    configurations = scale.configurations()
    wanted: dict[Configuration, list[tuple[int, bool, bool]]] = {one: [] for one in configurations}
    for number, subject in enumerate(subjects):
        meeting = spread([one for one in configurations if one.meets(subject.claim.where)], scale.run)
        linted = set(spread(meeting, scale.linted))
        differentiated = set(spread([one for one in meeting if one.volume <= _SMALL], scale.differentiated))
        for one in meeting:
            wanted[one].append((number, one in linted, one in differentiated))
    return tuple(Trial(one, tuple(claims)) for one, claims in wanted.items() if claims)


@contextlib.contextmanager
def undisturbed(device: str) -> Iterator[None]:
    """Inside, kernels are exact, one thread computes and nothing warns; afterwards torch is as it was."""
    with contextlib.ExitStack() as scope:
        scope.callback(torch.set_num_threads, torch.get_num_threads())
        scope.callback(torch.set_default_dtype, torch.get_default_dtype())
        scope.enter_context(seeds_kept(device))
        scope.enter_context(warnings.catch_warnings())
        scope.enter_context(exact_kernels())
        scope.enter_context(torch.enable_grad())
        warnings.simplefilter("ignore")
        # after the callbacks above have taken down what was set, which is what they put back
        torch.set_default_dtype(torch.float32)
        torch.set_num_threads(1)  # the tensors are small
        yield


def tried(plan: Plan, progress: Callable[[int, int], None] = lambda _done, _all: None) -> Found:
    """Every trial of a plan.  A claim is not tried further in a dtype in which it is refuted."""
    found: Found = {}
    for done, trial in enumerate(plan.trials, start=1):
        for number, lint, differentiate in trial.claims:
            for dtype in plan.dtypes:
                # simplest configurations first (``planned``), so that the first refutation is one to look at
                before = found.get((number, dtype))
                if before and (before.failure or before.skipped):
                    continue
                first = dtype == plan.dtypes[0]  # what does not depend on the dtype is asked once
                sharp = first and dtype in SHARP
                setting = Setting(plan.device, dtype, plan.seed, first and lint, first, sharp and differentiate)
                subject = plan.subjects[number]
                _join(found, {(number, dtype): judged(subject.code, subject.claim, trial.configuration, setting)})
        progress(done, len(plan.trials))
    return found


def _tried_by(jobs: int, plan: Plan, progress: Callable[[int, int], None]) -> Found:
    """The same, by several processes."""
    # every 64th, because the simplest come first and each part is to have some of all
    parts = [replace(plan, trials=plan.trials[start::_PARTS]) for start in range(_PARTS)]
    found: Found = {}
    done = 0
    # a forked process would inherit the locks of torch's thread pools
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        running = {pool.submit(_alone, part): len(part.trials) for part in parts if part.trials}
        for future in as_completed(running):
            _join(found, future.result())
            done += running[future]
            progress(done, len(plan.trials))
    return found


def _alone(plan: Plan) -> Found:
    with undisturbed(plan.device):
        return tried(plan)


def _join(found: Found, more: Found) -> None:
    for key, verdict in more.items():
        found[key] = found[key].joined(verdict) if key in found else verdict


def _simplest(plan: Plan, number: int, dtype: torch.dtype, verdict: Verdict) -> Verdict:
    if verdict.failure is None:
        return verdict
    subject, setting = plan.subjects[number], Setting(plan.device, dtype, plan.seed)
    return replace(verdict, failure=simplest(subject.code, subject.claim, setting, verdict.failure))


def _result(rule: Rule, dtype: torch.dtype, plan: Plan, found: Found) -> RuleResult:
    verdicts = [
        found.get((number, dtype)) or Verdict(claim.kind, claim.text, skipped=f"no configuration with {claim.where}")
        for number, (code, claim) in enumerate((subject.code, subject.claim) for subject in plan.subjects)
        if code == rule.code
    ]
    name = str(dtype).removeprefix("torch.")
    return RuleResult(rule.code, rule.name, plan.device, name, (*verdicts, *_of_page(rule, plan.device, dtype)))


def not_run(rule: Rule, device: str, dtype: torch.dtype, why: str) -> RuleResult:
    """The result of a rule that was not tried, for a reason."""
    kinds = [(claim.kind, claim.text) for claim in rule.claims] + list(_page_texts(rule).items())
    verdicts = tuple(Verdict(kind, text, skipped=why) for kind, text in kinds)
    return RuleResult(rule.code, rule.name, device, str(dtype).removeprefix("torch."), verdicts)


def _page_texts(rule: Rule) -> dict[str, str]:
    """What is claimed of the programs of a rule's page, by the kind of program."""
    if "Example" not in pages.sections(rule):
        return {}
    error = pages.raises(rule)
    return {
        "example": f"the page's example is reported, and {f'torch raises {error}' if error else 'runs'}",
        "instead": "what the page writes instead is not reported, and runs",
    }


def _of_page(rule: Rule, device: str, dtype: torch.dtype) -> Iterator[Verdict]:
    """The programs of a rule's page."""
    for kind, text in _page_texts(rule).items():
        source = pages.program(rule, kind.capitalize())
        verdict = Verdict(kind, text, configurations=1)
        try:
            # what the page shows as wrong is to be reported; what it writes instead is not
            if kind == "example":
                examples.example(source, rule.code, pages.raises(rule), device, dtype)
            else:
                examples.instead(source, device, dtype)
        except Unsupported as why:
            verdict = Verdict(kind, text, skipped=str(why))
        except Refuted as refuted:
            failure = Failure((), "as it stands", refuted.witness, refuted.numbers, source)
            verdict = replace(verdict, failure=failure)
        yield verdict
