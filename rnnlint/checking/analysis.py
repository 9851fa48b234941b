"""From sources to what is said of each: taken from the cache where it is there, analysed where it is not."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from rnnlint.checking.cache import Cache
from rnnlint.checking.groups import Group, grouped
from rnnlint.checking.parallel import in_order_of_completion
from rnnlint.checking.results import FileResult, decoded
from rnnlint.checking.sources import Source
from rnnlint.settings import Settings

Progress = Callable[[int, int], None]
"""Is told how many files are done, and of how many."""


def results(
    files: Iterable[tuple[Source, Settings]], cache: Cache, jobs: int, progress: Progress
) -> dict[str, FileResult]:
    """What is said of each file, by its path; nothing of those that build no recurrent module."""
    groups = grouped((source, settings) for source, settings in files if _may_build(source, cache))
    total = sum(len(group.files) for group in groups)
    found: dict[str, FileResult] = {}
    left: list[Group] = []
    for group in groups:
        kept = cache.results(group)
        if kept is None:
            left.append(group)
        else:
            found.update(_by_path(group, kept))
    for number, (data, summaries) in in_order_of_completion(left, jobs):
        cache.keep(left[number], data, summaries)
        found.update(_by_path(left[number], [decoded(one) for one in data]))
        progress(len(found), total)
    return found


def _may_build(source: Source, cache: Cache) -> bool:
    summary = cache.summary(source.digest)
    return summary is None or summary.builds


def _by_path(group: Group, kept: list[FileResult]) -> dict[str, FileResult]:
    return {source.path: result for source, result in zip(group.files, kept, strict=True)}
