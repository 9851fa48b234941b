"""What the two runs over a tree differ in, and what the labels say of both."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tools.measure.findings import Alarm, Said, Where, beside
from tools.measure.labels import Key, Row, key_of
from tools.measure.places import parsed_place, written
from tools.projects.running import ALONE, Run, run
from tools.projects.trees import Tree
from tools.tsv import BadInput, rows

NEW, GONE = "new", "gone"
VERDICTS = ("true", "arguable", "false")
COLUMNS = ("repository", "commit", "path", "line", "code", "change", "verdict", "reason")


@dataclass(frozen=True, slots=True)
class Compared:
    """A tree, checked four times: each file alone or all together, in declared configurations or in all."""

    tree: Tree
    alone: Run
    together: Run
    alone_everywhere: Run
    together_everywhere: Run

    def changes(self) -> Iterator[tuple[str, Said]]:
        """What is new with the project in view, and what is gone, in the declared configurations."""
        before, after = (Counter(one.where for one in each.said) for each in (self.alone, self.together))
        for change, run_, more, less in ((NEW, self.together, after, before), (GONE, self.alone, before, after)):
            left = more - less
            for one in run_.said:
                if left[one.where]:
                    left[one.where] -= 1
                    yield change, one


@dataclass(frozen=True, slots=True)
class Judged:
    """A change, with a verdict on it.

    Of what is new: is it a mistake that the project shows?  Of what is gone: ``true`` where it is right that it went.
    """

    change: str
    where: Where
    verdict: str
    reason: str


@dataclass(frozen=True, slots=True)
class Found:
    """A labelled row, and which of the runs speak of it."""

    row: Row
    alone: bool
    together: bool
    alone_everywhere: bool
    together_everywhere: bool


def compare(root: Path, tree: Tree, declared_only: bool = False) -> Compared:
    """Check a tree; with ``declared_only``, what is said in declared configurations stands for all."""
    everywhere = "--all-configurations"
    alone, together = run(root, tree, ALONE), run(root, tree)
    if declared_only:
        return Compared(tree, alone, together, alone, together)
    return Compared(tree, alone, together, run(root, tree, ALONE, everywhere), run(root, tree, everywhere))


def found(compared: Iterable[Compared], labelled: Sequence[Row]) -> list[Found]:
    """Which rows are found by whom."""
    trees = list(compared)
    keys: list[frozenset[Key]] = []
    for runs in (
        [one.alone for one in trees],
        [one.together for one in trees],
        [one.alone_everywhere for one in trees],
        [one.together_everywhere for one in trees],
    ):
        alarms = beside([said for each in runs for said in each.said], labelled, [])
        keys.append(frozenset(row.key for alarm in alarms for row in alarm.explained))
    return [Found(row, *(row.key in each for each in keys)) for row in labelled]


def alarms(runs: Iterable[Run], labelled: Sequence[Row]) -> list[Alarm]:
    """What is said beside the labels, by runs over all trees."""
    return beside([said for each in runs for said in each.said], labelled, [])


def read_verdicts(path: Path, trees: Iterable[Tree]) -> dict[tuple[str, Where], Judged]:
    """The list of judged changes, of the trees at hand.  Raises BadInput."""
    known, judged = frozenset(trees), {}
    if not path.exists():
        return {}
    for where, cells in rows(path, COLUMNS):
        if cells["change"] not in (NEW, GONE) or cells["verdict"] not in VERDICTS or not cells["reason"].strip():
            raise BadInput(f"{where}: a change is {NEW} or {GONE}, a verdict {', '.join(VERDICTS)}, with a reason")
        file = (cells["repository"], cells["commit"], cells["path"])
        place = Where(file, parsed_place(cells["line"]), cells["code"])
        if file[:2] in known:
            judged[cells["change"], place] = Judged(cells["change"], place, cells["verdict"], cells["reason"])
    return judged


def cells_of(change: str, said: Said, judged: Mapping[tuple[str, Where], Judged]) -> tuple[str, ...]:
    """A line of that list; what nobody has judged has its message for a reason."""
    one = judged.get((change, said.where))
    place = written(said.where.place, said.where.file[2])
    verdict, reason = (one.verdict, one.reason) if one else ("", said.message)
    return (*said.where.file, place, said.where.code, change, verdict, reason)


def rows_of(labels: Iterable[Mapping[str, str]], scope: str) -> list[Mapping[str, str]]:
    """The labels of one scope, each once; all of them for ``""``."""
    kept: dict[Key, Mapping[str, str]] = {key_of(cells): cells for cells in labels if scope in ("", cells["scope"])}
    return list(kept.values())
