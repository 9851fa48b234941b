"""A program before and after a fix on torch: whether its values are the same, or it runs where torch had raised."""

from __future__ import annotations

import ast
import builtins
from unittest import mock

from oracle.variations.running import Drive, Ran, dies, difference, executable, run

_ENTERED, _PASSED, _ARRIVED = "__entered__", "__passed__", "__arrived__"
Place = tuple[int, int]


def ran(text: str, drive: Drive | None) -> Ran:
    """What the program does; nothing where it would end this process."""
    return Ran() if dies(text) else run(text, drive)


def same(before: Ran, after: Ran) -> str:
    """Where the values differ, to the last bit; "" where they do not."""
    return difference(before, after, exact=True)


def breaks(before: Ran, after: Ran) -> str:
    """What a mended program raises that it did not raise before; "" where that is nothing."""
    # what a file asserts of its own numbers may be no longer so
    if after.raised is None or after.raised in (before.raised, "AssertionError"):
        return ""
    return f"it ends with {after.raised} then"


def stumbles(text: str, place: Place, drive: Drive | None) -> bool | None:
    """Whether the statement at a place raises when it is run; None where it is not run."""
    if dies(text):
        return True
    told: list[bool] = []

    def entered() -> None:
        told.append(True)

    def passed() -> None:
        told.append(False)

    with (
        mock.patch.object(builtins, _ENTERED, entered, create=True),
        mock.patch.object(builtins, _PASSED, passed, create=True),
    ):
        run(ast.unparse(_watched(ast.parse(executable(text)), place)), drive)
    # a statement that raises once, and passes otherwise, is entered more often than passed
    return None if not told else told.count(True) > told.count(False)


def reaches(text: str, place: Place, drive: Drive | None) -> bool:
    """Whether a call at a place is made: what it is handed may raise before.  True of anything else than a call."""
    tree = ast.parse(executable(text))
    calls = [one for one in ast.walk(tree) if isinstance(one, ast.Call) and (one.lineno, one.col_offset) == place]
    # from the outside in: of a chain, f(x)(y), the whole
    if not calls or not (calls[0].args or calls[0].keywords) or dies(text):
        return True
    (call, *_) = calls
    told: list[bool] = []

    def arrived(value: object) -> object:
        told.append(True)
        return value

    if call.keywords:
        call.keywords[-1].value = _arriving(call.keywords[-1].value)
    elif isinstance(call.args[-1], ast.Starred):
        call.args[-1].value = _arriving(call.args[-1].value)
    else:
        call.args[-1] = _arriving(call.args[-1])
    with mock.patch.object(builtins, _ARRIVED, arrived, create=True):
        run(ast.unparse(ast.fix_missing_locations(tree)), drive)
    return bool(told)


def _arriving(value: ast.expr) -> ast.expr:
    return ast.Call(ast.Name(_ARRIVED, ast.Load()), [value], [])


def _watched(tree: ast.Module, place: Place) -> ast.Module:
    """The tree in which the statement at a place tells when it begins and when it ends."""
    line, _ = place
    found: ast.stmt | None = None
    for node in ast.walk(tree):  # from the outside in
        if isinstance(node, ast.stmt) and node.lineno <= line <= (node.end_lineno or 0) and _is_simple(node):
            found = node
    if found is None:
        return tree
    entered, passed = (ast.Expr(ast.Call(ast.Name(name, ast.Load()), [], [])) for name in (_ENTERED, _PASSED))
    for parent in ast.walk(tree):
        for name in ("body", "orelse", "finalbody"):
            block = getattr(parent, name, None)
            if isinstance(block, list) and any(one is found for one in block):
                at = next(number for number, one in enumerate(block) if one is found)
                block[at : at + 1] = [entered, *_told(found, passed)]
    return ast.fix_missing_locations(tree)


def _told(statement: ast.stmt, passed: ast.stmt) -> list[ast.stmt]:
    """A statement and what tells that it has passed; of one that leaves, what it hands over is computed before."""
    if isinstance(statement, ast.Return) and statement.value is not None:
        kept = ast.Assign([ast.Name("__handed__", ast.Store())], statement.value)
        return [kept, passed, ast.Return(ast.Name("__handed__", ast.Load()))]
    return [statement, passed]


def _is_simple(statement: ast.stmt) -> bool:
    # what stands before the first statement cannot be, and a docstring is none that could raise
    return not hasattr(statement, "body") and not isinstance(statement, (ast.Import, ast.ImportFrom))
