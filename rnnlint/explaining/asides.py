"""Another place of the program that a finding rests on, before it is a line."""

from __future__ import annotations

from rnnlint.frozen import dataclass
from rnnlint.source import program as ir


@dataclass(frozen=True, slots=True)
class Aside:
    """A place, and what it says there in a few words; ``argument`` is the one of a call there that is meant."""

    node: ir.Node
    message: str
    argument: ir.Argument | None = None
