"""How the results of a call are taken: unpacked, indexed, starred, kept in something and taken out again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import libcst as cst

from oracle.variations.rewrite import Around, Rewrite, each_line
from oracle.variations.syntax import (
    after_imports,
    assigned,
    at_top,
    bound_names,
    expression,
    fresh,
    statement,
    statements,
    text_of,
    with_body,
)


@dataclass(frozen=True, slots=True)
class Unpacking:
    """``first, second = call`` on a line of its own; the second may be a pair again."""

    line: cst.SimpleStatementLine
    target: cst.BaseExpression
    first: cst.BaseExpression
    second: cst.BaseExpression
    call: cst.Call

    @property
    def names(self) -> list[str]:
        """What is bound, in order; ``_`` is thrown away."""
        return [name for name in bound_names(self.target) if name != "_"]


def unpacking(line: cst.SimpleStatementLine) -> Unpacking | None:
    """The line as an unpacking of what a module or a function has returned."""
    found = assigned(line)
    if found is None or not isinstance(found[0], (cst.Tuple, cst.List)) or not isinstance(found[1], cst.Call):
        return None
    elements = [one for one in found[0].elements if isinstance(one, cst.Element)]
    simple = all(isinstance(one.value, (cst.Name, cst.Tuple)) for one in elements)
    # size and shape give numbers, and methods of others are no modules' calls
    called = isinstance(found[1].func, cst.Name) or (
        isinstance(found[1].func, cst.Attribute) and isinstance(found[1].func.value, cst.Name)
        and found[1].func.attr.value not in ("size", "sort", "max", "min", "topk", "split", "chunk", "unbind")
    )  # fmt: skip
    if len(elements) != 2 or len(found[0].elements) != 2 or not simple or not called:
        return None
    return Unpacking(line, found[0], elements[0].value, elements[1].value, found[1])


Taken: TypeAlias = Callable[[Unpacking, str], "Sequence[cst.BaseStatement] | None"]


def _each(
    module: cst.Module, name: str, change: Callable[[Unpacking, str, Around], Sequence[cst.BaseStatement] | None]
) -> cst.Module | None:
    kept = fresh(module, name)

    def line(one: cst.SimpleStatementLine, around: Around) -> Sequence[cst.BaseStatement] | None:
        found = unpacking(one)
        return change(found, kept, around) if found else None

    return each_line(module, line)


def _taken(target: cst.BaseExpression, value: cst.BaseExpression) -> list[cst.BaseStatement]:
    """``target = value``, nothing where it is thrown away."""
    if isinstance(target, cst.Name) and target.value == "_":
        return []
    return [statement("{target} = {value}", target=target, value=value)]


def indexed(module: cst.Module) -> cst.Module | None:
    """``both = call``, then ``first = both[0]``."""

    def change(one: Unpacking, kept: str, _: Around) -> Sequence[cst.BaseStatement]:
        whole = cst.Name(kept)
        lines: list[cst.BaseStatement] = [with_body(one.line, f"{kept} = {{call}}", call=one.call)]
        for place, target in enumerate((one.first, one.second)):
            lines += _taken(target, expression(f"{{whole}}[{place}]", whole=whole))
        return lines

    return _each(module, "both", change)


def indexed_at_once(module: cst.Module) -> cst.Module | None:
    """``out = call[0]``, where the other result is thrown away."""

    def change(one: Unpacking, _: str, __: Around) -> Sequence[cst.BaseStatement] | None:
        for place, (target, other) in enumerate(((one.first, one.second), (one.second, one.first))):
            if text_of(other) == "_" and isinstance(target, cst.Name):
                return [with_body(one.line, f"{{target}} = {{call}}[{place}]", target=target, call=one.call)]
        return None

    return _each(module, "both", change)


def starred(module: cst.Module) -> cst.Module | None:
    """``first, *rest = call``, then ``second = rest[0]``."""

    def change(one: Unpacking, kept: str, _: Around) -> Sequence[cst.BaseStatement]:
        line = with_body(one.line, f"{{first}}, *{kept} = {{call}}", first=one.first, call=one.call)
        return [line, *_taken(one.second, expression(f"{kept}[0]"))]

    return _each(module, "rest", change)


def starred_in_front(module: cst.Module) -> cst.Module | None:
    """``*rest, second = call``, then ``first = rest[-1]``."""

    def change(one: Unpacking, kept: str, _: Around) -> Sequence[cst.BaseStatement]:
        line = with_body(one.line, f"*{kept}, {{second}} = {{call}}", second=one.second, call=one.call)
        return [line, *_taken(one.first, expression(f"{kept}[-1]"))]

    return _each(module, "rest", change)


def by_walrus(module: cst.Module) -> cst.Module | None:
    """``first = (both := call)[0]``, then ``second = both[1]``."""

    def change(one: Unpacking, kept: str, _: Around) -> Sequence[cst.BaseStatement]:
        line = with_body(one.line, f"{{first}} = ({kept} := {{call}})[0]", first=one.first, call=one.call)
        return [line, *_taken(one.second, expression(f"{kept}[1]"))]

    return _each(module, "both", change)


def matched(module: cst.Module) -> cst.Module | None:
    """``match call:`` with ``case (first, second):``."""

    def change(one: Unpacking, _: str, __: Around) -> Sequence[cst.BaseStatement]:
        target = text_of(one.target).strip()
        target = target if target.startswith(("(", "[")) else f"({target})"
        made = statements(f"match {text_of(one.call)}:\n    case {target}:\n        pass\n")
        head = made[0]
        assert isinstance(head, cst.Match)
        return [head.with_changes(leading_lines=one.line.leading_lines)]

    return _each(module, "both", change)


def by_next(module: cst.Module) -> cst.Module | None:
    """``parts = iter(call)``, then ``next(parts)`` for each."""

    def change(one: Unpacking, kept: str, _: Around) -> Sequence[cst.BaseStatement]:
        line = with_body(one.line, f"{kept} = iter({{call}})", call=one.call)
        again = [statement(f"{{target}} = next({kept})", target=target) for target in (one.first, one.second)]
        return [line, *again]

    return _each(module, "parts", change)


def by_context(module: cst.Module) -> cst.Module | None:
    """``with nullcontext(call) as (first, second): pass``."""

    def change(one: Unpacking, _: str, __: Around) -> Sequence[cst.BaseStatement]:
        target = text_of(one.target).strip()
        target = target if target.startswith(("(", "[")) else f"({target})"
        return statements(f"with nullcontext({text_of(one.call)}) as {target}:\n    pass\n")

    new = _each(module, "both", change)
    return at_top(new, statements("from contextlib import nullcontext")) if new else None


def _through(keeping: str, reading: str, top: str = "") -> Callable[[cst.Module], cst.Module | None]:
    """Both results are bound, then kept as ``keeping`` says and read again as ``reading`` does.

    ``{0}`` and ``{1}`` are the results, ``{kept}`` is where they are kept, ``{Kind}`` a class that ``top`` defines.
    """

    def rewrite(module: cst.Module) -> cst.Module | None:
        kind = fresh(module, "Results")

        def change(one: Unpacking, kept: str, around: Around) -> Sequence[cst.BaseStatement] | None:
            pair = [one.first, one.second]
            if not all(isinstance(target, cst.Name) for target in pair) or (around.own is None and "{own}" in keeping):
                return None
            said = {"kept": kept, "Kind": kind, "own": around.own or ""}
            # what is thrown away is not kept: who keeps a state has a use for it
            names = ["None" if text_of(target) == "_" else text_of(target) for target in pair]
            lines = statements(keeping.format(*names, **said))
            for place, name in enumerate(names):
                if name != "None":
                    lines += statements(f"{name} = {reading.split('; ')[place].format(**said)}")
            return [one.line, *lines]

        new = _each(module, "kept", change)
        return after_imports(new, statements(top.format(Kind=kind))) if new and top else new

    return rewrite


_DATACLASS = """
from dataclasses import dataclass


@dataclass
class {Kind}:
    first: object
    second: object
"""
_NAMED = "from collections import namedtuple\n\n{Kind} = namedtuple('{Kind}', ['first', 'second'])\n"
_TYPED = """
from typing import NamedTuple


class {Kind}(NamedTuple):
    first: object
    second: object
"""
_SPACE = "from types import SimpleNamespace\n"
_PLAIN = """
class {Kind}:
    def __init__(self, first, second):
        self.first = first
        self.second = second
"""
_BY_NAME = "{kept}.first; {kept}.second"

_TWO = "results unpacked into two"
_NAMES = "results unpacked into two names"

RESULTS = (
    Rewrite("results-indexed", _TWO, indexed),
    Rewrite("result-indexed-at-once", "results unpacked with one thrown away", indexed_at_once),
    Rewrite("results-starred", _TWO, starred),
    Rewrite("results-starred-in-front", _TWO, starred_in_front),
    Rewrite("results-by-walrus", _TWO, by_walrus),
    Rewrite("results-matched", _TWO, matched),
    Rewrite("results-by-next", _TWO, by_next),
    Rewrite("results-by-context", _TWO, by_context),
    *(
        Rewrite(f"results-{name}", _NAMES, _through(keeping, reading, top))
        for name, keeping, reading, top in (
            ("in-dict", "{kept} = {{'first': {0}, 'second': {1}}}", "{kept}['first']; {kept}['second']", ""),
            ("in-list", "{kept} = [{0}, {1}]", "{kept}[0]; {kept}[-1]", ""),
            ("appended", "{kept} = []\n{kept}.append({0})\n{kept}.append({1})", "{kept}[0]; {kept}[1]", ""),
            ("on-self", "{own}.{kept} = {0}\n{own}.{kept}_too = {1}", "{own}.{kept}; {own}.{kept}_too", ""),
            ("in-dataclass", "{kept} = {Kind}(first={0}, second={1})", _BY_NAME, _DATACLASS),
            ("in-namedtuple", "{kept} = {Kind}({0}, {1})", _BY_NAME, _NAMED),
            ("in-typed-tuple", "{kept} = {Kind}(first={0}, second={1})", _BY_NAME, _TYPED),
            ("in-namespace", "{kept} = SimpleNamespace(first={0}, second={1})", _BY_NAME, _SPACE),
            ("in-object", "{kept} = {Kind}({0}, {1})", _BY_NAME, _PLAIN),
        )
    ),
)
