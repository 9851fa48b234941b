"""``python -m oracle.variations fixtures``: programs written otherwise, and what the linter still finds in them."""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from pathlib import Path

import torch

from oracle.mutation.page import rewritten
from oracle.variations.catalogue import REWRITES
from oracle.variations.judging import Checked, Variation, drawn, of_files, variations
from rnnlint.linter import lint

COLUMNS = ("applied", "refused on torch", "not run", "findings", "kept", "lost", "newly reported")


def counts(found: Iterable[Variation]) -> Counter[str]:
    """The numbers of a row of the table."""
    row: Counter[str] = Counter()
    for one in found:
        row["applied"] += 1
        row["refused on torch"] += one.checked is Checked.REFUSED
        row["not run"] += one.checked is Checked.NOT_RUN
        if one.compared:
            row["kept"] += len(one.compared.kept)
            row["lost"] += len(one.compared.lost)
            row["findings"] += len(one.compared.kept) + len(one.compared.lost)
            row["newly reported"] += len(one.compared.new)
    return row


def table(found: Sequence[Variation]) -> list[str]:
    """A row a rewrite, in Markdown; a pair counts for both of its rewrites, and once in the last row."""
    lines = ["| rewrite | " + " | ".join(COLUMNS) + " |", "|---|" + "--:|" * len(COLUMNS)]
    for name in [one.name for one in REWRITES]:
        row = counts(one for one in found if name in one.rewrites)
        if row["applied"]:
            lines.append(_row(name, row))
    return [*lines, _row("all", counts(found))]


def _row(name: str, row: Counter[str]) -> str:
    return f"| {name} | " + " | ".join(str(row[column]) for column in COLUMNS) + " |"


def rate(found: Sequence[Variation]) -> str:
    """How much of what was found stays found, in words."""
    row = counts(found)
    share = 100 * row["kept"] / row["findings"] if row["findings"] else 100.0
    return f"stay found: {row['kept']} of {row['findings']} = {share:.1f} %; newly reported: {row['newly reported']}"


def fallen(found: Iterable[Variation]) -> Iterator[str]:
    """A line for each variation that torch refuses, or that lost or gained a finding."""
    for one in found:
        name = f"{one.program}: {' + '.join(one.rewrites)}"
        if one.checked is Checked.REFUSED:
            yield f"{name}: refused: {one.why}"
        elif one.compared and (one.compared.lost or one.compared.new):
            lost = ", ".join(f"{each.code} (statement {each.place})" for each in one.compared.lost)
            new = ", ".join(f"{each.code} (statement {each.place or 'written anew'})" for each in one.compared.new)
            told = [f"lost {lost}"] * bool(lost) + [f"newly {new}"] * bool(new)
            yield f"{name}: {'; '.join(told)}"


def main(argv: Sequence[str] | None = None) -> int:
    """Prints the table and what fell out; 1 if anything was refused, lost or newly reported."""
    arguments = _parser().parse_args(argv)
    torch.set_num_threads(1)
    if arguments.page:
        page = arguments.page.read_text(encoding="utf-8")
        arguments.page.write_text(rewritten(page, section), encoding="utf-8")
        return 0
    found = _run(arguments)
    told = list(fallen(found))
    print("\n".join([*told, *table(found), rate(found)]))
    if arguments.show:
        for one in found:
            if f"{one.program}: {' + '.join(one.rewrites)}".startswith(arguments.show):
                print(f"----- {one.program}: {' + '.join(one.rewrites)}\n{one.text}")
                for finding in lint(one.text, "program.py").findings:
                    print(f"{finding.line}: {finding.code} {finding.message}")
    return 1 if told else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m oracle.variations", description=__doc__)
    parser.add_argument("paths", nargs="*", type=Path, metavar="PATH", help="files, and folders of them")
    parser.add_argument("--programs", type=int, default=0, metavar="N", help="this many drawn programs as well")
    parser.add_argument("--seed", type=int, default=0, metavar="S", help="of the first program, and of what is drawn")
    parser.add_argument("--two", action="store_true", help="two rewrites at a time")
    parser.add_argument("--most", type=int, metavar="N", help="N drawn rewrites or pairs of each program, not all")
    parser.add_argument("--rewrite", action="append", default=[], metavar="NAME", help="only this one, of those below")
    parser.add_argument(
        "--show", metavar="START", help="print the rewritten programs whose line begins so, with findings"
    )
    parser.add_argument("--page", type=Path, help="run what the marked sections of a page say, and write it there")
    return parser


def _run(arguments: argparse.Namespace) -> list[Variation]:
    chosen = [one for one in REWRITES if not arguments.rewrite or one.name in arguments.rewrite]
    programs = chain(of_files(arguments.paths), drawn(arguments.programs, arguments.seed))
    return list(variations(programs, chosen, arguments.seed, arguments.most, arguments.two))


def section(argv: Sequence[str]) -> str:
    """What a page shows of a run."""
    found = _run(_parser().parse_args(argv))
    told = "\n".join(f"    {line}" for line in fallen(found))
    parts = ["\n".join(table(found)), rate(found)]
    return "\n\n".join([*parts, told] if told else parts)


if __name__ == "__main__":
    raise SystemExit(main())
