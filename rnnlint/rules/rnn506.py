"""RNN506 state-not-carried

## What it finds
A loop over the steps of a sequence that calls an RNN or a cell with one step at a time and passes no state, or the same
state each time: `for t in range(T): output, _ = rnn(x[:, t:t + 1])`, `h = cell(x[:, t], h0)`. Feeding the last output
back as the next input counts as well, also through the index of its largest score, or one that is drawn, and as a
number on the way (`torch.tensor([[scores.argmax().item()]])`); so does passing on one half of an LSTM's pair, beside a
half that is the same each time; and so does a method whose loop hands over the very same step in every round, without a
state: all rounds are alike.

## Why it is wrong
A call without a state starts from zeros. One step at a time, every step is computed as if it were the first: nothing
the sequence said before reaches it, and the recurrent weights learn nothing.

## Example
```python
import torch
from torch import nn

cell = nn.GRUCell(3, 5)
x = torch.randn(4, 12, 3)
outputs = []
for t in range(x.size(1)):
    h = cell(x[:, t])
    outputs.append(h)
```

## Instead
```python
import torch
from torch import nn

cell = nn.GRUCell(3, 5)
x = torch.randn(4, 12, 3)
h, outputs = None, []
for t in range(x.size(1)):
    h = cell(x[:, t], h)
    outputs.append(h)
```

## When it stays silent
- Loops over batches, epochs, sentences, documents, layers: the input is no step of one tensor, or has several steps, or
  the module changes with the loop.
- Rows of the first axis that are handed over alone (`rnn(x[i].view(1, 1, -1))`): they can be samples.
- A state made anew inside the loop, which says that the steps belong to different sequences; a state picked by the loop
  (`cell(x[:, i], h[:, i])`); a state that is written into, or whose origin is not known.
- A state that changes in the loop, on whatever way; of a pair, both halves. (Where one half comes back and the other
  stays, it is reported whatever goes in.)
- The same step in every round outside of classes or where the loop computes gradients, which is a trial; and where what
  it returns as its state is handed to a module.
- A bidirectional module that gets back what it said of a sequence of open length: it refines all of it.

## Fix
Unsafe: which state is carried is the author's to say, and a model trained without one is fitted to that.
"""

from __future__ import annotations

from collections.abc import Iterator

from rnnlint.axes.states import Kind
from rnnlint.cells import has_cell_state
from rnnlint.events import Stepped
from rnnlint.rules.claims import Claim
from rnnlint.rules.grounds import Beside, Grounds
from rnnlint.rules.repairs import Carried, Repair
from rnnlint.rules.rule import Hit, rule
from rnnlint.values.domain import RecurrentCell

CLAIMS = (
    Claim(
        "flagged",
        "without a state every step is computed as the first of a sequence",
        "steps = []\n"
        "for t in range({T}):\n"
        "    steps.append(rnn(x[{at}t:t + 1])[0])\n"
        "result = torch.cat(steps, {steps})",
        expected="torch.cat([rnn(x.narrow(int(batch_first), t, 1))[0] for t in range(T)], int(batch_first))",
        wanted="rnn(x)[0]",
        where="T > 1 and not packed and batched and (batch_first or N > 1)",
    ),
    Claim(
        "flagged",
        "with the same state at every step none knows of the one before",
        "_, start = rnn(x)\n"
        "steps = [rnn(x[{at}t:t + 1], start)[0] for t in range({T})]\n"
        "result = torch.cat(steps, {steps})",
        expected="torch.cat([rnn(x.narrow(int(batch_first), t, 1), rnn(x)[1])[0] for t in range(T)], int(batch_first))",
        wanted="rnn(x, rnn(x)[1])[0]",
        where="T > 1 and not packed and batched and (batch_first or N > 1)",
    ),
    Claim(
        "advised",
        "a state that is passed on makes one sequence of the steps",
        "state, steps = None, []\n"
        "for t in range({T}):\n"
        "    step, state = rnn(x[{at}t:t + 1], state)\n"
        "    steps.append(step)\n"
        "result = torch.cat(steps, {steps})",
        expected="rnn(x)[0]",
        where="D == 1 and not packed",
    ),
    Claim(
        "silent",
        "a sequence of one step needs no state",
        "result = torch.cat([rnn(x[{at}t:t + 1])[0] for t in range({T})], {steps})",
        expected="rnn(x)[0]",
        where="T == 1 and not packed",
    ),
)


@rule("RNN506", "state-not-carried", since="0.1", on=True, fix="unsafe", doc=__doc__, claims=CLAIMS)
def state_not_carried(event: Stepped) -> Iterator[Hit]:
    read = "the same state at every step" if event.given else "zeros at every step"
    grounds = Grounds(
        read, "the state of the step before", module=event.module, places=(Beside(event.loop, "a step each time"),)
    )
    if event.half is not None:
        kept, carried = ("hidden", "cell") if event.half is Kind.HIDDEN else ("cell", "hidden")
        what = f"every step gets the same {kept} state beside the {carried} state of the one before"
        advice, repairs = "pass on both that this returns", _repairs(event)
        yield Hit(event.at or event.site, f"{{expr}}: {what}", advice, grounds=grounds, repairs=repairs)
        return
    what = "every step gets the same state" if event.given else "every step starts from zeros"
    said, advice = f"{{expr}}: {what}, none knows of the one before", "pass on the state this returns"
    yield Hit(event.at or event.site, said, advice, grounds=grounds, repairs=_repairs(event))


def _repairs(event: Stepped) -> tuple[Repair, ...]:
    module = event.module
    cell = isinstance(module, RecurrentCell)
    return (Repair((Carried(event.site, event.loop, has_cell_state(module.cell), cell),)),)
