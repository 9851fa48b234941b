"""Processor time: of one action, and of several that are run in turn."""

from __future__ import annotations

import gc
import resource
import time
from collections.abc import Callable, Sequence


def processor_time() -> float:
    """Seconds used so far by this process and by its children that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + used.ru_utime + used.ru_stime


def seconds(action: Callable[[], object]) -> float:
    """What one run of an action takes, in seconds of processor time, its ended children included."""
    # because a collection that falls into a run is mostly of what ran before
    gc.collect()
    start = processor_time()
    action()
    return processor_time() - start


def best_in_turn(actions: Sequence[Callable[[], object]], rounds: int) -> tuple[float, ...]:
    """The fastest of ``rounds`` runs of each action, in seconds, one of each in turn.

    The fastest, because what else the machine does only ever adds; in turn, because its clock varies by the minute.
    """
    runs = [tuple(seconds(action) for action in actions) for _ in range(rounds)]
    return tuple(min(times) for times in zip(*runs, strict=True))
