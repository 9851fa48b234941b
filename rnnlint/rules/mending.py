"""Repairs that several rules ask for: another reading in the place of the one that was found."""

from __future__ import annotations

from rnnlint.axes.states import Block, Call, Kind, extent
from rnnlint.events import Site
from rnnlint.rules.grounds import final_states
from rnnlint.rules.repairs import Change, Given, Index, Repair, Wider, Written
from rnnlint.rules.words import final_states_text
from rnnlint.torch_api.modules.recurrent import PARAMETERS
from rnnlint.values.domain import Recurrent


def final_states_instead(site: Site, block: Block, call: Call, kind: Kind = Kind.HIDDEN) -> tuple[Repair, ...]:
    """To read the last layer's final states of all directions in the place of ``block``.

    Where these are twice as wide, the ``Linear`` that takes the block is built for that; none where anything else takes
    it, since that would not fit any more.
    """
    if not block.axes:
        return ()
    width, wanted = extent(block.axes[-1]), extent(final_states(call, kind).axes[-1])
    written = Written(site, final_states_text(call, kind), block)
    if width == wanted:
        return (Repair((written,), call),)
    return (Repair((written, Wider(site, width, wanted)), call),) if wanted == 2 * width else ()


def or_first(repair: Repair, module: Recurrent, *beside: Change) -> tuple[Repair, ...]:
    """To read the other axis, or to build a module for samples first, with what else that takes: where it is built
    without the flag, who reads its output so may have meant either."""
    if module.batch_first:
        return (repair,)
    built = Given(Site(module.site), "batch_first", "True", PARAMETERS[module.cell])
    return (repair, Repair((built, *beside), repair.call, title="build it with batch_first=True"))


def step_instead(site: Site, step: str) -> tuple[Repair, ...]:
    """To read the output at another step, 0 or -1, by the index that is written there."""
    return (Repair((Index(site, step),)),) if site.op in ("index", "item") else ()
