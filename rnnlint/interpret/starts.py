"""Where runs begin: a state of the program, and what is assumed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import field, replace

from rnnlint.frozen import dataclass
from rnnlint.interpret.state.frames import Base
from rnnlint.interpret.state.known import CallSite, Known, Text
from rnnlint.source import program as ir
from rnnlint.source.batches import batches
from rnnlint.source.links import Links
from rnnlint.torch_api.context import Need
from rnnlint.values.domain import Free, Value
from rnnlint.values.facts import Fact, FactKind


@dataclass(frozen=True, slots=True)
class Start:
    """Where runs begin: a state of the program, and what was assumed to get there."""

    base: Base
    assumptions: dict[Fact, object] = field(default_factory=dict)
    declared: bool = True
    receiver: Value | None = None
    site: CallSite | None = None  # how the class is built that is run; None as it declares itself
    supposed: bool = False  # with what nobody says that it is built with (``interpret.wiring``)


def alternatives(start: Start, need: Need, known: Known) -> list[Start]:
    """The same start once for each answer; of a parameter with a declared default, the first answer is that."""
    declares = _has_default(known, need.fact)
    return [
        replace(
            start,
            assumptions={**start.assumptions, need.fact: option},
            declared=start.declared and (index == 0 or not declares),
        )
        for index, option in enumerate(need.options)
    ]


_ANSWERED_BY_NONE = frozenset({FactKind.NONE, FactKind.TRUTH, FactKind.SAME})


def _has_default(known: Known, fact: Fact) -> bool:
    """Whether an assumption is about a parameter with a declared default, which answers it."""
    declared = known.declared.get(fact.about) if isinstance(fact.about, Free) else None
    # None is no number of anything, and none of several strings
    return declared is not None and (declared[0].value is not None or fact.kind in _ANSWERED_BY_NONE)


def text_of(programs: Sequence[ir.Program], links: Links) -> Text:
    """What the texts of the files say together."""
    bodies = tuple(statement for program in programs for statement in program.body)
    stores = frozenset().union(*(program.stores for program in programs))
    return Text(bodies, batches(bodies), stores, links)
