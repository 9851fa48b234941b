"""RNN504 misplaced-constructor-argument

## What it finds
A flag or a rate in the slot of another parameter (`nn.LSTM(i, h, n, dropout)` sets `bias`), a keyword that does not
exist (`hidden_state=`), a number for a flag (`bidirectional=2`, `batch_first=1`).

## Why it is wrong
The parameters come in the order input_size, hidden_size, num_layers, bias, batch_first, dropout, bidirectional
(nn.RNN has nonlinearity before bias). A dropout rate in the fourth place is no dropout: since torch 2.11 building the
module raises, before that calling it does. The same holds for every flag that is no bool, 0 and 1 among them
(`bidirectional` is checked by the call alone; before torch 2.11 a call on packed input never looks at `batch_first`).
An unknown keyword raises.

## Example
```python
from torch import nn

bidirectional = True
lstm = nn.LSTM(8, 20, 2, True, True, bidirectional)
```
torch raises `ValueError`.

## Instead
```python
from torch import nn

bidirectional = True
lstm = nn.LSTM(8, 20, 2, True, True, bidirectional=bidirectional)
```

## When it stays silent
- 0 and 1 as the `bias` of a cell, which takes anything for true or false.
- `nn.GRU(hidden_size, hidden_size)`: one size may well be another.
- A value whose kind is not known and whose name is no parameter's; anything passed by its right keyword.
- `*args` and `**kwargs` the file does not show.

## Fix
Unsafe: the module it builds changes.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator

from rnnlint.events import Argument, Constructed
from rnnlint.rules.claims import Claim
from rnnlint.rules.grounds import Beside, Grounds
from rnnlint.rules.repairs import Given, Named, Repair
from rnnlint.rules.rule import Hit, rule
from rnnlint.rules.template import Template
from rnnlint.values.domain import Free, Lit, Value

_FLAGS = frozenset({"bias", "batch_first", "bidirectional"})
_SIZES = frozenset({"input_size", "hidden_size", "proj_size"})
_COUNTS = _SIZES | {"num_layers"}


CLAIMS = (
    Claim(
        "flagged",
        "there is no parameter hidden_state",
        "result = nn.{cell}({I}, {C}, hidden_state={C})",
        raises=("TypeError", "unexpected keyword argument 'hidden_state'"),
    ),
    Claim(
        "flagged",
        "a rate in the fourth place is no dropout: torch raises, or leaves dropout at 0",
        "try:\n"
        "    result = nn.{cell}({I}, {C}, 2, 0.5).dropout == 0.5\n"
        "except (TypeError, ValueError):\n"
        "    result = False",
        expected="False",
        wanted="True",
    ),
    Claim(
        "flagged",
        "0 and 1 are no flags: torch raises when it builds the module, or when it is called",
        "built = nn.{cell}({I}, {C}, bidirectional=1)\nresult = built(torch.zeros(7, 4, {I}))[0]",
        raises=("TypeError", "invalid combination of arguments|should be of type bool"),
    ),
    Claim(
        "advised",
        "by its name the rate is the dropout, and the bias stays on",
        "built = nn.{cell}({I}, {C}, 2, dropout=0.5)\nresult = built.dropout, built.bias",
        expected="0.5, True",
    ),
    Claim(
        "silent",
        "every argument in its own place is right: bias, batch_first, dropout, bidirectional",
        "built = nn.{cell}({I}, {C}, 2, True, True, 0.5, True)\n"
        "result = built.bias, built.batch_first, built.dropout, built.bidirectional",
        expected="True, True, 0.5, True",
        where="cell != 'RNN'",
    ),
)


TOO_MANY = Template("{expr}: nn.{cell} takes at most {count} arguments", "name them")
NO_PARAMETER = Template("{expr}: nn.{cell} has no parameter {keyword}, so torch raises", help="leave {keyword} out")
MISSPELT = Template("{expr}: nn.{cell} has no parameter {keyword}, so torch raises", "use {near}")
OTHER_PLACE = Template("{expr}: {name} stands in the place of {slot}", "write {name}={name}")
NO_FLAG = Template("{expr}: {value} is no flag, and torch raises", "write {slot}={flag}")
OTHER_KIND = Template("{expr}: {value} is no {kind}, but stands in the place of {slot}", "name the arguments")


@rule("RNN504", "misplaced-constructor-argument", since="0.1", on=True, fix="unsafe", doc=__doc__, claims=CLAIMS)
def misplaced_constructor_argument(event: Constructed) -> Iterator[Hit]:
    for argument in event.arguments:
        if said := _wrong(argument, event):
            why, (read, wanted) = said
            name = argument.keyword or argument.parameter
            said_there = "no such parameter" if argument.parameter is None else f"this is {argument.parameter}"
            places = () if name is None else (Beside(event.site, said_there, name),)
            grounds, repairs = Grounds(read, wanted, places=places), _repairs(argument, event, wanted)
            yield why.at(event.site, defaults=_defaults(argument.value), grounds=grounds, repairs=repairs)
            return


def _repairs(argument: Argument, event: Constructed, wanted: str) -> tuple[Repair, ...]:
    """What is written otherwise: a keyword, or a flag; what stands in another's place is given by its name."""
    slot, keyword = argument.parameter, argument.keyword
    if keyword is not None and slot is None and wanted in event.parameters:
        return (Repair((Named(event.site, keyword, wanted),), safe=True),)
    if keyword is None and slot is not None and argument.name in event.parameters and argument.name != slot:
        return (Repair((Named(event.site, slot, argument.name, event.parameters),)),)
    flag = argument.value.value if isinstance(argument.value, Lit) else None
    if slot in _FLAGS and type(flag) is int and flag in (0, 1):
        return (Repair((Given(event.site, slot, str(bool(flag)), event.parameters),), safe=True),)
    return ()


def _defaults(value: Value) -> tuple[Free, ...]:
    """The parameters whose declared defaults a number for a flag was made of: a caller may well give a bool."""
    origins = value.origins if isinstance(value, Lit) and type(value.value) is int else ()
    return tuple(origin for origin in origins if isinstance(origin, Free))


def _wrong(argument: Argument, event: Constructed) -> tuple[Template, tuple[str, str]] | None:
    """What is wrong with an argument, and in words what stands there and what belongs there."""
    slot, keyword = argument.parameter, argument.keyword
    if slot is None and keyword is None:
        count = len(event.parameters)
        return TOO_MANY.filled(cell=event.cell, count=count), ("too many arguments", f"{count} at most")
    if slot is None or (keyword is not None and slot not in event.parameters):
        # 0.5, of 1 for the same: below difflib's 0.6, because bidir for bidirectional (0.56) should be
        # found, and a wrong guess costs a word
        near = difflib.get_close_matches(keyword or "", event.parameters, n=1, cutoff=0.5)
        said = MISSPELT.filled(near=near[0]) if near else NO_PARAMETER
        return said.filled(cell=event.cell, keyword=keyword), (f"an argument {keyword}", near[0] if near else "none")
    name = argument.name
    # sizes change places on purpose: an autoencoder's decoder is built with (hidden_size, input_size)
    # (fixtures/rules/RNN504/right.py)
    if keyword is None and name in event.parameters and name != slot and not {name, slot} <= _SIZES:
        return OTHER_PLACE.filled(name=name, slot=slot), (f"{name} as {slot}", f"{name} as {name}")
    # None stands for what is not given: who builds the class for real gives it
    if not isinstance(argument.value, Lit) or argument.value.value is None:
        return None
    value = argument.value.value
    if slot in _FLAGS and type(value) is int and value in (0, 1):
        # torch checks the types of a module's bias and batch_first, and of a cell's arguments none
        # (fixtures/rules/RNN504/model.py)
        takes_it = event.cell.endswith("Cell")
        said = NO_FLAG.filled(value=value, slot=slot, flag=bool(value))
        return None if takes_it else (said, (f"{value!r} as {slot}", "True or False"))
    if kind := _not_of_kind(slot, value):
        said = OTHER_KIND.filled(value=_short(value), kind=kind, slot=slot)
        return said, (f"{_short(value)} as {slot}", f"a {kind}")
    return None


def _short(value: object) -> str:
    """A constant as Python writes it, of a long text the beginning."""
    written = repr(value)
    return written if len(written) <= _LONGEST else f"{written[: _LONGEST - 4]}...{written[-1]}"


_LONGEST = 24  # with the longest names of parameters, a message stays within its 120 characters


def _not_of_kind(slot: str, value: object) -> str:
    """What the slot wants, where the value is none."""
    if slot in _FLAGS:
        return "" if isinstance(value, bool) else "flag"
    if slot in _COUNTS:
        return "" if type(value) is int else "whole number"
    # a rate: torch takes any number from 0 to 1, and no bool
    if slot == "dropout":
        return "rate" if isinstance(value, (bool, str)) or value is None or _outside(value) else ""
    if slot == "nonlinearity":
        return "" if isinstance(value, str) else "nonlinearity"
    return ""


def _outside(value: object) -> bool:
    return isinstance(value, (int, float)) and not 0 <= value <= 1
