"""The test that keeps files from being analysed that name a recurrent module and build none.

Words are searched in the text, and looked up in the tree where they stand: a walk over all nodes would cost as much as
parsing did.  What it lets through is what the analysis can say something of, or more (docs/design.md, "What is not
analysed"): tests/source/test_gate.py.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cached_property
from typing import Any, NamedTuple

from rnnlint.cells import LAYERS, is_part_of

_PACKING = ("pack_padded_sequence", "pack_sequence", "pad_packed_sequence", "PackedSequence")
# each by the letters it begins with, which Python's re looks for as fast as for a plain text
_SEARCHES = tuple(
    re.compile(rf"{word}(?!\w)")
    for word in (*(f"{layer}(?:Cell|Base)?" for layer in LAYERS), *_PACKING, "getattr", "detach")
)
# torch.nn, which has them also under the names of its modules, under another name; the same handed on as a value
_TORCHS = frozenset({"torch.nn", "torch.nn.modules", "torch.nn.modules.rnn", "torch.nn.utils.rnn"})
_HOLDERS = ("nn", "nn.modules", "modules.rnn")
_RENAMED = (
    re.compile(r"nn\s+as\s+(\w+)"),
    re.compile(r"modules\s+as\s+(\w+)"),
    re.compile(r"modules\s+import\s.*\b(rnn)\b"),
)
_HANDED = re.compile(r"nn(?<!\wnn)\s*(?:[,)\]}]|$)", re.MULTILINE)
# between a class and what only compares it
_GROUPING = (ast.Tuple, ast.List, ast.Set, ast.Starred, ast.BinOp, ast.keyword)


def builds(text: str, tree: ast.Module) -> bool:
    """Whether code of the file can build a recurrent module, pack a batch, or drop what ``detach`` returns."""
    return any(_File(text, tree).accepted())


class _Step(NamedTuple):
    """A node on the way down, and what holds it."""

    node: ast.AST
    field: str


class _File:
    def __init__(self, text: str, tree: ast.Module) -> None:
        if "\r" in text:
            text = text.replace("\r\n", "\n").replace("\r", "\n")
        self._text, self._tree, self._is_ascii = text.removeprefix("\ufeff"), tree, text.isascii()

    def accepted(self) -> Iterator[bool]:
        """For each word that stands in code whether it builds."""
        for search in _SEARCHES:
            for word, path in self._paths(search):
                yield self._builds(path, word)

    def _paths(self, search: re.Pattern[str]) -> Iterator[tuple[str, list[_Step]]]:
        """The nodes that hold each place where a word stands; of a string once, however often it does."""
        line, start, passed = 1, 0, (0, 0)
        for found in search.finditer(self._text):
            at = found.start()
            if at and (self._text[at - 1].isalnum() or self._text[at - 1] == "_"):
                continue  # the end of another name
            line += self._text.count("\n", start, at)
            start = self._text.rfind("\n", 0, at) + 1
            column = at - start if self._is_ascii else len(self._text[start:at].encode())
            if (line, column) < passed:
                continue
            path = _path(self._tree, line, column)
            node = path[-1].node
            if isinstance(node, (ast.Constant, ast.JoinedStr)):
                passed = node.end_lineno or 0, node.end_col_offset or 0
            yield found.group(), path

    def _builds(self, path: list[_Step], word: str) -> bool:
        node = path[-1].node
        # what stands in the braces of an f-string, which Python places wrongly before 3.12
        string = next((step.node for step in path if isinstance(step.node, ast.JoinedStr)), None)
        if string is not None:
            inside = list(ast.walk(string))
            if word == "getattr":
                return any(isinstance(one, ast.Call) and _name(one.func) == word and self._gets(one) for one in inside)
            return any(_name(one) == word for one in inside)
        # under another name; under its own, where it is used counts
        if isinstance(node, ast.alias):
            return node.asname not in (None, node.name)
        if _name(node) != word:
            return False
        if word == "detach":
            return [type(step.node) for step in path[-3:]] == [ast.Expr, ast.Call, ast.Attribute]
        if word == "getattr":
            called = path[-2].node
            if isinstance(called, ast.Call) and path[-1].field == "func":
                return self._gets(called)
        if not isinstance(getattr(node, "ctx", None), ast.Load) or _only_named(path) or self._is_another(node):
            return False
        if word == "PackedSequence" and self._is_given_away(path):
            return False
        stored = _stored(path)
        return stored is None or self._is_used(stored)

    def _is_another(self, node: ast.AST) -> bool:
        """Whether a name is certainly not torch's: that of a class of the file, or of another module of torch's."""
        if isinstance(node, ast.Name):
            own = any(isinstance(one, ast.ClassDef) and one.name == node.id for one in self._tree.body)
            return own and not self._imports(node.id)
        holder = _dotted(node.value) if isinstance(node, ast.Attribute) else ""
        # self.LSTM is what the class has stored there, and what that was counts where it stands
        if holder in ("self", "cls"):
            return True
        first, dot, rest = holder.partition(".")
        modules = [
            alias.name
            for one in self._tree.body
            if isinstance(one, ast.Import)
            for alias in one.names
            if alias.asname == first
        ]
        # bound once, so that it is what the import says
        if len(modules) == 1 and len(re.findall(rf"\bas\s+{first}\b|\b{first}\s*=(?!=)", self._text)) == 1:
            holder = f"{modules[0]}{dot}{rest}"
        return holder.startswith("torch.") and holder not in _TORCHS

    def _imports(self, name: str) -> bool:
        """Whether anything in the file can import a name."""
        return any(
            alias.name == "*" or name in (alias.name, alias.asname)
            for one in ast.walk(self._tree)  # asked of the few files with a class of that name
            if isinstance(one, (ast.Import, ast.ImportFrom))
            for alias in one.names
        )

    def _is_given_away(self, path: list[_Step]) -> bool:
        """Whether a method makes a value to return it, and nothing in the file calls the method: torch's own layers."""
        match [step.node for step in path]:
            case [
                _,
                ast.ClassDef() as cls,
                ast.FunctionDef() as method,
                *_,
                ast.Assign() | ast.Return(),
                ast.Call(),
                _,
            ]:
                pass
            case _:
                return False
        if any(isinstance(step.node, (ast.FunctionDef, ast.Lambda, ast.ClassDef)) for step in path[3:]):
            return False  # one inside it has other callers
        held = path[-3].node
        if path[-1].field != "func" or (isinstance(held, ast.Assign) and not _only_returned(held.targets, method)):
            return False
        calls = (
            isinstance(path[-1].node, ast.Name if word == cls.name else (ast.Name, ast.Attribute))
            for name in (cls.name, method.name)
            for word, path in self._paths(re.compile(rf"{name}(?!\w)"))
        )
        return not any(calls) and not re.search(r"\bself\(|\bsuper\(\)\(", self._text)

    def _is_used(self, name: str) -> bool:
        """Whether what a name of the file holds can be called: what ``_is_cell = nn.LSTM`` may be stored for."""
        if "getattr" in self._text:
            return True
        return any(
            _name(path[-1].node) == name
            and isinstance(getattr(path[-1].node, "ctx", None), ast.Load)
            and not _only_named(path)
            for _, path in self._paths(re.compile(rf"{name}(?!\w)"))
        )

    def _gets(self, call: ast.Call) -> bool:
        """Whether a ``getattr`` can give a recurrent module."""
        if len(call.args) < 2:
            return bool(call.args) and isinstance(call.args[0], ast.Starred)
        holder, name = call.args[:2]
        if isinstance(name, ast.Constant) and not (isinstance(name.value, str) and is_part_of(name.value)):
            return False
        written = _dotted(holder)
        if isinstance(holder, ast.Call) and _name(holder.func) == "getattr":
            return True
        if written.endswith(_HOLDERS) or written in self._renamed:
            return True
        return written != "self" and self._hands_on

    @cached_property
    def _renamed(self) -> frozenset[str]:
        return frozenset(name for search in _RENAMED for name in search.findall(self._text))

    @cached_property
    def _hands_on(self) -> bool:
        return _HANDED.search(self._text) is not None


def _only_named(path: list[_Step]) -> bool:
    """Whether a class that is named is asked about, and never called."""
    for step in path:
        # those of parameters, of variables, and of what a function returns
        if step.field in ("annotation", "returns"):
            return True
    above = len(path) - 1
    while isinstance(path[above - 1].node, _GROUPING):
        above -= 1
    holder, field = path[above - 1].node, path[above].field
    match holder:
        case ast.Call(func=function):
            return _name(function) in ("isinstance", "issubclass") and path[above].node is not function
        case ast.Compare() | ast.MatchClass():
            return True
        case ast.Dict():
            return field == "keys"
        case ast.Attribute(attr=name):
            return name in ("__name__", "__class__", "__module__", "__doc__")
        case ast.ExceptHandler() | ast.Delete():
            return field in ("type", "targets")
    return False


def _only_returned(targets: list[ast.expr], method: ast.FunctionDef) -> bool:
    """Whether what is bound is a name that the method reads to return it, and for nothing else."""
    match targets:
        case [ast.Name(id=name)]:
            returned = [node.value for node in ast.walk(method) if isinstance(node, ast.Return)]
            given = {id(one) for value in returned for one in (value.elts if isinstance(value, ast.Tuple) else [value])}
            reads = [node for node in ast.walk(method) if isinstance(node, ast.Name) and node.id == name]
            return all(isinstance(node.ctx, ast.Store) or id(node) in given for node in reads)
    return False


def _stored(path: list[_Step]) -> str | None:
    """The name under which a class or the file's top level stores what stands at the end of a path."""
    match [step.node for step in path[-3:]]:
        case [ast.Module() | ast.ClassDef(), ast.Assign(targets=[ast.Name(id=name)]), _]:
            return name
    return None


def _dotted(node: ast.AST) -> str:
    """``a.b.c``; "" for what is no name of names."""
    if isinstance(node, ast.Attribute):
        holder = _dotted(node.value)
        return f"{holder}.{node.attr}" if holder else ""
    return node.id if isinstance(node, ast.Name) else ""


def _name(node: ast.AST) -> str:
    """The last of the names ``a.b.c``; "" for what is none."""
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _path(tree: ast.Module, line: int, column: int) -> list[_Step]:
    """The nodes that hold a place, from the outermost to the innermost."""
    path = [_Step(tree, "")]
    while True:
        step = _holding(path[-1].node, line, column)
        if step is None:
            return path
        path.append(step)


def _holding(node: ast.AST, line: int, column: int) -> _Step | None:
    for field in node._fields:
        value = getattr(node, field, None)
        for child in value if isinstance(value, list) else (value,):
            if not isinstance(child, ast.AST):
                continue
            if hasattr(child, "lineno"):
                if _holds(child, line, column):
                    return _Step(child, field)
            # arguments, comprehensions and the like have no place: what they hold has
            elif child._fields and _holding(child, line, column) is not None:
                return _Step(child, field)
    return None


def _holds(node: Any, line: int, column: int) -> bool:
    first, last = node.lineno, node.end_lineno
    if line > last:
        return False
    if line < first:
        # decorators stand before the function or the class
        decorators = getattr(node, "decorator_list", None)
        return bool(decorators and decorators[0].lineno <= line)
    return bool((line > first or column >= node.col_offset) and (line < last or column < node.end_col_offset))
