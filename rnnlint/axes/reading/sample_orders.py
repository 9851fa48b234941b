"""The order of the samples of a batch: permutations, and what undoes them.

Sorting a batch moves whole samples: every axis keeps its meaning, only the order along one of them is another.  An
order is a word of a free group: one generator for each sort, -1 for its inverse, and ``x[p][q]`` has the word of ``x``
followed by those of ``p`` and ``q``.  So ``x[idx][argsort(idx)]`` is in the order of ``x`` again, and nothing else is.
"""

from __future__ import annotations

from dataclasses import replace

from rnnlint.axes.states import Blended, Block, Joined, Order, Own, Role, States, blocks


def followed_by(first: Order, second: Order) -> Order:
    """One permutation after the other; what undoes what stands before it goes with it."""
    word = list(first)
    for generator, exponent in second:
        if word and word[-1] == (generator, -exponent):
            word.pop()
        else:
            word.append((generator, exponent))
    return tuple(word)


def inverse(order: Order) -> Order:
    """What ``argsort`` of a permutation is."""
    return tuple((generator, -exponent) for generator, exponent in reversed(order))


def along(block: Block, axis: int) -> Role | Own | None:
    """What alone runs along an axis; None where that is nothing, a piece of a view, or several things."""
    factors = block.axes[axis]
    if len(factors) != 1 or not isinstance(factors[0].along, (Role, Own)):
        return None
    return factors[0].along


def order_of(states: States, axis: int) -> Order:
    """The order along an axis; that in which it came, where the parts do not agree."""
    found = {dict(block.orders).get(along(block, axis), ()) for block in blocks(states)}  # type: ignore[arg-type]
    return found.pop() if len(found) == 1 else ()


def reordered(states: States, axis: int, order: Order) -> States:
    """``states`` indexed along an axis by a permutation.  Along an axis that is made of several things, nothing is
    known of the order before or after."""
    match states:
        case Block():
            role = along(states, axis)
            if role is None:
                return states
            known = dict(states.orders)
            known[role] = followed_by(known.pop(role, ()), order)
            # in one order whatever was asked first, so that equal orders are equal values; empty words are what an
            # absent one means
            kept = sorted(((r, word) for r, word in known.items() if word), key=lambda item: str(item[0]))
            return replace(states, orders=tuple(kept))
        case Joined() if states.axis == axis:
            return states
        case Joined():
            return Joined(states.axis, tuple(reordered(part, axis, order) for part in states.parts))
        case Blended():
            return Blended(tuple(reordered(part, axis, order) for part in states.parts))


def plain(block: Block) -> Block:
    """The block in the order in which it came."""
    return replace(block, orders=()) if block.orders else block
