"""What is decided about a program while it is drawn."""

from __future__ import annotations

import random
from dataclasses import dataclass

from oracle.programs.spelling import Imports, Setup, Spelled


@dataclass(slots=True)
class Body:
    """Lines of ``__init__`` and ``forward`` (or of a script), without indentation."""

    build: list[str]
    unpacked: list[str]
    read: list[str]
    result: str
    helpers: list[str]


@dataclass(slots=True)
class Sketch:
    """What has been decided so far about one program."""

    rng: random.Random
    setup: Setup
    shape: str
    imports: Imports
    spelled: Spelled
    call_site: bool
    own: str
    styles: set[str]
    misread: bool = False
    free: str = ""
    half: bool = False

    def chance(self, probability: float) -> bool:
        """True with this probability, from 0 to 1."""
        return self.rng.random() < probability

    def pick(self, *forms: str) -> str:
        """One of these, each as likely."""
        return self.rng.choice(forms)


def words(text: str) -> set[str]:
    """The names a text begins with or mentions, without their attributes."""
    # ``.`` is kept, so that attributes can be cut off behind the name
    kept = "".join(character if character.isalnum() or character in "_." else " " for character in text)
    return {word.split(".")[0] for word in kept.split()}
