"""RNN205 reduction-over-samples

## What it finds
A mean, sum, maximum or product over the sample axis of `output`, or a softmax over it, while the steps stay apart:
`output.mean(0)` with `batch_first=True`, `softmax(scores, dim=0)`, `nn.Softmax()` on a tensor with three axes. Of one
step, a softmax over the samples of (1, N, C): each class for itself, as in a decoder that is called word by word. An
`nn.MultiheadAttention` that is built for the other layout than `output` has. And `torch.matmul(weights, output)` of
weights (N, T) and an output (N, T, H): the weights of all samples meet every sample.

## Why it is wrong
The axis was taken for the steps. Pooled over the samples, every answer depends on what else is in the batch; an
attention that is normalised over the samples weighs the examples against each other instead of the steps.

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
        output, _ = self.gru(x)
        return self.fc(output.mean(dim=0))


print(Classifier()(torch.randn(4, 7, 8)).shape)
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
        return self.fc(output.mean(dim=1))


print(Classifier()(torch.randn(4, 7, 8)).shape)
```

## When it stays silent
- The steps are gone as well when the result is used: a mean over everything, a batch statistic of summaries.
- In-batch similarity (`z @ z.T` and a softmax over it), and anything that still holds the samples one by one
  (`output - output.mean(0)`).
- An error that is averaged over the batch (`((output - target) ** 2).mean(0)`): something has been subtracted.
- A batch that was merged before the call, and a part of the samples: nodes, sensors, words.
- An input that the program itself shows to be in the other layout (RNN204), and states (RNN202).

A softmax counts where it stands, whatever becomes of the steps afterwards; without `dim` it takes axis 0 of a tensor
with three axes, else axis 1.

## Fix
Unsafe: it changes numbers. An axis that is written as 0 or 1 becomes the other; a product of all samples has to be
written anew (`bmm`), and has none.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from rnnlint.axes.states import Block, Note, Role
from rnnlint.events import Read
from rnnlint.rules.claims import Claim
from rnnlint.rules.grounds import Grounds, Setting
from rnnlint.rules.mending import or_first
from rnnlint.rules.readings import alive, call_of, from_state, place
from rnnlint.rules.repairs import OtherAxis, Repair
from rnnlint.rules.rule import Hit, rule
from rnnlint.rules.template import Template
from rnnlint.rules.uses import Held, judged, look, noted

# States without a bound (relu) are left out of softmaxes: in half precision these make much of small errors.
CLAIMS = (
    Claim(
        "flagged",
        "a mean over the sample axis depends on every sample, and leaves the steps",
        "result = output.mean({samples})",
        expected="output.mean(0 if batch_first else 1)",
        wanted="output.mean(1 if batch_first else 0)",
        where="batched and not packed and N > 1 and T > 1",
    ),
    Claim(
        "flagged",
        "a softmax over the sample axis weighs the samples against each other",
        "result = torch.softmax(output, dim={samples})",
        expected="torch.softmax(output, 0 if batch_first else 1)",
        wanted="torch.softmax(output, 1 if batch_first else 0)",
        where="batched and not packed and N > 1 and T > 1 and nonlinearity != 'relu'",
    ),
    Claim(
        "flagged",
        "without dim a softmax takes axis 0 of a tensor with three axes",
        "result = nn.functional.softmax(output)",
        expected="torch.softmax(output, 0)",
        wanted="torch.softmax(output, 1)",
        where="batched and batch_first and not packed and N > 1 and T > 1",
    ),
    Claim(
        "flagged",
        "a matrix of weights (N, T) meets every sample of (N, T, H)",
        "weights = torch.softmax(output.mean(-1), dim=1)\nresult = torch.matmul(weights, output)",
        expected="torch.softmax(output.mean(-1), 1) @ output",
        wanted="(torch.softmax(output.mean(-1), 1).unsqueeze(1) @ output).squeeze(1)",
        where="batched and batch_first and not packed and N > 1 and T > 1 and nonlinearity != 'relu'",
    ),
    Claim(
        "advised",
        "weights with an axis of one are each sample's own",
        "weights = torch.softmax(output.mean(-1), dim=1)\nresult = (weights.unsqueeze(1) @ output).squeeze(1)",
        expected="(torch.softmax(output.mean(-1), 1).unsqueeze(1) @ output).squeeze(1)",
        where="batched and batch_first and not packed and nonlinearity != 'relu'",
        reads="sample == row",
    ),
    Claim(
        "advised",
        "a mean over the axis of the steps pools each sample's own states",
        "result = output.mean({steps})",
        expected="output.mean(1 if batched and batch_first else 0)",
        where="not packed",
        reads="sample == (row if batched else 0)",
    ),
    Claim(
        "silent",
        "in-batch similarity: the samples are compared on purpose",
        "z = h_n[-1]\nresult = torch.softmax(z @ z.T, dim=0)",
        expected="torch.softmax(hidden(-1, D - 1, 'final') @ hidden(-1, D - 1, 'final').T, 0)",
        where="batched and nonlinearity != 'relu'",
    ),
    Claim(
        "silent",
        "everything is pooled, the steps too",
        "result = output.mean()",
        expected="output.mean()",
    ),
)


CROSSED = Template(
    "{expr}: each sample is weighed with the weights of all samples, (N, N, H)", "make the weights (N, 1, T)"
)


CLASSES = Template("{expr}: a softmax over the samples of the batch, not over the features of each", "use dim=-1")

LAID = Template("{expr}: the rows are steps, each with the units of all samples", "{instead}")


ATTENDED = Template("{expr}: each sample attends to the other samples, not to its own steps", "{instead}")

_NORMALISED = (Note.SAMPLES_NORMALISED, Note.ONE_STEP_NORMALISED)
_TOGETHER = (Note.SAMPLES_POOLED, *_NORMALISED, Note.SAMPLES_CROSSED, Note.SAMPLES_ATTENDED)


@rule("RNN205", "reduction-over-samples", since="0.1", on=True, fix="unsafe", doc=__doc__, claims=CLAIMS)
def reduction_over_samples(event: Read) -> Iterator[Hit]:
    if noted(event).isdisjoint(_TOGETHER):
        return
    for use in judged(event):
        if event.call not in use[0].misfed:
            yield from _of_use(event, use)


def _of_use(event: Read, use: Held) -> Iterator[Hit]:
    used, held = use
    apart = any(alive(block, Role.SAMPLE) for block in look(used).parts)
    for block in held:
        if site := place(block, Note.SAMPLES_CROSSED):
            yield CROSSED.at(site, grounds=Grounds(block, "each sample's own weights", (Setting.LAYOUT,), used))
            continue
        if from_state(block) or not _whole_batch(block) or _axes_in_doubt(block):
            continue
        if site := place(block, Note.SAMPLES_ATTENDED):
            # the layout of what it is given is a setting of both modules
            which = "with" if event.module.batch_first else "without"
            said = ATTENDED.filled(instead=f"build the attention {which} batch_first=True")
            grounds = Grounds(block, "over step, each sample for itself", (Setting.LAYOUT,), used)
            yield replace(said.at(site, grounds=grounds), unless=(("RNN204", event.site),))
            continue
        if site := place(block, Note.ONE_STEP_NORMALISED):
            grounds = Grounds(block, "over the features, each sample for itself", (Setting.LAYOUT,), used)
            yield replace(CLASSES.at(site, grounds=grounds), unless=(("RNN204", event.site),))
            continue
        if _steps_then(block, Note.SAMPLES_NORMALISED):
            what = "a softmax over the samples of the batch, not over the steps"
        elif (
            _steps_then(block, Note.SAMPLES_POOLED)
            and alive(block, Role.STEP)
            and not apart
            and not place(block, Note.DIFFERENCE)
        ):
            what = "this pools the samples of the batch, the steps are left"
        else:
            continue
        grounds = Grounds(block, "over step, each sample for itself", (Setting.LAYOUT,), used)
        laid = place(block, Note.SAMPLES_INSIDE)
        if laid and not place(block, Note.SAMPLES_NORMALISED):
            # the layer adds up what it is given: what is wrong stands where the rows were made
            first = event.module.batch_first
            rows = LAID.filled(
                instead="use transpose(0, 1) first" if first else "use batch_first=True, or transpose(0, 1)"
            )
            yield replace(rows.at(laid, grounds=grounds), unless=(("RNN204", event.site),))
            continue
        site = place(block, Note.SAMPLES_NORMALISED) or place(block, Note.SAMPLES_POOLED)
        # in the class that misfeeds the call, and not in this one, the cause may be known
        causes = [("RNN204", event.site)]
        squeezed = place(block, Note.SQUEEZED)
        if squeezed is not None and not place(block, Note.SAMPLES_NORMALISED):  # a layer has met another axis
            causes.append(("RNN207", squeezed))
        why, advice = f"{{expr}}: {what}", "use the axis of the steps"
        repairs = () if site is None else or_first(Repair((OtherAxis(site),)), event.module)
        yield Hit(site or used.site, why, advice, unless=tuple(causes), grounds=grounds, repairs=repairs)


def _steps_then(block: Block, about: Note) -> bool:
    """Whether there was more than one step when the samples were taken together."""
    return any(mark.about is about and mark.extent > 1 for mark in block.marks)


def _axes_in_doubt(block: Block) -> bool:
    """Whether a squeeze that takes an open axis or none came first: then the axis that is named may be another one."""
    for mark in block.marks:
        if mark.about in (Note.SAMPLES_POOLED, *_NORMALISED):
            return False
        if mark.about is Note.SQUEEZED and mark.extent:
            return True
    return False


def _whole_batch(block: Block) -> bool:
    """Whether all samples of a batch that was one axis are taken together."""
    call = call_of(block)
    count = sum(factor.extent for factor in block.reduced if factor.along is Role.SAMPLE)
    return count == call.samples and not call.merged
