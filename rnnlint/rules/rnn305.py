"""RNN305 packed-read-as-tensor

## What it finds
A PackedSequence indexed or used as a tensor: `packed[-1]`, `packed[:, -1]`, `fc(packed)`, `packed.size(0)`, or
unpacked into another number of names than its four fields. And the pair `(padded, lengths)` that `pad_packed_sequence`
returns, used as if it were its first part.

## Why it is wrong
A PackedSequence is a tuple of four: `data`, `batch_sizes`, `sorted_indices`, `unsorted_indices`. Given packed input,
an RNN returns packed output. `packed[-1]` is `unsorted_indices` (None for a sorted batch), and a tensor's index or
method raises. Until torch 1.0 a PackedSequence had two fields, and `scores, _ = pack_padded_sequence(...)` is left from
that time.

## Example
```python
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence

gru = nn.GRU(3, 5, batch_first=True)
packed = pack_padded_sequence(torch.randn(4, 7, 3), torch.tensor([7, 5, 3, 2]), batch_first=True)
output, h_n = gru(packed)
logits = nn.Linear(5, 2)(output[:, -1])
```
torch raises `TypeError`.

## Instead
```python
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence

gru = nn.GRU(3, 5, batch_first=True)
packed = pack_padded_sequence(torch.randn(4, 7, 3), torch.tensor([7, 5, 3, 2]), batch_first=True)
output, h_n = gru(packed)
logits = nn.Linear(5, 2)(h_n[-1])
```

## When it stays silent
- `packed[0]`, which is `packed.data`, all valid steps of all samples below each other: a Linear over it is right
  code.
- `packed.data`, `packed.batch_sizes` and the other fields; unpacking into four names.
- Fields by number that make a PackedSequence again: `PackedSequence(new, packed[1], packed[2], packed[3])`,
  `PackedSequence(new, *packed[1:])`.
- `pad_packed_sequence(packed)`, and `[0]` or `[1]` of what it returns; a field asked for by number of what was packed
  and no RNN has read.

## Fix
Unsafe: which state was wanted is the author's to say.
"""

from __future__ import annotations

from collections.abc import Iterator

from rnnlint.axes.states import Call
from rnnlint.events import PackedRead, PaddedRead, Site, Unpacked
from rnnlint.rules.claims import Claim
from rnnlint.rules.grounds import Beside, Grounds
from rnnlint.rules.readings import written
from rnnlint.rules.repairs import Repair, Written
from rnnlint.rules.rule import Hit, rule
from rnnlint.rules.template import Template
from rnnlint.rules.words import final_states_text
from rnnlint.values.domain import Packed

_FIELDS = ("data", "batch_sizes", "sorted_indices", "unsorted_indices")
_PAD = "use pad_packed_sequence, or h_n"


CLAIMS = (
    Claim(
        "flagged",
        "a PackedSequence takes no index of a tensor",
        "packed, {state} = rnn({input})\nresult = packed[:, -1]",
        raises=("TypeError", "tuple indices must be integers or slices, not tuple"),
        where="packed",
    ),
    Claim(
        "flagged",
        "[-1] of a PackedSequence is its unsorted_indices, no states",
        "packed, {state} = rnn({input})\nresult = packed[-1] is packed.unsorted_indices",
        expected="True",
        wanted="False",
        where="packed",
    ),
    Claim(
        "flagged",
        "a PackedSequence has no methods of a tensor",
        "packed, {state} = rnn({input})\nresult = packed.size(0)",
        raises=("AttributeError", "'PackedSequence' object has no attribute 'size'"),
        where="packed",
    ),
    Claim(
        "flagged",
        "a PackedSequence has four fields, whatever was packed",
        "data, _ = {input}\nresult = data",
        raises=("ValueError", "too many values to unpack"),
        where="packed",
    ),
    Claim(
        "flagged",
        "what pad_packed_sequence returns is a pair",
        "packed, {state} = rnn({input})\nresult = pad_packed_sequence(packed, batch_first={batch_first})[:, -1]",
        raises=("TypeError", "tuple indices must be integers or slices, not tuple"),
        where="packed",
    ),
    Claim(
        "advised",
        "padded again it is a tensor, with zeros behind the last step of each sample",
        "packed, {state} = rnn({input})\nresult, lengths = pad_packed_sequence(packed, batch_first={batch_first})",
        expected="output",
        where="packed",
    ),
    Claim(
        "advised",
        "the last rows of h_n are the final states of every sample, whatever its length",
        "packed, {state} = rnn({input})\nresult = torch.cat(list(h_n[-{D}:]), dim=-1)",
        expected="torch.cat([hidden(-1, way, 'final') for way in range(D)], -1)",
        where="packed",
        reads="sample == row",
    ),
    Claim(
        "silent",
        "[0] of a PackedSequence is its data, which begins with step 0 of every sample, the longest first",
        "packed, {state} = rnn({input})\nresult = packed[0][packed.unsorted_indices]",
        expected="torch.cat([hidden(-1, way, 0) for way in range(D)], -1)",
        where="packed",
    ),
)


FOUR_FIELDS = Template("{expr}: a PackedSequence has four fields, not {count}", _PAD)
SLICED = Template("{expr}: a slice of a PackedSequence picks some of its fields, no steps", _PAD)
A_FIELD = Template("{expr}: [{index}] of a PackedSequence is its {field}, no states", _PAD)
NO_TENSOR = Template("{expr}: a PackedSequence is not a tensor, so torch raises", _PAD, raises=True)

A_PAIR = Template(
    "{expr}: pad_packed_sequence returns (padded, lengths), no tensor, so torch raises", "take its [0]", raises=True
)
INPUT_FIELDS = Template(
    "{expr}: a PackedSequence has four fields, not {count}, so torch raises", "take its .data", raises=True
)


@rule("RNN305", "packed-read-as-tensor", since="0.1", on=True, fix="unsafe", doc=__doc__, claims=CLAIMS)
def packed_read_as_tensor(event: PackedRead | PaddedRead | Unpacked) -> Iterator[Hit]:
    if isinstance(event, Unpacked):
        # four names are its fields, as PackedSequence is a named tuple; a starred one takes what is left
        # (fixtures/rules/RNN305/script.py)
        if isinstance(event.value, Packed) and len(event.names) != len(_FIELDS) and "*" not in str(event.names):
            fields = INPUT_FIELDS if event.value.call is None else FOUR_FIELDS
            yield fields.filled(count=len(event.names)).at(event.site, grounds=_packed(event.value))
    elif isinstance(event, PaddedRead):
        grounds = Grounds("(padded, lengths)", "padded") if event.padded is None else Grounds(event.padded, "padded")
        yield A_PAIR.at(event.site, grounds=grounds)
    else:
        yield from _of_packed(event)


def _of_packed(event: PackedRead) -> Iterator[Hit]:
    call, grounds = None if event.subject is None else event.subject.call, _packed(event.subject)
    if event.op == "index" and event.index is None and event.packed is not None:
        yield SLICED.at(event.site, call, grounds=grounds, repairs=_repairs(event, call))
    # four fields, so that -4 to 3 are indices; more raises, as of any tuple
    elif event.op == "index" and event.index is not None and -4 <= event.index < 4:
        # 0 is .data, which one takes to apply a layer to every step (fixtures/rules/RNN305/script.py)
        if event.index % 4:
            yield A_FIELD.filled(index=event.index, field=_FIELDS[event.index]).at(event.site, grounds=grounds)
    else:
        yield NO_TENSOR.at(event.site, call, grounds=grounds, repairs=_repairs(event, call))


def _repairs(event: PackedRead, call: Call | None) -> tuple[Repair, ...]:
    """Who takes the last step of it gets the last layer's final states, of each sample after its own last step."""
    if event.op != "index" or call is None or not written(event.site, -1):
        return ()
    return (Repair((Written(event.site, final_states_text(call)),), call, safe=True),)


def _packed(value: Packed | None) -> Grounds:
    read = "a PackedSequence" if value is None else value
    call = None if value is None else value.call
    places = () if value is None or call is not None else (Beside(Site(value.at), "this is packed here"),)
    return Grounds(read, "a tensor", call=call, result="" if call is None else "output", places=places)
