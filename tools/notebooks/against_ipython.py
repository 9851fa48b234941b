"""What IPython makes of a cell, beside what the reader of notebooks makes of it.

IPython hands what is its own to ``get_ipython()``; the reader takes it out, or leaves the Python that is in it.  So
both are compared without that: as trees, whose statements are the same but for the calls of ``get_ipython``.
"""

from __future__ import annotations

import ast
import re
import warnings

from IPython.core.inputtransformer2 import TransformerManager

from rnnlint.notebooks.ipython import PYTHON_CELLS, other_cell, python_rows
from rnnlint.notebooks.python import is_python
from rnnlint.notebooks.reading import LINE_END

_MAGIC_CELL = re.compile(r"%%(\w+)[^\n]*(?:\n|$)")


def ipython_text(source: str) -> str | None:
    """What IPython runs of a cell, None where it cannot run it: the text of the cells that magics run is put in."""
    source = source.lstrip("\n")
    magic = _MAGIC_CELL.match(source)
    if magic and magic[1] in PYTHON_CELLS:
        return ipython_text(source[magic.end() :])
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            text = TransformerManager().transform_cell(source)  # type: ignore[no-untyped-call]
    except (SyntaxError, RuntimeError, ValueError):
        return None
    return text if is_python(text) else None


def reader_text(source: str) -> str | None:
    """What the reader makes of a cell, None where it takes it out."""
    lines = LINE_END.split(source)
    if other_cell(lines):
        return None
    rows, wrong = python_rows(lines)
    return None if wrong else "".join(row.text + "\n" for row in rows)


def difference(source: str) -> str:
    """ "" where both make the same of a cell, or the reader makes more of it; else what is lost or made otherwise."""
    theirs, ours = ipython_text(source), reader_text(source)
    if theirs is None:
        return ""
    if ours is None:
        # a cell that holds another language is one call to IPython
        return "" if other_cell(LINE_END.split(source)) else "IPython runs it, and it was taken out"
    return "" if _statements(theirs) == _statements(ours) else "IPython runs something else"


def _statements(text: str) -> str:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        tree = ast.parse(text)
    return ast.dump(_Without().visit(tree))


class _Without(ast.NodeTransformer):
    """Takes out what does nothing, and what is IPython's: its calls, and the statements of ``%time`` it has as text."""

    def generic_visit(self, node: ast.AST) -> ast.AST:
        super().generic_visit(node)
        for name in ("body", "orelse", "finalbody"):
            block = getattr(node, name, None)
            if isinstance(block, list):
                setattr(node, name, [one for one in block if not isinstance(one, ast.Pass)])
        return node

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        # IPython leaves nothing of a blank line, inside a string either
        return ast.Constant(re.sub(r"[ \t]+\n", "\n", node.value)) if isinstance(node.value, str) else node

    def visit_Expr(self, node: ast.Expr) -> ast.AST | list[ast.stmt]:
        text = _magic_text(node.value)
        if text is None:
            return self.generic_visit(node)
        return _parsed(text)

    def visit_Call(self, node: ast.Call) -> ast.AST:
        text = _magic_text(node)
        if text is None:
            return self.generic_visit(node)
        statements = _parsed(text)
        if len(statements) == 1 and isinstance(statements[0], ast.Expr):
            return statements[0].value
        return ast.Name("get_ipython", ast.Load())


_OPTIONS = re.compile(r"(?:-(?:[lsTDnp]\s*\S+|r\s*\d+|\w+)\s+)*")


def _parsed(text: str) -> list[ast.stmt]:
    return list(_Without().visit(ast.parse(text)).body) if is_python(text) else []


def _magic_text(node: ast.AST) -> str | None:
    """The Python that a call of IPython's runs, "" where it runs none; None for any other expression."""
    match node:
        case ast.Call(ast.Attribute(ast.Call(ast.Name("get_ipython")), "run_line_magic"), [name, given]):
            magic, text = ast.literal_eval(name), ast.literal_eval(given).lstrip()
            if magic in ("time", "prun", "memit", "timeit"):
                text = _OPTIONS.sub("", text, count=1)
                bound = is_python(text) and not all(isinstance(one, ast.Expr) for one in ast.parse(text).body)
                return "" if magic == "timeit" and bound else text
            return ""
        case ast.Call(ast.Attribute(ast.Call(ast.Name("get_ipython")), "system" | "getoutput" | "show_usage")):
            return ""
        case ast.Call(ast.Name("get_ipython")):
            return ""
    return None
