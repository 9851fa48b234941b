"""RNN406 lengths-on-device

## What it finds
Lengths given to `pack_padded_sequence` that are on the device of the model: moved there (`lengths.to(device)`,
`lengths.cuda()`), or counted from the very tensor that is packed (`(x != 0).sum(1)`, `torch.count_nonzero(x, 1)`).

## Why it is wrong
`pack_padded_sequence` takes its lengths from the CPU, also on a GPU. It raises "'lengths' argument should be a 1D CPU
int64 tensor" there, and runs on a CPU: a test without a GPU does not find it.

## Example
```python
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence

device = "cuda" if torch.cuda.is_available() else "cpu"
gru = nn.GRU(8, 20, batch_first=True).to(device)
x, lengths = torch.randn(4, 7, 8).to(device), torch.tensor([7, 5, 3, 2]).to(device)
if device == "cpu":  # on a GPU, this is where it raises
    output, h_n = gru(pack_padded_sequence(x, lengths, batch_first=True))
    print(h_n.shape)
```

## Instead
```python
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence

device = "cuda" if torch.cuda.is_available() else "cpu"
gru = nn.GRU(8, 20, batch_first=True).to(device)
x, lengths = torch.randn(4, 7, 8).to(device), torch.tensor([7, 5, 3, 2]).to(device)
output, h_n = gru(pack_padded_sequence(x, lengths.cpu(), batch_first=True))
print(h_n.shape)
```

## When it stays silent
- `lengths.cpu()`, `lengths.tolist()`, a list, `.to("cpu")`, `.type(torch.LongTensor)`, which is on the CPU.
- Lengths that were counted before what is packed was moved to the device.
- Lengths of which the file does not show where they are: a parameter, a field of a batch.

It is off by default: whether there is a GPU the file does not say.

## Fix
Safe: `.cpu()` does nothing to a tensor that is on the CPU.
"""

from __future__ import annotations

from collections.abc import Iterator

from rnnlint.events import Packing
from rnnlint.rules.claims import Claim
from rnnlint.rules.grounds import Beside, Grounds
from rnnlint.rules.repairs import Given, Repair
from rnnlint.rules.rule import Hit, rule
from rnnlint.torch_api.signatures import PACKS

_REST = "output, {state} = rnn(packed)\nresult = h_n[-1]"
CLAIMS = (
    Claim(
        "flagged",
        "lengths on another device than the CPU are refused (shown with one that every torch has)",
        'moved = lengths.to("meta")\n'
        "packed = pack_padded_sequence(x, moved, batch_first={batch_first}, enforce_sorted=False)\n" + _REST,
        raises=("RuntimeError|NotImplementedError", "CPU int64 tensor|meta"),
        where="packed",
    ),
    Claim(
        "advised",
        "lengths.cpu() is what packing takes, wherever the lengths are",
        "moved = lengths.to(x.device)\n"
        "packed = pack_padded_sequence(x, moved.cpu(), batch_first={batch_first}, enforce_sorted=False)\n" + _REST,
        expected="hidden(-1, D - 1, 'final')",
        where="packed",
    ),
    Claim(
        "silent",
        "a list is on no device",
        "moved = lengths.to(x.device).tolist()\n"
        "packed = pack_padded_sequence(x, moved, batch_first={batch_first}, enforce_sorted=False)\n" + _REST,
        expected="hidden(-1, D - 1, 'final')",
        where="packed",
    ),
)


@rule("RNN406", "lengths-on-device", since="0.1", on=False, fix="safe", doc=__doc__, claims=CLAIMS)
def lengths_on_device(event: Packing) -> Iterator[Hit]:
    if event.lengths.moved:
        yield Hit(
            event.site,
            "{expr}: torch takes lengths from the CPU only and raises on a GPU",
            "use lengths.cpu()",
            repairs=(Repair((Given(event.site, "lengths", "{argument}.cpu()", PACKS),), safe=True),),
            grounds=Grounds(
                "lengths on the device of the model",
                "lengths on the CPU",
                places=(Beside(event.site, "these are on the device of the model", "lengths"),),
            ),
        )
