"""RNN502 shape-of-initial-state

## What it finds
An initial state whose shape is not `(L*D, N, H)`, or that is brought into this shape by a view that cuts through the
samples. (`L` layers, `D` directions, `N` samples, `H` units; `(N, H)` for a cell.) Where the state is that of a batch
and the input has no batch axis, it stands where the input is made.

## Why it is wrong
`batch_first` moves the axes of the input and the output and of nothing else: states come as `(L*D, N, H)` always, and a
bidirectional RNN takes a state for each direction of each layer. torch raises on any other shape, unless the sizes fit
by chance: with as many samples as layers, batch and layers change places in silence. A *view* to this shape always
fits: `(N, L*D*H)` viewed as `(L*D, N, H)` gives the samples each other's states, and so does `(2*L, N, H)`, the state
of a bidirectional encoder, viewed as `(L, N, 2*H)`.

## Example
```python
import torch
from torch import nn


class Decoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.start = nn.Linear(6, 2 * 20)
        self.gru = nn.GRU(8, 20, num_layers=2, batch_first=True)

    def forward(self, x, code):
        h_0 = self.start(code).view(2, x.size(0), 20)
        output, _ = self.gru(x, h_0)
        return output


print(Decoder()(torch.randn(4, 7, 8), torch.randn(4, 6)).shape)
```

## Instead
```python
import torch
from torch import nn


class Decoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.start = nn.Linear(6, 2 * 20)
        self.gru = nn.GRU(8, 20, num_layers=2, batch_first=True)

    def forward(self, x, code):
        h_0 = self.start(code).view(x.size(0), 2, 20).transpose(0, 1).contiguous()
        output, _ = self.gru(x, h_0)
        return output


print(Decoder()(torch.randn(4, 7, 8), torch.randn(4, 6)).shape)
```

## When it stays silent
- A size is open and can be right: a batch size that is an argument, a number of layers from a configuration.
- Another possibility of the same state fits; `batch_first` is left to the caller, and the state is made for one layout.
- A decoder of 2*L layers that is handed the state of a bidirectional encoder of L layers.
- A state of the wrong kind (a pair for a GRU, an output), which is RNN306.
- A state kept from another batch size: nothing in the program shows it.

## Fix
Safe where torch raises and one size is at fault; unsafe where the samples are mixed and torch does not raise. Of
another width, or a batch that nothing shows, there is none.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from rnnlint.axes.form.factors import product
from rnnlint.axes.operations.moves import whole
from rnnlint.axes.reading.meaning import cut
from rnnlint.axes.states import Axis, Block, Call, Kind, Note, Own, Role, States, Wire, blocks, shape
from rnnlint.events import Handed, Misfit, Site, Wrong
from rnnlint.rules.claims import Claim
from rnnlint.rules.grounds import Beside, Grounds, Setting
from rnnlint.rules.handed import arrangements, slots, wrong_kind
from rnnlint.rules.mending import or_first
from rnnlint.rules.readings import place
from rnnlint.rules.repairs import TWICE, Change, Exchanged, Repair, Sized, Written
from rnnlint.rules.rule import Hit, rule
from rnnlint.rules.template import Template
from rnnlint.rules.views import mixes_layers, mixes_samples
from rnnlint.rules.words import LARGEST_WRITTEN, number
from rnnlint.values.domain import Free, Recurrent, RecurrentCell, Tensor, Value

CLAIMS = (
    Claim(
        "flagged",
        "a state with the samples first is none",
        "result = rnn(x, torch.zeros({N}, {L} * {D}, {H}))",
        raises=("RuntimeError", "Expected hidden"),
        where="cell != 'LSTM' and batched and not packed and N != L * D",
    ),
    Claim(
        "flagged",
        "a bidirectional RNN takes a state for each direction of each layer",
        "result = rnn(x, (torch.zeros({L}, {N}, {H}), torch.zeros({L}, {N}, {C})))",
        raises=("RuntimeError", "Expected hidden[0] size"),
        where="cell == 'LSTM' and batched and not packed and D == 2",
    ),
    Claim(
        "flagged",
        "(N, L*D*H) viewed as (L*D, N, H) gives the samples each other's states",
        "output, h_n = rnn(x)\n"
        "rows = h_n.transpose(0, 1).reshape({N}, -1)\n"
        "result = rnn(x, rows.reshape({L} * {D}, {N}, {H}))[1]",
        expected="rnn(x, h_n.transpose(0, 1).reshape(N, -1).reshape(L * D, N, H))[1]",
        wanted="rnn(x, h_n)[1]",
        where="cell != 'LSTM' and batched and not packed and N > 1 and L * D > 1",
    ),
    Claim(
        "advised",
        "viewed as (N, L*D, H) and transposed, every sample keeps its own",
        "output, h_n = rnn(x)\n"
        "rows = h_n.transpose(0, 1).reshape({N}, -1)\n"
        "result = rnn(x, rows.reshape({N}, {L} * {D}, {H}).transpose(0, 1).contiguous())[1]",
        expected="rnn(x, h_n)[1]",
        where="cell != 'LSTM' and batched and not packed",
    ),
    Claim(
        "silent",
        "the state has the form (L*D, N, H), whatever batch_first is",
        "result = rnn(x, torch.zeros({L} * {D}, {N}, {H}))[1]",
        expected="h_n",
        where="cell != 'LSTM' and batched and not packed",
    ),
)


ONE_SAMPLE = Template(
    "{expr}: 2 axes, one sample, beside the state of a batch, which has 3",
    "give it a batch axis",
    "{expr}: 2 axes beside a state of 3",
    "give it a batch axis",
    raises=True,
)
SAMPLES_FIRST = Template(
    "{expr}: the samples stand first, and batch_first does not move states",
    "make {form}",
    "{expr}: the samples stand first",
    "make {form}",
    raises=True,
)
BY_STEPS = Template(
    "{expr}: the second size is that of the steps, not of the samples",
    "make {form}",
    "{expr}: this is sized by the steps",
    "make {form}",
    raises=True,
)
OTHER_RANK = Template("{expr}: {got} axes, where the state has {right}", "make {form}", raises=True)
OTHER_ROWS = Template(
    "{expr}: too {many} along the first axis, which takes {right}: layers x directions",
    "make {form}",
    "{expr}: too {many} where {right} belong",
    "make {form}",
    raises=True,
)
OTHER_SHAPE = Template(
    "{expr}: the shape is {got}, which torch raises on", "make {form}", "{expr}: {got}", "make {form}", raises=True
)
OTHER_WIDTH = Template(
    "{expr}: this state has {got}, and this {cell} is built for {units}",
    "build one like the other",
    "{expr}: {got} where {units} belong",
    "build one like the other",
    raises=True,
)
IN_THE_PLACE_OF_LAYERS = Template("{expr}: the samples stand in the place of the layers", "make {form}")
MIXED = Template("{expr}: this view hands the samples each other's states", "view as (N, ...), then transpose")


@rule("RNN502", "shape-of-initial-state", since="0.1", on=True, fix="unsafe", doc=__doc__, claims=CLAIMS)
def shape_of_initial_state(event: Handed) -> Iterator[Hit]:
    if wrong_kind(event) is not None:
        return
    if event.misfit is not None:
        if event.misfit.what is Wrong.STEPS and isinstance(event.module, Recurrent) and event.module.either_layout:
            return  # sized by the samples in the layout that the program is written for, which its callers ask for
        lone = _lone_sample(event, event.misfit)
        if lone is not None:
            places = (Beside(event.site, f"the nn.{event.module.cell} reads it here"),)
            grounds = Grounds(_value(event.source), "a batch: 3 axes", module=event.module, places=places)
            yield ONE_SAMPLE.at(lone, grounds=grounds)
            return
        made = _made(event.misfit.states)
        # what another recurrent call returned is right as it came, and as wide: it is this one that does not take it
        here = made is None or _as_it_came(event.misfit.states, made) or _other_width(event.misfit)
        grounds = _grounds(event, event.misfit.states, event.misfit.wanted)
        repairs = () if here or made is None else _repairs(event, event.misfit, made)
        yield _shape(event, event.misfit).at(
            event.site if here or made is None else made, grounds=grounds, repairs=repairs
        )
        if event.misfit.what is not Wrong.RANK:  # an axis too many does not tell where the rest was mixed
            return
    for states in (states for values in slots(event) for states in arrangements(values)):
        for block in blocks(states):
            if _crossed(block) and len({factor.along for factor in block.axes[0]}) == 1:
                form = f"it {_form(shape(states), event.module)}"
                said, site = IN_THE_PLACE_OF_LAYERS.filled(form=form), place(block, Note.MADE) or event.site
                repairs = (Repair((Exchanged(site),)),)
                hit = said.at(site, grounds=_grounds(event, block, shape(states)), repairs=repairs)
                # what a view has cut before is no better in any place
                view = place(block, Note.CUT)
                yield hit if view is None else replace(hit, unless=(("RNN203", view),))
            elif _crossed(block) or _mixed(block):
                site = _viewed(block, event) or event.site
                repairs = _turned(block, site) if site.op in ("view", "reshape") else ()
                yield MIXED.at(site, grounds=_grounds(event, block, shape(states)), repairs=repairs)


def _turned(block: Block, site: Site) -> tuple[Repair, ...]:
    """To view the samples outside, and to bring the layers to the front after that; torch wants a state contiguous
    (https://docs.pytorch.org/docs/stable/generated/torch.nn.GRU.html).  Of two directions as many layers twice as wide
    have both side by side."""
    call = block.source
    if isinstance(call, Call) and call.directions == 2 and not block.reduced:
        units = call.cell_units if block.kind is Kind.CELL else call.units
        if shape(block) == (call.layers, call.samples, 2 * units):
            rows = Written(site, "{torch}.cat(({receiver}[0::2], {receiver}[1::2]), -1)")
            return (Repair((rows,), title="lay the two directions of each layer side by side"),)
    return (Repair((Exchanged(site, ".transpose(0, 1).contiguous()"),)),)


def _repairs(event: Handed, misfit: Misfit, made: Site) -> tuple[Repair, ...]:
    """To make a state of other sizes; of a pair that is made twice, both."""
    places = [made]
    if _both(event, misfit):
        every = (_made(states) for values in slots(event) for states in arrangements(values))
        places = list({one.node: one for one in (*places, *every) if one is not None}.values())
    got, wanted = shape(misfit.states), misfit.wanted
    match misfit.what:
        case Wrong.SAMPLES_FIRST:
            changes: list[Change] = [Exchanged(one) for one in places]
        case Wrong.STEPS if len(wanted) == 3:
            sized = Repair(tuple(Sized(one, 1) for one in places))
            return or_first(sized, event.module) if isinstance(event.module, Recurrent) else (sized,)
        case Wrong.ROWS if len(wanted) == 3 and wanted[0] == 2 * got[0]:
            changes = [Sized(one, 0, TWICE) for one in places]
        case Wrong.ROWS if len(wanted) == 3 and wanted[0] <= LARGEST_WRITTEN:
            changes = [Sized(one, 0, str(wanted[0])) for one in places]
        case _:
            return ()
    return (Repair(tuple(changes), safe=True),)


def _grounds(event: Handed, states: States, wanted: tuple[int, ...]) -> Grounds:
    module, misfit = event.module, event.misfit
    settings: tuple[Setting, ...] = (Setting.LAYERS, Setting.DIRECTIONS) if isinstance(module, Recurrent) else ()
    if misfit is not None:
        settings = _MATTERS.get(misfit.what, settings)
    places = (Beside(event.site, f"the nn.{module.cell} starts from it here"),)
    return Grounds(states, _form(wanted, module), settings, module=module, places=places)


_MATTERS = {Wrong.STEPS: (Setting.LAYOUT,), Wrong.SAMPLES: (Setting.LAYOUT,), Wrong.UNITS: (Setting.UNITS,)}
"""The settings with which a shape does not fit, where they are not those of the rows."""


def _value(value: Value) -> States | str:
    return value.states if isinstance(value, Tensor) else ""


def _shape(event: Handed, misfit: Misfit) -> Template:
    """What is wrong with a shape and what to write."""
    got = shape(misfit.states)
    form = f"{'both' if _both(event, misfit) else 'it'} {_form(misfit.wanted, event.module)}"
    match misfit.what:
        case Wrong.SAMPLES_FIRST:
            return SAMPLES_FIRST.filled(form=form)
        case Wrong.STEPS:
            return BY_STEPS.filled(form=form)
        case Wrong.RANK:
            return OTHER_RANK.filled(got=len(got), right=len(misfit.wanted), form=form)
        case Wrong.ROWS if isinstance(event.module, Recurrent):
            many = "few" if got[0] < misfit.wanted[0] else "many"
            return OTHER_ROWS.filled(many=many, right=_rows(misfit.wanted, event.module), form=form)
        case _ if _other_width(misfit):
            has = f"{number(got[-1], 'another number of')} units"
            return OTHER_WIDTH.filled(cell=event.module.cell, units=number(misfit.wanted[-1]), got=has)
        case _:
            written = "(" + ", ".join(number(size, "?") for size in got) + ")"
            return OTHER_SHAPE.filled(got=written, form=form)


def _both(event: Handed, misfit: Misfit) -> bool:
    """Whether the other tensor of a pair is wrong in the same way: of two alike, one that is mended alone raises."""
    states = [arrangements(values) for values in slots(event)]
    if len(states) != 2 or len(event.wanted) != 2 or event.wanted[0] != event.wanted[1]:
        return False
    other = states[1 - misfit.place]
    return bool(other) and all(shape(one) == shape(misfit.states) for one in other)


def _form(wanted: tuple[int, ...], module: Recurrent | RecurrentCell) -> str:
    """A shape in the words of the documentation: ``(4, N, 20)``."""
    units = number(wanted[-1])
    if isinstance(module, Recurrent):
        samples = "N, " if len(wanted) == 3 else ""
        return f"({_rows(wanted, module)}, {samples}{units})"
    # a cell takes (N, H), or (H,) of one sample; a module (L*D, N, H) or (L*D, H)
    return f"(N, {units})" if len(wanted) == 2 else f"({units},)"


def _rows(wanted: tuple[int, ...], module: Recurrent) -> str:
    """Layers x directions, as a number where the program says how many layers there are."""
    if not any(isinstance(origin, Free) for origin in module.layers.origins):
        return str(wanted[0])
    return "L" if module.directions == 1 else "2*L"


def _lone_sample(event: Handed, misfit: Misfit) -> Site | None:
    """Where an input without a batch axis was made, if the state beside it is that of a batch."""
    # a state of three axes is that of a batch: so the input lacks one (fixtures/rules/RNN502/model.py)
    batch = misfit.what is Wrong.RANK and isinstance(event.module, Recurrent) and len(shape(misfit.states)) == 3
    return _made(event.source.states) if batch and isinstance(event.source, Tensor) else None


def _as_it_came(states: States, made: Site) -> bool:
    """Whether a state got its shape of the recurrent call that returned it."""
    keys = [block.source.key for block in blocks(states) if isinstance(block.source, Call)]
    places = [key[0] for key in keys if isinstance(key, tuple)]
    return any(isinstance(place, tuple) and place[0] == made.node for place in places)


def _other_width(misfit: Misfit) -> bool:
    """Whether only the last axis does not fit, and holds the units of a recurrent call, not features of a layer."""
    unchanged = all(isinstance(block.source, Call) and not block.reduced for block in blocks(misfit.states))
    return unchanged and shape(misfit.states)[:-1] == misfit.wanted[:-1]


def _made(states: States) -> Site | None:
    """Where a tensor got its shape."""
    return next((site for site in (place(block, Note.MADE) for block in blocks(states)) if site is not None), None)


def _viewed(block: Block, event: Handed) -> Site | None:
    """Where the samples of a block were mixed: what is cut since a layer made the features, or else its last form."""
    since = next((mark for mark in block.marks if mark.about is Note.CUT), None)
    if since is None or (since.extent < len(block.reduced) and event.misfit is None):
        return place(block, Note.MADE)
    return place(block, Note.CUT)


def _crossed(block: Block) -> bool:
    """Whether samples and layers have changed places, which fits where there are as many of both.

    Pieces of samples, of which a layer made something, are RNN203's.
    """
    if block.reduced and Role.SAMPLE in cut(block):
        return False
    alongs = [{factor.along for factor in axis} for axis in block.axes]
    # three axes, layers x samples x units, where the first two have changed places
    return len(alongs) == 3 and Role.SAMPLE in alongs[0] and bool(alongs[1] - {Role.SAMPLE})


def _mixed(block: Block) -> bool:
    """Whether a view has left pieces of different samples, or of layers and samples, in one row of a state.

    Once a layer has made new features, only a view that cuts these counts: an earlier one is RNN203's.
    """
    if isinstance(block.source, Call) and not block.reduced:
        return mixes_samples(block) or (mixes_layers(block) and block.source.directions == 1)
    if any(_interleaved(block, axis) for axis in block.axes[:-1]):
        return True
    knots = {factor.along.tangle for axis in block.axes for factor in axis if isinstance(factor.along, Wire)}
    alongs = [{factor.along for factor in block.tangles[knot].digits} for knot in knots]
    made = [along for along in alongs if len(along) > 1]
    if block.reduced:
        return any(None in along for along in made)
    return any(isinstance(one, Own) for along in made for one in along)


def _interleaved(block: Block, axis: Axis) -> bool:
    """Whether an axis of layers or samples holds a piece of the samples and a piece of something else."""
    alongs = {factor.along for factor in axis}
    # once reduced, what was mixed before is RNN203's; copies and new features (None) beside are of this view
    if len(alongs) < 2 or (block.reduced and None not in alongs):
        return False
    return any(
        product(factor.extent for factor in axis if factor.along == along) < whole(block, along)
        for along in alongs
        if along is Role.SAMPLE or isinstance(along, Own)
    )
