"""What a text fills up in front of what is there, so that the last step of every sample is its own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rnnlint.source import program as ir
from rnnlint.source import walking
from rnnlint.source.missing import (
    NO_NAMES,
    Counts,
    constants_given,
    counts_of,
    fills,
    flips,
    is_length,
    mentions_missing,
)


def fills_in_front(nodes: Sequence[ir.Node]) -> bool:
    """Whether any node of a file fills something up in front, or asks somebody to."""
    assigned = [node for node in nodes if isinstance(node, ir.Assign)]
    names = counts_of(assigned)
    begun = {
        target.id
        for node in assigned
        if fills(node.value, names)
        for target in node.targets
        if isinstance(target, ir.Name)
    }
    return any(_in_front(node, names) or _goes_on(node, begun) for node in nodes)


def to_the_left(node: object) -> bool:
    """``padding_side="left"``, of a tokenizer that is made or one that is set so, ``pad_first=True`` of a field."""
    match node:
        case ir.Call():
            given = constants_given(node)
            return given.get("padding_side") == "left" or given.get("pad_first") is True
        case ir.Assign(targets=targets, value=ir.Constant(value="left")):
            return any(isinstance(target, ir.Attribute) and target.attr == "padding_side" for target in targets)
    return False


def _in_front(node: object, names: Counts) -> bool:
    """``[0] * (n - len(x)) + x``, ``table[i, -len(x):] = x``, ``row[n - len(x):] = x``."""
    match node:
        case ir.Binary(op="+", left=filler):
            return fills(filler, names)
        case ir.Assign(targets=targets):
            return any(_from_behind(target, names) for target in targets) or to_the_left(node)
        case ir.While(test=test, body=body):
            return any(map(_measures, walking.walk(test))) and any(map(_puts_first, walking.walk(body)))
        case ir.Call():
            return _calls_in_front(node, names) or to_the_left(node)
    return False


def _goes_on(node: object, begun: set[str]) -> bool:
    """``row += x``, ``row.extend(x)`` for a row that was begun with what is missing."""
    match node:
        case ir.AugAssign(target=ir.Name(id=name), op="+"):
            return name in begun
        case ir.Call(func=ir.Attribute(value=ir.Name(id=name), attr="extend")):
            return name in begun
    return False


def _from_behind(target: ir.Expr, names: Counts) -> bool:
    """A place in a row that is counted from where its end is: by a length, or by how many are missing."""
    if not isinstance(target, ir.Subscript) or not target.items:
        return False
    place = target.items[-1]
    if not isinstance(place, ir.Slice):
        # row[n - len(x) + i] = x[i]
        return isinstance(place, ir.Binary) and mentions_missing(place, names)
    if place.lower is None:
        return False
    match place.lower:
        case ir.Unary(op="-", operand=operand) if place.upper is None:
            # each row by a number of its own, whoever counts it: table[i, -n:] = x
            own = len(target.items) > 1 and not isinstance(target.items[0], ir.Slice)
            return is_length(operand, names) or (own and not isinstance(operand, ir.Constant))
    return mentions_missing(place.lower, names)


def _calls_in_front(node: ir.Call, names: Counts) -> bool:
    name = ir.last_name(node.func)
    match node.func:
        case ir.Attribute(value=written, attr="copy_" | "fill_") if _from_behind(written, names):
            return True  # table[i, -len(x):].copy_(x)
    given = [argument.value for argument in node.args]
    if name == "narrow":  # row.narrow(0, n - len(x), len(x)).copy_(x)
        return len(given) > 1 and mentions_missing(given[-2], names)
    if name == "pad_sequence":
        return any(map(flips, walking.walk(node)))
    # keras.utils.pad_sequences pads in front unless it is told otherwise: padding="pre"
    if name == "pad_sequences":
        return constants_given(node).get("padding") != "post"
    if name == "deque":  # of so many at most: what is put in behind drives out what fills it up
        return any(argument.keyword == "maxlen" for argument in node.args) and isinstance(given[0], ir.Binary)
    # torch.cat((torch.zeros(n - len(x)), x))
    if name in _JOINING:
        lists = [one.items for one in given if isinstance(one, ir.Display)] or [tuple(given)]
        return any(len(one) > 1 and _first_alone(one[0], one[-1], names) for one in lists)
    # np.pad(x, (n - len(x), 0)): before and behind, axis by axis
    if name in _PADDING:
        pairs = (pair for one in given for pair in _pairs(one))
        return any(_first_alone(before, behind, names) for before, behind in pairs)
    return False


def _first_alone(first: ir.Expr, last: ir.Expr, names: Counts) -> bool:
    return mentions_missing(first, names) and not mentions_missing(last, names)


def _pairs(node: ir.Expr) -> Iterator[tuple[ir.Expr, ir.Expr]]:
    for one in walking.walk(node):
        if isinstance(one, ir.Display) and not any(isinstance(item, ir.Display) for item in one.items):
            yield from zip(one.items[::2], one.items[1::2], strict=False)


_JOINING = frozenset({"cat", "concat", "concatenate", "hstack", "chain", "append"})
_PADDING = frozenset({"pad", "ConstantPad1d", "ConstantPad2d", "ZeroPad1d", "ZeroPad2d"})


def _measures(node: object) -> bool:
    return isinstance(node, ir.Call) and is_length(node, NO_NAMES)


def _puts_first(node: object) -> bool:
    """``x.insert(0, pad)``, ``x.appendleft(pad)``, ``x = [pad] + x``."""
    match node:
        case ir.Call(func=ir.Attribute(attr="insert"), args=(first, _)):
            return isinstance(first.value, ir.Constant) and first.value.value == 0
        case ir.Call(func=ir.Attribute(attr="appendleft")):
            return True
        case ir.Binary(op="+", left=ir.Display(items=(_,)), right=ir.Name()):
            return True
    return False
