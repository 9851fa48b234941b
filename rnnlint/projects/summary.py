"""What a file says to those who ask which files are analysed together: statement by statement, in names."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from typing import Any

from rnnlint.frozen import dataclass
from rnnlint.projects.data_files import names_in
from rnnlint.projects.imports import Import, imports_of
from rnnlint.source.annotations import quoted_words
from rnnlint.source.gate import holding_statements
from rnnlint.source.prefilter import gets_by_name, mentions_rnn
from rnnlint.source.tree import tree_of

_UNREADABLE = "unreadable"
_LONGEST_NAME = 60  # characters of a string that may name something: longer ones are sentences


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement of a file's top level.

    It ``binds`` names and mentions ``words``, strings that can be names among them.  What a ``definition`` mentions is
    only looked at once somebody uses what it binds, but for what its decorators mention: these ``keep`` it.
    ``holds``: something stands in it that can bring forth a recurrent module, a packed batch, or a tensor that is
    dropped.  ``table``: it makes a dict or a list, into which others may put something.
    """

    binds: frozenset[str]
    words: frozenset[str]
    definition: bool = False
    holds: bool = False
    imports: tuple[Import, ...] = ()
    keep: frozenset[str] = frozenset()
    table: bool = False


@dataclass(frozen=True, slots=True)
class Summary:
    """The statements of a file's top level, in order; none of one that is no Python, which is ``unreadable``.

    ``data`` are the names of files of data that stand in it.
    """

    statements: tuple[Statement, ...] = ()
    imports: tuple[Import, ...] = ()
    unreadable: bool = False
    data: tuple[str, ...] = ()

    @property
    def builds(self) -> bool:
        """Whether code of the file can build a recurrent module, or what else there is something to say about."""
        return any(one.holds for one in self.statements)

    @property
    def words(self) -> frozenset[str]:
        """All that its statements mention."""
        return frozenset().union(*(statement.words for statement in self.statements))

    def as_data(self) -> list[Any] | str:
        """It, as JSON can write it."""
        return _UNREADABLE if self.unreadable else [list(map(_as_data, self.statements)), self.data]


def _as_data(one: Statement) -> list[Any]:
    imports = [_row(each) for each in one.imports]
    return [sorted(one.binds), sorted(one.words), one.definition, one.holds, imports, sorted(one.keep), one.table]


def from_data(data: Any) -> Summary:
    """What was written by ``as_data``.  Raises ValueError or TypeError for what was not."""
    if data == _UNREADABLE:
        return Summary(unreadable=True)
    statements, names = data
    return _of(map(_statement_from, statements), tuple(names))


def _statement_from(row: Any) -> Statement:
    binds, words, definition, holds, imports, keep, table = row
    every = tuple(Import(*one) for one in imports)
    return Statement(frozenset(binds), frozenset(words), definition, holds, every, frozenset(keep), table)


def _row(one: Import) -> list[str | bool]:
    return [one.module, one.name, one.bound, one.late]


def summarised(text: str, tree: ast.Module | None = None) -> Summary:
    """The summary of a text, of which somebody may have the tree already."""
    try:
        tree = tree or tree_of(text)
        holding = holding_statements(text, tree) if mentions_rnn(text) or gets_by_name(text) else frozenset()
        return _of((_statement(node, node in holding) for node in tree.body), tuple(names_in(text)))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return Summary(unreadable=True)


def _of(statements: Iterable[Statement], data: tuple[str, ...]) -> Summary:
    every = tuple(statements)
    return Summary(every, tuple(each for one in every for each in one.imports), data=data)


_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def _statement(node: ast.stmt, holds: bool) -> Statement:
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        imports = tuple(imports_of(node))
        return Statement(frozenset(one.bound for one in imports), frozenset(), imports=imports)
    words, importing = _words(node)
    imports = tuple(imports_of(node)) if importing else ()
    definition = isinstance(node, _DEFINITIONS)
    decorators = node.decorator_list if isinstance(node, _DEFINITIONS) else ()
    keep = frozenset[str]().union(*(_words(one)[0] for one in decorators)) if definition else words
    return Statement(frozenset(_bound(node)), words, definition, holds, imports, keep, _is_table(node))


_TABLES = ("dict", "list", "set", "OrderedDict", "defaultdict")


def _is_table(node: ast.AST) -> bool:
    """Whether a statement makes a dict, a list, or what calls itself a registry; or a class that has one."""
    match node:
        case ast.ClassDef(body=body):
            return any(isinstance(one, (ast.Assign, ast.AnnAssign)) and _is_table(one) for one in body)
        case ast.Assign(value=value) | ast.AnnAssign(value=value):
            return _is_table(value) if value is not None else False
        case ast.Dict() | ast.List() | ast.Set():
            return True
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)):
            return name in _TABLES or name.lower().endswith(("registry", "register"))
    return False


class _Inner(dict[type, tuple[str, ...]]):
    """The fields of a kind of node in which others stand; none of what is no node."""

    def __missing__(self, kind: type) -> tuple[str, ...]:
        fields: tuple[str, ...] = getattr(kind, "_fields", ())
        found = self[kind] = tuple(name for name in fields if name not in _NO_NODES)
        return found


_NO_NODES = frozenset({"arg", "conversion", "ctx", "is_async", "kind", "level", "op", "ops", "simple", "type_comment"})
"""Fields of strings and numbers, and of what stands for an operator or says whether a name is stored."""
_INNER = _Inner()


def _words(node: ast.AST) -> tuple[frozenset[str], bool]:
    """The names that are mentioned, and the strings that can be some; and whether something is imported there."""
    words: set[str] = set()
    importing = False
    # by hand, and only where nodes stand: all files that may take part in anything are walked through here
    pending: list[Any] = [node]
    while pending:
        inner = pending.pop()
        kind = type(inner)
        if kind is ast.Name:
            words.add(inner.id)
        elif kind is ast.Attribute:
            words.add(inner.attr)
            pending.append(inner.value)
        elif kind is ast.Constant:
            value = inner.value
            if type(value) is str and len(value) <= _LONGEST_NAME and value.isidentifier():
                words.add(value)
        elif kind is ast.arg:
            if inner.annotation is not None:
                pending.append(inner.annotation)
                words.update(quoted_words(inner.annotation))
        elif kind is ast.Import or kind is ast.ImportFrom:
            importing = True
        else:
            if kind is ast.Call and type(inner.func) is ast.Name and inner.func.id == "getattr":
                words.update(_looked_up(inner.args))
            for field in _INNER[kind]:
                value = getattr(inner, field)
                if type(value) is list:
                    pending += value
                elif value is not None:
                    pending.append(value)
    return frozenset(words), importing


def looked_up_in(name: str) -> str:
    """What stands among the words of a statement that asks something by a name that only a run knows."""
    return f"getattr({name})"


def _looked_up(args: list[ast.expr]) -> Iterator[str]:
    if len(args) > 1 and isinstance(args[0], ast.Name) and not isinstance(args[1], ast.Constant):
        yield looked_up_in(args[0].id)


def _bound(node: ast.stmt) -> Iterator[str]:
    """The names that a statement of the top level binds, those in its arms as well."""
    match node:
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            yield name
        case ast.Import() | ast.ImportFrom():
            yield from (one.bound for one in imports_of(node))
        case _:
            for inner in ast.iter_child_nodes(node):
                if isinstance(inner, ast.stmt):
                    yield from _bound(inner)
                elif isinstance(inner, (ast.ExceptHandler, ast.match_case)):
                    for each in inner.body:
                        yield from _bound(each)
                else:
                    yield from _stored(inner)


def _stored(node: ast.AST) -> Iterator[str]:
    """The names that an expression, or what stands on the left of one, binds."""
    pending: list[Any] = [node]
    while pending:
        inner = pending.pop()
        if type(inner) is ast.Name:
            if type(inner.ctx) is ast.Store:
                yield inner.id
            continue
        for field in _INNER[type(inner)]:
            value = getattr(inner, field)
            if type(value) is list:
                pending += value
            elif value is not None:
                pending.append(value)
