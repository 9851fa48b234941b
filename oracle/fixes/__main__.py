"""``python -m oracle.fixes --drawn 3000``: each fix applied, the program linted again, and run on torch."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path

import torch

from oracle.fixes import subjects, table
from oracle.fixes.proof import Proof, Proving
from oracle.fixes.subjects import Subject
from oracle.mutation.page import rewritten


def main(argv: Sequence[str] | None = None) -> int:
    """Prints the table, why what was refused, and what torch says against fixes; 1 if that is anything."""
    arguments = _parser().parse_args(argv)
    torch.set_num_threads(1)
    if arguments.page:
        page = arguments.page.read_text(encoding="utf-8")
        arguments.page.write_text(rewritten(page, section), encoding="utf-8")
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
    parser.add_argument("--page", type=Path, help="run what the marked sections of a page say, and write it there")
    return parser


def _proofs(arguments: argparse.Namespace) -> list[Proof]:
    return [Proving(one).proof() for one in _subjects(arguments)]


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
