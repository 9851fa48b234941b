"""What is kept of one run, for the questions asked of its gradients afterwards.

The tensors are those of the run, with their graph.  Whoever records runs the model with gradients enabled and, on a
GPU, with cuDNN disabled: its recurrent kernels have no gradient in evaluation mode.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence


@dataclass(frozen=True, slots=True, eq=False)
class Recurrence:
    """One call of an ``nn.RNN``, ``nn.GRU``, ``nn.LSTM`` or of one of their cells.

    ``input`` is what the module was handed: (T, N, F), (N, T, F), (T, F), for a cell (N, F) or (F,), for packed input
    the data, (sum of the lengths, F).  It is an alias made for this call, so what depends on it depends on the call.
    ``sample_axis`` and ``step_axis`` are axes of ``input``, None where there is none.  ``order`` tells which sample
    each column of packed input is.  ``initial`` are the states handed in, ``output`` and ``states`` (``h_n`` and for
    an LSTM ``c_n``) what came back; a cell has no ``output``.  ``by_structure`` says that what came back is behind a
    gate (:mod:`rnnlint.runtime.auditing.structure`).
    """

    name: str
    module: nn.Module
    input: Tensor
    place: object = None
    sample_axis: int | None = None
    step_axis: int | None = None
    batch_sizes: Tensor | None = None
    order: Tensor | None = None
    initial: tuple[Tensor, ...] = ()
    output: Tensor | None = None
    states: tuple[Tensor, ...] = ()
    by_structure: bool = False

    @classmethod
    def begun(
        cls,
        name: str,
        module: nn.Module,
        args: tuple[Any, ...],
        kwargs: Mapping[str, Any],
        place: object,
        *,
        traced: bool = True,
    ) -> tuple[Recurrence, tuple[Any, ...], dict[str, Any]]:
        """The call as it is about to be made, and the arguments to make it with: the same values, ``traced``.

        Without, the arguments are those given, and what depends on the input can depend on other calls' as well.
        """
        # ``input`` and ``hx``: what torch calls the parameters of forward, of modules and of cells alike
        given = [*args, *([kwargs["input"]] if not args and "input" in kwargs else [])]
        handed = given[0] if given else None
        state = args[1] if len(args) > 1 else kwargs.get("hx")
        record = cls(name, module, torch.empty(0), place, initial=tuple(tensors_of(state)))
        if isinstance(handed, PackedSequence):
            data = _traced(handed.data) if traced else handed.data
            handing: object = PackedSequence(data, handed.batch_sizes, handed.sorted_indices, handed.unsorted_indices)
            record = dataclasses.replace(
                record, input=data, batch_sizes=handed.batch_sizes, order=handed.sorted_indices
            )
        elif isinstance(handed, Tensor):
            handing = _traced(handed) if traced else handed
            sample_axis, step_axis = _layout(module, handed.dim())
            record = dataclasses.replace(record, input=handing, sample_axis=sample_axis, step_axis=step_axis)
        else:
            return record, args, dict(kwargs)
        if args:
            return record, (handing, *args[1:]), dict(kwargs)
        return record, args, {**kwargs, "input": handing}

    def returned(self, result: object) -> Recurrence:
        """The call with what it returned."""
        if isinstance(self.module, nn.RNNCellBase):
            return dataclasses.replace(self, states=tuple(tensors_of(result)))
        output, *states = tensors_of(result)
        return dataclasses.replace(self, output=output, states=tuple(states))

    @property
    def packed(self) -> bool:
        """Whether the call was handed a PackedSequence."""
        return self.batch_sizes is not None

    @property
    def samples(self) -> int:
        """N; 1 for unbatched input."""
        if self.batch_sizes is not None:
            return int(self.batch_sizes[0])
        return 1 if self.sample_axis is None else self.input.shape[self.sample_axis]

    @property
    def steps(self) -> int:
        """T, for packed input the length of the longest sample; 1 for a cell."""
        if self.batch_sizes is not None:
            return len(self.batch_sizes)
        return 1 if self.step_axis is None else self.input.shape[self.step_axis]

    def lengths(self) -> Tensor:
        """(N,), on the CPU: how many steps of each sample were read."""
        return torch.bincount(self.rows()[0].flatten(), minlength=self.samples)

    def rows(self) -> tuple[Tensor, Tensor]:
        """The sample and the step of each place of ``input`` (its shape without the features), on the CPU."""
        if self.batch_sizes is None:
            shape = self.input.shape[:-1]
            return _along(shape, self.sample_axis), _along(shape, self.step_axis)
        sizes = self.batch_sizes.cpu()
        columns = torch.cat([torch.arange(int(size)) for size in sizes])
        order = torch.arange(self.samples) if self.order is None else self.order.cpu()
        return order[columns], torch.repeat_interleave(torch.arange(len(sizes)), sizes)

    def by_sample(self) -> Iterator[tuple[Tensor, Tensor]]:
        """The input and what came back, each with the sample of every place (of a shape that broadcasts)."""
        places = self.rows()[0][..., None]
        yield self.input, places
        if self.output is not None:
            yield self.output, places
        for state in self.states:
            # (L*D, N, H), for a cell (N, H); without N there is one sample
            yield state, torch.arange(self.samples)[:, None]


@dataclass(frozen=True, slots=True, eq=False)
class Padded:
    """What ``pad_packed_sequence`` returned: ``tensor`` is (N, T, F) with ``batch_first``, else (T, N, F)."""

    tensor: Tensor
    lengths: Tensor
    batch_first: bool
    place: object = None
    version: int = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "version", self.tensor._version)

    @property
    def overwritten(self) -> bool:
        """Whether the model has written to the tensor since: its gradient says nothing of what stood there before."""
        return self.tensor._version != self.version

    def valid(self) -> Tensor:
        """(N, T), boolean, on the CPU: which steps were read and not filled up."""
        steps = self.tensor.shape[1 if self.batch_first else 0]
        return torch.arange(steps) < self.lengths.cpu()[:, None]


@dataclass(frozen=True, slots=True, eq=False)
class Embedded:
    """What an ``nn.Embedding`` with a ``padding_idx`` returned for ``indices``."""

    result: Tensor
    indices: Tensor
    padding_idx: int
    place: object = None


@dataclass(frozen=True, slots=True, eq=False)
class Recorded:
    """All that is kept of one run.

    ``inputs`` are the model's own arguments, ``settled`` the names of the modules that were put into evaluation for
    the run because they mix samples on purpose (see :func:`rnnlint.runtime.auditing.checks.settle`).
    """

    recurrences: Sequence[Recurrence] = ()
    padded: Sequence[Padded] = ()
    embedded: Sequence[Embedded] = ()
    inputs: object = ()
    settled: Sequence[str] = ()


def tensors_of(result: object) -> Iterator[Tensor]:
    """The tensors that a recurrent call takes or returns, in order; of a PackedSequence, its data."""
    match result:
        case PackedSequence():
            yield result.data
        case Tensor():
            yield result
        case tuple() | list():
            for part in result:
                yield from tensors_of(part)
        case _:
            pass


def _traced(tensor: Tensor) -> Tensor:
    """The same numbers, with a gradient where torch can give one."""
    unasked = not torch.is_grad_enabled() or torch.is_inference_mode_enabled() or transformed()
    if not tensor.is_floating_point() or unasked:
        return tensor
    if tensor.requires_grad:
        return tensor.view_as(tensor)
    return (tensor.clone() if tensor.is_inference() else tensor.detach()).requires_grad_()


def transformed() -> bool:
    """Whether torch.func is at work, which wants more of a function of autograd, and no new leaves."""
    peek = getattr(getattr(torch._C, "_functorch", None), "peek_interpreter_stack", None)
    return peek is not None and peek() is not None


def _layout(module: nn.Module, rank: int) -> tuple[int | None, int | None]:
    """The sample and the step axis of an input."""
    if isinstance(module, nn.RNNCellBase):
        return (0 if rank == 2 else None), None
    if rank == 2:
        return None, 0
    return (0, 1) if getattr(module, "batch_first", False) else (1, 0)


def _along(shape: torch.Size, axis: int | None) -> Tensor:
    """The index along an axis, at every place of a shape."""
    if axis is None:
        return torch.zeros(shape, dtype=torch.int64)
    return torch.arange(shape[axis]).view([-1 if at == axis else 1 for at in range(len(shape))]).expand(shape)
