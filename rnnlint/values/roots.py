"""What a free tensor was made of, without changing its rank, and whether it is padded as that is."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import replace

from rnnlint.axes.states import Unknown
from rnnlint.values.domain import Formless, Free, Lit, Tensor
from rnnlint.values.forms import Arithmetic, Beside, Mask, OfTensor, Padding, SortIndex


def base(root: Free) -> Free:
    """The tensor that one of the same rank was made of."""
    while True:
        match root.form:
            case OfTensor(of=inner):
                root = inner
            # with a number, and by no operator that can change a rank: a matrix product or a power of tensors is
            # another tensor
            case Arithmetic("+" | "-" | "*", Free() as inner, Lit()) | Arithmetic(
                "+" | "-" | "*", Lit(), Free() as inner
            ):
                root = inner
            case _:
                return root


def plain(free: Free) -> bool:
    """Whether an open value is no result of others: what is padded may be any number or truth."""
    return free.form is None or isinstance(free.form, Padding)


def padding_in(root: Free) -> Padding | None:
    """How an open value is padded; None where nothing shows that it is."""
    match root.form:
        case Padding() as padding:
            return padding
        case Mask() | SortIndex():  # the truths of a comparison and an index are no steps of anything
            return None
        case Beside(of=inner):  # as long as whatever is put beside it
            found = padding_in(inner)
            return None if found is not None and found.nowhere else found
        case OfTensor() | Arithmetic() as form:
            made_of = (padding_in(operand) for operand in form.operands if isinstance(operand, Free))
            return next((one for one in made_of if one is not None), None)
    return None


def part(whole: Free, key: str) -> Free:
    """A part of an open value, under the name that it has: what holds padding was padded part by part."""
    form = replace(whole.form, axis=None) if isinstance(whole.form, Padding) else None
    return Free(key, whole.owner, form)


def some_part(free: Free) -> bool:
    """Whether an open value is any of several, of which each may be another (``Containers.element``)."""
    return "[...]" in free.key


def opened(item: Formless) -> Free:
    """An item of which it is not known whether it is a tensor, as an open value."""
    return part(item.root, f"{item.root.key}[...]")


def surely(value: Tensor | Formless | Unknown) -> Tensor | Formless | Unknown:
    """What is used as a tensor, as one: it is known to be one from there on."""
    if isinstance(value, Formless) and value.unsure:
        return Formless(value.root, value.change, value.width)
    return value


def axis_key(tensor: Formless, axis: int) -> Hashable:
    """What the extent of an axis is known by: of a tensor as it came by what it has when its rank is known, so that
    sizes that were taken to fit before still do."""
    root, change = tensor.root, tensor.change
    return (root, axis) if change == 0 and root.form is None and axis >= 0 else (root, change, axis)
