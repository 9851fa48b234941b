"""The linter, without a host: text in, findings out."""

from __future__ import annotations

import ast
import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rnnlint.failures import Internal, said
from rnnlint.report import INTERNAL, NOTHING, Report
from rnnlint.settings import Settings
from rnnlint.source.gate import builds
from rnnlint.source.prefilter import mentions_rnn, spells_one
from rnnlint.source.tree import tree_of

if TYPE_CHECKING:
    from rnnlint.manner import Manner


def lint(
    text: str,
    filename: str = "<string>",  # noqa: ARG001 - hosts name it
    settings: Settings | None = None,
    tree: ast.Module | None = None,
    manner: Manner | None = None,
) -> Report:
    """Findings of a file's text, sorted by place.  Never raises for anything a file can hold.

    ``tree`` is what Python parses the text to, where a host has it already; ``manner`` what it asks for beside.
    """
    if not (mentions_rnn(text) or spells_one(text)):
        return NOTHING
    try:
        tree = tree or tree_of(text)
        if not builds(text, tree):
            return NOTHING
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        tree = None  # why it cannot be read is said by whoever reads it next
    from rnnlint.judge import judged
    from rnnlint.manner import USUAL

    try:
        with collector_paused():
            return judged(text, settings or Settings(), tree, manner or USUAL)
    except Exception as error:  # a mistake of ours must not take the other files' findings away
        return Report(not_analysed=f"{INTERNAL}: {said(error)}", internal=(Internal.of("the analysis", error),))


@contextmanager
def collector_paused() -> Iterator[None]:
    """Python's collector waits until a file is done.

    It looks through all that lives whenever a share of it is new, and finds nothing: the analysis makes hundreds of
    thousands of values that live until its end, and few circles.  A fifth of the time went there.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
