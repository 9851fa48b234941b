"""Parsing with libcst, and positions for the few nodes that need one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import libcst as cst
from libcst.metadata import MetadataWrapper, PositionProvider

from rnnlint.source import program as ir
from rnnlint.source.lower import lower


@dataclass(frozen=True, slots=True)
class Parsed:
    module: cst.Module
    program: ir.Block


@dataclass(frozen=True, slots=True)
class NotAnalysed:
    """A file that libcst cannot read, or that is nested too deeply, and why (one line)."""

    reason: str


@dataclass(frozen=True, slots=True)
class Span:
    """Lines count from 1, columns from 0, as in ``ast``."""

    line: int
    column: int
    end_line: int
    end_column: int


def parse(text: str) -> Parsed | NotAnalysed:
    """The program of a file's text.  Never raises for anything a file can hold."""
    try:
        module = cst.parse_module(text)
        return Parsed(module, lower(module))
    except cst.ParserSyntaxError as error:
        return NotAnalysed(f"libcst cannot parse it: {error.message} (line {error.raw_line})")
    except RecursionError:
        return NotAnalysed("it is nested too deeply")
    except ValueError as error:
        return NotAnalysed(f"it holds a literal Python refuses: {error}")


def spans(module: cst.Module, nodes: Iterable[cst.CSTNode]) -> dict[cst.CSTNode, Span]:
    """Where nodes of the module stand."""
    found = MetadataWrapper(module, unsafe_skip_copy=True).resolve(PositionProvider)
    return {node: _span(found[node]) for node in nodes}


def _span(position: object) -> Span:
    start, end = position.start, position.end  # type: ignore[attr-defined]
    return Span(start.line, start.column, end.line, end.column)


def text_of(module: cst.Module, node: cst.CSTNode, limit: int = 60) -> str:
    """The source text of a node on one line, cut to ``limit`` characters."""
    text = " ".join(module.code_for_node(node).split())
    return text if len(text) <= limit else f"{text[: limit - 3]}..."
