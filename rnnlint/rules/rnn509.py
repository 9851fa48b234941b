"""RNN509 state-carried-with-graph

## What it finds
A loop that computes gradients (`loss.backward()`) and hands an RNN or a cell the state it returned in the round before,
by a name or by an attribute of the model, without `detach`.

## Why it is wrong
The state still holds the graph of the round before, and `backward` frees that graph. The second round raises "Trying to
backward through the graph a second time".

## Example
```python
import torch
from torch import nn

gru = nn.GRU(3, 5)
state = torch.zeros(1, 4, 5)
for batch in torch.randn(2, 7, 4, 3):
    output, state = gru(batch, state)
    output.mean().backward()
```
torch raises `RuntimeError`.

## Instead
```python
import torch
from torch import nn

gru = nn.GRU(3, 5)
state = torch.zeros(1, 4, 5)
for batch in torch.randn(2, 7, 4, 3):
    output, state = gru(batch, state.detach())
    output.mean().backward()
```

## When it stays silent
- The state is detached (`detach`, `detach_`, `.data`) or made anew on the way, or computed under `torch.no_grad()`.
- Loops that the file does not show: a model that keeps its state in an attribute is only judged where it is trained.
- A state that is carried from step to step inside one round.
- A function that the loop calls and that both runs the model and computes the gradients: they are those of its own
  calls, not of an agent that acts beside it.
- `backward(retain_graph=True)`, which goes through all rounds before: slow, and an optimizer's step in between raises,
  but gradients that are added up first are right.

## Fix
Safe, where the loop gives the state its name and computes gradients itself: a second round could not run before.
"""

from __future__ import annotations

from collections.abc import Iterator

from rnnlint.cells import has_cell_state
from rnnlint.events import Kept
from rnnlint.rules.claims import Claim
from rnnlint.rules.grounds import Beside, Grounds
from rnnlint.rules.repairs import Detached, Given, Repair
from rnnlint.rules.rule import Hit, rule
from rnnlint.torch_api.signatures import CALLED

CLAIMS = (
    Claim(
        "flagged",
        "the state of the round before holds a graph that backward has freed",
        "again, state = x.clone(), None\n"
        "for _ in range(2):\n"
        "    out, state = rnn(again, state)\n"
        "    out.sum().backward()\n"
        "result = out",
        raises=("RuntimeError", "backward through the graph a second time"),
        where="not packed",
    ),
    Claim(
        "advised",
        "a detached state is carried without the graph, with the same numbers",
        "again, state = x.detach().clone(), None\n"
        "for _ in range(2):\n"
        "    out, state = rnn(again, state)\n"
        "    out.sum().backward()\n"
        "    state = state.detach()\n"
        "result = torch.allclose(out, rnn(x, rnn(x)[1])[0])",
        expected="True",
        where="not packed and cell != 'LSTM'",
    ),
    Claim(
        "advised",
        "both parts of an LSTM's state are detached one by one",
        "again, state = x.detach().clone(), None\n"
        "for _ in range(2):\n"
        "    out, state = rnn(again, state)\n"
        "    out.sum().backward()\n"
        "    state = tuple(part.detach() for part in state)\n"
        "result = torch.allclose(out, rnn(x, rnn(x)[1])[0])",
        expected="True",
        where="not packed and cell == 'LSTM'",
    ),
    Claim(
        "silent",
        "where no gradients are computed in between, nothing is freed",
        "state = None\nfor _ in range(2):\n    out, state = rnn(x, state)\nresult = out",
        expected="rnn(x, rnn(x)[1])[0]",
        where="not packed",
    ),
)


@rule("RNN509", "state-carried-with-graph", since="0.1", on=False, fix="safe", doc=__doc__, claims=CLAIMS)
def state_carried_with_graph(event: Kept) -> Iterator[Hit]:
    why = "the state still holds the graph that backward() has freed a round before"
    pair = has_cell_state(event.module.cell)
    instead = "pass (h.detach(), c.detach())" if pair else "pass h.detach()"
    grounds = Grounds(
        "the state with its graph",
        "the state without it",
        module=event.module,
        places=(Beside(event.loop, "backward() is called in this loop"),),
    )
    # for display: in the first round it may be None, which has no detach
    instead_of = "tuple(one.detach() for one in {argument})" if pair else "{argument}.detach()"
    shown = Repair((Given(event.site, "hx", instead_of, CALLED),), certain=False)
    # where only one round is run nothing changes, and a second one could not be
    behind = Detached(event.site, event.loop, pair)
    repairs = (Repair((behind,), safe=True, title="detach the state behind backward()", otherwise=shown),)
    yield Hit(event.site, f"{{expr}}: {why}", instead, grounds=grounds, repairs=repairs)
