"""Models of many styles run under the audit as they run alone, and are afterwards what they were."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from rnnlint.runtime import audit
from rnnlint.runtime.auditing.checks.results import tensors
from tests.audit.test_untouched import everything
from tests.audit.zoo import ZOO

pytestmark = pytest.mark.filterwarnings("ignore")

SEEN: list[list[Tensor]] = []  # what each run returned; no audit puts globals back


def _kept(_: nn.Module, __: Any, result: Any) -> None:
    SEEN.append([tensor.detach().clone() for _, tensor in tensors(result)])


def _seed() -> None:
    torch.manual_seed(1)
    random.seed(1)


def made(name: str) -> tuple[nn.Module, tuple[Any, ...], dict[str, Any]]:
    _seed()
    model, *inputs = ZOO[name]()
    named = inputs.pop() if isinstance(inputs[-1], dict) else {}
    model.register_forward_hook(_kept)
    SEEN.clear()
    return model, tuple(inputs), named


@pytest.fixture(autouse=True)
def _same_world() -> Iterator[None]:
    """What a model that is run alone sets stays set: float32 products of other tests would be rounded to bfloat16."""
    threads, precision = torch.get_num_threads(), torch.get_float32_matmul_precision()
    benchmark = torch.backends.cudnn.benchmark
    yield
    torch.set_num_threads(threads)
    torch.set_float32_matmul_precision(precision)
    torch.backends.cudnn.benchmark = benchmark


def test_there_are_many() -> None:
    assert len(ZOO) >= 60


@pytest.mark.parametrize("name", ZOO)
def test_runs_as_alone(name: str) -> None:
    model, inputs, named = made(name)
    alone = _alone(name)
    held = [(tensor, tensor.detach().clone(), tensor.grad) for _, tensor in tensors([inputs, named])]
    _seed()
    before = _state(model)
    report = audit(model, *inputs, **named)
    assert _state(model) == before
    assert report.error is None, report
    assert report.followed, report
    assert report.failures == (), report
    assert report.findings == (), report
    for tensor, numbers, gradient in held:
        assert torch.equal(tensor, numbers)
        assert tensor.grad is gradient
    watched = SEEN[0]
    assert [one.dtype for one in watched] == [one.dtype for one in alone]
    assert all(torch.equal(one, other) for one, other in zip(watched, alone, strict=True))


def _alone(name: str) -> list[Tensor]:
    """What another instance returns that no audit has ever seen."""
    model, inputs, named = made(name)
    _seed()
    model(*inputs, **named)
    (found,) = SEEN
    SEEN.clear()
    return found


def _state(model: nn.Module) -> list[Any]:
    hooks = [
        [list(table) for name, table in vars(part).items() if name.endswith("_hooks") and isinstance(table, dict)]
        for part in model.modules()
    ]
    return [*everything(model), hooks, torch.get_num_threads(), torch.get_float32_matmul_precision()]
