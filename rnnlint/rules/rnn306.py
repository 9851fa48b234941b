"""RNN306 wrong-kind-of-state

## What it finds
An initial state that is not what the module takes: a pair for a GRU or an RNN, one tensor for an LSTM, everything a
call returns, `(c, h)` in place of `(h, c)`, the hidden state in both places of the pair, an output or the input in
place of a state. Cells likewise.

## Why it is wrong
A GRU's state is one tensor, an LSTM's is the pair (h, c): torch raises on the other kind, in the middle of a run.
Within the pair both tensors have the same shape, so that nothing tells h from c: swapped, the LSTM starts from a
squashed output where its memory belongs, and trains on.

## Example
```python
import torch
from torch import nn


class Translator(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = nn.LSTM(8, 20)
        self.decoder = nn.LSTM(8, 20)

    def forward(self, source, target):
        _, (h_n, c_n) = self.encoder(source)
        output, _ = self.decoder(target, (c_n, h_n))
        return output


print(Translator()(torch.randn(7, 4, 8), torch.randn(5, 4, 8)).shape)
```

## Instead
```python
import torch
from torch import nn


class Translator(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = nn.LSTM(8, 20)
        self.decoder = nn.LSTM(8, 20)

    def forward(self, source, target):
        _, (h_n, c_n) = self.encoder(source)
        output, _ = self.decoder(target, (h_n, c_n))
        return output


print(Translator()(torch.randn(7, 4, 8), torch.randn(5, 4, 8)).shape)
```

## When it stays silent
- The kinds are told apart (`isinstance(state, tuple)`), or the state is an argument of the function,
  or an item or a slice of one (`states[i]`).
- The pair is a list: torch takes it.
- A tensor has gone through a layer of its own: `(fc_h(h_n), fc_c(h_n))`; not one tensor in both places that was made of
  the module's own hidden state: there the cell state is lost all the same.
- An LSTM is handed `(h, h)` of a GRU, which has no cell state to give.
- A single step of an output, which is a state; the input of a single step.
- A module that goes on from its own output, of which nobody says how many steps it has: torch takes one alone.

## Fix
Unsafe: where torch does not raise, it changes numbers.
"""

from __future__ import annotations

from collections.abc import Iterator

from rnnlint.events import Handed
from rnnlint.rules.claims import Claim
from rnnlint.rules.grounds import Grounds, Setting
from rnnlint.rules.handed import SEVERAL, SWAPPED, takes_pair, wrong_kind
from rnnlint.rules.repairs import Given, Repair, Swapped
from rnnlint.rules.rule import Hit, rule
from rnnlint.rules.template import Template
from rnnlint.torch_api.signatures import CALLED

CLAIMS = (
    Claim(
        "flagged",
        "swapped, the LSTM starts from other states",
        "output, (h_n, c_n) = rnn(x)\nresult = rnn(x, (c_n, h_n))[1]",
        expected="rnn(x, (c_n, h_n))[1]",
        wanted="rnn(x, (h_n, c_n))[1]",
        where="cell == 'LSTM' and not proj and not packed",
    ),
    Claim(
        "flagged",
        "with h in both places the cell state is lost",
        "output, (h_n, c_n) = rnn(x)\nresult = rnn(x, (h_n, h_n))[1]",
        expected="rnn(x, (h_n, h_n))[1]",
        wanted="rnn(x, (h_n, c_n))[1]",
        where="cell == 'LSTM' and not proj and not packed",
    ),
    Claim(
        "flagged",
        "a GRU or RNN takes no pair",
        "output, h_n = rnn({input})\nresult = rnn({input}, (h_n, h_n))",
        raises=("AttributeError", "'tuple' object has no attribute"),
        where="cell != 'LSTM'",
    ),
    Claim(
        "flagged",
        "an LSTM takes no single tensor",
        "output, (h_n, c_n) = rnn(x)\nresult = rnn(x, h_n)",
        raises=("RuntimeError|IndexError|TypeError", "hx|out of bounds|invalid combination"),
        where="cell == 'LSTM' and not packed",
    ),
    Claim(
        "advised",
        "(h_n, c_n) is what an LSTM takes",
        "output, (h_n, c_n) = rnn(x)\nresult = rnn(x, (h_n, c_n))[1]",
        expected="rnn(x, (h_n, c_n))[1]",
        where="cell == 'LSTM' and not packed",
    ),
    Claim(
        "silent",
        "the pair can be a list",
        "output, (h_n, c_n) = rnn(x)\nresult = rnn(x, [h_n, c_n])[1]",
        expected="rnn(x, (h_n, c_n))[1]",
        where="cell == 'LSTM' and not packed",
    ),
)


@rule("RNN306", "wrong-kind-of-state", since="0.1", on=True, fix="unsafe", doc=__doc__, claims=CLAIMS)
def wrong_kind_of_state(event: Handed) -> Iterator[Hit]:
    wrong = wrong_kind(event)
    if wrong is not None:
        pair = "(h, c), a pair of tensors"
        wanted = pair if takes_pair(event) else "one tensor"
        grounds = Grounds(event.state, wanted, (Setting.CELL,), module=event.module)
        yield wrong.at(event.site, grounds=grounds, repairs=_repairs(event, wrong))


def _repairs(event: Handed, wrong: Template) -> tuple[Repair, ...]:
    """To hand on the parts of a pair the other way round; of a pair for one tensor, its first."""
    if wrong is SWAPPED:
        return (Repair((Swapped(event.site, "hx", CALLED),)),)
    if wrong.advice == SEVERAL.advice:
        return (Repair((Given(event.site, "hx", "{argument}[0]", CALLED),), safe=True),)
    return ()
