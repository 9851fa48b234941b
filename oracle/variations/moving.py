"""Code moved: to a function, a method, a nested function, a lambda, a decorator, another class."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import count

import libcst as cst

from oracle.variations.between import asks_for_gradients, documented, of_body, with_block
from oracle.variations.results import unpacking
from oracle.variations.rewrite import Around, Line, Rewrite, each_class, each_function, each_line
from oracle.variations.syntax import (
    after_imports,
    alone,
    fresh,
    locals_of,
    names_read,
    statements,
    text_of,
    with_body,
    with_torch,
)


def _returned(line: cst.SimpleStatementLine) -> cst.BaseExpression | None:
    """What a line returns, where that is more than a name."""
    only = alone(line)
    if not isinstance(only, cst.Return) or only.value is None or isinstance(only.value, (cst.Name, cst.Tuple)):
        return None
    return only.value


def _needed(node: cst.CSTNode, around: Around) -> list[str]:
    """The names of the function around that a piece of it reads."""
    bound = locals_of(around.function) if around.function else frozenset()
    return [name for name in names_read(node) if name in bound]


def _plain(node: cst.CSTNode) -> bool:
    """Whether a piece means the same in another function."""
    text = text_of(node)
    return not re.search(r"\b(super|yield|await|locals|vars)\b|:=", text)


def _with_methods(
    class_: cst.ClassDef, change: Line, made: Sequence[cst.BaseStatement]
) -> Sequence[cst.BaseStatement] | None:
    """A class with its lines changed, and behind them the methods that the changes have ``made`` on the way."""
    if not isinstance(class_.body, cst.IndentedBlock):
        return None
    new = each_line(cst.Module([class_]), change)
    if new is None:
        return None
    changed = new.body[0]
    assert isinstance(changed, cst.ClassDef)
    return [changed.with_changes(body=changed.body.with_changes(body=[*changed.body.body, *made]))]


def return_inside(written: str) -> Callable[[cst.Module], cst.Module | None]:
    """``return value`` as ``written``, with ``{value}``."""

    def rewrite(module: cst.Module) -> cst.Module | None:
        def change(line: cst.SimpleStatementLine, around: Around) -> Sequence[cst.BaseStatement] | None:
            value = _returned(line)
            if value is None or not _plain(value) or len(around.definitions) != 2:
                return None
            made = statements(written.format(value=text_of(value)))
            return [*made[:-1], made[-1].with_changes(trailing_whitespace=line.trailing_whitespace)]

        return each_line(module, change)

    return rewrite


def return_by_function(module: cst.Module) -> cst.Module | None:
    """``return finish_1(self, out)``, a function of the file."""
    numbers, made = count(1), list[cst.BaseStatement]()
    name = fresh(module, "finish")

    def change(line: cst.SimpleStatementLine, around: Around) -> Sequence[cst.BaseStatement] | None:
        value = _returned(line)
        if value is None or not _plain(value) or not around.own:
            return None
        needed, number = _needed(value, around), next(numbers)
        function = statements(f"def {name}_{number}({', '.join(needed)}):\n    return {text_of(value)}\n")
        made.extend(function)
        return [with_body(line, f"return {name}_{number}({', '.join(needed)})")]

    new = each_line(module, change)
    # where the file's own classes and functions are known, however late the first import stands
    return after_imports(new, made) if new else None


def _return_by(head: str, call: str) -> Callable[[cst.Module], cst.Module | None]:
    """``return value`` of a method as ``call`` of another one; ``head`` has its decorator and its ``def``."""

    def rewrite(module: cst.Module) -> cst.Module | None:
        numbers = count(1)
        name = fresh(module, "finish")

        def of_class(class_: cst.ClassDef) -> Sequence[cst.BaseStatement] | None:
            made: list[cst.BaseStatement] = []

            def change(line: cst.SimpleStatementLine, around: Around) -> Sequence[cst.BaseStatement] | None:
                value = _returned(line)
                # of the class itself, because the visit begins there
                inside = Around((class_, *around.definitions[-1:]))
                if value is None or not _plain(value) or not inside.own or len(around.definitions) != 2:
                    return None
                others = [one for one in _needed(value, inside) if one != inside.own]
                said = {
                    "name": f"{name}_{next(numbers)}",
                    "own": inside.own,
                    "others": ", ".join(others),
                    "all": ", ".join([inside.own, *others]),
                }
                made.extend(statements(f"{head.format(**said)}\n    return {text_of(value)}\n"))
                return [with_body(line, f"return {call.format(**said)}")]

            return _with_methods(class_, change, made)

        return each_class(module, of_class)

    return rewrite


def tail_by_method(module: cst.Module) -> cst.Module | None:
    """All that ``forward`` does after its first call that returns two, in a method that it calls."""

    def change(class_: cst.ClassDef) -> Sequence[cst.BaseStatement] | None:
        body: list[cst.CSTNode] = []
        for one in class_.body.body:
            body += (_split(one, class_) if isinstance(one, cst.FunctionDef) else None) or [one]
        if len(body) == len(class_.body.body):
            return None
        return [class_.with_changes(body=class_.body.with_changes(body=body))]

    return each_class(module, change)


def _split(function: cst.FunctionDef, class_: cst.ClassDef) -> list[cst.BaseStatement] | None:
    around = Around((class_, function))
    body = of_body(function)
    place = next((n for n, one in enumerate(body) if isinstance(one, cst.SimpleStatementLine) and unpacking(one)), None)
    if function.name.value != "forward" or place is None or not around.own or place + 2 >= len(body):
        return None
    head, rest = body[: place + 1], body[place + 1 :]
    last = rest[-1]
    if not isinstance(last, cst.SimpleStatementLine) or not isinstance(alone(last), cst.Return):
        return None
    if not all(map(_plain, rest)):
        return None
    parameters = {one.name.value for one in function.params.params}
    known = parameters | {name for one in head for name in re.findall(r"\w+", text_of(one))}
    read = dict.fromkeys(name for one in rest for name in _needed(one, around))
    others = [name for name in read if name in known and name != around.own]
    made = statements(f"def read_on({', '.join([around.own, *others])}):\n    pass\n")[0]
    assert isinstance(made, cst.FunctionDef)
    call = statements(f"return {around.own}.read_on({', '.join(others)})")
    return [with_block(function, [*head, *call]), with_block(made, rest)]


def call_by_method(module: cst.Module) -> cst.Module | None:
    """``out, h = self.read_1(x)``, a method that calls the module."""
    numbers = count(1)
    name = fresh(module, "read")

    def of_class(class_: cst.ClassDef) -> Sequence[cst.BaseStatement] | None:
        made: list[cst.BaseStatement] = []

        def change(line: cst.SimpleStatementLine, around: Around) -> Sequence[cst.BaseStatement] | None:
            found = unpacking(line)
            inside = Around((class_, *around.definitions[-1:]))
            if not found or not inside.own or not _plain(found.call) or len(around.definitions) != 2:
                return None
            others = [one for one in _needed(found.call, inside) if one != inside.own]
            number = next(numbers)
            made.extend(
                statements(
                    f"def {name}_{number}({', '.join([inside.own, *others])}):\n    return {text_of(found.call)}\n"
                )
            )
            called = f"{inside.own}.{name}_{number}({', '.join(others)})"
            return [with_body(line, f"{text_of(found.target)} = {called}")]

        return _with_methods(class_, change, made)

    return each_class(module, of_class)


def _call_as(written: str, top: str = "", before: str = "") -> Callable[[cst.Module], cst.Module | None]:
    """The call that returns two written as ``written``: ``{f}``, ``{arguments}``, ``{call}``, ``top``'s ``{name}``."""

    def rewrite(module: cst.Module) -> cst.Module | None:
        name = fresh(module, "applied")

        def change(line: cst.SimpleStatementLine, _: Around) -> Sequence[cst.BaseStatement] | None:
            found = unpacking(line)
            if not found or not _plain(found.call):
                return None
            plain = not any(one.star or one.keyword for one in found.call.args)
            if not plain and "{arguments}]" in written:
                return None
            given = ", ".join(text_of(one.with_changes(comma=cst.MaybeSentinel.DEFAULT)) for one in found.call.args)
            said = {"f": text_of(found.call.func), "arguments": given, "call": text_of(found.call), "name": name}
            first = statements(before.format(**said)) if before else []
            return [*first, with_body(line, f"{text_of(found.target)} = {written.format(**said)}")]

        new = each_line(module, change)
        return after_imports(new, statements(top.format(name=name))) if new and top else new

    return rewrite


def decorated(decorator: str, top: str) -> Callable[[cst.Module], cst.Module | None]:
    """Every ``forward`` under a decorator of the file."""

    def rewrite(module: cst.Module) -> cst.Module | None:
        name = fresh(module, "told")

        def change(one: cst.FunctionDef, around: Around) -> Sequence[cst.BaseStatement] | None:
            if (
                one.name.value != "forward"
                or len(around.definitions) != 1
                or one.decorators
                or "super()" in text_of(one)
            ):
                return None
            return [one.with_changes(decorators=[cst.Decorator(cst.parse_expression(decorator.format(name=name)))])]

        new = each_function(module, change)
        return after_imports(with_torch(new), statements(top.format(name=name))) if new else None

    return rewrite


def without_gradients(module: cst.Module) -> cst.Module | None:
    """``@torch.no_grad()`` above every ``forward``."""
    return None if asks_for_gradients(module) else decorated("torch.no_grad()", "")(module)


def forward_by_other(module: cst.Module) -> cst.Module | None:
    """``forward`` hands everything to a method that does what it did."""
    name = fresh(module, "run_all")

    def change(one: cst.FunctionDef, around: Around) -> Sequence[cst.BaseStatement] | None:
        plain = not one.params.kwonly_params and not one.params.star_kwarg
        if (
            one.name.value != "forward"
            or len(around.definitions) != 1
            or one.decorators
            or not of_body(one)
            or not plain
        ):
            return None
        if "super()" in text_of(one) or any(one.star for one in one.params.params) or not one.params.params:
            return None
        if isinstance(one.params.star_arg, cst.Param):
            return None
        own, *others = [each.name.value for each in one.params.params]
        body = of_body(one)
        call = statements(f"return {own}.{name}({', '.join(others)})")
        return [with_block(one, [*body[: documented(body)], *call]), one.with_changes(name=cst.Name(name))]

    return each_function(module, change)


def annotated(module: cst.Module) -> cst.Module | None:
    """The parameters and the result of every ``forward`` with annotations."""

    def change(one: cst.FunctionDef, around: Around) -> Sequence[cst.BaseStatement] | None:
        if one.name.value != "forward" or len(around.definitions) != 1 or not one.params.params[1:]:
            return None
        kind = cst.Annotation(cst.parse_expression("torch.Tensor"))
        first, *others = one.params.params
        told = [each if each.annotation or each.default else each.with_changes(annotation=kind) for each in others]
        if told == others:
            return None
        return [one.with_changes(params=one.params.with_changes(params=[first, *told]))]

    new = each_function(module, change)
    return with_torch(new) if new else None


_RETURN = "a method that returns more than a name"
_CALL = "results unpacked into two"
_FORWARD = "a method called forward"
_WRAPPER = """
from functools import wraps


def {name}(function):
    @wraps(function)
    def inner(*args, **kwargs):
        result = function(*args, **kwargs)
        print('done')
        return result

    return inner
"""

MOVING = (
    Rewrite("return-by-function", _RETURN, return_by_function),
    Rewrite("return-by-method", _RETURN, _return_by("def {name}({all}):", "{own}.{name}({others})")),
    Rewrite("return-by-staticmethod", _RETURN, _return_by("@staticmethod\ndef {name}({all}):", "{own}.{name}({all})")),
    Rewrite(
        "return-by-classmethod",
        _RETURN,
        _return_by("@classmethod\ndef {name}(cls, {all}):", "type({own}).{name}({all})"),
    ),
    Rewrite(
        "return-by-nested-function",
        _RETURN,
        return_inside("def finished():\n    return {value}\n\nreturn finished()\n"),
    ),
    Rewrite("return-by-lambda", _RETURN, return_inside("finished = lambda: {value}\nreturn finished()\n")),
    Rewrite("return-by-name", _RETURN, return_inside("finished = {value}\nreturn finished\n")),
    Rewrite(
        "return-by-walrus", _RETURN, return_inside("if (finished := {value}) is not None:\n    pass\nreturn finished\n")
    ),
    Rewrite("return-in-list", _RETURN, return_inside("return [{value}][0]\n")),
    Rewrite("return-cast", _RETURN, return_inside("import typing\nreturn typing.cast(object, {value})\n")),
    Rewrite("return-in-comprehension", _RETURN, return_inside("return [{value} for _ in range(1)][0]\n")),
    Rewrite("tail-by-method", "forward with lines behind the unpacked call", tail_by_method),
    Rewrite("call-by-method", _CALL, call_by_method),
    Rewrite(
        "call-by-function",
        _CALL,
        _call_as("{name}({f}, {arguments})", "def {name}(layer, *given):\n    return layer(*given)\n"),
        shares=True,
    ),
    Rewrite(
        "call-by-generator",
        _CALL,
        _call_as("next({name}({f}, {arguments}))", "def {name}(layer, *given):\n    yield layer(*given)\n"),
        shares=True,
    ),
    Rewrite("call-by-alias", _CALL, _call_as("{name}(*[{arguments}])", "", "{name} = {f}")),
    Rewrite("call-by-lambda", _CALL, _call_as("(lambda: {call})()")),
    Rewrite("call-by-partial", _CALL, _call_as("partial({f}, {arguments})()", "from functools import partial\n")),
    Rewrite("call-by-tuple", _CALL, _call_as("tuple({call})")),
    Rewrite("call-starred", _CALL, _call_as("{f}(*[{arguments}])")),
    Rewrite("call-in-list", _CALL, _call_as("[{call}][0]")),
    Rewrite("call-by-dunder", _CALL, _call_as("{f}.__call__(*[{arguments}])")),
    Rewrite("forward-decorated", _FORWARD, decorated("{name}", _WRAPPER)),
    Rewrite("forward-without-gradients-by-decorator", "forward, where no gradient is asked for", without_gradients),
    Rewrite("forward-by-other-method", _FORWARD, forward_by_other),
    Rewrite("forward-annotated", "forward with a parameter", annotated),
)
