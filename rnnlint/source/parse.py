"""Parsing with libcst."""

from __future__ import annotations

from dataclasses import dataclass

import libcst as cst

from rnnlint.source import program as ir
from rnnlint.source.excerpt import excerpt
from rnnlint.source.lower import lower
from rnnlint.source.nesting import too_deep


@dataclass(frozen=True, slots=True)
class Parsed:
    """A file's text as libcst parsed it, and the program lowered from that; its nodes have those of the module."""

    module: cst.Module
    program: ir.Program


@dataclass(frozen=True, slots=True)
class NotAnalysed:
    """A file that libcst cannot read, or that is nested too deeply, and why (one line)."""

    reason: str


def parse(text: str) -> Parsed | NotAnalysed:
    """The program of a file's text.  Never raises for anything a file can hold."""
    # before anything else, because what the parser overflows on ends the process (tests/safety/test_lint.py,
    # test_deep_texts_get_an_answer)
    deep = too_deep(text)
    if deep is not None:
        return NotAnalysed(deep)
    try:
        module = cst.parse_module(text)
        return Parsed(module, lower(module))
    except cst.ParserSyntaxError as error:
        return NotAnalysed(f"libcst cannot parse it: {error.message} (line {error.raw_line})")
    # RecursionError is one of lowering, of trees that the parser survived; libcst's own error comes first, since it
    # knows the line
    except RecursionError:
        return NotAnalysed("it is nested too deeply")
    except (ValueError, SyntaxError) as error:  # of a string or bytes literal, when it is evaluated
        return NotAnalysed(f"it holds a literal that Python refuses: {error}")


# 60, half a line of a message: the other half is for what is said of it
def text_of(module: cst.Module, node: cst.CSTNode, limit: int = 60) -> str:
    """The source text of a node, as :func:`~rnnlint.source.excerpt.excerpt` shows it."""
    return excerpt(module.code_for_node(node), limit)
