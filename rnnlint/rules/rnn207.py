"""RNN207 squeeze-without-dim

## What it finds
A bare `squeeze()` on a state or an output whose number of samples or steps is open: `h_n.squeeze()`,
`output.squeeze()`.

## Why it is wrong
`squeeze()` removes every axis of extent 1, not only the one that was meant. The last batch of an epoch, or a single
example at inference, has one sample, and its batch axis goes too: what follows raises, or takes units for samples.

## Example
```python
import torch
from torch import nn


class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.gru = nn.GRU(8, 20, batch_first=True)
        self.fc = nn.Linear(20, 3)

    def forward(self, x):
        _, h_n = self.gru(x)
        return self.fc(h_n.squeeze())


print(Encoder()(torch.randn(4, 7, 8)).shape, Encoder()(torch.randn(1, 7, 8)).shape)
```

## Instead
```python
import torch
from torch import nn


class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.gru = nn.GRU(8, 20, batch_first=True)
        self.fc = nn.Linear(20, 3)

    def forward(self, x):
        _, h_n = self.gru(x)
        return self.fc(h_n.squeeze(0))


print(Encoder()(torch.randn(4, 7, 8)).shape, Encoder()(torch.randn(1, 7, 8)).shape)
```

## When it stays silent
- The sizes are known where it stands: a script with a batch of four, a batch of one on purpose (`view(1, 1, -1)`).
- The features have become one number, or as many as the file leaves open (`fc(output[:, -1]).squeeze()`): the axis
  that goes is plain. Not if a softmax or a reduction over an axis follows, which then meets another axis.
- One number is made of these features later and squeezed as well (`fc(h.squeeze()).squeeze()`): the axis goes anyway.
  Of what was squeezed before, the first squeeze is reported and no other.
- A single step of a single sample may be meant, of one direction: both axes are open, and nothing else could go.
- The program looks afterwards how many axes are left (`if h.dim() == 1: h = h.unsqueeze(0)`, `while h.dim() < 2`, an
  `except` that binds `h` anew), asks whether the open axis is one wide (`if x.size(0) == 1`), or names the axes again
  (`h.view(-1, units)`, `h.reshape(x.size(0), -1)`, `h.expand(x.size(0), units)`).
- The number of a single element is asked for (`p.squeeze()[1].item()`): torch takes one sample only.
- It is added at once to what has its axes (`total += h.squeeze()`): torch broadcasts, and a lost first axis is back.

## Fix
Safe where there is one layer and one direction (`squeeze(0)`), else unsafe.
"""

from __future__ import annotations

from collections.abc import Iterator

from rnnlint.axes.reading.notes import note
from rnnlint.axes.states import Block, Note, Role, States, blocks
from rnnlint.events import Reduced, Site, Squeezed
from rnnlint.rules.claims import Claim
from rnnlint.rules.grounds import Beside, Grounds, Setting
from rnnlint.rules.readings import alive, call_of, from_state, parts_of, place
from rnnlint.rules.repairs import Repair, Written
from rnnlint.rules.rule import Hit, rule

CLAIMS = (
    Claim(
        "flagged",
        "a last batch of one sample loses its batch axis",
        "for part in x.split({N} - 1, {samples}):\n    output, state = rnn(part)\nresult = output[{at}-1].squeeze()",
        expected="(rnn(x[N - 1 :])[0][:, -1] if batch_first else rnn(x[:, N - 1 :])[0][-1]).squeeze(0)",
        wanted="rnn(x[N - 1 :])[0][:, -1] if batch_first else rnn(x[:, N - 1 :])[0][-1]",
        where="batched and not packed and N > 2 and D * H > 1",
    ),
    Claim(
        "advised",
        "squeeze(0) removes the axis of one layer and one direction, and no other",
        "result = h_n.squeeze(0)",
        expected="hidden(0, 0, 'final')",
        where="L * D == 1 and batched",
    ),
    Claim(
        "silent",
        "the features have become one number, on an axis of its own",
        "result = output[{at}-1].sum(-1, keepdim=True).squeeze()",
        expected="(output[:, -1] if batch_first else output[-1]).sum(-1)",
        where="batched and not packed and N > 1",
    ),
)


@rule("RNN207", "squeeze-without-dim", since="0.1", on=True, fix="unsafe", doc=__doc__, claims=CLAIMS)
def squeeze_without_dim(event: Squeezed | Reduced) -> Iterator[Hit]:
    if isinstance(event, Reduced):
        if event.repaired:
            return
        held = [block for block in parts_of(event.before) if not _one_meant(block)]
        site = next((found for block in held if (found := place(block, Note.SQUEEZED))), None)
        if site is not None:
            what = "{expr}: a batch of one loses its batch axis before it is reduced"
            places = (Beside(event.site, "it is reduced here"),)
            grounds = _grounds(event.before, "a batch of one", places)
            yield Hit(site, what, "use squeeze(-1)", grounds=grounds, repairs=_squeezing(site, "-1"))
        return
    held = parts_of(event.before)
    lost = {role for axis in event.open for block in held for role in _roles(block, axis)}
    if event.axis is not None or event.repaired or not lost or _one_number(event):
        return
    if len(lost) > 1 and 1 not in event.extents and any(call_of(block).directions == 1 for block in held):
        return  # see _one_meant; both directions of a single step nobody asks for
    one, axis = ("a batch of one", "batch axis") if Role.SAMPLE in lost else ("a single step", "axis")
    narrow = _narrow(event)
    also, advice = _advice(narrow)
    axes = ", ".join(map(str, narrow))
    repairs = _squeezing(event.site, f"({axes})" if len(narrow) > 1 else axes)
    grounds = _grounds(event.before, one)
    yield Hit(event.site, f"{{expr}}: {one} loses its {axis}{also}", advice, grounds=grounds, repairs=repairs)


def _squeezing(site: Site, axes: str) -> tuple[Repair, ...]:
    """To squeeze these axes, which gives the same of every batch but one of one; with none, not to squeeze."""
    return (Repair((Written(site, f"{{receiver}}.squeeze({axes})" if axes else "{receiver}"),), safe=True),)


def _grounds(states: States, one: str, places: tuple[Beside, ...] = ()) -> Grounds:
    rows = all(map(from_state, parts_of(states)))
    settings = (Setting.LAYERS, Setting.DIRECTIONS) if rows else (Setting.LAYOUT,)
    return Grounds(states, f"the same axes for {one}", settings, places=places)


def _one_meant(block: Block) -> bool:
    """Whether there is one sample, or nothing was sure to go, and both steps and samples could: written for one."""
    if call_of(block).samples == 1:
        return True
    mark = note(block, Note.SQUEEZED)
    return mark is not None and mark.extent > 0 and alive(block, Role.STEP) and alive(block, Role.SAMPLE)


def _roles(block: Block, axis: int) -> set[Role]:
    return {role for role in (Role.SAMPLE, Role.STEP) for factor in block.axes[axis] if factor.along is role}


def _of_states(block: Block, axis: int) -> bool:
    return any(isinstance(factor.along, Role) for factor in block.axes[axis])


def _one_number(event: Squeezed) -> bool:
    """Whether the features have become one number on the last axis, or as many as the file leaves open."""
    last = len(event.extents) - 1
    single = event.extents[last] == 1 or last in event.open
    return single and not any(alive(block, Role.UNIT) for block in blocks(event.before))


def _narrow(event: Squeezed) -> list[int]:
    """The axes that are meant to go: those of one; where none is known to be, an open one along which no states run."""
    narrow = [axis for axis, size in enumerate(event.extents) if size == 1]
    others = [axis for axis in event.open if not any(_of_states(block, axis) for block in blocks(event.before))]
    return narrow or others


def _advice(narrow: list[int]) -> tuple[str, str]:
    """What else is one wide, and what keeps that axis and gives, of all others, the same tensor."""
    if len(narrow) == 1:
        return " as well", f"use squeeze({narrow[0]})"
    if narrow:
        return " as well", f"use squeeze({tuple(narrow)})"
    return ", and no other axis is one wide", "leave the squeeze out"
