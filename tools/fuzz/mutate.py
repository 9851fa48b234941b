"""Mutations of one program: small edits of its text, by its syntax tree, after which it is Python still."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from random import Random
from typing import TypeAlias

from rnnlint.source.prefilter import mentions_rnn
from rnnlint.torch_api.catalogue import DEFINED_IN
from rnnlint.torch_api.registry import OPERATIONS
from tools.fuzz import calls
from tools.fuzz.texts import texts

_DRAWN = 0.4  # of the programs are calls on whatever there is (tools/fuzz/calls.py), before they are edited
_EDITED = (0, 1, 2, 3, 5, 8)  # edits of one program
_TRIES = 20  # at an edit that leaves Python, before the program is taken as it is

_NUMBERS = [
    "0", "1", "-1", "2", "3", "-2", "5", "64", "1.5", "-0.0", "1e400", "10 ** 20", "9" * 400, "True", "None", "1j",
]  # fmt: skip
_SLICES = [
    ":", "0", "-1", "...", "None", "()", "[]", "[0, -1]", ":, -1", "::2", "::-1", "::0", "0, 0", "0, 0, 0, 0, 0",
    "True", "'a'", "1:2, None", "..., 0", "-1, :, :", "[[0]]", ":, [0, 1]", "99", "10 ** 30", "1.5", "{name}",
    "{name} > 0",
]  # fmt: skip
_WRAPS = [
    "({e}, {e})", "[{e}]", "({e},)", "{{'a': {e}}}", "({e}).unbind()", "({e}).squeeze(-1)", "({e})[()]", "list({e})",
    "tuple({e})", "({e})[0]", "({e})[-1]", "({e} if {name} else {name})", "({e} or {name})", "not {e}", "-({e})",
    "({e} + {name})", "({e} % 2)", "({name} := {e})", "(lambda q: q)({e})", "[q for q in {e}]", "({e}).{method}()",
    "({e}).{method}({name})", "torch.{function}({e})", "torch.{function}({name}, {e})", "torch.{function}(a={e})",
    "torch.cat(({e}, {name}), 1)", "torch.stack([{e}, {e}])", "[*{e}]", "dict({name}={e})", "str({e})", "len({e})",
    "range({e})", "int({e})", "float({e})", "sum({e})", "zip({e}, {e})", "sorted({e})", "iter({e})", "type({e})({e})",
    "({e}).data", "({e}).shape[0]", "({e}).T", "{name}({e})", "{name}({name}, {e})", "({e})({name})", "f'{{{e}}}'",
    "({e} * 3)", "({e} == {name})", "({e} in {name})", "({e} @ {name})", "({e} < {name} < 3)", "({e}).{name}",
    "next({e})", "max({e}, {name})", "isinstance({e}, {name})", "getattr({e}, '{name}')", "enumerate({e})",
]  # fmt: skip
_STATEMENTS = [
    "global {name}", "{name}, *{other} = {third}", "{name} += {other}", "{name}[{other}] = {third}",
    "{name}[()] = {other}", "for {name} in {other}: {third} = {name}", "del {name}", "return {name}",
    "{name}.{other} = {third}", "{name} = {other}", "{name} = ({name}, {other})", "{name} = [{other}]",
    "{name}.append({other})", "{name}, {other} = {other}, {name}", "({name}, {other}), {third} = {third}",
    "while {name}: {name} = {other}", "assert {name}, {other}", "yield {name}", "raise {name}",
    "with {name} as {other}: pass", "import {name}", "{name}: {other} = {third}", "{name} = {name}({other})",
    "def {name}({other}, *{third}, **{name}_): return {other}({third})", "class {name}({other}): {third} = {name}",
    "{name} = lambda {other}={third}: {name}({other})", "{name} @= {other}", "pass", "{name}.{method}_({other})",
]  # fmt: skip
_AROUND = [
    "if {name}:", "for {name} in {other}:", "while {name}:", "while True:", "with {name}:", "for {name} in range(3):",
    "def {name}({other}):", "class {name}({other}):", "if not {name}:", "async def {name}(self, {other}={name}):",
]  # fmt: skip
_OPERATORS = ["+", "-", "*", "/", "//", "%", "**", "@", "<<", "|", "&", "and", "or", "==", "is", "in", "<"]


@dataclass(frozen=True, slots=True)
class Source:
    """A program that parses; ``starts`` are the offsets of its lines."""

    text: str
    tree: ast.Module
    starts: tuple[int, ...]

    @classmethod
    def of(cls, text: str) -> Source:
        """A text with its tree; raises what ``ast.parse`` raises where it is not Python."""
        starts = [0]
        for line in text.splitlines(keepends=True):
            starts.append(starts[-1] + len(line))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of what Python would say about the mutant
            return cls(text, ast.parse(text), tuple(starts))

    def span(self, node: ast.expr | ast.stmt) -> tuple[int, int]:
        """Where a node stands, in characters."""
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        return self._at(node.lineno, node.col_offset), self._at(node.end_lineno, node.end_col_offset)

    def _at(self, line: int, column: int) -> int:
        start = self.starts[line - 1]
        return start + len(self.text[start : self.starts[line]].encode()[:column].decode())

    def of_node(self, node: ast.expr | ast.stmt) -> str:
        """The text of a node."""
        start, end = self.span(node)
        return self.text[start:end]

    def put(self, node: ast.expr | ast.stmt, text: str) -> str:
        """The program with another text where a node stands."""
        start, end = self.span(node)
        return self.text[:start] + text + self.text[end:]

    def expressions(self) -> list[ast.expr]:
        """Expressions that are read, in the order of the tree."""
        found = [node for node in ast.walk(self.tree) if isinstance(node, ast.expr) and hasattr(node, "lineno")]
        # not inside f-strings, because Python before 3.12 gives their parts wrong columns
        inside = {id(part) for node in found if isinstance(node, ast.JoinedStr) for part in ast.walk(node)}
        return [
            node
            for node in found
            if id(node) not in inside
            and not isinstance(node, ast.Slice | ast.Starred)
            and isinstance(getattr(node, "ctx", ast.Load()), ast.Load)
        ]

    def statements(self) -> list[ast.stmt]:
        """Every statement, in the order of the tree."""
        return [node for node in ast.walk(self.tree) if isinstance(node, ast.stmt)]

    def names(self) -> list[str]:
        """Names and parameters, sorted, because the order of a set is another in every process; never none."""
        found = {node.id for node in ast.walk(self.tree) if isinstance(node, ast.Name)}
        found |= {node.arg for node in ast.walk(self.tree) if isinstance(node, ast.arg)}
        return sorted(found) or ["x"]


Edit: TypeAlias = Callable[[Source, Random], str | None]


def program(seed: int, index: int) -> str:
    """The ``index``-th program of a seed: the same on every machine, however many are made beside it."""
    # seeded with a text, because Random takes no pair, and a sum would give neighbours of two seeds one program
    rng = Random(f"{seed} {index}")
    while True:
        text = calls.program(rng) if rng.random() < _DRAWN else rng.choice(texts())
        if _source(text) is not None:
            break
    source = Source.of(text)
    for _ in range(rng.choice(_EDITED)):
        source = _edited(source, rng)
    return source.text


def _edited(source: Source, rng: Random) -> Source:
    for _ in range(_TRIES):
        text = rng.choice(_EDITS)(source, rng)
        # because the linter skips what mentions no recurrent module, and finds nothing to fail at
        if text is None or not mentions_rnn(text):
            continue
        found = _source(text)
        if found is not None:
            return found
    return source


def _source(text: str) -> Source | None:
    """A text, if it is Python."""
    try:
        return Source.of(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


@cache
def _registered() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The functions and the methods that the linter follows."""
    assert DEFINED_IN
    functions = sorted(name.removeprefix("torch.") for name in OPERATIONS if name.startswith("torch."))
    return tuple(functions), tuple(
        sorted(name.removeprefix("Tensor.") for name in OPERATIONS if name.startswith("Tensor."))
    )


def _filled(template: str, source: Source, rng: Random, expression: str = "") -> str:
    names = source.names()
    functions, methods = _registered()
    return template.format(
        e=expression,
        name=rng.choice(names),
        other=rng.choice(names),
        third=rng.choice(names),
        function=rng.choice(functions),
        method=rng.choice(methods),
    )


def _of_type(source: Source, rng: Random, *types: type) -> ast.expr | None:
    found = [node for node in source.expressions() if isinstance(node, types)]
    return rng.choice(found) if found else None


def _name(source: Source, rng: Random) -> str | None:
    node = _of_type(source, rng, ast.Name)
    return None if node is None else source.put(node, rng.choice([*source.names(), "None", "()", "torch", "self"]))


def _number(source: Source, rng: Random) -> str | None:
    node = _of_type(source, rng, ast.Constant)
    return None if node is None else source.put(node, f"({rng.choice(_NUMBERS)})")


def _called(source: Source, rng: Random) -> str | None:
    """Another function of torch's on the same arguments."""
    node = _of_type(source, rng, ast.Call)
    if not isinstance(node, ast.Call):
        return None
    functions, methods = _registered()
    receiver = source.of_node(node.func.value) if isinstance(node.func, ast.Attribute) else None
    given = [source.of_node(arg) for arg in node.args] + [_keyword(source, keyword) for keyword in node.keywords]
    if receiver is not None and rng.random() < 0.6:
        return source.put(node, f"{receiver}.{rng.choice(methods)}({', '.join(given)})")
    return source.put(node, f"torch.{rng.choice(functions)}({', '.join(given)})")


def _keyword(source: Source, keyword: ast.keyword) -> str:
    value = source.of_node(keyword.value)
    return f"**{value}" if keyword.arg is None else f"{keyword.arg}={value}"


_KEYWORDS = ["a", "axis", "dim", "input", "other", "batch_first", "hx", "enforce_sorted", "lengths", "num_layers", "x"]


def _arguments(source: Source, rng: Random) -> str | None:
    """Arguments dropped, doubled, swapped, named, or spread."""
    node = _of_type(source, rng, ast.Call)
    if not isinstance(node, ast.Call):
        return None
    args = [source.of_node(arg) for arg in node.args]
    keywords = [_keyword(source, keyword) for keyword in node.keywords]
    # ``none`` is the last branch: an argument for one of no use
    what = rng.choice(["drop", "double", "swap", "name", "spread", "none", "more", "unname"])
    if what == "more":
        args.append(rng.choice([*source.names(), *_NUMBERS, "()", "[]"]))
    elif what == "unname" and node.keywords:
        args.append(source.of_node(node.keywords[0].value))
        keywords = keywords[1:]
    elif what == "drop" and keywords and rng.random() < 0.5:
        keywords.pop(rng.randrange(len(keywords)))
    elif args:
        place = rng.randrange(len(args))
        if what == "drop":
            del args[place]
        elif what == "double":
            args.insert(place, args[place])
        elif what == "swap":
            rng.shuffle(args)
        elif what == "name":
            keywords.append(f"{rng.choice(_KEYWORDS)}={args.pop(place)}")
        elif what == "spread":
            args[place] = f"*{args[place]}"
        else:
            args[place] = rng.choice(["None", "()", "[]", "0", "True", "''"])
    return source.put(node, f"{source.of_node(node.func)}({', '.join([*args, *keywords])})")


def _subscript(source: Source, rng: Random) -> str | None:
    node = _of_type(source, rng, ast.Subscript)
    if isinstance(node, ast.Subscript):
        return source.put(node, f"{source.of_node(node.value)}[{_filled(rng.choice(_SLICES), source, rng)}]")
    node = _of_type(source, rng, ast.Name, ast.Call)
    # the first twenty, because the last are templates, and nothing is filled in here
    return None if node is None else source.put(node, f"({source.of_node(node)})[{rng.choice(_SLICES[:20])}]")


def _wrapped(source: Source, rng: Random) -> str | None:
    found = source.expressions()
    if not found:
        return None
    node = rng.choice(found)
    return source.put(node, _filled(rng.choice(_WRAPS), source, rng, source.of_node(node)))


def _replaced(source: Source, rng: Random) -> str | None:
    """One expression in the place of another."""
    found = source.expressions()
    if len(found) < 2:
        return None
    one, other = rng.sample(found, 2)
    return source.put(one, f"({source.of_node(other)})")


def _operator(source: Source, rng: Random) -> str | None:
    node = _of_type(source, rng, ast.BinOp, ast.BoolOp, ast.Compare)
    sides = [part for part in ast.iter_child_nodes(node) if isinstance(part, ast.expr)] if node is not None else []
    if node is None or len(sides) < 2:
        return None
    return source.put(node, f"(({source.of_node(sides[0])}) {rng.choice(_OPERATORS)} ({source.of_node(sides[1])}))")


def _lines(node: ast.stmt) -> tuple[int, int]:
    """The first and the last line of a statement, from 0, the end excluded."""
    assert node.end_lineno is not None
    # because decorators stand above the line that a definition begins on
    decorators = getattr(node, "decorator_list", [])
    return min([node.lineno, *(one.lineno for one in decorators)]) - 1, node.end_lineno


def _statement(source: Source, rng: Random) -> str | None:
    """A statement deleted, doubled, moved, put into a block, or a new one."""
    found = source.statements()
    if not found:
        return None
    lines = source.text.splitlines()
    first, last = _lines(rng.choice(found))
    block = lines[first:last]
    indent = block[0][: len(block[0]) - len(block[0].lstrip())] if block else ""
    what = rng.choice(["delete", "double", "move", "into", "into", "new", "new", "borrow"])
    if what == "delete":
        block = [] if rng.random() < 0.5 else [f"{indent}pass"]
    elif what == "double":
        block = [*block, *block]
    elif what == "into":
        head = _filled(rng.choice(_AROUND), source, rng)
        block = [indent + head, *(f"    {line}" for line in block)]
        if rng.random() < 0.3:
            block += [f"{indent}else:", f"{indent}    {_filled(rng.choice(_STATEMENTS), source, rng)}"]
    elif what == "new":
        block.insert(rng.choice([0, len(block)]), indent + _filled(rng.choice(_STATEMENTS), source, rng))
    elif what == "borrow":
        block += [indent + line for line in _borrowed(rng)]
    else:
        rest = [*lines[:first], *lines[last:]]
        place = rng.randrange(len(rest) + 1)
        return "\n".join(
            [*rest[:place], *_indented(block, rest[place] if place < len(rest) else ""), *rest[place:], ""]
        )
    return "\n".join([*lines[:first], *block, *lines[last:], ""])


def _borrowed(rng: Random) -> list[str]:
    """The lines of a statement of another program."""
    other = Source.of(rng.choice(texts()))
    first, last = _lines(rng.choice(other.statements()))
    return list(_indented(other.text.splitlines()[first:last], ""))


def _indented(block: Sequence[str], like: str) -> Iterator[str]:
    own = len(block[0]) - len(block[0].lstrip()) if block else 0
    for line in block:
        yield like[: len(like) - len(like.lstrip())] + (line[own:] if not line[:own].strip() else line)


# Twice what reaches deepest into the linter: calls, arguments, subscripts, wholes and statements.
_EDITS: tuple[Edit, ...] = (
    _name, _number, _called, _called, _arguments, _arguments, _subscript, _subscript, _wrapped, _wrapped, _replaced,
    _operator, _statement, _statement,
)  # fmt: skip
