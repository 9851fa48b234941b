"""Where the file builds its classes: which are handed modules, and in which configurations of the code around."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from rnnlint.interpret.state.known import CallSite, Handed, Holder, Known, Row
from rnnlint.source import program as ir
from rnnlint.source.mentions import mentioned_in, mentions_recurrent
from rnnlint.torch_api.modules.constructors import RECURRENT
from rnnlint.values.domain import Chain, Class, Function, Partial, Recurrent, RecurrentCell
from rnnlint.values.facts import Fact


def handed_modules(known: Known, concerned: set[Class]) -> set[Class]:
    """The classes that are built with a class that is concerned, an instance of one, or the name of a recurrent module,
    whether or not they mention one themselves."""
    return {site.cls for site in known.call_sites if any(_meets(value, concerned) for _, value in site.args)}


def _meets(known: Handed, concerned: set[Class]) -> bool:
    match known:
        case CallSite(cls, args):
            return cls in concerned or any(_meets(value, concerned) for _, value in args)
        case Holder(cls, held):
            return cls in concerned or any(_meets(value, concerned) for _, value in held)
        case Row(items) | Chain(items):
            return any(_meets(value, concerned) for value in items)  # type: ignore[arg-type]
        case Partial(function, given):
            return any(_meets(value, concerned) for value in (function, *given))  # type: ignore[arg-type]
        case Function(node):
            named = {one.node.name for one in concerned if isinstance(one.node, ir.ClassDef)}
            return mentions_recurrent(names := mentioned_in(node)) or not named.isdisjoint(names)
        case Recurrent() | RecurrentCell():
            return True
    return known in concerned or known in RECURRENT


def placed(
    sites: Iterable[CallSite], assumptions: Mapping[Fact, object], declared: bool, again: bool
) -> Iterator[CallSite]:
    """The call sites that a run has met, those that hand on modules with the configuration in which these were built.

    Where the run is made ``again``, knowing more, these are met again.
    """
    steering = {fact: answer for fact, answer in assumptions.items() if fact.kind.steers}
    for site in sites:
        if not site.modules:
            yield site
        elif not again:
            yield replace(site, assumed=steering, declared=declared)


def by_place(sites: Iterable[CallSite], cls: Class) -> list[list[CallSite]]:
    """The call sites of a class, each by itself; but what one place builds in several configurations is together.

    That is one exploration, in which facts tell in which of them something holds.
    """
    found: dict[Hashable, list[CallSite]] = {}
    for site in sites:
        if site.cls == cls:
            found.setdefault(site.place if site.modules else site, []).append(site)
    return [*found.values()]


def tries(known: Known, sites: Sequence[Sequence[CallSite]]) -> bool:
    """Whether all configurations are asked for, and the file builds a class only where it is run by itself."""
    every = [site for ways in sites for site in ways] if known.every else []
    return bool(every) and all(site.place in known.text.trials.calls and not site.through for site in every)


def settles(site: CallSite) -> bool:
    """Whether a call site leaves flags at their defaults beside a recurrent module, or a class of them, that it hands
    on."""
    return bool(site.left) and any(_is_recurrent(value) for _, value in site.args)


def _is_recurrent(known: Handed) -> bool:
    match known:
        case CallSite(args=held) | Holder(held=held):
            return any(_is_recurrent(value) for _, value in held)
        case Row(items) | Chain(items):
            return any(_is_recurrent(value) for value in items)  # type: ignore[arg-type]
        case Partial(function):
            return _is_recurrent(function)  # type: ignore[arg-type]
        case Recurrent() | RecurrentCell():
            return True
    return known in RECURRENT
