"""From libcst's tree to the program (:mod:`rnnlint.source.program`)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any, TypeVar

import libcst as cst

from rnnlint import cells
from rnnlint.source import program as ir

_INFIX = {
    "Add": "+", "Subtract": "-", "Multiply": "*", "Divide": "/", "FloorDivide": "//", "Modulo": "%", "Power": "**",
    "MatrixMultiply": "@", "BitAnd": "&", "BitOr": "|", "BitXor": "^", "LeftShift": "<<", "RightShift": ">>",
}  # fmt: skip
_COMPARISONS = {
    "Equal": "==", "NotEqual": "!=", "LessThan": "<", "LessThanEqual": "<=", "GreaterThan": ">",
    "GreaterThanEqual": ">=", "Is": "is", "IsNot": "is not", "In": "in", "NotIn": "not in",
}  # fmt: skip
_PREFIX = {"Minus": "-", "Plus": "+", "Not": "not", "BitInvert": "~"}
_T = TypeVar("_T")
_PLAIN = re.compile(r"""'[^'\\]*'|"[^"\\]*\"""")  # strings that say what they hold
_MAX_LITERAL = 4000  # characters; Python itself refuses to convert longer decimal integers


def lower(module: cst.Module) -> ir.Program:
    """The program of a parsed file.  Raises RecursionError for a tree deeper than the interpreter's stack."""
    _constructions.clear()
    return ir.Program(_block(module.body), tuple(_constructions))


def dotted(node: cst.BaseExpression | cst.Attribute | cst.Name) -> str:
    """``a.b.c`` of a name or attribute chain, "" for anything else."""
    if isinstance(node, cst.Name):
        return node.value
    if isinstance(node, cst.Attribute):
        head = dotted(node.value)
        return f"{head}.{node.attr.value}" if head else ""
    return ""


class _Names:
    """Collects the names mentioned while a node is lowered."""

    def __init__(self) -> None:
        self._open: list[set[str]] = []

    def add(self, name: str) -> None:
        if self._open:
            self._open[-1].add(name)

    def during(self, lower: Callable[[], _T]) -> tuple[_T, frozenset[str]]:
        self._open.append(set())
        try:
            result = lower()
        finally:
            found = self._open.pop()
            if self._open:
                self._open[-1] |= found
        return result, frozenset(found)


_names = _Names()
_constructions: list[ir.Call] = []  # met while the file is lowered

# --- expressions -----------------------------------------------------------------------------------------------------


def _expr(node: Any) -> ir.Expr:
    handler = _EXPRESSIONS.get(type(node))
    if handler is None:
        return ir.Other(node, type(node).__name__, ())
    return handler(node)


def _maybe(node: Any) -> ir.Expr | None:
    return None if node is None else _expr(node)


def _integer(node: cst.Integer) -> ir.Expr:
    if len(node.value) > _MAX_LITERAL:
        return ir.Other(node, "a literal of more than 4000 digits", ())
    return ir.Constant(node, int(node.value, 0))


def _float(node: cst.Float) -> ir.Expr:
    return ir.Constant(node, float(node.value))


def _string(node: cst.SimpleString) -> ir.Expr:
    if len(node.value) > _MAX_LITERAL:
        return ir.Other(node, "a long string", ())
    text = node.value
    value = text[1:-1] if _PLAIN.fullmatch(text) else node.evaluated_value
    if isinstance(value, str):
        _names.add(value)
    return ir.Constant(node, value)


def _concatenated(node: cst.ConcatenatedString) -> ir.Expr:
    value = node.evaluated_value
    return ir.Other(node, "a string", ()) if value is None or len(value) > _MAX_LITERAL else ir.Constant(node, value)


def _formatted(node: cst.FormattedString) -> ir.Expr:
    parts = [part for part in node.parts if isinstance(part, cst.FormattedStringExpression)]
    return ir.Other(node, "a formatted string", tuple(_expr(part.expression) for part in parts))


_CONSTANT_NAMES = {"True": True, "False": False, "None": None}


def _name(node: cst.Name) -> ir.Expr:
    if node.value in _CONSTANT_NAMES:
        return ir.Constant(node, _CONSTANT_NAMES[node.value])
    _names.add(node.value)
    return ir.Name(node, node.value)


def _attribute(node: cst.Attribute) -> ir.Expr:
    _names.add(node.attr.value)
    return ir.Attribute(node, _expr(node.value), node.attr.value)


def _conditional(node: cst.IfExp) -> ir.Expr:
    parts, names = _names.during(lambda: (_expr(node.test), _expr(node.body), _expr(node.orelse)))
    return ir.Conditional(node, *parts, names)


def _arguments(args: Sequence[cst.Arg]) -> tuple[ir.Argument, ...]:
    return tuple(ir.Argument(_expr(a.value), a.keyword.value if a.keyword else None, a.star) for a in args)


def _call(node: cst.Call) -> ir.Expr:
    func = _expr(node.func)
    call = ir.Call(node, func, _arguments(node.args))
    name = func.attr if isinstance(func, ir.Attribute) else func.id if isinstance(func, ir.Name) else ""
    if name in cells.EVERY:
        _constructions.append(call)
    return call


def _subscript(node: cst.Subscript) -> ir.Expr:
    items: list[ir.Expr] = []
    for element in node.slice:
        part = element.slice
        if isinstance(part, cst.Slice):
            items.append(ir.Slice(part, _maybe(part.lower), _maybe(part.upper), _maybe(part.step)))
        elif not isinstance(part, cst.Index):
            items.append(ir.Other(part, "a subscript", ()))
        elif part.star:
            items.append(ir.Starred(part, _expr(part.value)))
        else:
            items.append(_expr(part.value))
    is_tuple = len(items) > 1 or isinstance(node.slice[-1].comma, cst.Comma)
    if len(items) == 1 and isinstance(items[0], ir.Display) and items[0].kind == "tuple":
        return ir.Subscript(node, _expr(node.value), items[0].items, True)
    return ir.Subscript(node, _expr(node.value), tuple(items), is_tuple)


def _elements(elements: Iterable[cst.BaseElement]) -> tuple[ir.Expr, ...]:
    return tuple(
        ir.Starred(e, _expr(e.value)) if isinstance(e, cst.StarredElement) else _expr(e.value) for e in elements
    )


def _dict(node: cst.Dict) -> ir.Expr:
    items: list[tuple[ir.Expr | None, ir.Expr]] = []
    for element in node.elements:
        key = _expr(element.key) if isinstance(element, cst.DictElement) else None
        items.append((key, _expr(element.value)))
    return ir.DictDisplay(node, tuple(items))


def _binary(node: cst.BinaryOperation) -> ir.Expr:
    op = _INFIX.get(type(node.operator).__name__, "?")
    return ir.Binary(node, op, _expr(node.left), _expr(node.right))


def _unary(node: cst.UnaryOperation) -> ir.Expr:
    op, operand = _PREFIX[type(node.operator).__name__], _expr(node.expression)
    if op == "-" and isinstance(operand, ir.Constant) and type(operand.value) in (int, float):
        return ir.Constant(node, -operand.value)  # type: ignore[operator]
    return ir.Unary(node, op, operand)


def _boolean(node: cst.BooleanOperation) -> ir.Expr:
    op = "and" if isinstance(node.operator, cst.And) else "or"
    return ir.Boolean(node, op, _expr(node.left), _expr(node.right))


def _compare(node: cst.Comparison) -> ir.Expr:
    rest = tuple((_COMPARISONS[type(t.operator).__name__], _expr(t.comparator)) for t in node.comparisons)
    left = _expr(node.left)
    match left, rest:
        case ir.Call(func=ir.Name(id="type"), args=(argument,)), ((("==" | "is" | "!=" | "is not") as op, cls),):
            asked = ir.Call(node, ir.Name(node, "isinstance"), (argument, ir.Argument(cls)))
            return asked if op in ("==", "is") else ir.Unary(node, "not", asked)
    return ir.Compare(node, left, rest)


def _parameters(params: cst.Parameters) -> tuple[ir.Parameter, ...]:
    found = [_parameter(p) for p in (*params.posonly_params, *params.params)]
    if isinstance(params.star_arg, cst.Param):
        found.append(ir.Parameter(params.star_arg.name.value, None, "*"))
    found += [_parameter(p, "keyword") for p in params.kwonly_params]
    if params.star_kwarg:
        found.append(ir.Parameter(params.star_kwarg.name.value, None, "**"))
    return tuple(found)


def _parameter(param: cst.Param, kind: str = "") -> ir.Parameter:
    """A parameter; of annotations only names are kept, which can be those of the file's classes."""
    annotation = None if param.annotation is None else param.annotation.annotation
    named = _expr(annotation) if isinstance(annotation, cst.Name) else None
    return ir.Parameter(param.name.value, _maybe(param.default), kind, named)


def _generators(first: cst.CompFor) -> tuple[ir.Generator, ...]:
    found: list[ir.Generator] = []
    link: cst.CompFor | None = first
    while link is not None:
        found.append(ir.Generator(_expr(link.target), _expr(link.iter), tuple(_expr(test.test) for test in link.ifs)))
        link = link.inner_for_in
    return tuple(found)


_COMPREHENSIONS = {"ListComp": "list", "SetComp": "set", "GeneratorExp": "generator"}


def _comprehension(node: cst.ListComp | cst.SetComp | cst.GeneratorExp) -> ir.Expr:
    kind = _COMPREHENSIONS[type(node).__name__]
    return ir.Comprehension(node, kind, _expr(node.elt), None, _generators(node.for_in))


def _dict_comprehension(node: cst.DictComp) -> ir.Expr:
    return ir.Comprehension(node, "dict", _expr(node.key), _expr(node.value), _generators(node.for_in))


def _yield(node: cst.Yield) -> ir.Expr:
    value = node.value.item if isinstance(node.value, cst.From) else node.value
    return ir.Other(node, "yield", () if value is None else (_expr(value),))


_EXPRESSIONS: dict[type, Callable[[Any], ir.Expr]] = {
    cst.Integer: _integer,
    cst.Float: _float,
    cst.SimpleString: _string,
    cst.ConcatenatedString: _concatenated,
    cst.FormattedString: _formatted,
    cst.Ellipsis: lambda n: ir.Dots(n),
    cst.Name: _name,
    cst.Attribute: _attribute,
    cst.Call: _call,
    cst.Subscript: _subscript,
    cst.Tuple: lambda n: ir.Display(n, "tuple", _elements(n.elements)),
    cst.List: lambda n: ir.Display(n, "list", _elements(n.elements)),
    cst.Set: lambda n: ir.Display(n, "set", _elements(n.elements)),
    cst.Dict: _dict,
    cst.BinaryOperation: _binary,
    cst.UnaryOperation: _unary,
    cst.BooleanOperation: _boolean,
    cst.Comparison: _compare,
    cst.IfExp: _conditional,
    cst.Lambda: lambda n: ir.Lambda(n, _parameters(n.params), _expr(n.body)),
    cst.ListComp: _comprehension,
    cst.SetComp: _comprehension,
    cst.GeneratorExp: _comprehension,
    cst.DictComp: _dict_comprehension,
    cst.NamedExpr: lambda n: ir.Walrus(n, _expr(n.target), _expr(n.value)),
    cst.Await: lambda n: ir.Other(n, "await", (_expr(n.expression),)),
    cst.Yield: _yield,
}

# --- statements ------------------------------------------------------------------------------------------------------


def _block(body: Iterable[cst.BaseStatement | cst.BaseSmallStatement]) -> ir.Block:
    found: list[ir.Statement] = []
    for node in body:
        if isinstance(node, cst.SimpleStatementLine):
            found += map(_small, node.body)
        else:
            found.append(_compound(node))
    return tuple(found)


def _suite(suite: cst.BaseSuite) -> ir.Block:
    if isinstance(suite, cst.SimpleStatementSuite):
        return tuple(map(_small, suite.body))
    return _block(suite.body)


def _small(node: Any) -> ir.Statement:
    match node:
        case cst.Expr():
            return ir.Evaluate(node, _expr(node.value))
        case cst.Assign():
            return ir.Assign(node, tuple(_expr(t.target) for t in node.targets), _expr(node.value))
        case cst.AnnAssign():
            return ir.Declare(node, _expr(node.target), _maybe(node.value))
        case cst.AugAssign():
            op = _INFIX.get(type(node.operator).__name__.removesuffix("Assign"), "?")
            return ir.AugAssign(node, _expr(node.target), op, _expr(node.value))
        case cst.Return():
            return ir.Return(node, _maybe(node.value))
        case cst.Raise():
            return ir.Raise(node, _maybe(node.exc))
        case cst.Assert():
            return ir.Assert(node, _expr(node.test))
        case cst.Del():
            target = node.target
            items = target.elements if isinstance(target, cst.Tuple | cst.List) else ()
            targets = _elements(items) if items else (_expr(target),)
            return ir.Delete(node, targets)
        case cst.Import():
            names = tuple((dotted(a.name), _alias(a)) for a in node.names)
            return ir.Import(node, names)
        case cst.ImportFrom():
            module = "." * len(node.relative) + (dotted(node.module) if node.module else "")
            if isinstance(node.names, cst.ImportStar):
                return ir.ImportFrom(node, module, None)
            return ir.ImportFrom(node, module, tuple((dotted(a.name), _alias(a) or dotted(a.name)) for a in node.names))
        case cst.Global() | cst.Nonlocal():
            return ir.Outer(node, tuple(item.name.value for item in node.names))
        case cst.Break() | cst.Continue():
            return ir.Jump(node, type(node).__name__.lower())
    return ir.Jump(node, "pass")


def _alias(alias: cst.ImportAlias) -> str | None:
    return dotted(alias.asname.name) if alias.asname and isinstance(alias.asname.name, cst.Name) else None


def _compound(node: Any) -> ir.Statement:
    match node:
        case cst.If():
            return _if(node)
        case cst.For():
            return ir.For(node, _expr(node.target), _expr(node.iter), _suite(node.body), _orelse(node.orelse))
        case cst.While():
            return ir.While(node, _expr(node.test), _suite(node.body), _orelse(node.orelse))
        case cst.With():
            items = tuple((_expr(i.item), _expr(i.asname.name) if i.asname else None) for i in node.items)
            return ir.With(node, items, _suite(node.body))
        case cst.Try() | cst.TryStar():
            handlers = tuple((_handler_name(h), _suite(h.body)) for h in node.handlers)
            final = _suite(node.finalbody.body) if node.finalbody else ()
            return ir.Try(node, _suite(node.body), handlers, _orelse(node.orelse), final)
        case cst.FunctionDef():
            decorators = tuple(_expr(d.decorator) for d in node.decorators)
            function, names = _names.during(lambda: (_parameters(node.params), _suite(node.body)))
            return ir.FunctionDef(node, node.name.value, *function, decorators, names)
        case cst.ClassDef():
            decorators = tuple(_expr(d.decorator) for d in node.decorators)
            cls, names = _names.during(lambda: (_arguments((*node.bases, *node.keywords)), _suite(node.body)))
            return ir.ClassDef(node, node.name.value, *cls, decorators, names)
        case cst.Match():
            cases = tuple((_bound(case.pattern), _suite(case.body)) for case in node.cases)
            return ir.Match(node, _expr(node.subject), cases)
    return ir.Jump(node, "pass")


def _if(node: cst.If) -> ir.If:
    """An ``if`` with all its ``elif``, which libcst nests: link by link, as Python's stack has an end."""
    links = [node]
    while isinstance(links[-1].orelse, cst.If):
        links.append(links[-1].orelse)
    parts = [_names.during(partial(_link, link)) for link in links]
    orelse, names = _names.during(partial(_orelse, links[-1].orelse))
    mentioned = _recurrent(names)
    for link, ((test, body), names) in zip(reversed(links), reversed(parts), strict=True):
        mentioned |= _recurrent(names)
        found = ir.If(link, test, body, orelse, mentioned)
        orelse = (found,)
    return found


def _link(node: cst.If) -> tuple[ir.Expr, ir.Block]:
    return _expr(node.test), _suite(node.body)


def _recurrent(names: frozenset[str]) -> frozenset[str]:
    """Those that can name a recurrent module."""
    return frozenset(filter(cells.is_part_of, names))


def _orelse(node: cst.BaseCompoundStatement | cst.Else | None) -> ir.Block:
    if node is None or not isinstance(node, cst.Else):
        return ()
    return _suite(node.body)


def _handler_name(handler: cst.ExceptHandler | cst.ExceptStarHandler) -> str | None:
    name = handler.name.name if handler.name else None
    return name.value if isinstance(name, cst.Name) else None


def _bound(pattern: cst.CSTNode) -> tuple[str, ...]:
    """The names a match pattern binds."""
    names: list[str] = []
    pending = [pattern]
    while pending:
        node = pending.pop()
        name = getattr(node, "name", None)
        if isinstance(node, cst.MatchAs | cst.MatchStar) and isinstance(name, cst.Name):
            names.append(name.value)
        pending += node.children
    return tuple(names)
