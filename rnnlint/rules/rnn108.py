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
- A slice of the first feature alone: it lends its shape (`torch.zeros_like(output[..., :1])`), and is no half.
- Features that a layer has already mixed; a cut at another size that the file leaves open, which may be H.

## Fix
Unsafe: it changes numbers.
"""

from __future__ import annotations

from collections.abc import Iterator

from rnnlint.axes.states import Call, Factor, Role
from rnnlint.events import Parted
from rnnlint.rules.claims import Claim
from rnnlint.rules.grounds import Grounds, Setting
from rnnlint.rules.readings import call_of, parts_of
from rnnlint.rules.repairs import TWICE, Bound, Repair, Wider
from rnnlint.rules.rule import Hit, rule
from rnnlint.rules.words import LARGEST_WRITTEN, cell, half, number

CLAIMS = (
    Claim(
        "flagged",
        "hidden_size features of a projected output reach into the backward half",
        "result = output[{at}-1, ..., :{C}]",
        expected="torch.cat((hidden(-1, 0, T - 1), hidden(-1, 1, T - 1)), -1)[..., :C]",
        wanted="hidden(-1, 0, T - 1)",
        where="D == 2 and proj and C < 2 * H",
    ),
    Claim(
        "flagged",
        "hidden_size // 2 features are half of the forward half",
        "result = output[{at}-1, ..., : {H} // 2]",
        expected="hidden(-1, 0, T - 1)[..., : H // 2]",
        wanted="hidden(-1, 0, T - 1)",
        where="D == 2 and H > 1",
    ),
    Claim(
        "advised",
        "the directions meet after H features, proj_size of them if there is one",
        "result = output[{at}-1, ..., :{H}], output[{at}0, ..., {H}:]",
        expected="hidden(-1, 0, T - 1), hidden(-1, 1, 0)",
        where="D == 2",
    ),
    Claim(
        "silent",
        "two equal parts of the features are the two directions",
        "result = output.chunk(2, dim=-1)",
        expected="output[..., :H], output[..., H:]",
        where="D == 2",
    ),
    Claim(
        "silent",
        "with one direction a slice of the features is a slice of its units",
        "result = output[{at}-1, ..., : {H} // 2]",
        expected="hidden(-1, 0, T - 1)[..., : H // 2]",
        where="D == 1 and H > 1",
    ),
)


@rule("RNN108", "split-off-the-half", since="0.1", on=True, fix="unsafe", doc=__doc__, claims=CLAIMS)
def split_off_the_half(event: Parted) -> Iterator[Hit]:
    parts = parts_of(event.before)
    # a slice with two bounds cuts out what somebody has counted; one bound says that there are two sides
    # (fixtures/rules/RNN108/script.py)
    if not parts or (event.site.op == "index" and len(event.cuts) != 1):
        return
    call = call_of(parts[0])
    whole = (Factor(Role.DIRECTION, 2), Factor(Role.UNIT, call.units))
    half_meant = 1 not in event.cuts or call.units // 2 == 1  # one feature of many is no half of a direction
    if half_meant and call.units not in event.cuts and all(part.axes[-1:] == (whole,) for part in parts):
        name = cell(dict(event.modules).get(call))
        where = f"the backward half of this {name} is {half(call, 1)}"
        wanted = f"two halves of {number(call.units)} features"
        grounds = Grounds(event.before, wanted, (Setting.DIRECTIONS, Setting.UNITS))
        what, advice = f"{{expr}}: {where}, so this cuts a direction", f"split at {number(call.units)}"
        repairs = _repairs(event, call) if event.site.op == "index" else ()
        yield Hit(event.site, what, advice, grounds=grounds, repairs=repairs)


def _repairs(event: Parted, call: Call) -> tuple[Repair, ...]:
    """To cut where the directions meet, and build for a half what took the features that were cut off."""
    if [len(bounds) for bounds in event.site.bounds[-1:]] != [3]:  # (lower, upper, step): the last item is a slice
        return ()
    (cut,), units = event.cuts, call.units
    bound = Bound(event.site, number(units), halved=2 * cut == units)
    # with a bound below the features before it are left out, else those behind it
    lower = event.site.bounds[-1][0]
    below = lower is not None and lower.value != 0
    width = 2 * units - cut if below else cut
    text = TWICE if units == 2 * width else str(units) if units <= LARGEST_WRITTEN else ""
    alone = Repair((bound,))
    return (Repair((bound, Wider(event.site, width, units, text)), otherwise=alone),) if text else (alone,)
