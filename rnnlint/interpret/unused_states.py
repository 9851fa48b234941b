"""Initial states that were built for a call and never reach it."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from operator import is_
from typing import TypeAlias

from rnnlint.axes.states import Given, shape
from rnnlint.events import Handed, Site, Unpassed
from rnnlint.interpret.state.run import Run
from rnnlint.interpret.state.sizes import LEAST
from rnnlint.source import program as ir
from rnnlint.source.walking import targets
from rnnlint.source.walking import walk as walk_nodes
from rnnlint.values.domain import Along, Class, Either, Function, Items, Lit, Ref, Tensor, Value
from rnnlint.values.heap_cells import Cell, ObjectCell
from rnnlint.values.origins import Fresh, Memory
from rnnlint.values.walk import blocks_in, held, in_memory, sources, walk

Attributes: TypeAlias = dict[Given, tuple[str | None, Site | None, Class | None]]

_HOLDING = (Tensor, Along, Items, Either)
"""What has tensors in it: most of what objects hold are numbers and modules."""
_BUILT = frozenset({Memory.CONSTANT, Memory.NOISE, Memory.RAW, Memory.LEARNED, Memory.KEPT})


def say(run: Run) -> None:
    """Say, at the end of a run that came through, which initial states were built for a call and not given to it."""
    handed = [event for event in run.trace.events if isinstance(event, Handed) and event.state != Lit(None)]
    if not run.calls.unhanded and not handed:
        return
    built = _attributes(run)
    _say_misnamed(run, built, handed)
    if not run.calls.unhanded:
        return
    for source in run.fresh_tensors.born:
        built.setdefault(source, (None, None, None))
    lost = {source: where for source, where in built.items() if source not in run.fresh_tensors.touched}
    for source in _elsewhere(run) if lost else ():
        lost.pop(source, None)
    said: set[Hashable] = set()
    sites: set[Hashable] = set()
    renewed = run.names.renewed() if lost else {}
    used = _places_of_used(run) if lost else set()
    for event, places in run.calls.unhanded:
        for source, (attribute, stored, _) in lost.items():
            site = stored or _site(source, places)
            # one state a call; of what is called from several places, another one that a helper has built for them
            again = event.site.node in said and not (stored is None and _by_helper(source, places))
            if (event.site.node, places) in said or again or site is None or site.node in sites or site.node in used:
                continue
            fits = _meant(run, source, event)
            # of whatever shape: what the call returns takes its place, unread
            if not fits and not (_built(run, source) and event.call in renewed.get(source, ())):
                continue
            said |= {event.site.node, (event.site.node, places)}
            sites.add(site.node)
            if isinstance(site.node, ir.Node):
                run.trace.reached.add(site.node)
            memory = run.fresh_tensors.memory(source)
            run.emit(Unpassed(event.module, attribute, memory, site, event.site, fits=fits))
    _say_widened(run, said)


def _places_of_used(run: Run) -> set[Hashable]:
    """Where tensors were made that are used, and the calls that led there: what another time nobody reads is no mistake
    of that place."""
    keys = (source.key for source in run.fresh_tensors.touched)
    return {place for key in keys if isinstance(key, Fresh) for place in (_node_of(key), *key.calls)}


def _node_of(key: Fresh) -> Hashable:
    return key.site.node if isinstance(key.site, Site) else None


def _say_misnamed(run: Run, built: Attributes, handed: Sequence[Handed]) -> None:
    """The same of what is stored from outside a class, under a name that nobody reads, for a call that has a state.

    Where a model is given its state so, this is one under another name.  What a class stores of its own and does not
    read is left behind, and harms nobody: its call has the state that it is handed.
    """
    said: set[Hashable] = set()
    for source, (attribute, stored, cls) in built.items():
        if stored is None or stored.node in said or source in run.fresh_tensors.touched:
            continue
        event = next((event for event in handed if _meant(run, source, event)), None)
        if event is not None and not _stands_in(stored, cls):
            said.add(stored.node)
            if isinstance(stored.node, ir.Node):
                run.trace.reached.add(stored.node)
            memory = run.fresh_tensors.memory(source)
            run.emit(Unpassed(event.module, attribute, memory, stored, event.site, handed=True))


def _stands_in(site: Site, cls: Class | None) -> bool:
    """Whether a place is in the text of a class; of an object whose class is not known, nobody can tell."""
    return cls is None or not isinstance(cls.node, ir.Node) or any(one is site.node for one in walk_nodes(cls.node))


def _say_widened(run: Run, said: set[Hashable]) -> None:
    """The same of what a parameter of the model was made into for a call, where nothing else is done with it."""
    for (source, extents), site in run.journal.account.widened.items():
        if source in run.fresh_tensors.touched:
            continue
        for event, _ in run.calls.unhanded:
            if event.site.node not in said and _fits(extents, event) and not _is_kept(run, source, extents):
                said.add(event.site.node)
                run.emit(Unpassed(event.module, None, run.fresh_tensors.memory(source), site, event.site))


def _is_kept(run: Run, source: Given, extents: tuple[int, ...]) -> bool:
    """Whether a tensor that was made of another one can still be reached when the run is over."""
    names = (value for inner, _ in run.state.scopes for value in inner.values())
    every = [*names, *(value for cell in run.heap.values() for value in held(cell))]
    return any(
        block.source == source and shape(block) == extents
        for value in every
        if isinstance(value, _HOLDING)
        for block in blocks_in(value, along=True)
    )


def _attributes(run: Run) -> Attributes:
    """What the objects at work hold under names that the file never reads, where it was stored, and their classes."""
    found: Attributes = {}
    stored = {**run.known.stored, **run.learned.stored}
    for cell in (heap.get(key) for key in run.receivers for heap in (run.state.before, run.heap)):
        if not isinstance(cell, ObjectCell):
            continue
        for name, value in cell.attrs.items():
            for source in _sources(value):
                if not run.known.text.reads(name):
                    found[source] = (name, stored.get((cell.cls, name)), cell.cls)
    return found


def _elsewhere(run: Run) -> Iterator[Given]:
    """What can still be reached in another way: in a list, under an attribute that is read, by a closure."""
    named = _named(run)
    for key, cell in run.heap.items():
        if isinstance(cell, ObjectCell) or key in named:
            yield from _contents(run, cell)
    for inner, around in run.state.scopes:
        if around is None:
            yield from _in_file(inner)
            continue
        for value in inner.values():
            yield from _sources(value)


def _in_file(names: Mapping[str, Value]) -> Iterator[Given]:
    """What the names of a file hold that its functions and classes read."""
    nodes = [value.node for value in names.values() if isinstance(value, (Function, Class))]
    inside = [node for node in nodes if isinstance(node, (ir.FunctionDef, ir.ClassDef))]
    for name, value in names.items():
        held = list(_sources(value))
        if held and any(_reads(node, name) for node in inside):
            yield from held


def _named(run: Run) -> set[int]:
    """The lists and dicts that a name or an object leads to; the others, such as those that a comprehension has made
    for ``tuple``, are gone."""
    into = in_memory(run.heap)
    objects = (value for cell in run.heap.values() if isinstance(cell, ObjectCell) for value in held(cell))
    named = (value for names, _ in run.state.scopes for value in names.values())
    roots = [*objects, *named]
    return {one.cell for root in roots for one in walk(root, into) if isinstance(one, Ref)}


def _reads(node: ir.FunctionDef | ir.ClassDef, name: str) -> bool:
    """Whether a function, or a method of a class, reads a name that it does not bind itself: that of the file."""
    if name not in node.names:
        return False
    if isinstance(node, ir.ClassDef):
        return any(not isinstance(part, ir.FunctionDef) or _reads(part, name) for part in node.body)
    own = {parameter.name for parameter in node.params}
    for part in walk_nodes(node.body):
        if isinstance(part, ir.Outer) and name in part.names:
            return True
        own.update(target.id for top in targets(part) for target in walk_nodes(top) if isinstance(target, ir.Name))
    return name not in own


def _contents(run: Run, cell: Cell) -> Iterator[Given]:
    """What is in a cell under names that the file reads."""
    read = run.known.text.attributes_read
    named = cell.attrs.items() if isinstance(cell, ObjectCell) else ()
    values = [value for name, value in named if name in read] if named else held(cell)
    for value in values:
        yield from _sources(value)


def _sources(value: Value) -> Iterator[Given]:
    """The tensors in a value that the program has made from nothing."""
    if not isinstance(value, _HOLDING):
        return
    for source in sources(value, along=True):
        if isinstance(source, Given) and isinstance(source.key, Fresh):
            yield source


def _meant(run: Run, source: Given, event: Handed) -> bool:
    """Whether a tensor has the shape of the state that a call was not handed."""
    return _built(run, source) and _fits(source.shape, event)


def _built(run: Run, source: Given) -> bool:
    """Whether a tensor holds what states are started with."""
    return run.fresh_tensors.memory(source) in _BUILT


def _fits(extents: tuple[int, ...], event: Handed) -> bool:
    return any(
        len(extents) == len(wanted)
        and all(
            size == right or (axis == len(wanted) - 2 and max(size, right) >= LEAST)
            for axis, (size, right) in enumerate(zip(extents, wanted, strict=True))
        )
        for wanted in event.wanted
    )


def _by_helper(source: Given, places: tuple[Hashable, ...]) -> bool:
    """Whether the function that makes the call has called another one that built the state."""
    assert isinstance(source.key, Fresh)
    *outer, helper = source.key.calls or (None,)
    return helper is not None and len(outer) < len(places) and all(map(is_, outer, places))


def _site(source: Given, places: tuple[Hashable, ...]) -> Site | None:
    """Where the state was built, as the function sees it that makes the call."""
    assert isinstance(source.key, Fresh)
    common = 0
    for mine, other in zip(source.key.calls, places, strict=False):
        if mine is not other:
            break
        common += 1
    if len(source.key.calls) > common:
        return Site(source.key.calls[common], "call")
    return source.key.site if isinstance(source.key.site, Site) else None
