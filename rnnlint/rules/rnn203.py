"""RNN203 reshape-cuts-an-axis

## What it finds
A view, reshape or flatten with a boundary inside the samples, the steps, the layers or the directions, whose result
is used: `h_n.view(N, -1)`, `output.view(T, N, H)` of the other layout, `repeat` and then `view`, a view used as a
transpose (`output.view(N, heads, T, -1)`), also on the way into an RNN.

## Why it is wrong
`view` never moves anything: it counts the numbers in the order they lie in and draws new boundaries. `(L*D, N, H)`
viewed as `(N, L*D*H)` puts states of *different samples* into one row; the shape is right and the content is not. To
move an axis, use `transpose` or `permute`, and merge axes only afterwards.

## Example
```python
import torch
from torch import nn


class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.gru = nn.GRU(8, 20, num_layers=2, batch_first=True)
        self.fc = nn.Linear(40, 3)

    def forward(self, x):
        _, h_n = self.gru(x)
        return self.fc(h_n.view(x.size(0), -1))


print(Encoder()(torch.randn(4, 7, 8)).shape)
```

## Instead
```python
import torch
from torch import nn


class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.gru = nn.GRU(8, 20, num_layers=2, batch_first=True)
        self.fc = nn.Linear(40, 3)

    def forward(self, x):
        _, h_n = self.gru(x)
        return self.fc(h_n.transpose(0, 1).reshape(x.size(0), -1))


print(Encoder()(torch.randn(4, 7, 8)).shape)
```

## When it stays silent
- Whole axes are merged (`h_n.view(L, D, N, H)`, `output.reshape(N * T, -1)` and back, `flatten(1)` after a
  transpose), or units are split (`view(N, T, heads, -1)`).
- Only the steps are cut and every row still belongs to one sample: the frame stacking of pyramidal encoders.
- A merged batch (samples times words) that is taken apart as it was put together, also where what was put together are
  slices of the steps (`cat([output[i::2] for i in range(2)], 1)`, a dilated RNN).
- `h_n.view(N, -1)` with one layer and one direction: nothing is mixed.
- A view that is added to another of the same kind, and viewed back before anything takes the sum.
- Layers taken for directions and nothing else, which is RNN106; an initial state in the wrong order, which is left to
  RNN502.
- A tensor the file gives no meaning to, unless a view on its way into an RNN mixes two of its axes.

## Fix
Unsafe: it changes numbers.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rnnlint.axes.reading.meaning import cut, interleaved
from rnnlint.axes.states import Axis, Block, Factor, Given, Note, Own, Role, Wire, blocks, shape
from rnnlint.events import Compared, Site, Used
from rnnlint.rules.claims import Claim
from rnnlint.rules.grounds import Grounds, Setting
from rnnlint.rules.readings import call_of, from_state, parts_of, place
from rnnlint.rules.repairs import Repair, Written
from rnnlint.rules.rule import Hit, rule
from rnnlint.rules.uses import UNJUDGED, look
from rnnlint.rules.views import mixes_layers, mixes_samples, transposes_steps
from rnnlint.values.domain import Lit, Recurrent
from rnnlint.values.uses import Use

_NAMES = {Role.SAMPLE: "samples", Role.STEP: "steps", Role.LAYER: "layers", Role.DIRECTION: "directions"}


CLAIMS = (
    Claim(
        "flagged",
        "h_n.reshape(N, -1) puts states of different samples into one row",
        "result = h_n.reshape(x.size({samples}), -1)",
        expected="torch.cat([hidden(layer, way, 'final').flatten() for layer in range(L) for way in range(D)])"
        ".reshape(N, -1)",
        wanted="torch.cat([hidden(layer, way, 'final') for layer in range(L) for way in range(D)], -1)",
        where="batched and N > 1 and L * D > 1",
    ),
    Claim(
        "flagged",
        "output viewed in the other layout is not transposed",
        "result = output.reshape(output.size(1), output.size(0), -1)",
        expected="output.reshape(output.size(1), output.size(0), -1)",
        wanted="output.transpose(0, 1)",
        where="batched and N > 1 and T > 1",
    ),
    Claim(
        "advised",
        "transposed first, a row holds the states of all layers of one sample",
        "result = h_n.transpose(0, 1).reshape(x.size({samples}), -1)",
        expected="torch.cat([hidden(layer, way, 'final') for layer in range(L) for way in range(D)], -1)",
        where="batched",
        reads="sample == row",
    ),
    Claim(
        "silent",
        "with one layer and one direction h_n.reshape(N, -1) mixes nothing",
        "result = h_n.reshape(x.size({samples}), -1)",
        expected="hidden(0, 0, 'final')",
        where="batched and L * D == 1",
    ),
    Claim(
        "silent",
        "steps and samples that are merged and split again are as they were",
        "merged = output.reshape(-1, output.size(2))\nresult = merged.reshape(output.size(0), output.size(1), -1)",
        expected="output",
        where="batched",
    ),
)


@rule("RNN203", "reshape-cuts-an-axis", since="0.1", on=True, fix="unsafe", doc=__doc__, claims=CLAIMS)
def reshape_cuts_an_axis(event: Used | Compared) -> Iterator[Hit]:
    if isinstance(event, Compared):
        held: Sequence[Block] = [*parts_of(event.left), *parts_of(event.right)]
    else:
        # of an initial state RNN502 says it, with the shape that is wanted; a sum may be viewed back, so it is judged
        # where something takes that
        later = event.how is Use.INITIAL_STATE or (event.how is Use.ARITHMETIC and event.site.op == "arithmetic")
        held = [] if event.how in UNJUDGED or later else look(event).mixed
    for block in held:
        layers = call_of(block).directions == 1 and mixes_layers(block)
        if layers or mixes_samples(block) or transposes_steps(block):
            # two roles tell the mistake; more would not leave room for what to write
            what = f"this cuts through the {' and '.join(_cut_roles(block)[:2])}, so a row mixes them"
            site, used = place(block, Note.CUT) or event.site, event if isinstance(event, Used) else None
            settings = (Setting.LAYERS, Setting.DIRECTIONS) if from_state(block) else (Setting.LAYOUT,)
            grounds = Grounds(block, _wanted(block), settings, used)
            repairs = _repairs(block, site)
            # what was laid below each other, and is cut for that, is said where it was
            laid = place(block, Note.LAID_BELOW)
            unless = () if laid is None else (("RNN206", laid),)
            advice = "transpose, then reshape"
            yield Hit(site, f"{{expr}}: {what}", advice, grounds=grounds, repairs=repairs, unless=unless)
    if not isinstance(event, Used) or event.how is not Use.INPUT:
        return
    for given in blocks(event.states):
        if isinstance(given.source, Given) and _mixes_own_axes(given) and not _of_other_width(given, event):
            what = "this view mixes two axes, so the RNN reads pieces of both as a sequence"
            grounds = Grounds(given, "each sequence whole", used=event)
            yield Hit(place(given, Note.CUT) or event.site, f"{{expr}}: {what}", _turned(given), grounds=grounds)


def _repairs(block: Block, site: Site) -> tuple[Repair, ...]:
    """To bring the samples to the front before they are laid side by side in rows of their own."""
    rows = shape(block)
    if site.op not in ("view", "reshape") or len(rows) != 2 or rows[0] != call_of(block).samples:
        return ()
    # samples, steps and features: of more axes the layers or directions come first, which another view takes apart
    return (Repair((Written(site, "{receiver}.transpose(0, 1).reshape({arguments})", sizes=3),)),)


def _wanted(block: Block) -> str:
    cut_roles = _cut_roles(block)
    return "each sample in a row of its own" if "samples" in cut_roles else f"whole {' and '.join(cut_roles)}"


def _turned(block: Block) -> str:
    """What gives an input the axes that a view only has the sizes of: the first two of them, then all others in one."""
    own, wanted = block.source.shape if isinstance(block.source, Given) else (), shape(block)
    vague = "transpose instead" if len(own) <= 3 else "permute the axes first, then reshape"
    found = [[place for place, size in enumerate(own) if size == extent] for extent in wanted[:2]]
    # of what was turned before, the axes that stand there are not those of the input
    if not _as_given(block) or len(own) < 3 or any(len(places) != 1 for places in found) or found[0] == found[1]:
        return vague
    (first,), (second,) = found
    order = (first, second, *(place for place in range(len(own)) if place not in (first, second)))
    moved = [place for place, axis in enumerate(order) if place != axis]
    if not moved:
        return vague
    turn = f"transpose({moved[0]}, {moved[1]})" if len(moved) == 2 else f"permute{order}"
    return f"use {turn}" if len(own) == len(wanted) else f"use {turn}, then reshape"


def _as_given(block: Block) -> bool:
    """Whether the axes that a view has mixed stood in the order in which the input has them."""
    met: list[int] = []
    tangles: set[int] = set()
    for factor in (factor for axis in block.axes for factor in axis):
        digits: tuple[Factor, ...] = (factor,)
        if isinstance(factor.along, Wire):
            digits = () if factor.along.tangle in tangles else block.tangles[factor.along.tangle].digits
            tangles.add(factor.along.tangle)
        met += [digit.along.index for digit in digits if isinstance(digit.along, Own)]
    return met == sorted(met)


def _cut_roles(block: Block) -> list[str]:
    tangled = {factor.along for tangle in block.tangles for factor in tangle.digits}
    picked = {Role.SAMPLE} if interleaved(block) else set()
    return [name for role, name in _NAMES.items() if role in cut(block) | tangled | picked]


def _of_other_width(given: Block, used: Used) -> bool:
    """Whether a view has left features of another width than the module takes: sizes that are open here are others, and
    with these it may mix nothing.  (All of an axis are as many as the module takes, where this runs.)"""
    width = used.taker.inputs if isinstance(used.taker, Recurrent) else None
    own = given.source.shape if isinstance(given.source, Given) else ()
    if any(list(given.axes[-1]) == [Factor(Own(number), size)] for number, size in enumerate(own)):
        return False
    return isinstance(width, Lit) and width.value != shape(given)[-1]


def _mixes_own_axes(block: Block) -> bool:
    """Whether an axis that the RNN takes for samples or steps holds pieces of two axes of a given tensor."""
    knots = {factor.along.tangle for axis in block.axes[:-1] for factor in axis if isinstance(factor.along, Wire)}
    alongs = [{factor.along for factor in block.tangles[knot].digits} for knot in knots]
    tangled = any(len(along) > 1 and any(isinstance(one, Own) for one in along) for along in alongs)
    return tangled or any(_turned_by_a_view(block, axis) for axis in block.axes[:-1])


def _turned_by_a_view(block: Block, axis: Axis) -> bool:
    """Whether an axis holds one axis of a given tensor and a piece of another, in a view that has all its sizes in
    another order: an open size divides by 4 here, so that four channels leave no tangle."""
    own = block.source.shape if isinstance(block.source, Given) else ()
    if len(axis) < 2 or sorted(shape(block)) != sorted(own) or _groups(block, axis, own):
        return False
    return any(isinstance(one.along, Own) and one.extent < own[one.along.index] for one in axis)


def _groups(block: Block, axis: Axis, own: tuple[int, ...]) -> bool:
    """Whether samples, each of several groups of its channels, hold the channels of one group as features: as many
    samples as a group has channels is chance (4 of 8 channels are 8 of 4)."""
    first, *rest = axis
    if first != Factor(Own(0), own[0]) or len(rest) != 1 or not isinstance(rest[0].along, Own):
        return False
    return list(block.axes[-1]) == [Factor(rest[0].along, rest[0].stride)]
