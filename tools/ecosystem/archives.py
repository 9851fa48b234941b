"""Wheels from the package index, checked against their listed hashes, and the Python files in them.

Only wheels: pip runs a source distribution's own code to learn its name.  They are read where they lie; nothing is
unpacked, installed or imported.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import importlib.util
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

from tools.ecosystem.lists import Package

# any will do, because wheels of other platforms hold the same Python files
PLATFORMS = ("manylinux_2_28_x86_64", "manylinux2014_x86_64", "manylinux1_x86_64")
SECONDS = 600  # for one download


class NotHad(Exception):
    """A package that cannot be had here, and why (one line)."""


def wheel_of(package: Package, cache: Path) -> Path:
    """The package's wheel, downloaded unless it lies in ``cache``.  Raises NotHad."""
    folder = cache / f"{package.package}-{package.version}"
    for known in folder.glob("*.whl"):
        # anew each time, because a download that was broken off lies there too
        if _sha256(known) == package.sha256:
            return known
        known.unlink()
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as requirements:
        requirements.write(f"{package.package}=={package.version} --hash=sha256:{package.sha256}\n")
        requirements.flush()
        command = [
            *(sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"),
            *("--no-deps", "--only-binary=:all:", "--ignore-requires-python", "--require-hashes"),
            *("--python-version", package.python, "--implementation", "cp"),
            *(part for platform in PLATFORMS for part in ("--platform", platform)),
            *("--dest", str(folder), "--requirement", requirements.name),
        ]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)
        except subprocess.TimeoutExpired:
            raise NotHad(f"the download took more than {SECONDS} s") from None
    found = next(folder.glob("*.whl"), None)
    if done.returncode or found is None:
        said = [line for line in done.stderr.splitlines() if line.strip()]
        # pip's own mark: the line that names the cause, among warnings and hints
        raise NotHad(next((line for line in said if "ERROR" in line), "pip says nothing").strip())
    return found


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def sources(package: Package, cache: Path) -> Iterator[tuple[str, str]]:
    """Path and text of every Python file of a package, in order of their paths.  Raises NotHad."""
    if package.installed:
        yield from _installed(package)
        return
    with zipfile.ZipFile(wheel_of(package, cache)) as wheel:
        for name in sorted(wheel.namelist()):
            if name.endswith(".py"):
                yield name, wheel.read(name).decode("utf-8-sig", errors="replace")


def _installed(package: Package) -> Iterator[tuple[str, str]]:
    try:
        version = importlib.metadata.version(package.package).partition("+")[0]
    except importlib.metadata.PackageNotFoundError:
        raise NotHad("it is not installed") from None
    if version != package.version:
        raise NotHad(f"{version} is installed")
    spec = importlib.util.find_spec(package.package)
    assert spec is not None
    for folder in map(Path, spec.submodule_search_locations or ()):
        for path in sorted(folder.rglob("*.py")):
            yield path.relative_to(folder.parent).as_posix(), path.read_text(encoding="utf-8-sig", errors="replace")
