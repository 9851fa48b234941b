"""RNN404 sorted-never-restored

## What it finds
A batch that is sorted by length for packing and leaves the function in that order: nothing undoes the sort in what is
returned or enters the loss, and its index goes nowhere else. Also a sort that is undone along the wrong axis
(`h_n.index_select(0, restore)`: axis 0 of `h_n` holds layers), or with the sort's own index instead of its inverse,
and a PackedSequence that is made again, of `batch_sizes` alone, after torch has sorted (`enforce_sorted=False`).

## Why it is wrong
Row i of the result belongs to another sample than row i of the input and of the labels. Nothing in the shapes shows
it, and a model trained on shuffled labels learns next to nothing.

## Example
```python
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence


class Classifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.gru = nn.GRU(8, 20, batch_first=True)
        self.fc = nn.Linear(20, 3)

    def forward(self, x, lengths):
        lengths, index = lengths.sort(descending=True)
        _, h_n = self.gru(pack_padded_sequence(x[index], lengths, batch_first=True))
        return self.fc(h_n[-1])


print(Classifier()(torch.randn(4, 7, 8), torch.tensor([3, 7, 5, 2])).shape)
```

## Instead
```python
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence


class Classifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.gru = nn.GRU(8, 20, batch_first=True)
        self.fc = nn.Linear(20, 3)

    def forward(self, x, lengths):
        _, h_n = self.gru(pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False))
        return self.fc(h_n[-1])


print(Classifier()(torch.randn(4, 7, 8), torch.tensor([3, 7, 5, 2])).shape)
```

## When it stays silent
- The order is restored: `output[index.argsort()]`, `output.index_select(0, restore)`, `h_n[:, restore]`, a `scatter`
  or an assignment `restored[index] = output`.
- The index is returned or stored, handed to something that is not followed, or labels are indexed by it too: then
  somebody can restore the order, or shares it.
- The sort itself is not in the file: a batch that arrives sorted, an index that is a parameter.
- What leaves holds no samples any more (a mean over the batch).
- `pack_padded_sequence(..., enforce_sorted=False)`: torch sorts and restores by itself.

Where some results are restored and others are not, the first of the others is reported, where it is returned.

## Fix
Unsafe: it changes which row is which.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import replace

from rnnlint.axes.reading import notes
from rnnlint.axes.states import Block, Call, Note
from rnnlint.events import Reordered, Site, Sorted
from rnnlint.rules.claims import Claim
from rnnlint.rules.grounds import Beside, Grounds
from rnnlint.rules.readings import call_of, from_state, parts_of
from rnnlint.rules.rule import Hit, rule
from rnnlint.rules.sorted_samples import holds_samples, order_of, undone_elsewhere
from rnnlint.rules.template import Template
from rnnlint.values.origins import PackingOrder, Sorting
from rnnlint.values.uses import Use

# what meets others in their order: returned, or beside targets in a loss. A layer takes each sample for itself.
_LEAVES = frozenset({Use.RETURN, Use.LOSS})

_SORTED = (
    "falling, index = lengths.sort(descending=True)\n"
    "output, {state} = rnn(pack_padded_sequence(x[index], falling, batch_first=True))\n"
)
_ORDER = "lengths.argsort(descending=True)"
CLAIMS = (
    Claim(
        "flagged",
        "what comes of a sorted batch is in the order of the lengths",
        _SORTED + "result = h_n[-1]",
        expected=f"hidden(-1, D - 1, 'final')[{_ORDER}]",
        wanted="hidden(-1, D - 1, 'final')",
        where="packed and batch_first and N > 1 and T > 1",
        reads=f"(sample == {_ORDER}[row]) & (step < lengths[{_ORDER}[row]])",
    ),
    Claim(
        "flagged",
        "along axis 0 of h_n the index picks layers and directions",
        _SORTED + "result = h_n.index_select(0, index.argsort())",
        expected=f"h_n[:, {_ORDER}][{_ORDER}.argsort()]",
        wanted="h_n",
        where="packed and batch_first and N > 1 and T > 1 and L * D >= N",
    ),
    Claim(
        "flagged",
        "a PackedSequence of batch_sizes alone has lost the order that torch would restore",
        "packed = {input}\npacked = torch.nn.utils.rnn.PackedSequence(packed.data, packed.batch_sizes)\n"
        "output, {state} = rnn(packed)\nresult = h_n[-1]",
        expected=f"hidden(-1, D - 1, 'final')[{_ORDER}]",
        wanted="hidden(-1, D - 1, 'final')",
        where="packed and N > 1 and T > 1",
    ),
    Claim(
        "advised",
        "with enforce_sorted=False torch sorts, and restores the order",
        "output, {state} = rnn({input})\nresult = h_n[-1]",
        expected="hidden(-1, D - 1, 'final')",
        where="packed",
    ),
    Claim(
        "silent",
        "argsort of the index restores the order",
        _SORTED + "result = h_n[-1][index.argsort()]",
        expected="hidden(-1, D - 1, 'final')",
        where="packed and batch_first",
    ),
    Claim(
        "silent",
        "so does an assignment by the index",
        _SORTED + "result = torch.empty_like(h_n[-1])\nresult[index] = h_n[-1]",
        expected="hidden(-1, D - 1, 'final')",
        where="packed and batch_first",
    ),
)


STILL_PACKED_SO = Template(
    "{expr}: the samples here are still sorted by length", "give PackedSequence its unsorted_indices"
)
SORTED_AGAIN = Template(
    "{expr}: the samples here are put back with the sort's own index, which sorts again",
    "use enforce_sorted=False and no sort",
)
STILL_SORTED = Template("{expr}: the samples here are still sorted by length", "use enforce_sorted=False and no sort")
OTHER_AXIS = Template("{expr}: this reorders axis {axis}, {what}, not the samples", "use axis {samples}")


@rule("RNN404", "sorted-never-restored", since="0.1", on=True, fix="unsafe", doc=__doc__, claims=CLAIMS)
def sorted_never_restored(event: Sorted | Reordered) -> Iterator[Hit]:
    if isinstance(event, Reordered):
        yield from _astray(event)
        return
    if event.shared:
        return
    said: list[tuple[Call, Site]] = []
    for used in event.uses:
        if used.how not in _LEAVES:
            continue
        for block in parts_of(used.states):
            order = order_of(block)
            if call_of(block).packed and order and event.sort in {sort for sort, _ in order}:
                wanted = "the samples in the order they came in"
                grounds = Grounds(block, wanted, used=used, places=_sorted_at(block))
                # of several results of one call, the first: what mends that mends them all
                own = (call_of(block), used.site)
                before = tuple(site for call, site in said if call == own[0] and site.node != used.site.node)
                yield replace(_why(block, event.sort).at(used.site, grounds=grounds), follows=before)
                said.append(own)
                break


def _why(block: Block, sort: Hashable) -> Template:
    if isinstance(sort, PackingOrder):
        return STILL_PACKED_SO
    return SORTED_AGAIN if len(order_of(block)) > len(call_of(block).order) else STILL_SORTED


def _sorted_at(block: Block) -> tuple[Beside, ...]:
    """Where the samples of a block were sorted."""
    sorts = [sort for sort, _ in order_of(block) if isinstance(sort, Sorting)]
    return tuple(Beside(Site(sort.at), "the samples are sorted here") for sort in sorts[:1])


def _astray(event: Reordered) -> Iterator[Hit]:
    """The order of the samples is undone along an axis that holds none."""
    for block in undone_elsewhere(event):
        if notes.note(block, Note.OTHER_LAYOUT):
            continue  # RNN403: that is why the samples are on another axis
        what = "layers" if from_state(block) else "something else"
        said = OTHER_AXIS.filled(axis=event.axis, what=what, samples=_samples(block))
        wanted = f"the samples, on axis {_samples(block)}"
        yield said.at(event.site, grounds=Grounds(event.before, wanted, places=_sorted_at(block)))
        return


def _samples(block: Block) -> int:
    return next((number for number in range(len(block.axes)) if holds_samples(block, number)), 0)
