"""Repairs that several rules ask for: another reading in the place of the one that was found."""

from __future__ import annotations

from rnnlint.axes.states import Block, Call, Kind, extent
from rnnlint.events import Site, Used
from rnnlint.rules.grounds import final_states
from rnnlint.rules.repairs import TWICE, Given, Index, Repair, Written
from rnnlint.rules.words import final_states_text
from rnnlint.torch_api.signatures import LINEAR
from rnnlint.values.domain import Layer, Lit
from rnnlint.values.layer_kinds import LayerFact, LayerKind


def final_states_instead(
    site: Site, block: Block, call: Call, kind: Kind = Kind.HIDDEN, used: Used | None = None
) -> tuple[Repair, ...]:
    """To read the last layer's final states of all directions in the place of ``block``.

    Where these are twice as wide, the ``Linear`` that takes the block alone is built for that; none where anything else
    takes it, since that would not fit any more.
    """
    if not block.axes:
        return ()
    width, wanted = extent(block.axes[-1]), extent(final_states(call, kind).axes[-1])
    written = Written(site, final_states_text(call, kind), block)
    if width == wanted:
        return (Repair((written,), call),)
    layer = None if used is None or used.states is not block else used.taker
    if not isinstance(layer, Layer) or layer.kind is not LayerKind.LINEAR or wanted != 2 * width:
        return ()
    taken = layer.fact(LayerFact.IN)
    if taken is None:  # it is as wide as what comes first
        return (Repair((written,), call),)
    # what is no number here is the same one in every program that runs, since just that arrives
    if isinstance(taken, Lit) and taken.value != width:
        return ()
    wider = Given(Site(layer.site), "in_features", TWICE, LINEAR)
    return (Repair((written, wider), call),)


def step_instead(site: Site, step: str) -> tuple[Repair, ...]:
    """To read the output at another step, 0 or -1, by the index that is written there."""
    return (Repair((Index(site, step),)),) if site.op == "index" else ()
