"""A mean or a maximum over the steps that leaves out what lies behind the end of shorter samples."""

from __future__ import annotations

import ast

from rnnlint.findings import Edit
from rnnlint.fixing.text import Text
from rnnlint.fixing.tree import Tree
from rnnlint.fixing.unwritable import Unwritable

_FREE = ("mask", "valid", "valid_steps")  # of names that mean something elsewhere the next is tried
_REDUCES = {"mean", "max", "amax"}


def masked(at: ast.expr, packed: ast.AST, torch: str, tree: Tree, text: Text) -> list[Edit]:
    """The edits by which a reduction over axis 0 or 1 of an output takes the steps that each sample has.

    ``packed`` is the call that packed the batch, which has the lengths; they have to have a name where ``at`` is.
    Raises Unwritable.
    """
    tensor, function, axis, others = _reduction(at, tree)
    lengths = _lengths(packed)
    statement = tree.statement(at)
    if lengths is None or statement is None or tree.scope(packed) is not tree.scope(at) or not tree.once(at):
        raise Unwritable("the lengths have no name there")
    taken = tree.names(tree.scope(at))
    mask = next((one for one in _FREE if one not in taken), None)
    if mask is None:
        raise Unwritable("every name for a mask is taken")
    count = f"{torch}.arange({tensor}.size({axis}), device={tensor}.device)"
    all_lengths = f"{torch}.as_tensor({lengths}, device={tensor}.device)"
    # (samples, steps) or (steps, samples), as the output is laid out
    both = (count, f"{all_lengths}.unsqueeze(1)") if axis == 1 else (f"{count}.unsqueeze(1)", all_lengths)
    line = text.line_before(statement, f"{mask} = {both[0]} < {both[1]}")
    if line is None:
        raise Unwritable("something else stands on the line")
    if function == "mean":
        summed = f"({tensor} * {mask}.unsqueeze(-1)).sum({axis})"
        return [line, text.replaced(at, f"{summed} / {mask}.sum({axis}).unsqueeze(-1)")]
    filled = f'{tensor}.masked_fill(~{mask}.unsqueeze(-1), float("-inf"))'
    return [line, text.replaced(at, f"{filled}.{function}({others})")]


def _reduction(at: ast.expr, tree: Tree) -> tuple[str, str, int, str]:
    """Which name is reduced by which function along which axis, and the arguments that say so."""
    if not isinstance(at, ast.Call) or not isinstance(at.func, ast.Attribute) or at.func.attr not in _REDUCES:
        raise Unwritable("it is no mean and no maximum")
    receiver = at.func.value
    of_torch = isinstance(receiver, ast.Name) and receiver.id in tree.imported
    subject = (at.args[0] if at.args else None) if of_torch else receiver
    rest = at.args[1:] if of_torch else at.args
    dims = [*rest, *(one.value for one in at.keywords if one.arg in ("dim", "axis"))]
    if not isinstance(subject, ast.Name) or len(dims) != 1 or len(at.keywords) + len(rest) != 1:
        raise Unwritable("what is reduced has no name")
    (dim,) = dims
    axis = dim.value if isinstance(dim, ast.Constant) else None
    if not isinstance(axis, int) or axis not in (0, 1):
        raise Unwritable("the axis is no number")
    return subject.id, at.func.attr, axis, f"dim={axis}" if at.keywords else str(axis)


def _lengths(packed: ast.AST) -> str | None:
    """The name of the lengths that a batch was packed with."""
    if not isinstance(packed, ast.Call):
        return None
    named = next((one.value for one in packed.keywords if one.arg == "lengths"), None)
    lengths = named if named is not None else packed.args[1] if len(packed.args) > 1 else None
    # lengths.cpu() are those of the name
    while isinstance(lengths, ast.Call) and isinstance(lengths.func, ast.Attribute) and not lengths.args:
        lengths = lengths.func.value
    return lengths.id if isinstance(lengths, ast.Name) else None
