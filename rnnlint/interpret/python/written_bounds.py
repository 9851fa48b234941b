"""The numbers that a method is written with which takes a part of an axis, as those of the subscript it stands for."""

from __future__ import annotations

from collections.abc import Mapping

from rnnlint.axes.states import shape
from rnnlint.interpret.state.here import Bounds
from rnnlint.interpret.state.run import Arguments, Run
from rnnlint.values.domain import Lit, Tensor, Torch, Value

_PARAMETERS = {
    "split": (("split_size", "split_size_or_sections"),),
    "select": (("dim",), ("index",)),
    "narrow": (("dim",), ("start",), ("length",)),
}
_WHOLE = (None, None, None)


def bounds_of(run: Run, subject: Value, name: str, args: Arguments, keywords: Mapping[str, Value]) -> Bounds:
    """``((lower, upper, step),)`` for ``narrow(0, ...)``, ``((index,),)`` for ``select(0, index)``: an item for each
    axis up to the one that is meant.  Of ``split`` it is the size."""
    parameters = _PARAMETERS.get(name)
    if parameters is None:
        return ()
    tensor = subject
    if isinstance(subject, Torch):  # ``torch.narrow(x, 0, ...)``
        tensor, args = (args[0], args[1:]) if args else (keywords.get("input", subject), args)
    given = [_argument(place, names, args, keywords) for place, names in enumerate(parameters)]
    written = [None if value is None else run.facts.literal(value) for value in given]
    if name == "split":
        return ((written[0],),)
    axis = run.facts.integer(given[0]) if given[0] is not None else None
    before = (_WHOLE,) * axis if axis is not None and 0 < axis < 8 else ()
    if name == "select":
        return (*before, (written[1],))
    return (*before, _stretch(run, tensor, axis, written[1], written[2]))


def _argument(place: int, names: tuple[str, ...], args: Arguments, keywords: Mapping[str, Value]) -> Value | None:
    return args[place] if place < len(args) else next((keywords[name] for name in names if name in keywords), None)


def _stretch(
    run: Run, tensor: Value, axis: int | None, start: Lit | None, length: Lit | None
) -> tuple[Lit | None, Lit | None, None]:
    """``lower:upper`` of a start and a length, as one would write it: 0 and the end are left out."""
    first, count = (one.value if one is not None and type(one.value) is int else None for one in (start, length))
    end = None if first is None or count is None else first + count
    extents = shape(tensor.states) if isinstance(tensor, Tensor) else ()
    whole = axis is not None and -len(extents) <= axis < len(extents) and extents[axis] == end
    if start is None or length is None or end is None or whole:
        return (None if first == 0 else start, None, None)
    # 0 adds nothing: the end is the length, and comes from where that does
    return (None, length, None) if first == 0 else (start, Lit(end, start.origins | length.origins), None)
