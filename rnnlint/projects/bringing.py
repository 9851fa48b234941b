"""Which statements of a file go together: those that bind a name, or do something with it, and what these need."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rnnlint.projects.summary import Statement


class Bringing:
    """The statements of a file that names have brought so far.

    A statement is looked at once and a name followed once, however many are asked for: a file of constants may have
    thousands, each made of the last.
    """

    def __init__(self, statements: Sequence[Statement]) -> None:
        self._statements = statements
        self._with: dict[str, list[int]] = {}  # the statements that a name brings
        for number, one in enumerate(statements):
            for word in one.binds if one.definition else one.binds | one.words:
                self._with.setdefault(word, []).append(number)
        self._followed: set[str] = set()
        self.found: set[int] = set()

    def more(self, names: Iterable[str]) -> set[int]:
        """The numbers of the statements that names bring, and that none before has."""
        pending = list(names)
        new: set[int] = set()
        while pending:
            name = pending.pop()
            if name in self._followed:
                continue
            self._followed.add(name)
            for number in self._with.get(name, ()):
                if number not in self.found:
                    self.found.add(number)
                    new.add(number)
                    pending += self._statements[number].words
        return new
