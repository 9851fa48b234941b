"""Notebooks as the tests write them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from hypothesis import strategies as st


def code(source: str | list[str], **more: object) -> dict[str, Any]:
    """A code cell, with an output that is none of the module's."""
    outputs = [{"output_type": "stream", "name": "stdout", "text": ["import nothing\n"]}]
    return {"cell_type": "code", "execution_count": 1, "metadata": {}, "outputs": outputs, "source": source, **more}


def markdown(source: str | list[str]) -> dict[str, Any]:
    """A cell of text."""
    return {"cell_type": "markdown", "metadata": {}, "source": source}


def notebook(*cells: object, indent: int | None = 1, metadata: object = None) -> str:
    """The text of a notebook of these cells."""
    return json.dumps({"cells": cells, "metadata": metadata or {}, "nbformat": 4, "nbformat_minor": 5}, indent=indent)


def of_sources(sources: Iterable[str]) -> str:
    """The text of a notebook of code cells, with a cell of text before each."""
    return notebook(*(cell for source in sources for cell in (markdown("# *"), code(source))))


_LINES = [
    "import os",
    "x = 1",
    "    y = 2",
    "if x:",
    "def f():",
    "class A:",
    "        return 3",
    "return",
    "x = (1,",
    ")",
    "",
    "  ",
    "'''",
    '"""',
    "# %time",
    "%matplotlib inline",
    "    %cd ..",
    "!ls \\",
    "  -l",
    "files = !ls",
    "f?",
    "?f",
    "x = %time f()",
    "%time x = f()",
    "  %timeit -n 3 f()",
    "%%time",
    "%%bash",
    "pip install torch",
    "await x",
    "x = 'é\\",
    "print 'x'",
    "x \\",
    "% y",
    "\u2028",
    "\x0c",
    "\ud800",
    "\x00",
    ">>> x",
    "... y",
    'f("%d" % 3)',
    "In [3]: x",
    "}",
]
_ENDS = ["\n", "\n", "\n", "\r\n", "\r"]


@st.composite
def sources(draw: st.DrawFn) -> str:
    """The source of a cell: lines of Python, of IPython and of neither, in any order, with any ends."""
    lines = draw(st.lists(st.sampled_from(_LINES) | st.text(max_size=8), max_size=8))
    end = draw(st.sampled_from(_ENDS))
    return end.join(lines) + draw(st.sampled_from(["", end]))


@st.composite
def written(draw: st.DrawFn, source: str) -> str | list[str]:
    """A source as a notebook may have it: a string, one for each line, or cut anywhere."""
    how = draw(st.sampled_from(["string", "lines", "cut"]))
    if how == "string":
        return source
    if how == "lines":
        return source.splitlines(keepends=True)
    cuts = sorted(draw(st.lists(st.integers(0, len(source)), max_size=3)))
    return [source[a:b] for a, b in zip([0, *cuts], [*cuts, len(source)], strict=True)]


@st.composite
def notebooks(draw: st.DrawFn) -> str:
    """The text of a notebook, laid out in one of the ways in which JSON may be."""
    cells: list[object] = []
    for source in draw(st.lists(sources(), max_size=4)):
        kind = draw(st.sampled_from([code, code, code, markdown]))
        cells.append(kind(draw(written(source))))
    content = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 4}
    indent = draw(st.sampled_from([None, 1, "\t"]))
    text = json.dumps(content, indent=indent, ensure_ascii=draw(st.booleans()))
    # half a character cannot be written to a file but as an escape
    text = "".join(f"\\u{ord(c):04x}" if "\ud800" <= c <= "\udfff" else c for c in text)
    return draw(st.sampled_from(["", "\ufeff"])) + text.replace("\n", draw(st.sampled_from(["\n", "\r\n"])))
