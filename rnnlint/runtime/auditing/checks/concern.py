"""What a check says."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Concern:
    """Something a run showed that nobody wants: one clear line.

    ``kind`` is "samples", "steps", "gradient", "padding" or "evaluation"; ``names`` are the modules, or for
    "gradient" the parameters, concerned.
    """

    kind: str
    text: str
    place: object = None
    names: tuple[str, ...] = ()

    def __str__(self) -> str:
        return self.text if self.place is None else f"{self.place}: {self.text}"


@dataclass(frozen=True, slots=True)
class Checked:
    """Concerns, and notes on what was explained or not checked."""

    concerns: tuple[Concern, ...] = ()
    notes: tuple[str, ...] = ()

    @classmethod
    def of(cls, said: Iterable[Concern | str]) -> Checked:
        """Concerns and notes (strings) told apart, each once."""
        every = list(dict.fromkeys(said))
        return cls(
            tuple(one for one in every if isinstance(one, Concern)), tuple(one for one in every if isinstance(one, str))
        )
