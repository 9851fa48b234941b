"""What ``lint()`` holds at its peak above what libcst's tree of the same file takes."""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Iterator, Sequence

import libcst as cst

from benchmarks.files import Source
from benchmarks.goals import line
from rnnlint.linter import lint

GOAL = 150.0  # MB
MB = 1e6  # bytes


def above_tree(source: Source) -> tuple[float, float]:
    """MB that the file's libcst tree takes, and MB that ``lint()`` has at its peak above that.

    Counted are Python's own objects: what libcst's parser in Rust has while it parses is the same for both.
    """
    gc.collect()
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        tree = cst.parse_module(source.text)
        gc.collect()
        size = tracemalloc.get_traced_memory()[0] - before
        del tree
        gc.collect()
        tracemalloc.reset_peak()
        before = tracemalloc.get_traced_memory()[0]
        lint(source.text, source.name)
        peak = tracemalloc.get_traced_memory()[1] - before
    finally:
        tracemalloc.stop()
    return size / MB, max(peak - size, 0) / MB


def peaks(sources: Sequence[Source]) -> Iterator[str]:
    """Lines that say the peaks of files, beside the goal; the highest first."""
    yield f"peak of lint() above libcst's tree, of {len(sources)} files: the largest and the slowest"
    lint("import torch\ntorch.nn.GRU(3, 5)\n")  # so that what is made once for all files is there
    found = sorted(((*above_tree(source)[::-1], source) for source in sources), key=lambda row: -row[0])
    for above, tree, source in found:
        yield line(f"{source.name[-50:]} (tree {tree:.1f} MB)", above, GOAL, " MB", digits=1)
