"""RNN104 one-direction-of-state

## What it finds
Only one direction's final state of a bidirectional RNN's last layer, taken from `h_n` (or `c_n`), reaches any use:
most often `h_n[-1]` alone, which is the backward one.

## Why it is wrong
`h_n` holds the directions one after the other along its first axis, so `h_n[-1]` of a bidirectional RNN is not "the
last hidden state" but its backward half. The forward direction of the last layer is computed and thrown away.

## Example
```python
import torch
from torch import nn


class Classifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(8, 20, batch_first=True, bidirectional=True)
        self.fc = nn.Linear(20, 3)

    def forward(self, x):
        _, (h_n, _) = self.lstm(x)
        return self.fc(h_n[-1])


print(Classifier()(torch.randn(4, 7, 8)).shape)
```

## Instead
```python
import torch
from torch import nn


class Classifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(8, 20, batch_first=True, bidirectional=True)
        self.fc = nn.Linear(40, 3)

    def forward(self, x):
        _, (h_n, _) = self.lstm(x)
        return self.fc(torch.cat((h_n[-2], h_n[-1]), dim=-1))


print(Classifier()(torch.randn(4, 7, 8)).shape)
```

## When it stays silent
- The other direction's final state reaches a use anywhere: as `h_n[-2]`, in the whole `h_n`, or in the whole `output`
  (an attention that starts from the backward state, as Bahdanau's does, reads both).
- One direction; one step; a half of `output` that was sliced on purpose.
- States of lower layers only, which is RNN105; a slice by the number of layers, which is RNN106.

## Fix
Unsafe: the vector becomes twice as wide, and the layer after it with it.
"""

from __future__ import annotations

from collections.abc import Iterator

from rnnlint.axes.states import Note, Role
from rnnlint.events import Read
from rnnlint.rules.claims import Claim
from rnnlint.rules.grounds import Grounds, Setting, final_states
from rnnlint.rules.mending import final_states_instead
from rnnlint.rules.readings import directions, final, for_directions, from_state, halves_for_directions, place
from rnnlint.rules.rule import Hit, rule
from rnnlint.rules.uses import judged, parts
from rnnlint.rules.words import DIRECTIONS, cell, use_final_states

CLAIMS = (
    Claim(
        "flagged",
        "h_n[-1] is the backward state alone: the last layer's forward parameters get no gradient",
        "result = h_n[-1]",
        expected="hidden(-1, 1, 'final')",
        wanted="torch.cat((hidden(-1, 0, 'final'), hidden(-1, 1, 'final')), -1)",
        where="D == 2 and T > 1",
        ignores="*_l{top}",
    ),
    Claim(
        "flagged",
        "h_n[-2] is the forward state alone: the last layer's backward parameters get no gradient",
        "result = h_n[-2]",
        expected="hidden(-1, 0, 'final')",
        wanted="torch.cat((hidden(-1, 0, 'final'), hidden(-1, 1, 'final')), -1)",
        where="D == 2 and T > 1",
        ignores="*_l{top}_reverse",
    ),
    Claim(
        "advised",
        "h_n[-2] and h_n[-1] are the last layer's forward and backward final states",
        "result = torch.cat((h_n[-2], h_n[-1]), dim=-1)",
        expected="torch.cat((hidden(-1, 0, 'final'), hidden(-1, 1, 'final')), -1)",
        where="D == 2",
    ),
    Claim(
        "silent",
        "with one direction h_n[-1] is the last layer's final state",
        "result = h_n[-1]",
        expected="hidden(-1, 0, 'final')",
        where="D == 1",
    ),
    Claim(
        "silent",
        "all of output beside h_n[-1] holds the forward final state as well",
        "result = h_n[-1], output",
        expected="hidden(-1, 1, 'final'), output",
        where="D == 2",
    ),
)


@rule("RNN104", "one-direction-of-state", since="0.1", on=True, fix="unsafe", doc=__doc__, claims=CLAIMS)
def one_direction_of_state(event: Read) -> Iterator[Hit]:
    # with one step both directions have read the same, and neither is lost in the other's place
    if event.call.directions != 2 or event.call.steps == 1:
        return
    # over all uses: whoever reads the other direction somewhere has not lost it
    missing = [direction for direction in (0, 1) if not any(final(block, direction) for block in parts(event))]
    if len(missing) != 1:
        return
    one, other = DIRECTIONS[1 - missing[0]], DIRECTIONS[missing[0]]
    what = f"the {one} state alone, the {other} one of this {cell(event.module)} is lost"
    for used, held in judged(event):
        halves = halves_for_directions(held)
        for block in held:
            alone = final(block, 1 - missing[0]) and len(directions(block)) == 1 and from_state(block)
            if alone and not for_directions(block, used, halves):
                site = place(block, Role.DIRECTION) or used.site
                advice = use_final_states(event.call, block.kind)
                brief = f"{{expr}}: the {one} state alone"
                grounds = Grounds(block, final_states(event.call, block.kind), (Setting.DIRECTIONS,), used)
                repairs = final_states_instead(site, block, event.call, block.kind)
                said, made = f"{{expr}}: {what}", place(block, Note.MADE)
                # two samples of it, taken for the two directions, are that mistake
                cause = (("RNN202", made),) if made is not None else ()
                yield Hit(site, said, advice, brief, call=event.call, unless=cause, grounds=grounds, repairs=repairs)
