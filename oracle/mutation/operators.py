"""The mistakes people make, each as a rewriting of one expression.

The operators know names of torch and nothing of what a program means: many of their mutants change nothing, or raise.
What a mutant in fact reads is decided by running it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from oracle.mutation.source import Operator, Rewrite
from oracle.mutation.syntax import (
    Operation,
    builds_recurrent,
    items,
    keyword,
    number,
    operation,
    whole,
    with_arguments,
    with_item,
    with_keyword,
)

Modules = frozenset[str]
_EXCHANGES = frozenset({"transpose", "swapaxes", "swapdims", "permute", "movedim", "moveaxis", "t"})
_SHAPES = frozenset({"view", "reshape"})
_JOINS = frozenset({"cat", "concat", "concatenate", "stack"})
_POOLS = frozenset({"sum", "mean", "max", "amax", "softmax"})
_PACKING = frozenset({"pack_padded_sequence", "pad_packed_sequence"})


def _flag(name: str) -> Rewrite:
    """A flag of a recurrent module turned round."""

    def rewrite(node: ast.expr, _: Modules) -> Iterator[ast.expr]:
        call = builds_recurrent(node)
        if call is None:
            return
        given = keyword(call, name)
        if given is None:
            yield with_keyword(call, name, ast.Constant(True))
        elif isinstance(given, ast.Constant):
            yield with_keyword(call, name, ast.Constant(not given.value))

    return rewrite


def _one_more_layer(node: ast.expr, _: Modules) -> Iterator[ast.expr]:
    call = builds_recurrent(node)
    if call is None:
        return
    given = keyword(call, "num_layers")
    # num_layers is the third parameter of the constructors of torch's recurrent modules
    if len(call.args) > 2:
        if whole(call.args[2]) == 1:
            yield with_arguments(call, [*call.args[:2], number(2), *call.args[3:]])
    elif given is None or whole(given) == 1:
        yield with_keyword(call, "num_layers", number(2))


def _index(*exchanged: tuple[int, int]) -> Rewrite:
    """One integer index for another."""
    others = dict(exchanged)

    def rewrite(node: ast.expr, _: Modules) -> Iterator[ast.expr]:
        if not isinstance(node, ast.Subscript):
            return
        for place, item in enumerate(items(node)):
            written = whole(item)
            if written is not None and written in others:
                yield with_item(node, place, number(others[written]))

    return rewrite


def _other_half(node: ast.expr, _: Modules) -> Iterator[ast.expr]:
    if not isinstance(node, ast.Subscript):
        return
    for place, item in enumerate(items(node)):
        if not isinstance(item, ast.Slice) or item.step is not None or (item.lower is None) == (item.upper is None):
            continue
        yield with_item(node, place, ast.Slice(item.upper, item.lower))


def _without(names: frozenset[str]) -> Rewrite:
    """The operand in place of what a function makes of it."""

    def rewrite(node: ast.expr, modules: Modules) -> Iterator[ast.expr]:
        found = operation(node, modules)
        if found is not None and found.name in names:
            yield found.operand

    return rewrite


def _in_place_of_transpose(node: ast.expr, modules: Modules) -> Iterator[ast.expr]:
    found = operation(node, modules)
    if found is None or found.name not in _EXCHANGES:
        return
    order = [whole(argument) for argument in found.arguments]
    # only exchanges of the first two axes, because the view below writes the sizes of these two
    if order not in ([0, 1], [1, 0], [1, 0, 2]):
        return
    sizes = [_method(found.operand, "size", number(axis)) for axis in (1, 0)]
    yield _method(found.operand, "reshape", *sizes, number(-1))


def _method(operand: ast.expr, name: str, *arguments: ast.expr) -> ast.Call:
    return ast.Call(ast.Attribute(operand, name, ast.Load()), list(arguments), [])


def _without_index(node: ast.expr, _: Modules) -> Iterator[ast.expr]:
    if isinstance(node, ast.Subscript) and whole(node.slice) in (0, 1, -1) and isinstance(node.ctx, ast.Load):
        yield node.value


def _other_of_pair(node: ast.expr, _: Modules) -> Iterator[ast.expr]:
    """``(h_n, c_n)`` taken as ``(c_n, h_n)``, ``out, h_n`` as ``h_n, out``, also where one is thrown away."""
    if isinstance(node, ast.Tuple | ast.List):
        stored = isinstance(node.ctx, ast.Store) and len(node.elts) == 2
        if stored and all(isinstance(one, ast.Name) for one in node.elts):
            yield ast.Tuple(node.elts[::-1], ast.Store())
    elif isinstance(node, ast.Subscript) and isinstance(node.value, ast.Subscript | ast.Name):
        yield from (with_item(node, 0, number(1 - place)) for place in (0, 1) if whole(node.slice) == place)


def _results_unpacked(node: ast.expr, _: Modules) -> Iterator[ast.expr]:
    """``_, (h, _) = ...`` as ``_, h = ...`` and the other way round."""
    if not isinstance(node, ast.Tuple) or not isinstance(node.ctx, ast.Store) or len(node.elts) != 2:
        return
    first, second = node.elts
    if isinstance(second, ast.Tuple | ast.List) and len(second.elts) == 2:
        for one in second.elts:
            # ``_`` is thrown away: bound to it, the result would be read by nobody
            if isinstance(one, ast.Name) and one.id != "_":
                yield ast.Tuple([first, one], ast.Store())
    elif isinstance(first, ast.Name) and isinstance(second, ast.Name) and second.id != "_":
        yield ast.Tuple([first, ast.Tuple([second, ast.Name("_", ast.Store())], ast.Store())], ast.Store())


def _joined_along_first(node: ast.expr, modules: Modules) -> Iterator[ast.expr]:
    found = operation(node, modules)
    if found is None or found.name not in _JOINS:
        return
    if found.arguments:
        yield with_arguments(found.node, [found.operand, number(0)])
        yield with_arguments(found.node, [found.operand])
    for given in found.node.keywords:
        # both names, because torch.cat takes either
        if given.arg in ("dim", "axis") and whole(given.value) != 0:
            yield with_keyword(found.node, given.arg, number(0))


def _one_operand(node: ast.expr, modules: Modules) -> Iterator[ast.expr]:
    """One of the parts that are joined or added."""
    found = operation(node, modules)
    if found is not None and found.name in _JOINS and isinstance(found.operand, ast.Tuple | ast.List):
        yield from found.operand.elts
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add) and not _arithmetic_of_sizes(node):
        yield from (node.left, node.right)


def _arithmetic_of_sizes(node: ast.BinOp) -> bool:
    return any(whole(side) is not None for side in (node.left, node.right))


def _operands_exchanged(node: ast.expr, modules: Modules) -> Iterator[ast.expr]:
    found = operation(node, modules)
    if found is None or found.name not in _JOINS or not isinstance(found.operand, ast.Tuple | ast.List):
        return
    yield with_arguments(found.node, [ast.Tuple(found.operand.elts[::-1], ast.Load()), *found.arguments])


def _other_axis(node: ast.expr, modules: Modules) -> Iterator[ast.expr]:
    """A reduction or normalisation over the axis next to the right one."""
    found = operation(node, modules)
    if found is None or found.name not in _POOLS:
        return
    if found.arguments and whole(found.arguments[0]) in (0, 1):
        other = number(1 - (whole(found.arguments[0]) or 0))
        kept = found.node.args[: len(found.node.args) - len(found.arguments)]
        yield with_arguments(found.node, [*kept, other, *found.arguments[1:]])
    given = keyword(found.node, "dim")
    if given is not None and whole(given) in (0, 1):
        yield with_keyword(found.node, "dim", number(1 - (whole(given) or 0)))


def _bare_squeeze(node: ast.expr, modules: Modules) -> Iterator[ast.expr]:
    found = operation(node, modules)
    # one with an argument, because a bare one is the mutant already
    if found is None or found.name != "squeeze" or not (found.arguments or found.node.keywords):
        return
    kept = found.node.args[: len(found.node.args) - len(found.arguments)]
    new = with_arguments(found.node, kept)
    new.keywords = []
    yield new


def _axes_exchanged(node: ast.expr, modules: Modules) -> Iterator[ast.expr]:
    """``view(L, D, N, H)`` as ``view(D, L, N, H)``, ``view(T, N, D, H)`` as ``view(N, T, D, H)``."""
    found = operation(node, modules)
    # three sizes at least, because exchanging both of a matrix is another mistake (``reshape-as-transpose``)
    if found is None or found.name not in _SHAPES or len(found.arguments) < 3:
        return
    first, second, *rest = found.arguments
    yield with_arguments(found.node, [second, first, *rest])


def _packing_in_other_layout(node: ast.expr, _: Modules) -> Iterator[ast.expr]:
    call = _packing_call(node)
    if call is None:
        return
    given = keyword(call, "batch_first")
    if given is None or isinstance(given, ast.Constant):
        yield with_keyword(call, "batch_first", ast.Constant(given is None or not given.value))


def _sorting_left_to_caller(node: ast.expr, _: Modules) -> Iterator[ast.expr]:
    call = _packing_call(node)
    if call is not None and keyword(call, "enforce_sorted") is not None:
        new = with_arguments(call, call.args)
        new.keywords = [given for given in call.keywords if given.arg != "enforce_sorted"]
        yield new


def _packing_call(node: ast.expr) -> ast.Call | None:
    if not isinstance(node, ast.Call):
        return None
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    return node if name in _PACKING else None


def _not_restored(node: ast.expr, modules: Modules) -> Iterator[ast.expr]:
    """What an index puts in order, left as it was."""
    if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load):
        picked = [item for item in items(node) if not _everything(item)]
        if len(picked) == 1 and isinstance(picked[0], ast.Name):
            yield node.value
    found = operation(node, modules)
    if found is not None and found.name == "index_select":
        yield found.operand


def _everything(item: ast.expr) -> bool:
    return isinstance(item, ast.Slice) and item.lower is None and item.upper is None and item.step is None


def _of_first(found: Operation) -> bool:
    return len(found.arguments) > 1 and whole(found.arguments[0]) in (0, 1)


def _selected_along_other_axis(node: ast.expr, modules: Modules) -> Iterator[ast.expr]:
    """``select``, ``unbind``, ``narrow``, ``index_select`` and ``gather`` along the axis next to the right one."""
    found = operation(node, modules)
    # those whose first argument is the axis, and whose others are right along another one too
    if found is not None and found.name in ("select", "narrow", "index_select", "gather") and _of_first(found):
        kept = found.node.args[: len(found.node.args) - len(found.arguments)]
        other = number(1 - (whole(found.arguments[0]) or 0))
        yield with_arguments(found.node, [*kept, other, *found.arguments[1:]])


def _indexed_along_other_axis(node: ast.expr, _: Modules) -> Iterator[ast.expr]:
    """``x[:, -1]`` for ``x[-1]`` and the other way round."""
    if not isinstance(node, ast.Subscript) or not isinstance(node.ctx, ast.Load):
        return
    first, *rest = items(node)
    if whole(first) in (0, -1) and (not rest or _everything(rest[0])):
        yield _subscript(node.value, [ast.Slice(), first, *rest[1:]])
    elif _everything(first) and rest and whole(rest[0]) in (0, -1):
        yield _subscript(node.value, [rest[0], *([ast.Slice()] if rest[1:] else []), *rest[1:]])


def _subscript(value: ast.expr, index: list[ast.expr]) -> ast.Subscript:
    return ast.Subscript(value, index[0] if len(index) == 1 else ast.Tuple(index, ast.Load()), ast.Load())


OPERATORS: tuple[Operator, ...] = (
    Operator("flip-batch-first", "the other layout", _flag("batch_first")),
    Operator("flip-bidirectional", "the other number of directions", _flag("bidirectional")),
    Operator("one-more-layer", "num_layers=2 for 1", _one_more_layer),
    Operator("other-end", "-1 for 0, 0 for -1", _index((-1, 0), (0, -1))),
    Operator("entry-beside", "-2 for -1, 1 for 0, and back", _index((-1, -2), (-2, -1), (0, 1), (1, 0))),
    Operator("other-axis-indexed", "[-1] for [:, -1] and back", _indexed_along_other_axis),
    Operator("other-axis-selected", "select(0, ...) for select(1, ...) and back", _selected_along_other_axis),
    Operator("other-half", ":H for H: and back", _other_half),
    Operator("no-index", "[0] forgotten", _without_index),
    Operator("no-transpose", "a transpose, permute or movedim forgotten", _without(_EXCHANGES)),
    Operator("reshape-as-transpose", "reshape where a transpose is meant", _in_place_of_transpose),
    Operator("axes-exchanged", "view(D, L, N, H) for view(L, D, N, H)", _axes_exchanged),
    Operator("bare-squeeze", "squeeze() for squeeze(0)", _bare_squeeze),
    Operator("no-squeeze", "a squeeze forgotten", _without(frozenset({"squeeze"}))),
    Operator("other-of-pair", "c_n for h_n, h_n for output, and back", _other_of_pair),
    Operator("unpacked-otherwise", "h for (h, c), (h, _) for h", _results_unpacked),
    Operator("joined-along-0", "cat along samples, or without dim", _joined_along_first),
    Operator("one-operand", "one part of what is joined or added", _one_operand),
    Operator("operands-exchanged", "cat((b, a)) for cat((a, b))", _operands_exchanged),
    Operator("no-pooling", "a sum, mean or max forgotten", _without(_POOLS)),
    Operator("other-axis-pooled", "mean(1) for mean(0) and back", _other_axis),
    Operator("packing-flag", "batch_first of packing turned round", _packing_in_other_layout),
    Operator("sorting-enforced", "enforce_sorted=False forgotten", _sorting_left_to_caller),
    Operator("not-restored", "the index that restores the batch forgotten", _not_restored),
)
