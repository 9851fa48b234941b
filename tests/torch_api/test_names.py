"""Names that are asked for in a program's text are torch's."""

from __future__ import annotations

import torch
from torch import nn

from rnnlint.torch_api.names import GRAPHLESS, MODULE_MEMBERS, SAME_MODULE


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
