"""RNN301 state-unpacked-as-pair

## What it finds
`output, (h, c) = gru(x)`, `h, c = gru_cell(x, state)`: the state of a GRU or RNN taken apart as if it were the LSTM's
pair.

## Why it is wrong
Only the LSTM has a cell state. A GRU's or RNN's `h_n` is one tensor, and taking it apart goes along its first axis:
with two entries (two layers, or two directions) `h` is the first and `c` the second, silently; with any other number
torch raises.

## Example
```python
import torch
from torch import nn

gru = nn.GRU(3, 5, num_layers=2, batch_first=True)
output, (h, c) = gru(torch.randn(4, 7, 3))
logits = nn.Linear(5, 2)(h)
```

## Instead
```python
import torch
from torch import nn

gru = nn.GRU(3, 5, num_layers=2, batch_first=True)
output, h = gru(torch.randn(4, 7, 3))
logits = nn.Linear(5, 2)(h[-1])
```

## When it stays silent
- An LSTM or LSTMCell.
- Two throw-away names (`output, (_, _) = gru(x)`) where there are two entries, so that nothing can raise.
- `forward, backward = h_n` on a line of its own where `h_n` has as many entries.
- A fork on `isinstance(state, tuple)`.

## Fix
Unsafe: what was called `h` becomes another tensor.
"""

from __future__ import annotations

from collections.abc import Iterator

from rnnlint.axes.states import shape
from rnnlint.events import Unpacked
from rnnlint.rules.readings import call_of, from_state, parts_of
from rnnlint.rules.rule import Hit, rule
from rnnlint.rules.words import cell
from rnnlint.values.domain import Items, Tensor


@rule("RNN301", "state-unpacked-as-pair", since="0.1", on=True, fix="unsafe", doc=__doc__)
def state_unpacked_as_pair(event: Unpacked) -> Iterator[Hit]:
    nested = isinstance(event.value, Items)
    values = event.value.items if isinstance(event.value, Items) else (event.value,)
    targets = event.names if isinstance(event.value, Items) else (event.names,)
    for value, names in zip(values, targets, strict=False):
        if not isinstance(value, Tensor) or not isinstance(names, tuple) or len(names) != 2:
            continue
        states = parts_of(value.states)
        entries = shape(value.states)[0]
        raises = entries != 2 and not any(str(name).startswith("*") for name in names)
        wanted = raises or (nested and set(names) != {"_"})
        if states and all(from_state(block) for block in states) and cell(event.module) != "LSTM" and wanted:
            what = f"the state of a {cell(event.module)} is one tensor of {call_of(states[0]).layers} layers"
            end = "torch raises" if raises else "these are two of its entries"
            yield Hit(event.site, f"{{expr}}: {what}, not a pair (h, c): {end}; write output, h_n = ...")
