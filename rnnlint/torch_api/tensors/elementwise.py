"""Arithmetic and comparison of tensors with tensors and numbers; masks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

from rnnlint.axes import results
from rnnlint.axes.operations import combine
from rnnlint.axes.operations.checks import broadcast
from rnnlint.axes.reading import notes
from rnnlint.axes.states import (
    Axis,
    Block,
    Call,
    Given,
    Kind,
    Note,
    Own,
    Raises,
    Role,
    Source,
    States,
    Unknown,
    blocks,
    shape,
)
from rnnlint.events import Joining, PairRead
from rnnlint.torch_api.batches import layout
from rnnlint.torch_api.batches.lengths import made_where
from rnnlint.torch_api.batches.sorting import negated, order_by
from rnnlint.torch_api.context import Context, TorchRaises
from rnnlint.torch_api.operands import renewed, source_key
from rnnlint.torch_api.tensors import less_one, products, same_number, selecting
from rnnlint.values import forms
from rnnlint.values.domain import Called, Formless, Free, Lit, Tensor, Value
from rnnlint.values.facts import Widened
from rnnlint.values.origins import Compared, Counting, FromOutside, LastValid, MaskOf, Memory
from rnnlint.values.roots import plain
from rnnlint.values.uses import Use

T = TypeVar("T", bound=Value)


def taken_away(op: str, left: Value, right: Value) -> tuple[str, Value, Value]:
    """``x + -1`` as ``x - 1``, which is what it is."""
    for first, second in ((left, right), (right, left)):
        if op == "+" and isinstance(second, Lit) and type(second.value) is int and second.value < 0:
            return "-", first, replace(second, value=-second.value)
    return op, left, right


def arithmetic(ctx: Context, op: str, left: Value, right: Value) -> Value:
    """``left op right`` where one of them is a tensor."""
    if op == "@":
        return products.broadcast(ctx, left, right)
    counted = same_number.computed(ctx, op, left, right)
    if counted is not None:
        return counted
    left, right = same_number.forgotten(left), same_number.forgotten(right)
    sides = less_one.reckoned_with(ctx, left), less_one.reckoned_with(ctx, right)
    if sides != (left, right) and (is_number(left) or is_number(right)):
        return sides[1] if is_number(left) else sides[0]
    left, right = sides
    first, second = (side if isinstance(side, Tensor) else None for side in (left, right))
    if first is not None and second is not None:
        if op == "-":
            first, second = of_batches(ctx, (first, second))
        if op == "+":
            say_added(ctx, first.states, second.states)
        both = blended(ctx, first, second)
        both = selecting.weighed(both, (first, second)) if op == "*" else selecting.mixed(both)
        if op == "*" and first == second:
            both = no_less_than_zero(both)
        if op != "-":
            return both
        if bool(_calls(first.states)) != bool(_calls(second.states)):
            return _difference(ctx, both)
        return _gap(ctx, both) if _calls(first.states) else both
    tensor, other = (first, right) if first is not None else (second, left)
    if op == "-" and right == Lit(1):
        last = _last_valid(ctx, left)
        if last is not None:
            return last
    if tensor is None:
        return left if isinstance(left, Formless) else right
    if isinstance(source_key(tensor), Counting) and order_by(tensor) is not None:
        ctx.use(tensor, Use.ARITHMETIC)
        return Unknown("arithmetic on an index")
    if op == "*" and isinstance(other, Lit) and other.value == 0 and _calls(tensor.states):
        return ctx.settle(results.given(ctx.fresh(Memory.CONSTANT, shape(tensor.states))))  # nothing of it is left
    if is_number(other):
        value = selecting.otherwise(ctx, tensor)
        return no_less_than_zero(value) if op == "**" and tensor is first and is_even(other) else value
    tensor = masked(ctx, tensor)
    ctx.use(tensor, Use.ARITHMETIC)
    given = not _calls(tensor.states)
    if given and (isinstance(other, Unknown) or (len(shape(tensor.states)) < 2 and _made_elsewhere(other))):
        return other  # a mask or a bias takes the shape of what it is added to
    if given and isinstance(other, Formless) and _sized_as(ctx, tensor, other):
        ctx.facts.rank(other, len(shape(tensor.states)))  # with any other they would not fit
    if isinstance(other, (Unknown | Formless | Free) if given else (Unknown | Formless)) and 1 in shape(tensor.states):
        return Unknown("a tensor that something of unknown shape widens")
    tensor = _beside(ctx, tensor, other)
    if op in ("+", "-") and isinstance(other, Unknown) and other.recurrent:
        tensor = Tensor(notes.noted_first(tensor.states, Note.JOINED_BY_LOST, ctx.site))
    tensor = renewed(ctx, tensor, Memory.MIXED)
    return _difference(ctx, tensor) if op == "-" else tensor


def _sized_as(ctx: Context, tensor: Tensor, other: Formless) -> bool:
    """Whether a tensor was given the extents of another, from the first on, with axes of one between them."""
    first, *others = (ctx.facts.axis_of(other, size) if size != 1 else None for size in shape(tensor.states) or (1,))
    wide = [axis for size, axis in zip(shape(tensor.states)[1:], others, strict=True) if size != 1]
    return first == 0 and bool(wide) and None not in wide


def _beside(ctx: Context, tensor: Tensor, other: Value) -> Tensor:
    """A tensor with something that may be another: wherever it is one wide, it is as wide as that."""
    sizes = shape(tensor.states)
    if 1 not in sizes or not ctx.fitting.may_widen(other):
        return tensor
    at = ctx.occurrence()
    wide = (ctx.facts.generic(Widened(at, axis)) if size == 1 else size for axis, size in enumerate(sizes))
    return _repeated(tensor, tuple(wide))


def _repeated(tensor: Tensor, sizes: Sequence[int]) -> Tensor:
    """A tensor as it is repeated where it meets one of these sizes."""
    result = combine.expand(tensor.states, sizes)
    return tensor if isinstance(result, (Raises, Unknown)) else Tensor(result)


def _meeting(tensor: Tensor, other: Tensor) -> Tensor:
    """A tensor that is taken to fit another one: what is one wide, and axes in front, are repeated as that has them."""
    own, beside = shape(tensor.states), shape(other.states)
    length = max(len(own), len(beside))
    pairs = zip((1,) * (length - len(own)) + own, (1,) * (length - len(beside)) + beside, strict=True)
    return _repeated(tensor, [size if size != 1 else wide for size, wide in pairs])


def _made_elsewhere(value: Value) -> bool:
    """Whether a value is a tensor of unknown shape, or what a function that is not followed returns: perhaps one."""
    return isinstance(value, Formless) or (isinstance(value, Free) and isinstance(value.owner, Called))


def is_number(value: Value) -> bool:
    """Whether an operand is certainly a number: it scales or shifts, and masks nothing."""
    if isinstance(value, Lit):
        return True
    if not isinstance(value, Free) or value.form is None or plain(value):
        return False
    return isinstance(value.form, forms.NumberOf) or all(map(is_number, value.form.operands))


def _difference(ctx: Context, value: T) -> T:
    """How far something is from something else: an error, no longer what the RNN has made."""
    if not isinstance(value, Tensor):
        return value
    return replace(value, states=notes.noted_first(value.states, Note.DIFFERENCE, ctx.site))


def of_batches(ctx: Context, tensors: Sequence[T]) -> tuple[T, ...]:
    """Two batches are compared by what their samples have in the mean: these are pooled on purpose."""
    found = tuple(tensors)
    pooled = [one for one in found if isinstance(one, Tensor) and all(map(_is_pooled, blocks(one.states)))]
    if len(pooled) < 2:
        return found
    return tuple(_difference(ctx, one) if one in pooled else one for one in found)


def _is_pooled(block: Block) -> bool:
    """Whether samples are taken together: in what no RNN has made, any axis but the last may be theirs."""
    if isinstance(block.source, Call):
        return any(factor.along is Role.SAMPLE for factor in block.reduced)
    last = Own(len(block.source.shape) - 1)
    return any(isinstance(factor.along, Own) and factor.along != last for factor in block.reduced)


def _gap(ctx: Context, value: Value) -> Value:
    """How far two readings are from each other: asked as one number, whether they are the same (see ``comparing``)."""
    return Tensor(notes.noted_first(value.states, Note.GAP, ctx.site)) if isinstance(value, Tensor) else value


def masked(ctx: Context, tensor: Tensor) -> Tensor:
    """A tensor whose padding something that is not followed has been combined with: a mask, for all that is known."""
    return Tensor(notes.noted(tensor.states, Note.MASKED, ctx.site))


def no_less_than_zero(value: Value) -> Value:
    """A rectified tensor: zeros behind the last step of an unpacked output are its least."""
    return Tensor(notes.noted_first(value.states, Note.PADDING_LEAST, None)) if isinstance(value, Tensor) else value


def is_even(exponent: Value | None) -> bool:
    """Whether a power of that is never below 0, and of 0 it is 0."""
    number = exponent.value if isinstance(exponent, Lit) else None
    return isinstance(number, (int, float)) and number > 0 and number % 2 == 0


def negative(ctx: Context, value: Value) -> Value:
    """``-x``: what sorts it sorts ``x`` the other way."""
    if not isinstance(value, Tensor) or not isinstance(value.states, Block) or ctx.calls.modules(value.states):
        return value
    return same_number.negative(ctx, value) or Tensor(negated(value.states))


def mask(ctx: Context, left: Value, right: Value) -> Value:
    """Where a comparison holds: a tensor of its own."""
    for side in (left, right):
        ctx.use(side, Use.COMPARISON)
    if isinstance(left, Tensor) and isinstance(right, Tensor):
        common = broadcast(shape(left.states), shape(right.states))
        if isinstance(common, Raises):
            return Unknown("a comparison of tensors that fit in some programs only")
        made_of = made_where(left.states) | made_where(right.states)
        return ctx.settle(ctx.given(Compared(ctx.occurrence(), made_of), common))
    return mask_of(ctx, left if isinstance(left, (Tensor, Formless)) else right)


def mask_of(ctx: Context, first: Value) -> Value:
    """Where something holds of the elements of a tensor by themselves; that it is read is not said here."""
    if isinstance(first, Tensor):
        return ctx.settle(ctx.given(MaskOf(first.states), shape(first.states)))
    if isinstance(first, Formless):
        root = first.root
        return Formless(Free(f"a mask of {root.key}", root.owner, forms.Mask(root)), first.change)
    return Unknown("a comparison")


def _last_valid(ctx: Context, lengths: Value) -> Value | None:
    """``lengths - 1``."""
    if isinstance(lengths, Formless):
        root = lengths.root
        return Formless(Free(f"{root.key} - 1", root.owner, forms.Arithmetic("-", root, Lit(1))), lengths.change)
    if isinstance(lengths, Tensor) and isinstance(lengths.states, Block) and isinstance(lengths.states.source, Given):
        last = LastValid(lengths.states.source.key)
        return ctx.settle(ctx.given(last, shape(lengths.states)))
    return None


def say_added(ctx: Context, left: States, right: States) -> None:
    """Two readings of one call go together into one, number by number, as if they were of one kind."""
    if isinstance(left, Block) and isinstance(right, Block) and left.source == right.source:
        modules = ctx.calls.modules(left)
        if modules and left.kind is right.kind:
            ctx.emit(Joining("add", (left, right), -1, True, False, ctx.site, modules=modules))


def blended(ctx: Context, left: Tensor, right: Tensor) -> Value:
    """Elementwise arithmetic on two tensors."""
    calls = [_calls(left.states), _calls(right.states)]
    if calls[0] and calls[1] and calls[0] != calls[1]:
        ctx.use(left, Use.ARITHMETIC)
        ctx.use(right, Use.ARITHMETIC)
    _say_pair(ctx, left.states, right.states)
    result = combine.blend((left.states, right.states))
    if isinstance(result, Raises):
        if 0 in (*shape(left.states), *shape(right.states)):  # nothing is left of one: no open size can be meant
            raise TorchRaises(result.error, result.text)
        kept = _kept(ctx, left, right)
        ctx.use(masked(ctx, left), Use.ARITHMETIC)
        ctx.use(masked(ctx, right), Use.ARITHMETIC)
        return renewed(ctx, masked(ctx, _meeting(kept, right if kept is left else left)), Memory.MIXED)
    if not (calls[0] and calls[1]):
        first = _kept(ctx, left, right)
        other = right if first is left else left
        apart = _is_learned(ctx, other.states) or _alike_for_all_steps(first.states, shape(other.states))
        kept = first if apart else masked(ctx, first)
        ctx.use(kept, Use.ARITHMETIC)
        ctx.use(other, Use.ARITHMETIC)
        if not isinstance(result, Unknown) and shape(result) == shape(kept.states):
            return renewed(ctx, kept, Memory.MIXED)
    return ctx.settle(result)


def _kept(ctx: Context, left: Tensor, right: Tensor) -> Tensor:
    """As which of two tensors the result goes on: the states of an RNN, or else what shows which axis is which."""
    if _calls(left.states) or _calls(right.states):
        return left if _calls(left.states) else right
    return left if _shows(ctx, left.states) and not _shows(ctx, right.states) else right


def _shows(ctx: Context, states: States) -> bool:
    return any(True for axis in range(len(shape(states))) for _ in layout.inherited(ctx, states, axis))


def _is_learned(ctx: Context, states: States) -> bool:
    """Whether a tensor is a parameter of the model, a weight or a bias: that masks no sample's padding."""

    def learned(source: Source) -> bool:
        seen = isinstance(source.key, FromOutside) and source.key.learned
        return seen or ctx.fresh_tensors.memory(source) is Memory.LEARNED

    return all(learned(block.source) for block in blocks(states))


def _alike_for_all_steps(states: States, beside: Sequence[int]) -> bool:
    """Whether what has these sizes does the same to every step of a tensor: that masks none, be it a query or a weight.

    One number a sample may be its length, by which a mean is made that of the steps that there are.
    """
    for block in blocks(states):
        steps = [axis - len(block.axes) for axis, factors in enumerate(block.axes) if _holds_steps(factors)]
        if not steps or any(-axis <= len(beside) and beside[axis] != 1 for axis in steps):
            return False
    return beside[-1:] != (1,) or set(beside) == {1}


def _holds_steps(axis: Axis) -> bool:
    return any(factor.along is Role.STEP for factor in axis)


def _calls(states: States) -> set[Call]:
    return {block.source for block in blocks(states) if isinstance(block.source, Call)}


def _say_pair(ctx: Context, left: States, right: States) -> None:
    """Adding the whole h_n to the whole c_n of one call takes the pair for two directions."""
    sides = [side for side in (left, right) if isinstance(side, Block) and isinstance(side.source, Call)]
    if len(sides) != 2 or sides[0].source != sides[1].source or sides[0].kind is sides[1].kind:
        return
    call = sides[0].source
    assert isinstance(call, Call)
    if all(_whole(side, call) for side in sides):
        module = dict(ctx.calls.modules(left)).get(call)
        ctx.emit(PairRead(call, module, "arithmetic", ctx.site, None, Tensor(left)))


def _whole(block: Block, call: Call) -> bool:
    return (
        block.kind is not Kind.GIVEN
        and block.axes == results.state_of(call, block.kind).axes
        and not any(role is Role.LAYER for role, _ in block.at)
    )
