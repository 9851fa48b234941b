"""RNN402 last-step-of-padded

## What it finds
The last step of `output`, or `h_n`, used as the summary of a batch that is known to hold padding and was not packed.
Known from `pad_sequence` (what it returns, or a call of it elsewhere in the file), from an embedding that is told its
`padding_idx`, from a tokenizer that is called with `padding="max_length"` or `pad_to_max_length=True`, from lists or
rows filled up to one length (`x + [0] * (n - len(x))`, `table[i, :len(x)] = x`), from torchtext's `BucketIterator`, or
from lengths that the function takes and never reads: an argument named like `lengths`, the one place where rnnlint
takes a name for evidence.

## Why it is wrong
The RNN goes on reading through the padding. What it holds after the last step of a short sample is mostly the effect
of padding, and depends on how long the longest sample of the batch happens to be.

## Example
```python
import torch
from torch import nn
from torch.nn.utils.rnn import pad_sequence

gru, fc = nn.GRU(8, 20, batch_first=True), nn.Linear(20, 3)
samples = [torch.randn(steps, 8) for steps in (3, 7, 5)]
x = pad_sequence(samples, batch_first=True)
_, h_n = gru(x)
print(fc(h_n[-1]).shape)
```

## Instead
```python
import torch
from torch import nn
from torch.nn.utils.rnn import pack_sequence

gru, fc = nn.GRU(8, 20, batch_first=True), nn.Linear(20, 3)
samples = [torch.randn(steps, 8) for steps in (3, 7, 5)]
_, h_n = gru(pack_sequence(samples, enforce_sorted=False))
print(fc(h_n[-1]).shape)
```

## When it stays silent
- The input was packed; the step is each sample's own (`lengths - 1`), of one layer or one direction.
- Padding on the left (`padding_side="left"`, `[0] * (n - len(x)) + x`, `table[i, -len(x):] = x`,
  `row[n - len(x):] = x`, what keras's `pad_sequences` does unless it is told otherwise), and a batch that is turned
  round along the steps after it was padded: the last step is everybody's last.
- Samples known to be of one length, so that nothing fills them up: windows that a loop cuts from where none runs over
  the end (`[t[i : i + n] for i in range(len(t) - n + 1)]`), those of `t.unfold(0, n, step)`.
- What is filled up are the features of a step, and not the steps: a list in a list of steps.
- The arm for calls without lengths (`if lengths is None`) of a program that packs in the other one, or reads each
  sample's own last step there: who gives no lengths knows why, unless what is handed over is seen to come from
  `pad_sequence`, or nobody ever gives any.
- A call that starts from the state of one sample, which is a batch of one.
- Batches whose padding the file does not show: most models get them padded from elsewhere. That, and that padding in
  the same file is not yet padding in this batch, is why the rule is off by default.
- All steps (tagging, attention), a loop over the steps, a call that goes on from a state (a decoder), a state that
  another RNN starts from, or that is returned or kept in an attribute as it came, as encoders and taggers do. (What
  another RNN reads at a step, as what is left of the letters of a word, is a summary.)

In a bidirectional RNN of several layers padding also reaches the forward half at each sample's own last step
(`output[rows, lengths - 1, :H]`): the layer below has read it backwards before.

For a bidirectional RNN the last step is RNN102 as well: using `h_n` instead mends that, and not the padding.

## Fix
None: what is to be packed, and by which lengths, the file does not say.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from rnnlint.axes.states import Block, Kind, Note, Role, Somewhere
from rnnlint.events import Read, Used
from rnnlint.rules.claims import Claim
from rnnlint.rules.grounds import Grounds, Setting, output_at
from rnnlint.rules.readings import (
    alive,
    bears,
    both_halves_late,
    call_of,
    directions,
    final,
    from_state,
    place,
    span,
    top,
    wrong_end,
)
from rnnlint.rules.rule import Hit, rule
from rnnlint.rules.template import Template
from rnnlint.rules.uses import summaries, uses
from rnnlint.torch_api.batches.lengths import PADDING_IDX
from rnnlint.values.uses import Use

_LENGTHS = re.compile(r"(\w*_)?(lengths?|lens|seq_?lens?)(_\w*)?")

_PADDED = "batch = torch.nn.utils.rnn.pad_sequence([x[:, 0], x[:1, 1]])\noutput, {state} = rnn(batch)\n"
_AFTER_PADDING = "rnn(torch.stack((x[:, 0], torch.cat((x[:1, 1], torch.zeros_like(x[1:, 1])))), 1))[0][-1]"
_OWN = "torch.stack((rnn(x[:, :1])[0][-1, 0], rnn(x[:1, 1:2])[0][-1, 0]))"
_SOME = "D == 1 and batched and not packed and not batch_first and N > 1 and T > 1"
CLAIMS = (
    Claim(
        "flagged",
        "the last step of a padded batch is the state after the padding",
        _PADDED + "result = output[-1]",
        expected=_AFTER_PADDING,
        wanted=_OWN,
        where=_SOME,
    ),
    Claim(
        "flagged",
        "h_n of a padded batch is the state after the padding",
        _PADDED + "result = h_n[-1]",
        expected=_AFTER_PADDING,
        wanted=_OWN,
        where=_SOME,
    ),
    Claim(
        "advised",
        "packed, each sample ends with its own last step",
        "packed = torch.nn.utils.rnn.pack_sequence([x[:, 0], x[:1, 1]])\n"
        "output, {state} = rnn(packed)\nresult = h_n[-1]",
        expected=_OWN,
        where=_SOME,
    ),
    Claim(
        "silent",
        "of a batch that nothing shows to be padded, the last step is the final state",
        "result = output[{at}-1]",
        expected="hidden(-1, 0, 'final')",
        where="D == 1 and not packed",
    ),
)


LAST = Template("{expr}: the batch is padded ({why}) and not packed", "{instead}")
BELOW = Template("{expr}: padded ({why}) and not packed, the layer below has read the padding backwards", "pack it")


@rule("RNN402", "last-step-of-padded", since="0.1", on=False, fix="none", doc=__doc__, claims=CLAIMS)
def last_step_of_padded(event: Read) -> Iterator[Hit]:
    # packed, nothing is padding; carried from call to call, the text goes on and is not padded; of one sample nothing
    # is shorter
    if event.call.packed or event.carried or event.call.samples == 1 or event.call.even:
        return
    unread = next((f"{name} is never read" for name in event.ignored if _LENGTHS.fullmatch(name)), "")
    # from the surest to the weakest: the batch itself, lengths that are taken and not read, a file that pads somewhere
    padding = event.call.padding
    # an embedding says that there is padding and not where; what the file fills up in front harms no last step
    if padding == PADDING_IDX and event.left:
        padding = ""
    why = padding or unread or event.padding
    # who packs in another arm (``if lengths is None``) knows which batches are padded, and these are none of them
    if not why or event.optional:
        return
    # of a stack that reads both ways, every step of an upper layer reads what the lower one has read backwards
    stacked = event.call.directions == 2 and event.call.layers > 1
    said = LAST.filled(why=why, instead="pack it" if stacked else "pack it, or use each sample's own last step")
    # who reads each sample's own last step in another arm knows which batches are padded, as one who packs there does
    knows = padding in ("", PADDING_IDX) and any(_own_alone(held) for _, held in uses(event))
    for used, after in summaries(event, _after) if not knows else ():
        for block in after if used.how is not Use.INITIAL_STATE else ():
            if not (used.how in _HANDED_ON and _whole_state(block)):
                site = event.site if from_state(block) else place(block, Role.STEP)
                yield said.at(site or used.site, grounds=_grounds(event, used, block, why))
    for used, own in summaries(event, _own) if stacked else ():
        for block in own:
            site = place(block, Role.STEP) or used.site
            yield BELOW.filled(why=why).at(site, grounds=_grounds(event, used, block, why))


_HANDED_ON = (Use.RETURN, Use.RESULT, Use.ATTRIBUTE)
"""Where a state as it came is a summary to nobody yet: whoever reads it later is judged there."""


def _grounds(event: Read, used: Used, block: Block, why: str) -> Grounds:
    stacked = event.call.directions == 2 and event.call.layers > 1
    settings = (Setting.DIRECTIONS, Setting.LAYERS) if stacked else (Setting.LAYOUT,)
    wanted = output_at(event.call, Somewhere.LAST_VALID)
    return Grounds(block, wanted, settings, used, facts=(("padding", why),))


def _whole_state(block: Block) -> bool:
    """Whether a block is all of a state as it came: an encoder returns that, for a decoder to start from."""
    narrowed = {mark.about for mark in block.marks} & set(Role)
    # three axes, as h_n comes (fixtures/rules/RNN402/encoder.py)
    return from_state(block) and len(block.axes) == 3 and not block.reduced and not narrowed


def _after(held: Sequence[Block]) -> list[Block]:
    return [block for block in held if _after_padding(block)]


def _own_alone(held: Sequence[Block]) -> bool:
    """Whether each sample's own last step is used, and not beside the step after the padding."""
    own = any(block.kind is Kind.HIDDEN and span(block, Role.STEP) is Somewhere.LAST_VALID for block in held)
    return own and not _after(held)


def _own(held: Sequence[Block]) -> list[Block]:
    """The forward states of each sample's own last step, in the last layer, where nothing else is said of them."""
    return [] if both_halves_late(held) or wrong_end(held) else [block for block in held if _own_last(block)]


def _own_last(block: Block) -> bool:
    valid = block.kind is Kind.HIDDEN and span(block, Role.STEP) is Somewhere.LAST_VALID
    return valid and top(block) and directions(block) == {0}


def _after_padding(block: Block) -> bool:
    """Whether a block holds the last layer's forward state after the last step."""
    steps = call_of(block).steps
    if block.kind is not Kind.HIDDEN or steps == 1 or alive(block, Role.STEP) or bears(block, Note.OWN_LENGTH):
        return False
    return final(block, 0) and (from_state(block) or span(block, Role.STEP) == (steps - 1, steps - 1))
