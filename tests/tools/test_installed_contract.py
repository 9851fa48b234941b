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
        ("ours.audit", "ours.chains", False),
        ("ours.audit", "ours.chains.drawn", False),
        ("ours.chains", "einops", True),
        ("ours.chains.drawn", "einops", True),
        ("ours.chains_of_users", "einops", False),
        ("ours.plugin", "pytest", True),
        ("ours.audit", "pytest", False),
        ("tests", "einops", True),
    ],
)
def test_one_import(importer: str, imported: str, kept: bool) -> None:
    graph = ImportGraph()
    for module in {"ours.chains", importer, imported}:
        graph.add_module(module)
    graph.add_import(importer=importer, imported=imported)
    check = contract("ours.chains").check(graph, verbose=False)
    assert check.kept is kept
    assert check.metadata["wrong"] == ([] if kept else [(importer, imported)])


def test_a_package_set_apart_that_is_not_there() -> None:
    graph = ImportGraph()
    graph.add_module("ours.audit")
    check = contract("ours.moved").check(graph, verbose=False)
    assert (check.kept, check.metadata["missing"]) == (False, ["ours.moved"])


def contract(apart: str) -> InstalledContract:
    options = {
        "package": "ours",
        "apart": [apart],
        "allowed": ["torch"],
        "ignored": ["ours.plugin -> pytest"],
    }
    return InstalledContract("users", {}, options)
