"""What the methods of a class store on their object, by its text."""

from __future__ import annotations

from collections.abc import Iterator

from rnnlint.interpret.python.classes import lineage, torch_base
from rnnlint.interpret.state.run import Run
from rnnlint.source import program as ir
from rnnlint.source import walking
from rnnlint.values.domain import Class, Free, Function, Torch

_OTHER_WAYS = frozenset(
    {"setattr", "add_module", "register_module", "register_parameter", "register_buffer", "__dict__", "vars", "locals"}
    | {"__getattr__", "__getattribute__"}
)
"""Names by which an attribute may come to an object without an assignment."""


def stored_by(node: ir.FunctionDef) -> Iterator[str]:
    """The attributes of its object that a method assigns."""
    itself = node.params[0].name if node.params else ""
    for inner in walking.walk(node):
        if not isinstance(inner, (*walking.BINDING, ir.AugAssign, ir.With)):
            continue
        match inner:
            case ir.AugAssign(target=target):
                pending: list[walking.Part] = [target]
            case ir.With(items=items):
                pending = [target for _, target in items if target is not None]
            case _:
                pending = [*walking.targets(inner)]
        while pending:
            one = pending.pop()
            if isinstance(one, (ir.Display, ir.Starred)):
                pending += walking.children(one)
            elif isinstance(one, ir.Attribute) and isinstance(one.value, ir.Name) and one.value.id == itself:
                yield one.attr


def unstored(run: Run, cls: Class, name: str) -> Free:
    """An attribute of an object that nothing has stored, as its methods name it: ``self.name``.

    Where none of them does (a namespace that is filled with ``setattr``), by what first asks for it: ``args.name``.
    """
    key = cls.node, name
    if key not in run.made.unstored:
        owners = [owner.node for owner, _ in lineage(run.state.classes, cls)]
        own = any(isinstance(node, ir.ClassDef) and name in node.names for node in owners)
        asked = "" if own or torch_base(run, cls) else _spelled(run.site.node)
        run.made.unstored[key] = run.made.frees[asked or f"self.{name}", cls.node]
    return run.made.unstored[key]


def _spelled(node: object) -> str:
    """A name or a chain of attributes, as it is written; "" for anything else."""
    match node:
        case ir.Name(id=name):
            return name
        case ir.Attribute(value=inner, attr=name):
            before = _spelled(inner)
            return before and f"{before}.{name}"
    return ""


def only_built(run: Run, cls: Class) -> frozenset[str]:
    """The attributes that only ``__init__`` stores: where it has come by without, asking for one raises."""
    known = run.made.only_built.get(cls.node)
    if known is None:
        known = run.made.only_built[cls.node] = frozenset(_only_built(run, cls))
    return known


def _only_built(run: Run, cls: Class) -> set[str]:
    if not (torch_base(run, cls) or "").startswith("torch.nn."):  # of others, not all need be known that they hold
        return set()
    built, others = set[str](), set(run.known.text.stores)
    for owner, info in lineage(run.state.classes, cls):
        strange = any(not isinstance(base, (Class, Torch)) for base in info.bases)
        if strange or not isinstance(owner.node, ir.ClassDef) or owner.node.names & _OTHER_WAYS:
            return set()
        for name, value in info.names.items():
            if isinstance(value, Function) and isinstance(value.node, ir.FunctionDef):
                (built if name == "__init__" else others).update(stored_by(value.node))
    return built - others
