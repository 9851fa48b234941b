"""The patterns of ``match``: what they bind, and what they ask of the subject."""

from __future__ import annotations

import ast
from collections.abc import Callable
from functools import reduce

from rnnlint.source import program as ir


def of_values(case: ast.match_case) -> bool:
    """Whether a case asks for constants alone, or for nothing: it is an ``if`` spelled otherwise."""
    return case.guard is None and _constant(case.pattern)


def _constant(pattern: ast.pattern) -> bool:
    match pattern:
        case ast.MatchValue() | ast.MatchSingleton() | ast.MatchAs(None, None):
            return True
        case ast.MatchOr(patterns):
            return all(map(_constant, patterns))
    return False


def condition(pattern: ast.pattern, subject: ir.Expr, lower: Callable[[ast.expr], ir.Expr]) -> ir.Expr | None:
    """What a pattern of constants asks, None for ``_``, which asks nothing."""
    match pattern:
        case ast.MatchValue(value):
            return ir.Compare(pattern, subject, (("==", lower(value)),))
        case ast.MatchSingleton(value):
            return ir.Compare(pattern, subject, (("is", ir.Constant(pattern, value)),))
        case ast.MatchOr(patterns):
            tests = [condition(one, subject, lower) for one in patterns]
            known = [test for test in tests if test is not None]
            # ``a | _`` asks nothing either
            return None if len(known) < len(tests) else reduce(lambda a, b: ir.Boolean(pattern, "or", a, b), known)
    return None


def target(pattern: ast.pattern) -> ir.Expr | None:
    """A pattern of names and sequences of them, as what an assignment has there; None for any other."""
    match pattern:
        case ast.MatchAs(None, name):
            # dots bind nothing, as ``_`` does not
            return ir.Dots(pattern) if name is None else ir.Name(pattern, name)
        case ast.MatchStar(name):
            return ir.Starred(pattern, ir.Dots(pattern) if name is None else ir.Name(pattern, name))
        case ast.MatchSequence(patterns):
            items = [target(one) for one in patterns]
            known = tuple(item for item in items if item is not None)
            return ir.Display(pattern, "tuple", known) if len(known) == len(items) else None
    return None
