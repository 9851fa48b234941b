"""All questions to one run."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from torch import nn

from rnnlint.failures import Failures
from rnnlint.runtime.auditing.checks.concern import Checked, Concern
from rnnlint.runtime.auditing.checks.gradients import starving
from rnnlint.runtime.auditing.checks.influence import NoGradientError, Overview, called
from rnnlint.runtime.auditing.checks.padding import Suspect, leaking
from rnnlint.runtime.auditing.checks.results import differentiable
from rnnlint.runtime.auditing.checks.samples import mixed
from rnnlint.runtime.auditing.checks.steps import idle
from rnnlint.runtime.auditing.phases import Phases
from rnnlint.runtime.auditing.record import Recorded


def concerns(
    model: nn.Module,
    recorded: Recorded,
    result: object,
    suspects: list[Suspect],
    phases: Phases | None = None,
    failures: Failures | None = None,
) -> Checked:
    """What the gradients of a run say of samples, steps, parameters and padding.

    ``result`` is what the model returned (a nested structure of tensors, with its graph).  Padding of which only a
    further run can tell is added to ``suspects``, for :func:`padded_further`.  The model is left as it was, its
    gradients included.  ``phases`` is told how long each question takes.

    A mistake of ours in one question costs that question's word alone, and is kept in ``failures``; without, it is
    raised.
    """
    return Checked.of(_every(model, recorded, result, suspects, phases or Phases(), failures))


def _every(
    model: nn.Module,
    recorded: Recorded,
    result: object,
    suspects: list[Suspect],
    phases: Phases,
    failures: Failures | None,
) -> Iterator[Concern | str]:
    if not recorded.recurrences:
        return  # which is a concern of its own: nothing was judged at all
    results, reasons = differentiable(result)
    yield from reasons
    if not results:
        return
    large = list(dict.fromkeys(called(call) for call in recorded.recurrences if call.by_structure))
    if large:
        are, their = ("is", "its") if len(large) == 1 else ("are", "their")
        yield f"{', '.join(large)} {are} large: what depends on what there was told by {their} structure, not gradients"
    try:
        with phases.phase("gradients"):
            overview = Overview.of(results, recorded.recurrences)
        questions: dict[str, Callable[[], Iterator[Concern | str]]] = {
            "samples": lambda: mixed(model, recorded, results, overview),
            "steps": lambda: idle(recorded, results, overview),
            "parameters": lambda: starving(recorded, results, overview, complete=not reasons),
            "padding": lambda: leaking(recorded, results, suspects),
        }
        for name, question in questions.items():
            with phases.phase(name):
                yield from _asked(name, question, failures)
    except NoGradientError as error:
        yield f"influence was not checked any further, because {error}"


def _asked(
    name: str, question: Callable[[], Iterator[Concern | str]], failures: Failures | None
) -> Iterator[Concern | str]:
    try:
        yield from question()
    except NoGradientError:  # what one question cannot be asked, no other can
        raise
    except Exception as error:
        if failures is None:
            raise
        failures.note(f"the check of {name}", None, error)
