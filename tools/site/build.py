"""Builds the site: zensical over docs/, and the files of the repository that pages link to taken along."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import unquote

ROOT = Path(__file__).resolve().parents[2]
DOCS, SITE, SETTINGS = "docs", "site", "zensical.toml"
TAKEN = "repository"
"""Where on the site the files of the repository stand that are no pages."""

_LINK = re.compile(r'(<a [^>]*?href=")([^"#?:]+)((?:[#?][^"]*)?")')
# colours, and where in zensical an error was raised
_NOISE = re.compile(r"\x1b\[[0-9;]*m|Traceback \(most recent call last\):\n(?:  .*\n)*")


class CannotBuild(Exception):
    """The site was not built; the message says what zensical said."""


def build(folder: Path = ROOT, repository: Path = ROOT) -> Path:
    """The folder of the built site, in ``folder``, which has docs/ and zensical.toml.

    ``repository`` is where links lead that leave docs/.  CannotBuild where zensical fails or warns.
    """
    if find_spec("zensical") is None:
        raise CannotBuild("zensical is not installed, which needs Python 3.11: pip install -e '.[docs]'")
    site = folder / SITE
    shutil.rmtree(site, ignore_errors=True)
    # --clean: what is cached is of pages and settings, not of the version of zensical
    command = [sys.executable, "-m", "zensical", "build", "--strict", "--clean"]
    run = subprocess.run(command, cwd=folder, capture_output=True, encoding="utf-8", check=False)
    if run.returncode or not (site / "404.html").is_file():
        said = _NOISE.sub("", f"{run.stdout}{run.stderr}").strip()
        raise CannotBuild(said or "zensical wrote no site")
    take_along(site, repository)
    return site


def take_along(site: Path, repository: Path) -> None:
    """Copy what pages link to outside of docs/, and let the links lead to the copies.

    On a git host such a link leads to the file; on the site there is none where it points.
    """
    for page in sorted(site.rglob("*.html")):
        text = page.read_text(encoding="utf-8")

        def led(found: re.Match[str], page: Path = page) -> str:
            before, link, after = found.groups()
            place = (page.parent / unquote(link)).resolve()
            if place.is_relative_to(site.resolve()):
                return found[0]
            # pages lie below site/ as their sources do below docs/, both in the root
            name = place.relative_to(site.resolve().parent) if place.is_relative_to(site.resolve().parent) else None
            if name is None or not (repository / name).is_file():
                return found[0]  # which is found by who checks the links
            copy = site / TAKEN / name
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(repository / name, copy)
            up = "../" * (len(page.relative_to(site).parts) - 1)
            return f"{before}{up}{TAKEN}/{name.as_posix()}{after}"

        changed = _LINK.sub(led, text)
        if changed != text:
            page.write_text(changed, encoding="utf-8")
