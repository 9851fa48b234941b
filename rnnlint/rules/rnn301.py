"""RNN301 state-unpacked-as-pair

## What it finds
`output, (h, c) = gru(x)`, `h, c = gru_cell(x, state)`: the state of a GRU or RNN taken apart as if it were the LSTM's
pair. And `output, h, c = lstm(x)`: three names for a result of two parts.

## Why it is wrong
Only the LSTM has a cell state. A GRU's or RNN's `h_n` is one tensor, and taking it apart goes along its first axis:
with two entries (two layers, or two directions) `h` is the first and `c` the second, silently; with any other number
torch raises. The LSTM's pair stands in a tuple of its own: `output, (h, c)`.

## Example
```python
import torch
from torch import nn

gru = nn.GRU(3, 5, num_layers=2, batch_first=True)
output, (h, c) = gru(torch.randn(4, 7, 3))
fc = nn.Linear(5, 2)
logits = fc(h) + fc(c)
```

## Instead
```python
import torch
from torch import nn

gru = nn.GRU(3, 5, num_layers=2, batch_first=True)
output, h = gru(torch.randn(4, 7, 3))
fc = nn.Linear(5, 2)
logits = fc(h[-1])
```

## When it stays silent
- An LSTM or LSTMCell.
- Two throw-away names (`output, (_, _) = gru(x)`) where there are two entries, so that nothing can raise.
- `forward, backward = h_n` on a line of its own where `h_n` has as many entries.
- A fork on `isinstance(state, tuple)`, or on a flag that whoever hands the cell leaves at the other value.

## Fix
Unsafe: what was called `h` becomes another tensor. Where `c` is read too there is none: no part of the state is that.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from rnnlint.axes.states import shape
from rnnlint.cells import has_cell_state
from rnnlint.events import Unpacked
from rnnlint.rules.claims import Claim
from rnnlint.rules.grounds import Grounds, Setting
from rnnlint.rules.readings import from_state, parts_of
from rnnlint.rules.repairs import Repair, Target
from rnnlint.rules.rule import Hit, rule
from rnnlint.rules.template import Template
from rnnlint.rules.words import a_cell, cell
from rnnlint.values.domain import Items, PairOf, Recurrent, RecurrentCell, ResultOf, Tensor, Value

CLAIMS = (
    Claim(
        "flagged",
        "taken apart like a pair, a state of two rows is its rows",
        "output, (h, c) = rnn({input})\nresult = h, c",
        expected="hidden(0, 0, 'final'), hidden(-1, D - 1, 'final')",
        wanted="h_n, None",
        where="cell != 'LSTM' and L * D == 2",
    ),
    Claim(
        "flagged",
        "a state of another number of rows cannot be taken apart into two",
        "output, (h, c) = rnn({input})\nresult = h",
        raises=("ValueError", "values to unpack"),
        where="cell != 'LSTM' and L * D != 2",
    ),
    Claim(
        "flagged",
        "a result has two parts, and an LSTM's pair is one of them",
        "output, h, c = rnn({input})\nresult = h",
        raises=("ValueError", "not enough values to unpack"),
    ),
    Claim(
        "advised",
        "the state is one tensor, and its last row the last layer's",
        "output, h = rnn({input})\nresult = h, h[-1]",
        expected="h_n, hidden(-1, D - 1, 'final')",
        where="cell != 'LSTM'",
    ),
    Claim(
        "silent",
        "the state of an LSTM is the pair",
        "output, (h, c) = rnn({input})\nresult = h, c",
        expected="h_n, c_n",
        where="cell == 'LSTM'",
    ),
    Claim(
        "silent",
        "two rows, taken apart on a line of their own",
        "output, h_n = rnn({input})\nfirst, second = h_n\nresult = first, second",
        expected="hidden(0, 0, 'final'), hidden(-1, D - 1, 'final')",
        where="cell != 'LSTM' and L * D == 2",
    ),
)


TWO_PARTS = Template(
    "{expr}: nn.{cell} returns ({parts}), two and not {count} parts, so torch raises",
    "write {instead} = ...",
    raises=True,
)
NO_OUTPUT = Template(
    "{expr}: nn.{cell} returns (h, c), and {names} takes the samples of c apart", "write {instead} = ..."
)


@rule("RNN301", "state-unpacked-as-pair", since="0.1", on=True, fix="unsafe", doc=__doc__, claims=CLAIMS)
def state_unpacked_as_pair(event: Unpacked) -> Iterator[Hit]:
    if isinstance(event.value, Items) and event.module is not None and not _fits(event.names):
        said, instead = _counted(event.value, event.names, event.module)
        yield said.at(event.site, grounds=_grounds(event), repairs=_targets(event, instead, safe=True))
    elif isinstance(event.module, RecurrentCell) and isinstance(event.value, Items):
        inner = next((names for names in event.names if isinstance(names, tuple)), ())
        if inner:  # written as for the layer, whose pair comes second
            pair = ", ".join(map(str, inner))
            yield NO_OUTPUT.filled(cell=event.module.cell, names=f"({pair})", instead=pair).at(
                event.site, grounds=_grounds(event), repairs=_targets(event, pair)
            )
    elif isinstance(event.module, RecurrentCell):
        # two names are the mistake; into as many as there are samples one may well unpack; _ says that it is known to
        # be no state (fixtures/rules/RNN301/cells.py)
        if not has_cell_state(event.module.cell) and len(event.names) == 2 and event.names != ("_", "_"):
            what = f"nn.{event.module.cell} returns one tensor (N, H), not (h, c): these are two samples"
            name = _first(event.names)
            repairs = _targets(event, name)
            yield Hit(event.site, f"{{expr}}: {what}", f"write {name} = ...", grounds=_grounds(event), repairs=repairs)
        return
    what = f"{a_cell(event.module)}'s state is one tensor, not (h, c)"
    if has_cell_state(cell(event.module)):
        return
    if isinstance(event.value, Items):
        for value, names in zip(event.value.items, event.names, strict=False):
            # a state of two rows comes apart into two names and nothing raises; of others torch does, said below
            # (fixtures/rules/RNN301/two_layers.py)
            if _entries(value, names) == 2 and names != ("_", "_"):
                instead = f"write {_first(event.names)}, h_n = ..."
                rows, repairs = f"{{expr}}: {what}: these are two rows of it", _state_as_one(event)
                yield Hit(event.site, rows, instead, grounds=_grounds(event), repairs=repairs)
    # of two rows (L*D = 2) it does not raise, and may be meant: h_forward, h_backward = h_n
    # (fixtures/rules/RNN301/two_layers.py)
    elif _entries(event.value, event.names) not in (None, 2):
        yield Hit(
            event.site,
            f"{{expr}}: {what}, so torch raises",
            "write output, h_n = ...",
            raises=True,
            grounds=_grounds(event),
        )


def _targets(event: Unpacked, written: str, safe: bool = False) -> tuple[Repair, ...]:
    """To unpack into other names; those of documentation would be new, and nobody reads them."""
    names = [name for name in _flat(event.names) if name.isidentifier()]
    plain = all(name in names for name in _NAME.findall(written))
    return (Repair((Target(event.site, written),), safe=safe),) if plain and names else ()


def _state_as_one(event: Unpacked) -> tuple[Repair, ...]:
    """To keep the state whole under the name of its first part."""
    match event.names:
        case (str(output), (str(state), str())):
            return _targets(event, f"{output}, {state}")
    return ()


_NAME = re.compile(r"\w+")


def _flat(names: Iterable[object]) -> Iterator[str]:
    for name in names:
        if isinstance(name, tuple):
            yield from _flat(name)
        else:
            yield str(name)


def _grounds(event: Unpacked) -> Grounds:
    tag = event.value.tag if isinstance(event.value, Items) else None
    call = tag.call if isinstance(tag, (ResultOf, PairOf)) else None
    result = "" if event.module is None or call is None else _returned(event.module, pair=isinstance(tag, PairOf))
    wanted = result or ("(h, c)" if isinstance(event.value, Items) else "one tensor")
    return Grounds(event.value, wanted, (Setting.CELL,), module=event.module, call=call, result=result)


def _returned(module: Recurrent | RecurrentCell, pair: bool) -> str:
    """What a call returns, as one would unpack it; of ``pair``, what its second item is."""
    state = "(h_n, c_n)" if has_cell_state(module.cell) else "h_n"
    return state if pair else f"(output, {state})"


def _fits(names: tuple[object, ...]) -> bool:
    """Whether two parts go into the names: a starred one takes what is left, if that is nothing."""
    starred = any(str(name).startswith("*") for name in names)
    return len(names) - 1 <= 2 if starred else len(names) == 2


def _counted(value: Items, names: tuple[object, ...], module: Recurrent | RecurrentCell) -> tuple[Template, str]:
    pair = has_cell_state(module.cell)
    whole = isinstance(value.tag, ResultOf)
    parts = ("output, (h_n, c_n)" if pair else "output, h_n") if whole else "h_n, c_n"
    instead = parts
    plain = [name for name in names if isinstance(name, str) and name.isidentifier()]
    # three plain names are the author's for output, h_n and c_n, and of what is returned each keeps its own; which of
    # three were meant by a pair that stands behind the output is open
    if len(plain) == len(names) == 3 and not isinstance(value.tag, PairOf):
        output, hidden, cell_state = plain
        state = f"{hidden}, {cell_state}"
        instead = f"{output}, ({state})" if pair and whole else f"{output}, {hidden}" if whole else state
    return TWO_PARTS.filled(cell=module.cell, parts=parts, count=len(names), instead=instead), instead


def _first(names: tuple[object, ...]) -> str:
    """The name that the first item of a result was given."""
    return names[0] if isinstance(names[0], str) else "output"


def _entries(value: Value, names: object) -> int | None:
    """The entries of a state's first axis where it is unpacked into two names, else None."""
    # a starred name takes what is left, and fits any number (fixtures/rules/RNN301/script.py)
    pair = isinstance(names, tuple) and len(names) == 2 and not any(str(name).startswith("*") for name in names)
    if not pair or not isinstance(value, Tensor) or not shape(value.states):
        return None
    states = parts_of(value.states)
    return shape(value.states)[0] if states and all(from_state(block) for block in states) else None
