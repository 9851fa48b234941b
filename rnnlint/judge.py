"""From runs to findings: which hold, in which configurations, and where they stand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial

import libcst as cst

from rnnlint.failures import Failure, Failures, Internal
from rnnlint.findings import Finding
from rnnlint.interpret.explore import Exploration, Explored, Outcome, explore
from rnnlint.interpret.fates import Fate, fates
from rnnlint.linter import Modules, Report
from rnnlint.rules.hits import hits, message
from rnnlint.rules.rule import Hit, Rule
from rnnlint.settings import Settings
from rnnlint.source import program as ir
from rnnlint.source.parse import NotAnalysed, Parsed, parse, text_of
from rnnlint.source.positions import Span, spans
from rnnlint.values.domain import Free


@dataclass(frozen=True, slots=True)
class Verdict:
    """A hit that is reported, and the assumptions it depends on (none where it always holds)."""

    rule: Rule
    hit: Hit
    condition: tuple[Hashable, ...] = ()
    assumptions: Mapping[Hashable, object] = field(default_factory=dict)


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
    causes = {verdict.hit.site.node for verdict in held}
    held = [verdict for verdict in held if causes.isdisjoint(site.node for site in verdict.hit.follows)]
    unknown = {f"{one.name} {one.bound}": 1 for one in explored.explorations if one.bound}
    for exploration in explored.explorations:
        for reason, count in exploration.outcomes[0].unknown if exploration.outcomes else ():
            unknown[reason] = unknown.get(reason, 0) + count
    found = _findings(parsed, explored, held, failures)
    modules = Modules()
    with failures.contained("the count of modules"):
        modules = _modules(fates(parsed.program, explored))
    internal = _internal(parsed, (*explored.failures, *failures.kept.values()))
    return Report(found, None, tuple(sorted(unknown.items())), modules, internal)


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
        if len(held) == len(reaching):
            defaults: dict[Hashable, object] = {
                ("int", free): explored.declared[free][0].value for free in hit.defaults if free in explored.declared
            }
            heir = {**_inherited(exploration, node), **defaults}
            guard = _guard(held, [one for one in exploration.outcomes if node not in one.reached and not one.raises])
            yield Verdict(rule, hit, (*heir, *guard), {**outcome.assumptions, **heir})
        elif declared and all(one in held for one in declared):
            heir = _inherited(exploration, node)
            condition = (*heir, *_condition(outcome, held, reaching))
            yield Verdict(rule, hit, condition, {**heir, **outcome.assumptions})
        elif settings.all_configurations:
            certain = [
                one for one in held if all(other in held for other in reaching if _chosen(other) == _chosen(one))
            ]
            if certain:
                yield Verdict(rule, hit, _condition(certain[0], held, reaching), certain[0].assumptions)


def _guard(held: list[Outcome], passing_by: list[Outcome]) -> tuple[Hashable, ...]:
    """What is assumed wherever a place is reached, and nowhere else: the guard that leads there."""
    for key, value in _chosen(held[0]).items():
        mine = all(one.assumptions.get(key) == value for one in held)
        if passing_by and mine and all(one.assumptions.get(key, value) != value for one in passing_by):
            return (key,)
    return ()


def _inherited(exploration: Exploration, node: Hashable) -> dict[Hashable, object]:
    """The class whose inherited method this is, where the place is not in its own body."""
    heir = exploration.heir
    return {} if heir is None or any(inner is node for inner in ir.walk(heir)) else {("class", heir.name): True}


def _chosen(outcome: Outcome) -> dict[Hashable, object]:
    """What was assumed of the program's configuration, without the sizes that were set equal to make it fit."""
    return {key: value for key, value in outcome.assumptions.items() if isinstance(key, tuple) and key[0] in _STEERING}


_STEERING = frozenset({"int", "truth", "choice", "==", "in", "is None"})


def _condition(case: Outcome, holding: list[Outcome], reaching: list[Outcome]) -> tuple[Hashable, ...]:
    """The assumptions that tell the configurations in which it holds from the others: one if one will do, else two."""
    others = [_chosen(outcome) for outcome in reaching if outcome not in holding]
    apart = [
        (sum(other.get(key, value) != value for other in others), -order, key)
        for order, (key, value) in enumerate(_chosen(case).items())
    ]
    telling = [key for count, _, key in sorted(apart, key=lambda row: row[:2], reverse=True) if count]
    if telling and all(other.get(telling[0]) != case.assumptions[telling[0]] for other in others):
        return tuple(telling[:1])
    return tuple(telling[:2])


def _spelled(verdict: Verdict, explored: Explored, places: Mapping[cst.CSTNode, Span]) -> Iterator[str]:
    """The condition in words, at its fullest first."""
    full: list[str] = []
    short: list[str] = []
    for key in verdict.condition:
        assert isinstance(key, tuple)
        what, free, *rest = key
        value = verdict.assumptions[key]
        name = free.key if isinstance(free, Free) else str(free)
        said = {
            "class": f"built as {name}",
            "in": f"{name} {'in' if value else 'not in'} {rest and rest[0]!r}",
            "is None": f"{name} is {'' if value else 'not '}None",
            "==": f"{name} {'==' if value else '!='} {rest and rest[0]!r}",
        }.get(what, f"{name}={value!r}")
        short.append(said)
        declared = explored.declared.get(free) if isinstance(free, Free) else None
        if declared is not None and _is_default(declared[0].value, what, value, rest):
            said = f"{said}, the default at line {places[declared[1].cst].line}"
        full.append(said)
    for parts in (full, short, short[:1]):
        yield f" (when {' and '.join(parts)})"
    yield ""


def _is_default(default: object, what: object, value: object, rest: list[object]) -> bool:
    """Whether a parameter's default is what a condition says of it."""
    if what == "==":
        return (default == rest[0]) is value
    if what == "in":
        return isinstance(default, str) and (default in str(rest[0])) is value
    return default == value


def _findings(parsed: Parsed, explored: Explored, verdicts: list[Verdict], failures: Failures) -> tuple[Finding, ...]:
    sites = [(v, v.hit.site.node) for v in verdicts]
    found: list[Finding] = []
    wanted = {node.cst for _, node in sites if isinstance(node, ir.Node)}
    wanted |= {v.hit.beside.node.cst for v in verdicts if v.hit.beside and isinstance(v.hit.beside.node, ir.Node)}
    if not wanted:
        return ()
    frees = {part for v in verdicts for key in v.condition if isinstance(key, tuple) for part in key}
    wanted |= {node.cst for free, (_, node) in explored.declared.items() if free in frees}
    places = spans(parsed.module, wanted)
    for verdict, node in sites:
        if not isinstance(node, ir.Node):
            continue
        place, rule = places[node.cst], verdict.rule
        with failures.contained(rule.code, node):
            conditions = _spelled(verdict, explored, places) if verdict.condition else ("",)
            shown = partial(text_of, parsed.module, node.cst)
            text = message(verdict.hit, shown, conditions, _line_beside(verdict.hit, places))
            found.append(
                Finding(place.line, place.column, rule.code, rule.name, text, place.end_line, place.end_column)
            )
    return tuple(sorted(found))


def _line_beside(hit: Hit, places: Mapping[cst.CSTNode, Span]) -> int:
    """The line of the second place a message speaks of; 0 where there is none."""
    node = None if hit.beside is None else hit.beside.node
    return places[node.cst].line if isinstance(node, ir.Node) else 0
