"""Output where it belongs: a file that is there whole or not at all, or a stream of any encoding."""

from __future__ import annotations

import contextlib
import os
import stat
import sys
from pathlib import Path
from typing import TextIO

from rnnlint.diagnostics import Refused


def write(file: str, content: str | bytes) -> Refused | None:
    """Write a file, of a text in UTF-8; what is wrong, if it cannot be written.

    Whoever reads it meanwhile reads the old one.  What is no plain file (``/dev/stderr``, a pipe) is written to as it
    is; so is the file that standard output or standard error goes to.  A link is followed; the mode is kept.
    """
    data = content.encode("utf-8") if isinstance(content, str) else content
    try:
        now = _status(file)
        stream = None if now is None else _standard(now)
        if stream is not None:
            stream.flush()
            stream.buffer.write(data)
            stream.flush()
        elif now is not None and not stat.S_ISREG(now.st_mode):
            # by its own name: what a link in /proc leads to has none
            with Path(file).open("wb") as pipe:
                pipe.write(data)
        else:
            replace(Path(file).resolve(), data, None if now is None else now.st_mode)
    except OSError as wrong:
        return Refused(file, f"cannot be written: {wrong.strerror or wrong}")
    except (ValueError, RuntimeError) as wrong:  # a null character in the name, links that lead round
        return Refused(file, f"cannot be written: {wrong}")
    return None


def _status(file: str) -> os.stat_result | None:
    """What is there now; None for nothing."""
    try:
        return Path(file).stat()
    except FileNotFoundError:
        return None


def _standard(now: os.stat_result) -> TextIO | None:
    """The stream of this process that a plain file is: a rename would leave what is printed to the file before."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(AttributeError, OSError, ValueError):  # none, or none of a file
            if stat.S_ISREG(now.st_mode) and os.path.samestat(now, os.fstat(stream.fileno())):
                return stream
    return None


def replace(target: Path, content: bytes, mode: int | None) -> None:
    """Give a file another content at once, and the mode that it had.  Raises OSError, and leaves nothing behind."""
    beside = target.with_name(f".{os.getpid()}.rnnlint.tmp")  # a rename does not cross file systems
    try:
        with open(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _BINARY, 0o666), "wb") as stream:  # noqa: PTH123
            stream.write(content)
        if mode is not None:
            beside.chmod(stat.S_IMODE(mode))
        beside.replace(target)
    except BaseException:
        with contextlib.suppress(OSError):
            beside.unlink()
        raise


_BINARY = getattr(os, "O_BINARY", 0)  # which Windows has


def put(text: str, stream: TextIO) -> None:
    """Print, whatever the encoding of the stream is: a character that it has not is written as Python would.

    Raises OSError as printing does (BrokenPipeError where a reader has seen enough).
    """
    encoding = getattr(stream, "encoding", None) or "utf-8"
    stream.write(text.encode(encoding, "backslashreplace").decode(encoding))
    # one after the other, where both streams lead to one file: what is left in a buffer would come last
    stream.flush()
