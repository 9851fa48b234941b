"""Whole repositories at a commit, brought with git and laid out as ``OWNER+NAME/COMMIT/PATH``."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

PUBLIC = "https://github.com"

# what an analysis may read: source, and the files that options stand in
KEPT = frozenset({".py", ".pyi", ".ipynb", ".json", ".yaml", ".yml", ".toml", ".cfg", ".ini"})
# bytes; data that is stored as JSON beside the code is larger than any options are, source never is
MOST_OPTIONS, MOST_SOURCE = 200_000, 1_500_000

Tree = tuple[str, str]  # repository and commit


def folder_of(root: Path, tree: Tree) -> Path:
    """Where a repository lies at a commit."""
    repository, commit = tree
    return root / repository.replace("/", "+") / commit


def fetch(root: Path, trees: Iterable[Tree], remote: str = PUBLIC) -> Iterator[str]:
    """Bring those that are not there yet; says what could not be had.

    ``remote`` is where OWNER/NAME is found; with ``{}`` in it, OWNER+NAME is put there (a folder of clones).
    """
    for tree in trees:
        target = folder_of(root, tree)
        if target.is_dir():
            continue
        repository, commit = tree
        with TemporaryDirectory() as folder:
            source = remote.format(repository.replace("/", "+")) if "{}" in remote else f"{remote}/{repository}"
            try:
                _git(folder, "init", "--quiet", "--bare")
                _git(folder, "fetch", "--quiet", "--depth=1", source, commit)
                unpack(folder, commit, target)
            except subprocess.CalledProcessError as error:
                lines = error.stderr.decode(errors="replace").strip().splitlines() if error.stderr else []
                yield f"{repository} {commit}: {lines[-1] if lines else f'git ended with {error.returncode}'}"


def unpack(git: str, commit: str, target: Path) -> int:
    """Write what may be read of a commit, and return how many files those are.

    A snapshot may lack large files: what is not there is left out.
    """
    written = 0
    listed = _git(git, "ls-tree", "-r", "-l", "-z", commit)
    for entry in filter(None, listed.split(b"\0")):
        meta, _, name = entry.partition(b"\t")
        mode, kind, blob, size = meta.split()
        path = PurePosixPath(name.decode(errors="replace"))
        # links lead out of a tree as easily as into it; git says BAD of the size of what is not there
        if kind != b"blob" or mode == b"120000" or path.suffix not in KEPT or not size.isdigit():
            continue
        if int(size) > (MOST_SOURCE if path.suffix in (".py", ".ipynb") else MOST_OPTIONS):
            continue
        place = target / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(_git(git, "cat-file", "blob", blob.decode()))
        written += 1
    return written


def _git(folder: str, *arguments: str) -> bytes:
    return subprocess.run(["git", "-C", folder, *arguments], check=True, capture_output=True).stdout
