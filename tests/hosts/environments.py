"""Virtual environments that hold what a user's would, and nothing of the tests' own.

A distribution is not installed again, which for torch takes minutes, but linked: the files its own record names, from
the environment the tests run in.  Which distributions, the metadata says.
"""

from __future__ import annotations

import os
import subprocess
import zipfile
from collections.abc import Iterable
from functools import cache
from importlib.metadata import Distribution, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.hosts.running import HANG, ROOT, python


def build(target: str, out: Path) -> Path:
    """The wheel or the sdist of this project, made by its build backend without a network."""
    run = python("-m", "hatchling", "build", "--target", target, "--directory", str(out), cwd=ROOT)
    assert run.returncode == 0, run.stderr
    (made,) = out.iterdir()
    return made


class Environment:
    """A virtual environment at ``folder`` that sees only what :meth:`install` and :meth:`link` put there."""

    def __init__(self, folder: Path) -> None:
        made = python("-m", "venv", "--without-pip", str(folder), cwd=folder.parent)
        assert made.returncode == 0, made.stderr
        scripts = folder / ("Scripts" if os.name == "nt" else "bin")
        self._python = scripts / ("python.exe" if os.name == "nt" else "python")
        where = self.python("-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=folder)
        self._packages = Path(where.stdout.strip())

    def python(self, *args: str, cwd: Path) -> subprocess.CompletedProcess[str]:
        """The environment's own interpreter, with nothing of the tests' on its path."""
        return self._run(self._python, *args, cwd=cwd)

    def script(self, name: str, *args: str, cwd: Path) -> subprocess.CompletedProcess[str]:
        """A command that a distribution brings, as a user types it."""
        return self._run(self._python.parent / name, *args, cwd=cwd)

    def install(self, wheel: Path) -> None:
        """What pip makes of a wheel, without what it requires."""
        run = self._pip("install", "--quiet", "--no-deps", "--no-index", str(wheel))
        assert run.returncode == 0, run.stderr

    def link(self, names: Iterable[str]) -> None:
        """Link what belongs to installed distributions: packages, modules and metadata, no scripts and no ``.pth``."""
        for name in names:
            found = distribution(name)
            for top in {path.parts[0] for path in found.files or ()} - {"..", "__pycache__"}:
                if top.endswith(".pth") or (self._packages / top).exists():
                    continue  # a namespace that another one has brought already is linked whole
                (self._packages / top).symlink_to(Path(str(found.locate_file(top))))

    def check(self) -> None:
        """Nothing that is required is missing, by pip's own account."""
        run = self._pip("check")
        assert run.returncode == 0, run.stdout

    def names(self) -> set[str]:
        """The distributions there are."""
        code = "from importlib.metadata import distributions as d; print(*(x.metadata['Name'] for x in d()))"
        return {canonicalize_name(name) for name in self.python("-c", code, cwd=self._packages).stdout.split()}

    def _pip(self, *args: str) -> subprocess.CompletedProcess[str]:
        return python("-m", "pip", "--python", str(self._python), *args, cwd=ROOT)

    @staticmethod
    def _run(command: Path, *args: str, cwd: Path) -> subprocess.CompletedProcess[str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV"))}
        return subprocess.run(
            [str(command), *args],
            cwd=cwd,
            env=kept | {"PYTHONIOENCODING": "utf-8"},
            capture_output=True,
            encoding="utf-8",
            timeout=HANG,
            check=False,
        )


def closure(requirements: Iterable[str], extra: str = "") -> set[str]:
    """The names of all distributions that these requirements bring into an environment like this one."""
    found: set[str] = set()
    wanted = [(Requirement(text), extra) for text in requirements]
    while wanted:
        need, asked = wanted.pop()
        name = canonicalize_name(need.name)
        if need.marker is not None and not need.marker.evaluate({"extra": asked}):
            continue
        installed = _installed(name)
        assert need.specifier.contains(installed.version, prereleases=True), f"{need}, here is {installed.version}"
        if name not in found:
            found.add(name)
            inner = [Requirement(text) for text in installed.requires or ()]
            wanted += [(one, part) for one in inner for part in ("", *need.extras)]
    return found


@cache
def _installed(name: str) -> Distribution:
    return distribution(name)


def requirements(wheel: Path) -> list[str]:
    """What a wheel says that it requires, with the markers of its extras."""
    with zipfile.ZipFile(wheel) as archive:
        (name,) = [name for name in archive.namelist() if name.endswith(".dist-info/METADATA")]
        lines = archive.read(name).decode().splitlines()
    return [line.partition(": ")[2] for line in lines if line.startswith("Requires-Dist: ")]
