"""What is found with whole projects in view (docs/measured-projects.md).

    python -m tools.projects [--labels LABELS.tsv] [--scope project] --trees FOLDER [--out CHANGES.tsv] [--only NAME]
    python -m tools.projects fetch (--labels LABELS.tsv | --repositories LIST.tsv) --trees FOLDER [--remote URL]

Every repository of the labels, or of ``--repositories`` (repository and commit), is checked twice: each file alone, and
with the whole project in view.  Printed are the labelled rows of the scope that are found, by verdict and code, what is
new and what is gone with its verdicts, and what both cost.

Exit status: 0 all changes are judged, 1 some are not, 2 a list or an argument cannot be used.
"""

from __future__ import annotations

import argparse
import csv
import sys
from collections.abc import Sequence
from pathlib import Path

from tools.measure.labels import CORRECTED_COLUMNS, as_row, corrected, read_labels, read_notes
from tools.projects import tables
from tools.projects.comparing import COLUMNS, Compared, cells_of, compare, found, read_verdicts, rows_of
from tools.projects.trees import PUBLIC, Tree, fetch, folder_of
from tools.tsv import BadInput, rows

HERE = Path(__file__).parent
LISTED = ("repository", "commit")


def main(arguments: Sequence[str] | None = None) -> int:
    """The command.  Returns its exit status (see the top of this module)."""
    options = _options(arguments)
    try:
        if options.command == "fetch":
            return _fetch(options)
        return _measure(options)
    except BadInput as error:
        print(f"projects: {error}", file=sys.stderr)
        return 2


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tools.projects", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("command", nargs="?", choices=("measure", "fetch"), default="measure")
    parser.add_argument("--labels", type=Path, help="the labelled places")
    parser.add_argument("--scope", default="project", help='which of them (%(default)s; "" for all)')
    parser.add_argument("--repositories", type=Path, help="repositories besides those of the labels")
    parser.add_argument("--trees", type=Path, required=True, help="where OWNER+NAME/COMMIT lie")
    parser.add_argument(
        "--corrected",
        type=Path,
        nargs="*",
        default=[HERE.parent / "measure" / "corrected.tsv", HERE / "corrected.tsv"],
        help="labels that are wrong, and why; later lists overrule earlier ones",
    )
    parser.add_argument("--judged", type=Path, default=HERE / "judged.tsv", help="the changes judged by hand")
    parser.add_argument("--out", type=Path, help="write the changes, as a list to be judged")
    parser.add_argument("--declared-only", action="store_true", help="without the runs over all configurations")
    parser.add_argument("--only", default="", help="repositories with this in their name")
    parser.add_argument("--remote", default=PUBLIC, help="where fetch finds OWNER/NAME (default: %(default)s)")
    options = parser.parse_args(arguments)
    if not (options.labels or options.repositories):
        parser.error("either --labels or --repositories, or both")
    return options


def _trees(options: argparse.Namespace) -> list[Tree]:
    found: list[Tree] = []
    if options.labels:
        found += [(cells["repo"], cells["commit"]) for cells in rows_of(read_labels(options.labels), options.scope)]
    if options.repositories:
        found += [(cells["repository"], cells["commit"]) for _, cells in rows(options.repositories, LISTED)]
    return [tree for tree in dict.fromkeys(found) if options.only in tree[0]]


def _fetch(options: argparse.Namespace) -> int:
    failed = list(fetch(options.trees, _trees(options), options.remote))
    for line in failed:
        print(f"cannot be had: {line}")
    return 2 if failed else 0


def _measure(options: argparse.Namespace) -> int:
    trees = _trees(options)
    for tree in trees:
        if not folder_of(options.trees, tree).is_dir():
            raise BadInput(f"{folder_of(options.trees, tree)}: not there; `python -m tools.projects fetch` brings it")
    cells = read_labels(options.labels) if options.labels else []
    notes = [note for path in options.corrected for note in read_notes(path, cells, CORRECTED_COLUMNS)]
    # corrected before the scope is asked for: a correction may change it
    labelled = [as_row(one) for one in rows_of(corrected(cells, notes), options.scope)]
    every = [as_row(one) for one in cells]
    judged = read_verdicts(options.judged, trees)
    compared: list[Compared] = []
    for tree in trees:
        compared.append(compare(options.trees, tree, options.declared_only))
        print(tables.progress(compared[-1]), file=sys.stderr, flush=True)
    known = set(trees)
    results = found(compared, [row for row in labelled if row.file[:2] in known])
    changes = [(change, said) for one in compared for change, said in one.changes()]
    unjudged = [(change, said) for change, said in changes if (change, said.where) not in judged]
    shown = [
        tables.rows(results),
        tables.each_row(results),
        tables.on_right_lines(compared, every),
        tables.changes(changes, judged),
        tables.costs(compared),
        tables.refused(compared),
    ]
    for one in shown:
        print(f"\n{one.text()}", end="")
    if options.out:
        with options.out.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, delimiter="\t", quoting=csv.QUOTE_NONE, lineterminator="\n", quotechar=None)
            writer.writerow(COLUMNS)
            writer.writerows(sorted(cells_of(change, said, judged) for change, said in changes))
    return int(bool(unjudged))


if __name__ == "__main__":
    sys.exit(main())
