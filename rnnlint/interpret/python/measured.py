"""Parameters of which a function asks how large they are: tensors, whatever else the file leaves open of them."""

from __future__ import annotations

from collections.abc import Iterator

from rnnlint.interpret.state.run import Run
from rnnlint.source import program as ir
from rnnlint.source import walking
from rnnlint.values.domain import Formless, Free, Tensor, Value

_SIZES = frozenset({"size", "shape", "dim", "ndim"})


def tensor(run: Run, value: Value) -> Value:
    """A parameter that is measured somewhere in its function, as a tensor; any other value as it is."""
    if not isinstance(value, Free) or not isinstance(value.owner, ir.FunctionDef) or value.form is not None:
        return value
    known = run.made.measured.get(value.owner)
    if known is None:
        known = run.made.measured[value.owner] = frozenset(_measured(value.owner))
    made = run.facts.tensor(value) if value.key in known else value
    return made if isinstance(made, (Tensor, Formless)) else value


def _measured(node: ir.FunctionDef) -> Iterator[str]:
    for inner in walking.walk(node):
        if isinstance(inner, ir.Attribute) and inner.attr in _SIZES and isinstance(inner.value, ir.Name):
            yield inner.value.id
