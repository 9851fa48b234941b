"""Which files are meant by the paths that a user gives."""

from __future__ import annotations

import os
import stat
import subprocess
from collections.abc import Callable, Iterator, Sequence

from rnnlint.diagnostics import Refused
from rnnlint.frozen import dataclass

SUFFIXES = (".py", ".pyi", ".pyw", ".ipynb")
"""Of what is read in a folder; a file that is named is read whatever its name ends in."""

_UNLISTED = "warning: could not open directory '"  # how git says so, and goes on
# set where git itself runs a hook, in which these speak of another folder than the one that is asked about
_OF_ANOTHER = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX")

Excluded = Callable[[str, bool], bool]
"""Whether a path (absolute, of a file or folder) is left out; and whether the user has named it."""


@dataclass(frozen=True, slots=True)
class Discovered:
    """The files (absolute paths, each once, sorted by how they are shown), and what was asked for and is not there."""

    files: tuple[str, ...]
    refused: tuple[Refused, ...] = ()


def discovered(paths: Sequence[str], excluded: Excluded) -> Discovered:
    """The files that are named, and those in the folders that are."""
    search = _Search(excluded)
    for given in paths:
        try:
            search.add(given)
        except ValueError as error:  # a null byte
            search.refuse(given, str(error))
        except OSError as error:
            search.refuse(given, error.strerror or str(error))
    return Discovered(tuple(sorted(search.files, key=shown)), tuple(search.refused))


def shown(path: str) -> str:
    """How an absolute path is written: with slashes, from the current folder on where it lies below that."""
    here = os.getcwd().rstrip(os.sep) + os.sep
    return path.removeprefix(here).replace(os.sep, "/")


class _Search:
    def __init__(self, excluded: Excluded) -> None:
        self._excluded = excluded
        self.files: dict[str, None] = {}
        self.refused: list[Refused] = []

    def refuse(self, path: str, reason: str) -> None:
        self.refused.append(Refused(path, reason))

    def add(self, given: str) -> None:
        path = os.path.abspath(given)
        if not (given and _is_there(path)):
            # what has no name is refused by one that can be seen
            self.refuse(given or "''", "there is no such file or folder")
        elif not self._excluded(path, True):
            self.files.update(dict.fromkeys(self._inside(path) if os.path.isdir(path) else [path]))

    def _inside(self, folder: str) -> Iterator[str]:
        listing = self._known_to_git(folder)
        if listing is None:
            yield from self._walked(folder)
            return
        out: dict[str, bool] = {folder: False}

        def left_out(path: str) -> bool:
            """Whether a path is left out, or a folder around it."""
            if path not in out:
                out[path] = left_out(os.path.dirname(path)) or self._excluded(path, False)
            return out[path]

        listed, closed = listing
        for name, reason in closed.items():
            if not left_out(path := os.path.join(folder, name)):
                self.refuse(shown(path), reason)
        for name in listed:
            if name.endswith(SUFFIXES):
                path = os.path.join(folder, *name.split("/"))
                if _may_be_read(path) and not left_out(path):
                    yield path

    def _walked(self, top: str) -> Iterator[str]:
        # links to folders are not followed: what they lead to is read where it is, or is somebody else's
        for folder, folders, files in os.walk(top, onerror=self._cannot_list):
            folders[:] = sorted(
                name
                for name in folders
                if not self._excluded(path := os.path.join(folder, name), False)
                # a virtual environment, whatever it is called
                and not os.path.exists(os.path.join(path, "pyvenv.cfg"))
            )
            for name in sorted(files):
                path = os.path.join(folder, name)
                if name.endswith(SUFFIXES) and _may_be_read(path) and not self._excluded(path, False):
                    yield path

    def _cannot_list(self, error: OSError) -> None:
        self.refuse(shown(os.path.abspath(error.filename)), error.strerror or str(error))

    def _known_to_git(self, folder: str) -> tuple[list[str], dict[str, str]] | None:
        """What git lists below a folder, relative to it, and the folders there that it cannot look into, with why.

        None where git has nothing to say of it.
        """
        listed = _git(folder, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
        if listed is None:
            return None
        # a folder that git ignores and the user names is meant
        if not listed.stdout and _git(folder, "check-ignore", "--quiet", ".") is not None:
            return None
        closed: dict[str, str] = {}
        for line in os.fsdecode(listed.stderr).splitlines():
            if line.startswith(_UNLISTED):
                name, _, reason = line.removeprefix(_UNLISTED).rpartition("': ")
                closed[name.rstrip("/")] = reason
        # in a conflict a file is listed once a side
        return list(dict.fromkeys(os.fsdecode(name) for name in listed.stdout.split(b"\0") if name)), closed


def _is_there(path: str) -> bool:
    """Whether there is something of that name.  Raises OSError where nobody may look, or links lead round."""
    try:
        os.lstat(path)
    except (FileNotFoundError, NotADirectoryError, ValueError):  # the last of a null byte
        return False
    return True


def _may_be_read(path: str) -> bool:
    """Whether there is a file, or something that cannot be looked at, which is said when it is read.

    Files that were deleted are listed by git; so are submodules, links to folders, and links to nothing.
    """
    try:
        return stat.S_ISREG(os.stat(path).st_mode)
    except FileNotFoundError:
        return False
    except OSError:
        return True


def _git(folder: str, *arguments: str) -> subprocess.CompletedProcess[bytes] | None:
    kept = {name: value for name, value in os.environ.items() if name not in _OF_ANOTHER}
    try:
        run = subprocess.run(
            # a repository may name a program here, and nothing of it is run
            ["git", "-c", "core.fsmonitor=false", *arguments],
            cwd=folder,
            env=kept | {"LC_ALL": "C"},  # its warnings in English
            capture_output=True,
            stdin=subprocess.DEVNULL,
            check=False,
        )
    except OSError:  # no git
        return None
    return run if run.returncode == 0 else None
