"""What becomes of the results of one call, in all uses of them: what several rules ask of it, each answered once."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence, Set
from typing import NamedTuple, TypeAlias, TypeVar

from rnnlint.asking import once
from rnnlint.axes.states import Blended, Block, Call, Joined, Note, Role, Somewhere, States
from rnnlint.events import Read, Used
from rnnlint.rules.readings import alive, completed, parts_of, place, span
from rnnlint.rules.views import unmixed
from rnnlint.values.uses import Use

T = TypeVar("T")
UNJUDGED = frozenset({Use.ELSEWHERE, Use.HANDED, Use.COMPARISON})
"""Uses that read but pick nothing: code that is not followed, and comparisons (RNN101 and RNN103 judge those).

What is handed to such code as it is may still be told by what it is: see :func:`summaries`."""

Held: TypeAlias = tuple[Used, Sequence[Block]]
"""A use, with the blocks in it that hold states of the call."""
Picked: TypeAlias = Mapping[Hashable, set[tuple[int, int] | Somewhere]]
"""What each expression has picked along a role."""


class Look(NamedTuple):
    """The blocks of a use that hold states of any call, those of them that a view may have mixed (mostly none), and
    what they bear marks about."""

    parts: Sequence[Block]
    mixed: Sequence[Block]
    noted: Set[Role | Note]


@once
def look(used: Used) -> Look:
    """What every rule about uses begins with, in one go: uses are most of what happens."""
    held = parts_of(used.states)
    mixed = [block for block in held if not unmixed(block)]
    return Look(held, mixed, {mark.about for block in held for mark in block.marks})


@once
def uses(read: Read) -> Sequence[Held]:
    """The uses of a call with the blocks of the call in them; none in what holds none in the end."""
    return [(used, _of(read.call, look(used).parts)) for used in read.uses]


def _of(call: Call, held: Sequence[Block]) -> Sequence[Block]:
    """The blocks of a call; most tensors hold those of one only."""
    if len(held) == 1 and held[0].source is call:
        return held
    return [block for block in held if block.source is call or block.source == call]


def judged(read: Read, handed: bool = False) -> Iterator[Held]:
    """The uses of a call that rules judge; with ``handed``, those as well by code that is not followed."""
    return (row for row in uses(read) if row[0].how not in UNJUDGED or (handed and row[0].how is Use.HANDED))


def parts(read: Read) -> Iterator[Block]:
    """All that is held of a call anywhere, in the order of the uses."""
    return (block for _, held in uses(read) for block in held)


def arrived(read: Read, role: Role) -> Iterator[Block]:
    """:func:`parts` without what a layer takes whole along a role, place by place: where the program picks places of
    what the layer has made of them, that says which are used."""
    for used, held in uses(read):
        for block in held:
            if used.how is not Use.PLACES or not alive(block, role):
                yield block


def picked_of_made(read: Read, block: Block, role: Role) -> bool:
    """Whether the places of a block were picked of what a layer has made of the states, and not of these themselves."""
    if not _scored(block):
        return False
    site = place(block, role)
    return not any(place(other, role) == site for other in parts(read) if not _scored(other))


@once
def noted(read: Read) -> frozenset[Role | Note]:
    """What the blocks of a call, or those beside them, bear marks about: what is none of it rules need not look for."""
    return frozenset().union(*(look(used).noted for used in read.uses))


def summaries(
    read: Read, wanted: Callable[[Sequence[Block]], Sequence[T]], handed: bool = False
) -> Iterator[tuple[Used, Sequence[T]]]:
    """The judged uses of a call with what is ``wanted`` of its blocks, where that is anything.

    With ``handed``, what is handed to code that is not followed is judged too: where it is nothing else but a summary
    of the sequence, and a wrong one whoever takes it.

    Left out are readings that only belong to a loop over the steps.  Where what a layer made of every step is used as
    well, one step of it is no summary: a tagger's CRF begins there.  Nor is a step with which those that a loop picks
    are combined, one after the other: a recurrence begins there.  Nor what was added to something of an RNN that is not
    known: an attention over all steps, beside which a step is no summary.
    """
    for used, held in judged(read, handed):
        # the question of the rule first: it is about one use, and this one about all of them
        found = wanted(held)
        joined = Note.JOINED_BY_LOST in look(used).noted
        if found and not joined and not any(_begun(read, block) for block in held):
            yield used, found


def _begun(read: Read, block: Block) -> bool:
    """Whether a loop over the steps has to do with a block."""
    picked = _picked_steps(read)
    return (_scored(block) and _every(read)) or _looped(block, Role.STEP, picked) or _picks(block) in _begins(read)


@once
def _every(read: Read) -> bool:
    """Whether what a layer made of every step is used, wherever: what excuses a step may come after it.

    That another layer makes something else of it is no use yet.
    """
    found = (block for used, held in uses(read) if used.how is not Use.PLACES for block in held)
    return any(_scored(block) and alive(block, Role.STEP) for block in found)


@once
def _begins(read: Read) -> set[Hashable]:
    """The expressions that pick a step with which those of a loop are combined, element by element.

    Also where the loop is not run once: then the sequence has that one step, and it is the summary.
    """
    found: set[Hashable] = set()
    picked = _picked_steps(read)
    for used in read.uses:
        for blend in blends(used.states):
            held = parts_of(blend, read.call)
            if any(span(part, Role.STEP) is Somewhere.ANYWHERE or _looped(part, Role.STEP, picked) for part in held):
                found |= {_picks(part) for part in held}
    return found - {None}


def blends(states: States) -> Iterator[States]:
    """What was combined element by element in a tensor."""
    match states:
        case Blended():
            yield states
        case Joined(_, inner):
            for part in inner:
                yield from blends(part)


def _picks(block: Block) -> Hashable:
    """The expression that has picked a step last; None where none has."""
    site = place(block, Role.STEP)
    return None if site is None else site.node


def _scored(block: Block) -> bool:
    """Whether a layer has added up the units."""
    return not alive(block, Role.UNIT)


@once
def _picked_steps(read: Read) -> Picked:
    return _picked(read, Role.STEP)


@once
def _picked_samples(read: Read) -> Picked:
    return _picked(read, Role.SAMPLE)


def _picked(read: Read, role: Role) -> Picked:
    """What each expression has picked along a role, in all uses of a call."""
    picked: dict[Hashable, set[tuple[int, int] | Somewhere]] = {}
    for block in parts(read) if role in noted(read) else ():
        if site := place(block, role):
            picked.setdefault(site.node, set()).add(span(block, role))
    return picked


def _looped(block: Block, role: Role, picked: Picked) -> bool:
    """Whether one expression picks this step (or sample) and, at another time, another one."""
    site = place(block, role)
    # told by the expression and not by a loop around it: unbind, enumerate and a while pick one after the other too
    return site is not None and len(picked[site.node]) > 1


def sample_picks(read: Read, wanted: Callable[[Block], bool]) -> Iterator[tuple[Used, Block, Sequence[Block]]]:
    """The ``wanted`` blocks of the judged uses of a call that may lack samples, each with all blocks of its use.

    Left out are those of an expression that picks one sample after the other (a loop, ``unbind``), and those beside
    which the other samples stand in the same tensor: a batch in another order, or taken apart and put together.
    """
    for used, held in judged(read):
        for block in held:
            # the question of the rule first: it is about one block, and this one about all of them
            if (
                wanted(block)
                and not _looped(block, Role.SAMPLE, _picked_samples(read))
                and not completed(block, Role.SAMPLE, held)
            ):
                yield used, block, held
