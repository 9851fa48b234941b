"""Running a model for an audit: watched, and alone, to know that it does under watch what it does without.

A model that runs alone must run under the audit.  Where it raises only when it is watched, or computes something else,
the audit is at fault: it is run again with nothing in its way but what torch itself lets in, and if that does not help,
nothing is said of it but this.
"""

from __future__ import annotations

import contextlib
import inspect
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from types import CodeType

import torch
from torch import nn

from rnnlint.failures import Failure, said, traced
from rnnlint.runtime.auditing.checks import (
    Checked,
    Evaluations,
    Suspect,
    concerns,
    differs_between_runs,
    padded_further,
    settle,
)
from rnnlint.runtime.auditing.checks.evaluation import Named, copied, difference, same
from rnnlint.runtime.auditing.inputs import Inputs
from rnnlint.runtime.auditing.observe import observed
from rnnlint.runtime.auditing.phases import Phases
from rnnlint.runtime.auditing.places import Place, passed
from rnnlint.runtime.auditing.record import Recorded
from rnnlint.runtime.auditing.untouched import NotRestored, put_back, untouched
from rnnlint.runtime.auditing.watch import Watch

REPORT = "please report this with the traceback in report.failures"


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """What running a model has shown.

    ``error`` is what the model raises; ``followed`` is False where no watched run did what the model does alone, and
    ``failures`` are the mistakes of the audit's own.
    """

    watch: Watch
    checked: Checked = field(default_factory=Checked)
    evaluation: Checked = field(default_factory=Checked)
    error: BaseException | None = None
    followed: bool = True
    failures: tuple[Failure, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class _Run:
    """One run: what came of it, or was raised."""

    numbers: Named = field(default_factory=list)
    error: BaseException | None = None


_lock = threading.Lock()
_auditing: set[int] = set()  # the thread that has the lock


@contextlib.contextmanager
def _one_at_a_time() -> Iterator[None]:
    """The places where torch is opened are there once: audits in other threads wait for their turn."""
    thread = threading.get_ident()
    if thread in _auditing:
        raise RuntimeError("an audit is running in this thread already: a model under audit cannot audit another")
    with _lock:
        _auditing.add(thread)
        try:
            yield
        finally:
            _auditing.discard(thread)


def run(model: nn.Module, args: tuple[object, ...], kwargs: dict[str, object], phases: Phases | None = None) -> Outcome:
    """Run ``model(*args, **kwargs)`` and ask all checks of it; the model and the arguments are left as they are.

    ``phases`` is told how long each part takes.  Raises RuntimeError where the same thread is running an audit already.
    """
    phases = phases or Phases()
    with _one_at_a_time(), phases.phase("putting back"), _uncompiled():
        return _Attempts(model, Inputs(args, kwargs), (args, kwargs), phases).outcome()


class _Attempts:
    def __init__(self, model: nn.Module, inputs: Inputs, given: object, phases: Phases) -> None:
        self._model = model
        self._phases = phases
        self._inputs = inputs
        self._given = given
        self._lost: list[str] = []
        self._failures: list[Failure] = []
        self._notes: list[str] = []
        self._runs = Evaluations(model, self._call)
        self._suspects: list[Suspect] = []

    def outcome(self) -> Outcome:
        # Watched first, because most models need no more than this run and one in evaluation; alone only where these
        # two differ.
        watch, checked, watched = self._watched(gently=False)
        if self._evaluates_alike(watched):
            return self._done(watch, checked, None)
        # what the model raises alone is the model's, and nothing is compared then
        alone = self._alone()
        if alone.error is not None:
            return self._done(watch, checked, self._error(watched, alone))
        why = self._apart(watched, alone)
        with self._contained("the comparison with the run alone"):
            self._runs.steady = watched.error is None and same(watched.numbers, alone.numbers)
        followed = True
        if why is not None:
            watch, checked, watched = self._watched(gently=True)
            again = self._apart(watched, alone)
            followed = again is None
            less = ", and it was run again with less watching" if followed else ": nothing is said of it"
            self._notes.append(f"the audit is at fault, not the model: {why}; alone it runs{less}; {REPORT}")
        return self._done(watch, checked, None, followed=followed)

    def _evaluates_alike(self, watched: _Run) -> bool:
        """Whether evaluation, run alone, takes no random numbers and gives what the watched run gave.

        Then the model need not be run alone in training as well.
        """
        if watched.error is not None or not watched.numbers or self._inputs.once is not None:
            return False
        try:
            with self._phases.phase("evaluation"):
                alike = same(watched.numbers, self._runs.result(1)) and not self._runs.draws(1)
        except Exception:  # what it raises, the check of evaluation tells
            return False
        self._runs.steady = alike
        return alike

    def _error(self, watched: _Run, alone: _Run) -> BaseException | None:
        """What to show for the model's error: the watched one, unless it is of another kind than the model's own."""
        return watched.error if type(watched.error) is type(alone.error) else alone.error

    def _apart(self, watched: _Run, alone: _Run) -> str | None:
        """How a watched run differs from the model's own, which did not raise; None if it does not."""
        if watched.error is not None:
            place = next(passed(watched.error), None)
            self._fault("the watched run", place, watched.error)
            return f"it raises {said(watched.error)}" + (f" at {place}" if place is not None else "") + " when watched"
        found = None
        with self._contained("the comparison with the run alone"):
            found = difference(watched.numbers, alone.numbers)
            # alone once more, before anybody is blamed: a model may differ from run to run by itself
            # (test_of_two_runs_that_differ_by_themselves_nothing_is_said)
            if found is not None and difference(alone.numbers, self._alone().numbers) is not None:
                return None  # no run is like another
        if found is None:
            return None
        self._failures.append(Failure("the watched run", None, f"other results: {found}", ""))
        return f"it gives other results when watched ({found})"

    def _fault(self, what: str, where: Place | None, error: BaseException) -> None:
        self._failures.append(Failure(what, where, said(error), traced(error)))

    def _done(
        self,
        watch: Watch,
        checked: Checked,
        error: BaseException | None,
        *,
        followed: bool = True,
    ) -> Outcome:
        padding = evaluation = Checked()
        once = self._inputs.once
        if error is None and followed and once is None:
            with self._contained("the check of padding"), self._phases.phase("padding"):
                # before the check of evaluation, because its two runs may show that the model is steady, which saves
                # that one
                padding = padded_further(self._suspects, self._runs)
            with self._contained("the check of evaluation"), self._phases.phase("evaluation"):
                evaluation = differs_between_runs(self._runs)
        elif error is None and followed:
            padding = padded_further(self._suspects, None)
            evaluation = Checked(
                notes=(f"evaluation was not checked, because a {once} among the inputs can be read once",)
            )
        lost = [f"not put back: {left}" for left in dict.fromkeys(self._lost)]
        return Outcome(
            watch,
            Checked.of((*checked, *padding)) if error is None and followed else Checked(),
            evaluation,
            error,
            followed,
            (*watch.run.learned.failures.kept.values(), *self._failures),
            tuple(dict.fromkeys((*self._notes, *lost))),
        )

    # --- one run -----------------------------------------------------------------------------------------------------

    def _call(self) -> object:
        args, kwargs = self._inputs.fresh()
        with put_back(*self._inputs.kept):
            return self._model(*args, **kwargs)

    @contextlib.contextmanager
    def _putting_back(self) -> Iterator[None]:
        """Whatever cannot be put back is named, and takes nothing else away."""
        try:
            with untouched(self._model):
                yield
        except NotRestored as left:
            self._lost.append(str(left))

    @contextlib.contextmanager
    def _contained(self, what: str) -> Iterator[None]:
        try:
            yield
        except Exception as error:
            self._notes.append(f"{what} failed ({said(error)}), {REPORT}")
            self._fault(what, None, error)

    def _watched(self, *, gently: bool) -> tuple[Watch, Checked, _Run]:
        """Run the model under watch, and ask the gradients of the run."""
        names: dict[nn.Module, str] = {}
        with self._contained("the names of modules"):
            names = {module: name for name, module in self._model.named_modules()}
        watch = Watch(names, gently=gently)
        checked, done = Checked(), _Run()
        # a second watched run finds them again
        self._suspects.clear()
        with self._putting_back():
            settled = () if gently else self._settled()
            try:
                with contextlib.ExitStack() as stack:
                    stack.enter_context(self._phases.phase("the watched run"))
                    if not gently:
                        stack.enter_context(torch.enable_grad())
                    stack.enter_context(torch.backends.cudnn.flags(enabled=False))
                    stack.enter_context(observed(watch, _forward(self._model)))
                    result = self._call()
            except (Exception, SystemExit) as raised:  # whatever the user's model raises is part of the report
                done = _Run(error=raised)
            else:
                with self._contained("the search for results"):
                    done = _Run(copied(result))
                recorded = Recorded(watch.recurrences, watch.padded, watch.embedded, self._given, settled)
                with self._contained("the checks of gradients"):
                    failures = watch.run.learned.failures
                    checked = concerns(self._model, recorded, result, self._suspects, self._phases, failures)
        # after everything is put back, because summing up looks at values only, and must not keep the model changed
        with self._phases.phase("rules"):
            watch.ended()
        return watch, checked, done

    def _settled(self) -> tuple[str, ...]:
        names: list[str] = []
        with self._contained("putting modules into evaluation"):
            names += settle(self._model)
        return tuple(names)

    def _alone(self) -> _Run:
        """Run the model as anybody would, but for the modules that the watched run puts into evaluation."""
        done = _Run()
        with self._putting_back():
            self._settled()
            try:
                with self._phases.phase("the run alone"), torch.backends.cudnn.flags(enabled=False):
                    result = self._call()
            except (Exception, SystemExit) as raised:  # whatever the user's model raises is part of the report
                done = _Run(error=raised)
            else:
                with self._contained("the search for results"):
                    done = _Run(copied(result))
        return done


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
