"""RNN403 packing-in-other-layout

## What it finds
A PackedSequence that was packed with `batch_first=True` and is padded again without it, with a result that is used
as if it were still batch-first; and a `pack_padded_sequence` whose `batch_first` contradicts what it packs, or how
an RNN reads the same tensor where it is not packed.

## Why it is wrong
`pack_padded_sequence` and `pad_packed_sequence` each have a `batch_first` of their own, False by default. Padding
again without it gives (T, N, H): what follows takes samples for steps. Packing without it takes the steps for the
samples: torch raises, or does not: where there are as many of the one as of the other, and where there are fewer
samples than steps and `enforce_sorted=False`, when it packs the first few steps in their place.

## Example
```python
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence


class Tagger(nn.Module):
    def __init__(self):
        super().__init__()
        self.gru = nn.GRU(8, 20, batch_first=True)
        self.fc = nn.Linear(20, 3)

    def forward(self, x, lengths):
        packed = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
        output, _ = pad_packed_sequence(self.gru(packed)[0])
        return self.fc(output)


print(Tagger()(torch.randn(4, 7, 8), torch.tensor([3, 7, 5, 2])).shape)
```

## Instead
```python
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence


class Tagger(nn.Module):
    def __init__(self):
        super().__init__()
        self.gru = nn.GRU(8, 20, batch_first=True)
        self.fc = nn.Linear(20, 3)

    def forward(self, x, lengths):
        packed = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
        output, _ = pad_packed_sequence(self.gru(packed)[0], batch_first=True)
        return self.fc(output)


print(Tagger()(torch.randn(4, 7, 8), torch.tensor([3, 7, 5, 2])).shape)
```

## When it stays silent
- The RNN's own `batch_first` differs from both: it says nothing about packed input.
- The time-major result is turned round afterwards, or read as what it is (`output[-1]`, a sum over axis 0; packed
  again without `batch_first`, or handed to an RNN without it): then the author knows.
- A `forward` returns the result as it came, as encoders do: whoever is handed it can turn it round. Not where it sorts
  the samples back along the first axis before (`output[restore]`), which takes them to be there.
- Packed without `batch_first` and padded with it: a tensor that was not time-major would have raised when packed.
- What is packed comes from where the file does not show its layout. It is known of an RNN's output, of
  `pad_sequence`, of a batch sorted along one axis, and of one whose lengths were counted along one
  (`(x != 0).sum(1)`).

## Fix
Unsafe: it changes numbers where torch does not raise.
"""

from __future__ import annotations

from collections.abc import Iterator

from rnnlint.axes.reading import notes
from rnnlint.axes.states import Block, Note, Role
from rnnlint.events import Called, Packing, Read, Reordered, Site, Used
from rnnlint.rules.claims import Claim
from rnnlint.rules.grounds import Beside, Grounds, Setting
from rnnlint.rules.readings import alive
from rnnlint.rules.repairs import Given, Repair
from rnnlint.rules.rule import Hit, rule
from rnnlint.rules.sorted_samples import undone_elsewhere
from rnnlint.rules.uses import judged, noted, parts
from rnnlint.rules.words import a_cell
from rnnlint.torch_api.signatures import PACKS, PADS
from rnnlint.values.uses import Use

_PACKED = "packed, {state} = rnn(pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False))\n"
CLAIMS = (
    Claim(
        "flagged",
        "padded again without batch_first, the output is time-major",
        _PACKED + "result, _ = pad_packed_sequence(packed)",
        expected="output.transpose(0, 1)",
        wanted="output",
        where="packed and batch_first and T > 1",
    ),
    Claim(
        "flagged",
        "packed without batch_first, a batch-first output does not fit its lengths",
        "falling, _ = lengths.sort(descending=True)\nresult = pack_padded_sequence(output, falling).data",
        raises=("RuntimeError", "Expected `len(lengths)` to be equal to batch_size"),
        where="packed and batch_first and N != T and T > 1",  # a sequence of one step may be samples given an axis
    ),
    Claim(
        "advised",
        "with batch_first=True on both sides the output is batch-first",
        _PACKED + "result, _ = pad_packed_sequence(packed, batch_first=True)",
        expected="output",
        where="packed and batch_first",
    ),
    Claim(
        "silent",
        "a time-major result that is turned round is batch-first",
        _PACKED + "result = pad_packed_sequence(packed)[0].transpose(0, 1)",
        expected="output",
        where="packed and batch_first",
    ),
    Claim(
        "silent",
        "the batch_first of the module says nothing about packed input",
        "packed = pack_padded_sequence(x.transpose(0, 1), lengths, batch_first=True, enforce_sorted=False)\n"
        "packed, {state} = rnn(packed)\n"
        "result, _ = pad_packed_sequence(packed, batch_first=True)",
        expected="output.transpose(0, 1)",
        where="packed and not batch_first",
    ),
)


@rule("RNN403", "packing-in-other-layout", since="0.1", on=True, fix="unsafe", doc=__doc__, claims=CLAIMS)
def packing_in_other_layout(event: Packing | Read | Called | Reordered) -> Iterator[Hit]:
    if isinstance(event, Reordered):
        # who sorts the samples back along the first axis takes them to be there
        yield from (hit for block in undone_elsewhere(event) if event.axis == 0 for hit in _padded_so(block))
        return
    if isinstance(event, Called):
        # of the two it is the one without the flag that has forgotten it: an RNN without it is RNN204
        if event.contrary is not None and event.contrary.packs and event.module.batch_first:
            what = f"{a_cell(event.module)} reads the same tensor, unpacked, with batch_first=True"
            places = (Beside(event.site, f"the nn.{event.module.cell} reads it here"),)
            read = "" if event.source is None else event.source
            wanted = "(samples, steps, features)"
            grounds = Grounds(read, wanted, (Setting.LAYOUT,), module=event.module, places=places)
            use_it = "use batch_first=True here too"
            repairs = pack_first(event.contrary.site)
            said = f"{{expr}}: {what}"
            yield Hit(event.contrary.site, said, "use it here too", help=use_it, grounds=grounds, repairs=repairs)
        return
    if isinstance(event, Packing):
        if event.astray:
            flag = not event.batch_first
            what = "{expr}: this packs along the samples, as if they were steps"
            place = Beside(event.site, f"axis {0 if event.batch_first else 1} of this holds the steps", "input")
            facts = (("batch_first", str(event.batch_first)),)
            grounds = Grounds("steps where samples belong", "the samples", places=(place,), facts=facts)
            repairs = pack_first(event.site, flag)
            yield Hit(event.site, what, f"use batch_first={flag}", grounds=grounds, repairs=repairs)
        return
    if Note.OTHER_LAYOUT not in noted(event):
        return
    blocks = [
        (used, block)
        for used, held in judged(event)
        for block in held
        if notes.note(block, Note.OTHER_LAYOUT) and not (used.how is Use.RETURN and _as_it_came(block))
    ]
    read_so = {mark.site for block in parts(event) if (mark := notes.note(block, Note.READ_SO)) is not None}
    # if any use has turned it round, or reads it as it lies, the author knows how
    if blocks and all(_time_major(block) for _, block in blocks):
        for used, block in blocks:
            mark = notes.note(block, Note.OTHER_LAYOUT)
            if mark is not None and mark.site not in read_so:
                yield from _padded_so(block, used)


def _padded_so(block: Block, used: Used | None = None) -> Iterator[Hit]:
    """What is said of the call that has padded a block in the other layout than it was packed in, if one has."""
    mark = notes.note(block, Note.OTHER_LAYOUT)
    if mark is not None and isinstance(mark.site, Site):
        why = "packed with batch_first=True, padded time-major here"
        yield Hit(
            mark.site,
            f"{{expr}}: {why}",
            "use batch_first=True here too",
            grounds=Grounds(block, "samples first, as they were packed", used=used),
            repairs=(Repair((Given(mark.site, "batch_first", "True", PADS),)),),
        )


def pack_first(site: Site, flag: bool = True) -> tuple[Repair, ...]:
    """To pack with the flag, or without: it is False where nothing is given."""
    return (Repair((Given(site, "batch_first", "True" if flag else "", PACKS),)),)


def _as_it_came(block: Block) -> bool:
    """Whether a block is all of ``output``: whoever is handed that can turn it round."""
    marks = {mark.about for mark in block.marks}
    return alive(block, Role.UNIT) and not marks & set(Role)


def _time_major(block: Block) -> bool:
    """Whether the steps still come first: before the samples, or one sample was picked and the steps are left."""
    return bool(block.axes) and any(factor.along is Role.STEP for factor in block.axes[0])
