"""RNN105 lower-layer-of-state

## What it finds
Final states of lower layers are used (`h_n[0]`, `h_n[:2]` of two bidirectional layers, `cat((h_n[0], h_n[1]))`),
while the last layer's state reaches no use at all.

## Why it is wrong
`h_n` starts with the *first* layer. What the layers above it compute is thrown away, and their parameters get a
gradient of exactly zero.

## Example
```python
import torch
from torch import nn

lstm = nn.LSTM(3, 5, num_layers=2, batch_first=True)
fc = nn.Linear(5, 2)
output, (h_n, c_n) = lstm(torch.randn(4, 7, 3))
logits = fc(h_n[0])
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
- One layer: `h_n[0]` is all there is.
- The last layer's final state reaches a use anywhere, from `h_n` or as a step of `output`; a mask that keeps it
  (`h_n[[False, True]]`). Every step of `output` beside it is no such use: a decoder attends to them all, and starts
  from a state.
- `[0]` on the LSTM's pair `(h_n, c_n)` or on the result of the call: that picks a tensor, not a layer.
- The number of layers is open, and each layer is picked from the first on (`h_n[0]`, `h_n[1]`): that is how many the
  program takes there to be, unless it declares another number as default.
- A layer takes all of them, place by place (`fc(h_n)`), unless only lower ones of what it makes are used.
- A slice by the number of layers of a bidirectional state, which is RNN106.

## Fix
Unsafe: it changes numbers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rnnlint.axes.states import Block, Call, Role, Somewhere
from rnnlint.events import Read
from rnnlint.rules.claims import Claim
from rnnlint.rules.grounds import Grounds, Setting, final_states
from rnnlint.rules.mending import final_states_instead
from rnnlint.rules.readings import alive, final, for_directions, from_state, halves_for_directions, place, span, top
from rnnlint.rules.rule import Hit, rule
from rnnlint.rules.uses import arrived, judged, parts, picked_of_made
from rnnlint.rules.words import state, use_final_states
from rnnlint.values.domain import Free

CLAIMS = (
    Claim(
        "flagged",
        "h_n[0] is layer 0: what stands above it gets no gradient",
        "result = h_n[0]",
        expected="hidden(0, 0, 'final')",
        wanted="hidden(-1, 0, 'final')",
        where="L > 1 and T > 1",
        ignores="*_l[12]* *_l0_reverse",
    ),
    Claim(
        "flagged",
        "with two directions h_n[0] and h_n[1] are the two directions of layer 0",
        "result = torch.cat((h_n[0], h_n[1]), dim=-1)",
        expected="torch.cat((hidden(0, 0, 'final'), hidden(0, 1, 'final')), -1)",
        wanted="torch.cat((hidden(-1, 0, 'final'), hidden(-1, 1, 'final')), -1)",
        where="L > 1 and D == 2",
    ),
    Claim(
        "advised",
        "with one direction h_n[-1] is the last layer's final state",
        "result = h_n[-1]",
        expected="hidden(-1, 0, 'final')",
        where="D == 1",
    ),
    Claim(
        "advised",
        "with two directions h_n[-2] and h_n[-1] are the last layer's final states",
        "result = torch.cat((h_n[-2], h_n[-1]), dim=-1)",
        expected="torch.cat((hidden(-1, 0, 'final'), hidden(-1, 1, 'final')), -1)",
        where="D == 2",
    ),
    Claim(
        "silent",
        "with one layer h_n[0] is the last layer's",
        "result = h_n[0]",
        expected="hidden(-1, 0, 'final')",
        where="L == 1",
    ),
)


@rule("RNN105", "lower-layer-of-state", since="0.1", on=True, fix="unsafe", doc=__doc__, claims=CLAIMS)
def lower_layer_of_state(event: Read) -> Iterator[Hit]:
    call = event.call
    # over all uses: a lower layer beside the last one is a choice (skip connections)
    if call.layers == 1 or _last_layer(call, arrived(event, Role.LAYER)):
        return
    if _written_for(event) > 1:
        return  # whoever picks each of so many layers builds as many
    taken = _last_layer(call, parts(event))  # by a layer, with all others: then what is picked of what it makes counts
    for used, held in judged(event):
        halves = halves_for_directions(held)
        for block in held:
            if top(block) or for_directions(block, used, halves):
                continue
            made = picked_of_made(event, block, Role.LAYER)
            if made or not taken:
                what = f"{state(block.kind)} begins with layer 0, and the last layer's state is lost"
                # of what a layer has made of the states, these are not what is wanted there
                advice = "pick the last layer there" if made else use_final_states(call, block.kind)
                brief = "{expr}: a lower layer, the last one is lost"
                site = place(block, Role.LAYER) or used.site
                settings = (Setting.LAYERS, *((Setting.DIRECTIONS,) if call.directions == 2 else ()))
                grounds = Grounds(block, final_states(call, block.kind), settings, used)
                repairs = () if made else final_states_instead(site, block, call, block.kind)
                cause = (("RNN106", site),)  # rows that are taken for layers there are no choice of one
                said = f"{{expr}}: {what}"
                yield Hit(site, said, advice, brief, call=call, unless=cause, grounds=grounds, repairs=repairs)


def _last_layer(call: Call, held: Iterable[Block]) -> bool:
    """Whether the last layer's final state is held.

    Every step of the last layer is none, since a decoder that attends to all of them starts from a state all the same.
    """
    summed_up = (block for block in held if from_state(block) or not alive(block, Role.STEP))
    return any(final(block, way) for block in summed_up for way in range(call.directions))


def _written_for(event: Read) -> int:
    """Of an open number of layers, how many the program takes there to be: as many as it picks, from the first on."""
    layers = () if event.module is None else event.module.layers.origins
    if event.call.directions == 2 or event.declared or not any(isinstance(origin, Free) for origin in layers):
        return 0
    spans = {span(block, Role.LAYER) for block in arrived(event, Role.LAYER) if from_state(block)}
    picked = {layer for one in spans if not isinstance(one, Somewhere) for layer in range(one[0], one[1] + 1)}
    return len(picked) if picked == set(range(len(picked))) else 0
