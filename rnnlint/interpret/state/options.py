"""One way to distribute over several possible values: a function that says of which arguments."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Concatenate, ParamSpec, TypeAlias

from rnnlint.interpret.state.run import Run
from rnnlint.values.domain import Either, Value

P = ParamSpec("P")
Operation: TypeAlias = Callable[Concatenate[Run, P], Value]


def for_each_option(*names: str) -> Callable[[Operation[P]], Operation[P]]:
    """The function is run once for every option of the arguments of these ``names``, the first one's outermost, and
    never meets an ``Either`` there; its value is one of what it gives (``Run.each``).

    They must be handed by position, so that a call costs no more than a look at the types of one or two.
    """

    def decorate(operate: Operation[P]) -> Operation[P]:
        parameters = list(inspect.signature(operate).parameters)[1:]
        places = tuple(parameters.index(name) for name in names)

        @functools.wraps(operate)
        def distributed(run: Run, /, *args: P.args, **keywords: P.kwargs) -> Value:
            for place in places:
                if isinstance(args[place], Either):
                    return run.each(args, lambda some: operate(run, *some, **keywords), places)  # type: ignore[arg-type]
            return operate(run, *args, **keywords)

        return distributed

    return decorate
