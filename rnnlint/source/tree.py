"""Python's own tree of a text."""

from __future__ import annotations

import ast
import warnings


def tree_of(text: str) -> ast.Module:
    """Raises SyntaxError, ValueError, RecursionError or MemoryError for what Python cannot read."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of escapes that are none: whoever runs the file is told by Python itself
        return ast.parse(text.removeprefix("\ufeff"))  # which Python reads at the beginning of bytes only
