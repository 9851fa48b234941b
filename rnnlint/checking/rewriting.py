"""Edits of a file as it lies on the disk: its bytes with edits made, everything else as it was."""

from __future__ import annotations

import codecs
import re
from collections.abc import Sequence

from rnnlint.checking.sources import encoding_of
from rnnlint.findings import Edit
from rnnlint.fixing.applying import edited

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+\Z")  # as Python reads a file
_END = re.compile(r"\r\n|\r|\n")


class NotRewritten(Exception):
    """Why a file is left as it is, in one line."""


def rewritten(content: bytes, edits: Sequence[Edit], *, notebook: bool) -> bytes:
    """A file's bytes after edits of its text, whose lines end with ``\\n``.

    Ends of lines, encoding and byte order mark stay, and of a notebook everything but the characters of its cells that
    are edited.  Raises NotRewritten.
    """
    try:
        return (_in_notebook if notebook else _in_module)(content, edits)
    except UnicodeEncodeError:
        raise NotRewritten(f"what is to be written there has no place in {encoding_of(content)}") from None
    except (SyntaxError, LookupError, ValueError) as error:
        raise NotRewritten(str(error)) from None


def _in_module(content: bytes, edits: Sequence[Edit]) -> bytes:
    encoding = encoding_of(content)
    whole = content.decode(encoding)
    if whole.encode(encoding) != content:  # of some encodings several bytes are one character
        raise NotRewritten(f"it cannot be written back as it is in {encoding}")
    found = _END.search(whole)
    end = found.group() if found else "\n"
    ours = [
        Edit(one.line, one.column, one.end_line, one.end_column, one.text.replace("\n", end), one.path) for one in edits
    ]
    return edited(_LINE.findall(whole), ours).encode(encoding)


def _in_notebook(content: bytes, edits: Sequence[Edit]) -> bytes:
    from rnnlint.notebooks import NotANotebook, replaced
    from rnnlint.notebooks.editing import Edit as InModule

    encoding = "utf-8-sig" if content.startswith(codecs.BOM_UTF8) else "utf-8"
    ours = {InModule(one.line, one.column, one.end_line, one.end_column, one.text) for one in edits}
    try:
        return replaced(content.decode(encoding), sorted(ours)).encode(encoding)
    except NotANotebook as error:
        raise NotRewritten(str(error)) from None
