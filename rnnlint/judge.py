"""From runs to findings: which hold, in which configurations, and where they stand."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from functools import cache

from rnnlint.findings import Finding
from rnnlint.interpret.explore import Exploration, Explored, Outcome, explore
from rnnlint.linter import Report
from rnnlint.rules import registry
from rnnlint.rules.rule import Hit, Rule
from rnnlint.settings import Settings
from rnnlint.source import program as ir
from rnnlint.source.parse import NotAnalysed, Parsed, parse, text_of
from rnnlint.source.positions import spans
from rnnlint.values.domain import Free

_LONGEST = 120


@dataclass(frozen=True, slots=True)
class Verdict:
    """A hit that is reported, and the condition it depends on ("" for none)."""

    rule: Rule
    hit: Hit
    condition: str = ""


def judged(text: str, settings: Settings) -> Report:
    """The report of a file that mentions an RNN."""
    parsed = parse(text)
    if isinstance(parsed, NotAnalysed):
        return Report(not_analysed=parsed.reason)
    try:
        explored = explore(parsed.program)
    except RecursionError:
        return Report(not_analysed="it is nested too deeply")
    verdicts: dict[tuple[str, Hashable], Verdict] = {}
    for exploration in explored.explorations:
        for verdict in _verdicts(exploration, explored, settings):
            key = (verdict.rule.code, verdict.hit.site.node)
            known = verdicts.get(key)
            if known is None or (known.condition and not verdict.condition):
                verdicts[key] = verdict
    unknown: dict[str, int] = {}
    if explored.exhausted or any(exploration.cut_short for exploration in explored.explorations):
        unknown["a bound on the work for one file was reached"] = 1
    for exploration in explored.explorations:
        for reason, count in exploration.outcomes[0].unknown if exploration.outcomes else ():
            unknown[reason] = unknown.get(reason, 0) + count
    return Report(_findings(parsed, list(verdicts.values())), None, tuple(sorted(unknown.items())))


def _hits(outcome: Outcome) -> Iterator[tuple[Rule, Hit]]:
    checks = _checks()
    for event in outcome.events:
        for rule in checks.get(type(event), ()):
            for hit in rule.check(event):
                yield rule, hit


@cache
def _checks() -> dict[type, list[Rule]]:
    """The rules by the type of event they ask for."""
    found: dict[type, list[Rule]] = {}
    for rule in registry().values():
        for event in rule.events:
            found.setdefault(event, []).append(rule)
    return found


def _verdicts(exploration: Exploration, explored: Explored, settings: Settings) -> Iterator[Verdict]:
    """What to report of one function.

    A configuration in which the program raises is one nobody runs, unless it is the declared one, or no other comes by.
    """
    found: dict[tuple[str, Hashable], list[tuple[Outcome, Rule, Hit]]] = {}
    for outcome in exploration.outcomes:
        seen: set[tuple[str, Hashable]] = set()
        for rule, hit in _hits(outcome):
            key = (rule.code, hit.site.node)
            if key not in seen:
                seen.add(key)
                found.setdefault(key, []).append((outcome, rule, hit))
    for (_, node), cases in found.items():
        passing = [outcome for outcome in exploration.outcomes if node in outcome.reached]
        reaching = [outcome for outcome in passing if not outcome.raises or _all_declared(outcome, explored)] or passing
        holding = [case for case in cases if case[0] in reaching]
        declared = [outcome for outcome in reaching if outcome.declared]
        if not holding:
            continue
        outcome, rule, hit = next((case for case in holding if case[0].declared), holding[0])
        held = [case[0] for case in holding]
        if len(held) == len(reaching):
            yield Verdict(rule, hit)
        elif declared and all(one in held for one in declared):
            yield Verdict(rule, hit, _condition(outcome, held, reaching, explored))
        elif settings.all_configurations:
            certain = [one for one in held if all(other in held for other in reaching if _chosen(other) == _chosen(one))]
            if certain:
                yield Verdict(rule, hit, _condition(certain[0], held, reaching, explored))


def _chosen(outcome: Outcome) -> dict[Hashable, object]:
    """What was assumed of the program's configuration, without the sizes that were set equal to make it fit."""
    return {key: value for key, value in outcome.assumptions.items() if isinstance(key, tuple) and key[0] in _STEERING}


_STEERING = frozenset({"int", "truth", "choice", "==", "in", "is None"})


def _all_declared(outcome: Outcome, explored: Explored) -> bool:
    """Whether a configuration is the declared one throughout: nothing in it had to be chosen."""
    return outcome.declared and all(
        any(isinstance(part, Free) and part in explored.declared for part in key)
        for key in outcome.assumptions
        if isinstance(key, tuple) and key[0] in ("int", "truth", "choice")
    )


def _condition(
    case: Outcome, holding: list[Outcome], reaching: list[Outcome], explored: Explored
) -> str:
    """The assumptions that tell the configurations in which it holds from the others: at most two."""
    others = [outcome for outcome in reaching if outcome not in holding]
    parts: list[str] = []
    for key, value in _chosen(case).items():
        if others and all(outcome.assumptions.get(key, value) != value for outcome in others):
            return _spelled(key, value, explored)
        if any(outcome.assumptions.get(key, value) != value for outcome in others):
            parts.append(_spelled(key, value, explored))
    return " and ".join(parts[:2])


def _spelled(key: Hashable, value: object, explored: Explored) -> str:
    assert isinstance(key, tuple)
    what, free, *rest = key
    name = free.key if isinstance(free, Free) else str(free)
    declared = explored.declared.get(free) if isinstance(free, Free) else None
    text = {"in": f"{name} {'in' if value else 'not in'} {rest}", "is None": f"{name} is {'' if value else 'not '}None", "==": f"{name} {'==' if value else '!='} {rest}"}
    said = text.get(what, f"{name}={value}")
    return f"{said}, the default" if declared is not None and declared[0].value == value else said


def _findings(parsed: Parsed, verdicts: list[Verdict]) -> tuple[Finding, ...]:
    nodes = {v.hit.site.node for v in verdicts if isinstance(v.hit.site.node, ir.Node)}
    if not nodes:
        return ()
    places = spans(parsed.module, [node.cst for node in nodes])
    found: list[Finding] = []
    for verdict in verdicts:
        node = verdict.hit.site.node
        if not isinstance(node, ir.Node):
            continue
        place = places[node.cst]
        message = _message(parsed, node, verdict)
        rule = verdict.rule
        found.append(
            Finding(place.line, place.column, rule.code, rule.name, message, place.end_line, place.end_column)
        )
    return tuple(sorted(found))


def _message(parsed: Parsed, node: ir.Node, verdict: Verdict) -> str:
    template = verdict.hit.message
    if verdict.condition:
        template = f"{template} (when {verdict.condition})"
    room = max(_LONGEST - len(template) + len("{expr}") - len("RNN101 "), 12)
    return template.replace("{expr}", text_of(parsed.module, node.cst, room))
