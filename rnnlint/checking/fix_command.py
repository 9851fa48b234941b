"""``rnnlint check --fix`` and ``--diff``: what is written, what is printed of it, and the exit status."""

from __future__ import annotations

import difflib
import io
import os
import tokenize
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

from rnnlint.checking.discovery import shown
from rnnlint.checking.excluding import Nearest
from rnnlint.checking.fixing import Checked, Fixed, Fixing, Mended
from rnnlint.checking.inputs import read_all, with_contents
from rnnlint.checking.plan import Done, Plan, said_of
from rnnlint.frozen import dataclass
from rnnlint.output.visible import visible
from rnnlint.output.writing import replace


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was done, what is to be said now, and what could not be written, in one line each."""

    fixed: Fixed
    done: Done
    unwritten: tuple[str, ...] = ()


def fix(plan: Plan) -> Outcome:
    """Mend what is found; the files are written, unless only the difference is asked for.

    Raises WrongUse and BadBaseline.
    """
    nearest = Nearest(plan.configurations)
    inputs = read_all(plan.asked, nearest)
    memory: dict[str, str] = {}
    every: dict[int, Done] = {}

    def check(contents: Mapping[str, bytes]) -> Checked:
        done = said_of(plan, with_contents(inputs, contents), nearest, memory)
        checked = Checked(done.reported, {one.file.path: one for one in done.files})
        every[id(checked)] = done
        kept.append(checked)
        return checked

    kept: list[Checked] = []  # so that no two have the same number
    fixed, last = Fixing(check, _read, unsafe=plan.options.unsafe_fixes).fixed(check({}))
    unwritten = () if plan.options.diff else tuple(_written(fixed))
    return Outcome(fixed, every[id(last)], unwritten)


def _read(path: str) -> bytes:
    return Path(path).read_bytes()


def _written(fixed: Fixed) -> Iterator[str]:
    """Write the files, each at once or not at all; what cannot be written."""
    for path, content in fixed.contents.items():
        try:
            target = Path(path).resolve()
            if target.read_bytes() != fixed.before[path]:
                yield f"{shown(path)}: is not fixed: it has changed meanwhile"
            elif not os.access(target, os.W_OK):
                yield f"{shown(path)}: is not fixed: it cannot be written"
            else:
                replace(target, content, target.stat().st_mode)
        except (OSError, RuntimeError) as error:  # links that lead round
            yield f"{shown(path)}: is not fixed: {getattr(error, 'strerror', None) or error}"


def difference(fixed: Fixed) -> str:
    """What changes, as ``diff -u`` prints it; of a notebook, in the text of its JSON."""
    found: list[str] = []
    for path in sorted(fixed.contents):
        before, after = (_lines(content) for content in (fixed.before[path], fixed.contents[path]))
        for line in difflib.unified_diff(before, after, shown(path), shown(path)):
            found.append(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n")
    return "".join(found)


def _lines(content: bytes) -> list[str]:
    encoding = tokenize.detect_encoding(io.BytesIO(content).readline)[0]
    return content.decode(encoding).splitlines(keepends=True)


def listed(mended: tuple[Mended, ...]) -> str:
    """What was fixed, by file and rule, as ruff prints it."""
    lines = [f"Fixed {_count(len(mended), 'finding')}:"] if mended else []
    for path in sorted({one.path for one in mended}):
        lines.append(f"- {visible(path)}:")
        counts = Counter((one.code, one.name) for one in mended if one.path == path)
        lines += [f"    {count} x {code} ({name})" for (code, name), count in sorted(counts.items())]
    return "".join(f"{line}\n" for line in lines)


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
