"""RNN407 unsorted-packing

## What it finds
`pack_padded_sequence` that is left to check that the batch is sorted by length, longest first (`enforce_sorted=True`,
the default), of lengths that the file shows not to be: written down in another order, drawn by chance, or sorted with
the shortest first.

## Why it is wrong
torch raises "`lengths` array must be sorted in decreasing order" as soon as a batch comes in another order. With
`enforce_sorted=False` it sorts, and restores the order of outputs and states, by itself.

## Example
```python
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence

gru = nn.GRU(8, 20, batch_first=True)
x, lengths = torch.randn(4, 7, 8), torch.tensor([3, 7, 5, 2])
output, h_n = gru(pack_padded_sequence(x, lengths, batch_first=True))
print(h_n.shape)
```

torch raises `RuntimeError`.

## Instead
```python
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence

gru = nn.GRU(8, 20, batch_first=True)
x, lengths = torch.randn(4, 7, 8), torch.tensor([3, 7, 5, 2])
output, h_n = gru(pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False))
print(h_n.shape)
```

## When it stays silent
- The lengths are handed in, or counted in a batch that is (`(x != 0).sum(1)`): in which order a batch comes is mostly
  another file's business, and old code sorts where it makes the batch.
- They are sorted in the function (`lengths.sort(descending=True)`, indexed by an `argsort` of `-lengths`, `topk` of
  all), written down in falling order, all the same, or returned by padding what was sorted.
- Something that is not followed was sorted, as an array of numpy.
- One sample; lengths that an earlier packing has checked.
- `enforce_sorted` is handed on under a name, such as a parameter's: the caller decides, whatever the default is.
- A `try` whose handler goes on without packing.

It is off by default: what is written down in a file is mostly an example of it.

## Fix
Safe: with `enforce_sorted=False` a sorted batch gives the same numbers (only ONNX export needs sorted input).
"""

from __future__ import annotations

from collections.abc import Iterator

from rnnlint.events import Packing
from rnnlint.rules.claims import Claim
from rnnlint.rules.grounds import Beside, Grounds
from rnnlint.rules.repairs import Given, Repair
from rnnlint.rules.rule import Hit, rule
from rnnlint.torch_api.signatures import PACKS

CLAIMS = (
    Claim(
        "flagged",
        "torch refuses lengths that do not fall",
        "packed = pack_padded_sequence(x, lengths, batch_first={batch_first})\n"
        "output, {state} = rnn(packed)\nresult = h_n[-1]",
        raises=("RuntimeError", "must be sorted in decreasing order"),
        where="packed and N > 1 and T > 1",
    ),
    Claim(
        "advised",
        "with enforce_sorted=False it sorts, and restores the order",
        "output, {state} = rnn({input})\nresult = h_n[-1]",
        expected="hidden(-1, D - 1, 'final')",
        where="packed",
    ),
    Claim(
        "silent",
        "lengths that were sorted fall",
        "falling, index = lengths.sort(descending=True)\n"
        "output, {state} = rnn(pack_padded_sequence(x[index], falling, batch_first=True))\n"
        "result = h_n[-1][index.argsort()]",
        expected="hidden(-1, D - 1, 'final')",
        where="packed and batch_first",
    ),
    Claim(
        "silent",
        "one sample is sorted",
        "packed = pack_padded_sequence(x, lengths, batch_first={batch_first})\n"
        "output, {state} = rnn(packed)\nresult = h_n[-1]",
        expected="hidden(-1, D - 1, 'final')",
        where="packed and N == 1",
    ),
)


@rule("RNN407", "unsorted-packing", since="0.1", on=False, fix="safe", doc=__doc__, claims=CLAIMS)
def unsorted_packing(event: Packing) -> Iterator[Hit]:
    # known not to fall, not just unknown: whoever makes the batch may sort it; one sample is sorted
    if event.sort and event.lengths.falling is False and event.samples != 1:
        yield Hit(
            event.site,
            "{expr}: torch raises unless the batch is sorted by length, longest first",
            "use enforce_sorted=False",
            repairs=(Repair((Given(event.site, "enforce_sorted", "False", PACKS),), safe=True),),
            grounds=Grounds(
                "lengths that do not fall",
                "lengths that fall",
                facts=(("enforce_sorted", "True"),),
                places=(Beside(event.site, "these do not fall", "lengths"),),
            ),
        )
