"""Where in the user's own source something happens while a model runs.

The interpreter knows the columns of the expression that an instruction belongs to (``co_positions``, Python 3.11); on
3.10 a place is a line.  Frames of torch, of einops, of the standard library and of this package are passed over: a
person cannot write ``# noqa`` there.
"""

from __future__ import annotations

import ast
import linecache
import os
import re
import sys
import sysconfig
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.util import find_spec
from pathlib import Path
from traceback import walk_tb
from types import CodeType, FrameType, TracebackType

import torch

import rnnlint
from rnnlint.source.excerpt import excerpt


@dataclass(frozen=True, slots=True)
class Place:
    """A stretch of a file: lines from 1, columns from 0 in UTF-8 bytes, as ``ast`` counts; None where not known."""

    file: str
    line: int
    column: int | None = None
    end_line: int | None = None
    end_column: int | None = None

    def __str__(self) -> str:
        cell = cell_of(self.file)
        return self.short + ("" if self.column is None or cell is not None else f":{self.column + 1}")

    @property
    def short(self) -> str:
        """The file and the line; of a notebook, as IPython's own tracebacks name the cell."""
        cell = cell_of(self.file)
        if cell is not None:
            return f"Cell In[{cell}], line {self.line}"
        # relative only below the current folder, because ``../../..`` says less than the whole path
        file = os.path.relpath(self.file) if self.file.startswith(f"{Path.cwd()}{os.sep}") else self.file
        return f"{file}:{self.line}"

    def text(self, room: int) -> str:
        """The source of the place (of its line, where columns are not known) in one line of ``room`` characters."""
        lines = [line.encode() for line in linecache.getlines(self.file)[self.line - 1 : self.end_line or self.line]]
        if lines and self.column is not None:
            lines[-1] = lines[-1][: self.end_column]
            lines[0] = lines[0][self.column :]
        return excerpt(b"".join(lines).decode(), room)

    def node(self, *kinds: type[ast.expr]) -> ast.expr | None:
        """The expression of one of these kinds that stands here; None where it cannot be told."""
        found = [node for node in _expressions(self.file).get(self.line, ()) if isinstance(node, kinds)]
        if self.column is not None:
            span = (self.column, self.end_line, self.end_column)
            found = [node for node in found if (node.col_offset, node.end_lineno, node.end_col_offset) == span]
        return found[0] if len(found) == 1 or (found and self.column is not None) else None

    @property
    def is_statement(self) -> bool:
        """Whether an expression stands here as a statement of its own."""
        return (self.line, self.column, self.end_line, self.end_column) in _statements(self.file)

    @property
    def asks(self) -> bool:
        """Whether ``hasattr``, or ``getattr`` with a default, asks for an attribute here that need not be there."""
        calls = (node for node in _expressions(self.file).get(self.line, ()) if isinstance(node, ast.Call))
        asking = [
            call for call in calls if isinstance(call.func, ast.Name) and len(call.args) == _ASK.get(call.func.id)
        ]
        if self.column is None:
            return bool(asking)
        span = (self.column, self.end_line, self.end_column)
        return any((call.col_offset, call.end_lineno, call.end_col_offset) == span for call in asking)

    @property
    def tried(self) -> bool:
        """Whether the function goes on if this raises: in a ``try`` whose handler reads the same in another way."""
        return self.line in _tried(self.file)


_ASK = {"hasattr": 2, "getattr": 3}  # how many arguments such a call has


_NUMBERED = re.compile(r"<ipython-input-(\d+)-")  # the names that IPython gives cells where no kernel does


def cell_of(file: str) -> str | None:
    """The number of the notebook cell that a file name stands for; None where it is no cell."""
    # without a kernel, IPython numbers the names themselves; with one, it has a table (below)
    numbered = _NUMBERED.match(file)
    if numbered is not None:
        return numbered[1]
    ipython = sys.modules.get("IPython")
    shell = None if ipython is None else ipython.get_ipython()
    cells = getattr(getattr(shell, "compile", None), "_filename_map", {})  # a kernel's names are paths of no file
    return str(cells[file]) if file in cells else None


def here() -> Place | None:
    """The innermost place in the user's own code; None where there is none."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and _foreign(frame.f_code.co_filename):
        frame = frame.f_back
    return None if frame is None else place_of(frame)


def passed(error: BaseException | None) -> Iterator[Place]:
    """The innermost place in the user's own code that an exception has passed, and those that led to it."""
    known = set()
    while error is not None and id(error) not in known:
        known.add(id(error))
        own = [(frame, line) for frame, line in walk_tb(error.__traceback__) if not _foreign(frame.f_code.co_filename)]
        if own:
            frame, line = own[-1]
            yield Place(frame.f_code.co_filename, line)
        error = error.__cause__ or error.__context__


def place_of(frame: FrameType) -> Place:
    """What a frame is doing."""
    return _place(frame.f_code, frame.f_lasti, frame.f_lineno)


def raised_at(traceback: TracebackType) -> tuple[Place, str] | None:
    """What a frame was doing when an exception passed it, and its function; None where it is nobody's own code."""
    code = traceback.tb_frame.f_code
    if _foreign(code.co_filename):
        return None
    return _place(code, traceback.tb_lasti, traceback.tb_lineno), code.co_name


def raised_last(error: BaseException) -> Place | None:
    """Where an exception was raised, with its columns, if that is in the user's own code; else None."""
    traceback, last = error.__traceback__, None
    while traceback is not None:
        at = raised_at(traceback)
        last = None if at is None else at[0]
        traceback = traceback.tb_next
    return last


def is_installed(file: str) -> bool:
    """Whether a file belongs to an installed package."""
    return file.startswith(_INSTALLED)


def _place(code: CodeType, instruction: int, line_number: int) -> Place:
    positions = _positions(code)
    if positions is not None:
        # half, because ``f_lasti`` counts bytes and an instruction has two (co_positions yields one entry for each)
        line, end_line, column, end_column = positions[instruction // 2]
        if line is not None and column is not None:
            return Place(code.co_filename, line, column, end_line, end_column)
    return Place(code.co_filename, line_number)


# 4096 functions: more than a model calls; a list of positions is made by going through all instructions
@lru_cache(maxsize=4096)
def _positions(code: CodeType) -> list[tuple[int | None, int | None, int | None, int | None]] | None:
    if sys.version_info >= (3, 11):
        return list(code.co_positions())
    return None


def _package(name: str) -> list[str]:
    spec = find_spec(name)
    return list(spec.submodule_search_locations or ()) if spec is not None else []


_FOREIGN = tuple(f"{Path(folder)}{os.sep}" for folder in (*torch.__path__, *rnnlint.__path__, *_package("einops")))
_STANDARD = f"{sysconfig.get_path('stdlib')}{os.sep}"
_INSTALLED = tuple(f"{sysconfig.get_path(name)}{os.sep}" for name in ("purelib", "platlib"))


@cache
def _foreign(file: str) -> bool:
    # <frozen importlib...>: Python's own code that stands in no file
    if file.startswith(("<frozen", *_FOREIGN)):
        return True
    # site-packages lies inside the folder of the standard library, and holds code that its user may have written
    return file.startswith(_STANDARD) and not file.startswith(_INSTALLED)


# 256 files: more than a model's own source has
@lru_cache(maxsize=256)
def _statements(file: str) -> frozenset[tuple[int, int, int | None, int | None]]:
    """Where the expressions of a file stand that are statements of their own."""
    try:
        tree = ast.parse("".join(linecache.getlines(file)))
    except SyntaxError:
        return frozenset()
    values = [node.value for node in ast.walk(tree) if isinstance(node, ast.Expr)]
    return frozenset((one.lineno, one.col_offset, one.end_lineno, one.end_col_offset) for one in values)


@lru_cache(maxsize=256)
def _tried(file: str) -> frozenset[int]:
    """The lines of a file on which what is raised is caught by the same function, which goes on with the same."""
    try:
        tree = ast.parse("".join(linecache.getlines(file)))
    except SyntaxError:
        return frozenset()
    lines: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Try):
            going_on = [one for one in node.handlers if not isinstance(one.body[-1], ast.Raise)]
            # ``self`` is left out, because every method reads it, whatever it reads of it
            again = _names_read(going_on) - {"self"}
            lines |= set().union(*(_own_lines(one) for one in node.body if not again.isdisjoint(_names_read([one]))))
    return frozenset(lines)


def _names_read(nodes: Iterable[ast.AST]) -> set[str]:
    names = (inner for node in nodes for inner in ast.walk(node) if isinstance(inner, ast.Name))
    return {name.id for name in names if isinstance(name.ctx, ast.Load)}


def _own_lines(node: ast.AST) -> set[int]:
    """The lines of a statement without those of functions that are defined in it."""
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)):
        return set()
    own = {node.lineno} if isinstance(node, (ast.expr, ast.stmt)) else set()
    return own.union(*map(_own_lines, ast.iter_child_nodes(node)))


@lru_cache(maxsize=256)
def _expressions(file: str) -> dict[int, list[ast.expr]]:
    """The expressions of a file by the line they begin on; none where it cannot be read."""
    try:
        tree = ast.parse("".join(linecache.getlines(file)))
    except SyntaxError:
        return {}
    found: dict[int, list[ast.expr]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.expr):
            found.setdefault(node.lineno, []).append(node)
    return found
