"""RNN106 layers-mixed-with-directions

## What it finds
A slice or a view that takes directions for layers: `h_n[:num_layers]` or `h_n[-num_layers:]` of a bidirectional RNN,
whose first axis has twice as many entries (the number of layers of the decoder that takes the slice as its initial
state counts as well), `forward, backward = h_n.chunk(2, 0)` of several layers,
`h_n.view(num_directions, num_layers, ...)`, `torch.cat((h_n[i], h_n[i + num_layers]), -1)` or the sum of these two, and
both halves of the rows side by side, as what another RNN starts from.

## Why it is wrong
The first axis of `h_n` is layer by layer, and inside each layer forward, then backward: l0 forward, l0 backward, l1
forward, l1 backward. The first `num_layers` entries are not "the forward direction of every layer" but the lower half
of the layers, and a view with the directions outside pairs states that do not belong together.

## Example
```python
import torch
from torch import nn

num_layers = 3
gru = nn.GRU(3, 5, num_layers, bidirectional=True)
decoder = nn.GRU(4, 5, num_layers)
output, h_n = gru(torch.randn(7, 4, 3))
decoded, _ = decoder(torch.randn(6, 4, 4), h_n[:num_layers])
```

## Instead
```python
import torch
from torch import nn

num_layers = 3
gru = nn.GRU(3, 5, num_layers, bidirectional=True)
decoder = nn.GRU(4, 5, num_layers)
output, h_n = gru(torch.randn(7, 4, 3))
h_n = h_n.view(num_layers, 2, 4, 5).sum(dim=1)
decoded, _ = decoder(torch.randn(6, 4, 4), h_n)
```

## When it stays silent
- A bound that is not the number of layers by where it comes from: `h_n[:2]` with two layers is RNN105.
- `h_n.view(num_layers, num_directions, N, H)` and readings of it; `h_n[0::2]` with `h_n[1::2]`;
  `h_n[2 * num_layers - 2]`.
- Pooling the whole axis: `h_n.sum(0)`.
- With one layer, a use that holds both directions all the same.
- `view(2, 2, ...)` of two layers, where nothing tells which number is the layers'. If one *is* `num_layers`, by where
  it comes from, the order is told.
- `chunk(2, 0)` of an even number of layers, where a use holds one half only: the upper layers, both directions.

## Fix
Unsafe: it changes numbers. Halves that are used together become every other row; of one half alone both directions are
added up, where the rows of one would lose the other (RNN104).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rnnlint.axes.states import Block, Note, Role
from rnnlint.events import Joining, Site, Used
from rnnlint.rules.claims import Claim
from rnnlint.rules.grounds import Grounds, Setting
from rnnlint.rules.readings import (
    call_of,
    final,
    from_state,
    halves_for_directions,
    layers_for_directions,
    parts_of,
    place,
)
from rnnlint.rules.repairs import Beside, Exchanged, Repair, Strided, Written
from rnnlint.rules.rule import Hit, rule
from rnnlint.rules.template import Template
from rnnlint.rules.uses import UNJUDGED, look
from rnnlint.rules.views import mixes_layers, mixes_samples
from rnnlint.rules.words import state
from rnnlint.values.domain import Lit, Origins, Recurrent
from rnnlint.values.uses import Use

CLAIMS = (
    Claim(
        "flagged",
        "the first num_layers rows of h_n are the lower layers, not one direction of every layer",
        "result = h_n[: rnn.num_layers]",
        expected="torch.stack([hidden(row // 2, row % 2, 'final') for row in range(L)])",
        wanted="torch.stack([hidden(layer, 0, 'final') for layer in range(L)])",
        where="D == 2 and L > 1",
    ),
    Claim(
        "flagged",
        "the last num_layers rows of h_n are the upper layers",
        "result = h_n[-rnn.num_layers :]",
        expected="torch.stack([hidden(row // 2, row % 2, 'final') for row in range(L, 2 * L)])",
        wanted="torch.stack([hidden(layer, 1, 'final') for layer in range(L)])",
        where="D == 2 and L > 1",
    ),
    Claim(
        "flagged",
        "view(num_directions, num_layers, ...) puts the lower half of the rows first, not the forward direction",
        "result = h_n.view(2, {L}, h_n.size(1), {H})[0]",
        expected="torch.stack([hidden(row // 2, row % 2, 'final') for row in range(L)])",
        wanted="torch.stack([hidden(layer, 0, 'final') for layer in range(L)])",
        where="D == 2 and L > 2 and batched",
    ),
    Claim(
        "flagged",
        "num_layers rows further is another layer, not the other direction",
        "result = torch.cat((h_n[0], h_n[0 + rnn.num_layers]), dim=-1)",
        expected="torch.cat((hidden(0, 0, 'final'), hidden(L // 2, L % 2, 'final')), -1)",
        wanted="torch.cat((hidden(0, 0, 'final'), hidden(0, 1, 'final')), -1)",
        where="D == 2 and L > 1",
    ),
    Claim(
        "advised",
        "the directions of a layer are rows that follow each other",
        "result = torch.cat((h_n[2 * ({L} - 1)], h_n[2 * ({L} - 1) + 1]), dim=-1)",
        expected="torch.cat((hidden(-1, 0, 'final'), hidden(-1, 1, 'final')), -1)",
        where="D == 2",
    ),
    Claim(
        "advised",
        "view(num_layers, 2, N, H) puts the directions of each layer side by side",
        "both = h_n.view({L}, 2, h_n.size(1), {H})\nresult = torch.cat((both[:, 0], both[:, 1]), dim=-1)",
        expected="torch.stack([torch.cat((hidden(layer, 0, 'final'), hidden(layer, 1, 'final')), -1) "
        "for layer in range(L)])",
        where="D == 2 and batched",
    ),
    Claim(
        "silent",
        "every second row of h_n is one direction of every layer",
        "result = h_n[0::2], h_n[1::2]",
        expected="torch.stack([hidden(layer, 0, 'final') for layer in range(L)]), "
        "torch.stack([hidden(layer, 1, 'final') for layer in range(L)])",
        where="D == 2",
    ),
    Claim(
        "silent",
        "with one direction the first num_layers rows are all of h_n",
        "result = h_n[: rnn.num_layers]",
        expected="torch.stack([hidden(layer, 0, 'final') for layer in range(L)])",
        where="D == 1",
    ),
)


PAIRED = Template("{expr}: [i + num_layers] is another layer, not the other direction", "use [2*i] and [2*i + 1]")


@rule("RNN106", "layers-mixed-with-directions", since="0.1", on=True, fix="unsafe", doc=__doc__, claims=CLAIMS)
def layers_mixed_with_directions(event: Used | Joining) -> Iterator[Hit]:
    if isinstance(event, Joining):
        picked = _paired(event)
        if picked is not None:
            repairs = (Repair((Beside(*picked),)),) if picked else ()
            yield PAIRED.at(
                event.site, grounds=Grounds(event.parts, "the two rows of one layer", _ROWS), repairs=repairs
            )
        return
    held = [] if event.how in UNJUDGED else look(event).parts
    if not any(call_of(block).directions == 2 for block in held):
        return
    halves = halves_for_directions(held)
    for block in held:
        call = call_of(block)
        # of one direction each row is a layer: there is nothing to mix it with
        if call.directions != 2:
            continue
        rows, name = f"{{expr}}: {state(block.kind)} has two rows a layer", state(block.kind)
        advice = f"{{use:{name}}} {{{name}}}.view(num_layers, 2, N, H)"
        turned = (halves.get(block) if halves else None) or place(block, Note.LAYERS_INSIDE) or _beside(block, event)
        if turned:
            said, grounds = f"{rows}, forward then backward", _grounds(block, event)
            yield Hit(turned, said, advice, call=call, grounds=grounds, repairs=_apart(turned))
        site = layers_for_directions(block, event)
        # one layer has the two rows of its directions: num_layers twice over is then all of them, used as they are
        if site and not (call.layers == 1 and all(any(final(one, way) for one in held) for way in (0, 1))):
            yield Hit(
                site,
                f"{rows}, so num_layers rows are half the layers",
                advice,
                call=call,
                grounds=_grounds(block, event),
                repairs=_every_other(block, site, held, event),
            )
        if mixes_layers(block) and not mixes_samples(block):
            site = place(block, Note.CUT) or event.site
            yield Hit(site, f"{rows}, forward then backward", advice, call=call, grounds=_grounds(block, event))


def _beside(block: Block, used: Used) -> Site | None:
    """Where halves of a state were laid side by side, so that its rows are directions, and start layers."""
    taker = used.taker
    if used.how is not Use.INITIAL_STATE or not isinstance(taker, Recurrent) or taker.directions != 1:
        return None
    rows = [factor.along for factor in block.axes[0]] if len(block.axes) == 3 else []
    layers = rows == [Role.DIRECTION] and any(factor.along is Role.LAYER for factor in block.axes[-1])
    site = place(block, Note.MADE) if layers else None
    # of rows that are stacked, it is where each was made that two layers came together
    return site if site is not None and site.op in ("cat", "concat", "concatenate") else None


def _apart(site: Site) -> tuple[Repair, ...]:
    """To take the rows of each direction, where halves were taken; or to view the layers outside."""
    if site.op == "chunk":
        rows = Written(site, "{receiver}[0::2], {receiver}[1::2]")
        return (Repair((rows,), title="take every other row"),)
    if site.op in ("view", "reshape"):
        return (Repair((Exchanged(site, ".transpose(0, 1)"),), title="view it as (layers, 2, N, H), then transpose"),)
    return ()


def _every_other(block: Block, site: Site, held: Sequence[Block], used: Used) -> tuple[Repair, ...]:
    """To take the rows of one direction in the place of half the layers; where the other half is not used beside it,
    that loses a direction, and both may be added up."""
    if site.op != "index" or not site.bounds or len(site.bounds[0]) != 3:
        return ()
    lower, upper, step = site.bounds[0]
    if step is not None or (lower is None) == (upper is None):
        return ()
    rows, name = "0::2" if lower is None else "1::2", state(block.kind)
    alone = Repair((Strided(site, rows),), title=f"take the rows {rows}")
    halves = [layers_for_directions(other, used) for other in held if other.source == block.source]
    if len({half.node for half in halves if half is not None}) > 1 or len(site.bounds) > 1:
        return (alone,)
    summed = Written(site, f"{{{name}}}.view(-1, 2, *{{{name}}}.shape[1:]).sum(1)")
    return (alone, Repair((summed,), call_of(block), title="add up the two directions of each layer"))


def _grounds(block: Block, used: Used) -> Grounds:
    return Grounds(block, "layers and directions on axes of their own", _ROWS, used)


_ROWS = (Setting.DIRECTIONS, Setting.LAYERS)


def _paired(event: Joining) -> tuple[Site, Site] | tuple[()] | None:
    """Where two rows of a state are picked that are laid side by side and are as far apart as there are layers: h[i]
    and h[i + L]; nowhere by themselves if they come of h[:L] and h[L:].  None where they are not."""
    blocks = [part for part in event.parts if isinstance(part, Block) and parts_of(part) and from_state(part)]
    if len(event.parts) != 2 or len(blocks) != 2 or blocks[0].source != blocks[1].source:
        return None
    module = dict(event.modules).get(call_of(blocks[0]))
    # of one layer the rows are its two directions
    if module is None or module.directions != 2 or module.layers.value == 1:
        return None
    rows = [row for block in blocks for row in _row(block)]
    if len(rows) != 2:
        return () if _of_both_halves(blocks, module.layers) else None
    (first, its, at), (second, origins, other) = sorted(rows, key=lambda row: row[0])
    # told by where the number comes from: 2 may be any 2
    added = origins & module.layers.origins and not its & module.layers.origins
    return (at, other) if added and second - first == module.layers.value else None


def _row(block: Block) -> list[tuple[int, Origins, Site]]:
    """The number by which a block was taken from the first axis of a state, as it is written; none if by no number."""
    for mark in reversed(block.marks):
        if mark.about in (Role.LAYER, Role.DIRECTION) and isinstance(mark.site, Site) and mark.site.bounds:
            row = mark.site.bounds[0][0] if len(mark.site.bounds[0]) == 1 else None
            return [] if row is None or not isinstance(row.value, int) else [(row.value, row.origins, mark.site)]
    return []


def _of_both_halves(rows: Sequence[Block], layers: Lit) -> bool:
    """Whether two rows come each of one of the halves that a state was cut into by the number of its layers, and are as
    far apart as there are layers."""
    alone = all(
        factor.along not in (Role.LAYER, Role.DIRECTION) for row in rows for axis in row.axes for factor in axis
    )
    halves = [half for row in rows if (half := _second_half(row, layers.origins)) is not None] if alone else []
    first, second = sorted(_number(row) for row in rows)
    return sorted(halves) == [False, True] and second - first == layers.value


def _second_half(row: Block, origins: Origins) -> bool | None:
    """Whether a row is of ``h_n[L:]`` and not of ``h_n[:L]``; None where it is of neither, or L of other origins."""
    sites = [mark.site for mark in row.marks if mark.about in (Role.LAYER, Role.DIRECTION)]
    bounds = next((site.bounds[0] for site in reversed(sites) if isinstance(site, Site) and site.bounds), ())
    if len(bounds) != 3 or bounds[2] is not None or (bounds[0] is None) == (bounds[1] is None):
        return None
    told = bounds[0] or bounds[1]
    return bounds[1] is None if told is not None and told.origins & origins else None


def _number(row: Block) -> int:
    """Which row of a state a block is."""
    at = dict(row.at)
    places = [at.get(role, 0) for role in (Role.LAYER, Role.DIRECTION)]
    layer, direction = (place if isinstance(place, int) else 0 for place in places)
    return 2 * layer + direction
