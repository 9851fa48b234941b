"""RNN408 lengths-of-padded

## What it finds
Lengths given to packing that are all the padded length: `[x.size(1)] * N`, `torch.full((N,), x.size(1))`, or
`[len(row) for row in x]` of the padded tensor itself.

## Why it is wrong
A row of a padded tensor is as long as the tensor. Packing with that length cuts nothing off: the RNN reads the
padding, and `h_n` is the state after it, as if nothing had been packed.

## Example
```python
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence


class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.gru = nn.GRU(8, 20, batch_first=True)

    def forward(self, x):
        lengths = [len(row) for row in x]
        _, h_n = self.gru(pack_padded_sequence(x, lengths, batch_first=True))
        return h_n[-1]


print(Encoder()(torch.randn(4, 7, 8)).shape)
```

## Instead
```python
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence


class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.gru = nn.GRU(8, 20, batch_first=True)

    def forward(self, x, lengths):
        _, h_n = self.gru(pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False))
        return h_n[-1]


print(Encoder()(torch.randn(4, 7, 8), torch.tensor([3, 7, 5, 2])).shape)
```

## When it stays silent
- Lengths of the sequences before they were padded; lengths counted from a mask.
- One sample; a padded length that is a number in the file (`[7, 7, 7]` of `torch.randn(3, 7, 8)`): a test, or a batch
  of equal lengths on purpose.
- The padded length as the stand-in for lengths that were not given (`if lengths is None: ...`): the same packing is
  reached with lengths that are known otherwise.

## Fix
None: the true lengths are somewhere else.
"""

from __future__ import annotations

from collections.abc import Iterator

from rnnlint.events import Packing
from rnnlint.rules.claims import Claim
from rnnlint.rules.grounds import Beside, Grounds
from rnnlint.rules.rule import Hit, rule

CLAIMS = (
    Claim(
        "flagged",
        "a row of a padded tensor has the padded length: nothing is cut off",
        "full = [len(row) for row in x]\n"
        "output, {state} = rnn(pack_padded_sequence(x, full, batch_first=True))\nresult = h_n[-1]",
        expected="rnn(x)[0][:, -1]",
        wanted="hidden(-1, 0, 'final')",
        where="packed and batch_first and D == 1 and N > 1 and T > 1",
    ),
    Claim(
        "flagged",
        "so has its size, for every sample",
        "full = torch.full((x.size(1),), x.size(0))\n"
        "output, {state} = rnn(pack_padded_sequence(x, full))\nresult = h_n[-1]",
        expected="rnn(x)[0][-1]",
        wanted="hidden(-1, 0, 'final')",
        where="packed and not batch_first and D == 1 and N > 1 and T > 1",
    ),
    Claim(
        "advised",
        "with the lengths of the samples h_n holds their own final states",
        "output, {state} = rnn({input})\nresult = h_n[-1]",
        expected="hidden(-1, D - 1, 'final')",
        where="packed",
    ),
    Claim(
        "silent",
        "one sample has no padding",
        "full = [x.size({steps})]\n"
        "output, {state} = rnn(pack_padded_sequence(x, full, batch_first={batch_first}))\nresult = h_n[-1]",
        expected="hidden(-1, D - 1, 'final')",
        where="packed and N == 1",
    ),
)


@rule("RNN408", "lengths-of-padded", since="0.1", on=True, fix="none", doc=__doc__, claims=CLAIMS)
def lengths_of_padded(event: Packing) -> Iterator[Hit]:
    # numbers that stand there are an example, whose samples are known to be equally long
    if event.lengths.full and not event.lengths.written:
        yield Hit(
            event.site,
            "{expr}: every length here is the padded length, so nothing is cut off",
            "give the samples' own lengths",
            grounds=Grounds(
                "the padded length, of every sample",
                "the samples' own lengths",
                places=(Beside(event.site, "each is the padded length", "lengths"),),
            ),
        )
