"""From what stands in a file of data to values: each constant is a default that the file declares.

OmegaConf's ``${model.size}`` is what it names; hydra's ``defaults`` are put together as hydra does
(https://hydra.cc/docs/advanced/defaults_list/).
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterator, Mapping, Sequence
from functools import reduce
from typing import TypeAlias

from rnnlint.frozen import dataclass
from rnnlint.interpret.state.run import Run
from rnnlint.source import program as ir
from rnnlint.source.links import Document, Documents
from rnnlint.values.domain import Lit, Value
from rnnlint.values.heap_cells import DictCell

_LONGEST = 64  # items of a list: what is longer holds data
_DEEPEST = 4  # files that name others in their defaults, or values that name others; a convention
_NAMED = re.compile(r"\$\{([\w.]+)\}\Z")

Tree: TypeAlias = "Table | ir.Expr"


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """A dict, by its keys; ``node`` is where it stands, or the last of the places where it does."""

    node: ir.Expr
    held: Mapping[Hashable, Tree]


def value_of(run: Run, document: Document) -> Value:
    """What stands in a file of data, made anew."""
    assert document.content is not None
    return _Making(run, document.name, _table(document.content)).whole()


def composed(run: Run, documents: Documents, document: Document) -> Value:
    """What hydra makes of a file and those that it names in its ``defaults``, made anew."""
    folder = document.path.rpartition("/")[0]
    return _Making(run, document.name, _with_defaults(documents, document, folder, (), 0)).whole()


def agreed(run: Run, documents: Sequence[Document]) -> Value:
    """What stands in each of several files of which a run is given one: what they do not agree on is open.

    So are lists, of one file too: they hold data (the corpora of an example), of which another has others.
    """
    tables = [_table(one.content) for one in documents if one.content is not None]
    return _Making(run, documents[0].name, reduce(_common, tables, tables[0])).whole()


def _common(one: Tree, other: Tree) -> Tree:
    """What two files have in common, where it stands in the first."""
    if not isinstance(one, Table) or not isinstance(other, Table):
        return one
    both = ((key, value, other.held[key]) for key, value in one.held.items() if key in other.held)
    return Table(one.node, {key: _common(value, more) for key, value, more in both if _alike(value, more)})


def _alike(one: Tree, other: Tree) -> bool:
    if isinstance(one, ir.Constant) and isinstance(other, ir.Constant):
        return type(one.value) is type(other.value) and one.value == other.value
    return isinstance(one, Table) and isinstance(other, Table)


def _table(node: ir.Expr) -> Tree:
    if not isinstance(node, ir.DictDisplay):
        return node
    return Table(node, {key.value: _table(value) for key, value in node.items if isinstance(key, ir.Constant)})


# --- hydra -----------------------------------------------------------------------------------------------------------


def _with_defaults(documents: Documents, document: Document, root: str, group: tuple[str, ...], depth: int) -> Tree:
    assert document.content is not None
    own = _table(document.content)
    if not isinstance(own, Table) or depth > _DEEPEST:
        return own
    listed = own.held.get("defaults")
    rest = Table(own.node, {key: value for key, value in own.held.items() if key != "defaults"})
    whole: Tree = Table(own.node, {})
    done = False
    for name, package in _entries(listed) if isinstance(listed, ir.Display) else ():
        if name == "_self_":
            whole, done = _merged(whole, rest), True
            continue
        inner = (*group, *name.split("/")) if not name.startswith("/") else tuple(name[1:].split("/"))
        found = documents.at(root, "/".join(inner) + ".yaml")
        if found is not None and found.content is not None:
            tree = _with_defaults(documents, found, root, inner[:-1], depth + 1)
            whole = _merged(whole, _under(package if package is not None else inner[len(group) : -1], tree))
    return whole if done else _merged(whole, rest)


def _entries(listed: ir.Display) -> Iterator[tuple[str, tuple[str, ...] | None]]:
    """The files of a list of defaults, by their names, and where what they hold is put, if that is said."""
    for one in listed.items:
        if isinstance(one, ir.Constant) and isinstance(one.value, str):
            yield one.value, None
        elif isinstance(one, ir.DictDisplay):
            for key, option in one.items:
                if isinstance(key, ir.Constant) and isinstance(option, ir.Constant) and isinstance(option.value, str):
                    group = str(key.value).removeprefix("optional ").removeprefix("override ")
                    name, at, package = group.partition("@")
                    if not name.lstrip("/").startswith("hydra/"):
                        where = () if package == "_global_" else tuple(package.split(".")) if at else None
                        yield f"{name}/{option.value}", where


def _under(package: tuple[str, ...], tree: Tree) -> Tree:
    for name in reversed(package):
        tree = Table(tree.node if isinstance(tree, Table) else tree, {name: tree})
    return tree


def _merged(one: Tree, more: Tree) -> Tree:
    if not isinstance(one, Table) or not isinstance(more, Table):
        return more
    held = dict(one.held)
    for key, value in more.held.items():
        held[key] = _merged(held[key], value) if key in held else value
    return Table(more.node, held)


# --- values ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, eq=False)
class _Making:
    """Values of a file on their way: ``name`` is what the file is called, ``root`` all that stands in it."""

    run: Run
    name: str
    root: Tree

    def whole(self) -> Value:
        return self._value(self.root, "", 0)

    def _value(self, tree: Tree, name: str, links: int) -> Value:
        frees = self.run.made.frees
        if isinstance(tree, Table):
            named = [(key, one, f"{name}.{key}" if name else str(key)) for key, one in tree.held.items()]
            pairs = tuple((key, self._value(one, inner, links)) for key, one, inner in named)
            # what another file of its kind may hold beside these is read from what is known by its name
            return self.run.containers.new_cell(DictCell(pairs, False, frees[name or self.name, tree.node]))
        match tree:
            case ir.Constant(value=str() as text) if "${" in text:
                of = self._named(text) if links < _DEEPEST else None
                return frees[name, tree] if of is None else self._value(of, name, links + 1)
            case ir.Constant(value=value):
                return self.run.facts.parameter(frees[name, tree], Lit(value), tree)
            case ir.DictDisplay():
                return self._value(_table(tree), name, links)
            case ir.Display(items=items) if len(items) <= _LONGEST:
                each = (self._value(one, f"{name}[{number}]", links) for number, one in enumerate(items))
                return self.run.containers.new_list(tuple(each))
        return frees[name or self.name, tree]

    def _named(self, text: str) -> Tree | None:
        """What ``${model.size}`` is; None for what is not that alone."""
        found = _NAMED.match(text)
        tree: Tree | None = self.root if found else None
        for key in found[1].split(".") if found else ():
            tree = tree.held.get(key) if isinstance(tree, Table) else None
        return tree
