"""What is open in the editor, documents and notebooks: as files to be analysed, and places that are spoken of."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from urllib.parse import quote

from pygls.uris import to_fs_path

from rnnlint.server.texts import Text

SUFFIXES = (".py", ".pyi", ".pyw")


@dataclass
class Document:
    """A text that an editor has: a file's, or that of a notebook's cell."""

    uri: str
    text: Text
    version: int | None
    language: str = "python"


@dataclass
class Cell:
    """A cell of a notebook: code or not, and its document (which may be missing)."""

    uri: str
    code: bool


@dataclass
class File:
    """What is analysed as one file: a document by itself, or the cells of a notebook.

    ``path`` is absolute; ``alone``: it is on no disk.  ``edition`` counts what has happened to it, whatever numbers the
    client gives to versions.
    """

    uri: str
    path: str
    alone: bool
    documents: dict[str, Document]
    cells: list[Cell] | None = None
    edition: int = 0

    @property
    def source(self) -> str:
        """The text that is analysed: of a notebook its JSON."""
        if self.cells is None:
            return self.documents[self.uri].text.for_python
        return json.dumps({"cells": [self._cell(one) for one in self.cells], "metadata": {}, "nbformat": 4})

    def document(self, cell: int) -> Document | None:
        """The document of a cell, counted from 1; 0 for that of a file."""
        if self.cells is None:
            return self.documents[self.uri]
        return self.documents.get(self.cells[cell - 1].uri) if 0 < cell <= len(self.cells) else None

    def cell_of(self, uri: str) -> int | None:
        """Which cell a document is, counted from 1; 0 for a file's own; None for none."""
        if self.cells is None:
            return 0 if uri == self.uri else None
        return next((number for number, one in enumerate(self.cells, start=1) if one.uri == uri), None)

    def every(self) -> Iterator[tuple[int, Document]]:
        """Every document with the number of its cell."""
        for uri, document in self.documents.items():
            number = self.cell_of(uri)
            if number is not None:
                yield number, document

    def _cell(self, cell: Cell) -> dict[str, object]:
        document = self.documents.get(cell.uri)
        source = "" if document is None else document.text.text
        kind = "code" if cell.code else "markdown"
        language = "" if document is None else document.language
        return {"cell_type": kind, "metadata": {"vscode": {"languageId": language}}, "source": source}


@dataclass
class Documents:
    """Files by their URIs.  ``folder`` is where what is on no disk is looked at: its configuration is for that."""

    folder: str = field(default_factory=os.getcwd)
    files: dict[str, File] = field(default_factory=dict)
    _cells: dict[str, str] = field(default_factory=dict)  # the URI of the notebook that a cell is in

    def open(self, uri: str, text: str, version: int | None, language: str) -> File | None:
        """A document is open, whether it was before or not; None for one that is no Python."""
        path, alone = self._path(uri)
        if language != "python" and not path.endswith(SUFFIXES):
            return None
        before = self.files.get(uri)
        edition = 0 if before is None else before.edition + 1
        self.files[uri] = File(uri, path, alone, {uri: Document(uri, Text(text), version)}, edition=edition)
        return self.files[uri]

    def open_notebook(self, uri: str, cells: Sequence[Cell], documents: Sequence[Document]) -> File:
        """A notebook is open."""
        path, alone = self._path(uri)
        # whatever it is called, it is read as one
        path = path if path.endswith(".ipynb") else f"{path}.ipynb"
        before = self.files.get(uri)
        edition = 0 if before is None else before.edition + 1
        file = File(uri, path, alone, {one.uri: one for one in documents}, list(cells), edition)
        self.files[uri] = file
        self._cells |= {one.uri: uri for one in documents}
        return file

    def close(self, uri: str) -> File | None:
        """A file or notebook is open no more; what it was, None where it was not open."""
        self._cells = {cell: notebook for cell, notebook in self._cells.items() if notebook != uri}
        return self.files.pop(uri, None)

    def add_cell(self, file: File, document: Document) -> None:
        """A cell of a notebook has a document."""
        file.documents[document.uri] = document
        self._cells[document.uri] = file.uri

    def remove_cell(self, file: File, uri: str) -> None:
        """A cell of a notebook has none any more."""
        file.documents.pop(uri, None)
        self._cells.pop(uri, None)

    def of(self, uri: str) -> File | None:
        """The file that a document is, or is a cell of."""
        return self.files.get(self._cells.get(uri, uri))

    def at(self, path: str) -> File | None:
        """The open file of a path."""
        return next((file for file in self.files.values() if file.path == path), None)

    def _path(self, uri: str) -> tuple[str, bool]:
        """The path of a file, and whether it is made up: for what is on no disk."""
        path = to_fs_path(uri)
        if path and "\0" not in path and os.path.isabs(path):
            return os.path.normpath(path), False
        return os.path.join(self.folder, quote(uri, safe="")), True
