"""A mean, a maximum or a softmax over the steps that leaves out what lies behind the end of shorter samples."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from rnnlint.findings import Edit
from rnnlint.fixing.text import Text
from rnnlint.fixing.tree import Tree
from rnnlint.fixing.unwritable import Unwritable
from rnnlint.frozen import dataclass

_FREE = ("mask", "valid", "valid_steps")  # of names that mean something elsewhere the next is tried
_SCORES = ("scores", "unmasked", "unmasked_scores")
_REDUCES = {"mean", "max", "amax", "softmax", "log_softmax"}


@dataclass(frozen=True, slots=True)
class _Reduction:
    """A ``subject`` is reduced by a ``function`` along an axis; ``others`` are its arguments as they are written.

    ``called`` is what stands before their bracket where the subject is an argument, "" for a method.
    """

    subject: ast.expr
    function: str
    axis: int
    others: str
    called: str = ""


def masked(at: ast.expr, packed: ast.AST, rank: int, torch: str, tree: Tree, text: Text) -> list[Edit]:
    """The edits by which what is done along axis 0 or 1 of a tensor is so to the steps that each sample has.

    ``packed`` is the call that packed the batch, which has the lengths; they have to have a name where ``at`` is.
    ``rank``: the tensor has three axes, or two. Raises Unwritable.
    """
    done = _reduction(at, rank, tree, text)
    lengths = _lengths(packed)
    statement = tree.statement(at)
    if lengths is None or statement is None or tree.scope(packed) is not tree.scope(at) or not tree.once(at):
        raise Unwritable("the lengths have no name there")
    mask = _free(_FREE, at, tree)
    tensor, lines = text.code(done.subject), list[str]()
    if not isinstance(done.subject, ast.Name):
        # it is asked for its size, and computed once
        tensor = _free(_SCORES, at, tree)
        lines.append(f"{tensor} = {text.code(done.subject)}")
    count = f"{torch}.arange({tensor}.size({done.axis}), device={tensor}.device)"
    all_lengths = f"{torch}.as_tensor({lengths}, device={tensor}.device)"
    # (samples, steps) or (steps, samples), as the output is laid out
    both = (count, f"{all_lengths}.unsqueeze(1)") if done.axis == 1 else (f"{count}.unsqueeze(1)", all_lengths)
    lines.append(f"{mask} = {both[0]} < {both[1]}")
    if any("\n" in line or "\r" in line for line in lines):
        raise Unwritable("what is reduced stands on several lines")
    before = text.lines_before(statement, lines)
    if before is None:
        raise Unwritable("something else stands on the line")
    wide = f"{mask}.unsqueeze(-1)" if rank == 3 else mask
    if done.function == "mean":
        summed = f"({tensor} * {wide}).sum({done.axis})"
        return [before, text.replaced(at, f"{summed} / {mask}.sum({done.axis}).unsqueeze(-1)")]
    filled = f'{tensor}.masked_fill(~{wide}, float("-inf"))'
    new = f"{done.called}({filled}, {done.others})" if done.called else f"{filled}.{done.function}({done.others})"
    return [before, text.replaced(at, new)]


def _free(names: Sequence[str], at: ast.expr, tree: Tree) -> str:
    taken = tree.names(tree.scope(at))
    found = next((one for one in names if one not in taken), None)
    if found is None:
        raise Unwritable("every name is taken")
    return found


def _reduction(at: ast.expr, rank: int, tree: Tree, text: Text) -> _Reduction:
    """What is reduced by which function along which axis, and how that is written."""
    if not isinstance(at, ast.Call) or not isinstance(at.func, ast.Attribute) or at.func.attr not in _REDUCES:
        raise Unwritable("it is no function that leaves out what is masked")
    receiver, function = at.func.value, at.func.attr
    of_torch = isinstance(receiver, ast.Name) and receiver.id in tree.imported
    subject = (at.args[0] if at.args else None) if of_torch else receiver
    rest = at.args[1:] if of_torch else at.args
    dims = [*rest, *(one.value for one in at.keywords if one.arg in ("dim", "axis"))]
    if subject is None or isinstance(subject, ast.Starred) or len(dims) != 1 or len(at.keywords) + len(rest) != 1:
        raise Unwritable("it is not seen what is reduced, and how")
    (dim,) = dims
    number = ast.literal_eval(dim) if isinstance(dim, (ast.Constant, ast.UnaryOp)) else None
    axis = number % rank if type(number) is int else None
    if axis not in (0, 1):
        raise Unwritable("the axis is no number")
    # a mean of what has no name would be written twice
    if not isinstance(subject, ast.Name) and "softmax" not in function:
        raise Unwritable("what is reduced has no name")
    others = f"dim={text.code(dim)}" if at.keywords else text.code(dim)
    return _Reduction(subject, function, axis, others, text.code(at.func) if of_torch else "")


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
