"""Products of tensors: every element of the result reads a row of one operand and a column of the other.

An operand keeps the axes that the result has as well, is copied along those it lacks, and holds all at once what is
added up.  The semantics are those of https://docs.pytorch.org/docs/stable/generated/torch.einsum.html (and matmul).
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Sequence

from rnnlint.asking import once_together
from rnnlint.axes.form.normal import mix
from rnnlint.axes.operations.moves import copied, folded, lifted, turned
from rnnlint.axes.operations.selectors import picked
from rnnlint.axes.states import Raises, Result, States, Unknown, shape

Labels = tuple[Hashable, ...]


def matmul(left: States, right: States) -> Result:
    """``left @ right``: vectors, matrices, or batches of matrices, whose leading axes broadcast."""
    return _multiplied((left, right))


@once_together
def _multiplied(sides: Sequence[States], /) -> Result:
    left, right = sides
    ranks = len(shape(left)), len(shape(right))
    if 0 in ranks:
        text = f"both arguments to matmul need to be at least 1D, but they are {ranks[0]}D and {ranks[1]}D"
        return Raises("RuntimeError", text)
    rows = () if ranks[0] == 1 else ("row",)
    columns = () if ranks[1] == 1 else ("column",)
    # 2, the rows and columns of a matrix: what stands before them are its batches, named from the right, where they
    # broadcast
    batch = [tuple(("batch", place) for place in range(max(rank - 2, 0), 0, -1)) for rank in ranks]
    # the row of the left meets the column of the right: of a matrix its last axis but one, of a vector the only one it
    # has
    if shape(left)[-1] != shape(right)[0 if ranks[1] == 1 else -2]:
        return _no_product(left, right)
    # the leading axes broadcast from the right, so that those of the longer one name them all
    longest = max(batch, key=len)
    return multiply(
        (left, right), ((*batch[0], *rows, "sum"), (*batch[1], "sum", *columns)), (*longest, *rows, *columns)
    )


def bmm(left: States, right: States) -> Result:
    """``torch.bmm``: a batch of matrices times as many others; nothing broadcasts."""
    return _of_rank(left, right, 3, 3)


def mm(left: States, right: States) -> Result:
    """``torch.mm``: a matrix times a matrix."""
    return _of_rank(left, right, 2, 2)


def mv(left: States, right: States) -> Result:
    """``torch.mv``: a matrix times a vector."""
    if not shape(left):
        return Raises("IndexError", "Dimension specified as 0 but tensor has no dimensions")
    return _of_rank(left, right, 2, 1)


def outer(left: States, right: States) -> Result:
    """``torch.outer``: every element of one vector times every element of another."""
    for side in (left, right):
        if len(shape(side)) != 1:
            return Raises("RuntimeError", f"outer: Expected 1-D argument, but got {len(shape(side))}-D")
    return multiply((left, right), (("row",), ("column",)), ("row", "column"))


def _of_rank(left: States, right: States, *wanted: int) -> Result:
    sizes = shape(left), shape(right)
    if tuple(map(len, sizes)) != wanted:
        ranks = " and ".join(f"{rank}D" for rank in wanted)
        return Raises(
            "RuntimeError", f"{ranks} tensors expected, but got {len(sizes[0])}D and {len(sizes[1])}D tensors"
        )
    if sizes[0][:-2] != sizes[1][: max(len(sizes[1]) - 2, 0)]:
        return _no_product(left, right)
    return matmul(left, right)


def _no_product(left: States, right: States) -> Raises:
    return Raises("RuntimeError", f"{shape(left)} and {shape(right)} cannot be multiplied")


_OPERAND = re.compile(r"[A-Za-z]*(?:\.\.\.)?[A-Za-z]*")


def einsum(equation: str, *parts: States) -> Result:
    """``torch.einsum``; an axis that one operand names twice is unknown."""
    inputs, arrow, output = equation.replace(" ", "").partition("->")
    terms = inputs.split(",")
    if any(_OPERAND.fullmatch(term) is None for term in (*terms, output)) or len(terms) != len(parts):
        return Raises("RuntimeError", f"einsum(): {equation!r} does not fit {len(parts)} operands")
    named: list[Labels] = []
    widest = 0
    for term, part in zip(terms, parts, strict=True):
        spare = len(shape(part)) - len(term.replace("...", ""))
        # an ellipsis stands for the axes that no letter names, also for none
        if spare < 0 or (spare > 0 and "..." not in term):
            return Raises("RuntimeError", f"einsum(): {term!r} does not fit a tensor of {len(shape(part))} axes")
        named.append(_labels(term, spare))
        widest = max(widest, spare)
    # without an arrow, the letters that stand once, in the order of the alphabet, behind the ellipsis: torch's
    # documentation of einsum
    if not arrow:
        counts = [letter for term in terms for letter in term if letter != "."]
        output = "..." * (widest > 0) + "".join(sorted(one for one in counts if counts.count(one) == 1))
    wanted = _labels(output, widest)
    if len(set(wanted)) < len(wanted) or not set(wanted) <= {label for labels in named for label in labels}:
        return Raises("RuntimeError", f"einsum(): {output!r} names an axis twice, or one that no operand has")
    return multiply(parts, named, wanted)


def _labels(term: str, dots: int) -> Labels:
    """The axes of one operand, an ellipsis counted from its right."""
    before, _, after = term.partition("...")
    middle = tuple(range(dots, 0, -1)) if "..." in term else ()
    return (*before, *middle, *after)


def multiply(parts: Sequence[States], labels: Sequence[Labels], wanted: Labels) -> Result:
    """Elements with the axes ``wanted``, which add up over every other axis; axes of extent 1 broadcast."""
    sizes: dict[Hashable, int] = {}
    for part, names in zip(parts, labels, strict=True):
        # the elements on a diagonal are no arrangement of the others (tests/axes/test_products.py,
        # test_a_diagonal_is_not_followed)
        if len(set(names)) < len(names):
            return Unknown("a product along the diagonal of an operand")
        for name, size in zip(names, shape(part), strict=True):
            if size != 1 and sizes.setdefault(name, size) != size:
                return Raises("RuntimeError", f"operands do not broadcast: {[shape(part) for part in parts]}")
    final = [sizes.get(name, 1) for name in wanted]
    # a sum over no elements reads nothing, while the result has elements all the same
    empty = any(size == 0 for name, size in sizes.items() if name not in wanted)
    operands = zip(picked(parts, labels, wanted), labels, strict=True)
    return mix([_operand(part, names, wanted, final, empty) for part, names in operands])


def _operand(
    part: States | Unknown, names: Labels, wanted: Labels, sizes: Sequence[int], empty: bool
) -> States | Unknown:
    """What one operand gives to every element; nothing at all where a sum over no elements is taken."""
    states: States | Unknown = part
    left = list(names)
    for axis in reversed(range(len(names))):
        if names[axis] not in wanted and not isinstance(states, Unknown):
            states = folded(states, axis)
            left.pop(axis)
    if isinstance(states, Unknown):
        return states
    states = turned(states, [left.index(name) for name in wanted if name in left])
    for axis, name in enumerate(wanted):
        if name not in left:
            states = lifted(states, axis)
    if empty:
        none = copied(lifted(states, 0), (0, *shape(states)))
        states = none if isinstance(none, Unknown) else folded(none, 0)
    return states if isinstance(states, Unknown) else copied(states, sizes)
