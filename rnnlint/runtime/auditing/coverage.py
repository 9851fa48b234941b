"""How much of what was done to recurrent results was followed: silence about the rest says nothing."""

from __future__ import annotations

import weakref
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from torch import Tensor
from torch.nn.utils.rnn import PackedSequence

from rnnlint.axes.states import Call, Unknown, blocks
from rnnlint.interpret.state.run import Run
from rnnlint.runtime.auditing.places import Place
from rnnlint.runtime.auditing.shadows import Shadows, tensors_in
from rnnlint.values import domain

_SHORT = {"torch.nn.functional.": "F.", "torch.Tensor.": "Tensor."}  # as they are usually written


@dataclass(frozen=True, slots=True)
class Unfollowed:
    """An operation on recurrent results that was not followed: its name, how often, and why not."""

    operation: str
    place: Place | None
    reason: str
    times: int = 1

    def __str__(self) -> str:
        at = "" if self.place is None else f" at {self.place.short}"
        return f"{self.operation}{at}"


@dataclass(frozen=True, slots=True)
class Coverage:
    """``operations`` on recurrent results there were, ``calls`` of recurrent modules that made them.

    ``unfollowed`` are the operations whose results are not known, in the order in which they were first met; what is
    done to such a result afterwards is among them.  ``layered``: a layer of torch has read one, and that was judged,
    whatever the layer made of it.
    """

    calls: int = 0
    operations: int = 0
    unfollowed: tuple[Unfollowed, ...] = ()
    layered: bool = False

    @property
    def lost(self) -> int:
        """How many operations were not followed, each as often as it was run."""
        return sum(one.times for one in self.unfollowed)

    @property
    def judged(self) -> bool:
        """Whether the rules have seen anything."""
        return self.calls > 0 and (self.layered or self.lost < self.operations or not self.operations)

    def __str__(self) -> str:
        what = "1 operation" if self.lost == 1 else f"{self.lost} operations"
        were = "was" if self.lost == 1 else "were"
        of = "" if self.lost == 1 else "first "
        return f"{what} on recurrent results {were} not followed, {of}{self.unfollowed[0]}" if self.unfollowed else ""


class Tally:
    """What was done to recurrent results so far."""

    def __init__(self, run: Run, shadows: Shadows) -> None:
        self._run = run
        self._shadows = shadows
        self._calls = 0
        self._operations = 0
        self._layered = False
        self._lost: dict[int, weakref.ref[Tensor]] = {}  # recurrent results, or made of some, that are not known
        self._data: dict[int, weakref.ref[Tensor]] = {}  # of PackedSequences that are known as a whole
        self._found: dict[tuple[str, Place | None, str], int] = {}

    def called(self, name: str, place: Place | None, result: object) -> None:
        """A recurrent module returned ``result``."""
        self._calls += 1
        for packed in _packs(result):
            self._data[id(packed.data)] = weakref.ref(packed.data)
        self._judge(name, place, [] if any(_packs(result)) else list(tensors_in(result)), made_here=True)

    def concerned(self, given: object) -> bool:
        """Whether recurrent results are among the arguments of an operation; asked before it is run."""
        return any(map(self._recurrent, tensors_in(given)))

    def layered(self, given: object) -> None:
        """A layer of torch reads ``given``."""
        self._layered |= any(self._known(tensor) or _held(self._data, tensor) for tensor in tensors_in(given))

    def operation(self, name: str, place: Place | None, result: object) -> None:
        """An operation on recurrent results was run, and ``result`` is what it made or changed."""
        if not isinstance(result, PackedSequence):
            self._operations += 1
            self._judge(name, place, tensors_in(result, depth=2))

    def coverage(self) -> Coverage:
        """All that was counted so far, which goes on being counted."""
        lost = tuple(Unfollowed(*key, times) for key, times in self._found.items())
        return Coverage(self._calls, self._operations, lost, self._layered)

    def _judge(self, name: str, place: Place | None, made: Iterable[Tensor], made_here: bool = False) -> None:
        """Numbers of a scalar (a loss) and of an index hold no states: nothing is left to follow."""
        why = None
        for tensor in made:
            value = self._shadows.get(tensor)
            if isinstance(value, Unknown) and (tensor.is_floating_point() or tensor.is_complex()) and tensor.dim():
                self._lose(tensor)
                why = why or value.reason
        if why is not None:
            if made_here:  # nothing is known of the call itself: what is missing from the start is an operation too
                self._operations += 1
            key = (_short(name), place, why)
            self._found[key] = self._found.get(key, 0) + 1

    def _lose(self, tensor: Tensor) -> None:
        self._lost[id(tensor)] = weakref.ref(tensor)

    def _recurrent(self, tensor: Tensor) -> bool:
        return self._known(tensor) or _held(self._lost, tensor) or _held(self._data, tensor)

    def _known(self, tensor: Tensor) -> bool:
        value = self._shadows.get(tensor)
        return isinstance(value, domain.Tensor) and (
            any(isinstance(block.source, Call) for block in blocks(value.states))
            or self._run.calls.cell_of(value.states) is not None
        )


def _held(tensors: dict[int, weakref.ref[Tensor]], tensor: Tensor) -> bool:
    held = tensors.get(id(tensor))
    return held is not None and held() is tensor


def _packs(result: object) -> Iterator[PackedSequence]:
    if isinstance(result, tuple) and not isinstance(result, PackedSequence):
        yield from (one for one in tuple.__iter__(result) if isinstance(one, PackedSequence))


def _short(name: str) -> str:
    for long, short in _SHORT.items():
        if name.startswith(long):
            # because ``x.T`` reaches a mode as ``torch.Tensor.T.__get__``
            return short + name.removeprefix(long).removesuffix(".__get__")
    return name
