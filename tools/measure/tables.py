"""The tables of the measurement, for the terminal and for the page."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rnnlint.rules import registry
from tools.measure.figures import Goals, Measured, rule_lines, targets
from tools.measure.findings import Alarm, Judged
from tools.measure.labels import Key, Note, Row


@dataclass(frozen=True, slots=True)
class Table:
    """A title, column names, and lines of cells."""

    title: str
    header: tuple[str, ...]
    lines: tuple[tuple[str, ...], ...]

    def text(self) -> str:
        """For a terminal; the last column is not padded."""
        if not self.lines:
            return f"{self.title}: none\n"
        widths = [max(map(len, column)) for column in zip(self.header, *self.lines, strict=True)]
        shown = [f"{self.title}:"]
        for line in (self.header, *self.lines):
            padded = [cell.ljust(width) for cell, width in zip(line[:-1], widths[:-1], strict=True)]
            shown.append("  " + "  ".join([*padded, line[-1]]).rstrip())
        return "\n".join([*shown, ""])

    def markdown(self) -> str:
        """For a page."""
        if not self.lines:
            return f"### {self.title}\n\nNone.\n"
        shown = [f"### {self.title}", "", _row(self.header), _row("---" for _ in self.header), *map(_row, self.lines)]
        return "\n".join([*shown, ""])


def _row(cells: Iterable[str]) -> str:
    escaped = (cell.replace("|", "\\|").replace("<", "\\<").replace("*", "\\*") for cell in cells)
    return f"| {' | '.join(escaped)} |"


def table(title: str, header: Sequence[str], lines: Iterable[Sequence[object]]) -> Table:
    """A table of anything that has a text."""
    return Table(title, tuple(header), tuple(tuple(map(str, line)) for line in lines))


def totals(labelled: Measured, corrected: Measured, goals: Goals) -> Table:
    """What is asked and what is reached, by the labels as they are and as corrected."""
    lines = [
        (before.name, before.asked, before.share, after.share, "yes" if after.reached else "no", before.share.interval)
        for before, after in zip(targets(labelled, goals), targets(corrected, goals), strict=True)
    ]
    header = ("what", "asked", "as labelled", "as corrected", "reached, as corrected", "95 % interval, as labelled")
    return table("Totals", header, lines)


def by_rule(measured: Measured) -> Table:
    """Recall and precision of every rule."""
    header = (
        "code", "found", "found, conditional", "right", "false alarm", "judged true", "arguable", "judged false",
        "precision", "precision, all configurations",
    )  # fmt: skip
    lines = [(marked(str(code)), *rest) for code, *rest in rule_lines(measured)]
    return table("By rule, as corrected", header, lines)


def missed(measured: Measured, notes: Sequence[Note]) -> Table:
    """Every demanded row that was not found, with what was written down of it."""
    reasons = {note.key: note.reason for note in notes}
    rows = [*measured.missed(False), *measured.missed(True)]
    lines = [
        (row.where, "/".join(row.codes), row.verdict, _if(row), row.reason, reasons.get(row.key, "not yet explained"))
        for row in rows
    ]
    return table("Misses, as corrected", ("place", "codes", "verdict", "conditional", "label", "why missed"), lines)


def corrections(notes: Sequence[Note]) -> Table:
    """The labels that were found wrong, what is changed in each, and why."""
    lines = [(note.where, note.key[4], note.change, note.reason) for note in notes]
    return table("Corrected labels", ("place", "slug", "change", "reason"), lines)


def false_alarms(measured: Measured) -> Table:
    """Findings on rows labelled ok, those of all configurations included."""
    seen = {alarm.said.where: alarm for alarm in (*measured.declared, *measured.everywhere)}
    some = [alarm for alarm in seen.values() if alarm.kind == "false alarm"]
    return table("False alarms, as corrected", ("place", "label", "message"), map(_alarm, some))


def verdicts(judged: Sequence[Judged], measured: Measured) -> Table:
    """The judged findings, and in which configurations they are found."""
    declared = {alarm.said.where for alarm in measured.declared}
    lines = [(one.where, "declared" if one.where in declared else "all", one.verdict, one.reason) for one in judged]
    return table("Findings on lines without a label", ("place", "configurations", "verdict", "reason"), lines)


def unjudged(alarms: Iterable[Alarm]) -> Table:
    """Findings that neither a label nor a verdict by hand speaks of."""
    return table("Not yet judged", ("place", "label", "message"), map(_alarm, alarms))


def gone(judged: Iterable[Judged]) -> Table:
    """Verdicts by hand on what is no longer found."""
    return table("Judged, and gone", ("place", "verdict", "reason"), [(o.where, o.verdict, o.reason) for o in judged])


def unexplained(rows: Iterable[Row]) -> Table:
    """Misses without a reason."""
    lines = [(row.where, "/".join(row.codes), _if(row), row.reason) for row in rows]
    return table("Missed, and no reason is written down", ("place", "codes", "conditional", "label"), lines)


def explained(notes: Iterable[Note]) -> Table:
    """Reasons why something is missed that is found now."""
    return table("Explained as missed, and found", ("place", "reason"), [(note.where, note.reason) for note in notes])


def keys(rows: Iterable[Row]) -> frozenset[Key]:
    """What names these rows."""
    return frozenset(row.key for row in rows)


def marked(code: str) -> str:
    """The code, and whether it is off by default."""
    rule = registry().get(code)
    return f"{code} (off)" if rule is not None and not rule.on else code


def _if(row: Row) -> str:
    return "yes" if row.conditional else "no"


def _alarm(alarm: Alarm) -> tuple[object, ...]:
    labels = ", ".join(f"{row.verdict}: {row.reason}" for row in alarm.rows)
    return alarm.said.where, labels or "-", alarm.said.message
