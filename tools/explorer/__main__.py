"""The explorer page: ``python -m tools.explorer walk`` holds it against rnnlint and torch, ``table`` writes its
verdicts.

``walk`` goes through every reading that the page can reach; ``--every N`` through every N-th;
``--torch N`` says which of these are held against torch as well: every N-th.  All of them take a processor a quarter of
an hour: ``--modules 0-95`` takes some of the modules alone, so that several processes share the work, or one goes on
where another was broken off; each module is said when it is done.  ``browser`` opens the page in
Chromium and uses it (`tools.explorer.using`); ``--shots FOLDER`` keeps pictures of it.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from tools.explorer import against_algebra, verdicts
from tools.explorer.walking import walked


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; 1 where something does not agree."""
    parser = argparse.ArgumentParser(prog="python -m tools.explorer", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("table", help="write docs/explorer/verdicts.js")
    walk = commands.add_parser("walk", help="hold the readings against rnnlint, some of them against torch")
    walk.add_argument("--every", type=int, default=1, metavar="N", help="only every N-th reading (1)")
    walk.add_argument("--first", type=int, default=0, metavar="N", help="from number N on (0)")
    walk.add_argument("--modules", type=_numbers, default=range(0), metavar="A-B", help="of these modules alone (all)")
    walk.add_argument("--torch", type=int, default=50, metavar="N", help="of these every N-th against torch (50)")
    browser = commands.add_parser("browser", help="use the page in Chromium")
    browser.add_argument("--shots", type=Path, metavar="FOLDER", help="where pictures of it go")
    options = parser.parse_args(arguments)
    if options.command == "table":
        verdicts.FILE.write_text(verdicts.written(verdicts.table()), encoding="utf-8", newline="\n")
        return 0
    if options.command == "browser":
        from tools.explorer import using  # selenium, for those who ask for it

        wrong = using.everything(options.shots)
        print("\n".join([*wrong, f"{len(wrong)} things are wrong"]))
        return 1 if wrong else 0
    return _walk(options.every, options.first, options.torch, options.modules)


def _numbers(text: str) -> range:
    """``0-95`` as the numbers of modules, in the order of the page's menus.  ValueError for anything else."""
    first, last = map(int, text.split("-"))
    if not 0 <= first <= last:
        raise ValueError(text)
    return range(first, last + 1)


def _walk(every: int, first: int, sampled: int, modules: Sequence[int]) -> int:
    import torch  # for this command alone

    from tools.explorer import against_torch

    torch.set_num_threads(1)
    counted, asked, wrong = 0, 0, 0
    for group in walked(every, first, modules):
        found = list(against_algebra.differences(group))
        for one in group:
            if counted % sampled == 0:
                asked += 1
                found += against_torch.differences(one)
            counted += 1
        for said in found:
            print(said)
        wrong += len(found)
        print(f"{counted:,} readings, the last ones of {group[0].module}", file=sys.stderr, flush=True)
    print(f"{counted:,} readings, {asked:,} of them on torch as well: {wrong} differences")
    return 1 if wrong or not counted else 0


if __name__ == "__main__":
    sys.exit(main())
