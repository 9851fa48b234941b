"""The cells of the heap: what changes while a program runs, and is held by :class:`~rnnlint.values.domain.Ref`."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import TypeAlias

from rnnlint.frozen import dataclass
from rnnlint.values.domain import Along, Class, Free, Value
from rnnlint.values.forms import Padding


@dataclass(frozen=True, slots=True)
class ListCell:
    """A list.

    ``rest`` is the join of what stands after the items, however many there are, None for a list known whole; ``last``
    is its last item and ``first`` its first, where that is known all the same, and ``count`` how many items there are
    (``[x] * n``).  ``whole`` are the tensors along an axis that an iterator goes through which has taken none of them.
    ``padding`` shows that it was filled up to some length, or that it fills up others.
    """

    items: tuple[Value, ...]
    rest: Value | None = None
    last: Value | None = None
    count: int | None = None
    padding: Padding | None = None
    first: Value | None = None
    whole: Along | None = None


@dataclass(frozen=True, slots=True)
class DictCell:
    """A dict with constant keys; ``open`` when it may hold more, which is read from ``rest``, where that has a name.

    ``others`` is the join of what the program has stored under keys that are not known.
    """

    items: tuple[tuple[Hashable, Value], ...]
    open: bool = False
    rest: Free | None = None
    others: Value | None = None


@dataclass(frozen=True, slots=True)
class ObjectCell:
    """An instance of a class of the file; ``base`` is the module it is when the class derives from a torch module.

    ``record``: it only holds, as a dict does.  Who stores a tensor in it has not used it yet; who is handed it has.
    """

    cls: Class
    attrs: Mapping[str, Value]
    base: Value | None = None
    record: bool = False


@dataclass(frozen=True, slots=True)
class ParserCell:
    """An ``argparse.ArgumentParser``, by where it was made; its options by the names the program reads them under."""

    place: Hashable
    options: Mapping[str, Value]


Cell: TypeAlias = ListCell | DictCell | ObjectCell | ParserCell
