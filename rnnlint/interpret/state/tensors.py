"""The tensors of one file: what equal sources are, and what operations make of them, is one object.

A loop goes round, and a function is run in each configuration: two of three tensors that operations make are equal to
one that was made before, with the same marks.  Where their source is the same object, so are they
(``rnnlint.asking.once`` keeps what an operation makes with what it was made of), and are neither made and marked again
nor compared field by field wherever they are met.
"""

from __future__ import annotations

from typing import TypeVar

from rnnlint.asking import answers_of, once
from rnnlint.axes import results
from rnnlint.axes.reading import marking
from rnnlint.axes.states import Call, Given, Source, States
from rnnlint.events import Site
from rnnlint.interpret.state.recorded import same
from rnnlint.values.domain import Tensor

T = TypeVar("T", Call, Given)

_MOST = 20_000
"""Sources that are kept at once, with all that was made of them: more than any file of the corpora has."""


class Tensors:
    """What operations have made in one file; ``most``: the sources that are kept."""

    __slots__ = ("_most", "_sources")

    def __init__(self, most: int = _MOST) -> None:
        self._most = most
        self._sources: dict[Source, Source] = {}

    def source(self, source: T) -> T:
        """A source, as the object that stood for it before: the same in another round, or in another run."""
        known = self._sources.get(source)
        # what equality passes over counts: where a tensor was made, and where numbers come from
        if isinstance(known, type(source)) and same(known, source):
            return known
        if len(self._sources) >= self._most:
            self._sources.clear()
        self._sources[source] = source
        return source

    def given(self, source: Given) -> Tensor:
        """A tensor of its own, unmarked."""
        return _tensor(self.source(source))

    def marked(self, states: States, site: Site) -> Tensor:
        """The tensor that an operation makes of ``states`` at a place: marked with it."""
        answers = answers_of(states)
        known: tuple[Site, Tensor] | None = answers.get(site)
        # as above: an index is written with numbers
        if known is None or not same(known[0], site):
            known = answers[site] = site, Tensor(marking.mark(states, site))
        return known[1]


@once
def _tensor(source: Given) -> Tensor:
    return Tensor(results.given(source))
