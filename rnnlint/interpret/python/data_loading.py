"""Data sets and loaders of ``torch.utils.data``: a loader puts samples first, unless it is told how to join them.

https://docs.pytorch.org/docs/stable/data.html#torch.utils.data.default_collate
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from rnnlint.axes.states import Given, Role, Unknown, shape
from rnnlint.events import Evidence
from rnnlint.interpret.python import filling, sequences
from rnnlint.interpret.state.run import Run
from rnnlint.torch_api.context import TorchRaises
from rnnlint.values.domain import Bound, Free, Items, Lit, Ref, Tensor, Value
from rnnlint.values.heap_cells import DictCell, ListCell, ObjectCell
from rnnlint.values.uses import Use

Arguments = tuple[Value, ...]
Keywords = Mapping[str, Value]

_WHY = "the DataLoader"
_MOST = 8
"""Parts of a sample of which nothing is known that are told apart: as many as a loop unpacks.  A convention."""


def _tensors(run: Run, args: Arguments, keywords: Keywords) -> Value:
    """``TensorDataset(x, y)``: samples of one row of each."""
    for value in args:
        run.use(value, Use.ELSEWHERE)
    return run.containers.new_list((), Items(tuple(_row(run, value, index) for index, value in enumerate(args))))


def _row(run: Run, value: Value, index: int) -> Value:
    """A row of a tensor, as far as it has a shape: which one it is nobody asks."""
    free = _padded_as(run, run.made.frees[f"sample[{index}]", run.site.node], value, holding=False)
    if not isinstance(value, Tensor) or not shape(value.states):
        return free
    return run.known.tensors.given(Given(free, shape(value.states)[1:]))


def _loader(run: Run, args: Arguments, keywords: Keywords) -> Value:
    """``DataLoader(data, batch_size=4)``: any number of batches."""
    data = args[0] if args else keywords.get("dataset", Unknown("no data"))
    size = args[1] if len(args) > 1 else keywords.get("batch_size", Lit(1))
    for value in (*args, *keywords.values()):
        run.use(value, Use.ELSEWHERE)
    collate = keywords.get("collate_fn", Lit(None))
    free = run.made.frees["batch[...]", run.site.node]  # each another one (values.roots.some_part)
    sample = _sample(run, data)
    if collate != Lit(None):
        batch = run.call(collate, (_samples(run, sample, size, keywords),), {})
    elif size == Lit(None):  # the samples are batches
        batch = sample
    elif "**" in keywords:
        batch = free
    else:
        # whoever asks for one sample a batch may have put several into one
        batch = _together(run, sample, free, size != Lit(1) or "batch_sampler" in keywords)
    return run.containers.new_list((), batch)


def _samples(run: Run, sample: Value, size: Value, keywords: Keywords) -> Value:
    """What a collate function is handed: any number of samples; one, where that is what is asked for."""
    one = size == Lit(1) and "batch_sampler" not in keywords and "**" not in keywords
    return run.containers.new_list((sample,)) if one else run.containers.new_list((), sample)


def _sample(run: Run, data: Value) -> Value:
    """What a data set holds at any place; a free value where that is not known."""
    unknown = run.made.frees["sample", run.site.node]
    cell = run.heap[data.cell] if isinstance(data, Ref) else None
    if isinstance(cell, ListCell):
        return sequences.some_element(run, data)
    if not isinstance(cell, ObjectCell):
        return unknown
    site = run.site
    try:
        found = run.call(Bound(data, "__getitem__"), (Unknown("which sample"),), {})
    except TorchRaises:
        found = unknown
    run.here.resume(site)
    return unknown if isinstance(found, Unknown) else found


def _together(run: Run, sample: Value, free: Free, several: bool) -> Value:
    """A batch of samples, as default_collate puts them together: tensors get an axis in front, by parts."""
    if isinstance(sample, Items) and sample.tag is None:
        named = ((f"{free.key}[{index}]", one) for index, one in enumerate(sample.items))
        return Items(tuple(_together(run, one, run.made.frees[key, free.owner], several) for key, one in named))
    cell = run.heap[sample.cell] if isinstance(sample, Ref) else None
    if isinstance(cell, DictCell):
        pairs = ((key, one, run.made.frees[f"{free.key}[{key!r}]", free.owner]) for key, one in cell.items)
        return run.containers.new_cell(DictCell(tuple((k, _together(run, v, f, several)) for k, v, f in pairs)))
    free = _padded_as(run, free, sample)
    if several:
        # what is unpacked of a batch of which nothing is known are batches too
        parts = [run.made.frees[f"{free.key}[{index}]", free.owner] for index in range(_MOST)]
        for one in (free, *(parts if isinstance(sample, Free) else ())):
            run.layouts.show(one, 0, Evidence(Role.SAMPLE, _WHY, run.site))
    if not isinstance(sample, Tensor):
        return free
    sizes = (run.facts.generic((free, 0)) if several else 1, *shape(sample.states))
    return run.known.tensors.given(Given(free, sizes))


def _padded_as(run: Run, free: Free, value: Value, holding: bool = True) -> Free:
    """An open value for what is padded as another is, or as what that is ``holding``; lists of numbers are put together
    position by position."""
    padding = None if isinstance(value, Ref) else filling.batched(filling.padding_of(run, value))
    if padding is None:
        return free
    return Free(free.key, free.owner, padding.inside() if holding else replace(padding, axis=None))


def _part(run: Run, args: Arguments, keywords: Keywords) -> Value:
    """``Subset(data, indices)``: samples of the same kind."""
    return args[0] if args else run.lost("a part of nothing")


def _parts(run: Run, args: Arguments, keywords: Keywords) -> Value:
    """``random_split(data, lengths)``: any number of such parts."""
    return run.containers.new_list((), args[0]) if args else run.lost("parts of nothing")


CALLS: Mapping[str, Callable[[Run, Arguments, Keywords], Value]] = {
    "torch.utils.data.DataLoader": _loader,
    "torch.utils.data.dataloader.DataLoader": _loader,
    "torch.utils.data.TensorDataset": _tensors,
    "torch.utils.data.Subset": _part,
    "torch.utils.data.random_split": _parts,
}
