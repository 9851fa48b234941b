"""Recall and precision on labelled real code, by rule (docs/measured.md).

    python -m tools.measure --labels LABELS.tsv --files ROOT [--page docs/measured.md] [--out LIST.tsv]
    python -m tools.measure --set unseen --files ROOT [--page docs/measured.md] [--out LIST.tsv]
    python -m tools.measure fetch (--labels LABELS.tsv | --set NAME) --files ROOT

``--set`` asks the labels in a folder of tools/measure/sets, all of which were made before anybody had linted their
files: those of ``unseen``, ``second``, ``third``, ``fresh``, ``fifth``, ``sixth`` and ``seventh`` nobody had linted
before the linter that the page names; what those of ``seen`` showed has been mended since.

Exit status: 0 all is judged and explained, 1 something is not (a finding without a verdict, a verdict without its
finding, a miss without a reason, a reason without its miss), 2 a list or an argument cannot be used, or a file is not
there.
"""

from __future__ import annotations

import argparse
import csv
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from rnnlint.settings import Settings
from tools.measure import page, tables
from tools.measure.fetch import PUBLIC, fetch
from tools.measure.figures import DEVELOPED, FRESH, Measured, Share
from tools.measure.findings import JUDGED_COLUMNS, Alarm, Judged, Linted, beside, gone, linted, location, read_judged
from tools.measure.labels import (
    CORRECTED_COLUMNS,
    MISSED_COLUMNS,
    File,
    as_row,
    corrected,
    key_of,
    read_labels,
    read_notes,
)
from tools.measure.places import written
from tools.tsv import BadInput

HERE = Path(__file__).parent
SETS = HERE / "sets"
UNSEEN = "unseen"
SECOND = "second"
THIRD = "third"
FOURTH = "fresh"
FIFTH = "fifth"
SIXTH = "sixth"
LATEST = "seventh"
LISTS = ("corrected", "judged", "missed")


def main(arguments: Sequence[str] | None = None) -> int:
    """The command.  Returns its exit status (see the top of this module)."""
    options = _options(arguments)
    try:
        labels = read_labels(options.labels)
        files = list(dict.fromkeys(key_of(cells)[:3] for cells in labels))
        if options.command == "fetch":
            return _fetch(options.files, files, options.remote)
        return _measure(options, labels, files)
    except BadInput as error:
        print(f"measure: {error}", file=sys.stderr)
        return 2


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tools.measure", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("command", nargs="?", choices=("measure", "fetch"), default="measure")
    parser.add_argument("--labels", type=Path, help="the labelled places")
    parser.add_argument(
        "--set", choices=sorted(path.name for path in SETS.iterdir()), help="a set of the project's own"
    )
    parser.add_argument("--files", type=Path, required=True, help="where OWNER+NAME/COMMIT/PATH lie")
    parser.add_argument("--corrected", type=Path, help="labels that are wrong, and why")
    parser.add_argument("--judged", type=Path, help="the findings judged by hand")
    parser.add_argument("--missed", type=Path, help="why misses are missed")
    parser.add_argument("--page", type=Path, help="write the figures into this page")
    parser.add_argument("--out", type=Path, help="write the findings that no label speaks of, as a list to be judged")
    parser.add_argument("--remote", default=PUBLIC, help="where fetch finds OWNER/NAME (default: %(default)s)")
    options = parser.parse_args(arguments)
    if bool(options.set) is bool(options.labels):
        parser.error("either --labels or --set")
    folder = SETS / options.set if options.set else HERE
    options.labels = options.labels or folder / "labels.tsv"
    for name in LISTS:
        setattr(options, name, getattr(options, name) or folder / f"{name}.tsv")
    return options


def _fetch(root: Path, files: Iterable[File], remote: str) -> int:
    failed = list(fetch(root, files, remote))
    for line in failed:
        print(f"cannot be had: {line}")
    return 2 if failed else 0


def _measure(options: argparse.Namespace, labels: Sequence[Mapping[str, str]], files: Sequence[File]) -> int:
    corrections = read_notes(options.corrected, labels, CORRECTED_COLUMNS)
    reasons = read_notes(options.missed, labels, MISSED_COLUMNS)
    judged = read_judged(options.judged, files)
    for file in files:
        if not location(options.files, file).is_file():
            raise BadInput(f"{location(options.files, file)}: not there; `python -m tools.measure fetch` brings it")
    declared = linted(options.files, files, Settings())
    everywhere = linted(options.files, files, Settings(all_configurations=True))
    as_labelled = _measured(labels, declared, everywhere, judged)
    as_corrected = _measured(list(corrected(labels, corrections)), declared, everywhere, judged)

    open_findings = {
        alarm.said.where: alarm
        for alarm in (*as_corrected.declared, *as_corrected.everywhere)
        if alarm.kind == "unjudged"
    }
    missed = [*as_corrected.missed(False), *as_corrected.missed(True)]
    explained = tables.keys(row for row in missed) & {note.key for note in reasons}
    unexplained = [row for row in missed if row.key not in explained]
    # what keeps the exit status from being 0, each with a table of its own
    open_ends = [
        tables.unjudged(open_findings.values()),
        tables.gone(gone(judged, declared.said, everywhere.said)),
        tables.unexplained(unexplained),
        tables.explained(note for note in reasons if note.key not in explained),
    ]
    shown = [
        tables.totals(as_labelled, as_corrected, FRESH if options.set else DEVELOPED),
        tables.by_rule(as_corrected),
        tables.missed(as_corrected, reasons),
        tables.false_alarms(as_corrected),
        tables.corrections(corrections),
        tables.verdicts(judged, as_corrected),
    ]
    summary = (
        f"{len(labels)} labelled places in {len(files)} files of {len({file[0] for file in files})} repositories: "
        f"{len(declared.said)} findings in the declared configurations, {len(everywhere.said)} in all of them."
    )
    print(summary)
    # four, because corrections and verdicts are long lists that the page has
    for table in (*shown[:4], *(end for end in open_ends if end.lines)):
        print(f"\n{table.text()}", end="")
    if options.out:
        _write(options.out, judged, open_findings.values())
    if options.page:
        page.write(options.page, summary, shown, page.begin(options.set))
    return int(any(end.lines for end in open_ends))


def _measured(
    cells: Iterable[Mapping[str, str]], declared: Linted, everywhere: Linted, judged: Sequence[Judged]
) -> Measured:
    rows = tuple(map(as_row, cells))
    found = tuple(beside(declared.said, rows, judged)), tuple(beside(everywhere.said, rows, judged))
    return Measured(rows, *found, Share(declared.understood, declared.seen))


def _write(out: Path, judged: Iterable[Judged], unjudged: Iterable[Alarm]) -> None:
    """The judged findings, and those still to be judged: no verdict, and the message in place of the reason."""
    lines = [(one.where, one.verdict, one.reason) for one in judged]
    lines += [(alarm.said.where, "", alarm.said.message) for alarm in unjudged]
    with out.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter="\t", quoting=csv.QUOTE_NONE, lineterminator="\n", quotechar=None)
        writer.writerow(JUDGED_COLUMNS)
        for where, verdict, reason in sorted(lines):
            writer.writerow((*where.file, written(where.place, where.file[2]), where.code, verdict, reason))


if __name__ == "__main__":
    sys.exit(main())
