"""Names that are asked for in a program's text are torch's."""

from __future__ import annotations

from importlib import import_module

import torch
from torch import nn

from rnnlint.torch_api.names import BELOW_NN, GRAPHLESS, MODULE_MEMBERS, SAME_MODULE, qualified
from rnnlint.values.domain import Torch


def test_any_module_has_them() -> None:
    module = nn.Linear(2, 3)
    assert [name for name in sorted(MODULE_MEMBERS) if not hasattr(module, name)] == []


def test_these_return_the_module() -> None:
    module = nn.Linear(2, 3)
    same = [name for name in SAME_MODULE if name != "cuda"]  # of which a machine may have none
    assert all(getattr(module, name)(*(("cpu",) if name == "to" else ())) is module for name in same)


def test_no_graph_is_kept_inside() -> None:
    for one in GRAPHLESS:
        with getattr(torch, one.name.removeprefix("torch."))():
            assert not nn.Linear(2, 3)(torch.ones(1, 2)).requires_grad


def test_classes_are_the_same_in_the_module_that_defines_them() -> None:
    found = 0
    for name in BELOW_NN:
        module = import_module(f"torch.nn.modules.{name}")
        assert not hasattr(nn, name)
        for member in (member for member in module.__all__ if hasattr(nn, member)):
            assert getattr(module, member) is getattr(nn, member)
            assert qualified(f"torch.nn.modules.{name}.{member}") == Torch(f"torch.nn.{member}")
            found += 1
    assert found > 100


def test_what_a_module_has_imported_is_what_it_is() -> None:
    assert qualified("torch.nn.modules.rnn.PackedSequence") == Torch("torch.nn.utils.rnn.PackedSequence")
    assert import_module("torch.nn.modules.rnn").PackedSequence is nn.utils.rnn.PackedSequence
    assert qualified("torch.nn.modules.utils._pair") == Torch("torch.nn.modules.utils._pair")
