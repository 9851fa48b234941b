"""What a user names to be read for itself: a configuration, a list of paths; a file or a pipe."""

from __future__ import annotations

import os
import stat

_OPEN = ("/dev/", "/proc/")  # where files that are open have names, as a shell gives one to <(git ls-files)


def content_of(path: str | os.PathLike[str]) -> bytes:
    """All that is in a file, or comes through a pipe.

    Raises OSError, for a pipe with a name that nobody writes to as well: whoever waits for a writer may do so for ever.
    """
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    with open(os.open(path, flags), "rb", buffering=0) as file:  # noqa: PTH123
        if not stat.S_ISFIFO(os.fstat(file.fileno()).st_mode):
            return file.readall()
        begin = file.read(1)  # None where there is a writer that has written nothing yet
        if begin == b"" and not os.path.realpath(path).startswith(_OPEN):
            raise OSError("nobody writes to this pipe")
        os.set_blocking(file.fileno(), True)
        return (begin or b"") + file.readall()
