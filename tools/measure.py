"""Measure the linter on labelled real files: recall and precision by rule, with every miss and false alarm named.

Usage: ``python tools/measure.py --labels labels.tsv --files ROOT [--codes RNN102,RNN203] [--all-configurations]
[--out report.tsv]``

``labels.tsv`` has one row a place (repo, commit, path, line, verdict, slug, scope, code, code2, report_line,
conditional, ...); the files lie in ``ROOT/OWNER+NAME/COMMIT/PATH``.  In a notebook the line is ``cellN:lineM`` (cells
from 0, all kinds counted; lines from 1) and its code cells are linted as one module.

A finding belongs to a row if it stands on the row's line, or in the same simple statement.  Rows whose scope is
``project`` or ``runtime`` cannot be decided in one file: nothing is expected there, and a finding is no false alarm.
"""

from __future__ import annotations

import argparse
import ast
import csv
import json
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from rnnlint.linter import lint
from rnnlint.settings import Settings

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
DECIDABLE = frozenset({"stmt", "function", "class", "file"})
WRONG = frozenset({"bug", "suspicious"})

Place = tuple[int, int]  # cell (0 for a plain file) and line


@dataclass(frozen=True, slots=True)
class Row:
    """One labelled place.

    ``codes`` are the acceptable rules, the best one first.  ``demanded``: something is missed if nothing is said: the
    place is wrong, one file shows it, and the best code is not ``none``.
    """

    number: int
    repo: str
    commit: str
    path: str
    place: Place
    verdict: str
    slug: str
    scope: str
    codes: tuple[str, ...]
    conditional: bool
    demanded: bool
    reason: str

    @property
    def where(self) -> str:
        return f"{self.repo} {self.path}:{written(self.place, self.path)}"


@dataclass(frozen=True, slots=True)
class Module:
    """The text to lint and, for each of its lines, the place a label would name."""

    text: str
    places: tuple[Place, ...]
    statements: dict[Place, frozenset[Place]]

    def around(self, place: Place) -> frozenset[Place]:
        """Every place of the simple statement that ``place`` is in."""
        return self.statements.get(place, frozenset({place}))


@dataclass(frozen=True, slots=True)
class Alarm:
    """A finding, and the labelled rows where it stands."""

    repo: str
    path: str
    place: Place
    code: str
    message: str
    rows: tuple[Row, ...]

    @property
    def where(self) -> str:
        return f"{self.repo} {self.path}:{written(self.place, self.path)}"

    @property
    def notes(self) -> str:
        return ", ".join(f"{row.number} {row.slug}" for row in self.rows)

    @property
    def explained(self) -> tuple[Row, ...]:
        """The wrong rows that say just this."""
        return tuple(row for row in self.rows if row.verdict in WRONG and self.code in row.codes)

    @property
    def kind(self) -> str:
        """``right``, ``false alarm`` (the row is ok), ``other code`` (wrong for another reason) or ``unlabelled``."""
        if self.explained:
            return "right"
        if any(row.verdict == "ok" for row in self.rows):
            return "false alarm"
        return "other code" if self.rows else "unlabelled"


def written(place: Place, path: str) -> str:
    """A place as the labels write it."""
    cell, line = place
    return f"cell{cell}:line{line}" if path.endswith(".ipynb") else str(line)


def parsed_place(text: str) -> Place:
    """``17`` or ``cell2:line101``."""
    notebook = re.fullmatch(r"cell(\d+):line(\d+)", text)
    return (int(notebook[1]), int(notebook[2])) if notebook else (0, int(text))


def read_rows(labels: Path) -> Iterator[Row]:
    """The labelled places; an empty code is taken from the slug, ``none`` means that no rule is meant."""
    with labels.open(encoding="utf-8", newline="") as file:
        for number, row in enumerate(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)):
            codes = [code for code in (row["code"], row["code2"]) if code and code != "none"]
            if not row["code"] and row["slug"] in CODE_OF_SLUG:
                codes.insert(0, CODE_OF_SLUG[row["slug"]])
            place = parsed_place(row["report_line"] or row["line"])
            demanded = row["verdict"] in WRONG and row["scope"] in DECIDABLE and row["code"] != "none"
            yield Row(
                number, row["repo"], row["commit"], row["path"], place, row["verdict"], row["slug"], row["scope"],
                tuple(codes), row["conditional"] == "yes", demanded, row["reason"],
            )  # fmt: skip


def expected_code(row: Row, codes: frozenset[str] | None) -> str | None:
    """The rule that should fire at ``row``, if one of the measured rules should."""
    wanted = [code for code in row.codes if codes is None or code in codes]
    return wanted[0] if row.demanded and wanted else None


def parses(text: str) -> bool:
    try:
        ast.parse(text)
    except (SyntaxError, ValueError):
        return False
    return True


def commented(line: str) -> str:
    """The line as a comment of the same length and indentation (magics are no Python)."""
    bare = line.lstrip()
    return line[: len(line) - len(bare)] + "#" + bare[1:] if bare else line


def python_of_cell(text: str) -> list[str]:
    """The lines of a code cell, with IPython's own syntax turned into comments."""
    lines = text.split("\n")
    if parses(text):
        return lines
    if text.startswith("%%") and not re.match(r"%%(time|timeit|capture)\b", text):
        return [commented(line) for line in lines]
    magic = re.compile(r"\s*([%!?]|[\w, ]+=\s*[%!])|.*\?\s*$")
    plain = [commented(line) if magic.match(line) else line for line in lines]
    return plain if parses("\n".join(plain)) else [commented(line) for line in lines]


def notebook_lines(text: str) -> Iterator[tuple[Place, str]]:
    """The lines of all code cells, each with its cell and line."""
    for index, cell in enumerate(json.loads(text)["cells"]):
        if cell["cell_type"] != "code":
            continue
        source = cell["source"]
        for line, code in enumerate(python_of_cell(source if isinstance(source, str) else "".join(source)), start=1):
            yield (index, line), code


def simple_statements(text: str) -> Iterator[tuple[int, int]]:
    """First and last line of each simple statement and of each compound statement's header."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError):
        return
    for node in ast.walk(tree):
        if not isinstance(node, ast.stmt):
            continue
        body = getattr(node, "body", None)
        last = (body[0].lineno - 1 if body else node.end_lineno) or node.lineno
        yield node.lineno, max(last, node.lineno)


def read_module(path: Path) -> Module:
    """A Python file or notebook as one module."""
    text = path.read_text(encoding="utf-8-sig", errors="replace")
    if path.suffix == ".ipynb":
        lines = list(notebook_lines(text))
        text = "\n".join(code for _, code in lines) + "\n"
        places = tuple(place for place, _ in lines)
    else:
        places = tuple((0, line) for line in range(1, len(text.split("\n")) + 1))
    statements = {}
    for first, last in simple_statements(text):
        whole = frozenset(places[first - 1 : last])
        statements.update(dict.fromkeys(whole, whole))
    return Module(text, places, statements)


def alarms_of(path: Path, rows: Sequence[Row], settings: Settings) -> Iterator[Alarm]:
    """What the linter says of one file; ``rows`` are the labels of that file."""
    module = read_module(path)
    for finding in lint(module.text, str(path), settings).findings:
        place = module.places[min(finding.line, len(module.places)) - 1]
        here = module.around(place)
        exact = [row for row in rows if row.place == place]
        near = [row for row in rows if row.place in here and row not in exact]
        yield Alarm(rows[0].repo, rows[0].path, place, finding.code, finding.message, (*exact, *near))


def table(title: str, header: Sequence[str], lines: Iterable[Sequence[object]]) -> None:
    """Print a plain table; the last column is not padded."""
    cells = [[str(cell) for cell in line] for line in lines]
    print(f"\n{title}: {len(cells)}")
    if not cells:
        return
    widths = [max(map(len, column)) for column in zip(header, *cells, strict=True)]
    for line in ([*header], *cells):
        padded = [cell.ljust(width) for cell, width in zip(line[:-1], widths, strict=False)]
        print("  " + "  ".join([*padded, line[-1]]).rstrip())


def by_rule(rows: Sequence[Row], alarms: Sequence[Alarm], codes: frozenset[str] | None) -> Iterator[list[object]]:
    """One line a rule: rows expected and found, conditional ones apart, and what else it said."""
    found = {row.number for alarm in alarms for row in alarm.explained}
    expected: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        code = expected_code(row, codes)
        if code:
            expected[code].append(row)
    kinds = Counter((alarm.code, alarm.kind) for alarm in alarms)
    for code in sorted({*expected, *(alarm.code for alarm in alarms)}):
        always = [row for row in expected[code] if not row.conditional]
        sometimes = [row for row in expected[code] if row.conditional]
        hits = sum(row.number in found for row in always)
        right, wrong = kinds[code, "right"], kinds[code, "false alarm"]
        yield [
            code, len(always), hits, ratio(hits, len(always)),
            f"{sum(row.number in found for row in sometimes)}/{len(sometimes)}",
            right, wrong, ratio(right, right + wrong), kinds[code, "other code"], kinds[code, "unlabelled"],
        ]  # fmt: skip


def ratio(part: int, whole: int) -> str:
    return f"{100 * part / whole:.0f} %" if whole else "-"


def show(rows: Sequence[Row], alarms: Sequence[Alarm], codes: frozenset[str] | None) -> None:
    """Print every table."""
    table(
        "Rules (expected, found and recall: decidable in one file, not conditional)",
        ["code", "expected", "found", "recall", "conditional", "right", "false", "precision", "other", "unlabelled"],
        by_rule(rows, alarms, codes),
    )
    found = {row.number for alarm in alarms for row in alarm.explained}
    missed = [row for row in rows if row.number not in found and expected_code(row, codes)]
    for title, conditional in (("Missed", False), ("Missed, conditional", True)):
        picked = [
            [row.number, row.where, "/".join(row.codes), row.scope, row.reason]
            for row in missed
            if row.conditional is conditional
        ]
        table(title, ["row", "place", "codes", "scope", "reason"], picked)
    for title, kind in (
        ("False alarms (findings on rows labelled ok)", "false alarm"),
        ("Other code (findings on rows that are wrong for another reason)", "other code"),
        ("Findings on unlabelled lines (to be judged by hand)", "unlabelled"),
    ):
        some = [alarm for alarm in alarms if alarm.kind == kind]
        table(
            title,
            ["place", "code", "row", "message"],
            [[alarm.where, alarm.code, alarm.notes, alarm.message] for alarm in some],
        )


def save(out: Path, alarms: Sequence[Alarm]) -> None:
    """Every finding, one a line."""
    with out.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter="\t", lineterminator="\n")
        writer.writerow(["kind", "code", "repo", "path", "line", "rows", "message"])
        for alarm in alarms:
            numbers = ",".join(str(row.number) for row in alarm.rows)
            line = written(alarm.place, alarm.path)
            writer.writerow([alarm.kind, alarm.code, alarm.repo, alarm.path, line, numbers, alarm.message])


def main(arguments: Sequence[str] | None = None) -> int:
    """Lint every labelled file and print the figures."""
    parser = argparse.ArgumentParser(description="Measure rnnlint on labelled real files.")
    parser.add_argument("--labels", type=Path, required=True)
    parser.add_argument("--files", type=Path, required=True, help="where OWNER+NAME/COMMIT/PATH lie")
    parser.add_argument("--codes", help="only these rules, separated by commas")
    parser.add_argument("--all-configurations", action="store_true")
    parser.add_argument("--out", type=Path, help="write every finding to this file")
    options = parser.parse_args(arguments)
    codes = frozenset(options.codes.split(",")) if options.codes else None
    settings = Settings(all_configurations=True) if options.all_configurations else Settings()
    files: dict[tuple[str, str, str], list[Row]] = defaultdict(list)
    for row in read_rows(options.labels):
        files[row.repo, row.commit, row.path].append(row)
    rows: list[Row] = []
    alarms: list[Alarm] = []
    for (repo, commit, name), labelled in files.items():
        path = options.files / repo.replace("/", "+") / commit / name
        if not path.is_file():
            print(f"not there: {path}", file=sys.stderr)
            continue
        rows += labelled
        alarms += [alarm for alarm in alarms_of(path, labelled, settings) if codes is None or alarm.code in codes]
    print(f"{len(files)} files, {len(rows)} labelled places, {len(alarms)} findings")
    show(rows, alarms, codes)
    if options.out:
        save(options.out, alarms)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
