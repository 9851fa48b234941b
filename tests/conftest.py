"""One thread a worker: the tensors are small, and pytest-xdist already uses every core.

What is compiled is kept (in ``__pycache__``, which git ignores), also where ``PYTHONDONTWRITEBYTECODE`` is set: the
tests start some hundred processes, and more than half of the time that one takes to lint a file is compiling rnnlint.
Only sources of this repository are; what tests write and import themselves is as the environment says.

Hypothesis draws the same examples in every run, so that a change is judged by what it changes; ``make laws`` (the
profile "long") draws others each time, and many more.
"""

from __future__ import annotations

import atexit
import compileall
import gc
import os
import shutil
import sys
import tempfile
from collections.abc import Generator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

if "PYTEST_XDIST_WORKER" not in os.environ:  # the process that starts the workers has done it for them
    for package in ("rnnlint", "oracle", "tools", "benchmarks"):
        compileall.compile_dir(Path(__file__).resolve().parents[1] / package, quiet=2)

    os.environ["RNNLINT_TESTS_SHARE"] = tempfile.mkdtemp(prefix="rnnlint-tests-")  # see ``linted`` in tests/rules
    atexit.register(shutil.rmtree, os.environ["RNNLINT_TESTS_SHARE"], ignore_errors=True)

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before torch is imported, and for the programs that tests start

# without a deadline, since times vary with what else the machine does; sixty examples, the same ones in every run
settings.register_profile("repeatable", derandomize=True, deadline=None, max_examples=60)
settings.register_profile(
    "long", derandomize=False, deadline=None, max_examples=5000, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("repeatable")


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Test modules, too: with the asserts that pytest rewrites, they are half of what it takes to collect them."""
    before, sys.dont_write_bytecode = sys.dont_write_bytecode, False
    gc.disable()  # some thousand tests are made and none goes: to look for garbage takes a seventh of the time
    try:
        return (yield)
    finally:
        gc.collect()
        gc.freeze()  # nor need anybody look through them while they are run
        gc.enable()
        sys.dont_write_bytecode = before
