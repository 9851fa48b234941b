"""Rules and concerns as a user names them, to waive them or to ask for them alone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from rnnlint.rules import registry
from rnnlint.runtime.auditing.checks import CONCERNS
from rnnlint.settings import guess

_PREFIX = "RNN"  # what every code begins with: a shorter prefix would name them all
_SPECIFIC = len("RNN40")  # a rule that is off by default is asked for by its code or by a prefix of it this long


class UnknownNameError(ValueError):
    """A name that is neither a rule nor a concern; the text is one line that says which was likely meant."""


@dataclass(frozen=True, slots=True)
class Names:
    """Some rules and concerns: ``written`` as given, ``prefixes`` of codes, and ``concerns`` by name."""

    written: tuple[str, ...] = ()
    prefixes: tuple[str, ...] = ()
    concerns: frozenset[str] = frozenset()

    @classmethod
    def of(cls, given: str | Iterable[str], where: str) -> Names:
        """Codes, prefixes of codes, names of rules, names of concerns; a single text is one of them, not its letters.

        ``where`` says to the user what they stand in.  Raises :class:`UnknownNameError`.
        """
        if not isinstance(given, (str, Iterable)):
            raise UnknownNameError(f"{where} takes a list of names, not {given!r}")
        written = (given,) if isinstance(given, str) else tuple(given)
        rules = {rule.name: code for code, rule in registry().items()}
        prefixes, concerns = [], set()
        for one in written:
            if not isinstance(one, str):
                raise UnknownNameError(f"{where} takes names, not {one!r}")
            if not one.strip():
                raise UnknownNameError(f"an empty name in {where}")
            name, prefix = one.strip().lower(), one.strip().upper()
            if name in CONCERNS:
                concerns.add(name)
            elif name in rules:
                prefixes.append(rules[name])
            # last, because names of concerns and rules are whole words, and a prefix could swallow one
            elif prefix.startswith(_PREFIX) and any(code.startswith(prefix) for code in registry()):
                prefixes.append(prefix)
            else:
                # what looks like a code is most likely a code misspelt, and everything else a name
                known = registry() if prefix.startswith(_PREFIX) else {**rules, **CONCERNS}
                likely = guess(prefix if prefix.startswith(_PREFIX) else name, known)
                raise UnknownNameError(f"unknown name {one!r} in {where}{likely}")
        return cls(written, tuple(prefixes), frozenset(concerns))

    def __or__(self, other: Names) -> Names:
        return Names((*self.written, *other.written), (*self.prefixes, *other.prefixes), self.concerns | other.concerns)

    def has_rule(self, code: str) -> bool:
        """Whether a rule is among them, by its whole code."""
        return code.startswith(self.prefixes)  # an empty tuple is a prefix of nothing

    def has_concern(self, name: str) -> bool:
        """Whether a concern is among them, by its whole name."""
        return name in self.concerns

    @property
    def off_by_default(self) -> frozenset[str]:
        """The rules that are off by default and asked for one by one, or nearly."""
        asked = tuple(prefix for prefix in self.prefixes if len(prefix) >= _SPECIFIC)
        return frozenset(code for code, rule in registry().items() if not rule.on and code.startswith(asked))
