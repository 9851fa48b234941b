"""RNN302 pair-read-as-state

## What it finds
The pair `(h_n, c_n)` that an LSTM returns used as if it were the hidden state: `state[-1]`,
`cat((state[-2], state[-1]))`, `state[0] + state[1]`, `state.view(...)`, `fc(state)`.

## Why it is wrong
`output, state = lstm(x)` gives a tuple. `state[-1]` is not the last layer but all of `c_n`, `state[0] + state[1]`
adds the cell state to the hidden state, and methods of tensors do not exist on it.

## Example
```python
import torch
from torch import nn

lstm = nn.LSTM(3, 5, batch_first=True)
fc = nn.Linear(5, 2)
output, state = lstm(torch.randn(4, 7, 3))
logits = fc(state[-1])
```

## Instead
```python
import torch
from torch import nn

lstm = nn.LSTM(3, 5, batch_first=True)
fc = nn.Linear(5, 2)
output, (h_n, c_n) = lstm(torch.randn(4, 7, 3))
logits = fc(h_n[-1])
```

## When it stays silent
- `state[0]` and `state[1]`, which pick `h_n` and `c_n` by their places, and `state[0][-1]`; unpacking.
- The pair given back to an LSTM. `torch.cat(state, dim=-1)`, which puts `h_n` and `c_n` of each layer side by side;
  `torch.stack(state)`, `torch.cat(state)`, unless `[-1]` of it is taken, or the two are pooled.
- `state[-1].permute(1, 0, 2)`: whoever turns three axes knows that it is all of `c_n`.
- `isinstance(state, tuple)` forks, and arms that the cell's kind rules out; a state that is asked first
  (`hasattr(state, "detach")`, `try: state.detach()`, `type(self.rnn) is nn.LSTM`).

## Fix
Unsafe: it changes numbers. None where the pair is detached, copied or moved as a whole: what goes on to another call is
the pair, of which each of the two is asked.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from rnnlint.axes.states import Blended, Kind, Note, States, blocks
from rnnlint.events import Indexed, MadePairRead, PairRead, Used
from rnnlint.rules.claims import Claim
from rnnlint.rules.grounds import Beside, Grounds, Setting
from rnnlint.rules.readings import parts_of, place, written
from rnnlint.rules.repairs import Repair, Second, Written
from rnnlint.rules.rule import Hit, rule
from rnnlint.rules.template import Template
from rnnlint.rules.uses import UNJUDGED

PAIR = "an LSTM's state is the pair (h_n, c_n)"


CLAIMS = (
    Claim(
        "flagged",
        "state[-1] of an LSTM is c_n, not the last layer",
        "output, state = rnn({input})\nresult = state[-1]",
        expected="torch.stack([cell(layer, way) for layer in range(L) for way in range(D)])",
        wanted="hidden(-1, D - 1, 'final')",
        where="cell == 'LSTM'",
    ),
    Claim(
        "flagged",
        "state[0] + state[1] adds the cell states to the hidden states",
        "output, state = rnn({input})\nresult = state[0] + state[1]",
        expected="h_n + c_n",
        wanted="hidden(-1, 0, 'final') + hidden(-1, D - 1, 'final')",
        where="cell == 'LSTM' and not proj",
    ),
    Claim(
        "flagged",
        "the pair has no methods of a tensor",
        "output, state = rnn({input})\nresult = state.view({L} * {D}, -1)",
        raises=("AttributeError", "'tuple' object has no attribute 'view'"),
        where="cell == 'LSTM'",
    ),
    Claim(
        "advised",
        "unpacked, h_n[-1] is the last row of the hidden states",
        "output, (h_n, c_n) = rnn({input})\nresult = h_n[-1]",
        expected="hidden(-1, D - 1, 'final')",
        where="cell == 'LSTM'",
    ),
    Claim(
        "silent",
        "state[0] and state[1] are h_n and c_n",
        "output, state = rnn({input})\nresult = state[0], state[1]",
        expected="h_n, c_n",
        where="cell == 'LSTM'",
    ),
    Claim(
        "silent",
        "the state of a GRU or RNN is one tensor, and [-1] its last row",
        "output, state = rnn({input})\nresult = state[-1]",
        expected="hidden(-1, D - 1, 'final')",
        where="cell != 'LSTM'",
    ),
)


_JOINED = frozenset({"cat", "stack", "hstack", "vstack", "dstack"})
_OF_BOTH = frozenset({"detach", "detach_", "clone", "to", "cpu", "cuda", "contiguous"})
"""What is done with a state that goes on to another call, which takes the pair: h_n alone would be no state there."""


LAST_OF_JOINED = Template(f"{{expr}}: {PAIR}, so [-1] is of c_n", "unpack it and take h_n[-1]")
BLENDED = Template(f"{{expr}}: {PAIR}, so this mixes hidden with cell states", "use h_n")
LAST_OF_PAIR = Template(f"{{expr}}: {PAIR}, so [-1] is c_n and no layer", "unpack it and use h_n[-1]")
NO_SUCH_INDEX = Template(
    f"{{expr}}: {PAIR}, and torch raises on this index",
    "unpack it, then index h_n",
    "{expr}: torch raises on this index of (h_n, c_n)",
    "index h_n",
    raises=True,
)
ADDED = Template(f"{{expr}}: {PAIR}, so this adds hidden to cell states", "unpack it and use h_n")
NO_TENSOR = Template(f"{{expr}}: {PAIR}, so torch raises", "write output, (h_n, c_n) = ...", raises=True)
OF_EACH = Template(f"{{expr}}: {PAIR}, and a tuple has no such method", "ask it of each of the two", raises=True)


@rule("RNN302", "pair-read-as-state", since="0.1", on=True, fix="unsafe", doc=__doc__, claims=CLAIMS)
def pair_read_as_state(event: PairRead | MadePairRead | Indexed | Used) -> Iterator[Hit]:
    match event:
        case Used() if not isinstance(event.states, Blended):  # as most of all events are
            return
        case PairRead():
            yield from _misread(event)
        case MadePairRead():
            places = tuple(Beside(site, "the pair is made of this") for site in event.made)
            yield OF_EACH.at(event.site, grounds=Grounds("a pair of tensors", "each of the two", places=places))
        case Indexed() if event.after is not None and written(event.site, -1):
            # of what stack and cat have made of the pair, too, [-1] is the cell state
            if _kinds(event.before) == {Kind.HIDDEN, Kind.CELL} and _kinds(event.after) == {Kind.CELL}:
                yield LAST_OF_JOINED.at(event.site, grounds=Grounds(event.after, "h_n", (Setting.CELL,)))
        case Used(states=Blended() as mixed) if event.how not in UNJUDGED:
            site = next((site for block in parts_of(mixed) if (site := place(block, Note.PAIRED))), None)
            if site is not None and _kinds(mixed) == {Kind.HIDDEN, Kind.CELL}:
                yield BLENDED.at(site, grounds=Grounds(mixed, "h_n", (Setting.CELL,), event))


def _last(event: PairRead) -> tuple[Repair, ...]:
    """To read the last layer's hidden state: of two directions there are two, and one index picks one of them."""
    return (Repair((Written(event.site, "{h_n}[-1]"),), event.call),) if event.call.directions == 1 else ()


def _grounds(event: PairRead) -> Grounds:
    pair = "(h_n, c_n)"
    return Grounds(pair, "h_n", (Setting.CELL,), module=event.module, call=event.call, result=pair)


def _kinds(states: States) -> set[Kind]:
    """Whether what was joined of a pair are hidden states, cell states or both; empty where anything else is in it."""
    held = list(blocks(states))
    return {block.kind for block in held} if all(place(block, Note.PAIRED) for block in held) else set()


def _misread(event: PairRead) -> Iterator[Hit]:
    match event.op:
        # in this order: who shows to know of the pair is right whatever the index; -1 is the mistake that runs; what
        # torch raises on comes next; 0 and 1 are how one takes it apart (fixtures/rules/RNN302/three_axes.py)
        case "index" if event.meant:
            return
        case "index" if event.index == -1:
            yield LAST_OF_PAIR.at(event.site, event.call, grounds=_grounds(event), repairs=_last(event))
        case "index" if event.result is None:
            yield NO_SUCH_INDEX.at(event.site, grounds=_grounds(event))
        case "index":
            return
        case "arithmetic":
            yield ADDED.at(event.site, grounds=_grounds(event))
        case op if event.result is not None and op in _JOINED:
            return  # torch joins the two: what becomes of it is judged where it is indexed or used
        case op if event.result is None and op in _OF_BOTH:
            yield OF_EACH.at(event.site, event.call, grounds=_grounds(event))
        case _:
            repairs = (Repair((Second(event.call),), safe=event.result is None),)
            said = NO_TENSOR.at(event.site, grounds=_grounds(event), repairs=repairs)
            yield replace(said, raises=event.result is None)
