"""RNN206 states-joined-along-samples

## What it finds
`torch.cat` of states of different directions, layers, steps or kinds without `dim`, or along the sample axis;
`torch.cat` of one tensor where a sequence of tensors belongs.

Also parts of one output of which one runs over the samples and another over the steps:
`cat((output[0], output[:, -1]))`.

Also a view that does the same with all rows of a state: `h_n.view(-1, units)`, `h_n.flatten(0, 1)`.

## Why it is wrong
`dim` is 0 by default, and axis 0 of `h_n[-1]` is the batch: the states are not put next to each other but below each
other, as if they were twice as many samples. `torch.cat(h_n[-2:], -1)` raises, because `cat` takes a sequence.

## Example
```python
import torch
from torch import nn

gru = nn.GRU(3, 5, batch_first=True, bidirectional=True)
fc = nn.Linear(5, 2)
output, h_n = gru(torch.randn(4, 7, 3))
logits = fc(torch.cat((h_n[-2], h_n[-1])))
```

## Instead
```python
import torch
from torch import nn

gru = nn.GRU(3, 5, batch_first=True, bidirectional=True)
fc = nn.Linear(10, 2)
output, h_n = gru(torch.randn(4, 7, 3))
logits = fc(torch.cat((h_n[-2], h_n[-1]), dim=-1))
```

## When it stays silent
- `dim` names the features, the layer axis of `h_n`, or the steps; `cat(list(h_n), 1)`: iterating removes axis 0.
- What is taken apart again: `both = head(cat((h_n[-2], h_n[-1])))`, then `both.chunk(2)` or `both.view(2, N, -1)`.
  Rows of `h_n.view(L * N, H)` of which something is made that is not followed: it may be taken apart after that.
- States of different calls: one batch after the other. Samples of one batch put together again.
- Every step of one output below each other, as a loss over all steps wants them. A batch known to hold one sample, or
  one whose axis of samples has been squeezed before.
- Steps that are dealt out (`cat([output[i::2] for i in range(2)], 1)`), each to one part: a dilated RNN reads them so.

## Fix
Unsafe: it changes shapes and numbers. The layer that takes the parts is built for both; where it is not seen what takes
them, `dim=-1` is only shown.
"""

from __future__ import annotations

from collections.abc import Iterator

from rnnlint.axes.states import Block, Call, Factor, Note, Role, shape
from rnnlint.events import Joining, Site
from rnnlint.rules.claims import Claim
from rnnlint.rules.grounds import Grounds, Setting
from rnnlint.rules.readings import call_of, groups, parts_of, place, span
from rnnlint.rules.repairs import Given, Repair, Wider
from rnnlint.rules.rule import Hit, rule
from rnnlint.rules.template import Template
from rnnlint.rules.words import use_final_states

CLAIMS = (
    Claim(
        "flagged",
        "without dim the directions are joined below each other, as more samples",
        "result = torch.cat((h_n[-2], h_n[-1]))",
        expected="torch.cat((hidden(-1, 0, 'final'), hidden(-1, 1, 'final')), 0)",
        wanted="torch.cat((hidden(-1, 0, 'final'), hidden(-1, 1, 'final')), -1)",
        where="batched and D == 2 and N > 1",
    ),
    Claim(
        "flagged",
        "cat takes a sequence of tensors, and a slice of h_n is one",
        "result = torch.cat(h_n[-2:], -1)",
        raises=("TypeError", "must be tuple of Tensors|invalid combination of arguments"),
    ),
    Claim(
        "advised",
        "with dim=-1 the directions stand side by side, in the row of their sample",
        "result = torch.cat((h_n[-2], h_n[-1]), dim=-1)",
        expected="torch.cat((hidden(-1, 0, 'final'), hidden(-1, 1, 'final')), -1)",
        where="D == 2",
        reads="sample == row",
    ),
    Claim(
        "silent",
        "the rows of h_n, iterated, have lost the layer axis, and dim 1 is their features",
        "result = torch.cat(list(h_n), 1)",
        expected="torch.cat([hidden(layer, way, 'final') for layer in range(L) for way in range(D)], -1)",
        where="batched",
    ),
    Claim(
        "silent",
        "unbatched states have no axis but the features",
        "result = torch.cat((h_n[-2], h_n[-1]))",
        expected="torch.cat((hidden(-1, 0, 'final'), hidden(-1, 1, 'final')), -1)",
        where="not batched and D == 2",
    ),
)


ONE_TENSOR = Template(
    "{expr}: cat takes a sequence of tensors, and this is one", "write cat(list(...), dim=-1)", raises=True
)
OTHER_AXES = Template("{expr}: one part runs over the samples here, another over the steps", "index the same axis")
MORE_ROWS = Template("{expr}: joined {default} the samples: they become more rows of the batch", "use {join}dim=-1")
ROWS_OF_STATE = Template("{expr}: layers and directions become more rows of the batch", "{instead}")


@rule("RNN206", "states-joined-along-samples", since="0.1", on=True, fix="unsafe", doc=__doc__, claims=CLAIMS)
def states_joined_along_samples(event: Joining) -> Iterator[Hit]:
    # stack makes an axis of its own, on which nothing lies below anything (fixtures/constructs/values.py)
    if event.op not in ("cat", "vstack", "view") or not any(parts_of(part) for part in event.parts):
        return
    if event.single:
        yield ONE_TENSOR.at(event.site, grounds=Grounds(event.parts, "a sequence of tensors"))
        return
    parts = [part for part in event.parts if isinstance(part, Block) and isinstance(part.source, Call)]
    # of several calls, more rows may be a larger batch
    if len(parts) < len(event.parts) or len({call_of(part) for part in parts}) > 1:
        return
    if any(len(part.axes) <= event.axis for part in parts):  # torch raises: there is no such axis to join along
        return
    # before more rows are looked at: along an axis that is steps in one part and samples in another nothing is below
    # anything
    if {Role.SAMPLE, Role.STEP} <= {factor.along for part in parts for factor in part.axes[event.axis]}:
        yield OTHER_AXES.at(event.site, grounds=Grounds(event.parts, "parts along one axis", (Setting.LAYOUT,)))
        return
    samples = (Factor(Role.SAMPLE, call_of(parts[0]).samples or 1),)
    one = any(place(part, Note.SAID_ONE) for part in parts)
    below = not one and all(part.axes[event.axis] == samples for part in parts)
    if below and not event.undone and _apart(parts):
        default = "along" if event.explicit else "without dim, so along"
        said = MORE_ROWS.filled(default=default, join="" if event.op == "cat" else "cat with ")
        if event.op == "view":
            said = ROWS_OF_STATE.filled(instead=use_final_states(call_of(parts[0]), parts[0].kind))
        read = event.made or event.parts  # the parts of a view are no tensors that the program has
        yield said.at(
            event.site,
            grounds=Grounds(read, "the parts side by side, in one row a sample", _differing(parts)),
            repairs=_repairs(event.site, parts) if event.op == "cat" else (),
        )


def _repairs(site: Site, parts: list[Block]) -> tuple[Repair, ...]:
    """To lay the parts side by side, and build for that what takes them; where nothing is seen to, it may be meant."""
    beside = Given(site, "dim", "-1", ("tensors", "dim"))
    shown = Repair((beside,), certain=False)
    widths = [shape(part)[-1] for part in parts]
    if len(parts) != 2 or widths[0] != widths[1]:
        return (shown,)
    return (Repair((beside, Wider(site, widths[0], sum(widths))), otherwise=shown),)


def _differing(parts: list[Block]) -> tuple[Setting, ...]:
    """The settings that make the parts what they are."""
    ways = (Setting.DIRECTIONS,) if len({span(part, Role.DIRECTION) for part in parts}) > 1 else ()
    layers = (Setting.LAYERS,) if len({span(part, Role.LAYER) for part in parts}) > 1 else ()
    return (*ways, *layers) or (Setting.LAYOUT,)


def _apart(parts: list[Block]) -> bool:
    """Whether the parts differ in more than their steps, or leave steps out."""
    others = {(part.kind, span(part, Role.LAYER), span(part, Role.DIRECTION)) for part in parts}
    steps = {span(part, Role.STEP) for part in parts}
    return len(others) > 1 or (1 < len(steps) < call_of(parts[0]).steps and not _dealt(parts))


def _dealt(parts: list[Block]) -> bool:
    """Whether the steps are dealt out, each to one part: the inputs of a dilated RNN."""
    count, steps = len(parts), call_of(parts[0]).steps
    deals = [
        [(one.extent, one.stride) for group in groups(part) for one in group if one.along is Role.STEP]
        for part in parts
    ]
    starts = {dict(part.at).get(Role.STEP, 0) for part in parts}
    return steps % count == 0 and all(deal == [(steps // count, count)] for deal in deals) and starts == {*range(count)}
