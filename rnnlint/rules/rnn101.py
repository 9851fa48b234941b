"""RNN101 output-equals-state

## What it finds
A reading of `output` that is compared with, asserted equal to, or put in place of a reading of `h_n` or `c_n`,
although the two hold different states: all of `output` against `h_n`, both directions against one, one direction
against the other, hidden states against cell states.

## Why it is wrong
`output` holds the last layer's state after *every* step, `h_n` *every* layer's state after the last step its
direction reads. The two share exactly the last layer's final states: `output` at the last step, forward half, is
`h_n[-2]` and `output` at step 0, backward half, is `h_n[-1]`; with one direction `output` at the last step is
`h_n[-1]`. Anything else is unequal, and where shapes broadcast, torch does not even complain.

## Example
```python
import torch
from torch import nn

gru = nn.GRU(3, 5, num_layers=2, batch_first=True)
output, h_n = gru(torch.randn(4, 7, 3))
print(torch.equal(output, h_n))
```

## Instead
```python
import torch
from torch import nn

gru = nn.GRU(3, 5, num_layers=2, batch_first=True)
output, h_n = gru(torch.randn(4, 7, 3))
print(torch.equal(output[:, -1], h_n[-1]))
```

## When it stays silent
- The two readings hold the same states: `output[:, -1]` and `h_n[-1]` of one direction, or all of `output` and all of
  `h_n` where there is one step, one layer and one direction.
- `output == h_n` place by place, which asks *where* they agree.
- Both sides come from `output`, or both from `h_n`, or the two from different calls.
- A half taken at the wrong end is RNN103.

## Fix
Unsafe: it changes what is compared.
"""

from __future__ import annotations

from collections.abc import Iterator

from rnnlint.axes.reading.meaning import cut
from rnnlint.axes.states import Block, Call, Kind, Role, Somewhere
from rnnlint.events import Compared
from rnnlint.rules.claims import Claim
from rnnlint.rules.grounds import Grounds, Setting
from rnnlint.rules.readings import alive, call_of, directions, final, from_state, parts_of, span, wrong_end
from rnnlint.rules.repairs import Operands, Repair
from rnnlint.rules.rule import Hit, rule
from rnnlint.rules.template import Template
from rnnlint.rules.words import DIRECTIONS, LARGEST_WRITTEN, final_state, reading
from rnnlint.values.domain import Recurrent

CLAIMS = (
    Claim(
        "flagged",
        "output and h_n are not equal: every step of the last layer, and the final states of every layer",
        "result = torch.equal(output, h_n)",
        expected="False",
        wanted="True",
        where="T > 1 or L > 1",
    ),
    Claim(
        "flagged",
        "both directions at the last step are not equal to the final state of one",
        "result = torch.equal(output[{at}-1], h_n[-1])",
        expected="False",
        wanted="True",
        where="D == 2 and not packed",
    ),
    Claim(
        "flagged",
        "the forward half at the last step is not h_n[-1], which is a backward state",
        "result = torch.equal(output[{at}-1, ..., :{H}], h_n[-1])",
        expected="False",
        wanted="True",
        where="D == 2 and not packed",
    ),
    Claim(
        "flagged",
        "output is not made of cell states",
        "result = torch.equal(output[{at}-1], c_n[-1])",
        expected="False",
        wanted="True",
        where="cell == 'LSTM' and D == 1 and not packed",
    ),
    Claim(
        "advised",
        "with one direction output at the last step is h_n[-1]",
        "result = torch.equal(output[{at}-1], h_n[-1])",
        expected="True",
        where="D == 1 and not packed",
    ),
    Claim(
        "advised",
        "the forward half at the last step is h_n[-2], and the backward half at step 0 is h_n[-1]",
        "forward = torch.equal(output[{at}-1, ..., :{H}], h_n[-2])\n"
        "backward = torch.equal(output[{at}0, ..., {H}:], h_n[-1])\n"
        "result = forward, backward",
        expected="True, True",
        where="D == 2 and not packed",
    ),
    Claim(
        "silent",
        "output is h_n where there is one step, one layer and one direction",
        "result = torch.equal(output, h_n)",
        expected="True",
        where="T == L == D == 1 and not (batched and batch_first)",
    ),
)


EVERY_STEP = Template("{expr}: output holds every step, h_n the final states", "{advice}")
OF_CELLS = Template("{expr}: output is made of hidden states, c_n of cell states", "{advice}")
ONE_DIRECTION = Template("{expr}: one side holds both directions, the other only one", "{advice}")
OTHER_DIRECTION = Template("{expr}: this compares {sides}", "{h_n}[-1] is {last}", help="compare {last} with {h_n}[-1]")
OTHER_LAYER = Template("{expr}: output holds the last layer only", "{advice}")
OTHER_STEP = Template("{expr}: the two are states after different steps", "{advice}")


@rule("RNN101", "output-equals-state", since="0.1", on=True, fix="unsafe", doc=__doc__, claims=CLAIMS)
def output_equals_state(event: Compared) -> Iterator[Hit]:
    left, right = parts_of(event.left), parts_of(event.right)
    calls = {call_of(block) for block in (*left, *right)}
    # one call on both sides, since only there it is certain that they differ; where a half is at its wrong end, RNN103
    # says so
    if len(calls) != 1 or not left or not right or wrong_end(left) or wrong_end(right):
        return
    if cut(event.left) or cut(event.right):
        return
    call = calls.pop()
    apart = all(map(from_state, left)) != all(map(from_state, right))
    all_steps = any(alive(block, Role.STEP) for block in (*left, *right))
    states = held(left), held(right)
    known = None not in states[0] | states[1]
    if apart and known and states[0].isdisjoint(states[1]) and (event.whole or not all_steps):
        why, settings = _why(left, right, call, dict(event.modules).get(call))
        grounds = Grounds((event.left, event.right), "the same states on both sides", settings)
        repairs = _repairs(event, left, right, call)
        yield why.at(event.site, call, grounds=grounds, repairs=repairs)


def _repairs(event: Compared, left: list[Block], right: list[Block], call: Call) -> tuple[Repair, ...]:
    """To compare the output's last step with the final state that it is, of the forward direction."""
    output, state = reading(call, dict(event.modules).get(call), "-1", _forward(call)), final_state(call, 0)
    # of each side it must be seen which it is, and a width that the file leaves open cannot be written
    if call.directions == 2 and call.units > LARGEST_WRITTEN:
        return ()
    if {block.kind for block in (*left, *right)} != {Kind.HIDDEN} or call.packed:
        return ()
    both = (state, output) if all(map(from_state, left)) else (output, state)
    return (Repair((Operands(event.site, *both),), call),)


def _forward(call: Call) -> int | None:
    # of two directions output's last step is final only in the forward half; of one there is no half to name
    return 0 if call.directions == 2 else None


def held(parts: list[Block]) -> frozenset[object]:
    """The states of each direction by kind, layers and step, final ones under one name; None for what is not known."""
    found: set[object] = set()
    whole = frozenset(direction for block in parts for direction in directions(block))
    for block in parts:
        steps = span(block, Role.STEP)
        # of one sample of a packed batch any step may be its last
        own = call_of(block).packed and isinstance(steps, tuple) and not alive(block, Role.SAMPLE)
        if steps is Somewhere.ANYWHERE or isinstance(span(block, Role.LAYER), Somewhere) or own:
            found.add(None)
        for direction in directions(block):
            # output[:, -1] and h_n[-1] hold one state under two names: the end of a direction
            end = "end" if not alive(block, Role.STEP) and final(block, direction) else steps
            found.add((block.kind, span(block, Role.LAYER), whole, direction, end))
    return frozenset(found)


def _why(
    left: list[Block], right: list[Block], call: Call, module: Recurrent | None
) -> tuple[Template, tuple[Setting, ...]]:
    """What is wrong, and the settings of the module that make it so."""
    advice = f"compare {reading(call, module, '-1', _forward(call))} with {final_state(call, 0)}"
    ways = [frozenset(direction for block in side for direction in directions(block)) for side in (left, right)]
    if any(alive(block, Role.STEP) for block in (*left, *right)):
        return EVERY_STEP.filled(advice=advice), (Setting.LAYOUT, Setting.LAYERS)
    if Kind.CELL in {block.kind for block in (*left, *right)}:
        return OF_CELLS.filled(advice=advice), (Setting.CELL,)
    if len(ways[0]) != len(ways[1]):
        return ONE_DIRECTION.filled(advice=advice), (Setting.DIRECTIONS,)
    if ways[0] != ways[1]:
        sides = " and ".join(f"a {DIRECTIONS[min(way)]} state" for way in ways)
        last = reading(call, module, "0", 1)
        return OTHER_DIRECTION.filled(sides=sides, last=last), (Setting.DIRECTIONS, Setting.LAYOUT)
    if [span(block, Role.LAYER) for block in left] != [span(block, Role.LAYER) for block in right]:
        return OTHER_LAYER.filled(advice=advice), (Setting.LAYERS,)
    return OTHER_STEP.filled(advice=advice), (Setting.LAYOUT,)
