"""RNN508 detach-discarded

## What it finds
`h.detach()` as a statement of its own, on a state, an output, or any other tensor.

## Why it is wrong
`detach` returns a new tensor and leaves its receiver as it was: the graph stays attached. A state carried to the next
batch still reaches back into the last one, where torch raises ("Trying to backward through the graph a second time")
or, with `retain_graph=True`, the graph grows with every batch.

## Example
```python
import torch
from torch import nn

gru = nn.GRU(3, 5)
state = torch.zeros(1, 4, 5)
for batch in torch.randn(2, 7, 4, 3):
    output, state = gru(batch, state)
    output.mean().backward()
    state.detach()
```
torch raises `RuntimeError`.

## Instead
```python
import torch
from torch import nn

gru = nn.GRU(3, 5)
state = torch.zeros(1, 4, 5)
for batch in torch.randn(2, 7, 4, 3):
    output, state = gru(batch, state)
    output.mean().backward()
    state = state.detach()
```

## When it stays silent
- `h.detach_()`, which works in place.
- The result is used in any way.
- What is detached is not known to be a tensor: objects of other kinds have a `detach` of their own.

## Fix
Safe: `h = h.detach()` does what is written, and no number changes in the forward pass.
"""

from __future__ import annotations

from collections.abc import Iterator

from rnnlint.events import Discarded
from rnnlint.rules.claims import Claim
from rnnlint.rules.grounds import Grounds
from rnnlint.rules.repairs import Instead, Repair
from rnnlint.rules.rule import Hit, rule
from rnnlint.values.domain import Called, Formless, Free, Lit, Tensor, Value
from rnnlint.values.walk import options

CLAIMS = (
    Claim(
        "flagged",
        "detach leaves its receiver as it was",
        "attached = h_n.requires_grad\nh_n.detach()\nresult = h_n.requires_grad == attached",
        expected="True",
        wanted="False",
    ),
    Claim(
        "advised",
        "what detach returns is without the graph",
        "h_n = h_n.detach()\nresult = h_n.requires_grad",
        expected="False",
    ),
    Claim(
        "advised",
        "what detach returns holds the same states",
        "result = h_n.detach()",
        expected="h_n",
    ),
    Claim(
        "silent",
        "detach_ works in place",
        "state = h_n.clone()\nstate.detach_()\nresult = state.requires_grad",
        expected="False",
    ),
)


@rule("RNN508", "detach-discarded", since="0.1", on=True, fix="safe", doc=__doc__, claims=CLAIMS)
def detach_discarded(event: Discarded) -> Iterator[Hit]:
    # its twin detach_ works in place, and may stand alone
    if event.method == "detach" and _is_tensor(event.subject):
        why = "detach() returns a new tensor, and nothing keeps it"
        yield Hit(
            event.site,
            f"{{expr}}: {why}",
            "write detach_(), or keep what detach() returns",
            grounds=Grounds(event.subject, "the same, without its graph"),
            repairs=(Repair((Instead(event.site, "{receiver} = {expr}"),), safe=True, title=_KEPT),),
        )


_KEPT = "keep what detach() returns"


def _is_tensor(value: Value) -> bool:
    some = [option for option in options(value) if option != Lit(None)]
    return bool(some) and all(isinstance(option, Tensor) or _is_formless(option) for option in some)


def _is_formless(value: Value) -> bool:
    """Whether a value is a tensor of whatever rank: what another file's call gives, and is only moved
    (``Memory(3).to(device)``), may be a module with a ``detach`` of its own."""
    match value:
        case Formless(Free(owner=Called()), change=0, width=None):
            return False
    return isinstance(value, Formless)
