"""Which class of the file a parameter is an instance of, where nobody in the file says so.

``Seq2Seq(encoder, decoder)`` is built by another file.  What the class does with ``encoder`` is what exactly one of
those classes takes that the file defines and builds nowhere itself; or the parameter is annotated with one.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import field, replace
from functools import partial
from typing import TypeAlias

from rnnlint.frozen import dataclass
from rnnlint.interpret.python.classes import lineage
from rnnlint.interpret.python.own_attributes import stored_by
from rnnlint.interpret.state.frames import Base
from rnnlint.interpret.state.known import CallSite, Known
from rnnlint.source import program as ir
from rnnlint.source import walking
from rnnlint.torch_api.names import MODULE_MEMBERS, SAME_MODULE
from rnnlint.values.domain import Class, Function, Torch
from rnnlint.values.facts import Fact, FactKind

_Is: TypeAlias = Callable[[ir.Expr], bool]


@dataclass(frozen=True, slots=True)
class _Call:
    """How something is called: so many arguments by position, others by name, and into how many ``parts`` it is taken.

    One that is computed with is in one part; None where nothing shows it.
    """

    positional: int
    keywords: frozenset[str]
    parts: int | None


@dataclass(frozen=True, slots=True)
class _Used:
    """What is done with a parameter: calls, and the attributes that are asked for."""

    calls: tuple[_Call, ...]
    names: frozenset[str]

    @property
    def telling(self) -> bool:
        """Whether more is known than that it is called with so many arguments: a loss is called with two as well."""
        return any((call.parts or 1) > 1 for call in self.calls) or not self.names <= MODULE_MEMBERS


@dataclass(frozen=True, slots=True)
class Candidates:
    """The modules of a file that can meet an RNN and are built nowhere in it, with what they have.

    ``standing`` are those that its top level builds and binds to a name, each as it is built: what no call in the file
    hands to a function may be one of them all the same.  ``naming`` are its statements, by the names in them.
    """

    base: Base
    classes: tuple[Class, ...]
    standing: Mapping[Class, CallSite] = field(default_factory=dict)
    naming: Mapping[str, Sequence[ir.Node]] = field(default_factory=dict)

    def mentioning(self, name: str, node: Hashable) -> list[ir.Node]:
        """The statements that mention what ``node`` defines under a name, but for itself."""
        return [one for one in self.naming.get(name, ()) if one is not node and name in _mentioned(one)]

    def meant(self, params: Iterable[ir.Parameter], used: Callable[[ir.Parameter], _Used]) -> dict[str, Class]:
        """The parameters that one class fits, and no other; none where one class would be two of them.

        An encoder can often be called as a decoder is: what another parameter certainly is, this one is not.
        """
        fits: dict[str, list[Class]] = {}
        for param in params:
            if param.kind in ("", "keyword") and (param.default is None or _is_none(param.default)):
                named = [cls for cls in self.classes if _annotation(param) == getattr(cls.node, "name", "")]
                untold = _annotation(param) in (None, "Module") and used(param).telling
                asked = named or self.classes if untold else named
                fits[param.name] = [cls for cls in asked if self._fits(cls, used(param))]
        found: dict[str, Class] = {}
        while certain := {name: left[0] for name, left in _without(fits, found).items() if len(left) == 1}:
            found |= certain
        return found if len(set(found.values())) == len(found) else {}

    def _fits(self, cls: Class, used: _Used) -> bool:
        methods: dict[str, ir.FunctionDef] = {}
        stored = set(MODULE_MEMBERS)
        for _, info in lineage(self.base.classes, cls):
            stored |= info.names.keys()
            for name, value in info.names.items():
                if isinstance(value, Function) and isinstance(value.node, ir.FunctionDef):
                    methods.setdefault(name, value.node)
                    stored.update(stored_by(value.node))
        forward = methods.get("forward")
        if forward is None or not used.calls or not used.names <= stored:
            return False
        return all(_takes(forward, call) for call in used.calls)


def _without(fits: Mapping[str, list[Class]], found: Mapping[str, Class]) -> dict[str, list[Class]]:
    """What fits the parameters of which nothing is found yet, but for the classes that others are."""
    taken = set(found.values())
    return {name: [cls for cls in some if cls not in taken] for name, some in fits.items() if name not in found}


def candidates(
    base: Base, statements: ir.Block, names: Collection[str], built: Collection[CallSite] = ()
) -> Candidates:
    """Of the classes of these names, those that a parameter can be an instance of.

    ``statements`` are all there are; ``built`` is where and how they build classes.
    """
    found: dict[Class, None] = {}
    standing: dict[Class, CallSite] = {}
    naming: dict[str, list[ir.Node]] = {}
    for one in statements:
        for each in one.names if isinstance(one, (ir.FunctionDef, ir.ClassDef)) else _mentioned(one):
            naming.setdefault(each, []).append(one)
    every = Candidates(base, (), {}, naming)
    for name, value in base.names():
        if not isinstance(value, Class) or name not in names or not _is_module(base, value):
            continue
        mentioning = every.mentioning(name, value.node)
        sites = [site for site in built if site.cls == value and not site.modules]
        if not mentioning:
            found[value] = None
        elif len(sites) == 1 and all(_binds_instance(one, name) for one in mentioning):
            standing[value] = sites[0]
    return Candidates(base, tuple(found), standing, naming)


def _binds_instance(statement: ir.Node, name: str) -> bool:
    """Whether a statement binds names to instances of the class called ``name``, and mentions it nowhere else."""
    if isinstance(statement, ir.If):
        arms = (*statement.body, *statement.orelse)
        return all(_binds_instance(one, name) for one in arms if name in _mentioned(one))
    value = statement.value if isinstance(statement, (ir.Assign, ir.Declare)) else None
    values = value.items if isinstance(value, ir.Display) else (value,)
    return all(_is_instance(one, name) for one in values if one is None or name in _mentioned(one))


def _is_instance(value: ir.Expr | None, name: str) -> bool:
    while isinstance(value, ir.Call) and getattr(value.func, "attr", "") in SAME_MODULE:
        assert isinstance(value.func, ir.Attribute)
        value = value.func.value
    return isinstance(value, ir.Call) and _named(value.func, name)


def of_function(known: Candidates, function: Function, name: str, met: Known) -> dict[str, CallSite]:
    """What the parameters of a function are that can be of one class only; none of a function that is called.

    One that was run by itself, on what it may be handed, is run again with what the file has built for it.
    """
    node = function.node
    again = node in met.entered
    if not isinstance(node, ir.FunctionDef) or (again and known.mentioning(name, node)):
        return {}

    def used(param: ir.Parameter) -> _Used:
        return _used(node.body, partial(_named, name=param.name))

    meant = {} if again else known.meant(node.params, used)
    if meant or not known.standing:
        return _built(meant)
    every = replace(known, classes=(*known.classes, *known.standing))
    return {
        name: replace(known.standing[cls], supposed=True)
        for name, cls in every.meant(node.params, used).items()
        if cls in known.standing
    }


def of_class(known: Candidates, cls: Class) -> CallSite | None:
    """How a class is built whose parameters can be one class only; None where there are none."""
    methods = {
        name: value.node
        for _, info in reversed([*lineage(known.base.classes, cls)])
        for name, value in info.names.items()
        if isinstance(value, Function) and isinstance(value.node, ir.FunctionDef)
    }
    built = methods.get("__init__")
    others = Candidates(known.base, tuple(one for one in known.classes if one != cls))
    if built is None or not built.params or not others.classes:
        return None
    bodies = [(node, node.params[0].name) for node in methods.values() if node.params]

    def used(param: ir.Parameter) -> _Used:
        kept = frozenset(_kept_as(built, param.name))
        each = [_used(node.body, partial(_attribute, itself=itself, names=kept)) for node, itself in bodies]
        each.append(_used(built.body, partial(_named, name=param.name)))
        calls = tuple(call for one in each for call in one.calls)
        return _Used(calls, frozenset[str]().union(*(one.names for one in each)))

    meant = _built(others.meant(built.params[1:], used))
    return (
        CallSite(cls, tuple((name, meant[name]) for name in sorted(meant)), frozenset(), 1 + len(meant), supposed=True)
        if meant
        else None
    )


def need_not_go_together(raises: str, assumptions: Iterable[Fact]) -> bool:
    """Whether what a run raises is about the sizes or the kinds of modules that are declared apart.

    Whoever builds them in other sizes, or all of one kind, never meets that.
    """
    return raises.startswith("RuntimeError") or (bool(raises) and any(fact.kind in _CHOOSING for fact in assumptions))


_CHOOSING = frozenset({FactKind.CHOICE, FactKind.SAME, FactKind.STRING, FactKind.WITHIN, FactKind.TRUTH})


def _built(meant: Mapping[str, Class]) -> dict[str, CallSite]:
    """Instances of these classes, each built as it declares itself."""
    return {name: CallSite(cls, (), frozenset(), 1, supposed=True) for name, cls in meant.items()}


def _is_module(base: Base, cls: Class) -> bool:
    bases = [one for _, info in lineage(base.classes, cls) for one in info.bases]
    return any(isinstance(one, Torch) and one.name == "torch.nn.Module" for one in bases)


def _mentioned(statement: ir.Node) -> frozenset[str]:
    """The names and attributes in a statement that are no annotations and no bases."""
    nodes = [*walking.walk(statement)]
    params = (param for node in nodes if isinstance(node, ir.FunctionDef) for param in node.params)
    bases = (base.value for node in nodes if isinstance(node, ir.ClassDef) for base in node.bases)
    annotations = {*(param.annotation for param in params), *bases}
    return frozenset(ir.last_name(node) for node in nodes if node not in annotations)


def _annotation(param: ir.Parameter) -> str | None:
    """The last word of what a parameter is annotated with."""
    name = getattr(param.annotation, "id", getattr(param.annotation, "attr", None))
    return name if isinstance(name, str) else None


def _is_none(node: ir.Expr) -> bool:
    return isinstance(node, ir.Constant) and node.value is None


def _named(one: ir.Expr, name: str) -> bool:
    return isinstance(one, ir.Name) and one.id == name


def _attribute(one: ir.Expr, itself: str, names: Collection[str]) -> bool:
    return isinstance(one, ir.Attribute) and one.attr in names and _named(one.value, itself)


def _kept_as(built: ir.FunctionDef, name: str) -> Iterator[str]:
    """The attributes under which ``__init__`` keeps a parameter as it is."""
    itself = built.params[0].name
    for node in walking.walk(built.body):
        if isinstance(node, ir.Assign):
            value = node.value
            # ``encoder.to(device)`` is the module itself
            while isinstance(value, ir.Call) and getattr(value.func, "attr", "") in SAME_MODULE:
                assert isinstance(value.func, ir.Attribute)
                value = value.func.value
            pairs = [(one, value) for one in node.targets]
            if isinstance(value, ir.Display):
                displays = (one.items for one in node.targets if isinstance(one, ir.Display))
                pairs += [pair for items in displays for pair in zip(items, value.items, strict=False)]
            for target, given in pairs:
                if _named(given, name) and isinstance(target, ir.Attribute) and _named(target.value, itself):
                    yield target.attr


def _used(body: ir.Block, is_it: _Is) -> _Used:
    """What is done with something in a function."""
    calls: list[_Call] = []
    names: set[str] = set()
    parts: dict[ir.Node, int] = {}
    for node in walking.walk(body):
        match node:
            case ir.Assign(targets=(ir.Display(items=items),), value=ir.Call() as call):
                if not any(isinstance(one, ir.Starred) for one in items):
                    parts[call] = len(items)
            case ir.AugAssign(value=one) | ir.Attribute(value=one):
                parts[one] = 1
            case ir.Binary(left=left, right=right):
                parts |= {left: 1, right: 1}
        match node:
            case ir.Call(func=func, args=args) if is_it(func) and not any(one.star for one in args):
                named = frozenset(one.keyword for one in args if one.keyword is not None)
                calls.append(_Call(len(args) - len(named), named, parts.get(node)))
            case ir.Attribute(value=value, attr=attr) if is_it(value):
                names.add(attr)
    return _Used(tuple(calls), frozenset(names))


def _takes(forward: ir.FunctionDef, call: _Call) -> bool:
    """Whether a method can be called so, and returns as many parts."""
    params = forward.params[1:]
    kinds = {param.kind for param in params}
    places = [param for param in params if param.kind == ""]
    named = {param.name for param in params if param.kind in ("", "keyword")}
    if (call.positional > len(places) and "*" not in kinds) or (not call.keywords <= named and "**" not in kinds):
        return False
    given = {param.name for param in places[: call.positional]} | call.keywords
    if any(param.kind in ("", "keyword") and param.default is None and param.name not in given for param in params):
        return False
    returned = [node.value for node in walking.walk(forward.body) if isinstance(node, ir.Return)]
    lengths = {len(value.items) for value in returned if isinstance(value, ir.Display)}
    return call.parts is None or (call.parts in lengths if lengths else call.parts == 1)
