"""RNN507 state-never-passed

## What it finds
A tensor with the shape of an initial state that is built and then not used at all, next to a call that is handed no
state; one of any shape whose name the state takes over that such a call returns; or one that is stored under an
attribute which the file never reads. Stored from outside the class (`model.hidden = ...`, while `forward` reads
`self.hidden_cell`), it is reported beside a call with a state, too.

## Why it is wrong
The RNN starts from zeros whatever was built: a learned, carried or random start has no effect. Where the state was
meant to be carried from batch to batch, every batch begins anew, and nothing says so.

## Example
```python
import torch
from torch import nn


class Tagger(nn.Module):
    def __init__(self):
        super().__init__()
        self.gru = nn.GRU(8, 20, num_layers=2, batch_first=True)

    def init_hidden(self, samples):
        return torch.ones(2, samples, 20)

    def forward(self, x):
        hidden = self.init_hidden(x.size(0))
        output, hidden = self.gru(x)
        return output


print(Tagger()(torch.randn(4, 7, 8)).shape)
```

## Instead
```python
import torch
from torch import nn


class Tagger(nn.Module):
    def __init__(self):
        super().__init__()
        self.gru = nn.GRU(8, 20, num_layers=2, batch_first=True)

    def init_hidden(self, samples):
        return torch.ones(2, samples, 20)

    def forward(self, x):
        hidden = self.init_hidden(x.size(0))
        output, hidden = self.gru(x, hidden)
        return output


print(Tagger()(torch.randn(4, 7, 8)).shape)
```

## When it stays silent
- The tensor is used in any way at all, or returned, or held in a list or under an attribute that is read somewhere in
  the file.
- The call is handed a state, another one even: a cell state that only an LSTM needs, built for a GRU as well; but for
  what is stored on a model from outside.
- The shape is not that of the state the call could have been handed, and its name is given to something else.
- Where only another file could tell: an `init_hidden` that this file never calls.

## Fix
Unsafe: the numbers change where it is passed, and whether it is to be passed or deleted only the author knows.
"""

from __future__ import annotations

from collections.abc import Iterator

from rnnlint.events import Unpassed
from rnnlint.rules.claims import Claim
from rnnlint.rules.grounds import Beside, Grounds
from rnnlint.rules.rule import Hit, rule
from rnnlint.values.origins import Memory

CLAIMS = (
    Claim(
        "flagged",
        "what is not passed has no effect",
        "start = torch.ones({L} * {D}, {N}, {H})\nresult = rnn(x)[1]",
        expected="h_n",
        wanted="rnn(x, torch.ones_like(h_n))[1]",
        where="cell != 'LSTM' and batched and not packed",
    ),
    Claim(
        "advised",
        "passed, it is where the RNN starts",
        "start = torch.ones({L} * {D}, {N}, {H}, dtype=x.dtype, device=x.device)\nresult = rnn(x, start)[1]",
        expected="rnn(x, torch.ones_like(h_n))[1]",
        where="cell != 'LSTM' and batched and not packed",
    ),
    Claim(
        "silent",
        "the state that came back is passed on",
        "output, state = rnn(x)\nresult = rnn(x, state)[1]",
        expected="rnn(x, h_n)[1]",
        where="cell != 'LSTM' and not packed",
    ),
)


@rule("RNN507", "state-never-passed", since="0.1", on=True, fix="unsafe", doc=__doc__, claims=CLAIMS)
def state_never_passed(event: Unpassed) -> Iterator[Hit]:
    read = "another state" if event.handed else "zeros"
    places = (Beside(event.call, f"the {event.module.cell} starts from {read} here"),)
    grounds = Grounds(read, "this state", module=event.module, places=places)
    if event.handed:
        what = f"the file never reads this, and the {event.module.cell} goes on from another state"
        yield Hit(event.site, f"{{expr}}: {what}", "store it under the name that is read", grounds=grounds)
        return
    if event.attribute is None:
        what = f"this state never reaches the {event.module.cell}, which starts from zeros"
    else:
        what = f"the file never reads this, and the {event.module.cell} starts from zeros"
    # zeros are the better start (RNN505): of noise it is lucky that nothing reads it
    noise = event.memory in (Memory.NOISE, Memory.RAW)
    advice = "delete it" if noise or not event.fits else "pass it to the call, or delete it"
    yield Hit(event.site, f"{{expr}}: {what}", advice, grounds=grounds)
