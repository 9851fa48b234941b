"""From runs to findings: which hold, in which configurations, and where they stand."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping
from dataclasses import field
from functools import partial
from typing import TypeAlias

from rnnlint.conditions import Condition, spelled
from rnnlint.explaining.findings import Explaining
from rnnlint.explaining.rests import Rests
from rnnlint.failures import Failure, Failures, Internal
from rnnlint.findings import Finding
from rnnlint.frozen import dataclass
from rnnlint.holding import Always, Case, Sometimes, Time, Verdict, coming_by, holds, shown, standing, throughout
from rnnlint.interpret.coverage import Fate, fates
from rnnlint.interpret.explore import explore
from rnnlint.interpret.outcomes import Exploration, Explored, Outcome
from rnnlint.interpret.state.naming import names_at
from rnnlint.report import Modules, Report, Unfollowed
from rnnlint.rules.hits import Hearing, help_of, message
from rnnlint.rules.rule import Hit, Rule
from rnnlint.settings import Settings
from rnnlint.source import program as ir
from rnnlint.source import walking
from rnnlint.source.parse import NotAnalysed, Parsed, parse
from rnnlint.source.positions import Span
from rnnlint.values.domain import Free
from rnnlint.values.facts import Fact, FactKind


@dataclass(frozen=True, slots=True)
class Told:
    """A hit that is reported, and the assumptions it depends on (none where it always holds)."""

    rule: Rule
    hit: Hit
    run: Outcome
    condition: Condition = ()
    assumptions: Mapping[Fact, object] = field(default_factory=dict)
    heir: ir.ClassDef | None = None
    alike: tuple[Case[Outcome], ...] = ()


_Key: TypeAlias = tuple[str, Hashable]  # a rule's code and the place of what it said: one finding


def judged(text: str, settings: Settings, tree: ast.Module | None = None) -> Report:
    """The report of a file that mentions an RNN; ``tree`` is what Python has parsed it to, where somebody has it."""
    parsed = parse(text, tree)
    if isinstance(parsed, NotAnalysed):
        return Report(not_analysed=parsed.reason)
    try:
        explored = explore(parsed.program)
    except RecursionError:
        return Report(not_analysed="it is nested too deeply")
    failures = Failures()
    kept = _kept(explored, settings, failures)
    found = _findings(parsed, explored, kept, failures)
    # last of all, since what fails in the count costs nobody a finding
    modules = Modules()
    with failures.contained("the count of modules"):
        modules = _modules(fates((parsed.program,), explored))
    internal = _internal(parsed, (*explored.failures, *failures.kept.values()))
    return Report(found, None, _unfollowed(parsed, explored), modules, internal)


def _kept(explored: Explored, settings: Settings, failures: Failures) -> list[Told]:
    """What is reported of a file, each finding once, by the function that knows best what it depends on."""
    hearing = Hearing(failures)
    told: dict[_Key, dict[int, Told]] = {}  # and by the number of the function of which it is told
    for number, exploration in enumerate(explored.explorations):
        with failures.contained(f"the judgement of {exploration.name}"):
            for one in _told(exploration, explored, settings, hearing):
                told.setdefault((one.rule.code, one.hit.site.node), {})[number] = one

    def doubt(way: tuple[int, Told]) -> tuple[bool, bool]:
        """Less is better.  An exploration that was cut short may lack a condition, so that comes before having one."""
        number, one = way
        return bool(explored.explorations[number].bound), bool(one.condition)

    kept = [min(ways.items(), key=doubt)[1] for key, ways in told.items() if _throughout(explored, key, ways)]
    return list(standing(kept))


def _throughout(explored: Explored, key: _Key, ways: Mapping[int, Told]) -> bool:
    """Whether a rule may say what it says of these of the functions from which a place is come by."""
    rule, (_, node) = next(iter(ways.values())).rule, key
    if not rule.everywhere:
        return True
    numbered = enumerate(explored.explorations)
    times = {number: Time() for number, one in numbered if number in ways or _comes_by(one, node)}
    return throughout(rule, [Case(times[number], one.hit) for number, one in ways.items()], times.values())


def _comes_by(exploration: Exploration, node: Hashable) -> bool:
    """Whether a function comes by a place in any run, where no other has looked at it instead."""
    return node not in exploration.known and any(node in outcome.reached for outcome in exploration.outcomes)


def _unfollowed(parsed: Parsed, explored: Explored) -> tuple[Unfollowed, ...]:
    """What was not followed in the declared configuration, by line; 1 for the top level as a whole."""
    met: dict[tuple[str, Hashable], None] = {}
    for one in explored.explorations:
        if one.bound:
            met[f"{one.name} {one.bound}", one.where] = None
        if one.outcomes:  # explore() runs the declared configuration first
            met.update(dict.fromkeys(one.outcomes[0].unknown))
    lines: dict[tuple[int, str], list[int]] = {}
    for reason, node in met:
        place = parsed.span(node) if isinstance(node, ir.Node) else _TOP
        lines.setdefault((place.line, reason), []).append(place.column)
    return tuple(sorted(Unfollowed(line, min(at), reason, len(at)) for (line, reason), at in lines.items()))


_TOP = Span(1, 0, 1, 0)


def _internal(parsed: Parsed, failures: tuple[Failure, ...]) -> tuple[Internal, ...]:
    """Failures by line: 1 for what stands nowhere in particular."""
    found = {Internal(_line(parsed, one.where) or 1, one.what, one.error, one.trace) for one in failures}
    return tuple(sorted(found))


def _line(parsed: Parsed, node: Hashable) -> int:
    """The line of a place; 0 for what stands nowhere in particular."""
    return parsed.line(node) if isinstance(node, ir.Node) else 0


def _modules(found: tuple[Fate, ...]) -> Modules:
    reasons = Counter(fate.reason for fate in found)
    understood = reasons.pop("", 0)
    return Modules(len(found), understood, tuple(sorted(reasons.items())))


def _told(exploration: Exploration, explored: Explored, settings: Settings, hearing: Hearing) -> Iterator[Told]:
    """What to report of one function."""
    cases: dict[_Key, tuple[Rule, list[Case[Outcome]]]] = {}
    failed: dict[str, set[Outcome]] = {}
    for outcome in exploration.outcomes:
        seen: set[_Key] = set()  # of what a rule says at a place in one run, the first counts
        for rule, hit in hearing.of(outcome.events):
            if hit is None:
                failed.setdefault(rule.code, set()).add(outcome)
                continue
            key = (rule.code, hit.site.node)
            if key not in seen and hit.site.node not in exploration.known:
                seen.add(key)
                cases.setdefault(key, (rule, []))[1].append(Case(outcome, hit))
    first = tuple(explored.declared)
    for (code, node), (rule, said) in cases.items():
        runs = coming_by(exploration.outcomes, node, {case.run for case in said}, failed.get(code, frozenset()))
        verdict = holds(said, runs, first, raising_too=settings.all_configurations)
        report = shown(verdict, settings)
        if report is not None:
            hit, run = report.case.hit, report.case.run
            beside = _beside(verdict, hit, exploration, explored)
            heir = exploration.heir if any(fact.kind is FactKind.HEIR for fact in beside) else None
            condition = (*beside, *report.condition)
            # a default counts where it is what the run assumes: what no condition names is arbitrary in another
            settled = {*condition, *(explored.declared if run.declared else ())}
            alike = tuple(_alike(run, said, settled))
            yield Told(rule, hit, run, condition, {**run.assumptions, **beside}, heir, alike)


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


def _findings(parsed: Parsed, explored: Explored, verdicts: list[Told], failures: Failures) -> tuple[Finding, ...]:
    found: list[Finding] = []
    frees = {fact.about for v in verdicts for fact in v.condition}
    lines = {free: _line(parsed, node) for free, (_, node) in explored.declared.items() if free in frees}
    explaining = Explaining(parsed, explored)
    for verdict in verdicts:
        node, rule = verdict.hit.site.node, verdict.rule
        if not isinstance(node, ir.Node):
            continue
        with failures.contained(rule.code, node):
            finding = _finding(parsed, explored, verdict, node, lines)
            # what a finding rests on must not cost the finding
            with failures.contained(f"the explanation of {rule.code}", node):
                rests = Rests(
                    verdict.hit.grounds,
                    verdict.run,
                    verdict.condition,
                    verdict.assumptions,
                    verdict.heir,
                    verdict.alike,
                )
                finding = explaining.explained(explaining.identified(finding, node), rests)
            found.append(finding)
    return tuple(sorted(found))


def _finding(parsed: Parsed, explored: Explored, told: Told, node: ir.Node, lines: Mapping[Free, int]) -> Finding:
    """Where a hit stands, what its message is, and what to do."""
    place = parsed.span(node)
    conditions = spelled(told.condition, told.assumptions, explored.declared, lines) if told.condition else ("",)
    call, names = told.hit.call, None
    if call is not None:
        bound = {one.node: parsed.line(one.node) for each in told.run.names.values() for one in each}
        names = names_at(told.run.names, call, node, place.line, bound)
    beside = 0 if told.hit.beside is None else _line(parsed, told.hit.beside.node)
    return Finding(
        place.line,
        place.column,
        told.rule.code,
        told.rule.name,
        message(told.hit, partial(parsed.text_of, node), conditions, beside, names),
        place.end_line,
        place.end_column,
        help=help_of(told.hit, beside, names),
    )
