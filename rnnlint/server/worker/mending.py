"""Fixes of an open file's findings, as edits: those that ``rnnlint check --fix`` would keep, had it to make them.

A fix is made in memory, and the file is checked again with it (:mod:`rnnlint.checking.fixing`).
"""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Collection, Iterator, Mapping, Sequence

from rnnlint.checking.baseline import BadBaseline
from rnnlint.checking.fix_results import Checked, Line
from rnnlint.checking.fixing import Fixing
from rnnlint.checking.rewriting import NotRewritten, rewritten
from rnnlint.checking.said import Reported
from rnnlint.findings import Applicability
from rnnlint.findings import Edit as FoundEdit
from rnnlint.fixing.applying import edited
from rnnlint.notebooks import read
from rnnlint.server.worker.workspace import Workspace

Edit = tuple[int, int, int, int, str]
"""First line and column, last line and column (lines from 1, columns from 0 in characters), and what comes there."""
InCell = tuple[int, list[Edit]]
"""The edits of a cell of a notebook, counted from 1; of another file 0."""

_LINE = re.compile(r"[^\n]*\n|[^\n]+\Z")  # what is open has been read as Python reads it


def fixes(workspace: Workspace, path: str, cell: int, finding: Mapping[str, object]) -> list[dict[str, object]]:
    """The fixes that hold of the finding with this ``code`` at this ``line`` and ``column`` (in ``cell``).

    Each has a ``title``, its ``applicability``, how many there are to choose from (``of``), ``beside`` how many other
    findings' it has to be made, and its edits by cells.
    """
    now = _checked(workspace, path)
    one = None if now is None else _found(now, path, cell, finding)
    if now is None or one is None or one.finding is None:
        return []
    held: list[dict[str, object]] = []
    for fix in one.finding.fixes:
        made = _fixing(workspace, path, unsafe=_is_risky(fix.applicability)).holding(now, one, fix)
        edits = sorted({edit for each in made for edit in each.edits})
        applied = [each.applicability for each in made]
        if edits:
            held.append(
                {
                    "title": fix.title,
                    "applicability": next(filter(_is_risky, applied), Applicability.SAFE).value,
                    "of": len(one.finding.fixes),
                    "beside": len(made) - 1,
                    "edits": list(_placed(one, edits)),
                }
            )
    if len(one.finding.fixes) > len(held) == 1:  # the others do not fit what follows
        held[0] |= {"of": 1, "applicability": Applicability.UNSAFE.value}
    return held


def fix_all(workspace: Workspace, path: str) -> list[InCell]:
    """What makes a file of it in which all is mended that is safe; nothing where nothing is."""
    now = _checked(workspace, path)
    if now is None:
        return []
    # others are analysed with it, and are not asked for
    only = {
        (os.path.realpath(path), one.finding.line, one.finding.code)
        for one in now.reported
        if one.finding is not None and one.file.file.path == path
    }
    fixed, _ = _fixing(workspace, path, unsafe=False, only=only).fixed(now)
    if path not in fixed.contents:
        return []
    before, after = (_lines(content, path) for content in (fixed.before[path], fixed.contents[path]))
    return [(cell, edits) for cell in before if (edits := list(_between(before[cell], after[cell])))]


def _is_risky(one: Applicability) -> bool:
    return one is not Applicability.SAFE


def _fixing(workspace: Workspace, path: str, *, unsafe: bool, only: Collection[Line] | None = None) -> Fixing:
    def check(contents: Mapping[str, bytes]) -> Checked:
        return Checked(workspace.done(path, {one: _text(content) for one, content in contents.items()}))

    def content(one: str) -> bytes:
        text = workspace.text(one)
        if text is None:
            raise FileNotFoundError(f"{one} is not open")
        return _bytes(text)

    return Fixing(check, content, unsafe=unsafe, only=only, rewrite=_rewritten)


def _checked(workspace: Workspace, path: str) -> Checked | None:
    """What is said of an open file that somebody would have mended: nothing of one that is not checked."""
    if not workspace.check(path).diagnostics:
        return None
    try:
        return Checked(workspace.done(path, {}))
    except BadBaseline:
        return None


def _found(now: Checked, path: str, cell: int, finding: Mapping[str, object]) -> Reported | None:
    wanted = (cell, *(finding[name] for name in ("line", "column", "code")))
    for one in now.reported:
        place = one.diagnostic.place
        at = (place.cell, place.line, place.column, one.diagnostic.code)
        if one.file.file.path == path and at == wanted:
            return one
    return None


def _placed(one: Reported, edits: Sequence[FoundEdit]) -> Iterator[InCell]:
    """Edits of a module by the cells in which they are."""
    text = one.file.text()
    found: dict[int, list[Edit]] = {}
    for edit in edits:
        at = text.place(edit)
        found.setdefault(at.cell, []).append((at.line, at.column, at.end_line, at.end_column, edit.text))
    yield from found.items()


def _rewritten(content: bytes, edits: Sequence[FoundEdit], *, notebook: bool) -> bytes:
    """A text after edits.  In an editor it is in no encoding, whatever is said of one at its head."""
    if notebook:
        return rewritten(content, edits, notebook=True)
    try:
        return _bytes(edited(_LINE.findall(_text(content)), edits))
    except ValueError as error:
        raise NotRewritten(str(error)) from None


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _text(content: bytes) -> str:
    return content.decode("utf-8", "surrogatepass")


def _lines(content: bytes, path: str) -> Mapping[int, Sequence[str]]:
    """The lines of a file without their ends, by its cells."""
    text = _text(content)
    return read(text).cells if path.endswith(".ipynb") else {0: text.split("\n")}


def _between(before: Sequence[str], after: Sequence[str]) -> Iterator[Edit]:
    """Edits of whole lines that make one text of another."""
    for kind, first, last, new, end in difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        lines = after[new:end]
        if kind == "equal":
            continue
        if last < len(before):
            # up to the beginning of the next line, which is there
            yield first + 1, 0, last + 1, 0, "".join(f"{line}\n" for line in lines)
        elif first == 0:
            yield 1, 0, last, len(before[-1]), "\n".join(lines)
        else:
            yield first, len(before[first - 1]), last, len(before[-1]), "".join(f"\n{line}" for line in lines)
