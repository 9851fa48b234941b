"""What one run takes for granted, and which of it the run has asked for."""

from __future__ import annotations

from collections.abc import Hashable, Mapping

from rnnlint.interpret.state.journal import Ask, Journal
from rnnlint.values.facts import OPEN, Fact, FactKind


class Assumptions:
    """Answers to facts that the file leaves open.

    Every assumption is asked for through :meth:`of`, so that ``read`` are those the run depends on: another run that
    differs from it in others only would go the same way.

    ``settled`` are parameters that stay at their defaults where nothing else is assumed of them.
    """

    __slots__ = ("_about", "_answers", "_journal", "read", "settled")

    def __init__(self, answers: Mapping[Fact, object], journal: Journal) -> None:
        self._answers = {**answers, **_strings(answers)}
        self._about = {fact.about for fact in answers}
        self._journal = journal
        self.read: set[Fact] = set()
        self.settled: frozenset[Hashable] = frozenset()

    def of(self, fact: Fact) -> object:
        """What is assumed of a fact; OPEN where nothing is."""
        answer = self._answers.get(fact, OPEN)
        if answer is not OPEN:
            self.read.add(fact)
        self._journal.asked(Ask.FACT, fact, answer)
        return answer

    def chosen(self, about: Hashable) -> object:
        """Which string something is taken to be, one of a few or one that it is compared with; OPEN where of none."""
        choice = self.of(Fact(FactKind.CHOICE, about))
        if choice is not OPEN:
            return choice
        text = self.of(Fact(FactKind.STRING, about))
        if text is not OPEN:
            self.of(Fact(FactKind.SAME, about, str(text)))  # which says so
        return text

    def nothing_of(self, about: Hashable) -> bool:
        """Whether nothing at all is assumed of something, and nobody writes down what is asked: no need to ask."""
        return self._journal.now is None and about not in self._about

    def of_kind(self, kind: FactKind) -> Mapping[Fact, object]:
        """All that is assumed of a kind, read."""
        return {fact: self.of(fact) for fact in list(self._answers) if fact.kind is kind}

    def peek(self, fact: Fact) -> object:
        """As :meth:`of`, for who only compares: it is not read."""
        return self._answers.get(fact, OPEN)

    def __contains__(self, fact: Fact) -> bool:
        return self.of(fact) is not OPEN

    def add(self, answers: Mapping[Fact, object]) -> None:
        """Assume more; what is assumed already stays."""
        self._answers = {**answers, **_strings(answers), **self._answers}
        self._about.update(fact.about for fact in answers)


def _strings(answers: Mapping[Fact, object]) -> dict[Fact, object]:
    """What is one string is no other."""
    same = (fact for fact, answer in answers.items() if fact.kind is FactKind.SAME and answer)
    return {Fact(FactKind.STRING, fact.about): fact.asked for fact in same}
