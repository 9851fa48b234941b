"""Whether Python takes a piece of text, as the cell of a notebook."""

from __future__ import annotations

import ast
import warnings

Fault = tuple[int, str]
"""A line (0: none in particular), and what is wrong there."""


def fault(text: str) -> Fault | None:
    """Why Python does not take a text, None if it does.

    It is compiled, since a ``return`` or ``break`` that stands in no function or loop would be taken by the parser,
    and end the module for whoever reads it.  ``await`` needs no function in a notebook, and ``from __future__ import``
    may stand anywhere: the module's cells would all come before it but for the first.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text)
            tree.body = [one for one in tree.body if not _is_future(one)]
            compile(tree, "<cell>", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)
    except SyntaxError as error:
        return error.lineno or 0, error.msg
    except ValueError as error:  # a null, or half a character
        return 0, str(error).partition("\n")[0]
    except (RecursionError, MemoryError, OverflowError):
        return 0, "nested too deeply"
    return None


def _is_future(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.ImportFrom) and statement.module == "__future__"


def is_python(text: str) -> bool:
    """Whether Python takes a text."""
    return fault(text) is None


def is_expression(text: str) -> bool:
    """Whether a text is an expression and no more."""
    return is_python(f"({text}\n)\n") and is_python(f"{text.strip()}\n")
