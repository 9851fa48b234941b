"""An argument of a call given another value, taken away, or put in."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence

from rnnlint.findings import Edit
from rnnlint.fixing.text import Text
from rnnlint.rules.repairs import TWICE
from rnnlint.torch_api.signatures import MAKES_ZEROS

_OLD = "{argument}"
_ALSO = {"dim": "axis"}  # numpy's word, which torch takes as well
_COMMA_BEFORE = re.compile(r"\s*,\s*\Z")
_COMMA_BEHIND = re.compile(r"\s*,[ \t]*")


def argument(call: ast.Call, name: str, value: str, parameters: Sequence[str], text: Text) -> Edit | None:
    """The edit by which a call is given ``value`` for a parameter; "" takes the argument away.

    ``{argument}`` in it is what is given now.  None where arguments are handed on with a star, so that nobody sees
    which there are, and where none is given that the value could be written by.
    """
    if any(one.arg is None for one in call.keywords) or any(isinstance(one, ast.Starred) for one in call.args):
        return None
    for keyword in call.keywords:
        if keyword.arg in (name, _ALSO.get(name)):
            if _decided_elsewhere(keyword.value, value):
                return None
            return other(keyword.value, value, text) if value else _taken(keyword, call, text)
    place = list(parameters).index(name) if name in parameters else len(call.args)
    if place < len(call.args):
        if _decided_elsewhere(call.args[place], value):
            return None
        # of what is given by its place the ones behind would move
        if not value:
            return _taken(call.args[place], call, text) if place == len(call.args) - 1 else None
        return other(call.args[place], value, text)
    if _OLD in value:
        return None
    return _put_in(call, f"{name}={value}", text) if value else None


def named(call: ast.Call, was: str, name: str, parameters: Sequence[str], text: Text) -> Edit | None:
    """The edit by which an argument is another parameter's: one under a keyword, or one that is given by its place.

    None where others stand behind that, which would be in the wrong place.
    """
    for keyword in call.keywords:
        if keyword.arg == was:
            span = text.places.named(text.places.between(*text.outer(keyword.value)), was)
            start = text.places.offset(span.line, span.column)
            return text.edit(start, start + len(was), name)
    place = list(parameters).index(was) if was in parameters else len(call.args)
    if place != len(call.args) - 1 or any(one.arg == name for one in call.keywords):
        return None
    start, _ = text.outer(call.args[place])
    return text.edit(start, start, f"{name}=")


def swapped(call: ast.Call, name: str, parameters: Sequence[str], text: Text) -> Edit | None:
    """The edit by which a pair that is written as an argument has its parts the other way round."""
    given = next((one.value for one in call.keywords if one.arg == name), None)
    place = list(parameters).index(name) if name in parameters else len(call.args)
    if given is None and place < len(call.args):
        given = call.args[place]
    if not isinstance(given, (ast.Tuple, ast.List)) or len(given.elts) != 2:
        return None
    one, other = given.elts
    (start, middle), (other_start, end) = text.outer(one), text.outer(other)
    between = text.whole[middle:other_start]
    return text.edit(start, end, f"{text.code(other)}{between}{text.code(one)}")


def zeros(call: ast.Call, text: Text) -> Edit | None:
    """The edit by which zeros are made where numbers are drawn; None for what is no function of torch's for that."""
    function = call.func
    if not isinstance(function, ast.Attribute) or function.attr not in MAKES_ZEROS:
        return None
    end = text.inner(function)[1]
    return text.edit(end - len(function.attr), end, MAKES_ZEROS[function.attr])


def other(argument: ast.expr, value: str, text: Text) -> Edit:
    """The edit that writes another value in an argument's place; twice a number is a number."""
    now = text.code(argument)
    if value == TWICE and isinstance(argument, ast.Constant) and isinstance(argument.value, int):
        return text.replaced(argument, str(2 * argument.value))
    simple = isinstance(argument, (ast.Name, ast.Attribute, ast.Constant, ast.Call, ast.Subscript))
    start, end = text.outer(argument)
    bracketed = now if simple or (now.startswith("(") and text.inner(argument) != (start, end)) else f"({now})"
    return text.edit(start, end, value.replace(_OLD, bracketed))


def _decided_elsewhere(argument: ast.expr, value: str) -> bool:
    """Whether a flag is to be another one where a name stands for it: what that is, others may rely on."""
    return value in ("", "True", "False") and not isinstance(argument, ast.Constant)


def _put_in(call: ast.Call, argument: str, text: Text) -> Edit:
    """The edit that puts an argument behind all others, or between empty brackets."""
    given = [*call.args, *(one.value for one in call.keywords)]
    if given:
        return text.behind(max(given, key=_begin), f", {argument}")
    end = text.inner(call)[1] - 1  # before the bracket that closes the call
    return text.edit(end, end, argument)


def _begin(node: ast.expr) -> tuple[int, int]:
    return node.lineno, node.col_offset


def _taken(argument: ast.expr | ast.keyword, call: ast.Call, text: Text) -> Edit | None:
    """The edit that takes an argument away, with one comma; None where a comment is among what would go."""
    value = argument.value if isinstance(argument, ast.keyword) else argument
    start, end = text.outer(value)
    if isinstance(argument, ast.keyword) and argument.arg is not None:
        span = text.places.named(text.places.between(start, end), argument.arg)
        start = text.places.offset(span.line, span.column)
    before = _COMMA_BEFORE.search(text.whole, text.outer(call.func)[1], start)
    behind = _COMMA_BEHIND.match(text.whole, end)
    if before is not None:
        start = before.start()
    elif behind is not None:
        end = behind.end()
    # what is no comma before an argument but the first is a comment
    only = value is min([*call.args, *(one.value for one in call.keywords)], key=_begin)
    return text.edit(start, end, "") if before is not None or only else None
