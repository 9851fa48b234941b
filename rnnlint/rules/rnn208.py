"""RNN208 squeeze-of-wider-axis

## What it finds
`h_n.squeeze(0)` of a state with more than one layer or direction, and `h_n.squeeze(1)`, which is the sample axis; also
`squeeze(0)` of what is already one row of features a sample.

## Why it is wrong
`squeeze` of an axis that is longer than 1 does nothing and says nothing: the layer axis that it was to remove is
still there, and the next layer takes layers for samples or for steps. Squeezing the samples does nothing for a batch,
and for a batch of one it removes the wrong axis.

## Example
```python
import torch
from torch import nn

gru = nn.GRU(3, 5, num_layers=2, batch_first=True)
fc = nn.Linear(5, 2)
output, h_n = gru(torch.randn(4, 7, 3))
logits = fc(h_n.squeeze(0))
```

## Instead
```python
import torch
from torch import nn

gru = nn.GRU(3, 5, num_layers=2, batch_first=True)
fc = nn.Linear(5, 2)
output, h_n = gru(torch.randn(4, 7, 3))
logits = fc(h_n[-1])
```

## When it stays silent
- One layer and one direction: `squeeze(0)` removes the axis. One step, for the step axis of `output`.
- `squeeze(1)` where the batch is known to hold one sample; unbatched input.
- An axis of a whole `output`: its steps and samples depend on the data.
- What a layer has turned into its own features.
- Where the program goes on with all that is left: `h = h.squeeze(0)` before `if directions == 2: h = h[0] + h[1]`.
- What a view has left in front that cuts through the samples: that view is the mistake (RNN203).

## Fix
Unsafe: it changes numbers. The last layer's states are read, of two directions both, and the layer behind is built for
them.
"""

from __future__ import annotations

from collections.abc import Iterator

from rnnlint.axes.states import Block, Role, extent
from rnnlint.events import Squeezed
from rnnlint.rules.claims import Claim
from rnnlint.rules.grounds import Grounds, Setting, final_states
from rnnlint.rules.readings import alive, call_of, from_state, parts_of
from rnnlint.rules.repairs import Repair, Wider, Written
from rnnlint.rules.rule import Hit, rule
from rnnlint.rules.words import final_states_text, state, use_final_states

CLAIMS = (
    Claim(
        "flagged",
        "squeeze(0) leaves more than one row of h_n as they are",
        "result = h_n.squeeze(0)",
        expected="torch.stack([hidden(layer, way, 'final') for layer in range(L) for way in range(D)])",
        wanted="torch.cat([hidden(-1, way, 'final') for way in range(D)], -1)",
        where="L * D > 1",
    ),
    Claim(
        "flagged",
        "squeeze(1) is about the samples, and leaves more than one as they are",
        "result = h_n.squeeze(1)",
        expected="torch.stack([hidden(layer, way, 'final') for layer in range(L) for way in range(D)])",
        wanted="torch.cat([hidden(-1, way, 'final') for way in range(D)], -1)",
        where="batched and N > 1",
    ),
    Claim(
        "advised",
        "with one direction h_n[-1] is the last layer's state, without the layer axis",
        "result = h_n[-1]",
        expected="hidden(-1, 0, 'final')",
        where="D == 1",
    ),
    Claim(
        "advised",
        "with two directions h_n[-2] and h_n[-1] are the last layer's states",
        "result = torch.cat((h_n[-2], h_n[-1]), dim=-1)",
        expected="torch.cat((hidden(-1, 0, 'final'), hidden(-1, 1, 'final')), -1)",
        where="D == 2",
    ),
    Claim(
        "silent",
        "with one layer and one direction squeeze(0) removes the axis",
        "result = h_n.squeeze(0)",
        expected="hidden(0, 0, 'final')",
        where="L * D == 1",
    ),
    Claim(
        "silent",
        "squeeze(1) of a batch of one sample leaves the rows of that sample",
        "result = h_n.squeeze(1)",
        expected="torch.stack([hidden(layer, way, 'final')[0] for layer in range(L) for way in range(D)])",
        where="batched and N == 1",
    ),
)


@rule("RNN208", "squeeze-of-wider-axis", since="0.1", on=True, fix="unsafe", doc=__doc__, claims=CLAIMS)
def squeeze_of_wider_axis(event: Squeezed) -> Iterator[Hit]:
    # squeeze() without an axis is RNN207's; an axis of one goes, as is asked
    if event.axis is None or event.extents[0] == 1 or event.known:
        return
    for block in parts_of(event.before)[:1]:
        call, axis = call_of(block), block.axes[event.axis]
        roles = {factor.along for factor in axis}
        # all of them: a view that cuts through the samples is its own mistake, and what it leaves in front is no batch
        batch = roles == {Role.SAMPLE} and extent(axis) == call.samples
        if roles & {Role.LAYER, Role.DIRECTION} and Role.UNIT not in roles:
            rows, left = event.extents[0], "layers" if Role.LAYER in roles else "directions"
            # a view and an index may have left the one alone of h_n's first axis
            along = "layers x directions" if rows == call.layers * call.directions else left
            why = f"this axis has {rows} entries ({along}), nothing is removed"
            yield _hit(event, block, why)
        # two axes, samples and units: squeeze would leave one alone (fixtures/rules/RNN208/model.py, script.py)
        elif batch and len(block.axes) == 2 and alive(block, Role.UNIT) and not event.repaired:
            what = "{expr}: this axis is the batch, and nothing else is one wide"
            grounds = Grounds(
                block, "the same axes for a batch of one", _ROWS if from_state(block) else (Setting.LAYOUT,)
            )
            repairs = (Repair((Written(event.site, "{receiver}"),), safe=True),)
            yield Hit(event.site, what, "leave the squeeze out", grounds=grounds, repairs=repairs)
        # three axes, as h_n comes: the one in the middle was taken for that of layers
        elif batch and from_state(block) and len(block.axes) == 3:
            why = f"axis 1 of {state(block.kind)} is the batch, even with batch_first"
            yield _hit(event, block, why)


def _hit(event: Squeezed, block: Block, why: str) -> Hit:
    """An axis of a whole state was taken for one that goes: the last layer's states are what has no such axis."""
    call, site = call_of(block), event.site
    width, wanted = extent(block.axes[-1]), extent(final_states(call, block.kind).axes[-1])
    wider = () if width == wanted else (Wider(site, width, wanted),)  # of two directions they are twice as wide
    repairs = (Repair((Written(site, final_states_text(call, block.kind)), *wider), call),)
    advice = use_final_states(call, block.kind)
    return Hit(site, f"{{expr}}: {why}", advice, call=call, grounds=_grounds(block), repairs=repairs)


def _grounds(block: Block) -> Grounds:
    return Grounds(block, final_states(call_of(block), block.kind), _ROWS)


_ROWS = (Setting.LAYERS, Setting.DIRECTIONS)
