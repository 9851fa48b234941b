"""RNN510 backward-state-carried

## What it finds
A loop that hands a bidirectional RNN, for one chunk of a text (one sentence, one batch of a loader), the state which
it returned for the chunk before: both directions of it.

## Why it is wrong
The backward direction ends at the *first* step of a chunk, and begins the next one at its *last* step: what it carries
over is the state before everything that the next chunk holds, handed to where everything after it should come from. The
forward direction goes on where it stopped, the backward one jumps, and neither chunk is what one call on the whole text
would give.

## Example
```python
import torch
from torch import nn

gru, state = nn.GRU(3, 5, bidirectional=True), None
text = torch.randn(12, 4, 3)
outputs = []
for chunk in text.split(4):
    output, state = gru(chunk, state)
    outputs.append(output)
print(torch.cat(outputs).shape)
```

## Instead
```python
import torch
from torch import nn

gru = nn.GRU(3, 5, bidirectional=True)
text = torch.randn(12, 4, 3)
outputs = []
for chunk in text.split(4):
    output, _ = gru(chunk)
    outputs.append(output)
print(torch.cat(outputs).shape)
```

## When it stays silent
- A unidirectional RNN, whose state goes on where it stopped.
- The backward direction's rows are set to zero, written to, or left out on the way.
- The same input once more, or what the call before returned: that refines it. A state that comes of another module, as
  where a second sentence is read with the first one in mind.
- Chunks of one step, in which nothing tells the directions apart: both go on.
- Outside of loops: two calls one after the other may well be meant.

## Fix
None: whether every chunk is to start anew, or be read by a unidirectional RNN, only the author knows.
"""

from __future__ import annotations

from collections.abc import Iterator

from rnnlint.events import Resumed
from rnnlint.rules.claims import Claim
from rnnlint.rules.grounds import Beside, Grounds, Setting
from rnnlint.rules.rule import Hit, rule
from rnnlint.rules.template import Template

_FIRST, _REST = "x.narrow(int(batch_first), 0, 1)", "x.narrow(int(batch_first), 1, T - 1)"
_JOINED = "torch.cat(({}, {}), int(batch_first))"
CLAIMS = (
    Claim(
        "flagged",
        "carried from chunk to chunk, both directions do not give what one call on all of it gives",
        "state, parts = None, []\n"
        "for chunk in x.split([1, {T} - 1], {steps}):\n"
        "    out, state = rnn(chunk, state)\n"
        "    parts.append(out)\n"
        "result = torch.cat(parts, {steps})",
        expected=_JOINED.format(f"rnn({_FIRST})[0]", f"rnn({_REST}, rnn({_FIRST})[1])[0]"),
        wanted="rnn(x)[0]",
        where="D == 2 and T > 2 and batched and not packed",
    ),
    Claim(
        "advised",
        "without a state every chunk is a sequence of its own",
        "parts = []\n"
        "for chunk in x.split([1, {T} - 1], {steps}):\n"
        "    parts.append(rnn(chunk)[0])\n"
        "result = torch.cat(parts, {steps})",
        expected=_JOINED.format(f"rnn({_FIRST})[0]", f"rnn({_REST})[0]"),
        where="D == 2 and T > 2 and batched and not packed",
    ),
    Claim(
        "silent",
        "with one direction the chunks are one sequence",
        "state, parts = None, []\n"
        "for chunk in x.split([1, {T} - 1], {steps}):\n"
        "    out, state = rnn(chunk, state)\n"
        "    parts.append(out)\n"
        "result = torch.cat(parts, {steps})",
        expected="rnn(x)[0]",
        where="D == 1 and T > 1 and batched and not packed",
    ),
)

JUMPS = Template(
    "{expr}: the backward direction goes on from where the chunk before begins", "start each chunk without a state"
)


@rule("RNN510", "backward-state-carried", since="0.2", on=False, fix="none", doc=__doc__, claims=CLAIMS)
def backward_state_carried(event: Resumed) -> Iterator[Hit]:
    wanted = "no state, or one of the forward direction alone"
    grounds = Grounds(
        "the state of another part",
        wanted,
        (Setting.DIRECTIONS,),
        module=event.module,
        places=(Beside(event.loop, "a part each time"),),
    )
    yield JUMPS.at(event.site, grounds=grounds)
