"""The labelled places, as they are given and as they are corrected."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tools.measure.places import Place, parsed_place, written
from tools.tsv import BadInput, rows

# The kinds of mistake of the labels, by the rule that has the same thing in its name.  Kinds without a rule are absent.
CODE_OF_SLUG = {
    "bare-squeeze": "RNN207",
    "batch-axis-as-time": "RNN201",
    "cat-on-batch-axis": "RNN206",
    "cell-state-as-output": "RNN304",
    "dropout-single-layer": "RNN503",
    "feature-width-mismatch": "RNN501",
    "first-step-of-output": "RNN110",
    "gru-unpacked-as-lstm": "RNN301",
    "half-misaligned": "RNN108",
    "hn-as-batch-first": "RNN202",
    "hn-direction-order": "RNN107",
    "hn-first-layer": "RNN105",
    "hn-last-only-of-bidirectional": "RNN104",
    "hn-slice-across-directions": "RNN106",
    "last-step-of-bidirectional": "RNN102",
    "layout-mismatch-input": "RNN204",
    "length-one-sequence": "RNN209",
    "lstm-state-as-tensor": "RNN302",
    "new:constructor-argument-misplaced": "RNN504",
    "new:detach-discarded": "RNN508",
    "new:input-as-cell-state": "RNN306",
    "new:packed-sequence-unpacked": "RNN305",
    "new:positional-arg-misplaced": "RNN504",
    "new:random-initial-state": "RNN505",
    "noop-squeeze": "RNN208",
    "output-vs-hn-compare": "RNN101",
    "pack-layout-mismatch": "RNN403",
    "packed-as-tensor": "RNN305",
    "padded-last-step": "RNN402",
    "pooled-over-padding": "RNN405",
    "scrambling-reshape": "RNN203",
    "state-carried-over": "RNN509",
    "state-shape": "RNN502",
    "step-out-of-range": "RNN109",
    "tuple-as-tensor": "RNN303",
    "unsorted-restore": "RNN404",
    "wrong-axis-reduction": "RNN205",
    "wrong-half": "RNN103",
}
COLUMNS = (
    "repo", "commit", "path", "line", "verdict", "slug", "config", "expr", "scope", "code", "code2", "report_line",
    "conditional", "reason",
)  # fmt: skip
WRONG = ("bug", "suspicious")
VERDICTS = (*WRONG, "ok")
DECIDABLE = ("stmt", "function", "class", "file")
SCOPES = (*DECIDABLE, "project", "runtime")

CORRECTED_COLUMNS = ("repository", "commit", "path", "line", "slug", "change", "reason")
MISSED_COLUMNS = ("repository", "commit", "path", "line", "slug", "reason")
CHANGEABLE = {
    "verdict": "|".join(VERDICTS),
    "scope": "|".join(SCOPES),
    "code": r"RNN\d{3}|none",
    "code2": r"RNN\d{3}|none|",
    "report_line": r"\d+|cell\d+:line\d+",
    "conditional": "yes|no",
}
TWICE = "twice"  # a change: the mistake has another row already

File = tuple[str, str, str]  # repository, commit and path
Key = tuple[str, str, str, str, str]  # repository, commit, path, line and slug: which row


@dataclass(frozen=True, slots=True)
class Row:
    """One labelled place.

    ``codes`` are the acceptable rules, the best one first; without any, no rule is meant.  ``place`` is where a finding
    should stand.
    """

    file: File
    line: str
    place: Place
    verdict: str
    slug: str
    scope: str
    codes: tuple[str, ...]
    meant: bool
    conditional: bool
    reason: str

    @property
    def key(self) -> Key:
        """What names the row in the lists written by hand."""
        return (*self.file, self.line, self.slug)

    @property
    def where(self) -> str:
        """The place, for people: repository, path and line."""
        return f"{self.file[0]} {self.file[2]}:{written(self.place, self.file[2])}"

    @property
    def demanded(self) -> bool:
        """Something is missed if nothing is said: the place is wrong, one file shows it, and a rule is meant."""
        return self.meant and self.verdict in WRONG and self.scope in DECIDABLE


@dataclass(frozen=True, slots=True)
class Note:
    """What was written down of a labelled row by hand: ``change`` is empty where only the reason counts."""

    key: Key
    reason: str
    change: str = ""

    @property
    def where(self) -> str:
        """Likewise, at the line of the label."""
        return f"{self.key[0]} {self.key[2]}:{self.key[3]}"


def read_labels(path: Path) -> list[dict[str, str]]:
    """The rows as they stand in the file, checked.  Raises BadInput."""
    found = []
    for where, cells in rows(path, COLUMNS):
        if cells["verdict"] not in VERDICTS or cells["scope"] not in SCOPES:
            raise BadInput(f"{where}: verdict or scope is unknown: {cells['verdict']!r}, {cells['scope']!r}")
        for column in ("line", "report_line"):
            if cells[column] and not re.fullmatch(CHANGEABLE["report_line"], cells[column]):
                raise BadInput(f"{where}: {column} is 17 or cell2:line101, not {cells[column]!r}")
        found.append(cells)
    return found


def key_of(cells: Mapping[str, str]) -> Key:
    """What names a row, by its cells."""
    return (cells["repo"], cells["commit"], cells["path"], cells["line"], cells["slug"])


def as_row(cells: Mapping[str, str]) -> Row:
    """A row of the file; an empty code is taken from the slug, ``none`` means that no rule is meant."""
    codes = [code for code in (cells["code"], cells["code2"]) if code and code != "none"]
    # what the label names itself goes before what its slug stands for
    if not cells["code"] and cells["slug"] in CODE_OF_SLUG:
        codes.insert(0, CODE_OF_SLUG[cells["slug"]])
    return Row(
        file=(cells["repo"], cells["commit"], cells["path"]),
        line=cells["line"],
        place=parsed_place(cells["report_line"] or cells["line"]),
        verdict=cells["verdict"],
        slug=cells["slug"],
        scope=cells["scope"],
        codes=tuple(codes),
        meant=bool(codes) and cells["code"] != "none",
        conditional=cells["conditional"] == "yes",
        reason=cells["reason"],
    )


def read_notes(path: Path, labels: Sequence[Mapping[str, str]], columns: tuple[str, ...]) -> list[Note]:
    """What was written down of labelled rows, in the files that ``labels`` are about.  Raises BadInput."""
    known = {key_of(cells) for cells in labels}
    files = {key[:3] for key in known}
    found: dict[Key, Note] = {}
    for where, cells in rows(path, columns):
        key = (cells["repository"], cells["commit"], cells["path"], cells["line"], cells["slug"])
        # only of the files at hand: lists may speak of more files than were labelled here
        if key[:3] in files and key not in known:
            raise BadInput(f"{where}: no label stands at line {cells['line']} with the slug {cells['slug']}")
        if key in found:
            raise BadInput(f"{where}: this label is listed twice")
        if not cells["reason"].strip():
            raise BadInput(f"{where}: there is no reason")
        if "change" in columns:
            dict(_changes(cells["change"], where))
        if key[:3] in files:
            found[key] = Note(key, cells["reason"], cells.get("change", ""))
    return list(found.values())


def corrected(labels: Sequence[Mapping[str, str]], notes: Sequence[Note]) -> Iterator[dict[str, str]]:
    """The rows with what was found wrong set right; a mistake that has another row counts once."""
    changes = {note.key: note.change for note in notes}
    for cells in labels:
        change = changes.get(key_of(cells))
        if change != TWICE:
            yield {**cells, **dict(_changes(change, ""))} if change else dict(cells)


def _changes(change: str, where: str) -> Iterator[tuple[str, str]]:
    """``code=none; scope=project`` by column.  Raises BadInput."""
    for part in change.split(";") if change != TWICE else ():
        name, _, value = part.strip().partition("=")
        if name not in CHANGEABLE or not re.fullmatch(CHANGEABLE[name], value):
            raise BadInput(f"{where}: a change is {TWICE}, or like code=none; scope=project, not {part.strip()!r}")
        yield name, value
