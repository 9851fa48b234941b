"""Every function of a file, run once in each configuration it leaves open."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from rnnlint.events import Event, Packing
from rnnlint.failures import Failure
from rnnlint.interpret import call_sites, unused_states
from rnnlint.interpret.class_order import in_order
from rnnlint.interpret.evaluate import statements
from rnnlint.interpret.inheritance import built_of, says_more
from rnnlint.interpret.python import calls
from rnnlint.interpret.relevance import concerned_names, methods, names_recurrent
from rnnlint.interpret.state.limits import LIMITS
from rnnlint.interpret.state.naming import Bound
from rnnlint.interpret.state.run import Run
from rnnlint.interpret.state.sizes import Sizes
from rnnlint.interpret.state.world import Base, CallSite, Frame, Holder, Known, OutOfBudget, World
from rnnlint.interpret.watching import Seen, watch
from rnnlint.source import program as ir
from rnnlint.source.batches import batches
from rnnlint.torch_api.context import Need, TorchRaises
from rnnlint.torch_api.modules.constructors import RECURRENT
from rnnlint.values.domain import Class, Free, Function, Lit, Ref, Value

MODULE = "the top level"
TOO_DEEP = "nested too deeply to be followed"


@dataclass(frozen=True, slots=True)
class Outcome:
    """One run: what was assumed, what happened, where it came by, and whether it certainly raises."""

    assumptions: dict[Hashable, object]
    events: tuple[Event, ...]
    reached: frozenset[ir.Node]
    raises: str
    declared: bool  # every assumption is the declared default, where one is declared
    unknown: tuple[tuple[str, Hashable], ...]  # why something that came of a recurrent module was lost, and where
    built: Mapping[Hashable, str]  # recurrent modules, by where; the reason, for those that are not known
    called: frozenset[Hashable]  # recurrent modules, by where they were built
    names: Mapping[tuple[Hashable, str], list[Bound]] = field(default_factory=dict)  # of what recurrent calls return
    seen: tuple[Seen, ...] = ()  # what the nodes were that were watched


@dataclass(slots=True)
class Exploration:
    """All runs of one function (or of the module's top level).

    ``known`` are places that others have looked at; ``heir`` is the class that inherits the method, if it does.
    ``where`` is what is run, None for the top level.
    """

    name: str
    known: frozenset[ir.Node] = frozenset()
    heir: ir.ClassDef | None = None
    where: Hashable = None
    outcomes: list[Outcome] = field(default_factory=list)
    bound: str = ""  # the one that was reached, so that not every configuration was run to its end


@dataclass(frozen=True, slots=True)
class Explored:
    """A file, run."""

    explorations: tuple[Exploration, ...]
    declared: dict[Free, tuple[Lit, ir.Node]]
    base: Base  # once the top level has run
    failures: tuple[Failure, ...] = ()  # mistakes of the interpreter's own
    sizes: Sizes = field(default_factory=Sizes)  # what stands for the sizes that are open


@dataclass(frozen=True, slots=True)
class Start:
    """Where runs begin: a state of the program, and what was assumed to get there."""

    base: Base
    assumptions: dict[Hashable, object] = field(default_factory=dict)
    declared: bool = True
    receiver: Value | None = None


Body: TypeAlias = Callable[[Run, Start], Value | None]


def _imports(body: ir.Block) -> bool:
    """Whether the top level of a file imports anything."""
    pending = list(body)
    while pending:
        one = pending.pop()
        if isinstance(one, ir.Import | ir.ImportFrom):
            return True
        if isinstance(one, ir.If | ir.Try):
            pending += (*one.body, *one.orelse)
    return False


def explore(program: ir.Program, watched: frozenset[ir.Node] = frozenset()) -> Explored:
    """Run the file's top level, then its functions, then its classes in the configurations they are built in.

    Of the nodes that are ``watched`` the outcomes keep what they were.
    """
    world = World(batches(program.body), program=program.body, watched=watched)
    module = Exploration(MODULE)
    start = Start(Base(borrows=not _imports(program.body)))
    ends = _runs(world, [start], module, lambda run, _: _top_level(run, program.body))
    base = ends[0].base if ends else Base()
    explorations = [module]
    concerned = concerned_names(base)
    for name, value in base.names.items():
        if name in concerned and isinstance(value, Function) and isinstance(value.node, ir.FunctionDef):
            exploration = Exploration(name, where=value.node)
            explorations.append(exploration)
            with world.failures.contained(f"the analysis of {name}", value.node):
                _runs(world, [Start(base)], exploration, _calling(value))
    every = {n: value for n, value in base.names.items() if isinstance(value, Class)}
    classes = {n: cls for n, cls in every.items() if n in concerned}
    while classes:
        for name in in_order(base, classes):
            with world.failures.contained(f"the analysis of {name}", classes[name].node):
                explorations.extend(_class(world, base, name, classes[name], concerned))
        handed = _handed_modules(world, {cls for n, cls in every.items() if n in concerned})
        classes = {n: cls for n, cls in every.items() if cls in handed and n not in concerned}
        concerned |= classes.keys()
    _settle_lengths(explorations)
    return Explored(tuple(explorations), world.declared, base, tuple(world.failures.kept.values()), world.sizes)


def _handed_modules(world: World, concerned: set[Class]) -> set[Class]:
    """The classes that are built with a class that is concerned, an instance of one, or the name of a recurrent module,
    whether or not they mention one themselves."""
    return {site.cls for site in world.call_sites if any(_meets(value, concerned) for _, value in site.args)}


def _meets(known: Known, concerned: set[Class]) -> bool:
    match known:
        case CallSite(cls):
            return cls in concerned
        case Holder(cls, held):
            return cls in concerned or any(_meets(value, concerned) for _, value in held)
    return known in concerned or known in RECURRENT


def _settle_lengths(explorations: list[Exploration]) -> None:
    """Where a packing is also reached with lengths that are not the padded length, that one only stands in for them."""
    outcomes = [outcome for exploration in explorations for outcome in exploration.outcomes]
    packings = [event for outcome in outcomes for event in outcome.events if isinstance(event, Packing)]
    known = {event.site.node for event in packings if not event.lengths.full}
    if not any(event.lengths.full and event.site.node in known for event in packings):
        return
    for exploration in explorations:
        exploration.outcomes = [
            replace(outcome, events=tuple(_stood_in(event, known) for event in outcome.events))
            for outcome in exploration.outcomes
        ]


def _stood_in(event: Event, known: set[Hashable]) -> Event:
    if isinstance(event, Packing) and event.site.node in known:
        return replace(event, lengths=replace(event.lengths, full=False))
    return event


def _runs(world: World, starts: list[Start], exploration: Exploration, body: Body) -> list[Start]:
    """Complete runs of ``body``, one for each configuration, that of the declared defaults first.

    Returns where those that did not raise have ended.
    """
    ends: list[Start] = []
    pending = list(reversed(starts))
    attempts = 0
    world.allowance = min(world.steps + LIMITS.exploration, LIMITS.total_steps)
    most = LIMITS.module_configurations if exploration.name == MODULE else LIMITS.configurations
    while pending:
        start = pending.pop()
        attempts += 1
        bound = _bound(world, len(exploration.outcomes), attempts, most)
        if bound:
            exploration.bound = bound
            break
        run = Run(world, start.base, {**world.facts, **start.assumptions})
        seen = watch(run, world.watched)
        raises, receiver, complete, cut = "", None, False, False
        try:
            receiver = body(run, start)
            complete = True
        except Need as need:
            if len(need.options) == 1:
                world.facts[need.key] = need.options[0]
            known = _has_default(world, need.key)
            pending += reversed(
                [
                    replace(
                        start,
                        assumptions={**start.assumptions, need.key: option},
                        declared=start.declared and (index == 0 or not known),
                    )
                    for index, option in enumerate(need.options)
                ]
            )
            continue
        except TorchRaises as error:
            raises = str(error)
        except OutOfBudget:
            exploration.bound = f"beyond {LIMITS.steps:,} steps of one run"
            cut = True
        except RecursionError:
            exploration.bound = TOO_DEEP
            cut = True
        except Exception as error:
            world.failures.note(f"the analysis of {exploration.name}", run.site.node, error)
            cut = True
        finally:
            run.account()
        with world.failures.contained(f"the end of {exploration.name}"):
            if complete:
                unused_states.say(run)
            run.finish(cut)
        exploration.outcomes.append(
            Outcome(
                start.assumptions,
                tuple(run.events),
                frozenset(run.reached),
                raises,
                start.declared,
                tuple(run.unknown),
                run.modules_built,
                frozenset(run.called),
                run.names.bound,
                tuple(seen),
            )
        )
        if not raises or exploration.name == MODULE:
            ends.append(replace(start, base=_base_of(run), receiver=receiver))
    return ends


def _bound(world: World, runs: int, attempts: int, most: int) -> str:
    """The bound on the work for one function that has been reached, as it is said; "" while there is none."""
    if runs >= most:
        return f"in more than {most} configurations"
    if attempts > LIMITS.attempts:
        return f"in more than {LIMITS.attempts} attempts at a configuration"
    if world.steps > LIMITS.total_steps:
        return f"beyond {LIMITS.total_steps:,} steps of the file's runs"
    return f"beyond {LIMITS.exploration:,} steps of its runs" if world.steps > world.allowance else ""


def _has_default(world: World, key: Hashable) -> bool:
    """Whether an assumption is about a parameter with a declared default."""
    return isinstance(key, tuple) and any(isinstance(part, Free) and part in world.declared for part in key)


def _top_level(run: Run, program: ir.Block) -> None:
    """Run the file.  Where it certainly raises, the rest is still run, for the names it binds; nothing there counts."""
    frame = Frame(run.scopes[0][0], 0)
    frame.own = 0
    raised: TorchRaises | None = None
    for statement in program:
        said, reached = len(run.events), set(run.reached) if raised is not None else run.reached
        try:
            if not statements.execute(run, frame, (statement,)):
                break
        except TorchRaises as error:
            said = len(run.events) if raised is None else said
            raised = raised or error
        if raised is not None:
            del run.events[said:]
            run.reached = reached
    if raised is not None:
        raise raised


def _base_of(run: Run) -> Base:
    first, *others = run.scopes
    return Base(
        dict(first[0]),
        run.heap,
        dict(run.classes),
        tuple(others),
        run.borrows,
        tuple(run.star_modules),
        dict(run.instances),
    )


def _free_call(run: Run, function: Function, receiver: Ref | None = None, owner: Class | None = None) -> None:
    """Run a function whose arguments nobody gives; of tensors, their rank is what the file's own calls hand in."""
    node = function.node
    assert isinstance(node, ir.FunctionDef)
    for name, shapes in run.world.shapes.get(node, {}).items():
        if len({len(extents) for extents in shapes}) == 1 and shapes != {()}:
            free = Free(name, node)
            facts: dict[Hashable, object] = {("rank", free): len(next(iter(shapes)))}
            ones = [axis for axis, extents in enumerate(zip(*shapes, strict=True)) if set(extents) == {1}]
            facts.update({("size", (free, axis)): 1 for axis in ones})
            run.assumptions = {**facts, **run.assumptions}
    args: dict[str, Value] = {}
    params = node.params[1:] if receiver is not None else node.params
    for param in params:
        if param.kind in ("", "keyword"):
            args[param.name] = call_sites.as_declared(run, function, param)
    run.ignored = tuple(param.name for param in params if param.name not in node.names)
    bound = Function(node, function.scope, receiver, owner)
    calls.enter(run, bound, (), {**args, **call_sites.open_rest(function)})


def _class(world: World, base: Base, name: str, cls: Class, concerned: set[str]) -> Iterator[Exploration]:
    """Every method of a class, on instances as the file builds them, or as the class declares itself.

    A class that can build other recurrent modules than the file's own call sites make it build is looked at both ways.
    """
    sites = [site for site in world.call_sites if site.cls == cls][: LIMITS.call_sites]
    reached: set[ir.Node] = set()
    for site in (*sites,) or (None,):
        for exploration in _explored(world, base, name, cls, concerned, site):
            reached.update(*(outcome.reached for outcome in exploration.outcomes))
            yield exploration
    assert isinstance(cls.node, ir.Node)
    unmet = (node for node in ir.walk(cls.node) if isinstance(node, ir.Call) and node not in reached)
    if sites and any(names_recurrent(call.func) for call in unmet):
        yield from _explored(world, base, name, cls, concerned, None, frozenset(reached))


def _explored(
    world: World,
    base: Base,
    name: str,
    cls: Class,
    concerned: set[str],
    site: CallSite | None,
    known: frozenset[ir.Node] = frozenset(),
) -> Iterator[Exploration]:
    """A class as it is built at a call site, and its methods."""
    building = Exploration(name, known, where=cls.node)
    starts = _runs(world, [Start(base)], building, _building(cls, site))
    yield building
    if not starts:
        return
    built = {(start.declared, built_of(start.base.heap)) for start in starts}
    inherited = says_more(base, cls, built, world.built)
    world.built.setdefault(cls.node, set()).update(built)
    for method, function, owner in methods(base, cls, ((start.base, start.receiver) for start in starts), concerned):
        if owner != cls and not inherited:
            continue
        if method != "forward" and function.node in world.entered:
            continue
        assert isinstance(cls.node, ir.ClassDef)
        exploration = Exploration(f"{name}.{method}", known, None if owner == cls else cls.node, function.node)
        _runs(world, starts, exploration, _calling(function, owner))
        yield exploration


def _building(cls: Class, site: CallSite | None) -> Body:
    return lambda run, _: call_sites.built(run, cls, site)


def _calling(function: Function, cls: Class | None = None) -> Body:
    """Run a function, or a method on the instance that the run starts with."""
    node = function.node
    assert isinstance(node, ir.FunctionDef)
    static = any(isinstance(d, ir.Name) and d.id == "staticmethod" for d in node.decorators)

    def body(run: Run, start: Start) -> None:
        receiver = start.receiver if isinstance(start.receiver, Ref) and not static else None
        _free_call(run, function, receiver, cls)

    return body
