"""What becomes of the batches that one run sorts by length."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterator, Sequence
from dataclasses import dataclass, field

from rnnlint.axes.states import Block, Call, Given, Order, States, blocks
from rnnlint.events import Sorted, Used
from rnnlint.interpret.state.journal import Ask, Journal
from rnnlint.torch_api.batches.sorting import of_sort, origin
from rnnlint.torch_api.operands import source_key
from rnnlint.values.domain import Tensor, Value
from rnnlint.values.origins import Counting


@dataclass(slots=True)
class SortedBatches:
    """``unseen_sort``: something that is not followed was sorted; ``checked``: lengths that torch has found to fall."""

    journal: Journal
    unseen_sort: bool
    checked: set[Value] = field(default_factory=set)
    indexed: dict[Hashable, set[Given]] = field(default_factory=dict)  # by the index of each sort

    def sorting(self) -> None:
        """Something that is not followed is sorted."""
        self.journal.did("batches", "sorting")
        self.journal.changes(Ask.UNSEEN, None, self.unseen_sort)
        self.unseen_sort = True

    @property
    def unseen(self) -> bool:
        """Whether something that is not followed was sorted."""
        self.journal.asked(Ask.UNSEEN, None, self.unseen_sort)
        return self.unseen_sort

    def falling(self, lengths: Value) -> bool:
        """Whether torch has found that lengths fall."""
        known = lengths in self.checked
        self.journal.asked(Ask.CHECKED, lengths, known)
        return known

    def check(self, lengths: Value) -> None:
        """Torch has found that lengths fall."""
        self.journal.did("batches", "check", lengths)
        self.journal.changes(Ask.CHECKED, lengths, lengths in self.checked)
        self.checked.add(lengths)

    def permuted(self, states: States, order: Order) -> None:
        """A tensor is indexed by the indices of sorts."""
        if order:
            self.journal.did("batches", "permuted", states, order)
        for generator, _ in order:
            found = self.indexed.setdefault(generator, set())
            found.update(block.source for block in blocks(states) if isinstance(block.source, Given))

    def hand_on(self, states: States) -> None:
        """If this is the index of a sort, what is done with it from here on is not known."""
        if isinstance(states, Block) and not states.orders:  # without them there is nothing to tell, and most have none
            return
        for block in blocks(states):
            if isinstance(block.source, Given) and isinstance(source_key(Tensor(block)), Counting):
                self.journal.account.handed_on.update(generator for _, order in block.orders for generator, _ in order)

    def feed(self, states: States) -> None:
        """A recurrent call reads a tensor."""
        self.journal.account.fed.update(block.source for block in blocks(states))

    def events(self, calls: Collection[Call], uses: Sequence[Used]) -> Iterator[Sorted]:
        """For every sort, what became of the calls on the batch that it sorted."""
        for generator, indexed in self.indexed.items():
            concerned = {call for call in calls if call.packed and generator in {one for one, _ in call.order}}
            if not concerned:
                continue
            used = [one for one in uses if any(block.source in concerned for block in blocks(one.states))]
            account = self.journal.account
            fed = {origin(source) for source in account.fed if isinstance(source, Given)} | {of_sort(generator)}
            others = {origin(source) for source in indexed} - fed - {None}
            yield Sorted(generator, tuple(used), bool(others) or generator in account.handed_on)
