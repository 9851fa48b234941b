"""Which files of data the files of a group may read, as far as their texts name them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import islice
from posixpath import dirname, normpath
from typing import Protocol

from rnnlint.source.data_names import ENDINGS, templates

_ENDING = re.compile(r"""\.(?:json|ya?ml)(["'])""")
"""The end of a string that ends as the name of such a file."""
_LONGEST = 200  # characters of a name; a convention
_HOLE = re.compile(r"\{[^{}]*\}|%s")
_MOST = 48
"""Files of data that are read for a group: a dozen that are named, and those that one is chosen of.  A convention."""


class Disk(Protocol):
    """What is asked of the files that may be read, by their paths; paths are written with slashes."""

    def is_there(self, path: str) -> bool:
        """Whether there is a file that may be read."""

    def names(self, folder: str) -> Iterable[str]:
        """The names of what stands in a folder, in order; none of one in which nothing may be read."""


def names_in(text: str) -> list[str]:
    """The names of files of data in a text; what is not known of them is in braces, and leads from wherever it is."""
    return list(dict.fromkeys((*_names(text), *_of_hydra(text), *_given(text))))[:_MOST]


def named_by(files: Iterable[tuple[str, Iterable[str]]], disk: Disk) -> list[str]:
    """The paths of the files of data that some files name, which are given by their paths and the names in them.

    Where a name begins nobody knows before a run: it is looked for in the folders of the files and those above.
    """
    every = list(files)
    folders = list(_folders(path for path, _ in every))
    found: dict[str, None] = {}
    for name in dict.fromkeys(name for _, names in every for name in names):
        for folder in folders:
            if len(found) < _MOST:
                found.update(dict.fromkeys(_at(folder, name, disk)))
    return sorted(found)[:_MOST]


def _names(text: str) -> Iterator[str]:
    for found in _ENDING.finditer(text):
        begin = text.rfind(found[1], max(0, found.start() - _LONGEST), found.start()) + 1
        if not begin or "\n" in text[begin : found.start()]:
            continue
        # of an f-string, with the names in its braces
        name = _HOLE.sub("{}", text[begin : found.end() - 1])
        while name.startswith("{}/"):
            name = name[3:]
        # behind the name of a folder: ``folder + "/config.json"``; and what is but an ending names nothing
        name = name.lstrip("/")
        if name[0] != "." or name.startswith(("./", "../")):
            yield name


_HYDRA = re.compile(r"""config_path\s*=\s*["']([^"'\n]{1,200})["']""")
_BY_NAME = re.compile(r"""config_name\s*=\s*["']([^"'\n]{1,200})["']""")
_TREE = "/**"  # behind a folder: all that is in it


def _of_hydra(text: str) -> Iterator[str]:
    """Where hydra looks, which puts files together that no program names."""
    if "hydra" in text:
        yield from (f"{found[1]}{_TREE}" for found in _HYDRA.finditer(text))
        yield from (f"{found[1].removesuffix('.yaml')}.yaml" for found in _BY_NAME.finditer(text))


_OPTION = re.compile(
    r"""(?:add_argument|option)\(\s*(?:["'][^"'\n]{1,40}["']\s*,\s*)*["'][\w-]*(?:config|cfg|params|settings)"""
)
_SUITABLE = tuple(f"{folder}{{}}{ending}" for folder in ("", "config/", "configs/", "conf/") for ending in ENDINGS)


def _given(text: str) -> Iterator[str]:
    """What an option may name that leads to the settings: who runs the program names one of those that are there."""
    if ("add_argument" in text or ".option" in text) and _OPTION.search(text):
        yield from _SUITABLE


def _folders(paths: Iterable[str]) -> Iterator[str]:
    seen: set[str] = set()
    for path in paths:
        folder = dirname(path)
        while folder not in seen:
            seen.add(folder)
            yield folder
            folder = dirname(folder)


def _at(folder: str, name: str, disk: Disk) -> Iterator[str]:
    path = normpath(f"{folder}/{name}")
    if name.endswith(_TREE):
        yield from _inside(path.removesuffix(_TREE), disk, 0)
        return
    if "{}" not in name:
        if disk.is_there(path):
            yield path
        else:
            beside = set(disk.names(dirname(path)))
            instead = (one for one in templates(path) if one.rpartition("/")[2] in beside and disk.is_there(one))
            yield from islice(instead, 1)
        return
    if "{}" in dirname(path):
        return
    pattern = re.compile(r"[^/]+".join(map(re.escape, path.split("{}"))))
    inside = (f"{dirname(path)}/{each}" for each in disk.names(dirname(path)) if not each.startswith("."))
    yield from islice((inner for inner in inside if pattern.fullmatch(inner) and disk.is_there(inner)), _CHOSEN_OF)


_CHOSEN_OF = 12  # files of a folder, of which a run chooses one by a part of its name; a convention
_DEEPEST = 3  # folders in the folder of hydra's; a convention


def _inside(folder: str, disk: Disk, depth: int) -> Iterator[str]:
    for name in disk.names(folder):
        path = f"{folder}/{name}"
        if name.endswith((".yaml", ".yml")):
            if disk.is_there(path):
                yield path
        elif "." not in name and depth < _DEEPEST:
            yield from _inside(path, disk, depth + 1)
