"""RNN505 random-initial-state

## What it finds
An initial state that is drawn at random whenever the model runs: `torch.randn`, `torch.rand`, `torch.normal`, samples
of a `torch.distributions.Normal` of constants, `h.normal_()` or `nn.init.*_` on new memory, handed to an RNN or a cell,
also in place of a state that the model was given. One finding an initial state, at the first tensor of it that is
noise.

## Why it is wrong
The state is drawn at evaluation as well, so two runs on the same input give different results. Nothing is learned
from the noise either: it is another one at every call. Zeros, which torch uses when no state is passed, or a learned
start are what is wanted.

## Example
```python
import torch
from torch import nn


class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(8, 20, num_layers=2, batch_first=True)

    def forward(self, x):
        h_0 = torch.randn(2, x.size(0), 20)
        c_0 = torch.randn(2, x.size(0), 20)
        output, _ = self.lstm(x, (h_0, c_0))
        return output[:, -1]


print(Encoder()(torch.randn(4, 7, 8)).shape)
```

## Instead
```python
import torch
from torch import nn


class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(8, 20, num_layers=2, batch_first=True)

    def forward(self, x):
        output, _ = self.lstm(x)
        return output[:, -1]


print(Encoder()(torch.randn(4, 7, 8)).shape)
```

## When it stays silent
- The start is learned (`nn.Parameter(torch.randn(...))`, but not one made in `forward`, which no optimiser has) or a
  registered buffer, which is saved with the model.
- The noise has gone through a layer or was added to something: a generator that starts from a random code. So it is
  where a distribution's parameters are made of the input (`Normal(self.mean(x), 1.0).rsample()`).
- The program itself chooses between noise and zeros (`if self.training`, an option).
- Noise that is drawn outside a module: scripts, training loops and tests that try a module on random tensors.

## Fix
Unsafe: it changes numbers.
"""

from __future__ import annotations

from collections.abc import Iterator

from rnnlint.axes.states import Call, States, blocks
from rnnlint.events import Handed, Site
from rnnlint.rules.claims import Claim
from rnnlint.rules.grounds import Beside, Grounds
from rnnlint.rules.handed import arrangements, memory_of, slots
from rnnlint.rules.repairs import ZEROS, Called, Repair
from rnnlint.rules.rule import Hit, rule
from rnnlint.values.origins import Fresh, Memory

# memory that somebody has asked for as it is: beside it, noise is one of two choices, as in training and evaluation
# (fixtures/rules/RNN505/model.py)
_CHOSEN = frozenset({Memory.CONSTANT, Memory.RAW, Memory.LEARNED, Memory.KEPT})

_DRAWN = """class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn = rnn

    def forward(self, x):
        return self.rnn(x, %s)[1]


model = Model().eval()
result = torch.equal(model(x), model(x))"""

# A relu can end in zeros whatever it starts from.
CLAIMS = (
    Claim(
        "flagged",
        "with a state that is drawn, two evaluations of one input differ",
        _DRAWN % "torch.randn({L} * {D}, {N}, {H})",
        expected="False",
        wanted="True",
        where="cell != 'LSTM' and batched and not packed and nonlinearity != 'relu'",
    ),
    Claim(
        "advised",
        "without a state, they are the same",
        _DRAWN % "None",
        expected="True",
        where="cell != 'LSTM' and batched and not packed",
    ),
    Claim(
        "silent",
        "with zeros as well",
        _DRAWN % "torch.zeros({L} * {D}, {N}, {H})",
        expected="True",
        where="cell != 'LSTM' and batched and not packed",
    ),
)


@rule("RNN505", "random-initial-state", since="0.1", on=True, fix="unsafe", doc=__doc__, claims=CLAIMS)
def random_initial_state(event: Handed) -> Iterator[Hit]:
    if not any(memory is Memory.NOISE for _, memory in event.memory):
        return
    what, advice = "{expr}: the initial state is noise, at evaluation too", "pass no state (zeros) or an nn.Parameter"
    every = slots(event)
    for values in every:
        tensors = arrangements(values)
        noise = [states for states in tensors if _noise(event, states)]
        if noise and not any(memory_of(event, states) & _CHOSEN for states in tensors):
            places = (Beside(event.site, f"the nn.{event.module.cell} starts from it here"),)
            grounds = Grounds("random numbers", "zeros, or a parameter", module=event.module, places=places)
            site = _drawn(event, noise[0])
            drawn = [_drawn(event, one) for each in every for one in arrangements(each) if _noise(event, one)]
            changes = tuple(Called(one, ZEROS) for one in dict.fromkeys(drawn) if one is not None)
            repairs = (Repair(changes, title="start from zeros"),) if changes else ()
            yield Hit(site or event.site, what, advice, grounds=grounds, repairs=repairs)
            return


def _noise(event: Handed, states: States) -> bool:
    """Whether a tensor is noise and nothing else, drawn while a module runs."""
    return memory_of(event, states) == {Memory.NOISE} and all(
        not block.reduced and isinstance(block.source.key, Fresh) and block.source.key.in_model
        for block in blocks(states)
        if not isinstance(block.source, Call)
    )


def _drawn(event: Handed, states: States) -> Site | None:
    """Where noise was drawn: where it was written into the memory, if that was made with something else."""
    written = dict(event.written)
    for block in blocks(states):
        key = None if isinstance(block.source, Call) else block.source.key
        if not isinstance(block.source, Call) and block.source in written:
            return written[block.source]
        if isinstance(key, Fresh) and isinstance(key.site, Site):
            return key.site
    return None
