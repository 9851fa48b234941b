"""What a condition tells of the names that it asks about: what contradicts its outcome they are not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from rnnlint.axes.states import Unknown, shape
from rnnlint.interpret.evaluate.binding import assign
from rnnlint.interpret.evaluate.dispatch import evaluate
from rnnlint.interpret.python import type_of
from rnnlint.interpret.state.frames import Frame
from rnnlint.interpret.state.run import Run
from rnnlint.source import program as ir
from rnnlint.values.alternatives import either
from rnnlint.values.domain import Builtin, Either, Formless, Free, Lit, SizeOf, Tensor, Value


def narrow(run: Run, frame: Frame, test: ir.Expr, outcome: bool) -> None:
    """Drop the possibilities of a name that contradict the outcome of a test on it.

    Where the name is how long an axis of a tensor is, the tensor is none of those with another length either.
    """
    if isinstance(test, ir.Unary) and test.op == "not":
        narrow(run, frame, test.operand, not outcome)
        return
    if isinstance(test, ir.Boolean):
        if outcome is (test.op == "and"):
            narrow(run, frame, test.left, outcome)
            narrow(run, frame, test.right, outcome)
        return
    subject = _subject(test)
    if subject is None:
        return
    if outcome and _asks_for_a_sequence(test):
        whole = type_of.own_parameter(run, evaluate(run, frame, subject))
        if whole is not None:  # what it holds is none of the tensor that it is where it is none
            assign(run, frame, subject, Free(whole.key, (Builtin("tuple"), whole.owner)), subject)
            return
    subjects = (subject, *_compared_with(test, subject))
    # each is asked about beside all that the others may be, before any of them is less
    left = [_left(run, frame, one, test, outcome) for one in subjects]
    for one, options in zip(subjects, left, strict=True):
        if options is not None:
            before, after = options
            for name, measured in _measured(run, frame, before, after):
                run.state.bind(frame, name, measured)
            assign(run, frame, one, either(after), one)


def _left(
    run: Run, frame: Frame, subject: ir.Name, test: ir.Expr, outcome: bool
) -> tuple[tuple[Value, ...], tuple[Value, ...]] | None:
    """What a name may be, and what of that does not contradict the outcome; None where that is all or nothing."""
    value = evaluate(run, frame, subject)
    if not isinstance(value, Either):
        return None
    kept = tuple(option for option in value.options if _answer(run, frame, subject, option, test) in (None, outcome))
    return (value.options, kept) if 0 < len(kept) < len(value.options) else None


def promise(run: Run, frame: Frame, test: ir.Expr, outcome: bool) -> None:
    """A program goes on with this outcome only, else it raises: a size that is to be one is one.  May raise Need."""
    match test:
        case ir.Unary(op="not", operand=operand):
            promise(run, frame, operand, not outcome)
        case ir.Boolean(op=op, left=left, right=right) if outcome is (op == "and"):
            promise(run, frame, left, outcome)
            promise(run, frame, right, outcome)
        case ir.Compare(left=left, rest=(("==" | "!=" as op, ir.Constant(value=1)),)) if outcome is (op == "=="):
            value = evaluate(run, frame, left) if isinstance(left, ir.Name) or _sized(left) is not None else None
            if isinstance(value, Lit) and type(value.value) is int:
                run.fitting.one_wide(value.value)


def _answer(run: Run, frame: Frame, subject: ir.Name, option: Value, test: ir.Expr) -> bool | None:
    """What a test says where the name that it is about is one of the values it can be; None where that is open."""
    if _of_an_axis(test) and not isinstance(option, (Tensor, Formless)):  # it may raise, and is not run to say so
        return None
    truth = _said(run, frame, {subject.id: option}, test)
    for other in _compared_with(test, subject) if truth is None else ():
        beside = run.state.lookup(frame, other.id)
        if isinstance(beside, Either):
            # beside one tensor of several of which nothing is known, the others say what is known
            known = [one for one in beside.options if isinstance(one, (Tensor, Formless))]
            answers = {_said(run, frame, {subject.id: option, other.id: one}, test) for one in known}
            return answers.pop() if len(answers) == 1 else None
    return truth


def _said(run: Run, frame: Frame, names: Mapping[str, Value], test: ir.Expr) -> bool | None:
    """What a test says where these names hold these values."""
    inner = frame.copy()
    inner.names.update(names)
    said = run.trace.mark()
    truth = run.facts.flag(evaluate(run, inner, test))
    run.trace.take_back(said)  # it was said when the condition was run
    return truth


def _compared_with(test: ir.Expr, subject: ir.Name) -> Iterator[ir.Name]:
    """The other tensor of ``len(x.shape) != len(y.shape)``."""
    match test:
        case ir.Compare(left=left, rest=((_, right),)):
            sized = (_sized(left), _sized(right))
            if None not in sized:
                yield from (one for one in sized if one is not None and one.id != subject.id)


def _measured(
    run: Run, frame: Frame, before: tuple[Value, ...], after: tuple[Value, ...]
) -> Iterator[tuple[str, Value]]:
    """The tensors of which something that was one of ``before`` is the length of an axis, as what they are where it is
    one of ``after``: ``layers, batch, size = state.size()`` and ``if layers > 1`` tell which state it is."""
    if not all(isinstance(number, Lit) for number in before) or not any(run.facts.origins(one) for one in before):
        return  # numbers that are all written down may be those of anything
    for name in tuple(frame.names):
        value = run.state.lookup(frame, name)
        if not isinstance(value, Either):
            continue
        tensors = [run.facts.tensor(option) for option in value.options]
        for axis in range(max((len(shape(one.states)) for one in tensors if isinstance(one, Tensor)), default=0)):
            along = [_extent(run, one, axis) for one in tensors]
            if {one and one.value for one in along} == {one.value for one in before if isinstance(one, Lit)}:
                left = tuple(option for option, one in zip(value.options, along, strict=True) if one in after)
                yield name, either(left)
                break


def _extent(run: Run, tensor: Tensor | Formless | Unknown, axis: int) -> Lit | None:
    """How long an axis of a tensor is; None where that is not known, or it has no such axis."""
    if isinstance(tensor, Formless):
        return run.facts.size_of(SizeOf(tensor), axis)
    known = shape(tensor.states) if isinstance(tensor, Tensor) else ()
    return run.facts.number(known[axis]) if axis < len(known) else None


def _asks_for_a_sequence(test: ir.Expr) -> bool:
    """``isinstance(x, tuple)``, or a list, or either."""
    match test:
        case ir.Call(func=ir.Name(id="isinstance"), args=(_, ir.Argument(value=kind))):
            kinds = kind.items if isinstance(kind, ir.Display) else (kind,)
            return all(isinstance(one, ir.Name) and one.id in type_of.SEQUENCES for one in kinds)
    return False


def _subject(test: ir.Expr) -> ir.Name | None:
    """The name that a test of the forms ``x``, ``x is None``, ``x == c``, ``isinstance(x, T)`` is about, or one of how
    long an axis of ``x`` is, or how many it has."""
    match test:
        case ir.Name():
            return test
        case ir.Compare(left=ir.Name() as name) | ir.Compare(left=ir.Constant(), rest=((_, ir.Name() as name),)):
            return name
        case ir.Call(
            func=ir.Name(id="isinstance" | "hasattr" | "callable"), args=(ir.Argument(value=ir.Name() as name), *_)
        ):
            return name
    return _of_an_axis(test)


def _of_an_axis(test: ir.Expr) -> ir.Name | None:
    """The tensor that ``x.size(0) > 1``, ``1 < x.shape[0]``, ``len(x) == n``, ``x.dim() == 3`` is about."""
    match test:
        case ir.Compare(left=ir.Constant(), rest=((_, right),)):
            return _sized(right)
        case ir.Compare(left=left):
            return _sized(left)
    return None


def _sized(node: ir.Expr) -> ir.Name | None:
    match node:
        case (
            ir.Subscript(value=ir.Attribute(value=ir.Name() as name, attr="shape"))
            | ir.Attribute(value=ir.Name() as name, attr="ndim")
            | ir.Call(func=ir.Attribute(value=ir.Name() as name, attr="size" | "dim" | "ndimension"))
            | ir.Subscript(value=ir.Call(func=ir.Attribute(value=ir.Name() as name, attr="size")))
            | ir.Call(func=ir.Name(id="len"), args=(ir.Argument(value=ir.Name() as name),))
            | ir.Call(
                func=ir.Name(id="len"), args=(ir.Argument(value=ir.Attribute(value=ir.Name() as name, attr="shape")),)
            )
            | ir.Call(
                func=ir.Name(id="len"),
                args=(ir.Argument(value=ir.Call(func=ir.Attribute(value=ir.Name() as name, attr="size"))),),
            )
        ):
            return name
    return None
