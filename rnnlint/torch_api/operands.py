"""Reading the operands of tensor operations."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import replace

from rnnlint.axes.reading import notes
from rnnlint.axes.states import (
    Blended,
    Block,
    Call,
    Given,
    Joined,
    Note,
    Own,
    Raises,
    Result,
    Role,
    States,
    Unknown,
    blocks,
    shape,
)
from rnnlint.torch_api.context import Context
from rnnlint.torch_api.misreads import read_as_tensor
from rnnlint.torch_api.registry import Args
from rnnlint.values.domain import Formless, Free, Items, Lit, Tensor, Value
from rnnlint.values.origins import Chosen, Constants, Fresh, Memory, Truths
from rnnlint.values.uses import Use

NOT_KNOWN = "an argument of a tensor operation is not known"


def tensor_of(ctx: Context, value: Value | None) -> Tensor | Formless | Unknown:
    """An argument that must be a tensor.  Raises TorchRaises for a tuple that torch has returned."""
    if isinstance(value, Items) and value.tag is not None:  # a first argument was asked before (interpret.python.calls)
        read_as_tensor(ctx, value, "layer")
    return Unknown("no input") if value is None else ctx.facts.tensor(value)


def tensor_for_axis(ctx: Context, value: Value | None) -> Tensor | Formless | Unknown:
    """An argument that gets a new axis here: where nothing is known of it, and no state is in it, a tensor of unknown
    rank, so that the axis is known."""
    tensor = tensor_of(ctx, value)
    if value is None or not isinstance(tensor, Unknown) or not may_be_given(tensor):
        return tensor
    return ctx.facts.tensor(Free("a tensor", ctx.occurrence()))


OF_VALUES = "a tensor made of values that are not known"


def may_be_given(value: Unknown) -> bool:
    """Whether no state can be in something that is not known; what is made of numbers is data, whatever these were."""
    return not value.held and (not value.recurrent or value.reason == OF_VALUES)


def integers(ctx: Context, values: Sequence[Value]) -> tuple[int, ...] | None:
    """Several sizes or axes, given one by one or as one sequence."""
    if len(values) == 1 and not isinstance(values[0], (Lit, Free)):
        known = ctx.containers.elements(values[0])
        if known is None:
            return None
        values = known
    numbers = [ctx.facts.integer(value) for value in values]
    return None if None in numbers else tuple(n for n in numbers if n is not None)


def untold(ctx: Context, value: Value, reason: str = NOT_KNOWN) -> Value:
    """The result of an operation that cannot be followed: its operand counts as read."""
    ctx.use(value, Use.ELSEWHERE)
    return Unknown(reason)


def outside(ctx: Context, value: Value, reason: str) -> Value:
    """The numbers of a tensor as something that is none (``OUTSIDE``): read here, and handed on as it goes on."""
    ctx.use(value, Use.ELSEWHERE)
    return Unknown(reason, (value,) if isinstance(value, Tensor) and ctx.calls.modules(value.states) else ())


def axes_of(ctx: Context, a: Args, *names: str) -> tuple[int, ...] | None:
    """Several arguments that must be numbers."""
    numbers = [ctx.facts.integer(a.get(name)) for name in names]
    return None if None in numbers else tuple(n for n in numbers if n is not None)


def if_certain(ctx: Context, result: Result, tensor: Tensor) -> Value:
    """An operation that raises for the generic sizes may be right for the real ones."""
    if isinstance(result, Raises) and any(ctx.facts.free_of(extent) for extent in shape(tensor.states)):
        ctx.fitting.not_widened(shape(tensor.states))
        return untold(ctx, tensor, "an operation that fits in some programs only")
    return ctx.settle(result)


def align_samples(ctx: Context, one: States, other: States, axes: Sequence[int]) -> None:
    """Axes that must be equally long, one of them the samples of an RNN: what stands beside it has as many."""
    for axis in axes:
        sizes = shape(one)[axis], shape(other)[axis]
        held = [block for side in (one, other) for block in blocks(side) if isinstance(block.source, Call)]
        if 1 not in sizes and any([factor.along for factor in block.axes[axis]] == [Role.SAMPLE] for block in held):
            ctx.fitting.same(*sizes)


def source_key(value: Value) -> Hashable:
    """What a tensor that no RNN returned is (see :mod:`rnnlint.values.origins`); None for anything else."""
    if isinstance(value, Tensor) and isinstance(value.states, Block) and isinstance(value.states.source, Given):
        return value.states.source.key
    return None


INDICES = Unknown("indices of elements")


def indices_of(ctx: Context, tensor: Value, sizes: tuple[int, ...]) -> Value:
    """Where elements of a tensor stand: no states any more, but a program that goes on with them goes on from it."""
    if not isinstance(tensor, Tensor):
        return INDICES
    sources: set[Hashable] = set()
    for block in blocks(tensor.states):
        key = block.source.key
        sources |= key.of if isinstance(key, Chosen) else {block.source}
    return ctx.settle(ctx.given(Chosen(ctx.occurrence(), frozenset(sources), tensor.states), sizes))


def constants(value: Value) -> tuple[int, ...] | None:
    """The numbers of a tensor made from constants."""
    key = source_key(value)
    return key.numbers if isinstance(key, Constants) else None


def truths(ctx: Context, value: Value) -> Value:
    """A vector of numbers that stand in the file, as truths; anything else as it is."""
    numbers = constants(value)
    if isinstance(value, Tensor) and isinstance(value.states, Block) and value.states.marks:
        value = Tensor(notes.instead(value.states, Note.ONE_NUMBER, Note.ONE_TRUTH))
    if numbers is None or not isinstance(value, Tensor):
        return value
    true = tuple(position for position, number in enumerate(numbers) if number)
    return Tensor(ctx.given(Truths(true), shape(value.states)))


def renewed(ctx: Context, tensor: Tensor, memory: Memory) -> Tensor:
    """The same arrangement in other memory, for what the program has made itself; any other tensor as it is."""
    sources = [block.source for block in blocks(tensor.states)]
    if not any(isinstance(source, Given) and isinstance(source.key, Fresh) for source in sources):
        return tensor
    ctx.use(tensor, Use.ARITHMETIC)
    return Tensor(_renewed(ctx, tensor.states, memory))


def _renewed(ctx: Context, states: States, memory: Memory) -> States:
    if isinstance(states, Block):
        if not isinstance(states.source, Given) or not isinstance(states.source.key, Fresh):
            return states
        return replace(states, source=ctx.fresh(memory, states.source.shape))
    parts = tuple(_renewed(ctx, part, memory) for part in states.parts)
    return Joined(states.axis, parts) if isinstance(states, Joined) else Blended(parts)


def rows_along(states: States, axis: int) -> bool:
    """Whether samples or steps run along an axis."""
    alongs = {factor.along for block in blocks(states) for factor in block.axes[axis]}
    return not alongs.isdisjoint((Role.SAMPLE, Role.STEP))


def may_be_one(states: States, axis: int) -> bool:
    """Whether nothing but steps, or what no RNN returned, runs along an axis: then squeezing it says that it is one."""
    alongs = [factor.along for block in blocks(states) for factor in block.axes[axis]]
    return all(along is Role.STEP or along is None or isinstance(along, Own) for along in alongs)
