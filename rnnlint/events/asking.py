"""What is asked of an event more than once: the answer is kept with the event, and is gone when it is."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

T = TypeVar("T")


class Asked:
    """An event of which several rules ask the same.

    No field: answers neither count when events are compared, nor are they taken over by a copy with other fields.
    """

    __slots__ = ("_answers",)
    _answers: dict[object, Any]


E = TypeVar("E", bound=Asked)


def once(ask: Callable[[E], T]) -> Callable[[E], T]:
    """Decorator of a question about an event: each event is asked it once.  Events are frozen, so answers stay true."""

    @wraps(ask)
    def asked(event: E) -> T:
        answers: dict[object, T] | None = getattr(event, "_answers", None)
        if answers is None:
            answers = {}
            object.__setattr__(event, "_answers", answers)
        if ask not in answers:
            answers[ask] = ask(event)
        return answers[ask]

    return asked
