"""What the imports of a file bind its names to, wherever they stand."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from rnnlint.source.tree_paths import Step, path_to

_IMPORT = re.compile(r"import(?!\w)")
_ASSIGNED = re.compile(r"\s*(?::[^\n=]*)?=(?!=)")


class Imports:
    """The imports of a text, of which the lines end in one character."""

    def __init__(self, text: str, tree: ast.Module) -> None:
        self._text = text
        self._bound: dict[str, set[str]] = {}
        self._stars: set[str] = set()
        self._renamed: list[str] = []
        self._rebound: dict[str, bool] = {}
        for node in (*tree.body, *_inner(text, tree)):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    first = alias.name.partition(".")[0]
                    self._bind(alias.asname or first, alias.name if alias.asname else first, alias.asname)
            elif isinstance(node, ast.ImportFrom):
                module = "." * node.level + (node.module or "")
                for alias in node.names:
                    if alias.name == "*":
                        self._stars.add(module)
                    else:
                        self._bind(alias.asname or alias.name, f"{module}.{alias.name}", alias.asname)

    def _bind(self, name: str, to: str, renamed: str | None) -> None:
        self._bound.setdefault(name, set()).add(to)
        if renamed is not None:
            self._renamed.append(renamed)

    def is_torchs(self, name: str) -> bool:
        """Whether any import binds a name, or may bind it, to something of torch's."""
        return any(map(_of_torch, (*self._stars, *self._bound.get(name, ()))))

    def may_borrow(self, name: str) -> bool:
        """Whether a name that no import binds may come from elsewhere: by a star, or from where the file is pasted."""
        return name not in self._bound and bool(self._stars or not self._bound)

    def bound_to(self, module: str) -> Iterator[str]:
        """The names that an import binds to a module."""
        return (name for name, modules in self._bound.items() if module in modules)

    def in_full(self, dotted: str, path: list[Step]) -> set[str]:
        """What ``a.b`` can be by what ``a`` is imported as; nothing where it is, or may be, bound in another way.

        ``path`` are the nodes that hold the name.
        """
        first, dot, rest = dotted.partition(".")
        modules = self._bound.get(first)
        if not modules or self._is_bound_otherwise(first, path):
            return set()
        return {f"{module}{dot}{rest}" for module in modules}

    def _is_bound_otherwise(self, name: str, path: list[Step]) -> bool:
        if any(name in _parameters(step.node) for step in path):
            return True
        found = self._rebound.get(name)
        if found is None:
            found = self._rebound[name] = self._is_rebound(name)
        return found

    def _is_rebound(self, name: str) -> bool:
        """Whether a name may be assigned (or given by that keyword: to be sure), or the target of for, with, except."""
        renamed = 0
        for found in re.finditer(rf"{name}(?!\w)", self._text):
            at = found.start()
            before = self._text[self._text.rfind("\n", 0, at) + 1 : at]
            if before[-1:].isalnum() or before[-1:] in ("_", "."):
                continue
            if _ASSIGNED.match(self._text, found.end()) or (
                "for " in before and " in " not in before.rpartition("for ")[2]
            ):
                return True
            renamed += before.endswith(" as ")
        return renamed != self._renamed.count(name)


def _inner(text: str, tree: ast.Module) -> Iterator[ast.AST]:
    """The imports that are no statements of the top level, or stand behind others on their line."""
    line, start = 1, 0
    for found in _IMPORT.finditer(text):
        at = found.start()
        line += text.count("\n", start, at)
        start = text.rfind("\n", 0, at) + 1
        before = text[start:at]
        if (before.startswith("from ") and ";" not in before) or not before or "#" in before:
            continue
        yield path_to(tree, line, len(before.encode()))[-1].node


def _of_torch(name: str) -> bool:
    return name.partition(".")[0] == "torch"


def _parameters(node: ast.AST) -> set[str]:
    if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
        return set()
    of = node.args
    every = (*of.posonlyargs, *of.args, *of.kwonlyargs, of.vararg, of.kwarg)
    return {one.arg for one in every if one is not None}
