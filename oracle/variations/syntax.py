"""Pieces of programs: read, and written."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

import libcst as cst
from libcst.helpers import get_full_name_for_node as full_name
from libcst.helpers import parse_template_expression, parse_template_statement

CELLS = ("RNN", "GRU", "LSTM")
_WORD = re.compile(r"\w+")


def expression(template: str, **parts: cst.BaseExpression) -> cst.BaseExpression:
    """An expression with ``{name}`` replaced by parts, in parentheses where it is one of operators."""
    return parse_template_expression(template, cst.PartialParserConfig(), **_closed(parts))


def statement(template: str, **parts: cst.BaseExpression) -> cst.BaseStatement:
    """A statement with ``{name}`` replaced by parts."""
    return parse_template_statement(template, cst.PartialParserConfig(), **_closed(parts))


def statements(code: str) -> list[cst.BaseStatement]:
    """The statements of a text."""
    return [one for one in cst.parse_module(code).body if isinstance(one, cst.BaseStatement)]


def _closed(parts: Mapping[str, cst.BaseExpression]) -> dict[str, cst.BaseExpression]:
    return {name: closed(part) for name, part in parts.items()}


def closed(part: cst.BaseExpression) -> cst.BaseExpression:
    """In parentheses, unless nothing around can tear it apart."""
    whole = (cst.Name, cst.Attribute, cst.Call, cst.Subscript, cst.List, cst.Dict, cst.Integer, cst.SimpleString)
    if isinstance(part, whole) or part.lpar:
        return part
    return part.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])


def text_of(node: cst.CSTNode) -> str:
    """The node as text."""
    return cst.Module([]).code_for_node(node)


@lru_cache(maxsize=4)  # several rewrites ask the same program one after another
def words(module: cst.Module) -> frozenset[str]:
    """Every word of the program's text."""
    return frozenset(_WORD.findall(module.code))


def fresh(module: cst.Module, name: str) -> str:
    """``name``, or with a number behind it where the program has that word."""
    taken = words(module)
    return next(one for one in (name, *(f"{name}{count}" for count in range(2, 100))) if one not in taken)


def alone(line: cst.SimpleStatementLine) -> cst.BaseSmallStatement | None:
    """The only statement of a line."""
    return line.body[0] if len(line.body) == 1 else None


def assigned(line: cst.SimpleStatementLine) -> tuple[cst.BaseExpression, cst.BaseExpression] | None:
    """Target and value, where the line is ``target = value``."""
    only = alone(line)
    if isinstance(only, cst.Assign) and len(only.targets) == 1:
        return only.targets[0].target, only.value
    return None


def with_body(line: cst.SimpleStatementLine, new: str, **parts: cst.BaseExpression) -> cst.SimpleStatementLine:
    """The line, comments and all, with another statement."""
    made = statement(new, **parts)
    assert isinstance(made, cst.SimpleStatementLine)
    return line.with_changes(body=made.body)


def after_imports(module: cst.Module, new: Sequence[cst.BaseStatement]) -> cst.Module:
    """The program with ``new`` behind its docstring and first imports."""
    place = 0
    for number, one in enumerate(module.body):
        if _imports(one):
            place = number + 1
        elif not (number == 0 and _text(one)):
            break
        else:
            place = 1
    return module.with_changes(body=[*module.body[:place], *new, *module.body[place:]])


def at_top(module: cst.Module, new: Sequence[cst.BaseStatement]) -> cst.Module:
    """The program with imports ``new`` in front of its own, behind docstring and ``from __future__``."""
    place = 0
    for number, one in enumerate(module.body):
        if _text(one) or (_imports(one) and "__future__" in text_of(one)):
            place = number + 1
        else:
            break
    return module.with_changes(body=[*module.body[:place], *new, *module.body[place:]])


def _imports(one: cst.CSTNode) -> bool:
    return isinstance(one, cst.SimpleStatementLine) and isinstance(alone(one), (cst.Import, cst.ImportFrom))


def _text(one: cst.CSTNode) -> bool:
    only = alone(one) if isinstance(one, cst.SimpleStatementLine) else None
    return isinstance(only, cst.Expr) and isinstance(only.value, (cst.SimpleString, cst.ConcatenatedString))


def with_torch(module: cst.Module, *others: str) -> cst.Module:
    """The program with ``import torch``, and ``others``, in front, where it has not imported them."""
    lines = {text_of(one).strip() for one in module.body if _imports(one)}
    lines = {line.partition("  #")[0] for line in lines}
    wanted = [line for line in (*others, "import torch") if line not in lines]
    return at_top(module, [one for line in wanted for one in statements(line)])


def cell_called(node: cst.CSTNode, aliases: frozenset[str] = frozenset()) -> cst.BaseExpression | None:
    """The class, where ``node`` builds a recurrent module by a name of torch's."""
    if not isinstance(node, cst.Call):
        return None
    name = full_name(node.func) or ""
    *before, last = name.split(".")
    # a bare ``GRU`` may be the file's own
    return node.func if (before and last in CELLS and before[0] != "self") or (not before and name in aliases) else None


def imported_cells(module: cst.Module) -> frozenset[str]:
    """The names under which the program has imported recurrent modules of torch."""
    found = set()
    for one in module.body:
        only = alone(one) if isinstance(one, cst.SimpleStatementLine) else None
        if isinstance(only, cst.ImportFrom) and isinstance(only.names, Sequence):
            if full_name(only.module) != "torch.nn" if only.module else True:
                continue
            found |= {text_of(name.asname.name if name.asname else name.name) for name in only.names
                      if text_of(name.name) in CELLS}  # fmt: skip
    return frozenset(found)


def names_read(node: cst.CSTNode) -> list[str]:
    """The names that an expression reads, in order, each once; those that it binds itself are left out."""
    found = _Names()
    node.visit(found)
    return [name for name in dict.fromkeys(found.read) if name not in found.bound]


class _Names(cst.CSTVisitor):
    def __init__(self) -> None:
        super().__init__()
        self.read: list[str] = []
        self.bound: set[str] = set()

    def visit_Attribute(self, node: cst.Attribute) -> bool:
        node.value.visit(self)
        return False

    def visit_Arg(self, node: cst.Arg) -> bool:
        node.value.visit(self)
        return False

    def visit_Lambda(self, node: cst.Lambda) -> None:
        self.bound |= {one.name.value for one in node.params.params}

    def visit_CompFor(self, node: cst.CompFor) -> None:
        self.bound |= set(_stored(node.target))

    def visit_Name(self, node: cst.Name) -> None:
        self.read.append(node.value)


class _Loads(_Names):
    def visit_AssignTarget(self, node: cst.AssignTarget) -> bool:
        return not bound_names(node.target)

    def visit_Param(self, node: cst.Param) -> bool:
        return False


def loads(function: cst.FunctionDef) -> frozenset[str]:
    """The names that a function does more with than bind them."""
    found = _Loads()
    function.visit(found)
    return frozenset(found.read)


def _stored(target: cst.BaseExpression) -> Iterator[str]:
    if isinstance(target, cst.Name):
        yield target.value
    elif isinstance(target, (cst.Tuple, cst.List)):
        for one in target.elements:
            yield from _stored(one.value)


def bound_names(target: cst.BaseExpression) -> list[str]:
    """The names that an assignment to ``target`` binds."""
    return list(_stored(target))


def locals_of(function: cst.FunctionDef) -> frozenset[str]:
    """The names that a function binds: parameters, and what it stores."""
    found = _Stores()
    function.body.visit(found)
    parameters = [*function.params.posonly_params, *function.params.params, *function.params.kwonly_params]
    others = [one for one in (function.params.star_arg, function.params.star_kwarg) if isinstance(one, cst.Param)]
    return frozenset({one.name.value for one in [*parameters, *others]} | found.names)


def stores(node: cst.CSTNode) -> frozenset[str]:
    """The names that are stored in a node."""
    found = _Stores()
    node.visit(found)
    return frozenset(found.names)


class _Stores(cst.CSTVisitor):
    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    def visit_AssignTarget(self, node: cst.AssignTarget) -> None:
        self.names |= set(_stored(node.target))

    def visit_AnnAssign(self, node: cst.AnnAssign) -> None:
        self.names |= set(_stored(node.target))

    def visit_AugAssign(self, node: cst.AugAssign) -> None:
        self.names |= set(_stored(node.target))

    def visit_For(self, node: cst.For) -> None:
        self.names |= set(_stored(node.target))

    def visit_NamedExpr(self, node: cst.NamedExpr) -> None:
        self.names |= set(_stored(node.target))

    def visit_WithItem(self, node: cst.WithItem) -> None:
        if node.asname:
            self.names |= set(_stored(node.asname.name))

    def visit_FunctionDef(self, node: cst.FunctionDef) -> bool:
        self.names.add(node.name.value)
        return False
