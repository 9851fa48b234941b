"""Every function of a program, run once in each configuration it leaves open."""

from __future__ import annotations

import os
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import field, replace
from types import MappingProxyType
from typing import TypeAlias

from rnnlint.failures import Failures
from rnnlint.frozen import dataclass
from rnnlint.interpret import building_sites, rebuilding, unused_states, wiring
from rnnlint.interpret.bounds import Bounds
from rnnlint.interpret.class_order import in_order
from rnnlint.interpret.ended_runs import farthest, outcome_of
from rnnlint.interpret.evaluate.functions import enter
from rnnlint.interpret.inheritance import Built, Modules, built_of, modules_of, says_more
from rnnlint.interpret.outcomes import Exploration, Explored, Outcome, Unmade, settle
from rnnlint.interpret.python.calls import call
from rnnlint.interpret.rebound import rebound, set_elsewhere, set_in_functions
from rnnlint.interpret.relevance import Concerned, concerned, holders_of, methods
from rnnlint.interpret.sparing import Sparing, Speaks
from rnnlint.interpret.starts import Start, alternatives, text_of
from rnnlint.interpret.state.frames import Base
from rnnlint.interpret.state.known import CallSite, Known, Learned
from rnnlint.interpret.state.limits import LIMITS
from rnnlint.interpret.state.made_once import MadeOnce
from rnnlint.interpret.state.recorded import Replays
from rnnlint.interpret.state.run import OutOfBudget, Ports, Run
from rnnlint.interpret.top_level import bindings, top_level
from rnnlint.interpret.watching import watch
from rnnlint.source import program as ir
from rnnlint.source import walking
from rnnlint.source.links import NO_LINKS, Links
from rnnlint.source.mentions import names_recurrent
from rnnlint.torch_api.context import Need, TorchRaises
from rnnlint.values.domain import Class, Function, Lit, Ref, Value

PORTS = Ports(enter, call)
MODULE = "the top level"
TOO_DEEP = "nested too deeply to be followed"
NOTHING_GIVEN: Mapping[str, CallSite] = MappingProxyType({})


Body: TypeAlias = Callable[[Run, Start], Value | None]


@dataclass(slots=True)
class Exploring:
    """The runs of one program, and what is known by now: here alone it is added what a run has learned.

    ``total`` are the steps that all of them may take, ``guests`` what is left of them to files that build no module.
    """

    known: Known
    total: int = LIMITS.total_steps
    guests: dict[str, int] = field(default_factory=dict)
    watched: frozenset[ir.Node] = frozenset()  # nodes of which the outcomes keep what they were
    speaks: Speaks | None = None  # None where all configurations are asked for
    failures: Failures = field(default_factory=Failures)
    replays: Replays | None = None
    made: MadeOnce = field(default_factory=MadeOnce)
    built: dict[Hashable, set[Built]] = field(default_factory=dict)  # recurrent modules, by the class that holds them
    modules: Mapping[int, Modules] = field(default_factory=dict)  # what ``base``, where classes begin, holds of them
    begun: set[Hashable] = field(default_factory=set)  # the methods that were run by themselves
    come_by: frozenset[ir.Node] = frozenset()  # the places that top levels and functions have come by

    def learn(self, learned: Learned) -> None:
        """A run is over, however it ended: what it has met on the way is so for all that."""
        self.known = self.known.and_(learned)
        self.failures.add(learned.failures)


def explore(program: ir.Program, watched: frozenset[ir.Node] = frozenset(), replay: bool | None = None) -> Explored:
    """Run a file by itself, as :func:`explore_all` runs several."""
    return explore_all((program,), NO_LINKS, watched, replay)


def explore_all(
    programs: Sequence[ir.Program],
    links: Links,
    watched: frozenset[ir.Node] = frozenset(),
    replay: bool | None = None,
    speaks: Speaks | None = None,
    every: bool = False,
) -> Explored:
    """Run the top level of each file, then their functions, then their classes in the configurations they are built in.

    In this order, since the top level builds the classes and hands functions what they are given; and bases before what
    inherits them, builders before what they build (``class_order``).  Files are given in the order in which they import
    each other; ``links`` say what their imports lead to.
    Of the nodes that are ``watched`` the outcomes keep what they were.  Without ``replay`` all is run, however often
    the same was run before (``interpret.state.replay``); where it is not said, ``RNNLINT_REPLAY=0`` in the environment
    says so, to find out whether a finding depends on it.  ``speaks`` tells of events whether anything is said of them:
    where it is given, configurations are left out in which nothing would be (``interpret.sparing``).  ``every``: all
    configurations are asked for, also such as nobody in the files builds.  Raises RecursionError where the program is
    nested deeper than Python's stack before any run has begun; everything else that goes wrong is in ``failures``.
    """
    replay = os.environ.get("RNNLINT_REPLAY") != "0" if replay is None else replay
    # what is watched is looked at whenever it is run
    replays = Replays() if replay and not watched else None
    file = _begun(programs, links, watched, speaks, replays, every)
    explorations: list[Exploration] = []
    base, outside = Base(), set_elsewhere(programs, links)
    for program in programs:
        module = Exploration(MODULE, file=program.key)
        explorations.append(module)
        base = _file(file, base, program, module, outside.get(program.key, set()))
    # whoever asks what values are asks that of all that may be about an RNN, whatever a rule can say of it
    holders = None if watched else holders_of(programs)
    of = concerned(base, holders)
    own = list(base.definitions(program.key for program in programs if not program.helps))
    for key, name, value in own:
        if name in of.names and isinstance(value, Function) and isinstance(value.node, ir.FunctionDef):
            # its callers say how a model is used, and what it does with any other is nobody's
            if key in file.guests and value.node in file.known.entered:
                continue
            exploration = Exploration(name, where=value.node, file=key)
            explorations.append(exploration)
            with file.failures.contained(f"the analysis of {name}", value.node):
                _runs(file, [Start(base)], exploration, _calling(value))
    file.modules = modules_of(base.heap)
    outcomes = [one for exploration in explorations for one in exploration.outcomes] if every else []
    file.come_by = frozenset[ir.Node]().union(*(one.reached for one in outcomes))
    explorations += _classes(file, base, own, of)
    explorations += _wired(file, base, own, of)
    settle(explorations, file.known.text.batches)
    return Explored(
        tuple(explorations), dict(file.known.declared), base, tuple(file.failures.kept.values()), file.known.sizes
    )


def _begun(
    programs: Sequence[ir.Program],
    links: Links,
    watched: frozenset[ir.Node],
    speaks: Speaks | None,
    replays: Replays | None,
    every: bool,
) -> Exploring:
    """What is known before anything is run."""
    work = sum(not program.helps for program in programs)
    guests = {program.key: LIMITS.guest for program in programs if program.guest}
    known = Known(text_of(programs, links), every=every)
    return Exploring(known, LIMITS.total_steps * work, guests, watched, speaks, replays=replays)


def _file(file: Exploring, base: Base, program: ir.Program, module: Exploration, outside: set[str]) -> Base:
    """Run the top level of a file, and what is bound then; ``outside`` are names that other files set."""
    start = Start(base)
    ends = _runs(file, [start], module, lambda run, _: top_level(run, program), binding=True)
    # one that asks for one thing after the other may use up all its attempts, and nothing would be known of the file
    ends = ends or _runs(
        file, [start], Exploration(MODULE, file=program.key), lambda run, _: bindings(run, program), binding=True
    )
    if not ends:
        return base
    names, _ = ends[0].base.scopes[ends[0].base.files[program.key]]
    # whatever the last one says: runs of functions and classes begin here, and may be those of an earlier moment
    others = {*rebound(program.body), *outside}
    names.update({name: file.made.frees[name, "global"] for name in others if name in names})
    for name, attribute in set_in_functions(program):
        cls = names.get(name)
        info = ends[0].base.classes.get(cls.node) if isinstance(cls, Class) else None
        if isinstance(cls, Class) and info is not None and isinstance(info.names.get(attribute), Lit):
            opened = {**info.names, attribute: file.made.frees[f"{name}.{attribute}", "global"]}
            ends[0].base.classes[cls.node] = replace(info, names=opened)
    return ends[0].base


def _runs(
    file: Exploring, starts: list[Start], exploration: Exploration, body: Body, *, binding: bool = False
) -> list[Start]:
    """Complete runs of ``body``, one for each configuration, that of the declared defaults first.

    Returns where those that did not raise have ended.
    """
    ends: list[Start] = []
    pending = list(reversed(starts))  # a stack: what the first run needs to know is answered before the next begins
    attempts, spared = 0, list[Start]()
    asked: tuple[Run, Start] | None = None  # the last run that had to know something more
    # methods begin in every configuration that was built: it is they who tell which of these differ
    sparing = Sparing(None if binding else file.speaks)
    most = min(LIMITS.exploration, file.guests.get(exploration.file, LIMITS.exploration))
    if most <= 0:
        exploration.bound = f"beyond {LIMITS.guest:,} steps of the runs of a file that builds no module"
        return []
    # what a script does is said at its top level, option by option; its steps are bounded
    binds = exploration.name == MODULE and exploration.file not in file.guests
    bounds = Bounds(file.known.steps, file.total, binds, most)
    while pending:
        start = pending.pop()
        if sparing.spares(start.assumptions, file.known.facts):
            spared.append(start)
            continue
        attempts += 1
        bound = bounds.reached(file.known.steps, len(exploration.outcomes), attempts)
        if bound:
            exploration.bound = bound
            exploration.unmade += [Unmade(one.assumptions) for one in (start, *reversed(pending))]
            break
        # a file that only uses models mostly begins again, for one thing that it needs to know after the other
        repeating = attempts > 1 or bool(pending) or exploration.file in file.guests
        run = _begin(file, start, bounds.budget(file.known.steps), repeating)
        seen = watch(run, file.watched)
        end = _run(run, start, exploration, body)
        met, again = run.learned.call_sites, isinstance(end, Need)
        run.learned.call_sites = dict.fromkeys(building_sites.placed(met, start.assumptions, start.declared, again))
        file.learn(run.learned)
        if isinstance(end, Need):
            asked = run, start
            if len(end.options) == 1:  # no choice: what holds in every run of the file need not be asked again
                file.known = file.known.assuming(end.fact, end.options[0])
            pending += reversed(alternatives(start, end, file.known))
            continue
        outcome, receiver = end
        if outcome.cut and asked is not None and not exploration.outcomes:
            outcome = farthest(asked, outcome, exploration.name)
        if start.supposed and wiring.need_not_go_together(outcome.raises, start.assumptions):
            outcome = replace(outcome, events=(), reached=frozenset())
        exploration.outcomes.append(replace(outcome, seen=tuple(seen)) if seen else outcome)
        sparing.note(outcome, file.known.facts)
        if not sparing.quiet:
            pending, spared = [*pending, *reversed(spared)], []
        # methods are called on no instance whose building raises; but a top level that raises has bound its names
        if not outcome.raises or exploration.name == MODULE:
            ends.append(replace(start, base=run.state.base(run.fresh_tensors.fillings), receiver=receiver))
    if exploration.file in file.guests:
        file.guests[exploration.file] -= file.known.steps - bounds.begun
    return ends


def _begin(file: Exploring, start: Start, budget: int, repeating: bool) -> Run:
    """A run that has not begun yet; ``repeating``: what it does may be done again."""
    run = Run(file.known, start.base, {**file.known.facts, **start.assumptions}, PORTS, budget, file.made)
    if file.replays is not None:
        run.replays = file.replays
        run.journal.questions = file.replays.questions
        file.replays.repeating = repeating
    if start.site is not None:
        run.facts.assumptions.settled = rebuilding.settled(run, start.site)
    return run


def _run(run: Run, start: Start, exploration: Exploration, body: Body) -> Need | tuple[Outcome, Value | None]:
    """One run to its end; or what it needs to know, to be run again for each answer."""
    raises, receiver, complete, cut = "", None, False, False
    failures = run.learned.failures
    try:
        receiver = body(run, start)
        complete = True
    except Need as need:
        return need.with_traceback(None)  # whose frames hold all of the run
    except TorchRaises as error:
        raises = str(error)
    except OutOfBudget:
        exploration.bound = f"beyond {LIMITS.steps:,} steps of one run"
        cut = True
    except RecursionError:
        exploration.bound = TOO_DEEP
        cut = True
    except Exception as error:
        failures.note(f"the analysis of {exploration.name}", run.site.node, error)
        cut = True
    finally:
        run.learned.steps = run.steps
        run.learned.entered |= run.journal.account.entered
    with failures.contained(f"the end of {exploration.name}"):
        if complete:
            unused_states.say(run)
    return outcome_of(run, start, exploration.name, raises, cut), receiver


def _classes(file: Exploring, base: Base, own: list[tuple[str, str, Value]], of: Concerned) -> Iterator[Exploration]:
    """The classes of the files that can meet an RNN, and those that are handed one."""
    every = [(name, value) for _, name, value in own if isinstance(value, Class)]
    keys = {value.node: key for key, _, value in own if isinstance(value, Class)}
    classes = [(name, cls) for name, cls in every if name in of.names]
    # classes that mention no RNN are looked at once somebody is seen to hand them one; that may show further ones
    while True:
        for name, cls in in_order(base, classes):
            with file.failures.contained(f"the analysis of {name}", cls.node):
                yield from _class(file, base, name, cls, of, keys[cls.node])
        handed = building_sites.handed_modules(file.known, {cls for name, cls in every if name in of.names})
        classes = [(name, cls) for name, cls in every if cls in handed and name not in of.names]
        if not classes:
            return
        of.also([name for name, _ in classes])


def _class(file: Exploring, base: Base, name: str, cls: Class, of: Concerned, key: str) -> Iterator[Exploration]:
    """Every method of a class of the file ``key``, on instances as they are built, or as the class declares itself.

    A class that can build other recurrent modules than the file's own call sites make it build is looked at both ways.
    So is, where all configurations are asked for, one that the file only tries: who imports it builds it otherwise.
    """
    sites = building_sites.by_place(file.known.call_sites, cls)[: LIMITS.call_sites]
    reached: set[ir.Node] = set()
    for ways in sites or [[]]:
        for exploration in _explored(file, base, name, cls, of, ways, key):
            reached.update(*(outcome.reached for outcome in exploration.outcomes))
            yield exploration
    assert isinstance(cls.node, ir.Node)
    unmet = (node for node in walking.walk(cls.node) if isinstance(node, ir.Call) and node not in reached)
    if building_sites.tries(file.known, sites):
        tried = file.known.text.trials.methods
        yield from _explored(file, base, name, cls, of, [], key, file.come_by | reached, tried)
    elif sites and any(names_recurrent(call.func) for call in unmet):
        yield from _explored(file, base, name, cls, of, [], key, frozenset(reached))


def _wired(file: Exploring, base: Base, own: list[tuple[str, str, Value]], of: Concerned) -> Iterator[Exploration]:
    """What nobody in the file calls or builds, with the only classes that fit its parameters.

    Last of all: what is run with them has been run without.
    """
    known = wiring.candidates(base, file.known.text.program, of.names, file.known.call_sites)
    for key, name, value in own if known.classes or known.standing else ():
        with file.failures.contained(f"the analysis of {name}"):
            if isinstance(value, Class) and all(site.cls != value for site in file.known.call_sites):
                site = wiring.of_class(known, value)
                if site is not None:
                    yield from _explored(file, base, name, value, of, [site], key)
            elif isinstance(value, Function):
                given = wiring.of_function(known, value, name, file.known)
                if given:
                    exploration = Exploration(name, where=value.node, file=key)
                    _runs(file, [Start(base, supposed=True)], exploration, _calling(value, given=given))
                    yield exploration


def _explored(
    file: Exploring,
    base: Base,
    name: str,
    cls: Class,
    of: Concerned,
    sites: list[CallSite],
    key: str,
    known: frozenset[ir.Node] = frozenset(),
    tried: frozenset[str] | None = None,
) -> Iterator[Exploration]:
    """A class as it is built at a call site, in each of its configurations, and its methods.

    Methods that are ``tried`` are run also if they were entered: that was on what the file builds to try them.
    """
    told = tried is not None
    building = Exploration(name, known, where=cls.node, file=key, tried=told)
    ways = [Start(base, dict(site.assumed), site.declared, site=site, supposed=site.supposed) for site in sites]
    starts = _runs(file, ways or [Start(base)], building, _building(cls), binding=True)
    yield building
    if not starts:
        return
    built = {(start.declared, built_of(start.base.heap, file.modules)) for start in starts}
    inherited = says_more(base, cls, built, file.built)
    file.built.setdefault(cls.node, set()).update(built)
    instances = ((start.base, start.receiver) for start in starts)
    for method, function, owner in methods(base, cls, instances, of):
        # what a mixin does with modules that only its heirs have was not run for the mixin
        if owner != cls and not inherited and function.node in file.begun:
            continue
        # a helper was run with what its callers give it, which says more than nothing; nn.Module calls forward itself
        supposed = any(site.supposed for site in sites)
        itself = method == "forward" or method in (tried or ()) or supposed
        if function.node in file.known.entered and not itself:
            continue
        assert isinstance(cls.node, ir.ClassDef)
        heir = None if owner == cls else cls.node
        exploration = Exploration(f"{name}.{method}", known, heir, function.node, file=key, tried=told)
        file.begun.add(function.node)
        _runs(file, starts, exploration, _calling(function, owner))
        yield exploration


def _building(cls: Class) -> Body:
    return lambda run, start: rebuilding.built(run, cls, start.site)


def _calling(function: Function, cls: Class | None = None, given: Mapping[str, CallSite] = NOTHING_GIVEN) -> Body:
    """Run a function, or a method on the instance that the run starts with."""
    node = function.node
    assert isinstance(node, ir.FunctionDef)
    static = any(isinstance(d, ir.Name) and d.id == "staticmethod" for d in node.decorators)

    def body(run: Run, start: Start) -> None:
        receiver = start.receiver if isinstance(start.receiver, Ref) and not static else None
        rebuilding.free_call(run, function, receiver, cls, given)

    return body
