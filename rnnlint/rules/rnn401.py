"""RNN401 last-step-of-unpacked

## What it finds
A use of the last step of what `pad_packed_sequence` returned.

## Why it is wrong
The padded tensor is as long as the longest sample of the batch. Every shorter sample ends before, and holds
`padding_value` (zeros) there: those rows of the summary are constant, whatever the sample says. Shapes are right and
training runs, since one sample of each batch is read rightly.

## Example
```python
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence


class Classifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.gru = nn.GRU(8, 20, batch_first=True)
        self.fc = nn.Linear(20, 3)

    def forward(self, x, lengths):
        packed = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
        output, _ = pad_packed_sequence(self.gru(packed)[0], batch_first=True)
        return self.fc(output[:, -1])


print(Classifier()(torch.randn(4, 7, 8), torch.tensor([3, 7, 5, 2])).shape)
```

## Instead
```python
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence


class Classifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.gru = nn.GRU(8, 20, batch_first=True)
        self.fc = nn.Linear(20, 3)

    def forward(self, x, lengths):
        packed = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
        _, h_n = self.gru(packed)
        return self.fc(h_n[-1])


print(Classifier()(torch.randn(4, 7, 8), torch.tensor([3, 7, 5, 2])).shape)
```

## When it stays silent
- Each sample's own last step: `output[torch.arange(N), lengths - 1]`, a `gather`, `output[i, :lengths[i]][-1]`; the
  final states in `h_n`.
- Samples known to be equally long: one sample, lengths that are all the same number or the padded length (RNN408).
- The function picks steps of the same output by an index as well (`output[rows, last]` in one arm, `output[:, -1]` in
  the other): then the other arm is for batches without padding.
- A loop that reads every step in turn, and a tensor that holds all steps, in whatever order.
- Output that was never packed (RNN402).

For a bidirectional RNN both halves are padding there, so this is reported in place of RNN102 and RNN103; a `gather` at
`lengths - 1` remains RNN102.

## Fix
Unsafe: it changes numbers, and a model trained with the mistake is fitted to it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rnnlint.axes.states import Block, Kind, Role
from rnnlint.events import Read, Site
from rnnlint.rules.claims import Claim
from rnnlint.rules.grounds import Grounds, Setting, final_states
from rnnlint.rules.mending import final_states_instead
from rnnlint.rules.readings import alive, completed, past_the_end, place
from rnnlint.rules.rule import Hit, rule
from rnnlint.rules.uses import summaries
from rnnlint.rules.words import use_final_states
from rnnlint.values.uses import Use

CLAIMS = (
    Claim(
        "flagged",
        "the last step of an unpacked output is zeros in every shorter sample",
        "result = output[{at}-1]",
        expected="torch.cat([hidden(-1, way, T - 1) for way in range(D)], -1)",
        wanted="torch.cat([hidden(-1, way, 'final') for way in range(D)], -1)",
        where="packed and N > 1 and T > 1",
    ),
    Claim(
        "advised",
        "h_n[-1] is each sample's own final state",
        "result = h_n[-1]",
        expected="hidden(-1, 0, 'final')",
        where="packed and D == 1",
        reads="(sample == row) & (step < lengths[row])",
    ),
    Claim(
        "advised",
        "h_n[-2] and h_n[-1] are each sample's own final states",
        "result = torch.cat((h_n[-2], h_n[-1]), -1)",
        expected="torch.cat([hidden(-1, way, 'final') for way in range(D)], -1)",
        where="packed and D == 2",
    ),
    Claim(
        "silent",
        "an index of lengths - 1 is each sample's own last step (batch-first)",
        "result = output[torch.arange({N}), lengths - 1]",
        expected="hidden(-1, 0, 'final')",
        where="packed and D == 1 and batch_first",
    ),
    Claim(
        "silent",
        "an index of lengths - 1 is each sample's own last step (time-major)",
        "result = output[lengths - 1, torch.arange({N})]",
        expected="hidden(-1, 0, 'final')",
        where="packed and D == 1 and not batch_first",
    ),
    Claim(
        "silent",
        "one sample is as long as the longest",
        "result = output[{at}-1]",
        expected="hidden(-1, 0, 'final')",
        where="packed and D == 1 and N == 1",
    ),
)


@rule("RNN401", "last-step-of-unpacked", since="0.1", on=True, fix="unsafe", doc=__doc__, claims=CLAIMS)
def last_step_of_unpacked(event: Read) -> Iterator[Hit]:
    if not event.call.packed:
        return
    # indexed by what is not followed: that may be lengths - 1, and then it is right
    if any(used.how is Use.ELSEWHERE and used.site.op in ("index", "gather") for used in event.uses):
        return
    advice = use_final_states(event.call)
    what = "{expr}: pad_packed_sequence has filled the last step of shorter samples"
    brief = "{expr}: the last step of shorter samples is padding"
    for used, picked in summaries(event, _padding_picked):
        for site, block in picked:
            grounds = Grounds(block, final_states(event.call), (Setting.DIRECTIONS,), used)
            repairs = final_states_instead(site, block, event.call)
            yield Hit(site, what, advice, brief, call=event.call, grounds=grounds, repairs=repairs)


def _padding_picked(held: Sequence[Block]) -> list[tuple[Site, Block]]:
    """Where the last step of hidden states was picked that shorter samples do not have, and what that is."""
    found: list[tuple[Site, Block]] = []
    for block in held:
        site = place(block, Role.STEP)  # None where the other steps stand beside the last one in the same tensor
        last = block.kind is Kind.HIDDEN and past_the_end(block) and not alive(block, Role.STEP)
        if site is not None and last and not completed(block, Role.STEP, held):
            found.append((site, block))
    return found
