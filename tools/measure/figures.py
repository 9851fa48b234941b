"""Recall, precision and what the issue asks of them, counted."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from rnnlint.rules import registry
from tools.measure.findings import VERDICTS, Alarm
from tools.measure.labels import Key, Row


@dataclass(frozen=True, slots=True)
class Share:
    """``part`` of ``whole``."""

    part: int
    whole: int

    def __str__(self) -> str:
        return f"{self.part}/{self.whole}" + (f" = {100 * self.part / self.whole:.1f} %" if self.whole else "")

    @property
    def interval(self) -> str:
        """Where the true share lies with 95 % confidence, were these drawn at random (Wilson's score interval)."""
        if not self.whole:
            return "-"
        z, n, p = 1.96, self.whole, self.part / self.whole  # 1.96: the normal deviate of 95 %, two-sided
        middle, half = p + z * z / (2 * n), z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
        low, high = ((middle + side) / (1 + z * z / n) for side in (-half, half))
        # without any found the lower end is zero, and rounding may make it less
        return f"{100 * max(low, 0):.0f} to {100 * high:.0f} %"


@dataclass(frozen=True, slots=True)
class Goals:
    """What is asked, in percent: at least, but for false alarms."""

    bug: float = 95
    suspicious: float = 90
    true: float = 97
    understood: float = 96
    false_alarms: float = 2


# what was asked of the project on the code that it is developed with, and on code that nobody had looked at
DEVELOPED = Goals()
FRESH = Goals(bug=85, suspicious=80)


@dataclass(frozen=True, slots=True)
class Measured:
    """Rows, and the findings beside them: in the declared configuration, and in all of them.

    ``modules`` are the recurrent modules of the files that are understood, of those seen.
    """

    rows: tuple[Row, ...]
    declared: tuple[Alarm, ...]
    everywhere: tuple[Alarm, ...]
    modules: Share

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


def targets(measured: Measured, goals: Goals) -> list[Target]:
    """What is asked of the linter on real code, and what comes out."""
    asked = []
    for conditional, name in ((False, ""), (True, "conditional, ")):
        for verdict, least in (("bug", goals.bug), ("suspicious", goals.suspicious)):
            share = measured.recall(conditional, verdict)
            asked.append(Target(f"recall, {name}{verdict}", share, least=least))
    asked.append(Target("true findings of rules that are on", true_by_default(measured), least=goals.true))
    asked.append(Target("modules understood", measured.modules, least=goals.understood))
    for alarms, name in ((measured.declared, ""), (measured.everywhere, ", all configurations")):
        kinds = Counter(alarm.kind for alarm in alarms)
        share = Share(kinds["false alarm"], kinds["false alarm"] + kinds["right"])
        asked.append(Target(f"false alarms on labelled lines{name}", share, most=goals.false_alarms))
    return asked


def true_by_default(measured: Measured) -> Share:
    """Of the declared findings of rules that are on by default, those that are right by the labels or judged true.

    That is what users meet who select RNN.  An arguable one counts as not true, one that nobody has judged not at all.
    """
    rules = registry()
    counted = kinds([alarm for alarm in measured.declared if alarm.code in rules and rules[alarm.code].on])
    return Share(counted["right"] + counted["true"], counted.total() - counted["unjudged"])


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
