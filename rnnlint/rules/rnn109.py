"""RNN109 step-out-of-range

## What it finds
A constant or symbolic index equal to or beyond the number of steps: `output[:, seq_len]`.

## Why it is wrong
Steps count from 0, so the last one is `seq_len - 1`, or `-1`. torch raises an IndexError.

## Example
```python
import torch
from torch import nn

seq_len = 7
gru = nn.GRU(3, 5, batch_first=True)
output, h_n = gru(torch.randn(4, seq_len, 3))
last = output[:, seq_len]
```
torch raises `IndexError`.

## Instead
```python
import torch
from torch import nn

seq_len = 7
gru = nn.GRU(3, 5, batch_first=True)
output, h_n = gru(torch.randn(4, seq_len, 3))
last = output[:, seq_len - 1]
```

## When it stays silent
- The number of steps is not known and the index is not made of it; a sequence of one step.
- An index out of range on another axis than the steps.
- A slice, which torch shortens without complaint.

## Fix
Safe: the program raises as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from rnnlint.axes.states import Block, Role
from rnnlint.events import Indexed
from rnnlint.rules.claims import Claim
from rnnlint.rules.grounds import Grounds, Setting
from rnnlint.rules.readings import call_of, parts_of
from rnnlint.rules.repairs import Index, Repair
from rnnlint.rules.rule import Hit, rule
from rnnlint.rules.words import number

_TEXT = re.compile(r"index (?P<index>-?\d+) is out of bounds for dimension (?P<axis>\d+)")  # torch's own words


CLAIMS = (
    Claim(
        "flagged",
        "an index equal to the number of steps is one too many",
        "result = output[{at}{T}]",
        raises=("IndexError", "out of bounds|out of range"),
        where="not packed and T > 1",
    ),
    Claim(
        "flagged",
        "likewise where the number of steps is asked for",
        "result = output[{at}x.size({steps})]",
        raises=("IndexError", "out of bounds|out of range"),
        where="not packed and T > 1",
    ),
    Claim(
        "advised",
        "the last step is -1, which is the number of steps less one",
        "result = output[{at}{T} - 1], output[{at}-1]",
        expected="(torch.cat([hidden(-1, way, T - 1) for way in range(D)], -1),) * 2",
    ),
    Claim(
        "silent",
        "a slice that ends behind the last step is shortened to it",
        "result = output[{at}: {T} + 1]",
        expected="output",
    ),
    Claim(
        "silent",
        "a row of h_n that does not exist is no step",
        "result = h_n[{L} * {D}]",
        raises=("IndexError", "out of bounds|out of range"),
    ),
)


@rule("RNN109", "step-out-of-range", since="0.1", on=True, fix="safe", doc=__doc__, claims=CLAIMS)
def step_out_of_range(event: Indexed) -> Iterator[Hit]:
    found = _TEXT.search(event.error)
    if found is None or not isinstance(event.before, Block) or not parts_of(event.before):
        return
    axis = event.before.axes[int(found["axis"])]
    # of steps alone, because there the author counted steps; any other axis out of range is what torch itself says
    # better
    if [factor.along for factor in axis] == [Role.STEP]:
        steps = number(call_of(event.before).steps, "T")
        why = f"the {steps} steps count from 0, so torch raises an IndexError"
        what, instead = f"{{expr}}: {why}", "use -1 for the last step"
        grounds = Grounds(event.before, "one of the steps there are", (Setting.LAYOUT,))
        repairs = (Repair((Index(event.site, "-1"),), safe=True),)
        yield Hit(event.site, what, "the last step is -1", help=instead, raises=True, grounds=grounds, repairs=repairs)
