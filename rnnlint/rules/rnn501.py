"""RNN501 width-after-rnn

## What it finds
A layer whose input width is not the number of features that arrives from an RNN or a cell: `nn.Linear(hidden, classes)`
on the output of a bidirectional RNN, which has `2 * hidden`; a second RNN's `input_size`, an `nn.LayerNorm`,
`nn.BatchNorm1d`, `nn.Bilinear`, an attention, or a cell built for another width. It stands at the layer's call and
names the line where the layer is built.

## Why it is wrong
`output` has D * H features: both directions side by side. `h_n` has H (`proj_size`, if there is one) for each direction
and layer. torch raises on any other width.

## Example
```python
import torch
from torch import nn

gru = nn.GRU(3, 20, bidirectional=True, batch_first=True)
fc = nn.Linear(20, 2)
output, h_n = gru(torch.randn(4, 7, 3))
tags = fc(output)
```
torch raises `RuntimeError`.

## Instead
```python
import torch
from torch import nn

gru = nn.GRU(3, 20, bidirectional=True, batch_first=True)
fc = nn.Linear(2 * 20, 2)
output, h_n = gru(torch.randn(4, 7, 3))
tags = fc(output)
```

## When it stays silent
- A width the file leaves open, unless it is open in the same way on both sides (`hidden` against `2 * hidden`).
- A configuration that is not the declared one: where `bidirectional` is a parameter whose default fits, the other is
  told of with `--all-configurations` only. Where the default does not fit, the finding names it.
- One of two arms of an open condition, where the program goes on through the other.
- Widths that are wrong without an RNN before them, and axes that hold samples or steps in place of features.

## Fix
Unsafe: a wider layer has other weights. torch raises as it is, so no numbers are lost.
"""

from __future__ import annotations

from collections.abc import Iterator

from rnnlint.axes.states import Block, Call, Joined, Note, Own, Role, blocks, extent, shape
from rnnlint.events import Site, Unfit
from rnnlint.rules.claims import Claim
from rnnlint.rules.grounds import Beside, Grounds, Setting
from rnnlint.rules.readings import call_of, from_state, parts_of, place, sample_places
from rnnlint.rules.repairs import TWICE, Given, Repair, Written
from rnnlint.rules.rule import Hit, rule
from rnnlint.rules.words import LARGEST_WRITTEN, final_states_text
from rnnlint.torch_api.signatures import LINEAR
from rnnlint.values.domain import Free, Lit
from rnnlint.values.origins import StateOfCell

CLAIMS = (
    Claim(
        "flagged",
        "a Linear built for one direction does not take the features of two",
        "result = nn.Linear({H}, 2)(output)",
        raises=("RuntimeError", "shapes cannot be multiplied|size mismatch"),
        where="D == 2",
    ),
    Claim(
        "flagged",
        "with proj_size there are proj_size features, and a Linear built for hidden_size does not take them",
        "result = nn.Linear({C}, 2)(output)",
        raises=("RuntimeError", "shapes cannot be multiplied|size mismatch"),
        where="proj and C != D * H",
    ),
    Claim(
        "flagged",
        "an RNN built for one direction does not take the features of two",
        "result = nn.GRU({H}, 2)(output)",
        raises=("RuntimeError|ValueError", "must be equal to input_size"),
        where="D == 2",
    ),
    Claim(
        "advised",
        "built for both directions the Linear takes what arrives",
        "result = tuple(nn.Linear({D} * {H}, 2)(output).shape)",
        expected="tuple(output.shape[:-1]) + (2,)",
    ),
    Claim(
        "silent",
        "the final state of one direction has the features of one direction",
        "result = tuple(nn.Linear({H}, 2)(h_n[-1]).shape)",
        expected="tuple(h_n.shape[1:-1]) + (2,)",
    ),
)


@rule("RNN501", "width-after-rnn", since="0.1", on=True, fix="unsafe", doc=__doc__, claims=CLAIMS)
def width_after_rnn(event: Unfit) -> Iterator[Hit]:
    feeding = [block for block in parts_of(event.states) if _holds_features(block, event.axis)]
    stepped = [units for block in blocks(event.states) if (units := _units_of_cell(block, event.axis))]
    if not feeding and not stepped:
        return
    units = call_of(feeding[0]).units if feeding else stepped[0]
    both = bool(feeding) and call_of(feeding[0]).directions == 2
    arrives, taken = shape(event.states)[event.axis], event.width.value
    assert isinstance(taken, int)
    width, other = _said(arrives, units), _said(taken, units)
    layer = f"the {event.module} of line {{line}}"
    if width is None or other is None:
        what = f"{'more' if arrives > taken else 'fewer'} features arrive than {layer} takes"
        brief, advice = what, "build it for what arrives"
    # 2, the directions: the layer was built for both, and one arrives (fixtures/rules/RNN501/model.py)
    elif both and arrives == units and taken == 2 * units:
        what = f"the {width} features of one direction arrive, {layer} takes {other}"
        brief = f"one direction arrives, {layer} takes {other}"
        advice = "give it both directions"
    else:
        brief = f"{width} features arrive, {layer} takes {other}"
        what = brief.replace(" arrive,", f" arrive{_explained(event, feeding[0])},") if feeding else brief
        advice = f"build it for {width}"
    yield Hit(
        event.site,
        f"{{expr}}: {what}",
        advice,
        f"{{expr}}: {brief}",
        raises=True,
        beside=event.built,
        defaults=_defaults(event),
        # where samples were taken for steps (RNN201), how many there are of either is open no more
        follows=(*_narrowings(feeding), *(site for block in feeding for site in sample_places(block))),
        grounds=_grounds(event, other),
        repairs=_repairs(event, feeding, arrives, taken),
        call=call_of(feeding[0]) if feeding else None,
    )


def _repairs(event: Unfit, feeding: list[Block], arrives: int, taken: int) -> tuple[Repair, ...]:
    """To build a Linear for what arrives; or to read both directions, where it was built for both."""
    if event.module != "Linear":
        return ()
    block = event.states if feeding and event.states is feeding[0] else None
    if isinstance(block, Block) and call_of(block).directions == 2 and 2 * arrives == taken:
        site = place(block, Role.DIRECTION)
        whole = site is not None and from_state(block)
        text = final_states_text(call_of(block), block.kind)
        return (Repair((Written(site, text, block),), call_of(block), safe=True),) if site and whole else ()
    width = str(arrives) if arrives <= LARGEST_WRITTEN else TWICE if arrives == 2 * taken else ""
    given = Given(event.built, "in_features", width, LINEAR)
    return (Repair((given,), safe=True, title=f"build it for {width}" if width.isdigit() else ""),) if width else ()


def _grounds(event: Unfit, taken: str | None) -> Grounds:
    modules = [module for _, module in event.modules]
    settings = [Setting.UNITS]
    if any(module.directions == 2 for module in modules):
        settings.insert(0, Setting.DIRECTIONS)
    if any(module.projection is not None for module in modules):
        settings.append(Setting.PROJECTION)
    takes = "" if taken is None else f" for {taken} features"
    return Grounds(
        event.states,
        "" if taken is None else f"{taken} features",
        tuple(settings),
        module=event.cell,
        places=(Beside(event.built, f"the nn.{event.module} is built here{takes}"),),
    )


def _narrowings(feeding: list[Block]) -> Iterator[Site]:
    """Where features were left out or mixed."""
    for block in feeding:
        for mark in block.marks:
            if mark.about in (Role.LAYER, Role.DIRECTION, Role.UNIT, Note.CUT) and isinstance(mark.site, Site):
                yield mark.site


def _holds_features(block: Block, axis: int) -> bool:
    """Whether an axis holds the units of states, one or more for each."""
    if len(block.axes) <= axis:
        return False
    along = {factor.along for factor in block.axes[axis]}
    # with one unit a direction, the features are directions, or no factor at all: an axis of 1 at the end
    single = call_of(block).units == 1 and (Role.DIRECTION in along or (not along and axis == len(block.axes) - 1))
    return (Role.UNIT in along or single) and not along & {Role.SAMPLE, Role.STEP}


def _units_of_cell(block: Block, axis: int) -> int:
    """The units of the cell that returned a block, if an axis holds all of them; else 0."""
    source = block.source
    if isinstance(source, Call) or not isinstance(source.key, StateOfCell) or len(block.axes) <= axis:
        return 0
    whole = {factor.along for factor in block.axes[axis]} == {Own(len(source.shape) - 1)}
    return source.shape[-1] if whole else 0


def _said(width: int, units: int) -> str | None:
    """A width as the program has it, or by the H units of a direction; None where it is neither."""
    # what is larger stands for an open size, and is said by it: as a number it would mean nothing to the reader
    if width <= LARGEST_WRITTEN:
        return str(width)
    if width % units == 0 and width // units <= LARGEST_WRITTEN:
        return "H" if width == units else f"{width // units}*H"
    return f"H/{units // width}" if units % width == 0 else None


def _explained(event: Unfit, block: Block) -> str:
    """What the features of an RNN that arrive are, where they are the whole axis."""
    call, units = call_of(block), extent(block.axes[event.axis])
    each = _said(call.units, call.units)
    if isinstance(event.states, Joined):
        return ""
    # output of two directions has both beside each other, 2*H wide, which is what a layer built for H does not expect
    if units == 2 * call.units and call.directions == 2:
        return f" (2 directions of {each})"
    return f" (proj_size {each})" if units == call.units != call.cell_units else ""


def _defaults(event: Unfit) -> tuple[Free, ...]:
    """The parameters that only one of the two widths comes from."""
    sides = [set(_parameters(event.width)), set[Free]()]
    for _, module in event.modules:
        sides[1] |= {*_parameters(module.hidden), *_parameters(module.projection)}
    if event.cell is not None:
        sides[1] |= set(_parameters(event.cell.hidden))
    return tuple(sorted(sides[0] ^ sides[1], key=lambda free: free.key))


def _parameters(number: Lit | None) -> Iterator[Free]:
    if number is not None:
        yield from (origin for origin in number.origins if isinstance(origin, Free))
