"""What a check says."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from rnnlint.runtime.auditing.checks.catalogue import CONCERNS


@dataclass(frozen=True, slots=True)
class Concern:
    """Something a run showed that nobody wants: one clear line.

    ``name`` is one of :data:`rnnlint.runtime.auditing.checks.catalogue.CONCERNS`; ``names`` are the modules concerned,
    or the parameters where it says that they get no gradient.  Raises KeyError for a name that is not there.
    """

    name: str
    text: str
    place: object = None
    names: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        CONCERNS[self.name]  # a concern without a page could not be looked up, nor waived

    @property
    def kind(self) -> str:
        """What was asked: "samples", "steps", "gradient", "padding", "evaluation" or "coverage"."""
        return CONCERNS[self.name].kind

    def __str__(self) -> str:
        text = f"{self.text} [{self.name}]"
        return text if self.place is None else f"{self.place}: {text}"


@dataclass(frozen=True, slots=True)
class Checked:
    """Concerns, and notes on what was explained or not checked."""

    concerns: tuple[Concern, ...] = ()
    notes: tuple[str, ...] = ()

    def __iter__(self) -> Iterator[Concern | str]:
        yield from self.concerns
        yield from self.notes

    @classmethod
    def of(cls, said: Iterable[Concern | str]) -> Checked:
        """Concerns and notes (strings) told apart, each once."""
        every = list(dict.fromkeys(said))
        return cls(
            tuple(one for one in every if isinstance(one, Concern)), tuple(one for one in every if isinstance(one, str))
        )
