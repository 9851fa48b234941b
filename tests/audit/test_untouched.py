"""Whatever a model does while it runs, nothing of it is left afterwards."""

from __future__ import annotations

import collections
import copy
import functools
import random
import subprocess
import sys
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn.utils import parametrizations

from rnnlint.runtime.auditing.untouched import NotRestored, untouched

BY_DEVICE = hasattr(torch, "get_autocast_dtype")  # torch 2.4: autocast is asked about by the name of a device


class Memory:
    def __init__(self) -> None:
        self.seen: list[Tensor] = []
        self.count = 0


class Base(nn.Module):
    """A model with something of every kind, which ``change`` may touch."""

    def __init__(self) -> None:
        super().__init__()
        self.lstm = nn.LSTM(3, 4, batch_first=True)
        self.norm = nn.BatchNorm1d(4)
        self.fc = nn.Linear(4, 2)
        self.scale: Tensor
        self.register_buffer("scale", torch.ones(2))
        self.register_buffer("wide", torch.ones(1).expand(5))
        self.hidden = torch.zeros(1, 2, 4)
        self.history: list[Any] = [torch.ones(2)]
        self.table = {"a": 1, "deep": [1, 2]}
        self.names = {"x"}
        self.recent = collections.deque([1], maxlen=2)
        self.memory = Memory()
        self.array = np.arange(3)
        self.raw = bytearray(b"ab")
        self.generator = torch.Generator().manual_seed(3)
        self.dice = random.Random(1)
        self.noise = np.random.default_rng(2)
        self.fc.weight.grad = torch.ones_like(self.fc.weight)


def everything(model: nn.Module) -> list[Any]:
    """The state of a model: identities and values, and torch's own state."""
    with torch._C.DisableTorchFunctionSubclass():  # lazy parameters refuse to be asked
        return _everything(model)


def _everything(model: nn.Module) -> list[Any]:
    found: list[Any] = []
    for module in model.modules():
        found.append((id(module), type(module), [(name, id(value)) for name, value in vars(module).items()]))
        for value in vars(module).values():
            if isinstance(value, dict | list | set | collections.deque):
                found.append(copy.copy(value) if isinstance(value, set) else [id(one) for one in value])
            if isinstance(value, dict):
                found.append([(name, id(one)) for name, one in value.items()])
    for tensor in [*model.parameters(), *model.buffers()]:
        found.append((id(tensor), type(tensor), tensor.data_ptr(), tensor.requires_grad, id(tensor.grad)))
        found.append((tuple(tensor.stride()), tensor.dtype, tensor.is_leaf, vars(tensor).copy()))
        found.append((tensor.detach().clone().tolist(), None if tensor.grad is None else tensor.grad.tolist()))
        found.append(tensor._backward_hooks and list(tensor._backward_hooks))
    if isinstance(model, Base):
        found.append([model.hidden.tolist(), model.hidden.requires_grad, id(model.hidden)])
        found.append([model.history[0].tolist(), str(model.table), list(model.recent), model.array.tolist()])
        found.append([model.memory.count, len(model.memory.seen), bytes(model.raw), model.dice.getstate()])
        found.append([model.generator.get_state().tolist(), model.noise.bit_generator.state])
    found.append((torch.get_rng_state().tolist(), random.getstate(), str(np.random.get_state())))
    found.append((torch.is_grad_enabled(), torch.get_default_dtype(), torch.are_deterministic_algorithms_enabled()))
    found.append((torch.backends.cudnn.enabled, torch.backends.cudnn.benchmark, torch.is_anomaly_enabled()))
    autocast = torch.is_autocast_enabled("cpu") if BY_DEVICE else torch.is_autocast_cpu_enabled()
    found.append((torch.get_num_threads(), torch.get_float32_matmul_precision(), torch.is_warn_always_enabled()))
    found.append(str(torch.ones(1).device))
    found.append((autocast, list(nn.modules.module._global_forward_hooks)))
    return found


def _attributes(model: Base, x: Tensor) -> None:
    model.hidden = model.lstm(x)[1][0]
    model.history.append(x)
    model.table["b"] = 2
    model.table["deep"].append(3)  # type: ignore[attr-defined]
    model.names.add("y")
    model.recent.append(7)
    model.new = x
    model.memory.count += 1
    model.memory.seen.append(x)
    model.array[0] = 9
    model.raw[0] = 0
    del model.names


def _tensors(model: Base, _: Tensor) -> None:
    with torch.no_grad():
        model.fc.weight.mul_(2)
        model.scale.fill_(3)
        model.hidden.add_(1)
        model.history[0].zero_()
        model.fc.weight.grad.zero_()  # type: ignore[union-attr]
    model.fc.bias.data.add_(1)  # does not raise the version counter
    model.lstm.weight_hh_l0.data = torch.zeros(2, 2)
    model.wide = torch.zeros(3)


def _expanded(model: Base, _: Tensor) -> None:
    wide = model.wide
    assert isinstance(wide, Tensor)
    wide[:1].fill_(4)


def _gradients(model: Base, x: Tensor) -> None:
    model.fc(model.lstm(x)[0]).sum().backward()
    model.fc.bias.requires_grad_(False)
    model.fc.weight.grad = None


def _history(model: Base, x: Tensor) -> None:
    model.hidden.copy_(model.lstm(x)[1][0])
    assert model.hidden.grad_fn is not None


def _hooks(model: Base, _: Tensor) -> None:
    model.fc.register_forward_hook(lambda *_: None)
    model.lstm.register_forward_pre_hook(lambda *_: None)
    model.register_full_backward_hook(lambda *_: None)
    model.fc.weight.register_hook(lambda grad: grad)  # type: ignore[no-untyped-call]
    nn.modules.module.register_module_forward_hook(lambda *_: None)


def _modules(model: Base, _: Tensor) -> None:
    model.eval()
    model.extra = nn.Linear(2, 2)
    del model.norm
    model.fc = nn.Linear(4, 7)
    model.register_buffer("late", torch.ones(1))
    model.to(torch.float64)
    parametrizations.orthogonal(model.fc)
    vars(model.fc.weight)["marked"] = True
    model.lstm.flatten_parameters()


def _running(model: Base, x: Tensor) -> None:
    model.norm(model.lstm(x)[0][:, -1])


def _settings(model: Base, _: Tensor) -> None:
    torch.manual_seed(5)
    torch.rand(3)
    random.random()
    np.random.rand()
    torch.rand(2, generator=model.generator)
    model.dice.random()
    model.noise.random()
    torch.set_grad_enabled(False)
    torch.set_default_dtype(torch.float64)
    torch.use_deterministic_algorithms(True)
    torch.set_default_device("meta")
    torch.set_num_threads(torch.get_num_threads() + 1)
    torch.set_float32_matmul_precision("medium")
    torch.set_warn_always(True)
    torch.backends.cudnn.enabled = False
    torch.backends.cudnn.benchmark = True
    if BY_DEVICE:
        torch.set_autocast_enabled("cpu", True)
    else:
        torch.set_autocast_cpu_enabled(True)
    torch.autograd.set_detect_anomaly(True)


CHANGES = [
    _attributes,
    _tensors,
    _expanded,
    _gradients,
    _history,
    _hooks,
    _modules,
    _running,
    _settings,
]


@pytest.fixture(autouse=True)
def _same_world() -> Iterator[None]:
    yield
    assert torch.is_grad_enabled()
    assert torch.get_default_dtype() is torch.float32


@pytest.mark.parametrize("raises", [False, True], ids=["runs", "raises"])
@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.filterwarnings("ignore:Anomaly Detection")
def test_nothing_is_left(change: Callable[[Base, Tensor], None], raises: bool) -> None:
    class Model(Base):
        def forward(self, x: Tensor) -> Tensor:
            change(self, x)
            if raises:
                raise ValueError("midway")
            return x

    model, x = Model(), torch.randn(2, 5, 3)
    before = everything(model)
    seen: list[Any] = []
    try:
        with untouched(model):
            try:
                model(x)
            finally:
                seen = everything(model)
    except ValueError:
        assert raises
    else:
        assert not raises
    assert everything(model) == before
    assert seen != before, "the change is not one that this test would see"


def test_what_is_not_changed_is_not_written() -> None:
    model = Base()
    versions = [tensor._version for tensor in [*model.parameters(), *model.buffers()]]
    with untouched(model):
        model.lstm(torch.randn(2, 5, 3))
    assert [tensor._version for tensor in [*model.parameters(), *model.buffers()]] == versions


def test_a_graph_made_before_can_still_be_followed() -> None:
    model, x = Base(), torch.randn(2, 5, 3)
    loss = model.fc(model.lstm(x)[0]).sum()
    with untouched(model):
        model.lstm(x)[0].sum().backward()
    loss.backward()
    assert model.lstm.weight_ih_l0.grad is not None


def test_nans_count_as_values() -> None:
    model = Base()
    model.scale = torch.tensor([float("nan"), 1.0])
    with untouched(model):
        model.scale[1] = float("nan")
    assert model.scale[0].isnan()
    assert model.scale[1] == 1


def test_tied_parameters_and_modules_under_two_names() -> None:
    model = nn.ModuleDict({"a": nn.Linear(3, 3), "b": nn.Linear(3, 3)})
    model["b"].weight = model["a"].weight
    model["c"] = model["a"]
    before = everything(model)
    with untouched(model), torch.no_grad():
        next(model["a"].parameters()).data.zero_()
        model["b"].weight = nn.Parameter(torch.ones(3, 3))
        del model["c"]
    assert everything(model) == before
    assert model["b"].weight is model["a"].weight
    assert model["c"] is model["a"]


@pytest.mark.filterwarnings("ignore:Lazy modules are a new feature:UserWarning")
def test_lazy_modules_are_lazy_again() -> None:
    model = nn.Sequential(nn.LazyLinear(3), nn.LazyBatchNorm1d())
    kinds = [type(part) for part in model], [type(one) for one in model.parameters()]
    with untouched(model):
        model(torch.randn(2, 5))
        assert type(model[0]) is nn.Linear
    assert ([type(part) for part in model], [type(one) for one in model.parameters()]) == kinds
    assert model(torch.randn(2, 7)).shape == (2, 3)
    assert model[0].in_features == 7


def _old_weight_norm(module: nn.Module) -> nn.Module:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return nn.utils.weight_norm(module)


@pytest.mark.parametrize(
    "wrap",
    [_old_weight_norm, getattr(parametrizations, "weight_norm", _old_weight_norm), parametrizations.spectral_norm],
)
def test_normalised_weights(wrap: Callable[[nn.Module], nn.Module]) -> None:
    model = nn.Sequential(wrap(nn.Linear(3, 4)))
    x = torch.randn(2, 3)
    before = everything(model)
    with untouched(model):
        model(x).sum().backward()
    assert everything(model) == before


@pytest.mark.filterwarnings("ignore:.*torch.jit:DeprecationWarning")
def test_scripted_modules() -> None:
    class Counting(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.fc = nn.Linear(2, 2)
            self.norm = nn.BatchNorm1d(2)
            self.last = torch.zeros(1)
            self.calls = 0

        def forward(self, x: Tensor) -> Tensor:
            self.calls += 1
            self.last = self.norm(self.fc(x))
            return self.last

    model = torch.jit.script(Counting())
    last, mean = model.last, model.norm.running_mean.clone()
    with untouched(model):
        model(torch.randn(3, 2)).sum().backward()
        model.eval()
        assert model.calls == 1
    assert model.calls == 0
    assert model.last is last
    assert model.training
    assert model.norm.training
    assert torch.equal(model.norm.running_mean, mean)
    assert model.fc.weight.grad is None


def test_what_holds_itself() -> None:
    model = Base()
    model.table["self"] = model.table
    model.history.append(model)
    with untouched(model):
        model.history.clear()
    assert len(model.history) == 2


@pytest.mark.parametrize("make", [Tensor.to_sparse, Tensor.to_sparse_csr, lambda one: one.to("meta")])
@pytest.mark.filterwarnings("ignore:Sparse")
def test_tensors_without_plain_storage(make: Callable[[Tensor], Tensor]) -> None:
    tensor = make(torch.eye(3))
    model = nn.Linear(2, 2)
    model.register_buffer("odd", tensor)
    before = None if tensor.is_meta else tensor.to_dense().tolist()
    with untouched(model):
        tensor.mul_(2)
    assert model.odd is tensor
    assert tensor.is_meta or tensor.to_dense().tolist() == before


class Slotted:
    __slots__ = ("count", "late", "values")

    def __init__(self) -> None:
        self.count = 0
        self.values = [1]


class Frozen(Slotted):
    """Refuses to be written to, and has attributes beside its slots."""

    def __setattr__(self, name: str, value: object) -> None:
        if hasattr(self, name):
            raise AttributeError(name)
        super().__setattr__(name, value)


def test_slots() -> None:
    model: Any = nn.Linear(2, 2)
    model.kept = Slotted()
    model.frozen = Frozen()
    model.frozen.more = [1]
    with untouched(model):
        model.kept.count += 1
        model.kept.late = 3
        model.kept.values.append(2)
        del model.frozen.count
        model.frozen.more.append(2)
    assert (model.kept.count, hasattr(model.kept, "late"), model.kept.values) == (0, False, [1])
    assert (model.frozen.count, model.frozen.more) == (0, [1])


def test_objects_inside_objects() -> None:
    class Box:
        def __init__(self, inner: object) -> None:
            self.inner = inner

    model: Any = nn.Linear(2, 2)
    model.box = Box([Box({"a": Box([1])})])
    innermost = model.box.inner[0].inner["a"]
    with untouched(model):
        innermost.inner.append(2)
        innermost.inner = None
        model.box.inner[0].inner["b"] = 3
    assert innermost.inner == [1]
    assert model.box.inner[0].inner == {"a": innermost}


def test_what_hooks_close_over() -> None:
    count, seen = 0, [1]

    def hook(*_: object, made: list[int] = []) -> None:  # noqa: B006 - as people count calls
        nonlocal count
        count += 1
        seen.append(count)
        made.append(count)

    model: Any = nn.Linear(2, 2)
    model.register_forward_hook(hook)
    model.register_forward_pre_hook(functools.partial(lambda kept, *_: kept.append(1), kept := [2]))
    with untouched(model):
        model(torch.ones(1, 2))
        assert (count, len(kept)) == (1, 2)
    assert (count, seen, hook.__defaults__, hook.__kwdefaults__, kept) == (0, [1], None, {"made": []}, [2])


def test_attributes_of_its_class() -> None:
    class Counting(nn.Linear):
        calls = 0
        cache: dict[int, Tensor] = {}  # noqa: RUF012 - as people cache

        def forward(self, x: Tensor) -> Tensor:
            Counting.calls += 1
            Counting.late = 1  # type: ignore[attr-defined]
            self.cache[self.calls] = x
            return super().forward(x)

    model = Counting(2, 2)
    with untouched(model):
        model(torch.ones(1, 2))
        assert Counting.calls == 1
    assert (Counting.calls, Counting.cache, hasattr(Counting, "late")) == (0, {}, False)


def test_an_object_that_refuses_keeps_no_other_from_being_put_back() -> None:
    class Refusing(dict):  # type: ignore[type-arg]
        def clear(self) -> None:
            raise PermissionError("no")

    model: Any = nn.Linear(2, 2)
    model.first, model.table, model.last = [1], Refusing(a=1), [1]

    def run() -> None:
        with untouched(model):
            model.first.append(2)
            model.table["a"] = 2
            model.last.append(2)

    with pytest.raises(NotRestored, match="PermissionError: no"):
        run()
    assert (model.first, model.last) == ([1], [1])


def test_what_the_model_raises_goes_before_what_cannot_be_undone() -> None:
    model: Any = nn.Linear(2, 2)
    kept = model.kept = model(torch.ones(1, 2))

    def run() -> None:
        with untouched(model):
            kept.mul_(2)
            raise KeyError

    with pytest.raises(KeyError):
        run()


def test_putting_back_imports_nothing() -> None:
    """torch's own setter of the deterministic flag imports its compiler."""
    program = """
import sys, torch
from torch import nn
from rnnlint.runtime import audit

class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn = nn.GRU(3, 5)

    def forward(self, x):
        if loud:
            torch._C._set_deterministic_algorithms(True, warn_only=False)
        return self.rnn(x)[0]

for loud in (False, True):
    assert audit(Model(), torch.ones(4, 7, 3)).error is None
    assert not torch.are_deterministic_algorithms_enabled()
print([name for name in ("torch._inductor", "torch._dynamo", "numpy.testing") if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "[]\n", "")


def test_made_in_inference_mode() -> None:
    model = nn.Linear(2, 2)
    with torch.inference_mode():
        model.kept = torch.ones(2)
    with untouched(model), torch.inference_mode():
        model.kept.add_(1)
    assert model.kept.tolist() == [1, 1]


def test_a_history_that_cannot_be_undone_is_named() -> None:
    model = nn.Linear(2, 2)
    kept = model(torch.ones(1, 2))
    model.kept = kept
    value = kept.tolist()
    with pytest.raises(NotRestored, match=r"shape \(1, 2\) was changed in place"), untouched(model):
        kept.mul_(2)
    assert kept.tolist() == value
