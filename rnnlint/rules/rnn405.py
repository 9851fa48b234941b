"""RNN405 reduction-over-padding

## What it finds
A mean, a maximum, or a softmax (attention) over the steps of what `pad_packed_sequence` returned, without a mask. Also
over the steps of an output that was not packed, where the input is known to hold padding: it comes from `pad_sequence`,
from an embedding with a `padding_idx`, or from what fills samples up to one length: lists (`x + [0] * (n - len(x))`,
`while len(x) < n: x.append(0)`), rows of a table (`table[i, :len(x)] = x`), `np.pad`, `F.pad`, a tokenizer that is
asked for padding, torchtext's iterators, `pad_sequences(..., padding="post")`. It is followed through data sets,
`collate_fn`, loaders, generators and helpers of the same file, and with `rnnlint check` of the other files of a
project.

## Why it is wrong
The steps behind the end of a short sample hold zeros, and they take part: a mean divides by the padded length, a zero
wins over every negative maximum, and a softmax gives padding a share of the attention. The result of one sample then
depends on how long the others of its batch are. Without packing there are no zeros, but states of an RNN that has gone
on through the padding.

## Example
```python
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

gru, fc = nn.GRU(8, 20, batch_first=True), nn.Linear(20, 3)
x, lengths = torch.randn(4, 7, 8), torch.tensor([7, 5, 3, 2])
packed = pack_padded_sequence(x, lengths, batch_first=True)
output, _ = pad_packed_sequence(gru(packed)[0], batch_first=True)
print(fc(output.mean(1)).shape)
```

## Instead
```python
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

gru, fc = nn.GRU(8, 20, batch_first=True), nn.Linear(20, 3)
x, lengths = torch.randn(4, 7, 8), torch.tensor([7, 5, 3, 2])
packed = pack_padded_sequence(x, lengths, batch_first=True)
output, _ = pad_packed_sequence(gru(packed)[0], batch_first=True)
print(fc(output.sum(1) / lengths.unsqueeze(1)).shape)
```

## When it stays silent
- A sum, also one divided by the lengths.
- One sample, cut to its own length: `output[i, :lengths[i]].mean(0)`.
- The output (or the scores made of it) was multiplied by something, added to something, filled by a mask, or assigned
  to before: for all that is known, that is a mask. Likewise afterwards: weights that are masked and normalised again.
  What is learned, and what is one thing for all steps (a query, a scale), masks none, and is reported.
- A maximum where padding is least: padded with a value below every state (`padding_value=-1e9`), rectified or squared
  (`relu(output)`, `output ** 2`), before any layer.
- The arm for calls without lengths of a program that packs in the other one.
- Samples known to be equally long, and features that are filled up where no steps are, as in
  RNN402; output that was never packed of an input that nothing shows to be padded.

## Fix
Unsafe: it changes numbers. A mean, a maximum or a softmax over the steps gets a mask, where the lengths have a name;
what else is to leave padding out only the author knows.
"""

from __future__ import annotations

from collections.abc import Iterator

from rnnlint.axes.reading import notes
from rnnlint.axes.states import Block, Call, Mark, Note
from rnnlint.events import Site, Used
from rnnlint.rules.claims import Claim
from rnnlint.rules.grounds import Grounds
from rnnlint.rules.repairs import Masked, Repair
from rnnlint.rules.rule import Hit, rule
from rnnlint.rules.template import Template
from rnnlint.rules.uses import UNJUDGED, look

_STEPS = "1 if batch_first else 0"
CLAIMS = (
    Claim(
        "flagged",
        "a mean over an unpacked output divides by the padded length",
        "result = output.mean({steps})",
        expected=f"output.mean({_STEPS})",
        wanted=f"output.sum({_STEPS}) / lengths.unsqueeze(1)",
        where="packed and N > 1 and T > 1",
    ),
    Claim(
        "flagged",
        "a mean over the output of a padded batch that was not packed takes in the steps after the end",
        "batch = torch.nn.utils.rnn.pad_sequence([x[:, 0], x[:1, 1]])\noutput, {state} = rnn(batch)\n"
        "result = output.mean(0)",
        expected="rnn(torch.stack((x[:, 0], torch.cat((x[:1, 1], torch.zeros_like(x[1:, 1])))), 1))[0].mean(0)",
        wanted="torch.stack((rnn(x[:, :1])[0][:, 0].mean(0), rnn(x[:1, 1:2])[0][0, 0]))",
        where="D == 1 and batched and not packed and not batch_first and N > 1 and T > 1",
    ),
    Claim(
        "advised",
        "a sum divided by the lengths is the mean of each sample",
        "result = output.sum({steps}) / lengths.unsqueeze(1).to(x.device)",
        expected=f"output.sum({_STEPS}) / lengths.unsqueeze(1)",
        where="packed",
    ),
    Claim(
        "advised",
        "filled with -inf padding has no share in a softmax",
        "late = (torch.arange({T}).unsqueeze(1) >= lengths).unsqueeze(-1).movedim(0, {steps}).to(x.device)\n"
        "result = (output.masked_fill(late, float('-inf')).softmax({steps}) * output).sum({steps})",
        expected="torch.stack([(rows[:k].softmax(0) * rows[:k]).sum(0) for rows, k in"
        " zip(output.unbind(0 if batch_first else 1), lengths)])",
        where="packed",
    ),
    Claim(
        "silent",
        "one sample has no padding",
        "result = output.mean({steps})",
        expected=f"output.sum({_STEPS}) / lengths.unsqueeze(1)",
        where="packed and N == 1",
    ),
)


UNPACKED = Template("{expr}: the padding of shorter samples ({why}) takes part", "pack the batch, or mask it first")


@rule("RNN405", "reduction-over-padding", since="0.1", on=False, fix="unsafe", doc=__doc__, claims=CLAIMS)
def reduction_over_padding(event: Used) -> Iterator[Hit]:
    if event.how in UNJUDGED or Note.PADDING_POOLED not in look(event).noted:
        return
    for block in look(event).parts:
        if notes.note(block, Note.MASKED) is not None:
            continue
        call = block.source
        if call in event.optional:  # who packs in another arm knows which batches are padded
            continue
        for mark in notes.all_notes(block, Note.PADDING_POOLED):  # several where a mean stands beside a maximum
            if not isinstance(mark.site, Site):
                continue
            if isinstance(call, Call) and not call.packed:  # behind the last step stand states, no zeros
                grounds = Grounds(block, "without the padding", used=event, facts=(("padding", call.padding),))
                yield UNPACKED.filled(why=call.padding).at(mark.site, grounds=grounds)
            else:
                what, advice = "{expr}: the padding of shorter samples takes part", _instead(mark.site.op)
                grounds = Grounds(block, "without the padding", used=event)
                repairs = _repairs(block, call, mark) if isinstance(call, Call) else ()
                yield Hit(mark.site, what, advice, grounds=grounds, repairs=repairs)


def _instead(op: str) -> str:
    """What leaves padding out, by the name of what reduces: zeros add nothing to a sum, -inf is never the largest."""
    # by parts of names, since torch has many: mean, nanmean, avg_pool1d; max, amax, max_pool1d
    if "mean" in op or "avg" in op:
        return "sum, and divide by the lengths"
    return "fill it with -inf first (masked_fill)" if "max" in op else "mask it first"


def _repairs(block: Block, call: Call, mark: Mark) -> tuple[Repair, ...]:
    """To leave padding out by a mask of (samples, steps), beside which there is an axis of features, or none."""
    if not isinstance(mark.site, Site):
        return ()
    if "softmax" in mark.site.op:
        masked = mark.extent in (2, 3)
    else:  # of what has lost its features, or has others besides, the mask would have another shape
        masked = mark.extent == 3 and [len(axis) > 0 for axis in block.axes] == [True, True]
    return (Repair((Masked(mark.site, call, mark.extent),), title=_instead(mark.site.op)),) if masked else ()
