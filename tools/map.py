"""Writes docs/map.md: where what lives, from the first sentence of every module's docstring.

``python -m tools.map`` writes the page, ``--check`` says with exit status 1 that it is not up to date.
"""

from __future__ import annotations

import argparse
import ast
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "map.md"
PARTS = ("rnnlint", "oracle", "tools", "benchmarks", "tests")
_HEAD = """\
# Where does it live?

Written by `python -m tools.map` from what every module says of itself. [contributing.md](contributing.md) says what to
touch for what, [design.md](design.md) why it is so.
"""
_RULES = "rnnlint/rules"


def page() -> str:
    """The page."""
    out, modules = [_HEAD], _modules()
    for folder in sorted({path.parent for path in modules}, key=_order):
        name = folder.relative_to(ROOT).as_posix()
        rows = [row for path in modules if path.parent == folder for row in _row(path)]
        if rows:
            head = _sentence(folder / "__init__.py")
            out.append("\n".join((f"## {name}/", "", *((head, "") if head else ()), "| | |", "|---|---|", *rows, "")))
    return "\n".join(out)


def _modules() -> list[Path]:
    return sorted(path for part in PARTS for path in (ROOT / part).rglob("*.py"))


def _order(folder: Path) -> tuple[int, str]:
    name = folder.relative_to(ROOT)
    return PARTS.index(name.parts[0]), name.as_posix()


def _row(path: Path) -> Iterator[str]:
    said = _sentence(path)
    # rules have pages and an index of their own (docs/rules), and rooms are headed by their __init__
    if said and path.name != "__init__.py" and not _is_rule(path):
        yield f"| `{path.name}` | {said} |"


def _is_rule(path: Path) -> bool:
    """Whether a module is a rule, which has a page of its own."""
    return path.parent == ROOT / _RULES and path.stem.removeprefix("rnn").isdecimal()


def _sentence(path: Path) -> str:
    """The first sentence of a module's docstring, as a cell of a table."""
    try:
        said = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    except FileNotFoundError:
        return ""
    first = " ".join(said.split("\n\n")[0].split())
    return first.split(". ")[0].rstrip(".:").replace("``", "`").replace("|", "\\|") + "." if first else ""


def main(arguments: Sequence[str] | None = None) -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m tools.map", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing, and say whether the page is up to date")
    if parser.parse_args(arguments).check:
        return 0 if PAGE.read_text(encoding="utf-8") == page() else 1
    PAGE.write_text(page(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
