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
from itertools import pairwise

from rnnlint.cells import EVERY, LAYERS
from rnnlint.source.imports import Imports
from rnnlint.source.tree_paths import Step, path_to

_PACKING = ("pack_padded_sequence", "pack_sequence", "pad_packed_sequence", "PackedSequence")
_EVAL = r"eval(?=\(\s*f?[\"'](?:torch\.)?nn\.)"  # eval("nn." + kind); no model's own
_BY_NAME = ("getattr", "vars", "__dict__", _EVAL)
# each by the letters it begins with, which Python's re looks for as fast as for a plain text
_SEARCHES = tuple(
    re.compile(rf"{word}(?!\w)")
    for word in (
        *(f"{layer}(?:Cell|Base)?" for layer in LAYERS),
        *_PACKING,
        "getattr",
        "vars",
        "__dict__",
        _EVAL,
        "detach",
    )
)
_GETATTR = re.compile(r"getattr(?!\w)")
# which modules of torch have them, and where the packing functions are
_MODULES = frozenset({"torch.nn", "torch.nn.modules", "torch.nn.modules.rnn"})
_TORCHS = frozenset({*_MODULES, "torch.nn.utils.rnn"})
# functions of torch's that take classes and build none of them
_TAKERS = ("torch.quantization.", "torch.ao.")
# of the standard library, what gives back what it is given, to be called
_GIVERS = ("functools.partial", "typing.cast", "copy.")
_HOLDERS = (".nn", ".nn.modules", ".modules.rnn")
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
# between a class and what only compares it
_GROUPING = (ast.Tuple, ast.List, ast.Set, ast.Starred, ast.BinOp, ast.keyword)


def builds(text: str, tree: ast.Module) -> bool:
    """Whether code of the file can build a recurrent module, pack a batch, or drop what ``detach`` returns."""
    return any(True for _ in _File(text, tree).accepted())


def holders(text: str, tree: ast.Module) -> frozenset[ast.AST]:
    """The functions and classes in which something stands for which a file is let through, and those around them."""
    steps = (step.node for path in _File(text, tree).accepted() for step in path)
    return frozenset(node for node in steps if isinstance(node, _DEFINITIONS))


def holding_statements(text: str, tree: ast.Module) -> frozenset[ast.AST]:
    """The statements of the top level in which something stands for which a file is let through."""
    return frozenset(path[1].node for path in _File(text, tree).accepted())


class _File:
    def __init__(self, text: str, tree: ast.Module) -> None:
        if "\r" in text:
            text = text.replace("\r\n", "\n").replace("\r", "\n")
        self._text, self._tree, self._is_ascii = text.removeprefix("\ufeff"), tree, text.isascii()

    def accepted(self) -> Iterator[list[Step]]:
        """The words that can build one, each by the nodes that hold it."""
        for search in _SEARCHES:
            for word, path in self._paths(search):
                if isinstance(path[-1].node, ast.alias):
                    yield from self._renamed(path[-1].node)
                elif self._builds(path, word):
                    yield path

    def _renamed(self, imported: ast.alias) -> Iterator[list[Step]]:
        """Where what is imported under another name is used; under its own, it is found by that."""
        name = imported.asname
        if name not in (None, imported.name) and self._imports.is_torchs(name):
            for word, path in self._paths(re.compile(rf"{name}(?!\w)")):
                if not isinstance(path[-1].node, ast.alias) and self._builds(path, word):
                    yield path

    def _paths(self, search: re.Pattern[str]) -> Iterator[tuple[str, list[Step]]]:
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
            path = path_to(self._tree, line, column)
            node = path[-1].node
            if isinstance(node, (ast.Constant, ast.JoinedStr)):
                passed = node.end_lineno or 0, node.end_col_offset or 0
            yield found.group(), path

    def _builds(self, path: list[Step], word: str) -> bool:
        node = path[-1].node
        # what stands in the braces of an f-string, which Python places wrongly before 3.12
        string = next((step.node for step in path if isinstance(step.node, ast.JoinedStr)), None)
        if string is not None:
            inside = list(ast.walk(string))
            if word == "getattr":
                calls = (one for one in inside if isinstance(one, ast.Call) and _name(one.func) == word)
                return any(self._gets(call, path) for call in calls)
            return any(_name(one) == word for one in inside)
        if _name(node) != word:
            return False
        if word == "detach":
            return [type(step.node) for step in path[-3:]] == [ast.Expr, ast.Call, ast.Attribute]
        if word == "getattr":
            called = path[-2].node
            if isinstance(called, ast.Call) and path[-1].field == "func":
                unused = _is_called_with_nothing(path[:-1]) or self._goes_elsewhere(path[:-1])
                return not unused and self._gets(called, path)
        if word in ("vars", "__dict__", "eval"):
            return word == "eval" or self._lists_members(path)
        if not _is_read(node) or _only_named(path) or self._is_another(path):
            return False
        if word == "PackedSequence":
            return not self._is_given_away(path)
        if self._goes_elsewhere(path):
            return False
        stored = _stored(path)
        return stored is None or self._is_used(stored)

    def _lists_members(self, path: list[Step]) -> bool:
        """``vars(nn)``, ``nn.__dict__``: the members of a module that has recurrent ones."""
        node, called = path[-1].node, path[-2].node
        holder = node.value if isinstance(node, ast.Attribute) else None
        if isinstance(called, ast.Call) and called.func is node and len(called.args) == 1:
            holder = called.args[0]
        return holder is not None and not self._imports.in_full(_dotted(holder), path).isdisjoint(_MODULES)

    @cached_property
    def _imports(self) -> Imports:
        return Imports(self._text, self._tree)

    @cached_property
    def _classes(self) -> frozenset[str]:
        return frozenset(one.name for one in self._tree.body if isinstance(one, ast.ClassDef))

    def _is_another(self, path: list[Step]) -> bool:
        """Whether a name is certainly not torch's.

        What it may be bound to otherwise (what a class stores, what a function is given) counts where torch's own name
        for that stands.
        """
        node = path[-1].node
        if not isinstance(node, ast.Attribute):
            borrowed = _name(node) in _PACKING and self._imports.may_borrow(_name(node))
            return not borrowed and not self._imports.is_torchs(_name(node))
        holder = _dotted(node.value)
        first = holder.partition(".")[0]
        if first in ("self", "cls") or first in self._classes:
            return not self._imports.is_torchs(first)
        modules = self._imports.in_full(holder, path)
        return modules.isdisjoint(_TORCHS) if modules else holder.startswith("torch.") and holder not in _TORCHS

    def _is_given_away(self, path: list[Step]) -> bool:
        """Whether a method makes a value to return it, and nothing in the file calls the method: torch's own layers."""
        return path[-1].field == "func" and self._is_returned_to_nobody(path[:-1], set())

    def _is_returned_to_nobody(self, path: list[Step], seen: set[str]) -> bool:
        """Whether what a call makes is returned by a method, and that only by such methods, which nothing calls.

        ``seen`` are the names that were looked for.
        """
        match [step.node for step in path]:
            case [_, ast.ClassDef() as cls, ast.FunctionDef() as method, *_, ast.Assign() | ast.Return(), ast.Call()]:
                pass
            case _:
                return False
        if any(isinstance(step.node, (ast.FunctionDef, ast.Lambda, ast.ClassDef)) for step in path[3:]):
            return False  # one inside it has other callers
        if isinstance(path[-2].node, ast.Assign) and not _only_returned(path):
            return False
        if re.search(r"\bself\(|\bsuper\(\)\(", self._text):
            return False
        for name in {cls.name, method.name} - seen:
            seen.add(name)
            for word, called in self._paths(re.compile(rf"{name}(?!\w)")):
                node = called[-1].node
                if not isinstance(node, ast.Name if word == cls.name else (ast.Name, ast.Attribute)):
                    continue
                heir = called[-2].node
                if isinstance(heir, ast.ClassDef) and called[-1].field == "bases" and heir in self._tree.body:
                    if self._is_named(heir.name, seen):
                        return False
                # an annotation, a class in super(), or a call whose result is returned in its turn
                elif _only_named(called) or _is_of_super(called):
                    continue
                elif called[-1].field != "func" or not self._is_returned_to_nobody(called[:-1], seen):
                    return False
        return True

    def _is_named(self, name: str, seen: set[str]) -> bool:
        """Whether a class of the file, or one that inherits it, is named for anything else than to inherit it."""
        if name in seen:
            return False
        seen.add(name)
        for _, path in self._paths(re.compile(rf"{name}(?!\w)")):
            if not isinstance(path[-1].node, ast.Name) or _only_named(path) or _is_of_super(path):
                continue
            heir = path[-2].node
            if path[-1].field != "bases" or not isinstance(heir, ast.ClassDef) or self._is_named(heir.name, seen):
                return True
        return False

    def _goes_elsewhere(self, path: list[Step], through_names: bool = True) -> bool:
        """Whether a class is handed to functions of other files only, which may build what they like.

        Alone, in a display, or under a name of the function it stands in.
        """
        above = len(path) - 1
        while above > 1 and _is_container(path[above - 1].node, path[above].field):
            above -= 1
        holder = path[above - 1].node
        if isinstance(holder, ast.Call) and path[above].field != "func":
            modules = self._imports.in_full(_dotted(holder.func), path)
            return bool(modules) and not any(
                one.startswith(_GIVERS) or (one.startswith("torch.") and not one.startswith(_TAKERS)) for one in modules
            )
        functions = [step.node for step in path if isinstance(step.node, (ast.FunctionDef, ast.AsyncFunctionDef))]
        match holder:
            case ast.Assign(targets=[ast.Name(id=name)]) if functions and through_names:
                if re.search(r"(?:global|nonlocal)\b", self._text):
                    return False
                named = (one for _, one in self._paths(re.compile(rf"{name}(?!\w)")) if _name(one[-1].node) == name)
                return all(
                    self._goes_elsewhere(one, False)
                    for one in named
                    if _is_read(one[-1].node) and any(step.node is functions[-1] for step in one)
                )
        return False

    def _is_used(self, name: str) -> bool:
        """Whether what a name of the file holds can be called: what ``_is_cell = nn.LSTM`` may be stored for."""
        for _, path in self._paths(_GETATTR):
            call = path[-2].node if path[1:] else None
            string = isinstance(path[-1].node, ast.JoinedStr)  # in whose braces, nobody looks
            if string or (isinstance(call, ast.Call) and _name(path[-1].node) == "getattr" and _may_ask(call, (name,))):
                return True
        return any(
            _name(path[-1].node) == name and _is_read(path[-1].node) and not _only_named(path)
            for _, path in self._paths(re.compile(rf"{name}(?!\w)"))
        )

    def _gets(self, call: ast.Call, path: list[Step]) -> bool:
        """Whether a ``getattr`` can give a recurrent module."""
        if not _may_ask(call, EVERY):
            return False
        if len(call.args) < 2:
            return True
        holder = call.args[0]
        written = _dotted(holder)
        if isinstance(holder, ast.Call) and _name(holder.func) == "getattr":
            return True
        modules = self._imports.in_full(written, path)
        if modules:
            return not modules.isdisjoint(_MODULES)
        if f".{written}".endswith(_HOLDERS):
            return True
        return written != "self" and self._hands_on

    @cached_property
    def _hands_on(self) -> bool:
        """Whether ``torch.nn`` is handed on, as a value."""
        names = {"nn", *(name for module in _MODULES for name in self._imports.bound_to(module))}
        return any(
            _is_handed(path, name) for name in names for _, path in self._paths(re.compile(rf"{name}(?!\w|\s*\.)"))
        )


def _is_read(node: ast.AST) -> bool:
    return isinstance(getattr(node, "ctx", None), ast.Load)


def _is_of_super(path: list[Step]) -> bool:
    """Whether a class is named for ``super(Class, self)``."""
    holder = path[-2].node
    return isinstance(holder, ast.Call) and _name(holder.func) == "super" and path[-1].field == "args"


def _is_container(node: ast.AST, field: str) -> bool:
    """Whether a node holds what stands in one of its fields, as it is."""
    if isinstance(node, ast.Call):
        return field in ("args", "keywords") and _name(node.func) in ("set", "frozenset", "list", "tuple", "dict")
    return isinstance(node, _GROUPING) or field == "elt" or (isinstance(node, ast.Dict) and field == "values")


def _is_handed(path: list[Step], name: str) -> bool:
    """Whether a module's name that stands at the end of a path is handed on as a value there."""
    node = path[-1].node
    if _name(node) != name or not _is_read(node) or _only_named(path):
        return False
    holder = path[-2].node
    if isinstance(holder, ast.Call) and (holder.func is node or _name(holder.func) in ("getattr", "hasattr")):
        return False
    return not isinstance(node, ast.Attribute) or _dotted(node.value) not in ("self", "cls")


def _is_called_with_nothing(path: list[Step]) -> bool:
    """Whether what a call returns is called without arguments, with which no recurrent module is built."""
    outer = path[-2].node
    return isinstance(outer, ast.Call) and outer.func is path[-1].node and not (outer.args or outer.keywords)


def _may_ask(call: ast.Call, names: tuple[str, ...]) -> bool:
    """Whether a ``getattr`` can ask for one of these names."""
    if len(call.args) < 2:
        return bool(call.args) and isinstance(call.args[0], ast.Starred)
    match call.args[1]:
        case ast.Constant(value=value):
            return value in names
        case ast.JoinedStr(values=parts):
            texts = [part.value for part in parts if isinstance(part, ast.Constant)]
            return any(all(str(text) in name for text in texts) for name in names)
    return True


def _only_named(path: list[Step]) -> bool:
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


def _only_returned(path: list[Step]) -> bool:
    """Whether a method binds the call at the end of a path to a name that it reads from there on to return it alone."""
    method, assign = path[2].node, path[-2].node
    match assign:
        case ast.Assign(targets=[ast.Name(id=name)], end_lineno=int(end)):
            pass
        case _:
            return False
    returned = [node.value for node in ast.walk(method) if isinstance(node, ast.Return)]
    given = {id(one) for value in returned for one in (value.elts if isinstance(value, ast.Tuple) else [value])}
    # in a loop, what stands before comes after; what stands in the other arm never does
    steps = [step.node for step in path]
    in_loop = any(isinstance(node, (ast.For, ast.AsyncFor, ast.While)) for node in steps)
    others = {
        id(node)
        for above, below in pairwise(path)
        if isinstance(above.node, ast.If) and below.field == "body"
        for statement in above.node.orelse
        for node in ast.walk(statement)
    }
    reads = [node for node in ast.walk(method) if isinstance(node, ast.Name) and node.id == name and _is_read(node)]
    return all(id(node) in given or (not in_loop and (node.lineno <= end or id(node) in others)) for node in reads)


def _stored(path: list[Step]) -> str | None:
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
