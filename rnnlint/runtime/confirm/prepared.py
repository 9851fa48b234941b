"""A configuration built once, for all claims: its module, input and results, its labels, its reference."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, NoReturn

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence

from rnnlint.runtime.confirm import world
from rnnlint.runtime.confirm.grid import Configuration
from rnnlint.runtime.confirm.programs import Program, shape
from rnnlint.runtime.confirm.world import World
from rnnlint.runtime.truth import labels, reference

# see ``prepared``: built once for all claims, because building takes longer than most claims do
_KEPT = 2048  # configurations in one process; more than the quick grid has


@dataclass(frozen=True)
class Prepared:
    """A configuration on one device, in one dtype."""

    configuration: Configuration
    device: str
    dtype: torch.dtype
    seed: int

    @cached_property
    def module(self) -> nn.RNNBase:
        """The real module; what it returns for :attr:`x` is computed once."""
        module = _seeded(self.configuration, self.seed, getattr(nn, self.configuration.cell))
        return _remembering(module.to(self.device, self.dtype), self.x, _packed(self.configuration, self.x))

    @cached_property
    def x(self) -> Tensor:
        """The input, a leaf that requires a gradient."""
        return _input(self.configuration, self.seed).to(self.device, self.dtype).requires_grad_()

    @cached_property
    def reference(self) -> World:
        """The numbers of the float64 reference, for the parameters and the input as the dtype holds them."""
        configuration = self.configuration
        x = self.x.detach().to("cpu", torch.float64)
        steps_first = x if configuration.batched else x.unsqueeze(1)
        if configuration.batched and configuration.batch_first:
            steps_first = x.transpose(0, 1)
        lengths = torch.tensor(configuration.lengths) if configuration.packed else None
        states = reference.states(self.module, steps_first, lengths)
        return world.of_reference(configuration, states, x, self._called)

    def _called(self, input: Tensor | PackedSequence, hx: Any = None) -> object:
        return reference.results(self.module, input, hx)

    def run(self, program: Program) -> object:
        """``result`` of a program; raises what it raises."""
        seeded(self.seed, self.device)
        arguments = (self.x, self._lengths) if self.configuration.packed else (self.x,)
        with on(self.device, self.dtype):
            return program.read(self.module)(*arguments)

    @cached_property
    def _lengths(self) -> Tensor:
        return torch.tensor(self.configuration.lengths)


@dataclass(frozen=True)
class Labelled:
    """A configuration whose module returns labels, each as its number, in float64."""

    configuration: Configuration
    seed: int

    @cached_property
    def world(self) -> World:
        """The labels that are expected."""
        return world.of_labels(self.configuration, self._numbers)

    def run(self, program: Program) -> object:
        """``result`` of a program; :class:`Strayed` where it calls the module on anything but the input as it stands.

        Raises what the program raises.
        """
        seeded(self.seed, "cpu")
        lengths = (torch.tensor(self.configuration.lengths),) if self.configuration.packed else ()
        with on("cpu", torch.float64):
            return program.read(self._module)(self._x, *lengths)

    def known(self, held: Tensor) -> bool:
        """Whether every element is a label, or padding."""
        return held.dtype == torch.float64 and bool(torch.isin(held, self._every).all())

    @cached_property
    def _numbers(self) -> Tensor:
        return world.label_numbers(self.configuration)

    @cached_property
    def _every(self) -> Tensor:
        return torch.cat([self._numbers.new_zeros(1), self._numbers.flatten()])

    @cached_property
    def _x(self) -> Tensor:
        return _input(self.configuration, self.seed).float()

    @cached_property
    def _module(self) -> nn.RNNBase:
        module = _seeded(self.configuration, self.seed, getattr(labels, self.configuration.cell)).float()
        return _remembering(module, self._x, _packed(self.configuration, self._x), self._numbered, _stray)

    def _numbered(self, labelled: Tensor) -> Tensor:
        present = labelled != 0
        place = labels.decode(torch.where(present, labelled, labelled.max()))
        return self._numbers[tuple(torch.as_tensor(one) for one in place)] * present


@contextmanager
def on(device: str, dtype: torch.dtype) -> Iterator[None]:
    """Inside, what is made without a device or a dtype is made on this one and in this one."""
    default = torch.get_default_dtype()
    torch.set_default_dtype(dtype)
    try:
        if device == "cpu":  # no mode to go through with every call
            yield
        else:
            with torch.device(device):
                yield
    finally:
        torch.set_default_dtype(default)


def seeded(seed: int, device: str) -> None:
    """``torch.manual_seed`` for the CPU and one other device.

    The original asks every device, and where CUDA is not in use it keeps a stack trace each time, for milliseconds.
    """
    torch.default_generator.manual_seed(seed)
    kind, index = torch.device(device).type, torch.device(device).index
    # torch.cuda.manual_seed would ask every device (see above)
    if kind == "cuda":
        torch.cuda.default_generators[torch.cuda.current_device() if index is None else index].manual_seed(seed)
    elif kind == "mps":
        torch.mps.manual_seed(seed)


class Strayed(Exception):
    """The module was called on something that its labels do not tell apart from the input."""


def _stray(*_: object) -> NoReturn:
    raise Strayed


def _seeded(configuration: Configuration, seed: int, kind: Callable[..., nn.RNNBase]) -> nn.RNNBase:
    """The module, in float64; of positive weights where a relu would be off, and stay off, for others."""
    seeded(seed, "cpu")
    options: dict[str, Any] = {"nonlinearity": configuration.nonlinearity} if configuration.nonlinearity else {}
    if configuration.proj:
        options["proj_size"] = configuration.proj
    module = kind(
        configuration.inputs,
        configuration.hidden,
        num_layers=configuration.layers,
        batch_first=configuration.batch_first,
        bidirectional=configuration.directions == 2,
        dtype=torch.float64,
        **options,
    )
    if configuration.nonlinearity == "relu":
        with torch.no_grad():
            for parameter in module.parameters():
                parameter.abs_().mul_(0.5)  # so that the states do not grow from step to step
    return module


def _input(configuration: Configuration, seed: int) -> Tensor:
    seeded((seed + 1) % (1 << 64), "cpu")  # torch takes 64 bits, and a negative seed is that many from their end
    x = torch.randn(shape(configuration), dtype=torch.float64)
    # positive, as the weights are: no unit is off
    return x.abs() if configuration.nonlinearity == "relu" else x


def _packed(configuration: Configuration, x: Tensor) -> PackedSequence | None:
    if not configuration.packed:
        return None
    lengths = torch.tensor(configuration.lengths)
    return pack_padded_sequence(x, lengths, batch_first=configuration.batch_first, enforce_sorted=False)


def _remembering(
    module: nn.RNNBase,
    x: Tensor,
    packed: PackedSequence | None,
    held: Callable[[Tensor], Tensor] | None = None,
    other: Callable[..., Any] | None = None,
) -> nn.RNNBase:
    """``module``, which now computes once what it returns for ``x``, or for ``packed`` if there is one.

    Every call gets clones of its tensors, or of ``held`` of them.  Any other input is left to ``other``, else to the
    module.
    """
    forward = module.forward
    kept: list[Any] = []

    def remembered(input: Tensor | PackedSequence, hx: Any = None) -> Any:
        if hx is not None or not (input is x if packed is None else _same(input, packed)):
            return (other or forward)(input, hx)
        if not kept:
            kept.append(_each(forward(input), held) if held else forward(input))
        return _each(kept[0], torch.clone)

    vars(module)["forward"] = remembered
    return module


def _same(one: object, other: PackedSequence) -> bool:
    return (
        isinstance(one, PackedSequence)
        and torch.equal(one.batch_sizes, other.batch_sizes)
        and torch.equal(one.data, other.data)
        and one.unsorted_indices is not None
        and other.unsorted_indices is not None
        and torch.equal(one.unsorted_indices, other.unsorted_indices)
    )


def _each(result: Any, held: Callable[[Tensor], Tensor]) -> Any:
    if isinstance(result, PackedSequence):
        return result._replace(data=held(result.data))
    return tuple(_each(one, held) for one in result) if isinstance(result, tuple) else held(result)


@lru_cache(maxsize=_KEPT)
def labelled(configuration: Configuration, seed: int) -> Labelled:
    """The configuration with labels, built if it is not at hand."""
    return Labelled(configuration, seed)


@lru_cache(maxsize=_KEPT)
def prepared(configuration: Configuration, device: str, dtype: torch.dtype, seed: int) -> Prepared:
    """The configuration, built if it is not at hand."""
    return Prepared(configuration, device, dtype, seed)
