"""What a rule is: metadata and a predicate over one event."""

from __future__ import annotations

import inspect
import typing
from collections.abc import Callable, Hashable, Iterator, Set
from typing import Any, Literal, TypeAlias

from rnnlint.axes.states import Call
from rnnlint.events import Site
from rnnlint.frozen import dataclass
from rnnlint.rules.claims import Claim
from rnnlint.rules.grounds import NO_GROUNDS, Grounds
from rnnlint.rules.repairs import Repair
from rnnlint.values.domain import Free

Fix: TypeAlias = Literal["safe", "unsafe", "none"]
"""What an automatic rewrite would be."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A finding before it has a position: the site it stands at, ``what`` is wrong there, and the ``advice``.

    Its message is both, in one line.  ``{expr}`` in it becomes the text of the site; ``of line {line}`` names the line
    of ``beside``, where it is known.  ``brief`` says what is wrong in fewer words, for where the configuration it
    depends on must be named beside it (with ``brief_advice``, where the advice is another then).  ``help`` is what to
    do as an imperative, where the advice is none.  ``{output}``, ``{h_n}`` and ``{c_n}`` become the program's own names
    for what ``call`` returns, where it has some, and ``{use:h_n}`` (or another) "use", or what must be done before.
    ``defaults`` are parameters whose declared defaults the hit depends on.  Where something else is reported at one of
    the places ``follows``, this only follows from it, and is not said; nor where a rule says the thing named in
    ``unless`` (its code, and where).  ``raises`` where it is what torch raises on.  ``grounds`` are what it rests on.
    ``repairs`` are what would mend it, where that can be said: of several nobody knows which was meant.
    """

    site: Site
    what: str
    advice: str = ""
    brief: str = ""
    brief_advice: str = ""
    help: str = ""
    raises: bool = False
    beside: Site | None = None
    defaults: tuple[Free, ...] = ()
    follows: tuple[Site, ...] = ()
    call: Call | None = None
    unless: tuple[tuple[str, Site], ...] = ()
    grounds: Grounds = NO_GROUNDS
    repairs: tuple[Repair, ...] = ()

    @property
    def message(self) -> str:
        """What is wrong, and what to do."""
        return _one_line(self.what, self.advice)

    @property
    def briefly(self) -> str:
        """The same in fewer words, where there are any."""
        return _one_line(self.brief or self.what, self.brief_advice or self.advice)

    def stands(self, causes: Set[Hashable], said: Set[tuple[str, Hashable]]) -> bool:
        """Whether it follows from nothing else: ``causes`` are the places of all hits, ``said`` has codes as well."""
        led = any((code, site.node) in said for code, site in self.unless)
        return not led and causes.isdisjoint(site.node for site in self.follows)


def _one_line(what: str, advice: str) -> str:
    return f"{what}; {advice}" if advice else what


@dataclass(frozen=True, slots=True)
class Rule:
    """``check`` is called with every event of the type its first parameter is annotated with.

    With ``everywhere``, it is reported only where it holds however the file comes by: from each of its call sites.
    Of an event that ``passes`` it has nothing to say, and nothing against what it says of the same place at another.
    """

    code: str
    name: str
    since: str
    on: bool
    fix: Fix
    check: Callable[[Any], Iterator[Hit]]
    doc: str
    claims: tuple[Claim, ...] = ()  # what it says about torch, for torch to confirm
    everywhere: bool = False
    passes: Callable[[Any], bool] | None = None

    @property
    def events(self) -> tuple[type, ...]:
        """The event types the rule asks for."""
        annotation = typing.get_type_hints(self.check)[next(iter(inspect.signature(self.check).parameters))]
        return typing.get_args(annotation) or (annotation,)


def rule(
    code: str,
    name: str,
    *,
    since: str,
    on: bool,
    fix: Fix,
    doc: str | None,
    claims: tuple[Claim, ...] = (),
    everywhere: bool = False,
    passes: Callable[[Any], bool] | None = None,
) -> Callable[[Callable[[Any], Iterator[Hit]]], Rule]:
    """Decorator that makes a rule of its predicate."""

    def build(check: Callable[[Any], Iterator[Hit]]) -> Rule:
        return Rule(code, name, since, on, fix, check, inspect.cleandoc(doc or ""), claims, everywhere, passes)

    return build
