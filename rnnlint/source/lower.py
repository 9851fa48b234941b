"""From Python's own tree to the program (:mod:`rnnlint.source.program`)."""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from rnnlint import cells
from rnnlint.source import formatted, patterns
from rnnlint.source import program as ir
from rnnlint.source.annotations import named_class
from rnnlint.source.node_names import Mentioned, bound
from rnnlint.source.operators import COMPARISONS, INFIX, PREFIX

_COMPREHENSIONS = {ast.ListComp: "list", ast.SetComp: "set", ast.GeneratorExp: "generator"}
_DISPLAYS = {ast.Tuple: "tuple", ast.List: "list", ast.Set: "set"}
_MAX_STRING = 4000  # characters; a string as long is no name, word or pattern (tests/safety/hostile.py)
_MAX_BITS = 13_000  # of an integer, some 3,900 digits: Python refuses to write more than 4,300 of them out


def lower(module: ast.Module) -> ir.Program:
    """The program of a parsed file.  Raises RecursionError for a tree deeper than the interpreter's stack."""
    lowering = _Lowering()
    body = lowering.block(module.body)
    return ir.Program(
        body,
        tuple(lowering.constructions),
        tuple(lowering.strings),
        stores=frozenset(lowering.stores),
        imports=tuple(lowering.imports),
    )


class _Lowering:
    """One file on its way: ``constructions``, ``strings``, ``stores`` and ``imports`` are the program's."""

    def __init__(self) -> None:
        self.constructions: list[ir.Call] = []
        self.strings: list[ast.JoinedStr] = []
        self.stores: set[str] = set()
        self.imports: list[ir.Import | ir.ImportFrom] = []
        self._names = Mentioned()
        self._yields = False  # whether the function at hand is a generator

    # --- expressions -------------------------------------------------------------------------------------------------

    def _expr(self, node: Any) -> ir.Expr:
        handler = _EXPRESSIONS.get(type(node))
        if handler is None:
            return ir.Other(node, type(node).__name__, ())
        return handler(self, node)

    def _maybe(self, node: ast.expr | None) -> ir.Expr | None:
        return None if node is None else self._expr(node)

    def _all(self, nodes: Iterable[ast.expr]) -> tuple[ir.Expr, ...]:
        return tuple([self._expr(node) for node in nodes])

    def _constant(self, node: ast.Constant) -> ir.Expr:
        value = node.value
        match value:
            case str():
                if len(value) > _MAX_STRING:
                    return ir.Other(node, "a long string", ())
                self._names.add(value)
            case bytes() if len(value) > _MAX_STRING:
                return ir.Other(node, "a long string", ())
            case int() if value.bit_length() > _MAX_BITS:
                return ir.Other(node, "a long number", ())
            case complex():
                return ir.Other(node, "a complex number", ())
        return ir.Dots(node) if value is ... else ir.Constant(node, value)

    def _formatted(self, node: ast.JoinedStr) -> ir.Expr:
        if formatted.WRONG:
            self.strings.append(node)
        return ir.Formatted(node, tuple([self._formatted_part(part) for part in node.values]))

    def _formatted_part(self, part: ast.expr) -> ir.Expr:
        if not isinstance(part, ast.FormattedValue):
            return self._expr(part)
        value = self._expr(part.value)
        # !r, and what follows a colon; what has none is spelled as str() spells it
        plain = part.conversion == -1 and part.format_spec is None
        return value if plain else ir.Other(part.value, "a formatted value", (value,))

    def _name(self, node: ast.Name) -> ir.Expr:
        self._names.add(node.id)
        return ir.Name(node, node.id)

    def _attribute(self, node: ast.Attribute) -> ir.Expr:
        self._names.add(node.attr)
        # what an object of the file holds is known without looking for it here
        if isinstance(node.ctx, ast.Store) and not (isinstance(node.value, ast.Name) and node.value.id == "self"):
            self.stores.add(node.attr)
        return ir.Attribute(node, self._expr(node.value), node.attr)

    def _conditional(self, node: ast.IfExp) -> ir.Expr:
        parts, names = self._names.during(
            lambda: (self._expr(node.test), self._expr(node.body), self._expr(node.orelse))
        )
        return ir.Conditional(node, *parts, names)

    def _arguments(self, args: list[ast.expr], keywords: list[ast.keyword]) -> tuple[ir.Argument, ...]:
        given: list[ast.expr | ast.keyword] = [*args, *keywords]
        # as they are written, which is the order in which Python evaluates them: only *args can stand behind a keyword
        if args and keywords and _place(keywords[0]) < _place(args[-1]):
            given.sort(key=_place)
        return tuple([self._argument(one) for one in given])

    def _argument(self, given: ast.expr | ast.keyword) -> ir.Argument:
        if isinstance(given, ast.keyword):
            return ir.Argument(self._expr(given.value), given.arg, "**" if given.arg is None else "")
        if isinstance(given, ast.Starred):
            return ir.Argument(self._expr(given.value), None, "*")
        return ir.Argument(self._expr(given))

    def _call(self, node: ast.Call) -> ir.Expr:
        func = self._expr(node.func)
        call = ir.Call(node, func, self._arguments(node.args, node.keywords))
        name = ir.last_name(func)
        if name in cells.EVERY:
            self.constructions.append(call)
        if name == "self":  # what calls its own module speaks of forward
            self._names.add("forward")
        return call

    def _subscript(self, node: ast.Subscript) -> ir.Expr:
        # x[(0, 1)] is x[0, 1] to Python, and one tree; x[[0, 1]] is not, it picks
        is_tuple = isinstance(node.slice, ast.Tuple)
        items = node.slice.elts if isinstance(node.slice, ast.Tuple) else (node.slice,)
        if isinstance(node.ctx, ast.Store) and isinstance(node.slice, ast.Constant) and type(node.slice.value) is str:
            self.stores.add(node.slice.value)
        index = self._all(items)
        return ir.Subscript(node, self._expr(node.value), index, is_tuple)

    def _slice(self, node: ast.Slice) -> ir.Expr:
        return ir.Slice(node, self._maybe(node.lower), self._maybe(node.upper), self._maybe(node.step))

    def _display(self, node: ast.Tuple | ast.List | ast.Set) -> ir.Expr:
        return ir.Display(node, _DISPLAYS[type(node)], self._all(node.elts))

    def _dict(self, node: ast.Dict) -> ir.Expr:
        pairs = zip(node.keys, node.values, strict=True)
        return ir.DictDisplay(node, tuple([(self._maybe(key), self._expr(value)) for key, value in pairs]))

    def _binary(self, node: ast.BinOp) -> ir.Expr:
        return ir.Binary(node, INFIX[type(node.op)], self._expr(node.left), self._expr(node.right))

    def _unary(self, node: ast.UnaryOp) -> ir.Expr:
        op, operand = PREFIX[type(node.op)], self._expr(node.operand)
        # -1 is written as an operation, and meant as a number: indices and dims are asked for one everywhere; not of
        # bools, as -True is 1 negated
        if op == "-" and isinstance(operand, ir.Constant) and type(operand.value) in (int, float):
            return ir.Constant(node, -operand.value)  # type: ignore[operator]
        return ir.Unary(node, op, operand)

    def _boolean(self, node: ast.BoolOp) -> ir.Expr:
        op = "and" if isinstance(node.op, ast.And) else "or"
        first, *others = node.values
        found = self._expr(first)
        # a and b and c is one node of Python's: the pairs all stand where it does
        for value in others:
            found = ir.Boolean(node, op, found, self._expr(value))
        return found

    def _compare(self, node: ast.Compare) -> ir.Expr:
        pairs = zip(node.ops, node.comparators, strict=True)
        rest = tuple([(COMPARISONS[type(op)], self._expr(value)) for op, value in pairs])
        left = self._expr(node.left)
        match left, rest:
            # type(x) is C is followed as isinstance(x, C): they differ for subclasses of C, which are taken for none
            case ir.Call(func=ir.Name(id="type"), args=(argument,)), ((("==" | "is" | "!=" | "is not") as op, cls),):
                asked = ir.Call(node, ir.Name(node, "isinstance"), (argument, ir.Argument(cls)))
                return asked if op in ("==", "is") else ir.Unary(node, "not", asked)
        return ir.Compare(node, left, rest)

    def _lambda(self, node: ast.Lambda) -> ir.Expr:
        return ir.Lambda(node, self._parameters(node.args), self._expr(node.body))

    def _parameters(self, params: ast.arguments) -> tuple[ir.Parameter, ...]:
        # in the order in which arguments are bound: positional, *args, keyword-only, **kwargs
        positional = [*params.posonlyargs, *params.args]
        bare = len(positional) - len(params.defaults)  # defaults belong to the last of them
        defaults = [*(None for _ in range(bare)), *params.defaults]
        found = [self._parameter(p, default) for p, default in zip(positional, defaults, strict=True)]
        if params.vararg:
            found.append(ir.Parameter(params.vararg.arg, None, "*"))
        named = zip(params.kwonlyargs, params.kw_defaults, strict=True)
        found += [self._parameter(p, default, "keyword") for p, default in named]
        if params.kwarg:
            found.append(ir.Parameter(params.kwarg.arg, None, "**"))
        return tuple(found)

    def _parameter(self, param: ast.arg, default: ast.expr | None, kind: str = "") -> ir.Parameter:
        """A parameter; of annotations only names are kept, which can be those of the file's classes."""
        plain = isinstance(param.annotation, ast.Name)  # which is mentioned by that
        named = self._expr(param.annotation) if plain else named_class(param.annotation)
        return ir.Parameter(param.arg, self._maybe(default), kind, named)

    def _generators(self, links: list[ast.comprehension]) -> tuple[ir.Generator, ...]:
        return tuple([ir.Generator(self._expr(of.target), self._expr(of.iter), self._all(of.ifs)) for of in links])

    def _comprehension(self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp) -> ir.Expr:
        kind = _COMPREHENSIONS[type(node)]
        return ir.Comprehension(node, kind, self._expr(node.elt), None, self._generators(node.generators))

    def _dict_comprehension(self, node: ast.DictComp) -> ir.Expr:
        key, value = self._expr(node.key), self._expr(node.value)
        return ir.Comprehension(node, "dict", key, value, self._generators(node.generators))

    def _yield(self, node: ast.Yield | ast.YieldFrom) -> ir.Expr:
        self._yields = True
        what = "yield from" if isinstance(node, ast.YieldFrom) else "yield"
        return ir.Other(node, what, () if node.value is None else (self._expr(node.value),))

    # --- statements --------------------------------------------------------------------------------------------------

    def block(self, body: Iterable[ast.stmt]) -> ir.Block:
        return tuple([self._statement(node) for node in body])

    def _statement(self, node: ast.stmt) -> ir.Statement:
        handler = _STATEMENTS.get(type(node))
        return ir.Jump(node, "pass") if handler is None else handler(self, node)

    def _import(self, node: ast.Import) -> ir.Statement:
        found = ir.Import(node, tuple([(a.name, a.asname) for a in node.names]))
        self.imports.append(found)
        return found

    def _import_from(self, node: ast.ImportFrom) -> ir.Statement:
        names = None if node.names[0].name == "*" else tuple([(a.name, a.asname or a.name) for a in node.names])
        found = ir.ImportFrom(node, "." * node.level + (node.module or ""), names)
        self.imports.append(found)
        return found

    def _delete(self, node: ast.Delete) -> ir.Statement:
        targets = node.targets
        # del (a, b) deletes what del a, b does, and so on inwards for one that holds nothing else
        if len(targets) == 1 and isinstance(targets[0], (ast.Tuple, ast.List)) and targets[0].elts:
            targets = targets[0].elts
        return ir.Delete(node, self._all(targets))

    def _for(self, node: ast.For | ast.AsyncFor) -> ir.Statement:
        target, values = self._expr(node.target), self._expr(node.iter)
        return ir.For(node, target, values, self.block(node.body), self.block(node.orelse))

    def _with(self, node: ast.With | ast.AsyncWith) -> ir.Statement:
        items = tuple([(self._expr(i.context_expr), self._maybe(i.optional_vars)) for i in node.items])
        return ir.With(node, items, self.block(node.body))

    def _try(self, node: ast.Try) -> ir.Statement:  # and ast.TryStar, which has the same fields
        handlers = tuple([(h.name, self.block(h.body)) for h in node.handlers])
        return ir.Try(node, self.block(node.body), handlers, self.block(node.orelse), self.block(node.finalbody))

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> ir.Statement:
        decorators = self._all(node.decorator_list)
        around, self._yields = self._yields, False
        function, names = self._names.during(lambda: (self._parameters(node.args), self.block(node.body)))
        yields, self._yields = self._yields, around
        return ir.FunctionDef(node, node.name, *function, decorators, names, yields)

    def _class(self, node: ast.ClassDef) -> ir.Statement:
        decorators = self._all(node.decorator_list)
        cls, names = self._names.during(lambda: (self._arguments(node.bases, node.keywords), self.block(node.body)))
        return ir.ClassDef(node, node.name, *cls, decorators, names)

    def _match(self, node: ast.Match) -> ir.Statement:
        subject = self._expr(node.subject)
        # a subject that is read once for each case must be one that reading does not change
        if isinstance(subject, (ir.Name, ir.Attribute)) and all(map(patterns.of_values, node.cases)):
            return self._chosen(node, subject)
        return ir.Match(node, subject, tuple(map(self._case, node.cases)))

    def _case(self, case: ast.match_case) -> ir.Case:
        target, guarded = patterns.target(case.pattern), case.guard is not None
        return ir.Case(bound(case.pattern), target, guarded, self.block(case.body))

    def _chosen(self, node: ast.Match, subject: ir.Expr) -> ir.Statement:
        """``match kind:`` with constants for patterns, as the ``if kind == ...`` that it is."""
        tests = [patterns.condition(case.pattern, subject, self._expr) for case in node.cases]
        parts = [self._names.during(partial(self.block, case.body)) for case in node.cases]
        found: ir.Statement = ir.Jump(node, "pass")
        orelse: ir.Block = ()
        mentioned: frozenset[str] = frozenset()
        for case, test, (body, names) in zip(reversed(node.cases), reversed(tests), reversed(parts), strict=True):
            mentioned |= _recurrent(names)
            # only the last case may ask nothing, or Python would not have compiled it
            if test is not None:
                found = ir.If(case.pattern, test, body, orelse, mentioned)
            orelse = body if test is None else (found,)
        return found

    def _if(self, node: ast.If) -> ir.If:
        """An ``if`` with all its ``elif``, which Python nests: link by link, as Python's stack has an end."""
        links = [node]
        # a thousand elif are a thousand Ifs in each other (tests/safety/test_growing.py, test_many_elif_are_analysed)
        while len(links[-1].orelse) == 1 and isinstance(links[-1].orelse[0], ast.If):
            links.append(links[-1].orelse[0])
        parts = [self._names.during(partial(self._link, link)) for link in links]
        orelse, names = self._names.during(partial(self.block, links[-1].orelse))
        mentioned = _recurrent(names)
        for link, ((test, body), names) in zip(reversed(links), reversed(parts), strict=True):
            # of all links, but only what can name an RNN: the full sets of a thousand links in each other would be
            # quadratic
            mentioned |= _recurrent(names)
            found = ir.If(link, test, body, orelse, mentioned)
            orelse = (found,)
        return found

    def _link(self, node: ast.If) -> tuple[ir.Expr, ir.Block]:
        return self._expr(node.test), self.block(node.body)


_EXPRESSIONS: dict[type, Callable[[_Lowering, Any], ir.Expr]] = {
    ast.Constant: _Lowering._constant,
    ast.JoinedStr: _Lowering._formatted,
    ast.Name: _Lowering._name,
    ast.Attribute: _Lowering._attribute,
    ast.Call: _Lowering._call,
    ast.Subscript: _Lowering._subscript,
    ast.Slice: _Lowering._slice,
    ast.Starred: lambda self, n: ir.Starred(n, self._expr(n.value)),
    ast.Tuple: _Lowering._display,
    ast.List: _Lowering._display,
    ast.Set: _Lowering._display,
    ast.Dict: _Lowering._dict,
    ast.BinOp: _Lowering._binary,
    ast.UnaryOp: _Lowering._unary,
    ast.BoolOp: _Lowering._boolean,
    ast.Compare: _Lowering._compare,
    ast.IfExp: _Lowering._conditional,
    ast.Lambda: _Lowering._lambda,
    ast.ListComp: _Lowering._comprehension,
    ast.SetComp: _Lowering._comprehension,
    ast.GeneratorExp: _Lowering._comprehension,
    ast.DictComp: _Lowering._dict_comprehension,
    ast.NamedExpr: lambda self, n: ir.Walrus(n, self._expr(n.target), self._expr(n.value)),
    ast.Await: lambda self, n: ir.Other(n, "await", (self._expr(n.value),)),
    ast.Yield: _Lowering._yield,
    ast.YieldFrom: _Lowering._yield,
}

_STATEMENTS: dict[type, Callable[[_Lowering, Any], ir.Statement]] = {
    ast.Expr: lambda self, n: ir.Evaluate(n, self._expr(n.value)),
    ast.Assign: lambda self, n: ir.Assign(n, self._all(n.targets), self._expr(n.value)),
    ast.AnnAssign: lambda self, n: ir.Declare(n, self._expr(n.target), self._maybe(n.value)),
    ast.AugAssign: lambda self, n: ir.AugAssign(n, self._expr(n.target), INFIX[type(n.op)], self._expr(n.value)),
    ast.Return: lambda self, n: ir.Return(n, self._maybe(n.value)),
    ast.Raise: lambda self, n: ir.Raise(n, self._maybe(n.exc)),
    ast.Assert: lambda self, n: ir.Assert(n, self._expr(n.test)),
    ast.Delete: _Lowering._delete,
    ast.Import: _Lowering._import,
    ast.ImportFrom: _Lowering._import_from,
    ast.Global: lambda _, n: ir.Outer(n, tuple(n.names)),
    ast.Nonlocal: lambda _, n: ir.Outer(n, tuple(n.names)),
    ast.Break: lambda _, n: ir.Jump(n, "break"),
    ast.Continue: lambda _, n: ir.Jump(n, "continue"),
    ast.If: _Lowering._if,
    ast.For: _Lowering._for,
    ast.AsyncFor: _Lowering._for,
    ast.While: lambda self, n: ir.While(n, self._expr(n.test), self.block(n.body), self.block(n.orelse)),
    ast.With: _Lowering._with,
    ast.AsyncWith: _Lowering._with,
    ast.Try: _Lowering._try,
    ast.FunctionDef: _Lowering._function,
    ast.AsyncFunctionDef: _Lowering._function,
    ast.ClassDef: _Lowering._class,
    ast.Match: _Lowering._match,
}
if sys.version_info >= (3, 11):
    _STATEMENTS[ast.TryStar] = _Lowering._try


def _place(node: ast.expr | ast.keyword) -> tuple[int, int]:
    return node.lineno, node.col_offset


def _recurrent(names: frozenset[str]) -> frozenset[str]:
    """Those that can name a recurrent module."""
    return frozenset(filter(cells.is_part_of, names))
