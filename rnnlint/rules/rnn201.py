"""RNN201 sample-axis-read-as-step

## What it finds
`output[-1]` of a batch-first RNN, `output[:, -1]` of a time-major one: the last *sample*, at every step. Likewise
`lengths - 1` along the axis of the samples, in a `gather` or beside `arange`.

## Why it is wrong
`output` is `(N, T, D*H)` with `batch_first=True` and `(T, N, D*H)` without. An index meant for the last step then picks
one sample of the batch; all the others are thrown away, and the steps are taken for samples.

## Example
```python
import torch
from torch import nn


class Classifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.gru = nn.GRU(8, 20, batch_first=True)
        self.fc = nn.Linear(20, 3)

    def forward(self, x):
        output, _ = self.gru(x)
        return self.fc(output[-1])


print(Classifier()(torch.randn(4, 7, 8)).shape)
```

## Instead
```python
import torch
from torch import nn


class Classifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.gru = nn.GRU(8, 20, batch_first=True)
        self.fc = nn.Linear(20, 3)

    def forward(self, x):
        output, _ = self.gru(x)
        return self.fc(output[:, -1])


print(Classifier()(torch.randn(4, 7, 8)).shape)
```

## When it stays silent
- Another index than -1: samples are picked on purpose (`output[mask]`, `output[0]`).
- The step has been picked or pooled before, or is picked as well: one sample of a summary.
- Layout by intent: `x.permute(1, 0, 2)` first and `output[-1]` after; `output.transpose(0, 1)` first and `[:, -1]`
  after.
- An input that the program itself shows to be in the other layout: that is RNN204.
- A batch of one sample, unbatched input, and a Python list of outputs.
- A loop along the samples (`for i in range(output.size(0))`), `unbind`: they go through them one by one.
- A tensor in whose other parts the other samples stand: a batch in another order (`cat((out[-1:], out[:-1]))`), the
  outputs of a step loop viewed as rows for a loss (`cat(outs, 1).view(-1, V)`).

## Fix
Unsafe: it changes numbers. With `batch_first=True` the index is at fault. Without it the module may be: the one is made
of the two that fits what else the file shows, and neither where both do.
"""

from __future__ import annotations

from collections.abc import Iterator

from rnnlint.axes.reading.meaning import reach
from rnnlint.axes.states import Block, Role, Somewhere
from rnnlint.events import Read, Site
from rnnlint.rules.claims import Claim
from rnnlint.rules.grounds import Grounds, Setting, final_states, output_at
from rnnlint.rules.mending import or_first
from rnnlint.rules.readings import bears, call_of, from_state, place, span
from rnnlint.rules.repairs import Items, Repair, Written
from rnnlint.rules.rule import Hit, rule
from rnnlint.rules.uses import sample_picks
from rnnlint.rules.words import a_cell, final_states_text, reading, use_final_states
from rnnlint.values.domain import Recurrent

CLAIMS = (
    Claim(
        "flagged",
        "output[-1] of a batch-first RNN is the last sample, at every step",
        "result = output[-1]",
        expected="torch.cat([hidden(-1, way, 'every')[:, -1] for way in range(D)], -1)",
        wanted="torch.cat([hidden(-1, way, T - 1) for way in range(D)], -1)",
        where="batched and batch_first and N > 1",
    ),
    Claim(
        "flagged",
        "output[:, -1] of a time-major RNN is the last sample, at every step",
        "result = output[:, -1]",
        expected="torch.cat([hidden(-1, way, 'every')[:, -1] for way in range(D)], -1)",
        wanted="torch.cat([hidden(-1, way, T - 1) for way in range(D)], -1)",
        where="batched and not batch_first and N > 1",
    ),
    Claim(
        "advised",
        "output[:, -1] of a batch-first RNN, and output[-1] of another, is the last step of every sample",
        "result = output[{at}-1]",
        expected="torch.cat([hidden(-1, way, T - 1) for way in range(D)], -1)",
        where="batched",
    ),
    Claim(
        "silent",
        "of an unbatched output [-1] is the last step",
        "result = output[-1]",
        expected="torch.cat([hidden(-1, way, T - 1) for way in range(D)], -1)",
        where="not batched",
    ),
    Claim(
        "silent",
        "a time-major output that is transposed first has the steps second",
        "result = output.transpose(0, 1)[:, -1]",
        expected="torch.cat([hidden(-1, way, T - 1) for way in range(D)], -1)",
        where="batched and not batch_first",
    ),
)


@rule("RNN201", "sample-axis-read-as-step", since="0.1", on=True, fix="unsafe", doc=__doc__, claims=CLAIMS)
def sample_axis_read_as_step(event: Read) -> Iterator[Hit]:
    call, module = event.call, event.module
    for used, block, _ in sample_picks(event, _picked):
        if call in used.misfed:
            continue
        site = place(block, Role.SAMPLE)
        by_length = _by_length(block, site)
        layout = f"{a_cell(module)} with{'' if module.batch_first else 'out'} batch_first"
        why = f"samples picked by lengths - 1, in {layout}" if by_length else f"the last sample of {layout}"
        # whoever reads the second axis for the steps has an input with samples first, or takes it for one; of two
        # directions the last step would still be wrong (RNN102)
        or_first = "" if module.batch_first or call.directions == 2 else " (or set batch_first=True)"
        advice = _instead(block, site, module, by_length) + or_first
        ways = (Setting.DIRECTIONS,) if call.directions == 2 else ()
        grounds = Grounds(block, _wanted(block, by_length), (Setting.LAYOUT, *ways), used)
        causes = (("RNN204", event.site),)
        repairs = () if by_length or site is None else _repairs(block, site, module)
        yield Hit(
            site or used.site, f"{{expr}}: {why}", advice, call=call, unless=causes, grounds=grounds, repairs=repairs
        )


def _wanted(block: Block, by_length: bool) -> Block | str:
    """The reading that was meant, as far as it can be known."""
    call = call_of(block)
    if by_length:
        return output_at(call, Somewhere.LAST_VALID)
    if _both_ends(block) or _last_ones_joined(block):
        return "steps, not samples"
    return final_states(call) if call.directions == 2 else output_at(call, call.steps - 1)


def _instead(block: Block, site: Site | None, module: Recurrent, by_length: bool) -> str:
    """What reads the steps in place of the samples that were picked."""
    call, axis = call_of(block), int(module.batch_first)
    if by_length:
        return f"use lengths - 1 along axis {axis}"
    if _last_ones_joined(block):
        return f"take the steps, along axis {axis}"
    if _both_ends(block):
        return f"{{use:output}} torch.cat(({reading(call, module, '0')}, {reading(call, module, '-1')}), -1)"
    # what iterates, or picks by a method, is to do so along the steps
    if site is None or site.op not in ("index", "item"):
        return f"take the steps, along axis {axis}"
    if call.directions == 2:  # at the last step the backward direction has read just that one
        return use_final_states(call)
    # a slice keeps its axis, and what follows counts on it
    kept = len(site.bounds) > 1 - axis and len(site.bounds[1 - axis]) == 3
    return f"{{use:output}} {reading(call, module, '-1:' if kept else '-1')}"


def _repairs(block: Block, site: Site, module: Recurrent) -> tuple[Repair, ...]:
    """To read the last step of every sample, in the place of one sample's steps.

    Of an index alone: a slice keeps its axis, of which what follows may count on the extent.  Of two directions the
    last step would still be wrong.
    """
    call = call_of(block)
    if _both_ends(block) or _last_ones_joined(block) or site.op != "index":
        return ()
    # an item that takes everything has no numbers; the last sample is picked by one
    single = [place for place, item in enumerate(site.bounds) if len(item) == 1]
    others = [one for item in site.bounds if len(item) != 1 for one in item]
    if len(single) != 1 or single[0] > 1 or any(one is not None for one in others):
        return ()
    # the last by another number: the samples stand in another order, and still would
    (number,) = site.bounds[single[0]]
    if number is None or number.value not in (-1, (call.samples or 1) - 1):
        return ()
    if call.directions == 2:
        written = Written(site, final_states_text(call))
        return or_first(Repair((written,), call), module, written)
    return or_first(Repair((Items(site, "-1" if single[0] else ":, -1"),)), module)


def _picked(block: Block) -> bool:
    """Whether samples were picked of an output with all its steps: the last, both ends, or at ``lengths - 1``."""
    site = place(block, Role.SAMPLE)
    if site is None and not _both_ends(block):
        return False
    steps_whole = not bears(block, Role.STEP) and not from_state(block)
    return steps_whole and (last_sample(block) or _by_length(block, site))


def _by_length(block: Block, site: Site | None) -> bool:
    """Whether samples are picked at ``lengths - 1``: by a gather, or by two indices of which one takes every step."""
    # two indices of one number each, x[lengths - 1, arange(N)]; gather picks the same by its index
    # (fixtures/rules/RNN201/gathered.py)
    if site is None:
        return False
    pair = site.op == "index" and [len(item) for item in site.bounds] == [1, 1]
    return span(block, Role.SAMPLE) is Somewhere.LAST_VALID and (site.op == "gather" or pair)


def last_sample(block: Block) -> bool:
    """Whether one sample is left of a batch, the last, or the last beside others that were picked."""
    count = call_of(block).samples or 1
    last = span(block, Role.SAMPLE) == (count - 1, count - 1)
    return count > 1 and (last or _both_ends(block) or _last_ones_joined(block))


def _both_ends(block: Block) -> bool:
    """Whether just the first and the last sample of a batch are left, where the ends of the sequence were meant."""
    count = call_of(block).samples or 1
    # most blocks hold more of them in one stretch: that is seen without counting (3, since 2 may be just these two)
    for axis in block.axes:
        for factor in axis:
            if factor.along is Role.SAMPLE and factor.extent >= 3:
                return False
    # of two samples, the first and the last are the whole batch; 2 is how many ends there are
    return count > 2 and span(block, Role.SAMPLE) == (0, count - 1) and reach(block)[Role.SAMPLE] == 2


def _last_ones_joined(block: Block) -> bool:
    """Whether the last samples of a batch stand side by side as features, where layers or directions were meant."""
    count, reached = call_of(block).samples or 1, span(block, Role.SAMPLE)
    if isinstance(reached, Somewhere) or reached[0] == 0 or reached[1] != count - 1:
        return False
    return any({Role.SAMPLE, Role.UNIT} <= {factor.along for factor in axis} for axis in block.axes)
