"""The tensors that one run makes from nothing: where, what is written into them, and whether anything reads them."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from math import prod
from typing import TypeAlias

from rnnlint.axes.states import Block, Given, Source, States, blocks, shape
from rnnlint.events import Site
from rnnlint.interpret.state.here import Arms, Here
from rnnlint.interpret.state.journal import Ask, Journal
from rnnlint.values.domain import Tensor, Value
from rnnlint.values.origins import Fresh, Memory

Filling: TypeAlias = tuple[Memory, Site]
"""What was written into a tensor, and where."""


@dataclass(slots=True)
class FreshTensors:
    """``born`` says in which arms of branches each was made, ``fillings`` what was written into it since.

    What is made before a run, as by ``__init__``, holds what was written into it then.
    """

    here: Here
    journal: Journal
    fillings: dict[Given, Filling]
    born: dict[Given, Arms] = field(default_factory=dict)

    def make(self, memory: Memory, shape: tuple[int, ...], occurrence: Hashable, in_model: bool) -> Given:
        """A tensor that is made here; what a model makes (``in_model``) is made whenever it runs."""
        made = Given(Fresh(memory, occurrence, self.here.site, self.here.places, in_model), shape)
        self.bear(made)
        return made

    @property
    def touched(self) -> set[Given]:
        """The tensors that were used, given ones as well."""
        return self.journal.account.touched

    def bear(self, made: Given) -> None:
        """A tensor is made here."""
        self.journal.did("fresh_tensors", "bear", made)
        self.journal.changes(Ask.BORN, made, self.born.get(made))
        self.born[made] = self.here.path.arms

    def overwrite(self, states: States, memory: Memory) -> None:
        """Something is written into a tensor: into all of it, or else it holds a mixture."""
        self.journal.did("fresh_tensors", "overwrite", states, memory)
        arms = self.here.path.arms
        for block in blocks(states):
            known = self.memory(block.source)
            if known in (None, Memory.LEARNED, Memory.KEPT) or not isinstance(block.source, Given):
                continue
            made = self.born.get(block.source)
            self.journal.asked(Ask.BORN, block.source, made)
            born = made or ()
            self.journal.changes(Ask.FILLED, block.source, self.fillings.get(block.source))
            whole = prod(shape(block)) == prod(block.source.shape) and arms == born[: len(arms)]
            self.fillings[block.source] = memory if whole else Memory.MIXED, self.here.site

    def memory(self, source: Source) -> Memory | None:
        """What a tensor holds; None for one that the program has not made itself."""
        if not isinstance(source, Given) or not isinstance(source.key, Fresh):
            return None
        filled = self._filling(source)
        return source.key.memory if filled is None else filled[0]

    def filled(self, source: Given) -> Site | None:
        """Where what a tensor holds was written into it; None for what it was made with."""
        filled = self._filling(source)
        return None if filled is None else filled[1]

    def _filling(self, source: Given) -> Filling | None:
        filled = self.fillings.get(source)
        self.journal.asked(Ask.FILLED, source, filled)
        return filled

    def answer(self, ask: Ask, source: Given) -> object:
        """The answer to a question about a tensor, for who only compares: it is not asked."""
        return self.born.get(source) if ask is Ask.BORN else self.fillings.get(source)

    def touch(self, states: States) -> None:
        """A tensor is used."""
        if isinstance(states, Block):  # as most are
            if isinstance(states.source, Given):
                self.journal.account.touched.add(states.source)
            return
        self.journal.account.touched.update(block.source for block in blocks(states) if isinstance(block.source, Given))

    def read(self, operands: Sequence[Value], result: Value) -> None:
        """An operation has read tensors: those that are not in its result went into it."""
        read = {one for value in operands if isinstance(value, Tensor) for one in _fresh_in(value)}
        if read:
            self.journal.account.touched |= read.difference(_fresh_in(result) if isinstance(result, Tensor) else ())
            self._widen(result)

    def _widen(self, result: Value) -> None:
        """A learned tensor has got another shape: of a state, perhaps, that a call is to be handed."""
        block = result.states if isinstance(result, Tensor) else None
        if isinstance(block, Block) and isinstance(block.source, Given) and shape(block) != block.source.shape:
            key = block.source.key
            if isinstance(key, Fresh) and key.memory is Memory.LEARNED:
                self.journal.account.widened.setdefault((block.source, shape(block)), self.here.site)


def _fresh_in(tensor: Tensor) -> list[Given]:
    sources = [block.source for block in blocks(tensor.states)]
    return [source for source in sources if isinstance(source, Given) and isinstance(source.key, Fresh)]
