"""From runs to findings: which hold, in which configurations, and where they stand."""

from __future__ import annotations

import ast
import os
from collections import Counter
from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import field, replace
from functools import partial
from types import MappingProxyType
from typing import TypeAlias, TypeVar

from rnnlint.conditions import Condition, spelled
from rnnlint.explaining.findings import Explaining
from rnnlint.explaining.rests import Rests
from rnnlint.failures import Failure, Failures, Internal
from rnnlint.findings import Finding, Fix
from rnnlint.fixing.proposing import Finding as ToMend
from rnnlint.fixing.proposing import Proposing
from rnnlint.frozen import dataclass
from rnnlint.holding import Always, Case, Sometimes, Time, Verdict, coming_by, holds, shown, standing, throughout
from rnnlint.interpret.coverage import Fate, fates
from rnnlint.interpret.explore import explore_all
from rnnlint.interpret.outcomes import Exploration, Explored, Outcome, left_open
from rnnlint.interpret.state.naming import names_at
from rnnlint.manner import USUAL, Manner
from rnnlint.report import Modules, Report, Unfollowed
from rnnlint.rules.hits import Hearing, help_of, message, minds
from rnnlint.rules.rule import Hit, Rule
from rnnlint.settings import Settings
from rnnlint.source import program as ir
from rnnlint.source import walking
from rnnlint.source.files import Files
from rnnlint.source.links import NO_LINKS, Links
from rnnlint.source.parse import NotAnalysed, Parsed, parse
from rnnlint.source.positions import Span
from rnnlint.values.domain import Free
from rnnlint.values.facts import Fact, FactKind

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Told:
    """A hit that is reported, and the assumptions it depends on (none where it always holds).

    ``cases`` are all that say it, in runs that count; of one run several where a place holds one thing or another, and
    each has a repair.  What mends one of them has to mend the others.
    """

    rule: Rule
    hit: Hit
    run: Outcome
    condition: Condition = ()
    assumptions: Mapping[Fact, object] = field(default_factory=dict)
    heir: ir.ClassDef | None = None
    alike: tuple[Case[Outcome], ...] = ()
    cases: tuple[Case[Outcome], ...] = ()


_Key: TypeAlias = tuple[str, Hashable]  # a rule's code and the place of what it said: one finding


def judged(text: str, settings: Settings, tree: ast.Module | None = None, manner: Manner = USUAL) -> Report:
    """The report of a file that mentions an RNN; ``tree`` is what Python has parsed it to, where somebody has it."""
    parsed = parse(text, tree)
    if isinstance(parsed, NotAnalysed):
        return Report(not_analysed=parsed.reason)
    return judged_together({"": parsed}, NO_LINKS, settings, manner=manner)[""]


def judged_together(
    parsed: Mapping[str, Parsed],
    links: Links,
    settings: Settings,
    data: Mapping[str, Parsed] = MappingProxyType({}),
    manner: Manner = USUAL,
) -> dict[str, Report]:
    """The reports of files that are run together, by their paths, in the order in which they import each other.

    ``data`` are the files of data among the ``links``, by their paths; ``manner`` is what a host asks for beside.
    """
    failures = Failures()
    hearing = Hearing(failures)
    every = settings.all_configurations
    spares = not every and os.environ.get("RNNLINT_SPARE") != "0"
    exploring = partial(explore_all, links=links, speaks=hearing.speaks if spares else None, every=every)
    try:
        parsed, data, explored = manner.explored(parsed, data, exploring, every=every)
    except RecursionError:
        return dict.fromkeys(parsed, Report(not_analysed="it is nested too deeply"))
    programs = [one.program for one in parsed.values()]
    files = Files({**parsed, **data})
    kept = _kept(explored, settings, hearing)
    found = _by_file(_findings(files, explored, kept, failures, manner))
    # last of all, since what fails in the count costs nobody a finding
    modules: dict[str, list[Fate]] = {}
    with failures.contained("the count of modules"):
        modules = _by_file((files.path(fate.site), fate) for fate in fates(programs, explored))
    unfollowed = _by_file(_unfollowed(files, explored))
    internal = _by_file(_internal(files, parsed, (*explored.failures, *failures.kept.values())))
    return {
        path: Report(
            tuple(sorted(found.get(path, ()))),
            None,
            tuple(sorted(unfollowed.get(path, ()))),
            _modules(modules.get(path, ())),
            tuple(sorted({*internal.get(path, ())})),
        )
        for path in parsed
    }


def _by_file(pairs: Iterable[tuple[str, T]]) -> dict[str, list[T]]:
    found: dict[str, list[T]] = {}
    for path, one in pairs:
        found.setdefault(path, []).append(one)
    return found


def _kept(explored: Explored, settings: Settings, hearing: Hearing) -> list[Told]:
    """What is reported of a file, each finding once, by the function that knows best what it depends on."""
    told: dict[_Key, dict[int, Told]] = {}  # and by the number of the function of which it is told
    for number, exploration in enumerate(explored.explorations):
        with hearing.failures.contained(f"the judgement of {exploration.name}"):
            for one in _told(exploration, explored, settings, hearing):
                told.setdefault((one.rule.code, one.hit.site.node), {})[number] = one

    def doubt(way: tuple[int, Told]) -> tuple[bool, bool, bool]:
        """Less is better.  An exploration that was cut short may lack a condition, so that comes before having one.

        A condition is told in the words of the class rather than in those of a script that builds it.
        """
        number, one = way
        exploration = explored.explorations[number]
        return bool(exploration.bound), bool(one.condition), bool(one.condition) and exploration.where is None

    kept = [
        replace(min(ways.items(), key=doubt)[1], cases=tuple(case for one in ways.values() for case in one.cases))
        for key, ways in told.items()
        if _throughout(explored, key, ways)
    ]
    return list(standing(kept))


def _throughout(explored: Explored, key: _Key, ways: Mapping[int, Told]) -> bool:
    """Whether a rule may say what it says of these of the functions from which a place is come by."""
    rule, (_, node) = next(iter(ways.values())).rule, key
    if not rule.everywhere:
        return True
    times = {
        number: Time()
        for number, one in enumerate(explored.explorations)
        if number in ways or (_comes_by(one, rule, node) and not left_open(one, node, explored.declared))
    }
    return throughout(rule, [Case(times[number], one.hit) for number, one in ways.items()], times.values())


def _comes_by(exploration: Exploration, rule: Rule, node: Hashable) -> bool:
    """Whether a function comes by a place in any run, where no other has looked at it instead, and the rule minds."""
    came = () if node in exploration.known else (one for one in exploration.outcomes if node in one.reached)
    return any(minds(rule, outcome.events, node) for outcome in came)


def _unfollowed(files: Files, explored: Explored) -> Iterator[tuple[str, Unfollowed]]:
    """What was not followed in the declared configuration, by file and line; 1 for the top level as a whole."""
    met: dict[tuple[str, Hashable], None] = {}
    paths: dict[Hashable, str] = {one.program.key: path for path, one in files.parsed.items()}
    for one in explored.explorations:
        if one.bound:
            met[f"{one.name} {one.bound}", one.where or one.file] = None
        if one.outcomes:  # explore() runs the declared configuration first
            met.update(dict.fromkeys(one.outcomes[0].unknown))
    lines: dict[tuple[str, int, str], list[int]] = {}
    for reason, node in met:
        path = files.path(node) if isinstance(node, ir.Node) else paths.get(node) or next(iter(files.parsed))
        place = files.span(node) if isinstance(node, ir.Node) else _TOP
        lines.setdefault((path, place.line, reason), []).append(place.column)
    for (path, line, reason), at in lines.items():
        yield path, Unfollowed(line, min(at), reason, len(at))


_TOP = Span(1, 0, 1, 0)


def _internal(files: Files, programs: Collection[str], failures: tuple[Failure, ...]) -> Iterator[tuple[str, Internal]]:
    """Failures by file and line: 1 of the first for what stands nowhere in particular, or in no program (in data)."""
    first = next(iter(programs))
    for one in failures:
        path = files.path(one.where) if isinstance(one.where, ir.Node) else first
        line = _line(files, one.where) if path in programs else 0
        yield path if path in programs else first, Internal(line or 1, one.what, one.error, one.trace)


def _line(files: Files, node: Hashable) -> int:
    """The line of a place; 0 for what stands nowhere in particular."""
    return files.line(node) if isinstance(node, ir.Node) else 0


def _modules(found: Sequence[Fate]) -> Modules:
    reasons = Counter(fate.reason for fate in found)
    understood = reasons.pop("", 0)
    return Modules(len(found), understood, tuple(sorted(reasons.items())), sum(fate.raising for fate in found))


def _told(exploration: Exploration, explored: Explored, settings: Settings, hearing: Hearing) -> Iterator[Told]:
    """What to report of one function."""
    cases: dict[_Key, tuple[Rule, list[Case[Outcome]]]] = {}
    every: dict[_Key, list[Case[Outcome]]] = {}
    failed: dict[str, set[Outcome]] = {}
    # what the rest of such a run would have said nobody knows; of a script another run is another use of a model, but
    # what a function does in the runs that came to an end need not be what it does in the others
    cut = {outcome for outcome in exploration.outcomes if outcome.cut and exploration.where is None}
    for outcome in exploration.outcomes:
        seen: set[_Key] = set()  # of what a rule says at a place in one run, the first counts
        for rule, hit in hearing.of(outcome.events):
            if hit is None:
                failed.setdefault(rule.code, set()).add(outcome)
                continue
            key = (rule.code, hit.site.node)
            # a use that is named beside it is another thing to say of the same value, and has a repair of its own
            if key not in seen or (hit.repairs and not _places(hit)):
                every.setdefault(key, []).append(Case(outcome, hit))
            if key not in seen and exploration.looks_at(hit.site.node):
                seen.add(key)
                cases.setdefault(key, (rule, []))[1].append(Case(outcome, hit))
    first = tuple(explored.declared)
    for (code, node), (rule, said) in cases.items():
        runs = coming_by(exploration.outcomes, node, {case.run for case in said}, cut | failed.get(code, set()))
        verdict = holds(said, runs, first, raising_too=settings.all_configurations, unmade=exploration.unmade)
        report = shown(verdict, settings)
        if report is not None and (report.condition or node not in exploration.known):
            hit, run = report.case.hit, report.case.run
            beside = _beside(verdict, hit, exploration, explored)
            heir = exploration.heir if any(fact.kind is FactKind.HEIR for fact in beside) else None
            condition = (*beside, *report.condition)
            # a default counts where it is what the run assumes: what no condition names is arbitrary in another
            settled = {*condition, *(explored.declared if run.declared else ())}
            alike = tuple(_alike(run, said, settled))
            counted = tuple(case for case in every[code, node] if case.run in runs.reaching)
            yield Told(rule, hit, run, condition, {**run.assumptions, **beside}, heir, alike, counted)


def _alike(run: Outcome, cases: Iterable[Case[Outcome]], settled: Collection[object]) -> Iterator[Case[Outcome]]:
    """The cases of runs that differ from one in nothing that is settled: a fact, or a parameter with a default."""
    for case in cases:
        both = run.assumptions.keys() & case.run.assumptions.keys()
        fixed = (fact for fact in both if fact in settled or fact.about in settled)
        if case.run is not run and all(run.assumptions[fact] == case.run.assumptions[fact] for fact in fixed):
            yield case


def _beside(verdict: Verdict[Outcome], hit: Hit, exploration: Exploration, explored: Explored) -> dict[Fact, object]:
    """Facts that a finding depends on beside those that tell its runs from others.

    These are the class that inherits the method; and, of what holds in every run that was made, the defaults without
    which it would not: no run was made with others.
    """
    if isinstance(verdict, Sometimes):
        return {}  # it is told by the facts of a run alone
    beside = _inherited(exploration, hit.site.node)
    if isinstance(verdict, Always):
        declared = explored.declared
        beside.update(
            {Fact(FactKind.NUMBER, free): declared[free][0].value for free in hit.defaults if free in declared}
        )
    return beside


def _inherited(exploration: Exploration, node: Hashable) -> dict[Fact, object]:
    """The class whose inherited method this is, where the place is not in its own body."""
    heir = exploration.heir
    if heir is None or any(inner is node for inner in walking.walk(heir)):
        return {}
    return {Fact(FactKind.HEIR, heir.name): True}


def _findings(
    files: Files, explored: Explored, verdicts: list[Told], failures: Failures, manner: Manner
) -> Iterator[tuple[str, Finding]]:
    frees = {fact.about for v in verdicts for fact in v.condition}
    nodes = {free: node for free, (_, node) in explored.declared.items() if free in frees}
    runs = [run for exploration in explored.explorations for run in exploration.outcomes]
    explaining, proposing = Explaining(files, explored), Proposing(files, runs)
    for verdict in verdicts:
        node, rule = verdict.hit.site.node, verdict.rule
        if not isinstance(node, ir.Node):
            continue
        with failures.contained(rule.code, node):
            names = _names(files, verdict.hit, verdict.run, node)
            finding = _finding(files, explored, verdict, node, nodes, names)
            rests = Rests(
                verdict.hit.grounds, verdict.run, verdict.condition, verdict.assumptions, verdict.heir, verdict.alike
            )
            # what a finding rests on must not cost the finding, nor its drawing what it rests on
            with failures.contained(f"the explanation of {rule.code}", node):
                finding = explaining.explained(explaining.identified(finding, node), node, rests)
            if manner.drawn:
                with failures.contained(f"the drawing of {rule.code}", node):
                    finding = explaining.drawn(finding, rests)
            with failures.contained(f"the fix of {rule.code}", node):
                finding = replace(finding, fixes=_fixes(files, proposing, verdict, node, finding.help))
            yield files.path(node), finding


def _fixes(files: Files, proposing: Proposing, told: Told, node: ir.Node, title: str) -> tuple[Fix, ...]:
    """What would mend a finding that holds in every configuration; none of several is certain to be what was meant.

    A class that builds an LSTM or a GRU is read in two ways after ``output, state = self.rnn(x)``: what is written for
    the one is something else in the other, and no fix of either.  So it is where a place may hold what was not
    followed.
    """
    if told.condition or not told.hit.repairs or node in told.run.vague or _is_another_kind(told, node, proposing.runs):
        return ()
    found = _proposed(files, proposing, told.hit, told.run, node, title)
    asked = [_asks(told)]
    for case in told.cases if found else ():
        if _asks(case) not in asked:
            asked.append(_asks(case))
            edits = [one.edits for one in _proposed(files, proposing, case.hit, case.run, node, title)]
            found = [one for one in found if one.edits in edits]
    return tuple(found)


def _is_another_kind(told: Told, node: ir.Node, runs: Sequence[Outcome]) -> bool:
    """Whether another call site builds another kind of module there, of which nothing is wrong at the place."""
    call, spoke = told.hit.call, {case.run for case in told.cases}
    module, stands = (None, None) if call is None else (told.run.modules.get(call), told.run.stands.get(call))
    if module is None or stands is None:
        return False
    others = (run for run in runs if node in run.reached and not run.raises and run not in spoke)
    built = ((place, run.modules.get(one)) for run in others for one, place in run.stands.items())
    return any(place == stands and other is not None and other.cell != module.cell for place, other in built)


def _places(hit: Hit) -> bool:
    """Whether a hit names other places of the program."""
    return bool(hit.grounds.places)


def _asks(case: Told | Case[Outcome]) -> tuple[object, ...]:
    """What a fix is made of, beside the text: what is asked for, and what the run knows of the module and of names."""
    call = case.hit.call
    module = None if call is None else case.run.modules.get(call)
    return case.hit.repairs, None if module is None else module.cell, case.run.names


def _proposed(files: Files, proposing: Proposing, hit: Hit, run: Outcome, node: ir.Node, title: str) -> list[Fix]:
    finding = ToMend(node, run, _names(files, hit, run, node) or {}, title)
    repairs = hit.repairs if len(hit.repairs) == 1 else [replace(one, certain=False) for one in hit.repairs]
    fixes = (proposing.fix(one, finding) for one in repairs)
    return [one for one in fixes if one is not None]


def _names(files: Files, hit: Hit, run: Outcome, node: ir.Node) -> dict[str, str] | None:
    """What the results of the call are called where a hit stands; None where it is about no call."""
    call = hit.call
    if call is None:
        return None
    path = files.path(node)
    bindings = (one.node for each in run.names.values() for one in each)
    bound = {one: files.line(one) for one in bindings if files.path(one) == path}
    return names_at(run.names, call, node, files.line(node), bound)


def _finding(
    files: Files,
    explored: Explored,
    told: Told,
    node: ir.Node,
    nodes: Mapping[Free, ir.Node],
    names: Mapping[str, str] | None,
) -> Finding:
    """Where a hit stands, what its message is, and what to do."""
    place, path = files.span(node), files.path(node)
    conditions: Iterable[str] = ("",)
    if told.condition:
        where = {free: _where(files, path, one) for free, one in nodes.items()}
        conditions = spelled(told.condition, told.assumptions, explored.declared, where)
    beside = "" if told.hit.beside is None else _where(files, path, told.hit.beside.node)
    return Finding(
        place.line,
        place.column,
        told.rule.code,
        told.rule.name,
        message(told.hit, partial(files.text_of, node), conditions, beside, names),
        place.end_line,
        place.end_column,
        help=help_of(told.hit, beside, names),
        raises=told.hit.raises and not told.condition,
    )


def _where(files: Files, path: str, node: Hashable) -> str:
    """A place as a file names it: ``line 12``, or ``train.py:12`` where it is another file's."""
    if not isinstance(node, ir.Node):
        return ""
    other = files.path(node)
    return f"line {files.line(node)}" if other == path else f"{other}:{files.line(node)}"
