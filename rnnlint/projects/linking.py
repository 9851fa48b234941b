"""The files of a group as programs that are run together."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import replace
from posixpath import dirname

from rnnlint.frozen import dataclass
from rnnlint.projects.modules import Modules, key_of
from rnnlint.projects.plan import Group, Member
from rnnlint.source import program as ir
from rnnlint.source.documents import content, read_document
from rnnlint.source.links import Document, Documents, Links
from rnnlint.source.parse import NotAnalysed, Parsed, parse
from rnnlint.source.tree import tree_of


@dataclass(frozen=True, slots=True)
class Linked:
    """``parsed`` are the files by their paths, in the order in which they run; ``refused`` those that are no Python.

    ``data`` are the files of data that could be read.
    """

    parsed: dict[str, Parsed]
    links: Links
    refused: dict[str, NotAnalysed]
    data: dict[str, Parsed]


def linked(group: Group, text: Callable[[str], str]) -> Linked:
    """A group, parsed, and what its imports lead to among its own files."""
    parsed: dict[str, Parsed] = {}
    refused: dict[str, NotAnalysed] = {}
    for member in group.members:
        one = _parsed(member, text(member.path))
        if isinstance(one, NotAnalysed):
            refused[member.path] = one
        else:
            parsed[member.path] = one
    modules = Modules(parsed)
    keys = {key_of(path) for path in parsed}
    keys.update(above for key in list(keys) for above in _above(key))
    targets: dict[ir.Node, tuple[str | None, ...]] = {
        node: found
        for path, one in parsed.items()
        for node in one.program.imports
        if any(found := tuple(_targets(path, node, modules)))
    }
    read = {path: read_document(text(path), path) for path in group.data}
    data = {path: one for path, one in read.items() if isinstance(one, Parsed)}
    documents = Documents(
        {path: _document(path, one) for path, one in read.items()}, {key_of(path): path for path in parsed}
    )
    return Linked(parsed, Links(targets, frozenset(keys), documents), refused, data)


def _document(path: str, read: Parsed | NotAnalysed) -> Document:
    return Document(path, content(read)) if isinstance(read, Parsed) else Document(path, None, read.reason)


def _parsed(member: Member, text: str) -> Parsed | NotAnalysed:
    tree = None
    if member.statements is not None:
        try:
            tree = tree_of(text)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return NotAnalysed("it cannot be read")  # which nobody asks of a file that only helps
        tree = ast.Module([tree.body[number] for number in member.statements], [])
    found = parse(text, tree)
    if isinstance(found, NotAnalysed):
        return found
    program = replace(found.program, key=key_of(member.path), helps=member.helps, guest=member.guest)
    return replace(found, program=program)


def _targets(path: str, node: ir.Import | ir.ImportFrom, modules: Modules) -> Iterator[str | None]:
    """What each name of an import leads to; of ``from a import b``, what ``a`` does."""
    if isinstance(node, ir.ImportFrom):
        yield modules.target(path, node.module)
        return
    for name, alias in node.names:
        key = modules.target(path, name)
        if key is not None and alias is None:
            for _ in range(name.count(".")):
                key = dirname(key)
        yield key


def _above(key: str) -> Iterator[str]:
    while key and key != dirname(key):  # "/", or "//" of a path that begins with two
        key = dirname(key)
        yield key
