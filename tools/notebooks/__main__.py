"""What becomes of real notebooks (docs/notebooks.md).

    python -m tools.notebooks FOLDER [--every] [--no-ipython] [--page docs/notebooks.md] [--out LIST.tsv]
    python -m tools.notebooks fetch FOLDER

Looks at the notebooks of ``notebooks.tsv``, which lie in the folder as OWNER+NAME/COMMIT/PATH (``fetch`` brings them)
or with ``--every`` at every notebook below it.  What IPython makes of each cell is compared with what the reader
makes of it, and every finding looked up in the list of those that were judged by hand (``--out`` writes one to be
completed).

Exit status: 0 no cell is lost that IPython runs, 1 one is, or rnnlint failed on a notebook, 2 a list or an argument
cannot be used, or a notebook is not there.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from tools.measure.fetch import PUBLIC, fetch
from tools.measure.findings import VERDICTS, location
from tools.measure.labels import File
from tools.notebooks import figures
from tools.notebooks.survey import Surveyed, survey
from tools.tsv import BadInput, rows

HERE = Path(__file__).parent
COLUMNS = ("repository", "commit", "path")
JUDGED_COLUMNS = (*COLUMNS, "cell", "line", "code", "verdict", "reason")
BEGIN, END = "<!-- figures: written by python -m tools.notebooks --page -->", "<!-- end of the figures -->"


def main(arguments: Sequence[str] | None = None) -> int:
    """The command.  Returns its exit status (see the top of this module)."""
    options = _options(arguments)
    try:
        listed = [_file(cells) for _, cells in rows(options.list, COLUMNS)]
        if options.command == "fetch":
            failed = list(fetch(options.folder, listed, options.remote))
            for line in failed:
                print(f"cannot be had: {line}")
            return 2 if failed else 0
        return _survey(options, listed)
    except BadInput as error:
        print(f"notebooks: {error}", file=sys.stderr)
        return 2


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    given = list(sys.argv[1:] if arguments is None else arguments)
    fetches = given[:1] == ["fetch"]
    parser = argparse.ArgumentParser(prog="python -m tools.notebooks", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path, help="where the notebooks lie")
    parser.add_argument("--every", action="store_true", help="look at every notebook below the folder")
    parser.add_argument("--no-ipython", action="store_true", help="do not compare with what IPython makes of cells")
    parser.add_argument("--page", type=Path, help="write the figures into this page")
    parser.add_argument("--out", type=Path, help="write the findings as a list to be judged")
    parser.add_argument("--list", type=Path, default=HERE / "notebooks.tsv", help="which notebooks")
    parser.add_argument("--judged", type=Path, default=HERE / "judged.tsv", help="the findings judged by hand")
    parser.add_argument("--remote", default=PUBLIC, help="where fetch finds OWNER/NAME (default: %(default)s)")
    options = parser.parse_args(given[1:] if fetches else given)
    options.command = "fetch" if fetches else "survey"
    return options


def _file(cells: dict[str, str]) -> File:
    return cells["repository"], cells["commit"], cells["path"]


def _judged(path: Path) -> Iterator[tuple[figures.Place, str]]:
    for at, cells in rows(path, JUDGED_COLUMNS):
        if cells["verdict"] not in VERDICTS:
            raise BadInput(f"{at}: verdict is one of {', '.join(VERDICTS)}, not {cells['verdict']!r}")
        if not (cells["cell"].isdecimal() and cells["line"].isdecimal()):
            raise BadInput(f"{at}: cell and line are numbers, not {cells['cell']!r} and {cells['line']!r}")
        yield ("\t".join(_file(cells)), int(cells["cell"]), int(cells["line"]), cells["code"]), cells["verdict"]


def _survey(options: argparse.Namespace, listed: Sequence[File]) -> int:
    judged = dict(_judged(options.judged))
    if options.every:
        paths = sorted(options.folder.rglob("*.ipynb"))
        files = [(path.relative_to(options.folder).as_posix(), path) for path in paths if path.is_file()]
    else:
        files = [("\t".join(file), location(options.folder, file)) for file in listed]
    for _, path in files:
        if not path.is_file():
            raise BadInput(f"{path}: not there; `python -m tools.notebooks fetch` brings it")
    if not files:
        raise BadInput(f"{options.folder}: no notebook is there")
    found = list(survey(files, not options.no_ipython))
    tables = figures.tables(found, judged, not options.no_ipython)
    print("\n".join(tables))
    for one in found:
        for cell, said in one.lost:
            print(f"{_shown(one)}:cell {cell}: {said}")
    if options.out:
        _write(options.out, found, judged)
    if options.page:
        _write_page(options.page, tables)
    return int(any(one.lost or one.internal for one in found))


def _shown(one: Surveyed) -> str:
    return one.name.replace("\t", " ")


def _write(path: Path, found: Sequence[Surveyed], judged: figures.Judged) -> None:
    lines = ["\t".join(JUDGED_COLUMNS)]
    for one in found:
        for said in one.said:
            key = (one.name, said.spot.cell, said.spot.line, said.finding.code)
            lines.append("\t".join(map(str, (*key, judged.get(key, ""), said.finding.message))))
    path.write_text("\n".join(dict.fromkeys(lines)) + "\n", encoding="utf-8")


def _write_page(path: Path, tables: Sequence[str]) -> None:
    text = path.read_text(encoding="utf-8")
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise BadInput(f"{path}: there is no {BEGIN if not begin else END}")
    path.write_text(f"{before}{begin}\n\n" + "\n".join(tables) + f"\n{end}{after}", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
