"""What is asked of a frozen value more than once: the answer is kept with it, and is gone when it is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from rnnlint.frozen import Hashed


class Asked(Hashed):
    """A value of which the same is asked again.

    No field: answers neither count when values are compared, nor are they taken over by a copy with other fields.
    """

    __slots__ = ("_answers",)
    _answers: dict[object, Any]


A = TypeVar("A", bound=Asked)
P = ParamSpec("P")
T = TypeVar("T")


def answers_of(one: Asked) -> dict[object, Any]:
    """What was answered of a value so far."""
    answers: dict[object, Any] | None = getattr(one, "_answers", None)
    if answers is None:
        answers = {}
        object.__setattr__(one, "_answers", answers)
    return answers


def once(ask: Callable[Concatenate[A, P], T]) -> Callable[Concatenate[A, P], T]:
    """Decorator of a question about a value (and about what is handed with it): each value is asked it once.

    Values are frozen, so answers stay true.  What is handed with it is told apart by equality, and is hashed.
    """

    @wraps(ask)
    def asked(one: A, /, *more: P.args, **named: P.kwargs) -> T:
        key: object = (ask, *more, *named.values()) if more or named else ask
        # by hand and not with answers_of(): asked a hundred thousand times
        answers: dict[object, Any] | None = getattr(one, "_answers", None)
        if answers is None:
            answers = {}
            object.__setattr__(one, "_answers", answers)
        if key not in answers:
            answers[key] = ask(one, *more, **named)
        return answers[key]  # type: ignore[no-any-return]

    return asked


def once_together(ask: Callable[Concatenate[Sequence[A], P], T]) -> Callable[Concatenate[Sequence[A], P], T]:
    """``once`` of a question about several values in a row: the same objects, since equal ones may bear other marks."""

    @wraps(ask)
    def asked(several: Sequence[A], /, *more: P.args, **named: P.kwargs) -> T:
        if not several:
            return ask(several, *more, **named)
        key = (ask, *map(id, several), *more, *named.values())
        answers = answers_of(several[0])
        if key not in answers:
            # they are kept as well, so that no other is ever given the number of one
            answers[key] = ask(several, *more, **named), tuple(several)
        return answers[key][0]  # type: ignore[no-any-return]

    return asked
