"""Where a few nodes of a module stand, for the price of writing its code out once.

libcst's own ``PositionProvider`` records every node and costs one to three parses (measured with libcst 1.9); this is
the same pass (libcst writes the code out and notes where a node begins and ends), recording only what is asked for.
"""

from __future__ import annotations

import re
import sys
from bisect import bisect_right
from collections.abc import Collection, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass

import libcst as cst
from libcst._nodes.internal import CodegenState

_DEPTH = 10_000  # of Python's stack: the pass is recursive, and pure Python
_LINE_END = re.compile(r"\r\n?|\n")


@dataclass(frozen=True, slots=True)
class Span:
    """Lines count from 1, columns from 0 and in characters, as in ``ast``."""

    line: int
    column: int
    end_line: int
    end_column: int


class _Recorder(CodegenState):
    def __init__(self, module: cst.Module, wanted: Collection[cst.CSTNode]) -> None:
        super().__init__(module.default_indent, module.default_newline)
        self.wanted = wanted
        self.found: dict[cst.CSTNode, tuple[int, int]] = {}

    def before_codegen(self, node: cst.CSTNode) -> None:
        """Positions with the whitespace around are not wanted."""

    def record_syntactic_position(  # type: ignore[override]  # libcst names the generator it happens to use
        self, node: cst.CSTNode, *, start_node: cst.CSTNode | None = None, end_node: cst.CSTNode | None = None
    ) -> AbstractContextManager[None]:
        return self._recording(node) if node in self.wanted else nullcontext()

    @contextmanager
    def _recording(self, node: cst.CSTNode) -> Iterator[None]:
        start = len(self.tokens)
        yield
        self.found[node] = (start, len(self.tokens))


def spans(module: cst.Module, nodes: Collection[cst.CSTNode]) -> dict[cst.CSTNode, Span]:
    """The places of nodes of the module.  Raises RecursionError for a tree nested too deeply."""
    recorder = _Recorder(module, frozenset(nodes))
    limit = sys.getrecursionlimit()
    # raised for this pass alone, and never lowered: a host may have raised it further
    sys.setrecursionlimit(max(limit, _DEPTH))
    try:
        module._codegen(recorder)
    finally:
        sys.setrecursionlimit(limit)
    offsets = [0]
    for token in recorder.tokens:
        offsets.append(offsets[-1] + len(token))
    starts = [0, *(end.end() for end in _LINE_END.finditer("".join(recorder.tokens)))]

    def at(token: int) -> tuple[int, int]:
        line = bisect_right(starts, offsets[token])
        return line, offsets[token] - starts[line - 1]

    return {node: Span(*at(start), *at(end)) for node, (start, end) in recorder.found.items()}
