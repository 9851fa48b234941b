"""What an import binds: what another file of the project does, something of torch's, or nobody knows what."""

from __future__ import annotations

from rnnlint.interpret.state.frames import Frame
from rnnlint.interpret.state.run import Run
from rnnlint.source import program as ir
from rnnlint.torch_api.names import imported
from rnnlint.values.domain import File, Free, Value


def bind_modules(run: Run, frame: Frame, node: ir.Import) -> None:
    """``import a.b``, which binds ``a``, and ``import a.b as c``, which binds that module."""
    for number, (name, alias) in enumerate(node.names):
        key = run.known.text.links.target(node, number)
        bound = name.partition(".")[0] if alias is None else name
        run.state.bind(frame, alias or bound, imported(bound, node) if key is None else File(key))


def bind_names(run: Run, frame: Frame, node: ir.ImportFrom) -> None:
    """``from a import b`` and ``from a import *``."""
    key = run.known.text.links.target(node)
    if node.names is None:
        _bind_all(run, frame, node, key)
        return
    for name, alias in node.names:
        found = None if key is None else member(run, key, name)
        run.state.bind(frame, alias, found or imported(f"{node.module}.{name}", node))


def _bind_all(run: Run, frame: Frame, node: ir.ImportFrom, key: str | None) -> None:
    names = None if key is None else run.state.names_of(key)
    if key is None or names is None:
        star = imported(node.module, node)
        run.state.take(frame, None if isinstance(star, Free) else star)
        return
    for name, value in names.items():
        if not name.startswith("_"):  # what ``__all__`` leaves out beside is no harm: nobody reads it by that name
            run.state.bind(frame, name, value)
    run.state.take_as(frame, key)


def member(run: Run, key: str, name: str) -> Value | None:
    """``key.name``: what the file binds, or the module of that name in the package; None for what is not known."""
    found = run.state.of_file(key, name)
    if found is not None:
        return found
    inside = run.known.text.links.inside(key, name)
    return None if inside is None else File(inside)


def attribute(run: Run, file: File, name: str) -> Value:
    """``module.name``."""
    return member(run, file.key, name) or run.made.frees[f"{file.key.rpartition('/')[2]}.{name}", file]
