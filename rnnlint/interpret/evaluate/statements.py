"""Statements that bind, leave, define and import."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from rnnlint.interpret.evaluate import binding
from rnnlint.interpret.evaluate.dispatch import evaluate, execute, statement
from rnnlint.interpret.evaluate.expressions import augmented
from rnnlint.interpret.evaluate.functions import drops_graph
from rnnlint.interpret.evaluate.narrowing import promise
from rnnlint.interpret.evaluate.subscript_expressions import index_item
from rnnlint.interpret.python import lists, methods, project_files, sequences
from rnnlint.interpret.python.classes import handed_on
from rnnlint.interpret.state import replay
from rnnlint.interpret.state.frames import ClassInfo, Frame
from rnnlint.interpret.state.made_once import NONE
from rnnlint.interpret.state.run import Run
from rnnlint.source import program as ir
from rnnlint.source import walking
from rnnlint.source.attributes_read import is_reveal
from rnnlint.torch_api.context import TorchRaises
from rnnlint.values.domain import Bound, Class, Function, Items, Lit, Ref, Tensor, Value
from rnnlint.values.heap_cells import DictCell, ListCell
from rnnlint.values.uses import Use


@statement(ir.Assign)
def _assign(run: Run, frame: Frame, node: ir.Assign) -> bool:
    run.here.statement = node
    value = evaluate(run, frame, node.value)
    if isinstance(value, Lit) and isinstance(node.value, ir.Constant):
        value = run.made.assigned[node]
    for target in node.targets:
        binding.assign(run, frame, target, value, node.value)
    return True


@statement(ir.Declare)
def _declare(run: Run, frame: Frame, node: ir.Declare) -> bool:
    if node.value is not None:
        binding.assign(run, frame, node.target, evaluate(run, frame, node.value), node.value)
    return True


@statement(ir.AugAssign)
def _aug_assign(run: Run, frame: Frame, node: ir.AugAssign) -> bool:
    binding.assign(run, frame, node.target, augmented(run, frame, node), node.value)
    return True


@statement(ir.Evaluate)
def _evaluate(run: Run, frame: Frame, node: ir.Evaluate) -> bool:
    if not run.watched and is_reveal(node.value) and _names_only(node.value):
        return True  # nobody looks: even to fetch a name would be a use of what it may hold
    run.here.statement = node.value
    if not _copied_into(run, frame, node.value):
        evaluate(run, frame, node.value)
    return True


def _copied_into(run: Run, frame: Frame, node: ir.Expr) -> bool:
    """``last[:, n:].copy_(first)`` stores what ``last[:, n:] = first`` does, where that are states."""
    match node:
        case ir.Call(func=ir.Attribute(value=ir.Name() | ir.Subscript() as place, attr="copy_"), args=(argument,)):
            pass
        case _:
            return False
    inside = (*walking.walk(place), *walking.walk(argument.value))
    if any(isinstance(one, ir.Call) for one in inside):  # it would be called once more where nothing is stored
        return False
    value, held = evaluate(run, frame, argument.value), evaluate(run, frame, place)
    if not all(isinstance(one, Tensor) and run.calls.modules(one.states) for one in (value, held)):
        return False
    if isinstance(place, ir.Name):
        place = ir.Subscript(place.syntax, place, (ir.Dots(place.syntax),), False)
    binding.assign(run, frame, place, value, argument.value)
    return True


def _names_only(call: ir.Expr) -> bool:
    return isinstance(call, ir.Call) and all(isinstance(argument.value, ir.Name) for argument in call.args)


@statement(ir.Return)
def _return(run: Run, frame: Frame, node: ir.Return) -> bool:
    written = node.value
    value = NONE if written is None else replay.value(run, frame, written, partial(evaluate, run, frame, written))
    if node.value is not None:
        run.at(node.value, "return", subject=value)
    if run.here.path.depth <= 1:  # of a function inside, what is returned goes on here
        how = Use.RETURN if run.here.places == (None,) else Use.RESULT
        for place, one in _items(written, handed_on(run, value)):
            if place is not None:
                run.at(place, "return", subject=one)
            run.use(one, how)
    frame.returns.append((value, run.state.snapshot(frame)))
    return False


def _items(written: ir.Expr | None, value: Value) -> Iterator[tuple[ir.Expr | None, Value]]:
    """What a function returns, one by one where it is written as a tuple: each of these is used where it stands."""
    items = written.items if isinstance(written, ir.Display) else ()
    spread = any(isinstance(item, ir.Starred) for item in items)
    if isinstance(value, Items) and len(items) == len(value.items) and not spread:
        yield from zip(items, value.items, strict=True)
    else:
        yield None, value


@statement(ir.Raise)
def _raise(run: Run, frame: Frame, node: ir.Raise) -> bool:
    if node.value is not None:
        evaluate(run, frame, node.value)
    return False


@statement(ir.Assert)
def _assert(run: Run, frame: Frame, node: ir.Assert) -> bool:
    value = evaluate(run, frame, node.test)
    run.use(value, Use.COMPARISON)
    # an option only: a size that is open is what the assertion says
    option = isinstance(value, Lit) and type(value.value) is bool and _of_option(node.test)
    if option and run.facts.flag(value) is False:
        raise TorchRaises("AssertionError", "an option is asserted to be another")
    promise(run, frame, node.test, True)
    return True


def _of_option(test: ir.Expr) -> bool:
    """Whether a condition asks for nothing but the truth of a name or an attribute."""
    match test:
        case ir.Name() | ir.Attribute():
            return True
        case ir.Unary(op="not", operand=inner):
            return _of_option(inner)
        case ir.Compare(left=inner, rest=(("is", ir.Constant(value=bool())),)):
            return _of_option(inner)
    return False


@statement(ir.Delete)
def _delete(run: Run, frame: Frame, node: ir.Delete) -> bool:
    for target in node.targets:
        if isinstance(target, ir.Name):
            run.state.unbind(frame, target.id)
        elif isinstance(target, ir.Subscript):
            _delete_item(run, frame, target)
    return True


def _delete_item(run: Run, frame: Frame, target: ir.Subscript) -> None:
    """``del d[key]`` of a dict or a list; of anything else what is left stays possible."""
    held = evaluate(run, frame, target.value)
    keys = [index_item(run, frame, one) for one in target.items]  # a slice (``del rows[:]``) is no expression
    cell = run.heap[held.cell] if isinstance(held, Ref) else None
    if isinstance(held, Ref) and isinstance(cell, DictCell) and len(keys) == 1 and isinstance(keys[0], Lit):
        methods.remove_key(run, held, cell, keys[0].value)
    elif len(keys) == 1:
        changed = lists.delete(run, held, keys[0])
        if changed is not None:
            binding.hold(run, frame, target.value, changed)


@statement(ir.Jump)
def _jump(run: Run, frame: Frame, node: ir.Jump) -> bool:
    if node.kind == "break":
        frame.breaks.append(run.state.snapshot(frame))
    elif node.kind == "continue":
        frame.continues.append(run.state.snapshot(frame))
    return node.kind == "pass"


@statement(ir.Outer)
def _outer(run: Run, frame: Frame, node: ir.Outer) -> bool:
    run.journal.spoil()  # which names these are is asked wherever one is bound
    frame.outer.update(node.names)
    return True


@statement(ir.With)
def _with(run: Run, frame: Frame, node: ir.With) -> bool:
    for item, target in node.items:
        value = evaluate(run, frame, item)
        if target is not None and isinstance(value, Ref) and isinstance(run.heap[value.cell], ListCell):
            # no list can stand here: a function under @contextmanager yields what is bound
            value = sequences.some_element(run, value)
        if target is not None:
            binding.assign(run, frame, target, value, item)
    if not any(drops_graph(run, frame, item) for item, _ in node.items):
        return execute(run, frame, node.body)
    with run.here.within(graphless=True):
        return execute(run, frame, node.body)


@statement(ir.FunctionDef)
def _function(run: Run, frame: Frame, node: ir.FunctionDef) -> bool:
    for decorator in node.decorators:
        evaluate(run, frame, decorator)
    run.state.bind(frame, node.name, Function(node, run.state.scope_of(frame)))
    return True


@statement(ir.ClassDef)
def _class(run: Run, frame: Frame, node: ir.ClassDef) -> bool:
    bases = tuple(evaluate(run, frame, base.value) for base in node.bases if base.keyword is None)
    decorators = tuple(evaluate(run, frame, decorator) for decorator in node.decorators)
    scope = run.state.scope_of(frame)
    inner = Frame({}, scope, node, is_class=True)
    with run.here.within(depth=run.here.path.depth + 1):
        execute(run, inner, node.body)
    fields = tuple(s.target.id for s in node.body if isinstance(s, ir.Declare) and isinstance(s.target, ir.Name))
    run.state.define(node, ClassInfo(bases, inner.names, decorators, fields))
    run.state.bind(frame, node.name, _decorated(run, Class(node, scope), decorators))
    return True


def _decorated(run: Run, cls: Class, decorators: tuple[Value, ...]) -> Class:
    """What decorators of the program make of a class: mostly itself, which they have put into a registry."""
    for decorator in reversed(decorators):
        if isinstance(decorator, Function) or (isinstance(decorator, Bound) and isinstance(decorator.receiver, Ref)):
            made = run.call(decorator, (cls,), {})
            cls = made if isinstance(made, Class) else cls
    return cls


@statement(ir.Import)
def _import(run: Run, frame: Frame, node: ir.Import) -> bool:
    project_files.bind_modules(run, frame, node)
    return True


@statement(ir.ImportFrom)
def _import_from(run: Run, frame: Frame, node: ir.ImportFrom) -> bool:
    project_files.bind_names(run, frame, node)
    return True
