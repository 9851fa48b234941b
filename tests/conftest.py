"""One thread a worker: the tensors are small, and pytest-xdist already uses every core.

Hypothesis draws the same examples in every run, so that a change is judged by what it changes; ``make laws`` (the
profile "long") draws others each time, and many more.
"""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before torch is imported, and for the programs that tests start

settings.register_profile("repeatable", derandomize=True, deadline=None)  # times vary with what else the machine does
settings.register_profile(
    "long", derandomize=False, deadline=None, max_examples=5000, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("repeatable")
