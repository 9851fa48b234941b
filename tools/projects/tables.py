"""What the measurement prints."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from tools.measure.figures import Share
from tools.measure.findings import Said, Where
from tools.measure.labels import WRONG, Row
from tools.measure.tables import Table, table
from tools.projects.comparing import Compared, Found, Judged, alarms


def progress(one: Compared) -> str:
    """A line on a tree that has been checked."""
    return (
        f"{one.tree[0]}: {len(one.alone.said)} findings alone in {one.alone.seconds:.1f} s, "
        f"{len(one.together.said)} together in {one.together.seconds:.1f} s"
    )


def rows(found: Sequence[Found]) -> Table:
    """How many of the wrong rows are found, by verdict and by the code that is meant."""
    lines: list[tuple[object, ...]] = []
    for verdict in WRONG:
        meant = [one for one in found if one.row.verdict == verdict and one.row.meant]
        lines.append((verdict, "all", *_shares(meant)))
        for code in sorted({one.row.codes[0] for one in meant}):
            lines.append((verdict, code, *_shares([one for one in meant if one.row.codes[0] == code])))
    header = ("verdict", "code", "alone", "together", "alone, all configurations", "together, all configurations")
    return table("Labelled rows that are found", header, lines)


def _shares(found: Sequence[Found]) -> tuple[Share, ...]:
    whole = len(found)
    return (
        Share(sum(one.alone for one in found), whole),
        Share(sum(one.together for one in found), whole),
        Share(sum(one.alone_everywhere for one in found), whole),
        Share(sum(one.together_everywhere for one in found), whole),
    )


def each_row(found: Iterable[Found]) -> Table:
    """Every wrong row, and by which runs it is found."""
    lines = [
        (
            one.row.where,
            one.row.verdict,
            "/".join(one.row.codes) or "-",
            "conditional" if one.row.conditional else "",
            "".join("x" if each else "." for each in _runs(one)),
            one.row.reason,
        )
        for one in found
        if one.row.verdict in WRONG
    ]
    header = ("where", "verdict", "code", "", "found", "why it is wrong")
    return table("Row by row (alone, together; the same in all configurations)", header, lines)


def _runs(one: Found) -> tuple[bool, ...]:
    return one.alone, one.together, one.alone_everywhere, one.together_everywhere


def on_right_lines(compared: Sequence[Compared], every: Sequence[Row]) -> Table:
    """What is said, with the project in view, of lines that are labelled right."""
    lines = [
        (row.where, alarm.code, row.slug, alarm.said.message)
        for alarm in alarms([one.together for one in compared], every)
        for row in alarm.rows
        if row.verdict == "ok" and not alarm.explained
    ]
    return table("Said together on lines labelled right", ("where", "code", "label", "message"), lines)


def changes(found: Iterable[tuple[str, Said]], judged: Mapping[tuple[str, Where], Judged]) -> Table:
    """How many findings are new and gone, by verdict."""
    counts: Counter[tuple[str, str]] = Counter()
    for change, said in found:
        one = judged.get((change, said.where))
        counts[change, one.verdict if one else "not judged"] += 1
    return table(
        "Findings that change with the project in view",
        ("change", "verdict", "how many"),
        ((*key, number) for key, number in sorted(counts.items())),
    )


def costs(compared: Iterable[Compared]) -> Table:
    """Seconds of processor time, the dearest first; all together, with the trees apart where no other file matters."""
    trees = sorted(compared, key=lambda one: -one.together.seconds)
    lines = [_cost(one.tree[0], one.alone.seconds, one.together.seconds) for one in trees]
    for name, several in (
        ("all in which no other file takes part", [one for one in trees if not one.together.joined]),
        ("all in which others do", [one for one in trees if one.together.joined]),
        ("all", trees),
    ):
        alone, together = (sum(getattr(one, each).seconds for one in several) for each in ("alone", "together"))
        lines.append(_cost(f"{name} ({len(several)})", alone, together))
    return table("Seconds of processor time", ("repository", "alone", "together", "together / alone"), lines)


def _cost(name: str, alone: float, together: float) -> tuple[str, ...]:
    return name, f"{alone:.2f}", f"{together:.2f}", f"{together / alone:.2f}" if alone else "-"


def refused(compared: Iterable[Compared]) -> Table:
    """What runs have said on standard error."""
    lines = [(one.tree[0], line) for one in compared for line in one.together.refused.splitlines()]
    return table("Said to have failed", ("repository", "what"), lines)
