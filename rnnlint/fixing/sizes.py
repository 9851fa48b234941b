"""The sizes and the axis that a call is given, written otherwise."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from rnnlint.findings import Edit
from rnnlint.fixing.arguments import other
from rnnlint.fixing.text import Text
from rnnlint.fixing.tree import Tree
from rnnlint.fixing.unwritable import Unwritable
from rnnlint.rules.repairs import Exchanged, Sized

_OTHER = {0: 1, 1: 0}
_AXES = ("dim", "axis")  # torch takes numpy's word for a reduction's axis as well
_SIZES = ("size", "shape")


def exchanged(change: Exchanged, call: ast.Call, tree: Tree, text: Text) -> list[Edit]:
    """The edits by which the first two sizes of a call change places.  Raises Unwritable."""
    one, two, *_ = _sizes(call, tree)
    edits = [text.edit(*text.outer(one), text.code(two)), text.edit(*text.outer(two), text.code(one))]
    end = text.inner(call)[1]
    return [*edits, text.edit(end, end, change.text)] if change.text else edits


def sized(change: Sized, call: ast.Call, tree: Tree, text: Text) -> Edit:
    """The edit by which one of the sizes of a call is another.  Raises Unwritable."""
    size = _sizes(call, tree)[change.place]
    if change.text:
        return other(size, change.text, text)
    match size:
        case ast.Call(func=ast.Attribute(attr="size"), args=[ast.Constant() as axis], keywords=[]):
            return _other_axis(axis, text)
        case ast.Subscript(value=ast.Attribute(attr="shape"), slice=ast.Constant() as axis):
            return _other_axis(axis, text)
    raise Unwritable("it is no size of a tensor")


def count(call: ast.Call, tree: Tree) -> int | None:
    """How many sizes a call is given; None where that is not seen."""
    given = _given(call, tree)
    return None if any(isinstance(one, ast.Starred) for one in given) else len(given) or None


def along_other_axis(call: ast.Call, tree: Tree, text: Text) -> Edit:
    """The edit by which a call reduces the other of the first two axes.  Raises Unwritable."""
    given = [one.value for one in call.keywords if one.arg in _AXES]
    if not given:
        receiver = call.func.value if isinstance(call.func, ast.Attribute) else None
        method = receiver is not None and not (isinstance(receiver, ast.Name) and receiver.id in tree.imported)
        # of a function the tensor comes first
        given = [*call.args[0 if method else 1 :][:1]]
    if len(given) != 1:
        raise Unwritable("no axis is written there")
    return _other_axis(given[0], text)


def _other_axis(axis: ast.expr, text: Text) -> Edit:
    number = axis.value if isinstance(axis, ast.Constant) and type(axis.value) is int else None
    if number not in _OTHER:
        raise Unwritable("the axis is not written as 0 or 1")
    return text.replaced(axis, str(_OTHER[number]))


def _sizes(call: ast.Call, tree: Tree) -> Sequence[ast.expr]:
    """The sizes that a call is given: three at least.  Raises Unwritable."""
    given = _given(call, tree)
    if len(given) < 3 or any(isinstance(one, ast.Starred) for one in given):
        raise Unwritable("its sizes are not written one by one")
    return given


def _given(call: ast.Call, tree: Tree) -> Sequence[ast.expr]:
    """The sizes that a call is given, one by one or in a tuple; none where it is given something else."""
    function = call.func
    receiver = function.value if isinstance(function, ast.Attribute) else None
    of_torch = receiver is None or (isinstance(receiver, ast.Name) and receiver.id in tree.imported)
    named = [one.value for one in call.keywords if one.arg in _SIZES]
    given: Sequence[ast.expr] = call.args
    # torch.reshape(x, sizes): the tensor comes first
    if of_torch and isinstance(function, ast.Attribute) and function.attr == "reshape":
        given = call.args[1:]
    if len(given) == 1 or (named and not given):
        (whole,) = given or named
        given = whole.elts if isinstance(whole, (ast.Tuple, ast.List)) else ()
    return given
