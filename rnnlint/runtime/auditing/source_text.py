"""How the source spells what happens at a place.

Some rules ask how a number is written: ``h_n[:2]`` picks two rows, ``h_n[:num_layers]`` as many as there are layers.
"""

from __future__ import annotations

import ast
from collections.abc import Hashable

from rnnlint.runtime.auditing.places import Place
from rnnlint.torch_api.tensors import indexing
from rnnlint.values.domain import Lit, Value


def layers_of(number: int) -> Hashable:
    """The origin of a number of layers, and of every number that is equal to it and not written as a literal."""
    return ("num_layers", number)


def bounds(place: Place | None, items: tuple[indexing.Item, ...]) -> tuple[tuple[Lit | None, ...], ...]:
    """The numbers of a subscript, each with what it comes from as far as its spelling tells."""
    node = None if place is None else place.node(ast.Subscript)
    inside = node.slice if isinstance(node, ast.Subscript) else None
    parts = inside.elts if isinstance(inside, ast.Tuple) else [inside]
    written = parts if len(parts) == len(items) else [None] * len(items)
    return tuple(_bounds(item, expression) for item, expression in zip(items, written, strict=True))


def _bounds(item: indexing.Item, written: ast.expr | None) -> tuple[Lit | None, ...]:
    if isinstance(item, indexing.Dots):
        return (None,)
    if not isinstance(item, indexing.SliceOf):
        return (_number(item, written),)
    parts = (written.lower, written.upper, written.step) if isinstance(written, ast.Slice) else (None, None, None)
    return tuple(_number(bound, part) for bound, part in zip((item.lower, item.upper, item.step), parts, strict=True))


def _number(value: object, written: ast.expr | None) -> Lit | None:
    if not isinstance(value, Lit) or type(value.value) is not int:
        return None
    literal = written is None or all(
        isinstance(node, (ast.Constant, ast.UnaryOp, ast.BinOp, ast.operator, ast.unaryop))
        for node in ast.walk(written)
    )
    return value if literal else Lit(value.value, frozenset({layers_of(abs(value.value))}))


def numbers(place: Place | None, values: tuple[Value, ...]) -> tuple[Value, ...]:
    """The arguments of a method, likewise; of two equal ones nothing tells which is the number of layers."""
    node = None if place is None else place.node(ast.Call)
    written = node.args if isinstance(node, ast.Call) else []
    if len(written) != len(values) or any(isinstance(argument, ast.Starred) for argument in written):
        return values
    told = [_number(value, argument) for value, argument in zip(values, written, strict=True)]
    named = [number.value for number in told if number is not None and number.origins]
    return tuple(
        value if number is None or named.count(number.value) > 1 else number
        for value, number in zip(values, told, strict=True)
    )


def targets(place: Place) -> tuple[object, ...] | None:
    """The names a value is unpacked into here (nested tuples of names, "*x" for a starred one); None if it is not."""
    node = place.node(ast.Tuple, ast.List)
    if not isinstance(node, (ast.Tuple, ast.List)) or not isinstance(node.ctx, ast.Store):
        return None
    return _names(node)


def _names(node: ast.Tuple | ast.List) -> tuple[object, ...]:
    found: list[object] = []
    for target in node.elts:
        match target:
            case ast.Name(id=name) | ast.Attribute(attr=name):
                found.append(name)
            case ast.Starred(value=ast.Name(id=name)):
                found.append(f"*{name}")
            case ast.Tuple() | ast.List():
                found.append(_names(target))
            case _:
                found.append("?")
    return tuple(found)


def arguments(place: Place) -> tuple[tuple[str | None, str | None], ...]:
    """How the arguments of the call here are written: (keyword, name or last attribute) each."""
    node = place.node(ast.Call)
    if not isinstance(node, ast.Call):
        return ()
    given = [(None, argument) for argument in node.args]
    named = [(keyword.arg, keyword.value) for keyword in node.keywords]
    if any(isinstance(argument, ast.Starred) for _, argument in given) or any(name is None for name, _ in named):
        return ()
    return tuple((name, _written(argument)) for name, argument in (*given, *named))


def _written(node: ast.expr) -> str | None:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else None
