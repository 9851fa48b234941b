"""RNN202 state-read-as-batch-first

## What it finds
`h_n[:, -1]`, the last *sample* of every layer, and `h_n.mean(1)`, a mean over samples with the layers left, where the
state was taken to be batch-first.

## Why it is wrong
`h_n` and `c_n` are `(L*D, N, H)`, whatever `batch_first` is. An index or a reduction of axis 1 that was meant for
layers falls on the samples of the batch.

## Example
```python
import torch
from torch import nn

lstm = nn.LSTM(3, 5, num_layers=2, batch_first=True)
fc = nn.Linear(5, 2)
output, (h_n, c_n) = lstm(torch.randn(4, 7, 3))
logits = fc(h_n[:, -1])
```

## Instead
```python
import torch
from torch import nn

lstm = nn.LSTM(3, 5, num_layers=2, batch_first=True)
fc = nn.Linear(5, 2)
output, (h_n, c_n) = lstm(torch.randn(4, 7, 3))
logits = fc(h_n[-1])
```

## When it stays silent
- `h_n.transpose(0, 1)[:, -1]`: the batch axis has been brought to the front first.
- Samples picked on purpose: `h_n[:, mask]`, `h_n.index_select(1, order)`, `h_n[:, 0]`; one sample of one layer.
- A reduction over everything, or over the layers (`h_n.sum(0)`, `h_n.mean(0)`): pooling the layers.
- What is common to the samples beside each of them (`h_n - h_n.mean(1, keepdim=True)`); the samples in another order.
- An input that the program itself shows to be in the other layout: that is RNN204.
- A batch of one sample, and unbatched input.

## Fix
Unsafe: it changes numbers.
"""

from __future__ import annotations

from collections.abc import Iterator

from rnnlint.axes.states import Block, Call, Note, Role, extent
from rnnlint.events import Read, Site, VectorsJoined
from rnnlint.rules.claims import Claim
from rnnlint.rules.grounds import Grounds, Setting, final_states
from rnnlint.rules.readings import alive, call_of, from_state, place, span, written
from rnnlint.rules.repairs import Repair, Wider, Written
from rnnlint.rules.rnn201 import last_sample
from rnnlint.rules.rule import Hit, rule
from rnnlint.rules.uses import noted, sample_picks
from rnnlint.rules.words import final_states_text, state, use_final_states

CLAIMS = (
    Claim(
        "flagged",
        "h_n[:, -1] is the last sample of every layer, whatever batch_first is",
        "result = h_n[:, -1]",
        expected="torch.stack([hidden(layer, way, 'final')[-1] for layer in range(L) for way in range(D)])",
        wanted="torch.cat([hidden(-1, way, 'final') for way in range(D)], -1)",
        where="batched and N > 1",
    ),
    Claim(
        "flagged",
        "h_n.mean(1) is a mean over the samples: each row has read all of them",
        "result = h_n.mean(1)",
        expected="torch.stack([hidden(layer, way, 'final').mean(0) for layer in range(L) for way in range(D)])",
        wanted="h_n.mean(0)",
        where="batched and N > 1",
        reads="sample >= 0",
    ),
    Claim(
        "advised",
        "with one direction h_n[-1] is the last layer's state of every sample",
        "result = h_n[-1]",
        expected="hidden(-1, 0, 'final')",
        where="D == 1",
    ),
    Claim(
        "advised",
        "with two directions h_n[-2] and h_n[-1] are the last layer's states of every sample",
        "result = torch.cat((h_n[-2], h_n[-1]), dim=-1)",
        expected="torch.cat((hidden(-1, 0, 'final'), hidden(-1, 1, 'final')), -1)",
        where="D == 2",
    ),
    Claim(
        "silent",
        "once the batch is in front [:, -1] is the last row of h_n",
        "result = h_n.transpose(0, 1)[:, -1]",
        expected="hidden(-1, D - 1, 'final')",
        where="batched",
    ),
    Claim(
        "silent",
        "a reduction of axis 0 pools the layers of each sample",
        "result = h_n.mean(0)",
        expected="sum(hidden(layer, way, 'final') for layer in range(L) for way in range(D)) / (L * D)",
        where="batched",
        reads="sample == row",
    ),
)


@rule("RNN202", "state-read-as-batch-first", since="0.1", on=True, fix="unsafe", doc=__doc__, claims=CLAIMS)
def state_read_as_batch_first(event: Read | VectorsJoined) -> Iterator[Hit]:
    if isinstance(event, VectorsJoined):
        yield from _samples_for_directions(event)
        return
    for used, block, held in sample_picks(event, _of_all_layers) if Note.STATE in noted(event) else ():
        site = place(block, Role.SAMPLE)
        at = place(block, Note.SAMPLES_POOLED) or site
        if event.call in used.misfed:
            continue
        pooled = _pools_samples(block) and not any(alive(other, Role.SAMPLE) for other in held)  # as in h - h.mean(1)
        if pooled or (last_sample(block) and written(site, -1)):
            what = "all samples pooled" if pooled else "the last sample"
            why = f"axis 1 of {state(block.kind)} is always the batch: {what}, of every layer"
            yield Hit(
                at or used.site,
                f"{{expr}}: {why}",
                use_final_states(call_of(block), block.kind),
                f"{{expr}}: {what}, of every layer",
                call=call_of(block),
                unless=(("RNN204", event.site),),
                grounds=Grounds(block, final_states(call_of(block), block.kind), _ROWS, used),
                repairs=() if at is None else _repairs(block, at),
            )


def _samples_for_directions(event: VectorsJoined) -> Iterator[Hit]:
    """The first two samples of one direction's state, side by side like two directions: an index too many."""
    held = [part for part in event.parts if isinstance(part, Block) and isinstance(part.source, Call)]
    found = [block for block in held if call_of(block).directions == 2 and from_state(block)]
    if len(found) != len(event.parts) or len({block.source for block in found}) != 1:
        return
    picked = [(span(block, Role.SAMPLE), span(block, Role.DIRECTION)) for block in found]
    if {sample for sample, _ in picked} != {(0, 0), (1, 1)} or len({way for _, way in picked}) != 1:
        return
    call, kind = call_of(found[0]), found[0].kind
    what = "{expr}: these are two samples of one direction, not two directions of all samples"
    grounds = Grounds(found[0], final_states(call, kind), _ROWS)
    yield Hit(event.site, what, use_final_states(call, kind), call=call, raises=event.raises, grounds=grounds)


_ROWS = (Setting.LAYERS, Setting.DIRECTIONS)


def _of_all_layers(block: Block) -> bool:
    """Whether a state, whole along its layers, may have been read as if the samples stood first."""
    picked = place(block, Role.SAMPLE) is not None or any(factor.along is Role.SAMPLE for factor in block.reduced)
    return picked and from_state(block) and _layers_left(block) and not place(block, Note.CUT)


def _repairs(block: Block, site: Site) -> tuple[Repair, ...]:
    """To read the last layer's final states, which are twice as wide where there are two directions."""
    call = call_of(block)
    wanted = extent(final_states(call, block.kind).axes[-1])
    # where the samples were picked: what is told of may be as wide as a layer behind has made it
    width = extent(block.axes[-1]) if alive(block, Role.UNIT) else wanted // call.directions
    wider = () if width == wanted else (Wider(site, width, wanted),)
    return (Repair((Written(site, final_states_text(call, block.kind)), *wider), call),)


def _pools_samples(block: Block) -> bool:
    """Whether all samples, but no units, are reduced."""
    gone = {factor.along for factor in block.reduced}
    return Role.SAMPLE in gone and Role.UNIT not in gone and not alive(block, Role.SAMPLE)


def _layers_left(block: Block) -> bool:
    """Whether the layer axis, possibly of one entry, still stands before the units."""
    # of one layer and direction the axis of layers is one wide, and no factor of its own
    return alive(block, Role.LAYER, Role.DIRECTION) or (len(block.axes) == 2 and block.axes[0] == ())
