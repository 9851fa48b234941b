"""Lint the pinned packages and print what changed against the accepted list (docs/ecosystem.md).

    python -m tools.ecosystem [--only NAME,...] [--cache DIR] [--packages TSV] [--accepted TSV] [--out TSV]

Downloads each package once, into the cache.  Exit status: 0 nothing changed, 1 something did (a finding that nobody
has judged, or a judged one that is gone), 2 a list or an argument cannot be used, or no package could be had.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from rnnlint.rules import registry
from rnnlint.settings import nearest
from tools.ecosystem.archives import NotHad, sources
from tools.ecosystem.changes import Changes, carried, compare
from tools.ecosystem.lists import VERDICTS, Judged, Package, read_accepted, read_packages, write_accepted
from tools.ecosystem.survey import Survey, survey
from tools.tsv import BadInput

HERE = Path(__file__).parent
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "rnnlint-ecosystem"
LIMIT = 2.0  # seconds of processor time for one file
HEADER = ("package", "version", "files", "with RNN", "seconds", "slowest", "seen", "understood", "findings")


def main(arguments: Sequence[str] | None = None) -> int:
    """The command.  Returns its exit status (see the top of this module)."""
    options = _options(arguments)
    try:
        packages = read_packages(options.packages)
        accepted = read_accepted(options.accepted, packages)
        chosen = _chosen(packages, options.only)
    except BadInput as error:
        print(f"ecosystem: {error}", file=sys.stderr)
        return 2
    _row(HEADER)
    surveys: list[Survey] = []
    for package in chosen:
        try:
            result = survey(package, sources(package, options.cache), LIMIT)
        except NotHad as error:
            print(f"{package}: cannot be had: {error}", flush=True)
            continue
        surveys.append(result)
        _row(_figures(result))
    # because nothing compared with the list would look like nothing changed
    if not surveys:
        print("ecosystem: no package could be had: nothing was compared", file=sys.stderr)
        return 2
    # only what was surveyed is compared: findings of a package that could not be had are neither new nor gone
    found = [one for result in surveys for one in result.found]
    changes = compare(found, accepted, (result.package.package for result in surveys))
    _summary(surveys, accepted)
    _changes(changes)
    if options.out is not None:
        write_accepted(options.out, carried(found, accepted))
    return int(bool(changes))


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tools.ecosystem", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--only", metavar="NAME,...", default="", help="these packages, not all of the list")
    parser.add_argument("--cache", type=Path, default=CACHE, help="where archives are kept (default: %(default)s)")
    parser.add_argument("--packages", type=Path, default=HERE / "packages.tsv", help="the pinned packages")
    parser.add_argument("--accepted", type=Path, default=HERE / "accepted.tsv", help="the judged findings")
    parser.add_argument("--out", type=Path, help="write what was found here, as a list to be judged")
    return parser.parse_args(arguments)


def _chosen(packages: Sequence[Package], only: str) -> list[Package]:
    names = [name for name in only.split(",") if name]
    for name in names:
        if all(package.package != name for package in packages):
            close = nearest(name, [package.package for package in packages])
            raise BadInput(f"{name} is not among the packages: did you mean {close}?")
    return [package for package in packages if not names or package.package in names]


def _row(cells: Iterable[object]) -> None:
    # of ``HEADER``'s columns, each a blank wider than the longest cell; the last is not padded
    widths = (26, 9, 6, 9, 8, 8, 5, 11, 0)
    print("".join(str(cell).ljust(width) for cell, width in zip(cells, widths, strict=True)), flush=True)


def _figures(result: Survey) -> tuple[object, ...]:
    return (
        result.package.package, result.package.version, result.files, result.mentioning, f"{result.seconds:.1f}",
        f"{result.slowest[0]:.2f}", result.seen, result.understood, len(result.found),
    )  # fmt: skip


def _summary(surveys: Sequence[Survey], accepted: Sequence[Judged]) -> None:
    unknown = sum((result.unknown for result in surveys), Counter[str]())
    seen, understood = (sum(getattr(result, name) for result in surveys) for name in ("seen", "understood"))
    print(f"\nrecurrent modules: {seen} seen, {understood} understood, {unknown.total()} unknown:")
    for reason, count in unknown.most_common():
        print(f"  {count:4}  {reason}")
    for result in surveys:
        for crash in result.crashes:
            print(f"crash: {result.package.package} {crash}")
        for took, path in result.slow:
            print(f"slow: {result.package.package} {path} took {took:.2f} s")
    looked_at = {result.package.package for result in surveys}
    verdicts = Counter((row.place.code, row.verdict) for row in accepted if row.place.package in looked_at)
    print(f"\naccepted findings: {verdicts.total()}   ({', '.join(VERDICTS)})")
    for code in sorted({code for code, _ in verdicts}):
        print(f"  {_marked(code)}  {'  '.join(str(verdicts[code, verdict]).rjust(4) for verdict in VERDICTS)}")


def _changes(changes: Changes) -> None:
    if not changes:
        print("\nnothing changed")
    for one in changes.new:
        print(f"\nnew: {one.place}{_off(one.place.code)}\n    {one.message}")
    for row in changes.gone:
        print(f"\ngone: {row.place}{_off(row.place.code)}\n    {row.verdict}: {row.reason}")


def _marked(code: str) -> str:
    return f"{code}{_off(code)}".ljust(len("RNN000 (off)"))


def _off(code: str) -> str:
    """The mark of a code that is off by default."""
    rule = registry().get(code)
    return " (off)" if rule is not None and not rule.on else ""


if __name__ == "__main__":
    sys.exit(main())
