"""RNN103 half-at-wrong-end

## What it finds
The backward half of a bidirectional output taken at the last step, or the forward half taken at the first step
(alone, or with the backward half as in `output[:, 0]`), as the state of that direction.

## Why it is wrong
Each direction has read everything at the end of *its* way: the forward half at the last step, the backward half at
step 0. At the other end it has read a single step.

## Example
```python
import torch
from torch import nn

gru = nn.GRU(3, 5, batch_first=True, bidirectional=True)
fc = nn.Linear(10, 2)
output, h_n = gru(torch.randn(4, 7, 3))
forward, backward = output[:, 0, :5], output[:, 0, 5:]
logits = fc(torch.cat((forward, backward), dim=-1))
```

## Instead
```python
import torch
from torch import nn

gru = nn.GRU(3, 5, batch_first=True, bidirectional=True)
fc = nn.Linear(10, 2)
output, h_n = gru(torch.randn(4, 7, 3))
forward, backward = output[:, -1, :5], output[:, 0, 5:]
logits = fc(torch.cat((forward, backward), dim=-1))
```

## When it stays silent
- The same use holds that direction's final state as well: `cat((output[:, 0], output[:, -1]), -1)`.
- `output[:, -1, :H]` with `output[:, 0, H:]`; halves at every step; a loop that reads every step in turn.
- A comparison, unless the half is compared with the final state of its own direction: then the end is what is wrong.
- What a layer made of one step, where what it made of every step is used as well: the recursion of a CRF begins there.
- A step with which those that a loop picks are combined, one after the other: a recurrence of the program's own.
- Every k-th step of an open k (`output[:, ::rate]`); what is added to something of the RNN that is not followed.
- A sequence of one step: first and last are the same.
- The first step of a call that is handed a state: the forward half goes on from what came before.

Both halves at step 0 are reported although someone may want the first token's own features: as a summary, half of
them have read one token, as in RNN102.

## Fix
Unsafe: it changes numbers.
"""

from __future__ import annotations

from collections.abc import Iterator

from rnnlint.axes.states import Block, Note, Role
from rnnlint.events import Compared, Read, Site, Used
from rnnlint.rules.claims import Claim
from rnnlint.rules.grounds import Grounds, Setting, at_step, final_states
from rnnlint.rules.mending import final_states_instead, step_instead
from rnnlint.rules.readings import call_of, directions, parts_of, place, sample_places, wrong_end
from rnnlint.rules.repairs import Repair
from rnnlint.rules.rule import Hit, rule
from rnnlint.rules.uses import summaries
from rnnlint.rules.words import DIRECTIONS, half, reading, use_final_states
from rnnlint.values.domain import Recurrent

CLAIMS = (
    Claim(
        "flagged",
        "the backward half at the last step has read one step",
        "result = output[{at}-1, ..., {H}:]",
        expected="hidden(-1, 1, T - 1)",
        wanted="hidden(-1, 1, 'final')",
        where="D == 2 and T > 1 and not packed",
    ),
    Claim(
        "flagged",
        "with one layer that half depends on one step of the input, and no recurrent weight gets a gradient",
        "result = output[{at}-1, ..., {H}:]",
        expected="hidden(0, 1, T - 1)",
        wanted="hidden(0, 1, 'final')",
        where="D == 2 and L == 1 and T > 1 and not packed",
        reads="(sample == row) & (step == T - 1)",
        ignores="*_l0 weight_hh_l0_reverse",
    ),
    Claim(
        "flagged",
        "at step 0 the forward half has read one step",
        "result = output[{at}0]",
        expected="torch.cat((hidden(-1, 0, 0), hidden(-1, 1, 0)), -1)",
        wanted="torch.cat((hidden(-1, 0, 'final'), hidden(-1, 1, 'final')), -1)",
        where="D == 2 and T > 1",
    ),
    Claim(
        "advised",
        "the forward half at the last step and the backward half at step 0 are the final states",
        "result = torch.cat((output[{at}-1, ..., :{H}], output[{at}0, ..., {H}:]), dim=-1)",
        expected="torch.cat((hidden(-1, 0, 'final'), hidden(-1, 1, 'final')), -1)",
        where="D == 2 and not packed",
    ),
    Claim(
        "silent",
        "after one step both halves are the final states, at either end",
        "result = output[{at}0], output[{at}-1, ..., {H}:]",
        expected="torch.cat((hidden(-1, 0, 'final'), hidden(-1, 1, 'final')), -1), hidden(-1, 1, 'final')",
        where="D == 2 and T == 1",
    ),
)


@rule("RNN103", "half-at-wrong-end", since="0.1", on=True, fix="unsafe", doc=__doc__, claims=CLAIMS)
def half_at_wrong_end(event: Read | Compared) -> Iterator[Hit]:
    if isinstance(event, Read):
        # of one direction, neither end is the wrong half's: RNN110 judges its first step
        for used, wrong in summaries(event, wrong_end) if event.call.directions == 2 else ():
            for block, direction in wrong:
                # with a state from outside, the first step has read all that came before it, as in RNN110
                if direction or event.call not in used.carried:
                    yield _hit(block, direction, event.module, used.site, used)
        return
    for side in (event.left, event.right):
        for block, direction in wrong_end(parts_of(side)):
            # a comparison of both halves at one end with something else may be just what is tested
            if len(directions(block)) == 1:
                yield _hit(block, direction, dict(event.modules).get(call_of(block)), event.site, None)


def _hit(block: Block, direction: int, module: Recurrent | None, site: Site, used: Used | None) -> Hit:
    call = call_of(block)
    way, end = DIRECTIONS[direction], "last" if direction else "first"
    # of both halves the other one is where it should be, and must not be lost; a slice of the features took one
    made = place(block, Role.STEP)
    axes = 2 if call.samples is None else 3
    sliced = made is not None and len(made.bounds) == axes and any(bound is not None for bound in made.bounds[-1])
    whole = len(directions(block)) == 2 and not sliced
    half_of = f"{{use:output}} {reading(call, module, '0' if direction else '-1', direction)}"
    advice = use_final_states(call) if whole else half_of
    return Hit(
        made or site,
        f"{{expr}}: the {way} half ({half(call, direction)}) has read only the {end} step",
        advice,
        f"{{expr}}: the {way} half read one step",
        call=call,
        follows=sample_places(block),
        grounds=Grounds(
            block,
            final_states(call) if whole else at_step(block, 0 if direction else call.steps - 1),
            (Setting.DIRECTIONS, Setting.LAYOUT),
            used,
        ),
        repairs=() if made is None else _repairs(block, direction, made, whole),
    )


def _repairs(block: Block, direction: int, made: Site, whole: bool) -> tuple[Repair, ...]:
    """To take the half at its own end; or the final states in the place of two halves that stand side by side."""
    call = call_of(block)
    if whole:
        return final_states_instead(made, block, call)
    if len(directions(block)) == 1:
        return step_instead(made, "0" if direction else "-1")
    # the place of the step is that of either half
    joined = place(block, Note.MADE)
    return final_states_instead(joined, block, call) if joined is not None and joined.op == "cat" else ()
