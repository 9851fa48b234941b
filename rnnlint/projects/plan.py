"""Which files are analysed together, and in which order they run.

A file that builds recurrent modules is analysed, and so is each that uses what it defines; both in one analysis, since
who builds a model decides what its code reads.  Other files help: of them no more than the statements are run which
these ask for by their imports.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import cache
from posixpath import basename, dirname

from rnnlint.frozen import dataclass
from rnnlint.projects.bringing import Bringing
from rnnlint.projects.concern import Concern, Files, concern, targets
from rnnlint.projects.imports import STAR, Import
from rnnlint.projects.modules import Modules
from rnnlint.projects.summary import Statement, Summary

_MOST = 24
"""Files that are analysed together: a model in a dozen files, and as many that build it.  A convention; whoever is one
too many is left to itself."""

_MOST_HELPERS = 40
"""Files that are run for the names that those import.  A convention."""

_LARGEST_HELP = 2, 20_000
"""Characters of these: so many times those of the files that they help, and so many more.  A convention: what a base
class inherits from in the tenth file says little of an RNN, and all of them are parsed."""


@dataclass(frozen=True, slots=True)
class Member:
    """A file of a group: with ``statements``, the numbers of those of its top level that it helps with, else whole.

    A ``guest`` builds no recurrent module, and uses what others build; one by itself is one that cannot be read.
    """

    path: str
    statements: tuple[int, ...] | None = None
    guest: bool = False

    @property
    def helps(self) -> bool:
        """Whether it is not analysed itself."""
        return self.statements is not None


@dataclass(frozen=True, slots=True)
class Group:
    """Files that are analysed together, each behind those that it imports; ``data`` are paths of what they may read.

    ``decides``: of a file that cannot be read, the files whose modules it may build, or hand names to.
    """

    members: tuple[Member, ...]
    data: tuple[str, ...] = ()
    decides: frozenset[str] = frozenset()


def plan(paths: Sequence[str], files: Files, root: str = "") -> tuple[Group, ...]:
    """The groups of a project's files, whose paths are written with slashes; each file is analysed in one at most.

    ``root`` is the folder that all of them are in: what is above it says nothing of them.
    """
    modules = Modules(paths)
    # tests build a model in all the ways there are, and mean none of them
    usual = [path for path in paths if files.builds(path) or not _is_test(path, root)]
    found = concern(usual, files, modules)
    groups = _joined([path for path in usual if files.builds(path)], found)
    summary = files.summary
    planned = [Group(tuple(_ordered(_members(each, files, found, modules), summary, modules))) for each in groups]
    unread = (
        Group((Member(path, guest=True),), decides=frozenset(found.unread[path])) for path in sorted(found.unread)
    )
    return (*planned, *unread)


def _is_test(path: str, root: str) -> bool:
    name = basename(path)
    # a checkout may lie in a folder of any name
    inside = dirname(path).removeprefix(root)
    return (
        name.startswith("test_")
        or name.endswith("_test.py")
        or name == "conftest.py"
        or any(folder in ("test", "tests") for folder in inside.split("/"))
    )


def _joined(seeds: Sequence[str], found: Concern) -> list[list[str]]:
    """The files that are analysed, those together of which one uses another; none where that are too many."""
    of: dict[str, list[str]] = {path: [path] for path in seeds}
    users = sorted(found.uses, key=lambda path: (path not in of, path))
    for path in users:
        wanted = [origin for origin in sorted(found.uses[path]) if origin in of]
        own = of.get(path, [path])
        together = [own]
        for origin in wanted:
            if not any(of[origin] is one for one in together):
                together.append(of[origin])
        if len(together) == 1 and path in of:
            continue
        joined = [one for group in together for one in group]
        if len(joined) <= _MOST:
            of.update(dict.fromkeys(joined, joined))
    return list({id(group): sorted(group) for group in of.values()}.values())


# --- what a group needs of other files -------------------------------------------------------------------------------


def _members(analysed: Collection[str], files: Files, found: Concern, modules: Modules) -> Iterator[Member]:
    summary = files.summary
    for path in analysed:
        yield Member(path, guest=not summary(path).builds)
    times, more_room = _LARGEST_HELP
    room = times * sum(len(files.text(path)) for path in analysed) + more_room
    needed: dict[str, Bringing] = {}
    own = cache(lambda path: frozenset(name for each in summary(path).statements for name in each.binds))
    bound = cache(lambda path: _with_stars(path, own, summary, modules))
    pending: deque[tuple[str, str]] = deque()  # a file, and a name that is needed of it, the nearest first
    running = {path: _used(summary(path).statements, found.names.get(path, {})) for path in analysed}
    for path, used in running.items():
        pending += _asked(path, summary(path).statements, used, modules, bound)
    seen: set[tuple[str, str]] = set()
    handed_on = False
    while pending or not handed_on:
        if not pending:
            handed_on = True
            pending += _of_modules(_run(running, needed), modules, summary)
            continue
        path, name = one = pending.popleft()
        if one in seen or path in analysed:
            continue
        if path not in needed:
            size = len(files.text(path))
            if size > room or len(needed) >= _MOST_HELPERS:
                continue
            room -= size
        seen.add(one)
        statements = summary(path).statements
        if path not in needed:
            needed[path] = Bringing(statements)
        more = needed[path].more({name})
        if more:
            pending += _asked(path, statements, more, modules, bound)
        words = frozenset({name}).union(*(statements[number].words for number in more)) - own(path)
        for number, target in _stars(path, statements, modules):
            handed = bound(target) & words
            if handed:
                needed[path].found.add(number)
                pending += ((target, each) for each in sorted(handed))
    for path in _unread(_run(running, needed), modules, summary):
        found.unread.setdefault(path, set()).update(analysed)
    for path, helping in needed.items():
        yield Member(path, tuple(sorted(helping.found)))


def _run(analysed: Mapping[str, Collection[int]], needed: Mapping[str, Bringing]) -> dict[str, Collection[int]]:
    """The statements that are run, of the files that are analysed and of those that help them."""
    return {**analysed, **{path: one.found for path, one in needed.items()}}


def _unread(
    running: Mapping[str, Collection[int]], modules: Modules, summary: Callable[[str], Summary]
) -> Iterator[str]:
    """The files that Python cannot read, and of which what is run takes names: nothing is known of these.

    The names may come through files that only hand them on, such as the ``__init__`` of a package.
    """
    pending = deque(
        (path, frozenset().union(*(summary(path).statements[number].words for number in numbers)))
        for path, numbers in running.items()
    )
    seen = set(pending)
    while pending:
        path, words = pending.popleft()
        names = words.difference(*(one.binds for one in summary(path).statements if not one.imports))
        for one in summary(path).imports if names else ():
            for target in targets(path, one, modules) if one.bound in names or one.name == STAR else ():
                if summary(target).unreadable:
                    yield target
                    continue
                key = modules.target(path, one.module)
                whole = one.name in ("", STAR) or key is None or target != modules.path(key)
                handed = target, names if whole else frozenset({one.name})
                if handed not in seen:
                    seen.add(handed)
                    pending.append(handed)


def _stars(path: str, statements: Sequence[Statement], modules: Modules) -> Iterator[tuple[int, str]]:
    """The statements of a file that take all names of others, by their numbers, and these."""
    for number, statement in enumerate(statements):
        for one in statement.imports:
            if one.name == STAR:
                yield from ((number, target) for target in targets(path, one, modules))


def _with_stars(
    path: str, own: Callable[[str], frozenset[str]], summary: Callable[[str], Summary], modules: Modules
) -> frozenset[str]:
    """The names that a file binds, those among them that it takes from others with all theirs."""
    pending, seen, names = [path], {path}, own(path)
    while pending:
        inner = pending.pop()
        for _, target in _stars(inner, summary(inner).statements, modules):
            if target not in seen:
                seen.add(target)
                names |= own(target)
                pending.append(target)
    return names


def _used(statements: Sequence[Statement], hot: Mapping[str, object]) -> set[int]:
    """The statements of an analysed file that are run: all of its top level, and definitions that matter."""
    begin = {
        number
        for number, one in enumerate(statements)
        if not one.definition or one.holds or not hot.keys().isdisjoint(one.binds)
    }
    words = frozenset().union(*(statements[number].words for number in begin))
    return begin | Bringing(statements).more(words)


def _asked(
    path: str,
    statements: Sequence[Statement],
    used: Collection[int],
    modules: Modules,
    bound: Callable[[str], frozenset[str]],
) -> Iterator[tuple[str, str]]:
    """What statements of a file ask of other files, by name."""
    words = frozenset().union(*(statements[number].words for number in used))
    imports = [one for number in used for one in statements[number].imports]
    imports += [one for each in statements for one in each.imports if one.bound in words or one.name == STAR]
    for one in imports:
        yield from _asked_by(path, one, words, modules, bound)


def _of_modules(
    running: Mapping[str, Collection[int]], modules: Modules, summary: Callable[[str], Summary]
) -> Iterator[tuple[str, str]]:
    """The constants of modules that are imported as a whole: whoever is handed one may read them (``Net(config)``)."""
    words = frozenset().union(
        *(summary(path).statements[number].words for path, numbers in running.items() for number in numbers)
    )
    for path in running:  # a package hands modules on
        for one in summary(path).imports:
            module = modules.target(path, one.module)
            for target in targets(path, one, modules) if one.bound in words and one.name != STAR else ():
                if one.name == "" or target != (None if module is None else modules.path(module)):
                    constants = (each for each in summary(target).statements if not each.definition)
                    yield from ((target, name) for each in constants for name in sorted(each.binds & words))


def _asked_by(
    path: str, one: Import, words: Collection[str], modules: Modules, bound: Callable[[str], frozenset[str]]
) -> Iterator[tuple[str, str]]:
    key = modules.target(path, one.module)
    module = None if key is None else modules.path(key)
    for target in targets(path, one, modules):
        if target == module and one.name not in ("", STAR):
            if one.name in bound(target):
                yield target, one.name
        else:  # all names of it, or the module itself, of which attributes are read
            yield from ((target, name) for name in sorted(bound(target).intersection(words)))


# --- the order in which they run -------------------------------------------------------------------------------------


def _ordered(members: Iterator[Member], summary: Callable[[str], Summary], modules: Modules) -> Iterator[Member]:
    """Each file behind those that it imports when it begins; of files that import each other, in the order of paths."""
    by_path = {one.path: one for one in members}
    done: set[str] = set()
    imported = cache(lambda path: _imported(path, by_path, summary, modules))
    # what registers its classes somewhere has to do so before they are looked up
    for first in sorted(by_path, key=lambda path: (not summary(path).builds, path)):
        stack = [(first, iter(imported(first)))]
        if first in done:
            continue
        done.add(first)
        while stack:
            path, left = stack[-1]
            inner = next((one for one in left if one not in done), None)
            if inner is None:
                stack.pop()
                yield by_path[path]
            else:
                done.add(inner)
                stack.append((inner, iter(imported(inner))))


def _imported(
    path: str, members: Mapping[str, Member], summary: Callable[[str], Summary], modules: Modules
) -> list[str]:
    """The members that a file imports when it begins, then those that help it and stand in annotations alone.

    The classes of these are known when the file runs, unless they need it themselves.
    """

    def found(path: str, late: bool) -> list[str]:
        every = (to for one in summary(path).imports if one.late is late for to in targets(path, one, modules))
        return [to for to in every if to in members]

    def needs(begin: str) -> bool:
        seen, pending = {begin}, [begin]
        while pending:
            new = set(found(pending.pop(), late=False)) - seen
            seen |= new
            pending += new
        return path in seen

    return [*found(path, late=False), *(to for to in found(path, late=True) if members[to].helps and not needs(to))]
