"""RNN304 cell-state-as-summary

## What it finds
A use of an LSTM's final cell state `c_n` as the summary of the sequence, in a program that uses none of its hidden
states.

## Why it is wrong
The cell state is the memory of the LSTM: it is not bounded, and not yet gated by the output gate. What the LSTM
answers with is the hidden state `h_n`, which the next layer, the next step and `output` all see. A model trained on
`c_n` works, but it throws the output gate of the last step away; most often the pair was unpacked in the wrong order.

## Example
```python
import torch
from torch import nn


class Classifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(8, 20, batch_first=True)
        self.fc = nn.Linear(20, 3)

    def forward(self, x):
        _, (c_n, h_n) = self.lstm(x)
        return self.fc(h_n[-1])


print(Classifier()(torch.randn(4, 7, 8)).shape)
```

## Instead
```python
import torch
from torch import nn


class Classifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(8, 20, batch_first=True)
        self.fc = nn.Linear(20, 3)

    def forward(self, x):
        _, (h_n, c_n) = self.lstm(x)
        return self.fc(h_n[-1])


print(Classifier()(torch.randn(4, 7, 8)).shape)
```

## When it stays silent
- Any hidden state of the same call is used as well, in `h_n` or in `output`, be it in one run of the program only: not
  where that stands in another arm (`if self.attends: ... output ... else: ... c_n ...`).
- The cell state only goes into another RNN, an attribute or a comparison.
- A function of the file hands the cell state back: that is said there, and not again of whoever takes it.
- The pair is taken for a tensor (`state[-1]`), which is RNN302.

## Fix
Unsafe: it changes numbers.
"""

from __future__ import annotations

from collections.abc import Iterator

from rnnlint.axes.states import Kind, Note
from rnnlint.events import Read
from rnnlint.rules.claims import Claim
from rnnlint.rules.grounds import Grounds, Setting, final_states
from rnnlint.rules.readings import place as marked
from rnnlint.rules.rule import Hit, rule
from rnnlint.rules.uses import uses
from rnnlint.rules.words import use_final_states
from rnnlint.values.uses import Use

# not as an initial state or an attribute: there the cell state is where it belongs (fixtures/rules/RNN304/model.py)
_SUMMARY = frozenset({Use.LAYER, Use.PLACES, Use.LOSS, Use.ARITHMETIC, Use.RETURN, Use.RESULT})

CLAIMS = (
    Claim(
        "flagged",
        "c_n is not what the LSTM answers",
        "output, (h_n, c_n) = rnn({input})\nresult = c_n[-1]",
        expected="cell(-1, D - 1)",
        wanted="hidden(-1, D - 1, 'final')",
        where="cell == 'LSTM' and not proj",
    ),
    Claim(
        "advised",
        "h_n[-1] is the last layer's final hidden state",
        "output, (h_n, c_n) = rnn({input})\nresult = h_n[-1]",
        expected="hidden(-1, D - 1, 'final')",
        where="cell == 'LSTM'",
    ),
    Claim(
        "silent",
        "both are used",
        "output, (h_n, c_n) = rnn({input})\nresult = h_n[-1], c_n[-1]",
        expected="hidden(-1, D - 1, 'final'), cell(-1, D - 1)",
        where="cell == 'LSTM'",
    ),
)


@rule("RNN304", "cell-state-as-summary", since="0.1", on=False, fix="unsafe", doc=__doc__, claims=CLAIMS)
def cell_state_as_summary(event: Read) -> Iterator[Hit]:
    rows = uses(event)
    hidden = {place for place, (_, held) in enumerate(rows) if any(block.kind is not Kind.CELL for block in held)}
    if event.misread or len(hidden) == len(rows):
        return
    what, advice = "{expr}: this is the cell state, and no hidden state is used at all", use_final_states(event.call)
    for place, (used, held) in enumerate(rows):
        # what only another arm of the program uses is not used where this is
        alone = place not in hidden and all((place, other) in event.apart for other in hidden)
        if held and alone and used.how in _SUMMARY:
            grounds = Grounds(held[0], final_states(event.call), (Setting.CELL,), used)
            summary = "the summary is the hidden one, {h_n}"
            made = marked(held[0], Note.MADE)
            # what a function of the file hands back is said where it does, not of everybody who takes it
            said = (("RNN304", made),) if made is not None and made.node is not used.site.node else ()
            yield Hit(used.site, what, summary, help=advice, call=event.call, grounds=grounds, unless=said)
            return
