"""The files that are measured: labelled ones, those of published packages, or what is installed and the fixtures."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from rnnlint.linter import lint
from rnnlint.report import Report
from rnnlint.source.prefilter import mentions_rnn
from tools.ecosystem.archives import NotHad, sources
from tools.ecosystem.lists import read_packages
from tools.measure.findings import location
from tools.measure.labels import key_of, read_labels
from tools.measure.places import read_module
from tools.tsv import BadInput

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ROOT / "tools" / "ecosystem" / "packages.tsv"


@dataclass(frozen=True, slots=True)
class Source:
    """A file's text, by a name that says where it is from; of a notebook, its cells as one module."""

    name: str
    text: str

    @property
    def lines(self) -> int:
        """How many lines it has."""
        return self.text.count("\n")


@dataclass(frozen=True, slots=True)
class Linted:
    """A file, and what the linter says of it now."""

    source: Source
    report: Report

    @property
    def builds(self) -> bool:
        """Whether it builds a recurrent module of torch, as far as the linter sees."""
        return self.report.modules.seen > 0


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options by which a command is told which files to measure; :func:`chosen` reads them."""
    parser.add_argument("--labels", type=Path, help="the labelled places, as tools.measure takes them")
    parser.add_argument("--files", type=Path, help="where OWNER+NAME/COMMIT/PATH of the labels lie")
    parser.add_argument("--cache", type=Path, help="where the wheels of tools.ecosystem lie")
    parser.add_argument("--only", default="", metavar="WORD", help="only files with this word in their names")


def chosen(options: argparse.Namespace) -> list[Source]:
    """The files that mention an RNN, of those the options name; what is not there is said in a line.

    Raises BadInput where a list cannot be used, or only one of labels and files is named.
    """
    if (options.labels is None) != (options.files is None):
        raise BadInput("--labels and --files go together")
    # asked while they are read, because packages have many times as much text as mentions an RNN
    asked = (source for source in _all(options) if options.only in source.name and mentions_rnn(source.text))
    found = {source.name: source for source in asked}
    print(f"{len(found)} files mention an RNN; each is linted once, to know what it builds", flush=True)
    return [*found.values()]


def _all(options: argparse.Namespace) -> Iterator[Source]:
    if options.files is None and options.cache is None:
        print("neither --labels and --files nor --cache given: torch's own rnn.py, where it is, and the fixtures")
        yield from installed()
    if options.files is not None:
        yield from labelled(options.labels, options.files)
    if options.cache is not None:
        yield from packaged(options.cache)


def labelled(labels: Path, root: Path) -> Iterator[Source]:
    """The labelled files, as ``python -m tools.measure`` takes them.  Raises BadInput."""
    files = dict.fromkeys(key_of(cells)[:3] for cells in read_labels(labels))
    missing = [file for file in files if not location(root, file).is_file()]
    if missing:
        print(f"{len(missing)} of {len(files)} labelled files are not there: python -m tools.measure fetch brings them")
    for file in files:
        if file not in missing:
            yield Source(f"{file[0]} {file[2]}", read_module(location(root, file)).text)


def packaged(cache: Path) -> Iterator[Source]:
    """The Python files of the pinned packages whose wheels lie in ``cache``, and of an installed torch."""
    for package in read_packages(PACKAGES):
        # nothing is downloaded for a benchmark: python -m tools.ecosystem does that
        if not package.installed and not any((cache / f"{package.package}-{package.version}").glob("*.whl")):
            print(f"{package}: not in the cache: python -m tools.ecosystem --cache brings it")
            continue
        try:
            for path, text in sources(package, cache):
                yield Source(f"{package.package} {path}", text)
        except NotHad as error:
            print(f"{package}: cannot be had: {error}")


def installed() -> Iterator[Source]:
    """torch's own rnn.py, where torch is installed, and the fixtures."""
    torch = find_spec("torch")
    for folder in (torch.submodule_search_locations or ()) if torch else ():
        path = Path(folder) / "nn" / "modules" / "rnn.py"
        yield Source("torch nn/modules/rnn.py", path.read_text(encoding="utf-8"))
    for path in sorted((ROOT / "fixtures").glob("**/*.py")):
        yield Source(path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8"))


def linted(sources: Iterable[Source]) -> list[Linted]:
    """Files with their reports, each linted once; those that cannot be analysed are said and left out."""
    found = [Linted(source, lint(source.text, source.name)) for source in sources]
    for one in found:
        if one.report.not_analysed is not None:
            print(f"left out: {one.source.name}: {one.report.not_analysed}")
    return [one for one in found if one.report.not_analysed is None]
