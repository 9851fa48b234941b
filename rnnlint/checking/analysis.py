"""From sources to what is said of each: taken from the cache where it is there, analysed where it is not."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import replace

from rnnlint.checking.cache import Cache
from rnnlint.checking.data_files import DataFiles
from rnnlint.checking.groups import apart, together
from rnnlint.checking.inputs import Input, Inputs
from rnnlint.checking.members import Group
from rnnlint.checking.modules import Files, slashed
from rnnlint.checking.parallel import in_order_of_completion
from rnnlint.checking.results import FileResult, decoded
from rnnlint.checking.sources import Source
from rnnlint.findings import Finding
from rnnlint.settings import Settings

Progress = Callable[[int, int], None]
"""Is told how many files are done, and of how many."""


def results(inputs: Inputs, data: DataFiles, cache: Cache, jobs: int, progress: Progress) -> dict[str, FileResult]:
    """What is said of each file, by its path as it is shown; nothing of those that build no recurrent module.

    Of files that were not asked for, too, where they are analysed with others, or cannot be read and may decide what is
    said of them.  ``data`` are files that any of them may read.
    """
    asked = set(map(slashed, (*(one.path for one in inputs.inputs), *inputs.files)))
    groups = [
        group
        for group in _grouped(inputs, asked, data, cache)
        if not group.decides.isdisjoint(asked) or any(member.path in asked for member in group.files)
    ]
    total = sum(len(group.files) for group in groups)
    found: dict[str, FileResult] = {}
    left: list[Group] = []
    done = 0
    for group in groups:
        kept = cache.results(group)
        if kept is None:
            left.append(group)
        else:
            add(found, group, kept)
            done += len(kept)
    for number, done_of in in_order_of_completion(left, jobs):
        cache.keep(left[number], done_of)
        add(found, left[number], [decoded(one) for one in done_of])
        done += len(done_of)
        progress(done, total)
    return found


def _grouped(inputs: Inputs, asked: Collection[str], data: DataFiles, cache: Cache) -> Iterator[Group]:
    """The files under the same settings in groups; what cannot be read is one by itself, so that it is named."""
    by_settings: dict[Settings, list[Input]] = {}
    for one in (*inputs.inputs, *inputs.around):
        by_settings.setdefault(one.configuration.settings, []).append(one)
    for settings, several in by_settings.items():
        alone = [(slashed(one.path), one.source) for one in several if one.configuration.isolated_files]
        others = {slashed(one.path): one.source for one in several if not one.configuration.isolated_files}
        files = Files(others, inputs.others, data, cache)
        if inputs.around:
            files = files.around(asked)
        yield from apart(alone, settings)
        yield from planned(files, [one for one in others.items() if one[0] in asked], settings)


def planned(files: Files, asked: Iterable[tuple[str, Source]], settings: Settings) -> list[Group]:
    """Files in groups, and by themselves those which were ``asked`` for and of which something cannot be read."""
    groups = together(files, settings)
    said = {member.path for group in groups for member in group.files if member.statements is None}
    # though it seems to build nothing: to say why it, or a cell of it, cannot be read
    left = [(path, one) for path, one in asked if one.is_notebook or files.summary(path).unreadable]
    return groups + apart([(path, one) for path, one in left if path not in said], settings)


def add(found: dict[str, FileResult], group: Group, results: Sequence[FileResult]) -> None:
    """What helps several groups may have something said of it by each, and by its own; mistakes of ours as well."""
    for member, result in zip(group.files, results, strict=True):
        path, said = member.source.path, result.report
        before = found.get(path)
        if before is None:
            if member.statements is None or said.findings or said.internal:
                found[path] = result
            continue
        base = result if member.statements is None else before
        findings = _once((*before.report.findings, *said.findings))
        internal = tuple(sorted({*before.report.internal, *said.internal}))
        found[path] = replace(base, report=replace(base.report, findings=findings, internal=internal))


def _once(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """What several groups say of a file, each mistake once: the places in other files that it names may be others.

    A fix stays where each of them comes to it.
    """
    found: dict[tuple[object, ...], Finding] = {}
    for one in sorted(findings):
        key = (one.code, one.line, one.column, one.end_line, one.end_column)
        before = found.setdefault(key, one)
        if before is not one:
            edits = [fix.edits for fix in one.fixes]
            found[key] = replace(before, fixes=tuple(fix for fix in before.fixes if fix.edits in edits))
    return tuple(found.values())
