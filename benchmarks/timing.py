"""Processor time."""

from __future__ import annotations

import resource
import time
from collections.abc import Callable


def processor_time() -> float:
    """Seconds used so far by this process and by its children that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + used.ru_utime + used.ru_stime


def seconds(action: Callable[[], object]) -> float:
    """What one run of an action takes, in seconds of processor time, its ended children included."""
    start = processor_time()
    action()
    return processor_time() - start
