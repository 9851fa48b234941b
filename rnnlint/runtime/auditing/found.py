"""A finding of a run."""

from __future__ import annotations

from dataclasses import dataclass

from rnnlint.runtime.auditing.places import Place


@dataclass(frozen=True, slots=True)
class Found:
    """One finding of a rule, at the place in the user's own source.

    ``read`` is what arrives there, ``wanted`` what is wanted, ``help`` what to write, and ``drawing`` the two as
    pictures in the sizes of the run (:mod:`rnnlint.drawing.carried`); each is "" where nothing can be said.
    """

    place: Place
    code: str
    name: str
    message: str
    read: str = ""
    wanted: str = ""
    help: str = ""
    drawing: str = ""

    def __str__(self) -> str:
        return f"{self.place}: {self.code} {self.message}"
