"""One thread a worker: the tensors are small, and pytest-xdist already uses every core."""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before torch is imported, and for the programs that tests start
