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
- The state is detached (`detach`, `detach_`, `.data`) or made anew on the way.
- Loops that the file does not show: a model that keeps its state in an attribute is only judged where it is trained.
- A state that is carried from step to step inside one round.
- `backward(retain_graph=True)`, which goes through all rounds before: slow, and an optimizer's step in between raises,
  but gradients that are added up first are right.

## Fix
None: where to cut the graph is the author's to say.
"""

from __future__ import annotations

from collections.abc import Iterator

from rnnlint.events import Kept
from rnnlint.rules.rule import Hit, rule


@rule("RNN509", "state-carried-with-graph", since="0.1", on=False, fix="none", doc=__doc__)
def state_carried_with_graph(event: Kept) -> Iterator[Hit]:
    why = "the state still holds the graph that backward() has freed a round before"
    yield Hit(event.site, f"{{expr}}: {why}; pass state.detach()")
