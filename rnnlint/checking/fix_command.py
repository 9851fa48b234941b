"""``rnnlint check --fix`` and ``--diff``: what is written, what is printed of it, and the exit status."""

from __future__ import annotations

import difflib
import io
import os
import tokenize
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace as replace_fields
from pathlib import Path

from rnnlint.checking.discovery import shown
from rnnlint.checking.excluding import Nearest
from rnnlint.checking.fix_results import Checked, Line
from rnnlint.checking.fixing import Fixed, Fixing, Mended
from rnnlint.checking.inputs import STANDARD, Inputs, read_all, with_contents
from rnnlint.checking.plan import Done, Plan, said_of
from rnnlint.frozen import dataclass
from rnnlint.output.visible import visible
from rnnlint.output.writing import replace


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was done, what is to be said now, and what could not be written, in one line each.

    ``names`` are how files are shown, by their absolute paths; ``standard`` is what ``-`` has become.
    """

    fixed: Fixed
    done: Done
    names: Mapping[str, str]
    unwritten: tuple[str, ...] = ()
    standard: bytes | None = None


def fix(plan: Plan, only: Collection[Line] | None = None) -> Outcome:
    """Mend what is found; the files are written, unless only the difference is asked for.

    ``only`` what is on these lines, where they are given.  Standard input is given back by the outcome.  Raises
    WrongUse and BadBaseline.
    """
    nearest = Nearest(plan.configurations)
    inputs = read_all(plan.asked, nearest)
    memory: dict[str, str] = {}
    links = _links(inputs)
    once = _without(inputs, links)

    def said(of: Inputs, contents: Mapping[str, bytes]) -> Done:
        linked = {link: contents[path] for link, path in links.items() if path in contents}
        return said_of(plan, with_contents(of, {**contents, **linked}), nearest, memory)

    def check(contents: Mapping[str, bytes]) -> Checked:
        return Checked(said(once, contents))

    def read(path: str) -> bytes:
        given = inputs.standard if path == plan.asked.standard else None
        return Path(path).read_bytes() if given is None else given

    fixed, last = Fixing(check, read, unsafe=plan.options.unsafe_fixes, only=only).fixed(check({}))
    names = {one.path: one.source.path for one in (*inputs.inputs, *inputs.around)}
    standard = inputs.standard
    if standard is not None:
        standard = fixed.contents.get(plan.asked.standard, standard)
    on_disk = [path for path in fixed.contents if inputs.standard is None or path != plan.asked.standard]
    unwritten = () if plan.options.diff else tuple(_written(fixed, on_disk))
    # what is left is said of links as well, as by a run without fixes
    done = last.done if once is inputs else said(inputs, fixed.contents)
    return Outcome(fixed, done, names, unwritten, standard)


def _links(inputs: Inputs) -> dict[str, str]:
    """Files that are others of those that were asked for by another name, and which: themselves, where they are too."""
    asked = [path for path in inputs.files if path != STANDARD]
    real = {path: os.path.realpath(path) for path in (*asked, *(one.path for one in inputs.around))}
    meant: dict[str, str] = {}
    for path in sorted(asked, key=lambda path: real[path] != path):
        meant.setdefault(real[path], path)
    return {path: meant[at] for path, at in real.items() if meant.get(at, path) != path}


def _without(inputs: Inputs, links: Collection[str]) -> Inputs:
    """The same inputs, in which links are there, and nothing is said of them: what is found is mended once."""
    files = tuple(path for path in inputs.files if path not in links)
    if files == inputs.files:
        return inputs
    around = (*inputs.around, *(one for one in inputs.inputs if one.path in links))
    kept = tuple(one for one in inputs.inputs if one.path not in links)
    return replace_fields(inputs, inputs=kept, around=around, files=files)


def _written(fixed: Fixed, paths: Iterable[str]) -> Iterator[str]:
    """Write files, each at once or not at all; what cannot be written."""
    for path in paths:
        try:
            target = Path(path).resolve()
            if target.read_bytes() != fixed.before[path]:
                yield f"{shown(path)}: is not fixed: it has changed meanwhile"
            elif not os.access(target, os.W_OK):
                yield f"{shown(path)}: is not fixed: it cannot be written"
            else:
                replace(target, fixed.contents[path], target.stat().st_mode)
        except (OSError, RuntimeError) as error:  # links that lead round
            yield f"{shown(path)}: is not fixed: {getattr(error, 'strerror', None) or error}"


def difference(outcome: Outcome) -> str:
    """What changes, as ``diff -u`` prints it; of a notebook, in the text of its JSON."""
    found: list[str] = []
    fixed = outcome.fixed
    for path in sorted(fixed.contents):
        name = outcome.names.get(path, path)
        before, after = (_lines(content, name) for content in (fixed.before[path], fixed.contents[path]))
        for line in difflib.unified_diff(before, after, name, name):
            found.append(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n")
    return "".join(found)


def _lines(content: bytes, name: str) -> list[str]:
    """The lines of a file, as diff and patch see them: each ends with a line feed, whatever else Python takes for an
    end."""
    encoding = "utf-8" if name.endswith(".ipynb") else tokenize.detect_encoding(io.BytesIO(content).readline)[0]
    # the mark at the beginning is a character of the first line
    text = content.decode("utf-8" if encoding == "utf-8-sig" else encoding)
    lines = [f"{line}\n" for line in text.split("\n")]
    return [*lines[:-1], *([lines[-1][:-1]] if lines[-1] != "\n" else [])]


def untold(fixed: Fixed) -> str:
    """That a bound was reached before all was tried; "" where it was not."""
    if not fixed.untried:
        return ""
    many = _count(fixed.untried, "finding")
    return f"{many} not tried: too many to check the files again for each; name fewer files or rules\n"


def would_fix(fixed: Fixed) -> str:
    """What a difference is of, in a line; "" where there is none."""
    return f"Would fix {_count(len(fixed.mended), 'finding')}.\n" if fixed.mended else ""


def listed(mended: tuple[Mended, ...], *, done: bool) -> str:
    """What was fixed, by file and rule, as ruff prints it; or what would be, where that is not done."""
    lines = [f"{'Fixed' if done else 'Would fix'} {_count(len(mended), 'finding')}:"] if mended else []
    for path in sorted({one.path for one in mended}):
        lines.append(f"- {visible(path)}:")
        counts = Counter((one.code, one.name) for one in mended if one.path == path)
        lines += [f"    {count} x {code} ({name})" for (code, name), count in sorted(counts.items())]
    return "".join(f"{line}\n" for line in lines)


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
