"""The small changes that tests should notice: what each node of a function's tree is replaced by."""

from __future__ import annotations

import ast
import copy
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

Function = ast.FunctionDef | ast.AsyncFunctionDef

BOUNDARY: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
}
OPPOSITE: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
COMPUTED: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.FloorDiv,
    ast.Pow: ast.Mult,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
    ast.BitXor: ast.BitOr,
}
TWINS = {"any": "all", "all": "any", "min": "max", "max": "min"}
ORDERERS = {"sorted", "reversed"}  # left out: what they are called with stays


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change to one function.

    ``function`` is the outermost one, its class before it; ``text`` the line the change begins on, without indentation;
    ``change`` the node before and after; ``nth`` counts equal changes on equal lines of one function from 1.  So the
    four name a mutant however the lines around it move.  ``span``: the lines whose tests could notice.
    """

    module: str
    function: str
    text: str
    change: str
    nth: int
    line: int
    span: tuple[int, int]
    edit: Edit

    @property
    def key(self) -> tuple[str, str, str, str, str]:
        """What names the mutant in lists, wherever its line has moved to."""
        return (self.module, self.function, self.text, self.change, str(self.nth))


@dataclass(frozen=True, slots=True)
class Edit:
    """Where in the tree a node is, and what comes in its place."""

    parent: ast.AST
    field: str
    index: int | None
    new: ast.AST

    def make(self) -> None:
        """Change the tree."""
        if self.index is None:
            setattr(self.parent, self.field, self.new)
        else:
            getattr(self.parent, self.field)[self.index] = self.new


@dataclass(frozen=True, slots=True)
class _Place:
    node: ast.AST
    parent: ast.AST
    field: str
    index: int | None
    span: tuple[int, int]


def mutants(module: str, source: str, tree: ast.Module) -> list[Mutant]:
    """Every mutant of the functions of a module, in the order of its lines.

    Not changed, since running functions would not show it: annotations, defaults of parameters, decorators, what stands
    at the level of the module.  Nor docstrings, assertions (they are for the type checker), and the prose of messages.
    """
    lines = source.splitlines()
    met: Counter[tuple[str, str, str]] = Counter()
    found = []
    for name, function in functions(tree):
        for place in _inside(function):
            node = place.node
            for new in replacements(place):
                old_text, new_text = _shown(node), _shown(new)
                if old_text == new_text:
                    continue
                line = node.lineno  # type: ignore[attr-defined]
                what = (name, lines[line - 1].strip(), f"{old_text} -> {new_text}")
                met[what] += 1
                ast.copy_location(new, node)
                ast.fix_missing_locations(new)
                edit = Edit(place.parent, place.field, place.index, new)
                found.append(Mutant(module, *what, met[what], line, place.span, edit))
    return found


def functions(tree: ast.Module) -> Iterator[tuple[str, Function]]:
    """The outermost functions of a module and the methods of its classes, with their names."""
    for node in tree.body:
        if isinstance(node, Function):
            yield node.name, node
        elif isinstance(node, ast.ClassDef):
            yield from ((f"{node.name}.{item.name}", item) for item in node.body if isinstance(item, Function))


def _shown(node: ast.AST) -> str:
    text = " ".join(ast.unparse(node).split())
    # 160 characters, because it is a column of a list; both ends, because changes are told apart by either
    return text if len(text) <= 160 else f"{text[:110]} ... {text[-45:]}"


def _inside(function: Function) -> Iterator[_Place]:
    for number, statement in enumerate(function.body):
        # the docstring
        if number == 0 and isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
            continue
        yield from _below(_Place(statement, function, "body", number, (0, 0)))


def _below(place: _Place) -> Iterator[_Place]:
    node = place.node
    # a check of ours on what we hand to zip: no test is to notice it
    if isinstance(node, ast.keyword) and node.arg == "strict":
        return
    if isinstance(node, (ast.arguments, ast.Assert, ast.JoinedStr)):
        if isinstance(node, ast.JoinedStr):
            for part in ast.walk(node):
                if isinstance(part, ast.FormattedValue):
                    yield from _below(_Place(part.value, part, "value", None, place.span))
        return
    span = place.span
    if isinstance(node, ast.stmt):
        compound = hasattr(node, "body")
        span = (node.lineno, node.lineno if compound else node.end_lineno or node.lineno)
        place = _Place(node, place.parent, place.field, place.index, span)
    if hasattr(node, "lineno"):
        yield place
    for field, value in ast.iter_fields(node):
        # of no effect when the function runs; ``ctx`` is a mark of the tree, and no code
        if field in ("annotation", "returns", "decorator_list", "ctx"):
            continue
        children = value if isinstance(value, list) else [value]
        for index, child in enumerate(children):
            if not isinstance(child, ast.AST):
                continue
            inner = span
            if isinstance(node, ast.stmt) and isinstance(child, ast.expr):
                inner = (child.lineno, max(span[1], child.end_lineno or child.lineno))
            yield from _below(_Place(child, node, field, index if isinstance(value, list) else None, inner))


def replacements(place: _Place) -> Iterator[ast.AST]:
    """What may come in the place of a node.

    What another one implies is left out: a test that tells ``b`` from ``a and b`` tells True from it, and ``a or b``.
    """
    node, parent = place.node, place.parent
    if place.field in ("test", "guard") and isinstance(parent, (ast.If, ast.match_case)):
        yield from (ast.Constant(value=known) for known in (True, False) if not _implied(node, known))
    # only False, because True does not end, and a timeout would count as noticed
    elif place.field == "test" and isinstance(parent, ast.While):
        yield ast.Constant(value=False)
    elif place.field == "ifs" and not _implied(node, True):
        yield ast.Constant(value=True)
    if isinstance(node, ast.Compare):
        condition = place.field in ("test", "guard", "ifs") or isinstance(parent, ast.BoolOp)
        yield from _compare(node, BOUNDARY if condition else BOUNDARY | OPPOSITE)
    elif isinstance(node, ast.Constant) and isinstance(parent, ast.Compare):
        # beside an order this is its boundary, which is moved already
        if not any(type(operator) in BOUNDARY for operator in parent.ops):
            yield from _constant(node)
    elif type(node) in BY_TYPE:
        yield from BY_TYPE[type(node)](node)


def _implied(node: ast.AST, known: bool) -> bool:
    return isinstance(node, ast.BoolOp) and isinstance(node.op, ast.And if known else ast.Or)


def _compare(node: ast.Compare, others: dict[type[ast.cmpop], type[ast.cmpop]]) -> Iterator[ast.AST]:
    for number, operator in enumerate(node.ops):
        if type(operator) in others:
            new = copy.deepcopy(node)
            new.ops[number] = others[type(operator)]()
            yield new


def _bool_op(node: ast.BoolOp) -> Iterator[ast.AST]:
    for number in range(len(node.values)):
        left = [copy.deepcopy(value) for place, value in enumerate(node.values) if place != number]
        yield left[0] if len(left) == 1 else ast.BoolOp(node.op, left)


def _bin_op(node: ast.BinOp) -> Iterator[ast.AST]:
    other = COMPUTED.get(type(node.op))
    if other is not None:
        yield ast.BinOp(copy.deepcopy(node.left), other(), copy.deepcopy(node.right))


def _unary_op(node: ast.UnaryOp) -> Iterator[ast.AST]:
    if isinstance(node.op, (ast.Not, ast.USub)):
        yield copy.deepcopy(node.operand)


def _constant(node: ast.Constant) -> Iterator[ast.AST]:
    value = node.value
    if isinstance(value, bool):
        yield ast.Constant(value=not value)
    elif isinstance(value, int):
        yield ast.Constant(value=value + 1)
    # a text with blanks is prose of a message, which no test holds to the letter
    elif isinstance(value, str) and " " not in value:
        yield ast.Constant(value=value + "?")


def _if_exp(node: ast.IfExp) -> Iterator[ast.AST]:
    yield copy.deepcopy(node.body)
    yield copy.deepcopy(node.orelse)


def _call(node: ast.Call) -> Iterator[ast.AST]:
    if isinstance(node.func, ast.Name):
        name = node.func.id
        if name in TWINS:
            new = copy.deepcopy(node)
            new.func = ast.Name(TWINS[name], ast.Load())
            yield new
        elif name in ORDERERS:
            yield ast.Call(ast.Name("list", ast.Load()), [copy.deepcopy(node.args[0])], [])
    for number, keyword in enumerate(node.keywords):
        if keyword.arg == "strict":  # a check of ours on what we hand to zip
            continue
        new = copy.deepcopy(node)
        del new.keywords[number]
        yield new


def _return(node: ast.Return) -> Iterator[ast.AST]:
    if node.value is not None and not (isinstance(node.value, ast.Constant) and node.value.value is None):
        yield ast.Return(ast.Constant(value=None))


def _dropped(_: ast.AST) -> Iterator[ast.AST]:
    yield ast.Pass()


def _assign(node: ast.Assign) -> Iterator[ast.AST]:
    if all(isinstance(target, (ast.Attribute, ast.Subscript)) for target in node.targets):
        yield ast.Pass()


def _slice(node: ast.Slice) -> Iterator[ast.AST]:
    for bound in ("lower", "upper"):
        if getattr(node, bound) is not None:
            new = copy.deepcopy(node)
            setattr(new, bound, None)
            yield new


BY_TYPE: dict[type[ast.AST], Callable[[Any], Iterator[ast.AST]]] = {
    ast.BoolOp: _bool_op,
    ast.BinOp: _bin_op,
    ast.UnaryOp: _unary_op,
    ast.Constant: _constant,
    ast.IfExp: _if_exp,
    ast.Call: _call,
    ast.Return: _return,
    ast.Expr: _dropped,
    ast.AugAssign: _dropped,
    ast.Raise: _dropped,
    ast.Break: _dropped,
    ast.Continue: _dropped,
    ast.Assign: _assign,
    ast.Slice: _slice,
}
