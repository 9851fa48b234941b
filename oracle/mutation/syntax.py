"""What the operators ask of expressions."""

from __future__ import annotations

import ast
import copy
import re
from collections.abc import Sequence
from dataclasses import dataclass

from rnnlint.cells import LAYERS

_RECURRENT = re.compile(rf"\b({'|'.join(LAYERS)})\b")


@dataclass(frozen=True, slots=True)
class Operation:
    """A function of a tensor, as a method of it or as a function of torch: ``operand`` is the tensor."""

    name: str
    operand: ast.expr
    arguments: tuple[ast.expr, ...]
    node: ast.Call


def operation(node: ast.expr, modules: frozenset[str]) -> Operation | None:
    """None for anything but a call of a named function that has an operand."""
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return None
    owner = node.func.value
    if _root(owner) in modules:
        if not node.args:
            return None
        return Operation(node.func.attr, node.args[0], tuple(node.args[1:]), node)
    return Operation(node.func.attr, owner, tuple(node.args), node)


def _root(node: ast.expr) -> str:
    while isinstance(node, ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def whole(node: ast.expr) -> int | None:
    """The integer that is written here."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        inner = whole(node.operand)
        return None if inner is None else -inner
    if isinstance(node, ast.Constant) and isinstance(node.value, int) and not isinstance(node.value, bool):
        return node.value
    return None


def number(value: int) -> ast.expr:
    """The expression of a whole number, negative ones with a sign."""
    made = ast.Constant(abs(value))
    return ast.UnaryOp(ast.USub(), made) if value < 0 else made


def keyword(call: ast.Call, *names: str) -> ast.expr | None:
    """A call with one keyword argument more, or another value for it."""
    return next((given.value for given in call.keywords if given.arg in names), None)


def with_keyword(call: ast.Call, name: str, value: ast.expr) -> ast.Call:
    """The call with this keyword, given anew or in place of what it was."""
    new = copy.deepcopy(call)
    for given in new.keywords:
        if given.arg == name:
            given.value = value
            return new
    place = next((index for index, given in enumerate(new.keywords) if given.arg is None), len(new.keywords))
    new.keywords.insert(place, ast.keyword(name, value))
    return new


def with_arguments(call: ast.Call, arguments: Sequence[ast.expr]) -> ast.Call:
    """The call with these positional arguments in place of its own."""
    new = copy.copy(call)
    new.args = list(arguments)
    return new


def builds_recurrent(node: ast.expr) -> ast.Call | None:
    """The call if it builds an ``nn.RNN``, ``nn.GRU`` or ``nn.LSTM``, by whatever expression for the class."""
    if not isinstance(node, ast.Call) or not (node.args or node.keywords):
        return None
    text = ast.unparse(node.func)
    # by the text, because a class can come from a dictionary, from getattr or from a condition; ``self.rnn(x)`` calls
    # what is built already
    own = text.startswith(("self.", "super()"))
    return node if _RECURRENT.search(text) and not own and text != "getattr" else None


def items(node: ast.Subscript) -> list[ast.expr]:
    """What the axes are indexed by, one an axis as far as written."""
    return list(node.slice.elts) if isinstance(node.slice, ast.Tuple) else [node.slice]


def with_item(node: ast.Subscript, place: int, item: ast.expr) -> ast.Subscript:
    """The subscript with another item at a place."""
    new = copy.copy(node)
    elements = items(node)
    elements[place] = item
    new.slice = ast.Tuple(elements, ast.Load()) if isinstance(node.slice, ast.Tuple) else item
    return new
