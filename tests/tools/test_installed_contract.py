"""The contract that users' code imports only what is installed with it, on graphs of a few modules."""

from __future__ import annotations

import pytest
from grimp import ImportGraph

from tools.installed_contract import InstalledContract


@pytest.mark.parametrize(
    ("importer", "imported", "kept"),
    [
        ("ours.audit", "torch", True),
        ("ours.audit", "collections", True),
        ("ours.audit", "ours.labels", True),
        ("ours.audit", "einops", False),
        ("ours.audit", "torchvision", False),
        ("ours.audit", "tests.oracle", False),
        ("ours.audit", "ours_too", False),
        ("ours_too", "einops", True),
        ("ours.plugin", "pytest", True),
        ("ours.audit", "pytest", False),
        ("tests", "einops", True),
    ],
)
def test_one_import(importer: str, imported: str, kept: bool) -> None:
    graph = ImportGraph()
    for module in (importer, imported):
        graph.add_module(module)
    graph.add_import(importer=importer, imported=imported)
    check = contract().check(graph, verbose=False)
    assert check.kept is kept
    assert check.metadata["wrong"] == ([] if kept else [(importer, imported)])


def contract() -> InstalledContract:
    options = {
        "package": "ours",
        "allowed": ["torch"],
        "ignored": ["ours.plugin -> pytest"],
    }
    return InstalledContract("users", {}, options)
