"""RNN204 input-in-other-layout

## What it finds
An input whose layout the program itself shows, and which is not the layout the RNN reads: what a convolution returns
(N first, then the channels), what `pad_sequence` returns (T first), a batch of a `DataLoader` (N first), states of a
step loop stacked, the output of another RNN, an input whose `size(0)` is the batch of the initial state, words to which
one more is joined (`torch.cat((picture.unsqueeze(1), embedded), 1)`); after all permutes and transposes in between.
Also what a loop feeds back, `(N, 1)` for `(1, N)`, where it joins the rounds along the axis that is taken for samples;
and one position of each sample, `(N, 1, C)` for `(1, N, C)`, where a loop moves along them and carries the state.

## Why it is wrong
Without `batch_first` axis 0 is the steps, with it axis 1. torch cannot notice the other layout: the RNN then steps
through the batch, every sample reads those before it, and the steps are independent of each other. It still learns.

## Example
```python
import torch
from torch import nn


class Classifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv1d(8, 16, 3)
        self.gru = nn.GRU(16, 20)
        self.fc = nn.Linear(20, 3)

    def forward(self, x):
        features = self.conv(x).permute(0, 2, 1)
        output, h_n = self.gru(features)
        return self.fc(output[:, -1])


print(Classifier()(torch.randn(4, 8, 9)).shape)
```

## Instead
```python
import torch
from torch import nn


class Classifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv1d(8, 16, 3)
        self.gru = nn.GRU(16, 20, batch_first=True)
        self.fc = nn.Linear(20, 3)

    def forward(self, x):
        features = self.conv(x).permute(0, 2, 1)
        output, h_n = self.gru(features)
        return self.fc(output[:, -1])


print(Classifier()(torch.randn(4, 8, 9)).shape)
```

## When it stays silent
- Nothing but names, comments or a docstring says what the axes are.
- One of the two axes is one wide and no loop joins its rounds along it or moves along an axis behind the samples, is
  put together from several, or is a part of one: frames that went through a convolution as a batch, sentences.
- The evidence is for both layouts, or the input is packed or unbatched.
- What is read from the result (RNN201, RNN202, RNN205): it follows from the same cause, and is not said as well.
- One document of a batch after the other (`for document in documents: _, h = words(document)`), whose sentences are
  samples for one RNN and steps for the next.

A second RNN that runs over the samples of a first one on purpose, with both axes still there, is reported: write
`# noqa` there.

## Fix
Unsafe: it changes numbers. The input is transposed or the module built for it, whichever fits what is read of the
output; where both do only the author knows.
"""

from __future__ import annotations

from collections.abc import Iterator

from rnnlint.axes.states import Role, shape
from rnnlint.events import Called, Site
from rnnlint.rules.claims import Claim
from rnnlint.rules.grounds import Beside, Grounds, Setting
from rnnlint.rules.repairs import Given, Repair
from rnnlint.rules.rule import Hit, rule
from rnnlint.rules.words import a_cell, number
from rnnlint.torch_api.modules.recurrent import PARAMETERS
from rnnlint.torch_api.signatures import CALLED

CLAIMS = (
    Claim(
        "flagged",
        "pad_sequence puts the steps first, so a batch-first RNN steps through the batch",
        "output, state = rnn(nn.utils.rnn.pad_sequence(list(x)))\nresult = output",
        expected="rnn(x.transpose(0, 1))[0]",
        wanted="rnn(x)[0]",
        where="batch_first and batched and not packed and N > 1 and T > 1",
    ),
    Claim(
        "flagged",
        "with batch_first=True pad_sequence puts the samples first, so a time-major RNN steps through the batch",
        "rows = list(x.transpose(0, 1))\n"
        "output, state = rnn(nn.utils.rnn.pad_sequence(rows, batch_first=True))\n"
        "result = output",
        expected="rnn(x.transpose(0, 1))[0]",
        wanted="rnn(x)[0]",
        where="not batch_first and batched and not packed and N > 1 and T > 1",
    ),
    Claim(
        "advised",
        "turned by transpose(0, 1) the batch is read sample by sample",
        "output, state = rnn(nn.utils.rnn.pad_sequence(list(x)).transpose(0, 1))\nresult = output",
        expected="rnn(x)[0]",
        where="batch_first and batched and not packed",
    ),
    Claim(
        "silent",
        "nothing shows the layout of a parameter",
        "output, state = rnn(x)\nresult = output",
        expected="output",
        where="not packed",
    ),
)


@rule("RNN204", "input-in-other-layout", since="0.1", on=True, fix="unsafe", doc=__doc__, claims=CLAIMS)
def input_in_other_layout(event: Called) -> Iterator[Hit]:
    if event.contrary is None or (event.contrary.packs and event.module.batch_first):  # a pack that lacks it is RNN403
        return
    first, role = event.module.batch_first, event.contrary.role
    axis = 1 if first == (role is not Role.STEP) else 0
    holds, taken = _HOLDS.get(role, "channels"), "samples" if role is Role.STEP else "steps"
    what = f"axis {axis} is the {holds} of {event.contrary.why}, {a_cell(event.module)} takes it for {taken}"
    instead = f"transpose(0, 1) or batch_first={not first}"
    sizes = () if event.source is None else shape(event.source)
    if (
        event.channels is not None and len(sizes) == 3
    ):  # the steps are the last axis, which has to change places with the channels
        samples = 1 - event.channels
        order = (samples, 2, event.channels) if first else (2, samples, event.channels)
        instead = f"permute{order} and input_size={number(sizes[event.channels % 3], 'channels')}"
    grounds = Grounds(
        "" if event.source is None else event.source,
        "(samples, steps, features)" if first else "(steps, samples, features)",
        (Setting.LAYOUT,),
        module=event.module,
        places=(Beside(event.contrary.site, f"this shows which axis holds the {holds}"),),
    )
    yield Hit(event.site, f"{{expr}}: {what}", f"use {instead}", grounds=grounds, repairs=_repairs(event))


def _repairs(event: Called) -> tuple[Repair, ...]:
    """To turn the input round, or to build the module for it: both, as nobody knows what else reads the output."""
    if event.channels is not None:
        return ()
    flag = "" if event.module.batch_first else "True"
    turned = Given(event.site, "input", "{argument}.transpose(0, 1)", CALLED)
    built = Given(Site(event.module.site), "batch_first", flag, PARAMETERS[event.module.cell])
    return (
        Repair((turned,), title="transpose the input"),
        Repair((built,), title=f"build it with batch_first={not event.module.batch_first}"),
    )


_HOLDS = {Role.SAMPLE: "samples", Role.STEP: "steps"}
