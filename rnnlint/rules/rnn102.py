"""RNN102 last-step-of-bidirectional

## What it finds
A use of both halves of a bidirectional output at the last step, also by `gather` or `lengths - 1`, and also after a
layer has been applied to every step.

## Why it is wrong
The backward direction reads the sequence from its end. At the last step it has read one step: that half of the
features knows nothing of the rest of the sequence. Shapes are right, training runs, and the reverse recurrent weights
get a gradient of exactly zero (one layer).

## Example
```python
import torch
from torch import nn


class Classifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.gru = nn.GRU(8, 20, batch_first=True, bidirectional=True)
        self.fc = nn.Linear(40, 3)

    def forward(self, x):
        output, _ = self.gru(x)
        return self.fc(output[:, -1])


print(Classifier()(torch.randn(4, 7, 8)).shape)
```

## Instead
```python
import torch
from torch import nn


class Classifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.gru = nn.GRU(8, 20, batch_first=True, bidirectional=True)
        self.fc = nn.Linear(40, 3)

    def forward(self, x):
        _, h_n = self.gru(x)
        return self.fc(torch.cat((h_n[-2], h_n[-1]), dim=-1))


print(Classifier()(torch.randn(4, 7, 8)).shape)
```

## When it stays silent
- The same use also holds the backward direction's final state: `cat((output[:, 0], output[:, -1]), -1)`, a mean or a
  maximum over the steps beside it.
- Only the forward half is used at the last step; the backward half alone there is RNN103.
- A sequence of one step; a loop that reads every step in turn; a comparison (RNN101).
- What a layer made of one step, where what it made of every step is used as well: a tagger.
- What is added to something of the RNN that is not followed: an attention over all steps.
- Two things of one output that code of another file is handed together; what a logger is handed.
- Where the program is unidirectional, or not known to be bidirectional.

## Fix
Unsafe: it changes numbers, and a model trained with the mistake is fitted to it.
"""

from __future__ import annotations

from collections.abc import Iterator

from rnnlint.axes.states import Role
from rnnlint.events import Read
from rnnlint.rules.claims import Claim
from rnnlint.rules.grounds import Grounds, Setting, final_states
from rnnlint.rules.mending import final_states_instead
from rnnlint.rules.readings import both_halves_late, place, sample_places
from rnnlint.rules.rule import Hit, rule
from rnnlint.rules.uses import summaries
from rnnlint.rules.words import half, use_final_states

CLAIMS = (
    Claim(
        "flagged",
        "at the last step the backward half of output has read one step",
        "result = output[{at}-1]",
        expected="torch.cat((hidden(-1, 0, T - 1), hidden(-1, 1, T - 1)), -1)",
        wanted="torch.cat((hidden(-1, 0, 'final'), hidden(-1, 1, 'final')), -1)",
        where="D == 2 and T > 1 and not packed",
    ),
    Claim(
        "flagged",
        "with one layer the recurrent weights of the backward direction get a gradient of exactly zero",
        "result = output[{at}-1]",
        expected="torch.cat((hidden(0, 0, T - 1), hidden(0, 1, T - 1)), -1)",
        wanted="torch.cat((hidden(0, 0, 'final'), hidden(0, 1, 'final')), -1)",
        where="D == 2 and L == 1 and T > 1 and not packed",
        ignores="weight_hh_l0_reverse",
    ),
    Claim(
        "advised",
        "h_n[-2] and h_n[-1] are the last layer's final states, and have read every step of their sample",
        "result = torch.cat((h_n[-2], h_n[-1]), dim=-1)",
        expected="torch.cat((hidden(-1, 0, 'final'), hidden(-1, 1, 'final')), -1)",
        where="D == 2",
        reads="sample == row",
    ),
    Claim(
        "silent",
        "after one step both halves are the final states",
        "result = output[{at}-1]",
        expected="torch.cat((hidden(-1, 0, 'final'), hidden(-1, 1, 'final')), -1)",
        where="D == 2 and T == 1",
    ),
    Claim(
        "silent",
        "all features of both ends hold the final states of both directions",
        "result = torch.cat((output[{at}0], output[{at}-1]), dim=-1)",
        expected="torch.cat([hidden(-1, way, step) for step in (0, T - 1) for way in (0, 1)], -1)",
        where="D == 2",
    ),
    Claim(
        "silent",
        "with one direction output at the last step is the final state",
        "result = output[{at}-1]",
        expected="hidden(-1, 0, 'final')",
        where="D == 1 and not packed",
    ),
)


@rule("RNN102", "last-step-of-bidirectional", since="0.1", on=True, fix="unsafe", doc=__doc__, claims=CLAIMS)
def last_step_of_bidirectional(event: Read) -> Iterator[Hit]:
    # of one direction, the last step is the summary: nothing to say
    if event.call.directions != 2:
        return
    advice = use_final_states(event.call)
    what = f"{{expr}}: the backward half ({half(event.call, 1)}) has read only the last step"
    brief = "{expr}: backward half read one step"
    for used, late in summaries(event, both_halves_late, handed=True):
        for block in late:
            settings = (Setting.DIRECTIONS, Setting.LAYOUT)
            grounds = Grounds(block, final_states(event.call), settings, used)
            site, led = place(block, Role.STEP) or used.site, sample_places(block)
            repairs = final_states_instead(site, block, event.call)
            yield Hit(site, what, advice, brief, call=event.call, follows=led, grounds=grounds, repairs=repairs)
