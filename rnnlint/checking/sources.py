"""Files as they are read: bytes, and the text that Python makes of them."""

from __future__ import annotations

import io
import mmap
import os
import re
import stat
import tokenize
from typing import BinaryIO

from rnnlint.frozen import dataclass
from rnnlint.source.data_names import ENDINGS
from rnnlint.source.prefilter import gets_by_name, mentions_rnn

_LARGEST = 10_000_000  # bytes of a program, of which Python's tree takes 300 times as many
_LARGEST_NOTEBOOK = 100_000_000  # which are pictures, mostly
_IN_UTF_8 = (".ipynb", *ENDINGS)  # which cannot say that they are in anything else
_NAMES = (b"LSTM", b"GRU", b"RNN")
_SUPPRESSES = re.compile(rb"(?:noqa|ruff).*RNN[0-9]")  # in vain, where no recurrent module is named


class Unreadable(Exception):
    """Why nothing can be said of a file, in one line."""


@dataclass(frozen=True, slots=True)
class Source:
    """A file that may build a recurrent module, or speaks of our rules: its path as it is shown, text, and hash."""

    path: str
    text: str
    digest: str

    @property
    def is_notebook(self) -> bool:
        """Whether the text is a notebook's, in JSON."""
        return self.path.endswith(".ipynb")


def read(path: str, shown: str) -> Source | None:
    """A file, or None for one that has nothing to do with recurrent modules.  Raises Unreadable."""
    try:
        with _open(path) as file:
            largest = _LARGEST_NOTEBOOK if shown.endswith(".ipynb") else _LARGEST
            size = os.fstat(file.fileno()).st_size
            if size <= largest:
                return source(file.read(), shown)
            # what is large is data, mostly, and is looked through without being read as a whole
            with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
                if not _concerns(content):
                    return None
    except (OSError, ValueError) as error:  # the latter of what is empty by now
        raise Unreadable(getattr(error, "strerror", None) or str(error)) from error
    raise Unreadable(f"is {size // 1_000_000} MB large, and no more than {largest // 1_000_000} MB are read")


def read_any(path: str, shown: str) -> Source:
    """A file, whatever it has to do with recurrent modules.  Raises Unreadable."""
    try:
        with _open(path) as file:
            content = file.read()
    except OSError as error:
        raise Unreadable(error.strerror or str(error)) from error
    return decoded(content, shown)


def readable(path: str) -> str:
    """What can be read of a file that is no text: each byte a character, of which those of ASCII are right."""
    try:
        with _open(path) as file:
            return file.read().decode("latin-1")
    except (OSError, Unreadable):
        return ""


def source(content: bytes, shown: str) -> Source | None:
    """The source that bytes are, or None where nothing of torch's is named in them.  Raises Unreadable.

    What names no recurrent module need not be Python, nor text: it builds none.
    """
    if not _concerns(content):
        return None
    notebook = shown.endswith(".ipynb")
    text = _decoded(content, notebook)
    if notebook or mentions_rnn(text) or gets_by_name(text) or _SUPPRESSES.search(content):
        return _source(content, text, shown)
    return None


def decoded(content: bytes, shown: str) -> Source:
    """A file's bytes that somebody has, whatever it has to do with recurrent modules.  Raises Unreadable."""
    return _source(content, _decoded(content, shown.endswith(_IN_UTF_8)), shown)


def in_hand(text: str, shown: str) -> Source:
    """A file whose text somebody has, whatever it has to do with recurrent modules."""
    return _source(text.encode("utf-8", "surrogatepass"), text, shown)


def encoding_of(content: bytes) -> str:
    """The encoding of a program, by its declaration and its byte order mark.

    An exception that a codec raises names a kind ("charmap"), and not the encoding.  Raises SyntaxError.
    """
    return tokenize.detect_encoding(io.BytesIO(content).readline)[0]


def _concerns(content: bytes | mmap.mmap) -> bool:
    """Whether bytes may be a file that is about recurrent modules; of a notebook, in JSON, they are the same.

    Cheaper than :func:`mentions_rnn`, and asked before anybody knows whether they are text.
    """

    def has(word: bytes) -> bool:
        return content.find(word) >= 0

    torch = has(b"torch")
    if any(map(has, _NAMES)):
        return torch or has(b"import *") or _SUPPRESSES.search(content) is not None
    return torch and has(b"getattr")


def _source(content: bytes, text: str, shown: str) -> Source:
    import hashlib  # slow to import, and needed here only

    return Source(shown, text, hashlib.sha256(content).hexdigest())


def _open(path: str) -> BinaryIO:
    # not to wait for a pipe that nobody writes to, nor to read a device that never ends
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    if not stat.S_ISREG(os.stat(path).st_mode):
        raise Unreadable("is a folder" if os.path.isdir(path) else "no regular file")
    return open(os.open(path, flags), "rb")


def _decoded(content: bytes, in_utf_8: bool) -> str:
    encoding = "utf-8-sig"
    try:
        encoding = encoding if in_utf_8 else encoding_of(content)
        # as Python reads a file: each end of a line is one character
        return io.TextIOWrapper(io.BytesIO(content), encoding).read()
    except UnicodeDecodeError as error:
        raise Unreadable(f"cannot be decoded: byte {error.start} is not {encoding.removesuffix('-sig')}") from error
    # an encoding that does not exist, or one that is declared and refuses everything (there is one)
    except (SyntaxError, LookupError, ValueError) as error:
        raise Unreadable(f"cannot be decoded: {error.args[0]}") from error
