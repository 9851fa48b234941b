"""Which rules are reported: codes by prefix, as flake8 and ruff take them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path

from rnnlint.configuration.patterns import Pattern
from rnnlint.frozen import dataclass

EVERYTHING = "ALL"  # of ruff's: every rule, those that are off by default too
_OURS = "RNN901"
_NARROW = len("RNN40")  # a shorter prefix names a family, and turns on what is on by default in it


@dataclass(frozen=True, slots=True)
class PerFile:
    """What is not reported of the files of a pattern, or with ``!`` before it of all others."""

    pattern: Pattern
    codes: tuple[str, ...]

    def leaves_out(self, code: str, path: Path) -> bool:
        """Whether the code is left out in the file, whose path is absolute."""
        if not any(_covers(prefix, code) for prefix in self.codes):
            return False
        text = self.pattern.text
        if text.startswith("!"):
            return not Pattern(text[1:], self.pattern.base).matches(path)
        return self.pattern.matches(path)


@dataclass(frozen=True, slots=True)
class Layer:
    """What one place says: a configuration file, or a command line.

    ``select`` replaces what was chosen before, ``extend`` adds to it, ``ignore`` takes away.
    """

    select: tuple[str, ...] | None = None
    extend: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()

    def takes(self, code: str, taken: bool, *, on: bool) -> bool:
        """Whether the code is reported, where ``taken`` says it without this layer; ``on``: it is on by default."""
        chosen = _reach((*(self.select or ()), *self.extend), code, least=0 if on else _NARROW)
        left = _reach(self.ignore, code)
        if self.select is not None:
            return chosen > left
        return taken if chosen == left == _NONE else chosen > left


@dataclass(frozen=True, slots=True)
class Selection:
    """Which codes are reported, and where.

    Within one place the longer prefix wins, and ``ignore`` where both are as long: so it is in flake8 (the last branch
    of ``DecisionEngine.make_decision`` in flake8/style_guide.py) and in ruff ("more specific selectors take precedence
    over less specific ones", ``as_rule_table`` in ruff_workspace/src/configuration.rs).  A later place is stronger than
    an earlier one, and its ``select`` forgets all of that, as in ruff: ``--select RNN110`` reports it whatever the
    file ignores.  What is ignored in single files is not reported there, however it was selected, as in ruff.

    A rule that is off by default needs its code, or a prefix of five characters: ``RNN`` and ``RNN1`` turn on what is
    on by default.  ``shown`` are codes that something else has turned on.  Mistakes of our own (RNN901) are said
    whatever is selected, unless they are ignored: of a file in which there is one nobody knows that it is clean.
    """

    layers: tuple[Layer, ...] = ()
    per_file: tuple[PerFile, ...] = ()
    shown: tuple[str, ...] = ()

    def takes(self, code: str, path: Path | None = None) -> bool:
        """Whether a code is reported in a file; ``path`` is absolute, None for what is in no file."""
        on = taken = code in self.shown or _on(code)
        for layer in self.layers:
            if code == _OURS and layer.select is not None:
                layer = Layer((EVERYTHING,), layer.extend, layer.ignore)
            taken = layer.takes(code, taken, on=on)
        return taken and not (path is not None and any(one.leaves_out(code, path) for one in self.per_file))

    def codes(self, path: Path | None = None) -> tuple[str, ...]:
        """All codes that are reported, sorted."""
        return tuple(code for code in known_codes() if self.takes(code, path))


_NONE = -1


def _reach(prefixes: Iterable[str], code: str, least: int = 0) -> int:
    """How long the longest prefix is that covers the code; ``_NONE`` for none of ``least`` characters, 0 for ALL."""
    covering = [prefix for prefix in prefixes if _covers(prefix, code)]
    lengths = [
        0 if prefix == EVERYTHING else len(prefix)
        for prefix in covering
        if prefix == EVERYTHING or len(prefix) >= least
    ]
    return max(lengths, default=_NONE)


def _covers(prefix: str, code: str) -> bool:
    return prefix == EVERYTHING or code.startswith(prefix)


def _on(code: str) -> bool:
    """Whether a rule is on by default."""
    from rnnlint.rules import registry  # which takes a tenth of a second to import, and only who has findings asks

    rule = registry().get(code)
    return rule is not None and rule.on


@cache
def known_codes() -> tuple[str, ...]:
    """The codes there are, sorted: by the names of the files that the rules stand in, none of which is imported."""
    from importlib.util import find_spec

    spec = find_spec("rnnlint.rules")
    folders: Sequence[str] = (spec.submodule_search_locations or ()) if spec is not None else ()
    return tuple(sorted({code for folder in folders for code in _codes_in(folder)}))


def _codes_in(folder: str) -> Iterator[str]:
    import pkgutil

    for info in pkgutil.iter_modules([folder]):
        if info.name.startswith("rnn"):
            yield info.name.upper()


def unknown(prefix: str) -> bool:
    """Whether a prefix covers no rule; ``R`` may be anybody's, and covers none."""
    covered = len(prefix) >= len("RNN") and any(code.startswith(prefix) for code in known_codes())
    return prefix != EVERYTHING and not covered
