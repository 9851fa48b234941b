"""What an arrangement holds of a call: which final states, of which directions and layers, and where it got them.

Where a position is not known, the state counts as held: rules are silent about what they cannot see.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import gcd

from rnnlint.asking import once
from rnnlint.axes.operations.moves import whole
from rnnlint.axes.reading.beside import together
from rnnlint.axes.states import (
    Block,
    Call,
    Factor,
    Kind,
    Note,
    Role,
    Somewhere,
    States,
    blocks,
)
from rnnlint.events import Site, Used
from rnnlint.values.domain import Lit, Recurrent
from rnnlint.values.uses import Use


def groups(block: Block) -> tuple[tuple[Factor, ...], ...]:
    """Every factor of a block, moved along, reduced or tangled, as they stand together."""
    if not block.reduced and not block.tangles:  # as most are
        return block.axes
    return (*block.axes, block.reduced, *(tangle.digits for tangle in block.tangles))


def parts_of(states: States, call: Call | None = None) -> list[Block]:
    """The blocks of an arrangement that hold states of ``call``, or of any call."""
    if isinstance(states, Block):  # as most arrangements are, of every use in every run
        return [states] if _holds(states, call) else []
    return [block for block in blocks(states) if _holds(block, call)]


def _holds(block: Block, call: Call | None) -> bool:
    source = block.source
    if not isinstance(source, Call) or not (call is None or source is call or source == call):
        return False
    for axis in block.axes:
        for factor in axis:
            if factor.extent == 0:  # then there is no element at all, whatever the other axes are
                return False
    return True


def alive(block: Block, *roles: Role) -> bool:
    """Whether a block still has more than one place along any of the roles, reduced ones not counted."""
    for axis in block.axes:
        for factor in axis:
            if factor.along in roles:
                return True
    return False


def call_of(block: Block) -> Call:
    """The call whose states a block of :func:`parts_of` holds."""
    assert isinstance(block.source, Call)
    return block.source


def span(block: Block, role: Role) -> tuple[int, int] | Somewhere:
    """Lowest and highest coordinate that is read along a role, or where it starts if that is no number."""
    low: int = 0
    for along, start in block.at:
        if along is role:
            if isinstance(start, Somewhere):
                return start
            low = start
    high = low
    for group in groups(block):
        for factor in group:
            if factor.along is role:
                far = factor.stride * (factor.extent - 1)
                if far < 0:
                    low += far
                else:
                    high += far
    return low, high


def directions(block: Block) -> frozenset[int]:
    """The directions a block reads."""
    reached = span(block, Role.DIRECTION)
    return frozenset((0, 1)) if isinstance(reached, Somewhere) else frozenset(reached)


def top(block: Block) -> bool:
    """Whether a block reads states of the last layer."""
    reached = span(block, Role.LAYER)
    return isinstance(reached, Somewhere) or reached[1] == call_of(block).layers - 1


@once
def final(block: Block, direction: int) -> bool:
    """Whether a block holds the last layer's state of a direction that has read everything."""
    # the step first: it is what most blocks are told apart by
    return _ends(block, direction) and top(block) and direction in directions(block)


def _ends(block: Block, direction: int) -> bool:
    """Whether a block reads the step after which a direction has read everything."""
    call, steps = call_of(block), span(block, Role.STEP)
    if isinstance(steps, Somewhere):
        return steps is not Somewhere.LAST_VALID or direction == 0 or call.steps == 1
    # the backward direction has read everything at step 0, the forward one at the last step
    return steps[0] == 0 if direction else steps[1] == call.steps - 1 and not past_the_end(block)


@once
def early(block: Block, direction: int) -> bool:
    """Whether a block holds a direction only after the first step it reads."""
    # as in final
    return _begins(block, direction) and top(block) and direction in directions(block)


def _begins(block: Block, direction: int) -> bool:
    """Whether a block reads nothing but the first step of several that a direction reads."""
    call = call_of(block)
    if call.steps == 1:
        return False
    steps = span(block, Role.STEP)
    if isinstance(steps, Somewhere):
        # each sample's own last step is where the backward direction begins
        return steps is Somewhere.LAST_VALID and direction == 1
    end = call.steps - 1 if direction else 0
    return steps == (end, end) and not past_the_end(block)


def past_the_end(block: Block) -> bool:
    """Whether a block holds the last step of a padded output: nothing for each sample that ends before it."""
    call = call_of(block)
    # of samples that are all equally long nothing was cut off, and one step every sample has
    cut = call.packed and not call.even and call.steps > 1 and not bears(block, Note.OWN_LENGTH)
    return cut and not from_state(block) and span(block, Role.STEP) == (call.steps - 1, call.steps - 1)


def from_state(block: Block) -> bool:
    """Whether a block comes from ``h_n`` or ``c_n``."""
    return bears(block, Note.STATE)


def bears(block: Block, about: Role | Note) -> bool:
    """Whether a block has a mark about something."""
    return any(mark.about is about for mark in block.marks)


def place(block: Block, about: Role | Note) -> Site | None:
    """Where a role of the block was last narrowed (or the arrangement cut)."""
    for mark in reversed(block.marks):
        if mark.about is about and isinstance(mark.site, Site):
            return mark.site
    return None


def sample_places(block: Block, about: Role = Role.STEP) -> tuple[Site, ...]:
    """Where samples of the block were picked, elsewhere than ``about`` was: who took them for steps there takes the
    steps for samples here, which is one mistake."""
    own = place(block, about)
    picked = (mark.site for mark in block.marks if mark.about is Role.SAMPLE)
    return tuple(site for site in picked if isinstance(site, Site) and (own is None or site.node is not own.node))


def completed(block: Block, role: Role, held: Sequence[Block]) -> bool:
    """Whether a block and others of a tensor, none of which holds all of a role, hold all of it together.

    A part beside all the samples (``output - output[-1]``) is one that was picked; beside the others it is one of them.
    """
    alike = [other for other in held if other.kind is block.kind]
    full = whole(block, role)
    apart = len(alike) > 1 and all(together([other], other, role) < full for other in alike)
    return apart and together(alike, block, role) == full


def both_halves_late(held: Iterable[Block]) -> list[Block]:
    """The blocks that hold the backward direction after one step, next to the forward direction's final state.

    Empty where the backward direction's final state is held as well, of the same units: then nothing is lost.
    """
    states = [block for block in held if block.kind is Kind.HIDDEN]
    late = [block for block in states if early(block, 1)]
    forward = any(0 in directions(block) for block in late) or any(
        final(block, 0) and 1 not in directions(block) and not from_state(block) for block in states
    )
    ends = [block for block in states if final(block, 1)] if forward else []
    # of others than a view has put apart (``view(n, hidden, 2)[..., 0]``) none of these is held
    return late if forward and all(_other_units(end, block) for end in ends for block in late) else []


def _other_units(one: Block, other: Block) -> bool:
    """Whether two blocks certainly hold no unit of a direction both: every second one each, from two places on."""
    every = (factor for block in (one, other) for held in groups(block) for factor in held)
    apart = gcd(*(factor.stride for factor in every if factor.along is Role.UNIT))
    starts = span(one, Role.UNIT), span(other, Role.UNIT)
    return (
        apart > 1
        and isinstance(starts[0], tuple)
        and isinstance(starts[1], tuple)
        and ((starts[0][0] - starts[1][0]) % apart != 0)
    )


def wrong_end(held: Iterable[Block]) -> list[tuple[Block, int]]:
    """The blocks that hold a direction after one step, with that direction, where its final state is not held."""
    states = [block for block in held if block.kind is Kind.HIDDEN and call_of(block).directions == 2]
    if both_halves_late(states):
        return []
    return [
        (block, direction)
        # the backward direction first: it is the one that the usual output[:, -1] gets wrong, and its line is reported
        # first
        for direction in (1, 0)
        for block in states
        if early(block, direction) and not any(final(other, direction) for other in states)
    ]


def layers_for_directions(block: Block, used: Used) -> Site | None:
    """Where a slice took ``num_layers`` entries of the layer axis of a bidirectional state, which has twice as many.

    Only a bound that *is* a number of layers counts, by where it comes from and not by its value: the module's own, or
    that of the module which the slice is handed to as its initial state.
    """
    if not bears(block, Role.LAYER) and not bears(block, Role.DIRECTION):
        return None
    module = used.module(call_of(block))
    if module is None or module.directions != 2:
        return None
    taker = used.taker if used.how is Use.INITIAL_STATE else None
    counts = [one.layers for one in (module, taker) if isinstance(one, Recurrent)]
    for mark in block.marks:
        if not isinstance(mark.site, Site):
            continue
        # split is written with a size, a slice with bounds: both are numbers at the site, and chunk(2) is a note of its
        # own; of one part that is picked at once, h.split(L)[0], the split is where it was made
        if mark.site.op == "split" and mark.site.bounds and _is_layers(mark.site.bounds[0][0], counts):
            return mark.site
        if mark.about not in (Role.LAYER, Role.DIRECTION):
            continue
        # three numbers are a slice, one is an index: h_n[num_layers] picks an entry, and takes no half
        if any(_is_layers(bound, counts) for item in mark.site.bounds if len(item) == 3 for bound in item[:2]):
            return mark.site
    return None


def for_directions(block: Block, used: Used, halves: Mapping[Block, Site]) -> Site | None:
    """Where layers were taken for directions: by a slice, a split, a chunk (``halves`` of the use) or a view."""
    half = halves.get(block) if halves else None  # mostly there are none, and a block takes its time to be looked up
    return layers_for_directions(block, used) or half or place(block, Note.LAYERS_INSIDE)


def halves_for_directions(held: Iterable[Block]) -> dict[Block, Site]:
    """The blocks of a use that ``chunk(2, 0)`` of a bidirectional state has taken for its directions, with its place.

    The halves are layers: nobody wants the lower layers beside the upper ones as if they were directions, nor a half
    with a part of a layer in it.
    """
    places: dict[Site, list[Block]] = {}
    for block in held:
        site = place(block, Note.HALF_OF_LAYERS)
        # of one layer the halves are the directions, as they should be
        if site and from_state(block) and call_of(block).directions == 2 and call_of(block).layers > 1:
            places.setdefault(site, []).append(block)
    return {
        block: site
        for site, found in places.items()
        for block in found
        # with an odd number of layers each half has a part of one in it; with an even one, both halves must be used, as
        # one of them may be wanted for itself
        if call_of(block).layers % 2 or len({half for one in found for half in _halves(one)}) == 2
    }


def _halves(block: Block) -> set[bool]:
    """Whether a block holds layers of the upper half, of the lower one, or of both."""
    reached = span(block, Role.LAYER)
    return set() if isinstance(reached, Somewhere) else {2 * layer >= call_of(block).layers for layer in reached}


def _is_layers(bound: Lit | None, counts: list[Lit]) -> bool:
    if bound is None or not isinstance(bound.value, int) or not bound.origins:
        return False
    # h_n[-num_layers:] as well; by its origins, because 2 may be any 2 (fixtures/rules/RNN106)
    return any(abs(bound.value) == layers.value and bound.origins <= layers.origins for layers in counts)


def written(site: Site | None, number: int) -> bool:
    """Whether an index or the start of a slice is written as this number at a site."""
    return site is not None and any(item[0] is not None and item[0].value == number for item in site.bounds if item)
