"""Squeezes of the layers or directions that remove nothing, where the program goes on with all of these: it knows."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from math import prod

from rnnlint.axes.reading import notes
from rnnlint.axes.states import Block, Note, Role, blocks
from rnnlint.events import Read, Site

_ROWS = frozenset({Role.LAYER, Role.DIRECTION})


def taken_all(reads: Iterable[Read]) -> dict[Hashable, int]:
    """How many entries are used of the axis that each squeeze has left, by its place; of none that is still there.

    ``h.squeeze(0)`` before ``if directions == 2: h = h[0] + h[1]`` is right for one direction and for two.
    """
    found: dict[Hashable, set[object]] = {}
    there: set[Hashable] = set()
    for block in {id(block): block for read in reads for used in read.uses for block in blocks(used.states)}.values():
        mark = notes.note(block, Note.LEFT_AS_IT_WAS)
        if mark is None or not isinstance(mark.site, Site):
            continue
        node = mark.site.node
        if any(axis and {factor.along for factor in axis} <= _ROWS for axis in block.axes):
            there.add(node)
        found.setdefault(node, set()).update(_entries(block))
    return {node: len(entries) for node, entries in found.items() if node not in there}


def _entries(block: Block) -> Iterable[object]:
    """The entries of the axis that a block is one of; all of them where it holds them side by side, or added up."""
    held = [factor for axis in (*block.axes, block.reduced) for factor in axis if factor.along in _ROWS]
    if held:
        return range(prod(factor.extent for factor in held))
    picked = tuple((along, at) for along, at in block.at if along in _ROWS)
    return [picked] if all(isinstance(at, int) for _, at in picked) else []
