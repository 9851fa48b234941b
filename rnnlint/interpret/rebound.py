"""Names of a file's top level that hold one constant after another."""

from __future__ import annotations

from collections.abc import Iterator

from rnnlint.source import program as ir

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
