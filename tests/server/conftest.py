"""One server for the tests of a module: each has documents and a folder of its own."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.server.client import Client


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """A server that has been initialized by a client that can do most things."""
    if find_spec("pygls") is None:
        pytest.skip("pygls is not installed")
    folder = tmp_path_factory.mktemp("workspace")
    made = Client(folder)
    try:
        made.initialize(folder)
        yield made
    finally:
        made.kill()


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Client]:
    """A server for one test, not initialized."""
    if find_spec("pygls") is None:
        pytest.skip("pygls is not installed")
    made = Client(tmp_path)
    try:
        yield made
    finally:
        made.kill()
