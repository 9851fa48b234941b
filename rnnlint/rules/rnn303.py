"""RNN303 result-read-as-tensor

## What it finds
The whole result of a recurrent call used as a tensor: `lstm(x)[:, -1]`, `gru(x)[-1]`, `fc(lstm(x))`,
`nn.Sequential(nn.LSTM(...), nn.Linear(...))`.

## Why it is wrong
A recurrent module returns a tuple, `(output, h_n)` or `(output, (h_n, c_n))`. Layers and tensor indices raise on it,
and `gru(x)[-1]` is the second element, `h_n` of every layer, not the last step.

## Example
```python
import torch
from torch import nn

model = nn.Sequential(nn.LSTM(3, 5, batch_first=True), nn.Linear(5, 2))
logits = model(torch.randn(4, 7, 3))
```
torch raises `TypeError`.

## Instead
```python
import torch
from torch import nn

lstm = nn.LSTM(3, 5, batch_first=True)
fc = nn.Linear(5, 2)
output, _ = lstm(torch.randn(4, 7, 3))
logits = fc(output)
```

## When it stays silent
- `rnn(x)[0]`, `rnn(x)[1]`: the output and the state by their places. Unpacking, also later.
- `[-1]` of a result that is treated as the state it is: unpacked into `h, c`, given to an RNN as its first state, a
  layer of it picked, its axes turned or regrouped. Where `[0]` of that result is taken as well.
- `nn.Identity`, which hands on whatever it is given.
- A subclass whose own `forward` returns a tensor, and a class of the file that is only called LSTM.

## Fix
Safe where torch must raise, unsafe for `[-1]`. An `nn.Sequential` has none: its modules hand on all they return, and a
class of one's own has to take them apart.
"""

from __future__ import annotations

from collections.abc import Iterator

from rnnlint.cells import has_cell_state
from rnnlint.events import ResultRead, Site
from rnnlint.rules.claims import Claim
from rnnlint.rules.grounds import Beside, Grounds, Setting
from rnnlint.rules.repairs import First, Repair
from rnnlint.rules.rule import Hit, rule
from rnnlint.rules.template import Template
from rnnlint.rules.words import a_cell, cell

CLAIMS = (
    Claim(
        "flagged",
        "[-1] of a GRU's or RNN's result is h_n",
        "result = rnn({input})[-1]",
        expected="h_n",
        wanted="torch.cat([hidden(-1, way, T - 1) for way in range(D)], -1)",
        where="cell != 'LSTM'",
    ),
    Claim(
        "flagged",
        "[-1] of an LSTM's result is the pair (h_n, c_n)",
        "result = rnn({input})[-1]",
        expected="h_n, c_n",
        wanted="torch.cat([hidden(-1, way, T - 1) for way in range(D)], -1)",
        where="cell == 'LSTM'",
    ),
    Claim(
        "flagged",
        "the result takes no index of a tensor",
        "result = rnn({input})[:, -1]",
        raises=("TypeError", "tuple indices must be integers or slices, not tuple"),
    ),
    Claim(
        "flagged",
        "a layer takes no tuple",
        "result = nn.Linear({D} * {H}, 2)(rnn({input}))",
        raises=("TypeError", "must be Tensor, not tuple"),
    ),
    Claim(
        "advised",
        "unpacked, output is a tensor",
        "output, _ = rnn({input})\nresult = output[{at}-1]",
        expected="torch.cat([hidden(-1, way, T - 1) for way in range(D)], -1)",
        where="not packed",
    ),
    Claim(
        "silent",
        "[0] of the result is the output",
        "result = rnn({input})[0]",
        expected="output",
        where="not packed",
    ),
    Claim(
        "silent",
        "[1] of a GRU's or RNN's result is h_n",
        "result = rnn({input})[1]",
        expected="h_n",
        where="cell != 'LSTM'",
    ),
)


JOINED = Template("{expr}: {module} returns {both}, so this joins the two", "write output, _ = ...")
NO_TENSOR = Template(
    "{expr}: {module} returns {both}, not a tensor, so torch raises", "write output, _ = ...", raises=True
)
LAST = Template("{expr}: {module} returns {both}, so [-1] is {state}", "write output, _ = ...")
NO_SUCH_INDEX = Template(
    "{expr}: {module} returns {both}, and torch raises on this index", "write output, _ = ...", raises=True
)


@rule("RNN303", "result-read-as-tensor", since="0.1", on=True, fix="unsafe", doc=__doc__, claims=CLAIMS)
def result_read_as_tensor(event: ResultRead) -> Iterator[Hit]:
    state = "(h_n, c_n)" if has_cell_state(cell(event.module)) else "h_n"
    # as of a pair (RNN302): -1 runs and means the state, other numbers are how one takes it apart, or raise
    if event.meant:
        return
    if event.op != "index":
        said = NO_TENSOR if event.result is None else JOINED
    elif event.index == -1:
        said = LAST
    elif event.result is None:
        said = NO_SUCH_INDEX
    else:
        return
    both = f"(output, {state})"
    module = event.module
    facts = () if module is None else ((Setting.CELL.value, module.cell),)
    places = () if module is None else (Beside(Site(module.site), f"{a_cell(module)} returns {both}"),)
    grounds = Grounds(both, "output", call=event.call, result=both, places=places, facts=facts)
    repairs = (Repair((First(event.call),), safe=said.raises),)
    yield said.filled(module=a_cell(event.module), both=both, state=state).at(
        event.site, grounds=grounds, repairs=repairs
    )
