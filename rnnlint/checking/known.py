"""Baselines: each is for the files whose configuration names it."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from pathlib import Path

from rnnlint.checking.baseline import (
    Baseline,
    Key,
    Stale,
    as_before,
    as_json,
    asking,
    compared,
    key,
    read,
    updated,
)
from rnnlint.checking.excluding import Nearest
from rnnlint.checking.inputs import WrongUse
from rnnlint.checking.said import Reported
from rnnlint.configuration.reading import shown
from rnnlint.diagnostics import Diagnostic, Refused
from rnnlint.frozen import dataclass
from rnnlint.output.writing import write


@dataclass(frozen=True, slots=True)
class Baselines:
    """What is found beside baselines: what they do not know and what they know in vain, and how they should be."""

    new: tuple[Reported, ...]
    stale: tuple[str, ...] = ()
    updated: tuple[tuple[Path, Baseline], ...] = ()

    @classmethod
    def of(
        cls,
        every: Iterable[Reported],
        looked_at: Collection[str],
        nearest: Nearest,
        base: Path | None,
        *,
        searched: Sequence[str] = (),
        update: bool,
    ) -> Baselines:
        """``looked_at`` are files and ``searched`` folders, by their absolute paths.

        ``base`` is the baseline of the run as a whole, of which something may be stale where nothing is found.

        Raises BadBaseline, and WrongUse where there is none to ``update``.
        """
        found: dict[Path | None, list[Reported]] = defaultdict(list)
        for one in every:
            found[one.file.file.configuration.baseline].append(one)
        looked: dict[Path, set[str]] = {} if base is None else {base: set()}
        for path in looked_at:
            configuration = nearest.of(path)
            if configuration is not None and configuration.baseline is not None:
                looked.setdefault(configuration.baseline, set()).add(path)
        if update and not looked:
            raise WrongUse("--update-baseline: there is none; --baseline FILE names it, or baseline in a configuration")
        new = found.pop(None, [])
        stale: list[str] = []
        changed = []
        for file in sorted(looked):
            by_identity = {id(one.diagnostic): one for one in found.get(file, [])}
            said = [one.diagnostic for one in by_identity.values()]
            known, keyed, asked = (
                read(file, missing=update),
                _keyed(file),
                _asked(file, looked[file], searched, nearest),
            )
            both = compared(said, known, keyed, asked)
            new += (by_identity[id(one)] for one in both.new)
            stale += (f"{shown(file)}: stale: {each.key}{_times(each)}" for each in both.stale)
            if update:
                changed.append((file, updated(said, known, keyed, asked)))
        return cls(tuple(sorted(new, key=lambda one: one.diagnostic)), tuple(stale), tuple(changed))

    def update(self) -> tuple[str, list[Refused]]:
        """Write them; a line of what each knows, and what cannot be written."""
        said, refused = "", []
        for file, baseline in self.updated:
            before = file.read_bytes() if file.exists() else b""
            wrong = write(str(file), as_before(as_json(baseline), before))
            count = sum(baseline.values())
            said += "" if wrong else f"{shown(file)}: {count} {'finding is' if count == 1 else 'findings are'} known\n"
            refused += [Refused(shown(file), wrong.reason)] if wrong else []
        return said, refused


def _keyed(file: Path) -> Callable[[Diagnostic], Key]:
    folder, here = str(file.parent), os.getcwd()
    return lambda one: key(one, folder, here)


def _asked(file: Path, looked_at: Iterable[str], searched: Sequence[str], nearest: Nearest) -> Callable[[Key], bool]:
    """Whether the run could have found what an entry of a baseline knows."""

    def takes(code: str, path: Path) -> bool:
        configuration = nearest.of(str(path))
        return configuration is not None and configuration.selection.takes(code, path)

    folder = file.parent
    return asking({Path(os.path.relpath(path, folder)).as_posix() for path in looked_at}, searched, folder, takes)


def _times(one: Stale) -> str:
    return "" if one.count == 1 else f" ({one.count} of them)"
