"""RNN108 split-off-the-half

## What it finds
A split of the features of a bidirectional output that is not where the directions meet: `hidden // 2` of the wrong
thing, or `hidden_size` where `proj_size` makes the halves narrower.

## Why it is wrong
The features of `output` are H forward units followed by H backward units, where H is `hidden_size`, or `proj_size` if
there is one. A split anywhere else leaves a part of one direction among the other.

## Example
```python
import torch
from torch import nn

hidden = 6
lstm = nn.LSTM(3, hidden, batch_first=True, bidirectional=True)
output, _ = lstm(torch.randn(4, 7, 3))
forward = output[:, -1, : hidden // 2]
logits = nn.Linear(3, 2)(forward)
```

## Instead
```python
import torch
from torch import nn

hidden = 6
lstm = nn.LSTM(3, hidden, batch_first=True, bidirectional=True)
output, _ = lstm(torch.randn(4, 7, 3))
forward = output[:, -1, :hidden]
logits = nn.Linear(6, 2)(forward)
```

## When it stays silent
- A slice of units of a unidirectional output; a split into several equal parts one of whose boundaries is at H.
- A window inside the features that starts after the first and ends before the last.
- Features that a layer has already mixed.

## Fix
Unsafe: it changes numbers.
"""

from __future__ import annotations

from collections.abc import Iterator

from rnnlint.axes.states import Factor, Role
from rnnlint.events import Parted
from rnnlint.rules.readings import call_of, parts_of
from rnnlint.rules.rule import Hit, rule
from rnnlint.rules.words import cell, half, number


@rule("RNN108", "split-off-the-half", since="0.1", on=True, fix="unsafe", doc=__doc__)
def split_off_the_half(event: Parted) -> Iterator[Hit]:
    parts = parts_of(event.before)
    if not parts or (event.site.op == "index" and len(event.cuts) != 1):
        return
    call = call_of(parts[0])
    whole = (Factor(Role.DIRECTION, 2), Factor(Role.UNIT, call.units))
    if event.cuts and call.units not in event.cuts and all(part.axes[-1] == whole for part in parts):
        name = cell(dict(event.modules).get(call))
        where = f"the backward half of this {name} is {half(call, 1)}"
        yield Hit(event.site, f"{{expr}}: {where}, so this cuts a direction; split at {number(call.units)}")
