"""``python -m oracle.fixes --drawn 3000``: each fix applied, the program linted again, and run on torch."""

from __future__ import annotations

import argparse
import multiprocessing
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path

import torch

from oracle.fixes import subjects, table
from oracle.fixes.proof import Proof, Proving
from oracle.fixes.subjects import Subject
from oracle.mutation.page import rewritten, sections


def main(argv: Sequence[str] | None = None) -> int:
    """Prints the table, why what was refused, and what torch says against fixes; 1 if that is anything."""
    arguments = _parser().parse_args(argv)
    torch.set_num_threads(1)
    if arguments.page:
        page = arguments.page.read_text(encoding="utf-8")
        arguments.page.write_text(_with_sections(page, arguments), encoding="utf-8")
        return 0
    proofs = _proofs(arguments)
    print(_said(proofs))
    return 1 if table.wrong(proofs) else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m oracle.fixes", description=__doc__)
    parser.add_argument("folders", nargs="*", type=Path, metavar="FOLDER", help="its programs called *_bad.py as well")
    parser.add_argument("--drawn", type=int, default=0, metavar="N", help="this many drawn programs as well")
    parser.add_argument(
        "--seed", type=int, default=0, metavar="S", help="of the first of them; they count up from there"
    )
    parser.add_argument("--only", choices=("fixtures", "pages", "drawn", "folders"), help="these programs alone")
    parser.add_argument("--jobs", type=int, default=1, metavar="N", help="in this many processes")
    parser.add_argument("--page", type=Path, help="run what the marked sections of a page say, and write it there")
    parser.add_argument(
        "--marked", type=Path, metavar="FOLDER", help="the folder that a page calls MARKED; its section stays without"
    )
    return parser


def _with_sections(page: str, outer: argparse.Namespace) -> str:
    """The page with each section as the command prints it now; that of a folder that is not here as it is."""
    there = sections(page)

    def shown(argv: Sequence[str]) -> str:
        arguments = _parser().parse_args(argv)
        arguments.jobs = outer.jobs
        if _MARKED in arguments.folders:
            if outer.marked is None:
                return there[" ".join(argv)]
            arguments.folders = [outer.marked if one == _MARKED else one for one in arguments.folders]
        return _said(_proofs(arguments))

    return rewritten(page, shown)


_MARKED = Path("MARKED")  # what a page calls a folder of programs that are none of the repository's


def _proofs(arguments: argparse.Namespace) -> list[Proof]:
    those = list(_subjects(arguments))
    if arguments.jobs == 1:
        return [Proving(one).proof() for one in those]
    _TO_PROVE.extend(those)
    # forked, since what runs a program is no data that could be handed over
    with multiprocessing.get_context("fork").Pool(arguments.jobs) as pool:
        proofs = pool.map(_proof, range(len(those)), chunksize=10)
    _TO_PROVE.clear()
    return proofs


_TO_PROVE: list[Subject] = []


def _proof(number: int) -> Proof:
    return Proving(_TO_PROVE[number]).proof()


def _subjects(arguments: argparse.Namespace) -> Iterator[Subject]:
    every = {
        "pages": subjects.pages(),
        "fixtures": subjects.fixtures(),
        "folders": subjects.wrong_ones(arguments.folders),
        "drawn": subjects.drawn(arguments.drawn, arguments.seed),
    }
    return every[arguments.only] if arguments.only else chain.from_iterable(every.values())


def section(argv: Sequence[str]) -> str:
    """What a page shows of a run."""
    return _said(_proofs(_parser().parse_args(argv)))


def _said(proofs: Sequence[Proof]) -> str:
    wrong = table.wrong(proofs)
    parts = ["\n".join(table.table(proofs)), table.together(proofs), f"wrong: {len(wrong)}"]
    lists = ["\n".join(f"    {line}" for line in lines) for lines in (wrong, table.refusals(proofs)) if lines]
    return "\n\n".join([*parts, *lists])


if __name__ == "__main__":
    raise SystemExit(main())
