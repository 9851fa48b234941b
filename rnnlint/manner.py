"""How a host wants files to be analysed; what is found is the same in all manners."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from rnnlint.frozen import dataclass
from rnnlint.interpret.outcomes import Explored
from rnnlint.source import program as ir
from rnnlint.source.moved import Pairs, move, pairs
from rnnlint.source.parse import Parsed
from rnnlint.source.positions import Places

ByPath: TypeAlias = Mapping[str, Parsed]
Known: TypeAlias = tuple[ByPath, ByPath, Explored]
"""Files in the order in which they run, files of data that they read, and what was explored of them."""
Explore: TypeAlias = Callable[[Sequence[ir.Program]], Explored]


class Memory:
    """What was explored last, for who analyses one version of a text after the other.

    Nearly all of an analysis is the exploration, and that asks what the program does and not on which lines it stands.
    Where only lines have moved since (a comment, a blank line), what was explored is kept, and its nodes are moved;
    where anything else has changed, in any of the files, all is explored again.
    """

    def __init__(self) -> None:
        self._last: Known | None = None
        self._every = False  # whether in every configuration

    def explored(self, parsed: ByPath, data: ByPath, explore: Explore, *, every: bool) -> Known:
        """The files with what is known of them: those that were explored before, in the place of these, if they can be.

        ``every``: in all configurations.  Raises what ``explore`` does.
        """
        # whatever breaks this off: nodes that were moved halfway are nobody's
        last, self._last = self._last if self._every is every else None, None
        self._every = every
        moved = None if last is None else _pairs(last, parsed, data)
        if last is None or moved is None:
            self._last = parsed, data, explore([one.program for one in parsed.values()])
        else:
            before, read, explored = last
            move(moved)
            self._last = {path: _placed(before[path], one) for path, one in parsed.items()}, read, explored
        return self._last


def _placed(old: Parsed, new: Parsed) -> Parsed:
    """The program of the old one, in the text of the new one."""
    return Parsed(old.program, Places(new.places.text, old.program.strings), old.tree)


def _pairs(last: Known, parsed: ByPath, data: ByPath) -> Pairs | None:
    """The nodes of all files with those that have taken their places; None where more than lines has changed."""
    before, read, _ = last
    if list(before) != list(parsed) or _texts(read) != _texts(data):
        return None
    found: Pairs = []
    for path, old in before.items():
        new = parsed[path]
        if _written(old) == _written(new) and _role(old) == _role(new):
            continue  # as most files are: nobody types in two at once
        some = pairs(old.tree, new.tree) if _role(old) == _role(new) else None
        # words are looked for in the text, comments included
        if some is None or _holders(old) != {was for was, now in some if now in _holders(new)}:
            return None
        found += some
    return found


def _written(one: Parsed) -> tuple[str, list[int]]:
    """The text, and which statements of it: of a file that helps not all are there."""
    return one.places.text, [statement.lineno for statement in one.tree.body]


def _role(one: Parsed) -> tuple[str, bool, bool]:
    return one.program.key, one.program.helps, one.program.guest


def _holders(one: Parsed) -> frozenset[object]:
    return frozenset(one.program.holders or ())


def _texts(data: ByPath) -> dict[str, str]:
    return {path: one.places.text for path, one in data.items()}


@dataclass(frozen=True, slots=True)
class Manner:
    """``drawn``: findings carry their drawings; ``memory`` is where explorations are kept, None for nowhere."""

    drawn: bool = True
    memory: Memory | None = None

    def explored(self, parsed: ByPath, data: ByPath, explore: Explore, *, every: bool) -> Known:
        """As :meth:`Memory.explored`, where there is one."""
        if self.memory is not None:
            return self.memory.explored(parsed, data, explore, every=every)
        return parsed, data, explore([one.program for one in parsed.values()])


USUAL = Manner()
"""Drawn, and nothing kept."""
