"""What the project answers about the readings of the gallery: what each holds, which hold the same, what rules say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache

from rnnlint.axes.reading.meaning import same
from rnnlint.axes.states import shape
from rnnlint.drawing import svg
from rnnlint.drawing.grid import Varying
from rnnlint.findings import Finding
from rnnlint.showing.answer import Answer, answer, compared
from rnnlint.showing.question import Question
from rnnlint.showing.writing import sentences
from tools.gallery.readings import SECTIONS, Reading, Section

PICTURES = "gallery"
"""The folder of the pictures, below docs/."""

LAYOUTS = (True, False)
"""``batch_first``."""


class Differs(Exception):
    """The two layouts of a reading are not the same thing; the message is one line."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A reading of a section, as the project answers it.

    ``says`` is what it is in each layout, ``equals`` are the numbers of the section's other readings that hold the
    same.  ``pictures`` are SVG by their names below docs/: one for both layouts where the tensor is the same, else two.
    """

    reading: Reading
    says: tuple[str, ...]
    read: tuple[str, ...]
    findings: tuple[Finding, ...]
    equals: tuple[int, ...]
    pictures: tuple[tuple[str, str], ...]

    def alternative(self, number: int) -> str:
        """One of the pictures in words."""
        expression = self.reading.expression(LAYOUTS[number])
        return f"{expression} is {self.says[number]}. {'; '.join(self.read)}"


@cache
def drawn(section: Section) -> tuple[Drawn, ...]:
    """Every reading of a section, in its order.  Differs where the layouts do not say the same."""
    readings = section.readings
    both = [[answer(section.question(layout), one.expression(layout)) for one in readings] for layout in LAYOUTS]
    relations = [_equals(section.question(layout), answers) for layout, answers in zip(LAYOUTS, both, strict=True)]
    found = []
    for number, (reading, *answers) in enumerate(zip(readings, *both, strict=True)):
        first, second = answers
        same_codes = [one.code for one in first.findings] == [one.code for one in second.findings]
        if relations[0][number] != relations[1][number] or not same_codes:
            raise Differs(f"{section.title}: {reading.words} is not the same in both layouts")
        says = tuple(one.picture.says for one in answers if one.picture is not None)
        read = tuple(sentences(replace(first, equals=(), findings=())))
        pictures = _pictures(section, reading, answers)
        found.append(Drawn(reading, says, read, first.findings, tuple(sorted(relations[0][number])), pictures))
    return tuple(found)


def _equals(question: Question, answers: Sequence[Answer]) -> list[set[int]]:
    """For each answer the numbers of those that hold the same, as ``rnnlint show`` says of the two expressions."""
    found: list[set[int]] = [set() for _ in answers]
    for number, one in enumerate(answers):
        for other in range(number):
            if _may_be_same(one, answers[other]):
                said = compared(question, one.expression, answers[other].expression)
                if said.equal:
                    found[number].add(other)
                    found[other].add(number)
    return found


def _may_be_same(one: Answer, other: Answer) -> bool:
    """Whether it is worth a comparison, which takes longer than the answers: what is read looks the same."""
    if one.states is None or other.states is None or one.picture is None or other.picture is None:
        return False
    if shape(one.states) != shape(other.states):
        return False
    parts = [[(cell.place, set(cell.parts)) for cell in each.picture.cells] for each in (one, other) if each.picture]
    return same(one.states, other.states) or parts[0] == parts[1]


def _pictures(section: Section, reading: Reading, answers: Sequence[Answer]) -> tuple[tuple[str, str], ...]:
    drawings = [one.picture for one in answers if one.picture is not None]
    varying = Varying.of(drawings)
    titles = [reading.expression(layout) for layout in LAYOUTS]
    texts = [svg.svg(one, title, varying) for one, title in zip(drawings, titles, strict=True)]
    path = f"{PICTURES}/{section.name}/{reading.name}"
    # the same tensor, however it is reached: drawn once, as it is written with batch_first=True
    if svg.svg(drawings[0], "", varying) == svg.svg(drawings[1], "", varying):
        return ((f"{path}.svg", texts[0]),)
    return ((f"{path}-batch-first.svg", texts[0]), (f"{path}-time-major.svg", texts[1]))


def pictures() -> dict[str, str]:
    """Every picture by its name below docs/."""
    return {name: text for section in SECTIONS for one in drawn(section) for name, text in one.pictures}
