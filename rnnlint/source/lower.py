"""From libcst's tree to the program (:mod:`rnnlint.source.program`)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any

import libcst as cst

from rnnlint import cells
from rnnlint.source import program as ir
from rnnlint.source.node_names import Mentioned, alias, bound, dotted, handler_name

_INFIX = {
    "Add": "+", "Subtract": "-", "Multiply": "*", "Divide": "/", "FloorDivide": "//", "Modulo": "%", "Power": "**",
    "MatrixMultiply": "@", "BitAnd": "&", "BitOr": "|", "BitXor": "^", "LeftShift": "<<", "RightShift": ">>",
}  # fmt: skip
_COMPARISONS = {
    "Equal": "==", "NotEqual": "!=", "LessThan": "<", "LessThanEqual": "<=", "GreaterThan": ">",
    "GreaterThanEqual": ">=", "Is": "is", "IsNot": "is not", "In": "in", "NotIn": "not in",
}  # fmt: skip
_PREFIX = {"Minus": "-", "Plus": "+", "Not": "not", "BitInvert": "~"}
_PLAIN = re.compile(r"""'[^'\\]*'|"[^"\\]*\"""")  # strings that say what they hold
_MAX_LITERAL = 4000  # characters; Python itself refuses to convert longer decimal integers


def lower(module: cst.Module) -> ir.Program:
    """The program of a parsed file.  Raises RecursionError for a tree deeper than the interpreter's stack."""
    lowering = _Lowering()
    body = lowering.block(module.body)
    return ir.Program(body, tuple(lowering.constructions))


_CONSTANT_NAMES = {"True": True, "False": False, "None": None}
_COMPREHENSIONS = {"ListComp": "list", "SetComp": "set", "GeneratorExp": "generator"}


class _Lowering:
    """One file on its way: ``constructions`` are the calls met of what is named like a recurrent module."""

    def __init__(self) -> None:
        self.constructions: list[ir.Call] = []
        self._names = Mentioned()

    # --- expressions -------------------------------------------------------------------------------------------------

    def _expr(self, node: Any) -> ir.Expr:
        handler = _EXPRESSIONS.get(type(node))
        if handler is None:
            return ir.Other(node, type(node).__name__, ())
        return handler(self, node)

    def _maybe(self, node: Any) -> ir.Expr | None:
        return None if node is None else self._expr(node)

    def _string(self, node: cst.SimpleString) -> ir.Expr:
        # before it is converted: Python raises ValueError of more than 4300 digits, and a string as long is no name,
        # word or pattern (tests/safety/hostile.py)
        if len(node.value) > _MAX_LITERAL:
            return ir.Other(node, "a long string", ())
        text = node.value
        # almost every string is plain, and evaluating one calls Python's own parser
        value = text[1:-1] if _PLAIN.fullmatch(text) else node.evaluated_value
        if isinstance(value, str):
            self._names.add(value)
        return ir.Constant(node, value)

    def _formatted(self, node: cst.FormattedString) -> ir.Expr:
        parts = [part for part in node.parts if isinstance(part, cst.FormattedStringExpression)]
        return ir.Other(node, "a formatted string", tuple(self._expr(part.expression) for part in parts))

    def _name(self, node: cst.Name) -> ir.Expr:
        if node.value in _CONSTANT_NAMES:
            return ir.Constant(node, _CONSTANT_NAMES[node.value])
        self._names.add(node.value)
        return ir.Name(node, node.value)

    def _attribute(self, node: cst.Attribute) -> ir.Expr:
        self._names.add(node.attr.value)
        return ir.Attribute(node, self._expr(node.value), node.attr.value)

    def _conditional(self, node: cst.IfExp) -> ir.Expr:
        parts, names = self._names.during(
            lambda: (self._expr(node.test), self._expr(node.body), self._expr(node.orelse))
        )
        return ir.Conditional(node, *parts, names)

    def _arguments(self, args: Sequence[cst.Arg]) -> tuple[ir.Argument, ...]:
        return tuple(ir.Argument(self._expr(a.value), a.keyword.value if a.keyword else None, a.star) for a in args)

    def _call(self, node: cst.Call) -> ir.Expr:
        func = self._expr(node.func)
        call = ir.Call(node, func, self._arguments(node.args))
        name = func.attr if isinstance(func, ir.Attribute) else func.id if isinstance(func, ir.Name) else ""
        if name in cells.EVERY:
            self.constructions.append(call)
        return call

    def _subscript(self, node: cst.Subscript) -> ir.Expr:
        items: list[ir.Expr] = []
        for element in node.slice:
            part = element.slice
            if isinstance(part, cst.Slice):
                items.append(ir.Slice(part, self._maybe(part.lower), self._maybe(part.upper), self._maybe(part.step)))
            elif not isinstance(part, cst.Index):
                items.append(ir.Other(part, "a subscript", ()))
            elif part.star:
                items.append(ir.Starred(part, self._expr(part.value)))
            else:
                items.append(self._expr(part.value))
        is_tuple = len(items) > 1 or isinstance(node.slice[-1].comma, cst.Comma)
        # x[(0, 1)] is x[0, 1] to Python; x[[0, 1]] is not, it picks
        if len(items) == 1 and isinstance(items[0], ir.Display) and items[0].kind == "tuple":
            return ir.Subscript(node, self._expr(node.value), items[0].items, True)
        return ir.Subscript(node, self._expr(node.value), tuple(items), is_tuple)

    def _elements(self, elements: Iterable[cst.BaseElement]) -> tuple[ir.Expr, ...]:
        return tuple(
            ir.Starred(e, self._expr(e.value)) if isinstance(e, cst.StarredElement) else self._expr(e.value)
            for e in elements
        )

    def _dict(self, node: cst.Dict) -> ir.Expr:
        items: list[tuple[ir.Expr | None, ir.Expr]] = []
        for element in node.elements:
            key = self._expr(element.key) if isinstance(element, cst.DictElement) else None
            items.append((key, self._expr(element.value)))
        return ir.DictDisplay(node, tuple(items))

    def _binary(self, node: cst.BinaryOperation) -> ir.Expr:
        op = _INFIX.get(type(node.operator).__name__, "?")
        return ir.Binary(node, op, self._expr(node.left), self._expr(node.right))

    def _unary(self, node: cst.UnaryOperation) -> ir.Expr:
        op, operand = _PREFIX[type(node.operator).__name__], self._expr(node.expression)
        # -1 is written as an operation, and meant as a number: indices and dims are asked for one everywhere; not of
        # bools, as -True is 1 negated
        if op == "-" and isinstance(operand, ir.Constant) and type(operand.value) in (int, float):
            return ir.Constant(node, -operand.value)  # type: ignore[operator]
        return ir.Unary(node, op, operand)

    def _boolean(self, node: cst.BooleanOperation) -> ir.Expr:
        op = "and" if isinstance(node.operator, cst.And) else "or"
        return ir.Boolean(node, op, self._expr(node.left), self._expr(node.right))

    def _compare(self, node: cst.Comparison) -> ir.Expr:
        rest = tuple((_COMPARISONS[type(t.operator).__name__], self._expr(t.comparator)) for t in node.comparisons)
        left = self._expr(node.left)
        match left, rest:
            # type(x) is C is followed as isinstance(x, C): they differ for subclasses of C, which are taken for none
            case ir.Call(func=ir.Name(id="type"), args=(argument,)), ((("==" | "is" | "!=" | "is not") as op, cls),):
                asked = ir.Call(node, ir.Name(node, "isinstance"), (argument, ir.Argument(cls)))
                return asked if op in ("==", "is") else ir.Unary(node, "not", asked)
        return ir.Compare(node, left, rest)

    def _parameters(self, params: cst.Parameters) -> tuple[ir.Parameter, ...]:
        # in the order in which arguments are bound: positional, *args, keyword-only, **kwargs
        found = [self._parameter(p) for p in (*params.posonly_params, *params.params)]
        if isinstance(params.star_arg, cst.Param):
            found.append(ir.Parameter(params.star_arg.name.value, None, "*"))
        found += [self._parameter(p, "keyword") for p in params.kwonly_params]
        if params.star_kwarg:
            found.append(ir.Parameter(params.star_kwarg.name.value, None, "**"))
        return tuple(found)

    def _parameter(self, param: cst.Param, kind: str = "") -> ir.Parameter:
        """A parameter; of annotations only names are kept, which can be those of the file's classes."""
        annotation = None if param.annotation is None else param.annotation.annotation
        named = self._expr(annotation) if isinstance(annotation, cst.Name) else None
        return ir.Parameter(param.name.value, self._maybe(param.default), kind, named)

    def _generators(self, first: cst.CompFor) -> tuple[ir.Generator, ...]:
        found: list[ir.Generator] = []
        link: cst.CompFor | None = first
        while link is not None:
            found.append(
                ir.Generator(
                    self._expr(link.target), self._expr(link.iter), tuple(self._expr(test.test) for test in link.ifs)
                )
            )
            link = link.inner_for_in
        return tuple(found)

    def _comprehension(self, node: cst.ListComp | cst.SetComp | cst.GeneratorExp) -> ir.Expr:
        kind = _COMPREHENSIONS[type(node).__name__]
        return ir.Comprehension(node, kind, self._expr(node.elt), None, self._generators(node.for_in))

    def _dict_comprehension(self, node: cst.DictComp) -> ir.Expr:
        return ir.Comprehension(
            node, "dict", self._expr(node.key), self._expr(node.value), self._generators(node.for_in)
        )

    def _yield(self, node: cst.Yield) -> ir.Expr:
        value = node.value.item if isinstance(node.value, cst.From) else node.value
        return ir.Other(node, "yield", () if value is None else (self._expr(value),))

    # --- statements --------------------------------------------------------------------------------------------------

    def block(self, body: Iterable[cst.BaseStatement | cst.BaseSmallStatement]) -> ir.Block:
        found: list[ir.Statement] = []
        for node in body:
            if isinstance(node, cst.SimpleStatementLine):
                found += map(self._small, node.body)
            else:
                found.append(self._compound(node))
        return tuple(found)

    def _suite(self, suite: cst.BaseSuite) -> ir.Block:
        if isinstance(suite, cst.SimpleStatementSuite):
            return tuple(map(self._small, suite.body))
        return self.block(suite.body)

    def _small(self, node: Any) -> ir.Statement:
        match node:
            case cst.Expr():
                return ir.Evaluate(node, self._expr(node.value))
            case cst.Assign():
                return ir.Assign(node, tuple(self._expr(t.target) for t in node.targets), self._expr(node.value))
            case cst.AnnAssign():
                return ir.Declare(node, self._expr(node.target), self._maybe(node.value))
            case cst.AugAssign():
                # libcst names += AddAssign, as it names + Add: one table for both
                op = _INFIX.get(type(node.operator).__name__.removesuffix("Assign"), "?")
                return ir.AugAssign(node, self._expr(node.target), op, self._expr(node.value))
            case cst.Return():
                return ir.Return(node, self._maybe(node.value))
            case cst.Raise():
                return ir.Raise(node, self._maybe(node.exc))
            case cst.Assert():
                return ir.Assert(node, self._expr(node.test))
            case cst.Del():
                target = node.target
                items = target.elements if isinstance(target, (cst.Tuple, cst.List)) else ()
                targets = self._elements(items) if items else (self._expr(target),)
                return ir.Delete(node, targets)
            case cst.Import():
                names = tuple((dotted(a.name), alias(a)) for a in node.names)
                return ir.Import(node, names)
            case cst.ImportFrom():
                module = "." * len(node.relative) + (dotted(node.module) if node.module else "")
                if isinstance(node.names, cst.ImportStar):
                    return ir.ImportFrom(node, module, None)
                return ir.ImportFrom(
                    node, module, tuple((dotted(a.name), alias(a) or dotted(a.name)) for a in node.names)
                )
            case cst.Global() | cst.Nonlocal():
                return ir.Outer(node, tuple(item.name.value for item in node.names))
            case cst.Break() | cst.Continue():
                return ir.Jump(node, type(node).__name__.lower())
        return ir.Jump(node, "pass")

    def _compound(self, node: Any) -> ir.Statement:
        match node:
            case cst.If():
                return self._if(node)
            case cst.For():
                return ir.For(
                    node,
                    self._expr(node.target),
                    self._expr(node.iter),
                    self._suite(node.body),
                    self._orelse(node.orelse),
                )
            case cst.While():
                return ir.While(node, self._expr(node.test), self._suite(node.body), self._orelse(node.orelse))
            case cst.With():
                items = tuple((self._expr(i.item), self._expr(i.asname.name) if i.asname else None) for i in node.items)
                return ir.With(node, items, self._suite(node.body))
            case cst.Try() | cst.TryStar():
                handlers = tuple((handler_name(h), self._suite(h.body)) for h in node.handlers)
                final = self._suite(node.finalbody.body) if node.finalbody else ()
                return ir.Try(node, self._suite(node.body), handlers, self._orelse(node.orelse), final)
            case cst.FunctionDef():
                decorators = tuple(self._expr(d.decorator) for d in node.decorators)
                function, names = self._names.during(lambda: (self._parameters(node.params), self._suite(node.body)))
                return ir.FunctionDef(node, node.name.value, *function, decorators, names)
            case cst.ClassDef():
                decorators = tuple(self._expr(d.decorator) for d in node.decorators)
                cls, names = self._names.during(
                    lambda: (self._arguments((*node.bases, *node.keywords)), self._suite(node.body))
                )
                return ir.ClassDef(node, node.name.value, *cls, decorators, names)
            case cst.Match():
                cases = tuple((bound(case.pattern), self._suite(case.body)) for case in node.cases)
                return ir.Match(node, self._expr(node.subject), cases)
        return ir.Jump(node, "pass")

    def _if(self, node: cst.If) -> ir.If:
        """An ``if`` with all its ``elif``, which libcst nests: link by link, as Python's stack has an end."""
        links = [node]
        # a thousand elif are a thousand Ifs in each other (tests/safety/test_growing.py, test_many_elif_are_analysed)
        while isinstance(links[-1].orelse, cst.If):
            links.append(links[-1].orelse)
        parts = [self._names.during(partial(self._link, link)) for link in links]
        orelse, names = self._names.during(partial(self._orelse, links[-1].orelse))
        mentioned = _recurrent(names)
        for link, ((test, body), names) in zip(reversed(links), reversed(parts), strict=True):
            # of all links, but only what can name an RNN: the full sets of a thousand links in each other would be
            # quadratic
            mentioned |= _recurrent(names)
            found = ir.If(link, test, body, orelse, mentioned)
            orelse = (found,)
        return found

    def _link(self, node: cst.If) -> tuple[ir.Expr, ir.Block]:
        return self._expr(node.test), self._suite(node.body)

    def _orelse(self, node: cst.BaseCompoundStatement | cst.Else | None) -> ir.Block:
        if node is None or not isinstance(node, cst.Else):
            return ()
        return self._suite(node.body)


def _integer(_: _Lowering, node: cst.Integer) -> ir.Expr:
    if len(node.value) > _MAX_LITERAL:
        return ir.Other(node, "a literal of more than 4000 digits", ())
    return ir.Constant(node, int(node.value, 0))


def _float(_: _Lowering, node: cst.Float) -> ir.Expr:
    return ir.Constant(node, float(node.value))


def _concatenated(_: _Lowering, node: cst.ConcatenatedString) -> ir.Expr:
    value = node.evaluated_value
    return ir.Other(node, "a string", ()) if value is None or len(value) > _MAX_LITERAL else ir.Constant(node, value)


_EXPRESSIONS: dict[type, Callable[[_Lowering, Any], ir.Expr]] = {
    cst.Integer: _integer,
    cst.Float: _float,
    cst.SimpleString: _Lowering._string,
    cst.ConcatenatedString: _concatenated,
    cst.FormattedString: _Lowering._formatted,
    cst.Ellipsis: lambda _, n: ir.Dots(n),
    cst.Name: _Lowering._name,
    cst.Attribute: _Lowering._attribute,
    cst.Call: _Lowering._call,
    cst.Subscript: _Lowering._subscript,
    cst.Tuple: lambda self, n: ir.Display(n, "tuple", self._elements(n.elements)),
    cst.List: lambda self, n: ir.Display(n, "list", self._elements(n.elements)),
    cst.Set: lambda self, n: ir.Display(n, "set", self._elements(n.elements)),
    cst.Dict: _Lowering._dict,
    cst.BinaryOperation: _Lowering._binary,
    cst.UnaryOperation: _Lowering._unary,
    cst.BooleanOperation: _Lowering._boolean,
    cst.Comparison: _Lowering._compare,
    cst.IfExp: _Lowering._conditional,
    cst.Lambda: lambda self, n: ir.Lambda(n, self._parameters(n.params), self._expr(n.body)),
    cst.ListComp: _Lowering._comprehension,
    cst.SetComp: _Lowering._comprehension,
    cst.GeneratorExp: _Lowering._comprehension,
    cst.DictComp: _Lowering._dict_comprehension,
    cst.NamedExpr: lambda self, n: ir.Walrus(n, self._expr(n.target), self._expr(n.value)),
    cst.Await: lambda self, n: ir.Other(n, "await", (self._expr(n.expression),)),
    cst.Yield: _Lowering._yield,
}


def _recurrent(names: frozenset[str]) -> frozenset[str]:
    """Those that can name a recurrent module."""
    return frozenset(filter(cells.is_part_of, names))
