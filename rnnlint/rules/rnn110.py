"""RNN110 first-step-of-output

## What it finds
The output of a unidirectional RNN at step 0, used as the summary of the sequence.

## Why it is wrong
At step 0 the RNN has read one step; nothing of the rest of the sequence is in that state. (Reading the *first* token
works in a transformer, which sees the whole sequence at every position.)

## Example
```python
import torch
from torch import nn

rnn = nn.RNN(3, 5, batch_first=True)
fc = nn.Linear(5, 2)
output, h_n = rnn(torch.randn(4, 7, 3))
logits = fc(output[:, 0])
```

## Instead
```python
import torch
from torch import nn

rnn = nn.RNN(3, 5, batch_first=True)
fc = nn.Linear(5, 2)
output, h_n = rnn(torch.randn(4, 7, 3))
logits = fc(output[:, -1])
```

## When it stays silent
- Every k-th step of an open k (`output[:, ::rate]`); what is added to something of the RNN that is not followed.
- A sequence of one step, and a call that carries a state given from outside: that is a decoder in a loop.
- The same use also reads a later step; a loop that reads every step in turn; a comparison.
- A step with which those that a loop picks are combined, one after the other: the recursion of a CRF begins there.
- A bidirectional RNN, where it is RNN103.

## Fix
Unsafe: it changes numbers.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rnnlint.axes.states import Block, Kind, Role, Somewhere
from rnnlint.events import Read
from rnnlint.rules.claims import Claim
from rnnlint.rules.grounds import Grounds, Setting, at_step
from rnnlint.rules.mending import final_states_instead, step_instead
from rnnlint.rules.readings import early, place, sample_places
from rnnlint.rules.rule import Hit, rule
from rnnlint.rules.uses import summaries
from rnnlint.rules.words import cell, reading

CLAIMS = (
    Claim(
        "flagged",
        "at step 0 output has read one step, and the recurrent weights get no gradient",
        "result = output[{at}0]",
        expected="hidden(-1, 0, 0)",
        wanted="hidden(-1, 0, 'final')",
        where="D == 1 and T > 1",
        reads="(sample == row) & (step == 0)",
        ignores="weight_hh*",
    ),
    Claim(
        "advised",
        "output at the last step is the final state",
        "result = output[{at}-1]",
        expected="hidden(-1, 0, 'final')",
        where="D == 1 and not packed",
    ),
    Claim(
        "advised",
        "h_n[-1] is the final state, and has read every step of its sample",
        "result = h_n[-1]",
        expected="hidden(-1, 0, 'final')",
        where="D == 1",
        reads="sample == row",
    ),
    Claim(
        "silent",
        "the first of one step is the last",
        "result = output[{at}0]",
        expected="hidden(-1, 0, 'final')",
        where="D == 1 and T == 1",
    ),
    Claim(
        "silent",
        "the last step beside the first one is a summary",
        "result = torch.cat((output[{at}0], output[{at}-1]), dim=-1)",
        expected="torch.cat((hidden(-1, 0, 0), hidden(-1, 0, T - 1)), -1)",
        where="D == 1",
    ),
)


@rule("RNN110", "first-step-of-output", since="0.1", on=True, fix="unsafe", doc=__doc__, claims=CLAIMS)
def first_step_of_output(event: Read) -> Iterator[Hit]:
    # of two directions, step 0 is where the backward one ends: RNN103 judges its halves; of one step it is the last
    if event.call.directions != 1 or event.call.steps == 1:
        return
    what = f"at step 0 this {cell(event.module)} has read one step of the sequence"
    for used, held in summaries(event, _first_step):
        # with a state from outside, the first step has read all that came before it
        for block in held if event.call not in used.carried else ():
            # behind the end of a shorter sample a packed batch has zeros
            whole = not event.call.packed or event.call.even
            last = f"{{use:output}} {reading(event.call, event.module, '-1')}" if whole else "{use:h_n} {h_n}[-1]"
            wanted = at_step(block, event.call.steps - 1 if whole else Somewhere.LAST_VALID)
            grounds = Grounds(block, wanted, (Setting.LAYOUT,), used)
            site = place(block, Role.STEP) or used.site
            repairs = step_instead(site, "-1") if whole else final_states_instead(site, block, event.call)
            led, said = sample_places(block), f"{{expr}}: {what}"
            yield Hit(site, said, last, call=event.call, follows=led, grounds=grounds, repairs=repairs)


def _first_step(held: Sequence[Block]) -> Sequence[Block]:
    """The blocks of a use that is of nothing else than the first step."""
    return held if all(early(block, 0) and block.kind is Kind.HIDDEN for block in held) else ()
