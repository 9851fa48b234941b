"""Why the values that come of recurrent modules are lost in real code: every reason, with the number of files it is in.

    python -m tools.unfollowed PATH ... [--most 40] [--where REASON]

Files and notebooks under the paths are linted; one that cannot be read or analysed is named and left out.  ``--where``
lists the lines of one reason, by a part of it.  What names an operation is what is worth following next.
"""

from __future__ import annotations

import argparse
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from rnnlint.linter import lint
from tools.measure.places import Module, read_module, written

Reasons = Mapping[str, Mapping[Path, list[str]]]  # by reason and file, the lines on which a value is lost to it


def files(paths: Sequence[Path]) -> list[Path]:
    """The Python files and notebooks under the paths, each once."""
    found = {one for path in paths for one in ([path] if path.is_file() else path.rglob("*"))}
    # what ``read_module`` can read
    return sorted(one for one in found if one.suffix in (".py", ".ipynb") and one.is_file())


def reasons(paths: Sequence[Path], said: list[str]) -> Reasons:
    """Why values are lost in the files; what is left out goes to ``said``."""
    found: defaultdict[str, defaultdict[Path, list[str]]] = defaultdict(lambda: defaultdict(list))
    for path in paths:
        try:
            module = read_module(path)
        except (OSError, ValueError, KeyError) as error:  # no notebook, or nothing that can be read
            said.append(f"{path}: {error}".replace("\n", " "))
            continue
        report = lint(module.text, str(path))
        if report.not_analysed is not None:
            said.append(f"{path}: {report.not_analysed}")
        for one in report.unknown:
            found[one.reason][path].append(_place(module, one.line, path))
    return found


def _place(module: Module, line: int, path: Path) -> str:
    return written(module.places[min(max(line, 1), len(module.places)) - 1], str(path))


def ranked(found: Reasons, most: int) -> Iterator[str]:
    """The reasons, those of the most files first."""
    # by files and not by lines, because one file that repeats itself is still one person's wish
    for reason, where in sorted(found.items(), key=lambda one: (-len(one[1]), one[0]))[:most]:
        yield f"{len(where):5} {reason}"


def main(arguments: Sequence[str] | None = None) -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m tools.unfollowed", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("paths", nargs="+", type=Path)
    parser.add_argument("--most", type=int, default=40, help="how many reasons are printed")
    parser.add_argument("--where", metavar="REASON", help="list the lines of the reasons that have this in them")
    options = parser.parse_args(arguments)
    said: list[str] = []
    listed = files(options.paths)
    found = reasons(listed, said)
    if options.where is None:
        print("\n".join([f"{len(listed)} files", *ranked(found, options.most)]))
    else:
        for reason, where in sorted(found.items()):
            if options.where in reason:
                print("\n".join(f"{path}:{place}: {reason}" for path, places in where.items() for place in places))
    print("".join(f"left out: {line}\n" for line in said), end="", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
