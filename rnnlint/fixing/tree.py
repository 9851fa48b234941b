"""Where a node stands among the statements of its file: what is asked before something is written otherwise there."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from functools import cached_property

_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)
_REPEATED = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp, ast.Lambda, ast.IfExp, ast.BoolOp)
"""What is in these is evaluated another number of times than the statement around is run."""
_ARMS: dict[type[ast.AST], tuple[str, ...]] = {
    ast.If: ("body", "orelse"),
    ast.IfExp: ("body", "orelse"),
    ast.Try: ("body", "handlers", "orelse"),
    ast.Match: ("cases",),
    ast.BoolOp: ("values",),
}


class Tree:
    """The statements of a file, from the inside out; what takes a walk through all of them is found once."""

    def __init__(self, body: Sequence[ast.stmt]) -> None:
        self.body = body
        self._names: dict[ast.AST | None, frozenset[str]] = {}

    @cached_property
    def _parents(self) -> dict[ast.AST, ast.AST]:
        found: dict[ast.AST, ast.AST] = {}
        pending: list[ast.AST] = list(self.body)
        while pending:
            parent = pending.pop()
            for child in ast.iter_child_nodes(parent):
                found[child] = parent
                pending.append(child)
        return found

    def around(self, node: ast.AST) -> Iterator[ast.AST]:
        """What a node is in, from the inside out, without the file."""
        while node in self._parents:
            node = self._parents[node]
            yield node

    def statement(self, node: ast.AST) -> ast.stmt | None:
        """The innermost statement that a node is in, or is."""
        return next((one for one in (node, *self.around(node)) if isinstance(one, ast.stmt)), None)

    def at(self, line: int) -> ast.stmt | None:
        """The innermost statement on a line."""
        found: ast.stmt | None = None
        for root in self.body:
            for node in ast.walk(root):  # from the outside in
                if isinstance(node, ast.stmt) and node.lineno <= line <= (node.end_lineno or 0):
                    found = node
        return found

    def scope(self, node: ast.AST) -> ast.AST | None:
        """The function or class whose names a node sees; None at the top level."""
        return next((one for one in self.around(node) if isinstance(one, _SCOPES)), None)

    def names(self, scope: ast.AST | None) -> frozenset[str]:
        """Every name that is mentioned in a scope or around it."""
        if scope not in self._names:
            roots = self.body if scope is None else [scope]
            inside = [one for root in roots for one in ast.walk(root)]
            found = {one.id for one in inside if isinstance(one, ast.Name)}
            found |= {one.arg for one in inside if isinstance(one, ast.arg)}
            self._names[scope] = self._outside | found
        return self._names[scope]

    @cached_property
    def _outside(self) -> frozenset[str]:
        """The names that some function binds outside of itself."""
        every = (one for stmt in self.body for one in ast.walk(stmt) if isinstance(one, (ast.Global, ast.Nonlocal)))
        return frozenset(name for one in every for name in one.names)

    def once(self, node: ast.AST) -> bool:
        """Whether a node is evaluated once, and always, when the simple statement that it is in is run."""
        for one in self.around(node):
            if isinstance(one, _REPEATED):
                return False
            if isinstance(one, ast.stmt):
                return not hasattr(one, "body")
        return False

    @cached_property
    def imported(self) -> frozenset[str]:
        """The names of modules, and of what is in them, that the file imports."""
        imports = (one for stmt in self.body for one in ast.walk(stmt) if isinstance(one, (ast.Import, ast.ImportFrom)))
        return frozenset((alias.asname or alias.name).partition(".")[0] for one in imports for alias in one.names)

    @cached_property
    def loads(self) -> tuple[ast.Name | ast.Attribute, ...]:
        """Every name and attribute that the file reads."""
        every = (one for stmt in self.body for one in ast.walk(stmt) if isinstance(one, (ast.Name, ast.Attribute)))
        return tuple(one for one in every if isinstance(one.ctx, ast.Load))

    def arms(self, node: ast.AST) -> frozenset[tuple[ast.AST, str]]:
        """The arms of conditions that a node is in, within its function: what else runs in its place is in others."""
        found: set[tuple[ast.AST, str]] = set()
        child = node
        for parent in self.around(node):
            if isinstance(parent, _SCOPES):
                break
            for name in _ARMS.get(type(parent), ()):
                part = getattr(parent, name)
                if part is child or (isinstance(part, list) and any(one is child for one in part)):
                    found.add((parent, name))
            child = parent
        return frozenset(found)

    def given(self, node: ast.AST) -> frozenset[str]:
        """The names that a lambda or a comprehension around a node gives their values."""
        found: set[str] = set()
        for one in self.around(node):
            if isinstance(one, ast.stmt):
                break
            if isinstance(one, ast.Lambda):
                found |= {each.arg for each in ast.walk(one.args) if isinstance(each, ast.arg)}
            targets = [each.target for each in getattr(one, "generators", ())]
            found |= {name.id for each in targets for name in ast.walk(each) if isinstance(name, ast.Name)}
        return frozenset(found)

    def class_of(self, node: ast.AST) -> ast.ClassDef | None:
        """The innermost class that a node is in."""
        return next((one for one in self.around(node) if isinstance(one, ast.ClassDef)), None)

    def bases(self, one: ast.ClassDef) -> frozenset[str]:
        """The names of the classes that a class is made of, and of those that these are, as far as this file says."""
        found: set[str] = set()
        pending = [one]
        while pending:
            names = {name.id for base in pending.pop().bases for name in ast.walk(base) if isinstance(name, ast.Name)}
            pending += [each for each in self._classes if each.name in names - found]
            found |= names
        return frozenset(found)

    @cached_property
    def _classes(self) -> tuple[ast.ClassDef, ...]:
        return tuple(one for stmt in self.body for one in ast.walk(stmt) if isinstance(one, ast.ClassDef))

    def is_loop_variable(self, name: str, node: ast.AST) -> bool:
        """Whether a loop around a node gives a name its value."""
        loops = (one.target for one in self.around(node) if isinstance(one, (ast.For, ast.AsyncFor)))
        return any(isinstance(one, ast.Name) and one.id == name for target in loops for one in ast.walk(target))

    def certainly_before(self, first: ast.stmt, then: ast.stmt) -> bool:
        """Whether a statement has always been run, in the same call of the same function, before another is."""
        if self.scope(first) is not self.scope(then) or first is then:
            return False
        siblings = self._siblings(first)
        there = next((one for one in (then, *self.around(then)) if any(one is each for each in siblings)), None)
        return there is not None and first.lineno < getattr(there, "lineno", 0)

    def _siblings(self, statement: ast.stmt) -> Sequence[ast.AST]:
        """The statements of the block that a statement is in, itself among them."""
        parent = next(self.around(statement), None)
        if parent is None:
            return self.body
        for name in ("body", "orelse", "finalbody"):
            block = getattr(parent, name, None)
            if isinstance(block, list) and any(one is statement for one in block):
                return block
        return ()
