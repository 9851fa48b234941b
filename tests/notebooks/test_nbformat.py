"""Jupyter's own library reads the same cells."""

from __future__ import annotations

import re

import pytest
from hypothesis import given

from rnnlint.notebooks import read
from tests.notebooks.written import notebooks

nbformat = pytest.importorskip("nbformat")


@given(notebooks())
def test_the_sources_are_the_same(text: str) -> None:
    cells = nbformat.reads(text.removeprefix("\ufeff"), as_version=nbformat.NO_CONVERT).cells
    for number, lines in read(text).cells.items():
        assert tuple(re.split(r"\r\n|\r|\n", cells[number - 1].source)) == lines
