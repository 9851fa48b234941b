"""``einops``' ``rearrange``, ``reduce`` and ``repeat`` for literal patterns (https://einops.rocks/api/rearrange/)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TypeAlias

from rnnlint.axes.form.factors import product
from rnnlint.axes.form.normal import nothing
from rnnlint.axes.operations.moves import copied, folded, grouped, lifted, turned
from rnnlint.axes.states import Raises, Result, States, Unknown, shape
from rnnlint.frozen import dataclass

Group: TypeAlias = tuple[str, ...]  # the names that make up one axis, outermost first; () is an axis of extent 1

_TOKEN = re.compile(r"\s*(\(|\)|\.\.\.|\w+)")
_DOTS = "..."


class _BadPattern(Exception):
    """A pattern, or sizes for it, that einops refuses."""


@dataclass(frozen=True, slots=True)
class _Side:
    groups: tuple[Group, ...]
    inside: bool  # whether the ellipsis stands in parentheses

    @property
    def names(self) -> list[str]:
        return [name for group in self.groups for name in group]


def rearrange(states: States, pattern: str, **sizes: int) -> Result:
    """``einops.rearrange``: the same elements, axes taken apart, reordered and put together."""
    return _run("rearrange", states, pattern, sizes)


def einreduce(states: States, pattern: str, **sizes: int) -> Result:
    """``einops.reduce``: names missing on the right are reduced over."""
    return _run("reduce", states, pattern, sizes)


def einrepeat(states: States, pattern: str, **sizes: int) -> Result:
    """``einops.repeat``: names new on the right are copies, of the sizes given."""
    return _run("repeat", states, pattern, sizes)


def rank_of(pattern: str) -> int | None:
    """How many axes a pattern takes a tensor to have; None where it leaves that open (or is no pattern)."""
    left = pattern.partition("->")[0]
    if "..." in left or "->" not in pattern:
        return None
    return len(re.sub(r"\([^)]*\)", "x", left).split())


def _run(operation: str, states: States, pattern: str, sizes: Mapping[str, int]) -> Result:
    # one arrow is what makes it a pattern: without one there is no left side to fit, with two einops does not know the
    # right one
    if pattern.count("->") != 1:
        return Raises("ValueError", "a pattern has exactly one ->")
    try:
        left, right = _sides(operation, pattern, sizes)
        return _applied(states, left, right, dict(sizes))
    except _BadPattern as wrong:
        return Raises("EinopsError", str(wrong))


def _sides(operation: str, pattern: str, sizes: Mapping[str, int]) -> tuple[_Side, _Side]:
    left, right = (_side(text, number) for number, text in enumerate(pattern.split("->")))
    here, there = set(left.names), set(right.names)
    if left.inside:
        raise _BadPattern("Ellipsis inside parenthesis in the left side is not allowed")
    if _DOTS in there - here:
        raise _BadPattern("Ellipsis found in right side, but not left side of a pattern")
    fixed = {name for name in here | there if name[0].isdigit()}
    # what each of the three may leave out or add is all that tells them apart
    if operation == "rearrange" and (fixed or here != there):
        raise _BadPattern("Identifiers only on one side of expression (should be on both)")
    if operation == "reduce" and there - here:
        raise _BadPattern("Unexpected identifiers on the right side of reduce")
    if operation == "repeat" and (here - there or (there - here - fixed) - set(sizes)):
        raise _BadPattern("Specify sizes for new axes, and keep those there are, in repeat")
    for name, size in sizes.items():
        if name not in here | there:
            raise _BadPattern(f"Axis {name} is not used in transform")
        if not isinstance(size, int):
            raise _BadPattern(f"The size of {name} is no integer")
    return left, right


def _side(text: str, number: int) -> _Side:
    groups: list[Group] = []
    open_group: list[str] | None = None
    inside = False
    seen: set[str] = set()
    place = 0
    text = text.rstrip()
    while place < len(text):
        token = _TOKEN.match(text, place)
        if token is None:
            raise _BadPattern(f"Unknown character in {text!r}")
        place = token.end()
        word = token.group(1)
        # the words of a pattern are those of einops' grammar, whose parser refuses in this order
        # (tests/axes/test_patterns.py, test_as_einops)
        if word in "()":
            if (word == "(") == (open_group is not None):
                raise _BadPattern("Brackets are not balanced (or nested)")
            if open_group is not None:
                groups.append(tuple(open_group))
            open_group = [] if word == "(" else None
            continue
        # an axis of one is no name: in parentheses it changes nothing
        if word == "1":
            if open_group is None:
                groups.append(())
            continue
        if word != _DOTS:
            if word.isdigit():
                if int(word) == 0:
                    raise _BadPattern("An axis has at least one element")
                word = f"{word}@{number}.{place}"  # a name of its own
            # einops keeps names with an underscore at either end for itself
            elif not word.isidentifier() or word[0] == "_" or word[-1] == "_":
                raise _BadPattern(f"Invalid axis identifier: {word}")
        if word in seen:
            raise _BadPattern(f"Indexing expression contains duplicate dimension {word!r}")
        seen.add(word)
        if open_group is None:
            groups.append((word,))
        else:
            inside = inside or word == _DOTS
            open_group.append(word)
    if open_group is not None:
        raise _BadPattern("Imbalanced parentheses in expression")
    return _Side(tuple(groups), inside)


def _spelled(groups: Sequence[Group], dots: Sequence[str], inside: bool) -> list[Group]:
    """The groups with the ellipsis written out."""
    out: list[Group] = []
    for group in groups:
        if group == (_DOTS,) and not inside:
            out.extend((name,) for name in dots)
        else:
            out.append(tuple(one for name in group for one in (dots if name == _DOTS else (name,))))
    return out


def _applied(states: States, left: _Side, right: _Side, sizes: dict[str, int]) -> Result:
    extents = shape(states)
    more = len(extents) - (len(left.groups) - (_DOTS in left.names))
    if more < 0 or (more and _DOTS not in left.names):
        raise _BadPattern(f"Wrong shape: expected {len(left.groups)} dims. Received {len(extents)}-dim tensor.")
    dots = [f"...{number}" for number in range(more)]
    sources, targets = (_spelled(side.groups, dots, side.inside) for side in (left, right))
    for name in (*left.names, *right.names):
        if name[0].isdigit():
            sizes[name] = int(name.split("@")[0])
    for group, size in zip(sources, extents, strict=True):
        _fit(group, size, sizes)
    order = [name for group in sources for name in group]
    final = [product(sizes[name] for name in group) for group in targets]
    if 0 in final:
        return nothing(states, final)
    result = grouped(states, [sizes[name] for name in order])
    wanted = [name for group in targets for name in group]
    # reduced before copied, and copied before turned: each of these moves counts axes as they are when it comes
    for name in [name for name in order if name not in wanted]:
        if isinstance(result, Unknown):
            return result
        result = folded(result, order.index(name))
        order.remove(name)
    if isinstance(result, Unknown):
        return result
    for name in [name for name in wanted if name not in order]:
        result = lifted(result, len(order))
        order.append(name)
    wide = copied(turned(result, [order.index(name) for name in wanted]), [sizes[name] for name in wanted])
    return wide if isinstance(wide, Unknown) else grouped(wide, final)


def _fit(group: Group, size: int, sizes: dict[str, int]) -> None:
    """Check the named sizes of one axis against its extent; infer the one that is missing."""
    missing = [name for name in group if name not in sizes]
    known = product(sizes[name] for name in group if name in sizes)
    if len(missing) > 1:
        raise _BadPattern(f"Could not infer sizes for {missing}")
    if not missing:
        if known != size:
            raise _BadPattern(f"Shape mismatch, {size} != {known}")
        return
    if known == 0 or size % known:
        raise _BadPattern(f"Shape mismatch, can't divide axis of length {size} in chunks of {known}")
    sizes[missing[0]] = size // known
