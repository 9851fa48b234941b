"""Every kind of node there is: importing this module imports those that say what each does."""

from __future__ import annotations

from rnnlint.interpret.evaluate import (
    branches,
    call_expressions,
    displays,
    expressions,
    for_and_while,
    statements,
    subscript_expressions,
)
from rnnlint.interpret.evaluate.dispatch import evaluate, execute

__all__ = [
    "branches",
    "call_expressions",
    "displays",
    "evaluate",
    "execute",
    "expressions",
    "for_and_while",
    "statements",
    "subscript_expressions",
]
