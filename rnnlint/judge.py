"""From runs to findings: which hold, in which configurations, and where they stand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial

import libcst as cst

from rnnlint.conditions import leads_there, makes_it_hold, spelled
from rnnlint.failures import Failure, Failures, Internal
from rnnlint.findings import Finding
from rnnlint.interpret.coverage import Fate, fates
from rnnlint.interpret.explore import Exploration, Explored, Outcome, explore
from rnnlint.interpret.state.naming import Bindings, names_at
from rnnlint.linter import Modules, Report, Unfollowed
from rnnlint.rules.hits import hits, message
from rnnlint.rules.rule import Hit, Rule
from rnnlint.settings import Settings
from rnnlint.source import program as ir
from rnnlint.source.parse import NotAnalysed, Parsed, parse, text_of
from rnnlint.source.positions import Span, spans
from rnnlint.values.facts import Fact, Kind


@dataclass(frozen=True, slots=True)
class Verdict:
    """A hit that is reported, and the assumptions it depends on (none where it always holds)."""

    rule: Rule
    hit: Hit
    condition: tuple[Fact, ...] = ()
    assumptions: Mapping[Fact, object] = field(default_factory=dict)
    names: Bindings = field(default_factory=dict)


def judged(text: str, settings: Settings) -> Report:
    """The report of a file that mentions an RNN."""
    parsed = parse(text)
    if isinstance(parsed, NotAnalysed):
        return Report(not_analysed=parsed.reason)
    try:
        explored = explore(parsed.program)
    except RecursionError:
        return Report(not_analysed="it is nested too deeply")
    failures = Failures()
    verdicts: dict[tuple[str, Hashable], tuple[tuple[bool, bool], Verdict]] = {}
    times: Counter[tuple[str, Hashable]] = Counter()
    for exploration in explored.explorations:
        with failures.contained(f"the judgement of {exploration.name}"):
            for verdict in _verdicts(exploration, explored, settings, failures):
                key = (verdict.rule.code, verdict.hit.site.node)
                times[key] += 1
                doubt = (
                    bool(exploration.bound),
                    bool(verdict.condition),
                )  # cut short, it may lack a condition
                if key not in verdicts or doubt < verdicts[key][0]:
                    verdicts[key] = doubt, verdict
    held = [v for key, (_, v) in verdicts.items() if not v.rule.everywhere or times[key] == _comings(explored, key[1])]
    told = {(verdict.rule.code, verdict.hit.site.node) for verdict in held}
    causes = {node for _, node in told}
    held = [verdict for verdict in held if verdict.hit.stands(causes, told)]
    found = _findings(parsed, explored, held, failures)
    modules = Modules()
    with failures.contained("the count of modules"):
        modules = _modules(fates(parsed.program, explored))
    internal = _internal(parsed, (*explored.failures, *failures.kept.values()))
    return Report(found, None, _unfollowed(parsed, explored), modules, internal)


def _unfollowed(parsed: Parsed, explored: Explored) -> tuple[Unfollowed, ...]:
    """What was not followed in the declared configuration, by line; 1 for the top level as a whole."""
    met: dict[tuple[str, Hashable], None] = {}
    for one in explored.explorations:
        if one.bound:
            met[f"{one.name} {one.bound}", one.where] = None
        if one.outcomes:
            met.update(dict.fromkeys(one.outcomes[0].unknown))
    nodes = {node: node.cst for _, node in met if isinstance(node, ir.Node)}
    places = spans(parsed.module, set(nodes.values())) if nodes else {}
    lines: dict[tuple[int, str], list[int]] = {}
    for reason, node in met:
        place = places[nodes[node]] if isinstance(node, ir.Node) else _TOP
        lines.setdefault((place.line, reason), []).append(place.column)
    return tuple(sorted(Unfollowed(line, min(at), reason, len(at)) for (line, reason), at in lines.items()))


_TOP = Span(1, 0, 1, 0)


def _internal(parsed: Parsed, failures: tuple[Failure, ...]) -> tuple[Internal, ...]:
    """Failures by line: 1 for what stands nowhere in particular."""
    nodes = {failure.where: failure.where.cst for failure in failures if isinstance(failure.where, ir.Node)}
    places = spans(parsed.module, set(nodes.values())) if nodes else {}
    lines: dict[Hashable, int] = {node: places[cst].line for node, cst in nodes.items()}
    found = {Internal(lines.get(one.where, 1), one.what, one.error, one.trace) for one in failures}
    return tuple(sorted(found))


def _modules(found: tuple[Fate, ...]) -> Modules:
    reasons = Counter(fate.reason for fate in found)
    understood = reasons.pop("", 0)
    return Modules(len(found), understood, tuple(sorted(reasons.items())))


def _comings(explored: Explored, node: Hashable) -> int:
    """In how many of a file's explorations the program comes by a place."""
    return sum(
        node not in one.known and any(node in outcome.reached for outcome in one.outcomes)
        for one in explored.explorations
    )


def _verdicts(
    exploration: Exploration, explored: Explored, settings: Settings, failures: Failures
) -> Iterator[Verdict]:
    """What to report of one function.

    A configuration in which the program raises is one nobody runs, unless it is the declared one, or no other comes by.
    One in which a rule failed counts for that rule neither for nor against.
    """
    found: dict[tuple[str, Hashable], list[tuple[Outcome, Rule, Hit]]] = {}
    failed: set[tuple[str, int]] = set()
    first = tuple(explored.declared)
    for outcome in exploration.outcomes:
        seen: set[tuple[str, Hashable]] = set()
        for rule, hit in hits(outcome.events, failures):
            if hit is None:
                failed.add((rule.code, id(outcome)))
                continue
            key = (rule.code, hit.site.node)
            if key not in seen and hit.site.node not in exploration.known:
                seen.add(key)
                found.setdefault(key, []).append((outcome, rule, hit))
    for (code, node), cases in found.items():
        spoke = {id(outcome) for outcome, _, _ in cases}  # what was said at a place was said by a run that came by
        passing = [
            outcome
            for outcome in exploration.outcomes
            if id(outcome) in spoke or (node in outcome.reached and (code, id(outcome)) not in failed)
        ]
        raising = all(outcome.raises for outcome in passing if outcome.declared)
        reaching = [one for one in passing if not one.raises or (one.declared and raising)] or passing
        if settings.all_configurations:
            reaching += [one for one, _, hit in cases if hit.raises and one not in reaching]
        holding = [case for case in cases if case[0] in reaching]
        declared = [outcome for outcome in reaching if outcome.declared]
        if not holding:
            continue
        outcome, rule, hit = next((case for case in holding if case[0].declared), holding[0])
        held = [case[0] for case in holding]
        passing_by = [
            one for one in exploration.outcomes if node not in one.reached and id(one) not in spoke and not one.raises
        ]
        others = [one for one in reaching if one not in held]
        if not others:
            known = [free for free in hit.defaults if free in explored.declared]
            defaults: dict[Fact, object] = {Fact(Kind.NUMBER, free): explored.declared[free][0].value for free in known}
            heir = {**_inherited(exploration, node), **defaults}
            guard = leads_there(held, passing_by, first) or ()
            yield Verdict(rule, hit, (*heir, *guard), {**outcome.assumptions, **heir}, outcome.names)
        elif declared and all(one in held for one in declared):
            heir = _inherited(exploration, node)
            condition = makes_it_hold(outcome, others, passing_by, first) or ()
            yield Verdict(rule, hit, (*heir, *condition), {**heir, **outcome.assumptions}, outcome.names)
        elif settings.all_configurations:
            told = [(makes_it_hold(case[0], others, passing_by, first), case) for case in holding]
            certain = [(facts, case) for facts, case in told if facts is not None]
            if certain:
                facts, (outcome, rule, hit) = min(certain, key=lambda one: len(one[0]))
                yield Verdict(rule, hit, facts, outcome.assumptions, outcome.names)


def _inherited(exploration: Exploration, node: Hashable) -> dict[Fact, object]:
    """The class whose inherited method this is, where the place is not in its own body."""
    heir = exploration.heir
    return {} if heir is None or any(inner is node for inner in ir.walk(heir)) else {Fact(Kind.HEIR, heir.name): True}


def _findings(parsed: Parsed, explored: Explored, verdicts: list[Verdict], failures: Failures) -> tuple[Finding, ...]:
    sites = [(v, v.hit.site.node) for v in verdicts]
    found: list[Finding] = []
    wanted = {node.cst for _, node in sites if isinstance(node, ir.Node)}
    wanted |= {v.hit.beside.node.cst for v in verdicts if v.hit.beside and isinstance(v.hit.beside.node, ir.Node)}
    if not wanted:
        return ()
    frees = {fact.about for v in verdicts for fact in v.condition}
    wanted |= {node.cst for free, (_, node) in explored.declared.items() if free in frees}
    naming = {one.node for v in verdicts if v.hit.call for each in v.names.values() for one in each}
    wanted |= {node.cst for node in naming}
    places = spans(parsed.module, wanted)
    bound = {node: places[node.cst].line for node in naming if node.cst in places}
    lines = {free: places[node.cst].line for free, (_, node) in explored.declared.items() if free in frees}
    for verdict, node in sites:
        if not isinstance(node, ir.Node):
            continue
        place, rule = places[node.cst], verdict.rule
        with failures.contained(rule.code, node):
            conditions = (
                spelled(verdict.condition, verdict.assumptions, explored, lines) if verdict.condition else ("",)
            )
            shown = partial(text_of, parsed.module, node.cst)
            call = verdict.hit.call
            names = None if call is None else names_at(verdict.names, call, node, place.line, bound)
            text = message(verdict.hit, shown, conditions, _line_beside(verdict.hit, places), names)
            found.append(
                Finding(place.line, place.column, rule.code, rule.name, text, place.end_line, place.end_column)
            )
    return tuple(sorted(found))


def _line_beside(hit: Hit, places: Mapping[cst.CSTNode, Span]) -> int:
    """The line of the second place a message speaks of; 0 where there is none."""
    node = None if hit.beside is None else hit.beside.node
    return places[node.cst].line if isinstance(node, ir.Node) else 0
