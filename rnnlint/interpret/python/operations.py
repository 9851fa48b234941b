"""Operations of torch on values, whichever they may be."""

from __future__ import annotations

from functools import cache

from rnnlint.axes.reading.meaning import cut
from rnnlint.axes.states import Call, blocks, shape
from rnnlint.interpret.state.run import Arguments, Keywords, Run
from rnnlint.torch_api.catalogue import moving
from rnnlint.torch_api.context import TorchRaises
from rnnlint.torch_api.misreads import misread
from rnnlint.torch_api.registry import Operation, bind
from rnnlint.torch_api.tensors import same_number, selecting
from rnnlint.torch_api.tensors.computing import CASTS, COUNTING
from rnnlint.values.alternatives import either
from rnnlint.values.domain import Either, Formless, Free, Items, Lit, SizeOf, Tensor, Value
from rnnlint.values.uses import Use


def operate(run: Run, op: Operation, args: Arguments, keywords: Keywords) -> Value:
    """Run an operation of torch, once for each value its arguments may have.

    Raises TorchRaises where it raises certainly, of which ``op.certainly`` decides by what was compared with torch.
    """
    if "**" in keywords:  # any parameter may be among them, the axis too
        wider = _ones_in_front(run, op, args, keywords)
        if wider is not None:
            return wider
        run.use_all(args, keywords)
        return run.lost(f"{op.name} with arguments that are not known")
    values = (*args, *keywords.values())
    if Either not in map(type, values):  # as of most
        return _operated(run, op, args, keywords, values)
    names = tuple(keywords)
    count = len(args)

    def go(some: Arguments) -> Value:
        return _operated(run, op, some[:count], dict(zip(names, some[count:], strict=True)), some)

    if op.name in _VIEWS:
        return run.one_of(values[0], lambda one: _fitting(run.each((one, *values[1:]), go)))
    return run.each(values, go)


def _ones_in_front(run: Run, op: Operation, args: Arguments, keywords: Keywords) -> Formless | None:
    """``x.reshape(1, *x.shape)`` of a tensor of unknown rank, which has as many axes more as there are ones."""
    sizes = keywords["**"]
    if op.name not in _SHAPED or len(keywords) > 1 or not args or not isinstance(sizes, SizeOf):
        return None
    tensor = run.facts.tensor(args[0])
    if not isinstance(tensor, Formless) or sizes.of != tensor or any(one != Lit(1) for one in args[1:]):
        return None
    return Formless(tensor.root, tensor.change + len(args) - 1)


_SHAPED = frozenset({"view", "reshape", "expand"})
_VIEWS = frozenset({"view", "reshape"})


def _fitting(viewed: Value) -> Value:
    """Of what a result becomes with one of several sizes, what keeps its axes: the others are another tensor's.

    Of a result of an RNN, whose sizes are known: what has them from this very view may fit by chance.
    """
    known = isinstance(viewed, Either) and all(
        isinstance(block.source, Call)
        for one in viewed.options
        if isinstance(one, Tensor)
        for block in blocks(one.states)
    )
    if not isinstance(viewed, Either) or not known:
        return viewed
    # beside what nobody knows too: sizes of one tensor are tried on another there as well
    kept = tuple(one for one in viewed.options if not (isinstance(one, Tensor) and cut(one.states)))
    return either(kept) if kept else viewed


def _operated(run: Run, op: Operation, args: Arguments, keywords: Keywords, values: Arguments) -> Value:
    """Run an operation on values none of which is one of several; ``values`` are all of them."""
    first = values[0] if values else None
    # the answer of a comparison, of which torch makes something: what is compared are tensors
    if isinstance(first, Lit) and isinstance(first.value, bool) and _takes_tensor(op) and args:
        first = run.facts.tensor(Free("a mask", run.site.node))
        args, values = (first, *args[1:]), (first, *values[1:])
    if isinstance(first, Items) and first.tag is not None and not _takes_several(op):
        return misread(run, first, op.name)
    if isinstance(first, (Free, Formless)) and op.rank is not None and isinstance(op.rank, int):
        tensor = run.facts.tensor(first)
        if isinstance(tensor, Formless):
            return Formless(tensor.root, tensor.change + op.rank)
    try:
        result = op.run(run, bind(op, args, keywords))
    except TorchRaises as raised:
        for value in values:
            if isinstance(value, Tensor):
                run.fitting.not_widened(shape(value.states))
        if op.certainly(raised):
            raise
        result = _perhaps(run, op, values)
    run.uses.read(values, result)
    if not isinstance(result, Tensor) or op.name in _keeping():
        return result
    if op.name.endswith("_") and isinstance(first, Tensor):  # something else is in it from then on
        return selecting.otherwise(run, result)
    return same_number.forgotten(result) if any(map(same_number.is_noted, values)) else result


@cache
def _keeping() -> frozenset[str]:
    """The operations, by the last part of their names, after which each element is the number that it was."""
    return moving() | CASTS | COUNTING | {"neg"}


def _perhaps(run: Run, op: Operation, values: Arguments) -> Value:
    """The value of an operation that raises as far as its handler can tell, which nobody has compared with torch."""
    for value in values:
        run.use(value, Use.ELSEWHERE)
    return run.lost(f"{op.name}() that fits in some programs only")


def _takes_tensor(op: Operation) -> bool:
    """Whether an operation computes with its first argument, and makes no tensor of it."""
    return op.parameters[0].partition("|")[0] in ("input", "condition")


def _takes_several(op: Operation) -> bool:
    """Whether an operation takes a sequence of tensors in its first place; any other raises on the tuple of a call."""
    return op.parameters[0].partition("|")[0] in ("tensors", "sequences")
