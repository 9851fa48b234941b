"""The labelled files, brought from where they are published with git, and laid out as the measurement reads them."""

from __future__ import annotations

import subprocess
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from tools.measure.findings import location
from tools.measure.labels import File

PUBLIC = "https://github.com"


def fetch(root: Path, files: Iterable[File], remote: str = PUBLIC) -> Iterator[str]:
    """Write the files that are not there yet to ``OWNER+NAME/COMMIT/PATH``; says what could not be had.

    Of each repository only the labelled commits are fetched, without their history.
    """
    wanted: dict[tuple[str, str], list[File]] = defaultdict(list)
    for file in files:
        if not location(root, file).is_file():
            wanted[file[:2]].append(file)
    for (repository, commit), missing in wanted.items():
        with TemporaryDirectory() as folder:
            try:
                _git(folder, "init", "--quiet", "--bare")
                _git(folder, "fetch", "--quiet", "--depth=1", f"{remote}/{repository}", commit)
            except subprocess.CalledProcessError as error:
                yield f"{repository} {commit}: {_said(error)}"
                continue
            for file in missing:
                try:
                    content = _git(folder, "show", f"{commit}:{file[2]}")
                except subprocess.CalledProcessError as error:
                    yield f"{repository} {file[2]}: {_said(error)}"
                    continue
                place = location(root, file)
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(content)


def _git(folder: str, *arguments: str) -> bytes:
    return subprocess.run(["git", "-C", folder, *arguments], check=True, capture_output=True).stdout


def _said(error: subprocess.CalledProcessError) -> str:
    lines = str(error.stderr.decode(errors="replace")).strip().splitlines()
    return lines[-1] if lines else f"git ended with {error.returncode}"
