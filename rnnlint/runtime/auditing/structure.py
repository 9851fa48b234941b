"""What large recurrent modules depend on, told by their structure instead of by their gradients.

A backward pass through a recurrent module takes twice the time of the run, through a packed one four times.  What an
audit asks of it is which steps of which samples a result has read, and that is known: a forward state after step t has
read steps 0 to t, a backward one t to the end, and each layer reads both directions of the one below.  So the results
of a large call go through a gate.  An ordinary backward pass finds the gate open and goes through torch's own graph.
While an audit asks (:func:`asked`), the gate answers in place of the module: zero where the structure lets nothing
through, something else everywhere it does.  That it does so where torch's gradient does is shown by tests.

What data alone cause shows in no structure: a unit of a relu cell that is off, a gradient too small to be held.
"""

from __future__ import annotations

import contextlib
import dataclasses
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence

from rnnlint.runtime.auditing.record import Recurrence, tensors_of, transformed

# Multiplications from which on a call is large: about a millisecond, ten times what the gate costs.
LARGE = 1 << 24

# The parameters of one layer and direction; parametrizations append to the name.
PARAMETER = re.compile(r"(?:weight|bias)_(ih|hh|hr)(?:_l(\d+)(_reverse)?)?(?![a-z])")


class Walk:
    """One way back through the graph; walked again with the same object, each sample is scaled as it was before.

    Every gate brings each sample to 1, so that chains of gates neither grow nor vanish.
    """

    def __init__(self) -> None:
        self._scales: dict[_Gate, tuple[int, Tensor]] = {}

    def scale(self, gate: _Gate, strongest: Tensor) -> tuple[int, Tensor]:
        """The number of a gate on this way, and what each sample is multiplied by there."""
        if gate not in self._scales:
            usable = (strongest > 0) & strongest.isfinite()
            scale = torch.where(usable, strongest, torch.ones_like(strongest)).reciprocal()
            self._scales[gate] = len(self._scales), scale
        return self._scales[gate]


_walks: list[Walk] = []  # not a context variable: torch goes back on threads of its own where there is a GPU


@contextlib.contextmanager
def asked(walk: Walk) -> Iterator[None]:
    """Inside, gates answer."""
    _walks.append(walk)
    try:
        yield
    finally:
        _walks.remove(walk)


def is_large(call: Recurrence) -> bool:
    """Whether going back through a call that was made would take long."""
    if isinstance(call.module, nn.RNNCellBase) and nn.utils.parametrize.is_parametrized(call.module):
        return False  # its weights are computed anew whenever they are looked at
    weights = sum(weight.numel() for weight in _weights(call.module).values())
    return call.samples * call.steps * weights >= LARGE


def gated(call: Recurrence, result: Any) -> tuple[Recurrence, Any]:
    """The call and what it returned, behind a gate; as they are where no gradient is asked for."""
    results = [*tensors_of(result)]
    plain = all(type(one) is Tensor and one.requires_grad for one in results)
    if not plain or not torch.is_grad_enabled() or torch._C._get_tracing_state() is not None or transformed():
        return call, result
    weights = _weights(call.module)
    gate = _Gate(call, tuple(weights), len(results))
    passed = iter(_Function.apply(gate, *results, call.input, *call.initial, *weights.values()))  # type: ignore[no-untyped-call]
    return dataclasses.replace(call, by_structure=True), _rebuilt(result, passed)


def gated_padding(args: tuple[Any, ...], result: tuple[Tensor, Tensor]) -> tuple[Tensor, Tensor]:
    """What ``torch._VF._pad_packed_sequence`` returned for these arguments, behind a gate that knows its gradient.

    torch cuts the data step by step, and going back makes a tensor of the whole size for every step.
    """
    data, sizes, batch_first = args[0], args[1], bool(args[2])
    padded, lengths = result
    plain = type(data) is type(padded) is Tensor and padded.requires_grad and torch.is_grad_enabled()
    if not plain or data.numel() * len(sizes) < LARGE or torch._C._get_tracing_state() is not None or transformed():
        return result
    return _Padding.apply(padded, data, sizes, batch_first), lengths  # type: ignore[no-untyped-call]


class _Padding(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, padded: Tensor, *given: Any) -> Tensor:
        ctx.set_materialize_grads(False)
        _, ctx.sizes, ctx.batch_first = given
        return padded.clone()

    @staticmethod
    def backward(ctx: Any, gradient: Tensor | None) -> tuple[Tensor | None, Tensor | None, None, None]:
        if not _walks or gradient is None:
            return gradient, None, None, None
        steps = torch.repeat_interleave(torch.arange(len(ctx.sizes)), ctx.sizes)
        columns = torch.cat([torch.arange(int(size)) for size in ctx.sizes])
        return None, gradient[(columns, steps) if ctx.batch_first else (steps, columns)], None, None


def _rebuilt(result: Any, passed: Iterator[Tensor]) -> Any:
    match result:
        case PackedSequence():
            return PackedSequence(next(passed), result.batch_sizes, result.sorted_indices, result.unsorted_indices)
        case Tensor():
            return next(passed)
    return tuple([_rebuilt(part, passed) for part in result])


def _weights(module: nn.Module) -> dict[str, Tensor]:
    """The weights a call has used, by name: parameters, or what was computed of some."""
    if isinstance(module, nn.RNNBase):
        pairs = zip(module._flat_weights_names, module._flat_weights, strict=True)
        return {name: weight for name, weight in pairs if isinstance(weight, Tensor)}
    names = [f"{kind}_{of}" for kind in ("weight", "bias") for of in ("ih", "hh")]
    return {name: weight for name in names if isinstance(weight := getattr(module, name, None), Tensor)}


class _Function(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, gate: _Gate, *tensors: Tensor) -> tuple[Tensor, ...]:
        ctx.set_materialize_grads(False)
        ctx.gate = gate
        return tuple([tensor.clone() for tensor in tensors[: gate.results]])

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor | None) -> tuple[Tensor | None, ...]:
        gate: _Gate = ctx.gate
        if not _walks:
            return (None, *gradients, *[None] * (len(ctx.needs_input_grad) - 1 - len(gradients)))
        wanted = ctx.needs_input_grad[1 + gate.results :]
        return (None, *[None] * gate.results, *gate.answer(gradients, wanted, _walks[-1]))


@dataclass(frozen=True, slots=True, eq=False)
class _Gate:
    """One call: what it was handed, the names of its weights, and how many tensors it returned."""

    call: Recurrence
    names: tuple[str, ...]
    results: int
    handed: Tensor = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "handed", self._handed())

    @property
    def _rows(self) -> tuple[int, int]:
        """Layers and directions."""
        module = self.call.module
        return (module.num_layers, 2 if module.bidirectional else 1) if isinstance(module, nn.RNNBase) else (1, 1)

    def _handed(self) -> Tensor:
        """(L, D): whether the hidden state handed in is other than zero somewhere."""
        if not self.call.initial:
            return torch.zeros(self._rows, dtype=torch.bool)
        return (self.call.initial[0].detach() != 0).reshape(*self._rows, -1).any(-1).cpu()

    def answer(self, gradients: Sequence[Tensor | None], wanted: Sequence[bool], walk: Walk) -> Iterator[Tensor | None]:
        """For the input, the initial states and the weights, in the order of the arguments of the function."""
        call = self.call
        hidden, read, strongest = self._read(gradients)
        # the first walk through a gate numbers it; later ones with the same object find the number and the scale
        number, scale = walk.scale(self, strongest)
        passing, scaled = self._passing(read), strongest * scale
        sources = [call.input, *call.initial]
        samples, steps = call.rows()
        table = passing.any(1)[0] * scaled[:, None]
        rows = passing.any(-1) * scaled
        for source, asked_for in zip(sources, wanted, strict=False):
            if not asked_for:
                yield None
            elif source is call.input:
                yield _spread(table[samples, steps][..., None], source, number)
            else:
                yield _spread(rows.reshape(*source.shape[:-1], 1), source, number)
        weights = _weights(call.module)
        for name, asked_for in zip(self.names, wanted[len(sources) :], strict=True):
            alive = self._alive(name, passing, hidden)
            yield (scaled.max() * alive).to(weights[name]).expand(weights[name].shape) if asked_for else None

    def _read(self, gradients: Sequence[Tensor | None]) -> tuple[Tensor, Tensor, Tensor]:
        """What something depends on: (L, D), of which a hidden state; (L, D, N, T), the states; (N,), how strongly."""
        call, (layers, directions) = self.call, self._rows
        read = torch.zeros(layers, directions, call.samples, call.steps, dtype=torch.bool)
        hidden = torch.zeros(layers, directions, dtype=torch.bool)
        strongest = torch.zeros(call.samples, dtype=torch.float64)
        lengths = call.lengths()
        given = [None if one is None else one.detach().abs() for one in gradients]
        states = given
        if isinstance(call.module, nn.RNNBase):
            output, *states = given
            if output is not None:
                samples, steps = call.rows()
                strength = output.reshape(*output.shape[:-1], directions, -1).amax(-1).cpu().double()
                read[-1][:, samples, steps] = (strength != 0).movedim(-1, 0)
                hidden[-1] |= (strength != 0).flatten(0, -2).any(0)
                strongest.scatter_reduce_(0, samples.flatten(), strength.amax(-1).flatten(), "amax")
        for kind, state in enumerate(states):
            if state is not None:
                strength = state.reshape(layers, directions, call.samples, -1).amax(-1).cpu().double()
                everyone = torch.arange(call.samples)
                read[:, 0, everyone, lengths - 1] |= strength[:, 0] != 0
                if directions == 2:
                    read[:, 1, :, 0] |= strength[:, 1] != 0
                strongest = strongest.maximum(strength.amax((0, 1)))
                if kind == 0:  # and not the cell state of an LSTM
                    hidden |= (strength != 0).any(-1)
        return hidden, read, strongest

    def _passing(self, read: Tensor) -> Tensor:
        """(L, D, N, T), boolean: the steps of each layer's input that what is read has read."""
        layers, directions, _, steps = read.shape
        inside = torch.arange(steps) < self.call.lengths()[:, None]
        passing = torch.zeros_like(read)
        for layer in reversed(range(layers)):
            states = read[layer].clone()
            if layer + 1 < layers:
                states |= passing[layer + 1].any(0)
            passing[layer, 0] = states[0].int().flip(-1).cummax(-1).values.flip(-1).bool()
            if directions == 2:
                passing[layer, 1] = states[1].int().cummax(-1).values.bool() & inside
        return passing

    def _alive(self, name: str, passing: Tensor, hidden: Tensor) -> bool:
        """Whether a weight gets a gradient."""
        # because a parametrized weight can be called anything: taken to be alive wherever the call is
        match = PARAMETER.search(name)
        if match is None:
            return bool(passing.any())
        layer, direction = int(match[2] or 0), int(match[3] is not None)
        steps = passing[layer, direction]
        # biases as ``weight_ih``: both are added at every step, the first too, though ``bias_hh`` has the name of the
        # other
        if match[1] == "ih" or name.startswith("bias"):
            return bool(steps.any())
        # What is read after one step has met no hidden state but the one handed in.  With a projection, which makes
        # the hidden state of the cell state, the cell state may be read alone.
        above = passing[layer + 1].any() if layer + 1 < len(passing) else False
        met = hidden[layer, direction] | above if match[1] == "hr" else self.handed[layer, direction] & steps.any()
        return bool(met) or bool((steps.sum(-1) > 1).any())


def _spread(strength: Tensor, source: Tensor, seed: int) -> Tensor:
    """Something other than zero, and other everywhere, where the strength is not zero: averages must not cancel it."""
    random = torch.rand(source.shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float32)
    # so that no value is near zero: from -1 to -0.5, and from 0.5 to 1
    signed = torch.where(random < 0.5, random - 1, random)
    return (strength * signed).to(source)
