"""Which of a few texts or numbers something is that the file leaves open: what decides which module is built."""

from __future__ import annotations

from collections.abc import Sequence

from rnnlint import cells
from rnnlint.interpret.state import spelled_texts
from rnnlint.interpret.state.facts import Facts
from rnnlint.source import program as ir
from rnnlint.torch_api.context import Need
from rnnlint.values.domain import Free, Lit, Value
from rnnlint.values.facts import OPEN, Fact, FactKind, same_text
from rnnlint.values.forms import Arithmetic
from rnnlint.values.roots import plain


def text(facts: Facts, value: Value, options: Sequence[str]) -> str | None:
    """Which of some texts a value is; None where it is none of them, or where that cannot be assumed.

    Raises Need where each of them is to have a run.
    """
    around = _put_together(facts, value)
    if around is not None:
        before, inner, after = around
        inside = {part: option for option in options if (part := _between(option, before, after)) is not None}
        found = text(facts, inner, tuple(inside))
        return None if found is None else inside[found]
    if isinstance(value, Lit):
        declared, default = facts.declared_as(value), _among(options, value.value)
        if declared is None or default is None:
            return default
    elif isinstance(value, Free) and plain(value):
        said = facts.default(value)
        declared, default = value, None if said is None else _among(options, said.value)
    else:
        return None
    chosen = facts.assumptions.of(Fact(FactKind.CHOICE, declared))
    if chosen is not OPEN:
        return _among(options, chosen)
    first = () if default is None else (default,)
    ordered: tuple[str, ...] = (*first, *(option for option in options if option != default))
    said_of = {option: spelled_texts.said(facts.assumptions, declared, option) for option in ordered}
    agreed = [option for option, answer in said_of.items() if answer is True]
    possible = agreed or [option for option, answer in said_of.items() if answer is not False] or list(ordered)
    if len(possible) == 1:  # it follows from what is assumed in this run, and in others something else does
        return possible[0]
    raise Need(Fact(FactKind.CHOICE, declared), tuple(possible))


def _put_together(facts: Facts, value: Value) -> tuple[str, Value, str] | None:
    """What stands before and after the text that the file leaves open in one that is put together of it and others
    (``f"rnn_{kind}"``, ``kind + "Cell"``); None for a text that is not."""
    if isinstance(value, Lit) and isinstance(value.value, str) and len(value.origins) > 1:
        opened = [origin for origin in value.origins if isinstance(origin, Free)]
        if len(opened) != 1:
            return None
        chosen, said = facts.assumptions.chosen(opened[0]), facts.default(opened[0])
        now = chosen if chosen is not OPEN else None if said is None else said.value
        parts = value.value.casefold().split(now.casefold()) if isinstance(now, str) and now else []
        if len(parts) != 2:  # it stands in it several times, or has been changed
            return None
        at, end = len(parts[0]), len(value.value) - len(parts[1])
        return value.value[:at], Lit(value.value[at:end], frozenset({opened[0]})), value.value[end:]
    match value:
        case Free(form=Arithmetic("+", Lit(str() as before), Free(form=None) as inner)):
            return before, inner, ""
        case Free(form=Arithmetic("+", Free(form=None) as inner, Lit(str() as after))):
            return "", inner, after
    return None


def _between(option: str, before: str, after: str) -> str | None:
    """What an option has between two texts, in whatever case these are; None where it has not both."""
    whole, first, last = option.casefold(), before.casefold(), after.casefold()
    if len(option) <= len(before) + len(after) or not (whole.startswith(first) and whole.endswith(last)):
        return None
    return option[len(before) : len(option) - len(after)]


def _among(options: Sequence[str], wanted: object) -> str | None:
    """The option that a text is, in whatever case; None where it is none."""
    alike = [option for option in options if same_text(option, wanted)]
    return next((option for option in alike if option == wanted), alike[0] if alike else None)


def module(facts: Facts, parameter: Free, declared: str, node: ir.Node) -> str:
    """Which recurrent module of ``torch.nn`` a parameter is the class of, whose default is ``declared`` at a node.

    Raises Need: what is built may as well have a cell state as well, or none, and that is all that tells them apart.
    """
    facts.declare(parameter, Lit(declared), node)
    chosen = facts.assumptions.of(Fact(FactKind.MODULE, parameter))
    if isinstance(chosen, str):
        return chosen
    suffix = "Cell" if declared in cells.CELLS else ""
    other = "GRU" if cells.has_cell_state(declared) else "LSTM"
    raise Need(Fact(FactKind.MODULE, parameter), (declared, f"{other}{suffix}"))


def number(facts: Facts, value: Value, numbers: Sequence[int]) -> int | None:
    """Which of some numbers a value is; None where it is none of them, or where that cannot be assumed.

    Raises Need where each of them is to have a run.
    """
    if isinstance(value, Lit) and type(value.value) is int:
        declared = facts.declared_as(value)
        if declared is None or facts.counted(declared):
            return value.value
        default: int | None = value.value
    elif isinstance(value, Free) and plain(value):
        said, assumed = facts.default(value), facts.number_of(value)
        if assumed is not OPEN:
            return assumed if isinstance(assumed, int) else None
        declared, default = value, said.value if said is not None and type(said.value) is int else None
    else:
        return None
    if default is None:
        raise Need(Fact(FactKind.NUMBER, declared), tuple(numbers))
    raise Need(Fact(FactKind.NUMBER, declared), (default, *(one for one in numbers if one != default)))
