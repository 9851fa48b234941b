"""Recall, precision and what the issue asks of them, counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from tools.measure.findings import VERDICTS, Alarm
from tools.measure.labels import Key, Row


@dataclass(frozen=True, slots=True)
class Share:
    """``part`` of ``whole``."""

    part: int
    whole: int

    def __str__(self) -> str:
        return f"{self.part}/{self.whole}" + (f" = {100 * self.part / self.whole:.1f} %" if self.whole else "")


@dataclass(frozen=True, slots=True)
class Measured:
    """Rows, and the findings beside them: in the declared configuration, and in all of them."""

    rows: tuple[Row, ...]
    declared: tuple[Alarm, ...]
    everywhere: tuple[Alarm, ...]

    def missed(self, conditional: bool) -> list[Row]:
        """The demanded rows that were not found; conditional ones are asked of all configurations."""
        found = found_in(self.everywhere if conditional else self.declared)
        return [row for row in self.rows if row.demanded and row.conditional is conditional and row.key not in found]

    def recall(self, conditional: bool, verdict: str = "", code: str = "") -> Share:
        """How many of the demanded rows were found: of one verdict, or of those that one code should find."""

        def counts(row: Row) -> bool:
            return verdict in ("", row.verdict) and (not code or row.codes[0] == code)

        whole = [row for row in self.rows if row.demanded and row.conditional is conditional and counts(row)]
        return Share(len(whole) - sum(counts(row) for row in self.missed(conditional)), len(whole))


@dataclass(frozen=True, slots=True)
class Target:
    """What is asked: at least ``least`` percent, or at most ``most``."""

    name: str
    share: Share
    least: float = 0
    most: float = 100

    @property
    def reached(self) -> bool:
        """Whether the share lies within what is asked, in whole numbers; of nothing, it does."""
        percent = 100 * self.share.part
        return self.least * self.share.whole <= percent <= self.most * self.share.whole

    @property
    def asked(self) -> str:
        """In words."""
        return f"at least {self.least:g} %" if self.least else f"at most {self.most:g} %"


def found_in(alarms: Iterable[Alarm]) -> frozenset[Key]:
    """The rows that findings speak of."""
    return frozenset(row.key for alarm in alarms for row in alarm.explained)


def targets(measured: Measured) -> list[Target]:
    """What is asked of the linter on real code, and what comes out."""
    asked = []
    for conditional, name in ((False, ""), (True, "conditional, ")):
        # what was asked of the project for real code (docs/measured.md); likewise the 2 % below
        for verdict, least in (("bug", 95), ("suspicious", 90)):
            share = measured.recall(conditional, verdict)
            asked.append(Target(f"recall, {name}{verdict}", share, least=least))
    for alarms, name in ((measured.declared, ""), (measured.everywhere, ", all configurations")):
        kinds = Counter(alarm.kind for alarm in alarms)
        share = Share(kinds["false alarm"], kinds["false alarm"] + kinds["right"])
        asked.append(Target(f"false alarms on labelled lines{name}", share, most=2))
    return asked


def codes(measured: Measured) -> list[str]:
    """The rules that should have said something, or did."""
    expected = {row.codes[0] for row in measured.rows if row.demanded}
    return sorted(
        expected | {alarm.code for alarm in measured.everywhere} | {alarm.code for alarm in measured.declared}
    )


def kinds(alarms: Sequence[Alarm], code: str = "") -> Counter[str]:
    """How many findings are right, false alarms, and of each verdict; ``unjudged`` ones apart."""
    return Counter(alarm.kind for alarm in alarms if code in ("", alarm.code))


def precision(counted: Counter[str]) -> Share:
    """The findings that are no false alarm: right by the labels, or judged true or arguable."""
    wrong = counted["false alarm"] + counted["false"]
    whole = wrong + counted["right"] + counted["true"] + counted["arguable"]
    return Share(whole - wrong, whole)


def rule_lines(measured: Measured) -> Iterator[tuple[object, ...]]:
    """One line a rule, and one for all of them."""
    for code in (*codes(measured), ""):
        declared = kinds(measured.declared, code)
        right = (declared["right"], declared["false alarm"], *(declared[verdict] for verdict in VERDICTS))
        everywhere = kinds(measured.everywhere, code)
        recalls = (measured.recall(False, code=code), measured.recall(True, code=code))
        yield (
            code or "all",
            *map(_short, recalls),
            *right,
            _percent(precision(declared)),
            _percent(precision(everywhere)),
        )


def _short(share: Share) -> str:
    return f"{share.part}/{share.whole}" if share.whole else "-"


def _percent(share: Share) -> str:
    return f"{100 * share.part / share.whole:.0f} %" if share.whole else "-"
