"""The tensors that one run makes from nothing: where, what is written into them, and whether anything reads them."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from math import prod

from rnnlint.axes.states import Given, Source, States, blocks, shape
from rnnlint.events import Site
from rnnlint.interpret.state.here import Here
from rnnlint.values.domain import Tensor, Value
from rnnlint.values.origins import Fresh, Memory

Arms = tuple[int, ...]


@dataclass(slots=True)
class FreshTensors:
    """``born`` says in which arms of branches each was made; ``touched`` are the tensors used, given ones as well."""

    here: Here
    born: dict[Given, Arms] = field(default_factory=dict)
    touched: set[Given] = field(default_factory=set)
    _filled: dict[Given, tuple[Memory, Site]] = field(default_factory=dict)

    def make(self, memory: Memory, shape: tuple[int, ...], occurrence: Hashable, in_model: bool) -> Given:
        """A tensor that is made here; what a model makes (``in_model``) is made whenever it runs."""
        made = Given(Fresh(memory, occurrence, self.here.site, self.here.places, in_model), shape)
        self.born[made] = self.here.path.arms
        return made

    def overwrite(self, states: States, memory: Memory) -> None:
        """Something is written into a tensor: into all of it, or else it holds a mixture."""
        arms = self.here.path.arms
        for block in blocks(states):
            known = self.memory(block.source)
            if known in (None, Memory.LEARNED, Memory.KEPT) or not isinstance(block.source, Given):
                continue
            born = self.born.get(block.source, ())
            whole = prod(shape(block)) == prod(block.source.shape) and arms == born[: len(arms)]
            self._filled[block.source] = memory if whole else Memory.MIXED, self.here.site

    def memory(self, source: Source) -> Memory | None:
        """What a tensor holds; None for one that the program has not made itself."""
        if not isinstance(source, Given) or not isinstance(source.key, Fresh):
            return None
        return self._filled[source][0] if source in self._filled else source.key.memory

    def filled(self, source: Given) -> Site | None:
        """Where what a tensor holds was written into it; None for what it was made with."""
        return self._filled[source][1] if source in self._filled else None

    def touch(self, states: States) -> None:
        """A tensor is used."""
        self.touched.update(block.source for block in blocks(states) if isinstance(block.source, Given))

    def read(self, operands: Sequence[Value], result: Value) -> None:
        """An operation has read tensors: those that are not in its result went into it."""
        read = {one for value in operands if isinstance(value, Tensor) for one in _fresh_in(value)}
        if read:
            self.touched |= read.difference(_fresh_in(result) if isinstance(result, Tensor) else ())


def _fresh_in(tensor: Tensor) -> list[Given]:
    sources = [block.source for block in blocks(tensor.states)]
    return [source for source in sources if isinstance(source, Given) and isinstance(source.key, Fresh)]
