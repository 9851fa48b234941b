"""Names of a file's top level that hold one constant after another, or what another file sets."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rnnlint.source import program as ir
from rnnlint.source import walking
from rnnlint.source.links import Links

_BINDS = (ir.FunctionDef, ir.ClassDef, ir.Import, ir.ImportFrom)


def rebound(body: ir.Block) -> Iterator[str]:
    """The names that are bound to constants which differ, with something done in between.

    What a function or a class finds in such a name depends on when it is called, as in a notebook whose cells build one
    model after another.  One constant right below another is a choice, and so is what an ``if`` binds.
    """
    held: dict[str, tuple[type, object]] = {}
    used: set[str] = set()  # names whose constant somebody may have read
    for statement in body:
        match statement:
            case ir.Assign(targets=(ir.Name(id=name),), value=ir.Constant(value=value)):
                kind = (type(value), value)  # True is no 1
                if name in used and held[name] != kind:
                    yield name
                held[name] = kind
                used.discard(name)
            case ir.Assign(value=ir.Constant()):
                pass
            case _ if not isinstance(statement, _BINDS):
                used.update(held)


def set_elsewhere(programs: Sequence[ir.Program], links: Links) -> dict[str, set[str]]:
    """The names of files, by their keys, that some file of a project sets through the module: ``config.layers = 2``.

    What others find there depends on whether that was run before.
    """
    found: dict[str, set[str]] = {}
    for program in programs:
        modules = {name: key for node in program.imports for name, key in _modules(node, links)}
        for node in walking.walk(program.body) if modules else ():
            for held, name in _sets(node):
                if held in modules:
                    found.setdefault(modules[held], set()).add(name)
    return found


def set_in_functions(program: ir.Program) -> Iterator[tuple[str, str]]:
    """What the functions of a file set of what its names hold: ``Config.layers = 2`` in ``main``, run at any time.

    What the top level sets is set where it stands.
    """
    yield from dict.fromkeys(pair for one in _outermost(program.body) for node in one for pair in _sets(node))


def _outermost(body: ir.Block) -> Iterator[list[ir.Node]]:
    """What stands in each function that stands in no other."""
    inside: set[ir.Node] = set()
    for node in walking.walk(body):
        if isinstance(node, ir.FunctionDef) and node not in inside:
            found = [*walking.walk(node.body)]
            inside.update(one for one in found if isinstance(one, ir.FunctionDef))
            yield found


def _modules(node: ir.Import | ir.ImportFrom, links: Links) -> Iterator[tuple[str, str]]:
    """The names that an import binds to files of the project, each with the file's key."""
    if isinstance(node, ir.Import):
        for number, (name, alias) in enumerate(node.names):
            key = links.target(node, number)
            if key is not None and (alias is not None or "." not in name):
                yield alias or name, key
        return
    package = links.target(node)
    for name, alias in node.names or ():
        inside = None if package is None else links.inside(package, name)
        if inside is not None:
            yield alias, inside


def _sets(node: object) -> Iterator[tuple[str, str]]:
    """What a statement sets of what a name holds: ``name.attribute = value``, ``setattr(name, "attribute", value)``."""
    match node:
        case ir.Assign(targets=targets):
            for target in targets:
                if isinstance(target, ir.Attribute) and isinstance(target.value, ir.Name):
                    yield target.value.id, target.attr
        case ir.AugAssign(target=ir.Attribute(value=ir.Name(id=held), attr=name)):
            yield held, name
        case ir.Call(
            func=ir.Name(id="setattr"),
            args=(ir.Argument(value=ir.Name(id=held)), ir.Argument(value=ir.Constant(value=str(name))), _),
        ):
            yield held, name
