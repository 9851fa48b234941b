"""RNN107 backward-before-forward

## What it finds
`torch.cat((h_n[-1], h_n[-2]), 1)`, the backward state before the forward one, where the other order meets it: the
final states of the same module are joined the other way round elsewhere in the function, or `output` is used too.

## Why it is wrong
`output` has the forward half first, and so has `h_n` (entry -2 is forward, -1 is backward). A layer that learns does
not care, as long as it always sees one order; two orders of the same features cannot be compared, added or exchanged.

## Example
```python
import torch
from torch import nn

gru = nn.GRU(3, 5, batch_first=True, bidirectional=True)
fc = nn.Linear(10, 2)
_, one = gru(torch.randn(4, 7, 3))
_, two = gru(torch.randn(4, 6, 3))
first = torch.cat((one[-1], one[-2]), dim=1)
second = torch.cat((two[-2], two[-1]), dim=1)
logits = fc(first), fc(second)
```

## Instead
```python
import torch
from torch import nn

gru = nn.GRU(3, 5, batch_first=True, bidirectional=True)
fc = nn.Linear(10, 2)
_, one = gru(torch.randn(4, 7, 3))
_, two = gru(torch.randn(4, 6, 3))
first = torch.cat((one[-2], one[-1]), dim=1)
second = torch.cat((two[-2], two[-1]), dim=1)
logits = fc(first), fc(second)
```

## When it stays silent
- One order throughout a function, whichever it is; another module with another order.
- `output` beside it, where the states reach nothing but layers of their own, and gates that these have made.

Off by default: most programs that have it never exchange the two.

## Fix
Unsafe: it changes what a trained layer is given.
"""

from __future__ import annotations

from collections.abc import Iterator

from rnnlint.axes.reading.meaning import backward_first, forward_first
from rnnlint.axes.states import Block, Note
from rnnlint.events import Ended, Read, Used
from rnnlint.rules.claims import Claim
from rnnlint.rules.grounds import Beside, Grounds, Setting, final_states
from rnnlint.rules.mending import final_states_instead
from rnnlint.rules.readings import call_of, from_state, parts_of, place
from rnnlint.rules.rule import Hit, rule
from rnnlint.rules.uses import blends, judged, noted
from rnnlint.rules.words import use_final_states
from rnnlint.values.uses import Use

CLAIMS = (
    Claim(
        "flagged",
        "h_n[-1] before h_n[-2] is the backward state before the forward one, the other way round than the second",
        "result = torch.cat((h_n[-1], h_n[-2]), dim=-1), torch.cat((h_n[-2], h_n[-1]), dim=-1)",
        expected="tuple(torch.cat([hidden(-1, way, 'final') for way in ways], -1) for ways in ((1, 0), (0, 1)))",
        wanted="tuple(torch.cat([hidden(-1, way, 'final') for way in (0, 1)], -1) for _ in range(2))",
        where="D == 2",
    ),
    Claim(
        "advised",
        "h_n[-2] before h_n[-1] is the forward state before the backward one, as output has its halves",
        "result = torch.cat((h_n[-2], h_n[-1]), dim=-1), output",
        expected="torch.cat((hidden(-1, 0, 'final'), hidden(-1, 1, 'final')), -1), output",
        where="D == 2",
    ),
    Claim(
        "silent",
        "one order, with nothing beside it",
        "result = torch.cat((h_n[-1], h_n[-2]), dim=-1)",
        expected="torch.cat((hidden(-1, 1, 'final'), hidden(-1, 0, 'final')), -1)",
        where="D == 2",
    ),
)


@rule("RNN107", "backward-before-forward", since="0.1", on=False, fix="unsafe", doc=__doc__, claims=CLAIMS)
def backward_before_forward(event: Ended) -> Iterator[Hit]:
    if not any(Note.BACKWARD_FIRST in noted(read) for read in event.reads):
        return
    # by the module and not by the call: the order of features is learned by what reads them, of all calls together
    for site in {read.module.site: None for read in event.reads}:
        yield from _of_module([read for read in event.reads if read.module.site == site])


_LAYERS = frozenset({Use.LAYER, Use.PLACES})


def _exchanged(used: Used, straight: list[tuple[Block, Used]]) -> bool:
    """Whether a use may take the other order in place of this one: nobody knows where it goes, or they are combined."""
    if any(forward_first(block) and backward_first(beside) for block, beside in _combined(used)):
        return True
    if used.how is Use.ARITHMETIC:  # a gate that a layer has made, or a mask, has no order
        return any(other.how is Use.ARITHMETIC and other.site == used.site for _, other in straight)
    return used.how not in _LAYERS


def _combined(used: Used) -> Iterator[tuple[Block, Block]]:
    """What is put together element by element in a use, two by two."""
    return ((one, other) for blend in blends(used.states) for one in parts_of(blend) for other in parts_of(blend))


def _of_module(reads: list[Read]) -> Iterator[Hit]:
    turned: list[tuple[Block, Used]] = []
    straight: list[tuple[Block, Used]] = []
    for read in reads:
        for used, held in judged(read):
            turned += [(block, used) for block in held if backward_first(block)]
            straight += [(block, used) for block in held if forward_first(block)]
    states = any(from_state(block) for block, _ in straight)
    for block, used in turned:
        site = place(block, Note.BACKWARD_FIRST)
        if site is not None and straight and (states or _exchanged(used, straight)):
            call = call_of(block)
            why = "the backward features come first here, and last elsewhere"
            other = Beside(straight[0][1].site, "the forward features come first here")
            wanted = final_states(call, block.kind)
            grounds = Grounds(block, wanted, (Setting.DIRECTIONS,), used, places=(other,))
            advice, repairs = use_final_states(call, block.kind), final_states_instead(site, block, call, block.kind)
            yield Hit(site, f"{{expr}}: {why}", advice, call=call, grounds=grounds, repairs=repairs)
