"""What is to be checked: files by their paths, those in folders, lists of files, and standard input."""

from __future__ import annotations

import codecs
import contextlib
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from rnnlint.checking.discovery import Discovered, discovered, shown
from rnnlint.checking.excluding import Nearest
from rnnlint.checking.sources import Source, Unreadable, decoded, read, read_any, source
from rnnlint.checking.surroundings import around
from rnnlint.configuration import Configuration
from rnnlint.diagnostics import Refused
from rnnlint.frozen import dataclass
from rnnlint.named_files import content_of

STANDARD = "-"
"""Standard input, among paths."""


class WrongUse(Exception):
    """What was asked for makes no sense; the message is one line."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Where to look: ``paths`` (none: the current folder), and a list of more of them; how ``-`` is called."""

    paths: tuple[str, ...] = ()
    files_from: str | None = None
    stdin_filename: str | None = None

    @property
    def folders(self) -> tuple[str, ...]:
        """The folders among the paths, by their absolute paths."""
        paths = self.paths or (() if self.files_from is not None else (".",))
        return tuple(os.path.abspath(path) for path in paths if path != STANDARD and os.path.isdir(path))

    @property
    def standard(self) -> str:
        """Where standard input would lie on the disk, as an absolute path."""
        return os.path.abspath(self.stdin_filename or STANDARD)


@dataclass(frozen=True, slots=True)
class Input:
    """A file that may build a recurrent module, its absolute path, and what is chosen for it."""

    source: Source
    path: str
    configuration: Configuration


@dataclass(frozen=True, slots=True)
class Inputs:
    """What is to be analysed, what cannot be read, and the files that were looked at, by their absolute paths.

    ``others`` are the paths of files that name no recurrent module, and may import what does.  ``around`` are files of
    the same projects that were not asked for, of either kind.  ``folders`` are those that were named, and those of
    these projects.  ``standard`` is what ``-`` has brought.
    """

    inputs: tuple[Input, ...]
    others: tuple[str, ...]
    around: tuple[Input, ...]
    refused: tuple[Refused, ...]
    files: tuple[str, ...]
    folders: tuple[str, ...] = ()
    standard: bytes | None = None


def found(asked: Asked, nearest: Nearest) -> Discovered:
    """The files on disk that are meant.  Raises WrongUse."""
    if STANDARD in asked.paths and asked.files_from == STANDARD:
        raise WrongUse("standard input cannot be both a file and a list of files")
    paths = [path for path in asked.paths if path != STANDARD]
    paths += () if asked.files_from is None else _listed(asked.files_from)
    if not asked.paths and asked.files_from is None:
        paths = ["."]
    return discovered(paths, nearest.excludes)


def read_all(asked: Asked, nearest: Nearest) -> Inputs:
    """Everything that is meant, read.  Raises WrongUse."""
    there = found(asked, nearest)
    refused = list(there.refused)
    inputs: list[Input] = []
    others: list[str] = []
    files = list(there.files)
    standard: bytes | None = None
    if STANDARD in asked.paths:
        standard = _standard_input()
        path = asked.standard
        if not nearest.excludes(path, True):
            # an editor has it newer than the disk
            files = [STANDARD, *(one for one in files if one != path)]
    for path in files:
        try:
            one = _read(path, asked, nearest, standard)
            if one is not None:
                inputs.append(one)
            elif path != STANDARD:
                others.append(path)
        except Unreadable as error:
            refused.append(Refused(_shown(path, asked), str(error)))
    named = [one.path for one in inputs] + others
    beside, folders = around(named, asked.folders, nearest)
    seeds: list[Input] = []
    for path in beside:
        # what cannot be read is not said of what nobody has asked for
        with contextlib.suppress(Unreadable):
            one = _read(path, asked, nearest)
            if one is not None:
                seeds.append(one)
            else:
                others.append(path)
    refused += map(_complaint, nearest.complaints)
    every = (*asked.folders, *folders)
    return Inputs(tuple(inputs), tuple(others), tuple(seeds), tuple(refused), tuple(files), every, standard)


def with_contents(inputs: Inputs, contents: Mapping[str, bytes]) -> Inputs:
    """The same inputs with other contents of some, by their absolute paths.  Raises Unreadable."""

    def other(one: Input) -> Input:
        if one.path not in contents:
            return one
        return Input(decoded(contents[one.path], one.source.path), one.path, one.configuration)

    return replace(inputs, inputs=tuple(map(other, inputs.inputs)), around=tuple(map(other, inputs.around)))


def input_of(path: str, nearest: Nearest) -> Input | None:
    """A file that was looked at, whatever it names; None where it is gone by now."""
    configuration = nearest.of(path)
    try:
        return None if configuration is None else Input(read_any(path, shown(path)), path, configuration)
    except Unreadable:
        return None


def _read(path: str, asked: Asked, nearest: Nearest, standard: bytes | None = None) -> Input | None:
    name = _shown(path, asked)
    if path == STANDARD and standard is not None:
        path = asked.standard
        one = source(standard, name)
    else:
        one = read(path, name)
    configuration = nearest.of(path)
    return Input(one, path, configuration) if one is not None and configuration is not None else None


def _shown(path: str, asked: Asked) -> str:
    return asked.stdin_filename or STANDARD if path == STANDARD else shown(path)


def _complaint(about: str) -> Refused:
    """What is wrong with a configuration begins with its file."""
    path, _, reason = about.partition(": ")
    return Refused(path, reason)


def _standard_input() -> bytes:
    if sys.stdin is None:  # as Python has it where somebody has closed it
        raise WrongUse("standard input is closed")
    return sys.stdin.buffer.read()


def _listed(name: str) -> Iterator[str]:
    """The paths that a file lists: one a line, or each with a null byte after it, as ``git ls-files -z`` has them."""
    try:
        content = _standard_input() if name == STANDARD else content_of(name)
    except OSError as error:
        raise WrongUse(f"--files-from {name}: {error.strerror or error}") from error
    content = content.removeprefix(codecs.BOM_UTF8)  # as some shells write it in front of all they redirect
    lines: Sequence[bytes] = content.split(b"\0") if b"\0" in content else content.splitlines()
    return (os.fsdecode(line) for line in lines if line)
