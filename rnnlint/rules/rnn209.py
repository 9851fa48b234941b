"""RNN209 samples-read-as-sequence

## What it finds
A sequence of one step with no state carried (`x.unsqueeze(1)` of a batch of vectors, or of what another RNN has made of
a whole sequence), and a 2-D input that is one step of a batch (`x[:, t]` into a batch-first RNN).

## Why it is wrong
Over one step nothing recurs: the RNN is a gated layer that starts from zeros each time. And since torch 1.11 a 2-D
input is one unbatched sequence: its rows, meant as samples, are taken for steps, and each sample reads those before it.

## Example
```python
import torch
from torch import nn


class Classifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.gru = nn.GRU(8, 20, batch_first=True)
        self.fc = nn.Linear(20, 3)

    def forward(self, x):
        output, _ = self.gru(x.unsqueeze(1))
        return self.fc(output[:, 0])


print(Classifier()(torch.randn(4, 8)).shape)
```

## Instead
```python
import torch
from torch import nn


class Classifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.gru = nn.GRU(8, 20, batch_first=True)
        self.fc = nn.Linear(20, 3)

    def forward(self, x):
        output, _ = self.gru(x)
        return self.fc(output[:, -1])


print(Classifier()(torch.randn(4, 7, 8)).shape)
```

## When it stays silent
- A state is handed in, by the caller or from the call before: one step at a time. So is a call whose state goes on:
  it is returned, handed on as it is, or stored under a name that the file reads, or another call of the module is
  handed one.
- The input was one step long to begin with: only an axis that the program puts in counts.
- The sequence grows: in the next round of a loop it holds what was made of it in this one.
- A 2-D input of which nothing shows that its rows are samples: an unbatched sequence.

Off by default: how long the sequences are, the file rarely shows.

## Fix
none: what the sequence was to be only the author knows.
"""

from __future__ import annotations

from collections.abc import Iterator

from rnnlint.axes.states import Block, Call, Given, Note, Own, Role, blocks, extent, shape
from rnnlint.events import Called, Site
from rnnlint.rules.claims import Claim
from rnnlint.rules.grounds import Beside, Grounds, Setting
from rnnlint.rules.readings import place
from rnnlint.rules.rule import Hit, rule

CLAIMS = (
    Claim(
        "flagged",
        "over a sequence of one step nothing recurs: it starts from zeros",
        "output, state = rnn(x[{at}-1].unsqueeze({steps}))\nresult = output",
        expected="rnn(x[:, -1:] if batch_first else x[-1:])[0]",
        wanted="rnn(x)[0][:, -1:] if batch_first else rnn(x)[0][-1:]",
        where="batched and not packed and T > 1",
    ),
    Claim(
        "flagged",
        "a 2-D input is one sequence, so the rows of a batch are read as its steps",
        "output, state = rnn(x[{at}0])\nresult = output",
        expected="rnn(x[:, 0] if batch_first else x[0])[0]",
        wanted="rnn(x[:, :1])[0].squeeze(1) if batch_first else rnn(x[:1])[0].squeeze(0)",
        where="batched and not packed and N > 1 and T > 1",
    ),
    Claim(
        "advised",
        "over the whole sequence every step reads those before it",
        "output, state = rnn(x)\nresult = output",
        expected="output",
        where="not packed",
    ),
    Claim(
        "silent",
        "one step with the state of those before it",
        "output, state = rnn(x)\noutput, state = rnn(x[{at}-1].unsqueeze({steps}), state)\nresult = output",
        expected="rnn(x[:, -1:] if batch_first else x[-1:], rnn(x)[1])[0]",
        where="batched and not packed",
    ),
)


@rule("RNN209", "samples-read-as-sequence", since="0.1", on=False, fix="none", doc=__doc__, claims=CLAIMS)
def samples_read_as_sequence(event: Called) -> Iterator[Hit]:
    if event.source is None:
        return
    held, rank = list(blocks(event.source)), len(shape(event.source))
    # torch takes a matrix for one sequence without a batch
    # (https://docs.pytorch.org/docs/stable/generated/torch.nn.GRU.html, input)
    if rank == 2 and any(_one_step(block, event.module.batch_first) for block in held):
        axis = 1 if event.module.batch_first else 0
        what = "{expr}: a 2-D input is one sequence, its rows are samples here"
        wanted = "(samples, one step, features)" if axis else "(one step, samples, features)"
        grounds = Grounds(event.source, wanted, (Setting.LAYOUT,), module=event.module)
        yield Hit(event.site, what, f"use unsqueeze({axis})", grounds=grounds)
    # three axes, of which that of the steps was put in: a batch of single steps
    if rank == 3 and event.call.steps == 1 and not (event.carried or event.continued or event.grows):
        site = next((found for block in held if (found := _put_in(block, int(event.module.batch_first)))), None)
        if site is not None:
            why = "a sequence of one step and no state carried, nothing recurs"
            places = (Beside(event.site, f"the nn.{event.module.cell} reads it here, without a state"),)
            wanted = "a sequence of more than one step"
            grounds = Grounds(event.source, wanted, (Setting.LAYOUT,), module=event.module, places=places)
            yield Hit(
                site, f"{{expr}}: {why}", "use whole sequences", follows=(event.site,), grounds=grounds
            )  # a step loop is RNN506


def _put_in(block: Block, steps: int) -> Site | None:
    """Where the axis of steps, which is one wide, was put in; None for one that was there before."""
    if not isinstance(block.source, Call):
        return place(block, Note.AXIS_OF_ONE)
    one_step = block.source.steps == 1 and any(mark.about is Note.OUTPUT for mark in block.marks)
    return None if one_step or block.axes[steps] else place(block, Note.MADE)


def _one_step(block: Block, batch_first: bool) -> bool:
    """Whether a matrix is one step of a batch: one position of the axis that the module's own layout has for steps."""
    along = {factor.along for factor in block.axes[0]}
    if isinstance(block.source, Call):
        picked = any(mark.about is Role.STEP for mark in block.marks)
        return along == {Role.SAMPLE} and picked and any(mark.about is Note.OUTPUT for mark in block.marks)
    source: Given = block.source
    samples, steps = (0, 1) if batch_first else (1, 0)
    moving = {factor.along for axis in block.axes for factor in axis} | {factor.along for factor in block.reduced}
    # a batch of sequences, from which one step was taken: its rows are samples for certain
    whole = len(source.shape) == 3 and source.shape[steps] != 1 and extent(block.axes[0]) == source.shape[samples]
    return whole and along == {Own(samples)} and Own(steps) not in moving
