"""Following a run that is watched: what is known of its tensors so far, and what a mistake of our own costs."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from itertools import count
from threading import get_ident
from typing import Any, TypeVar

import torch
from torch import Tensor, nn

from rnnlint.axes.states import Call, Unknown
from rnnlint.events import Event
from rnnlint.interpret.state.ending import events_of
from rnnlint.interpret.state.loops import Loop
from rnnlint.interpret.state.run import OutOfBudget
from rnnlint.runtime.auditing.audited_run import new_run
from rnnlint.runtime.auditing.coverage import Tally
from rnnlint.runtime.auditing.moved_labels import DISAGREE, Carried
from rnnlint.runtime.auditing.places import Place, here
from rnnlint.runtime.auditing.record import Embedded, Padded, Recurrence
from rnnlint.runtime.auditing.shadows import Shadows, tensors_in
from rnnlint.torch_api.context import Need, TorchRaises
from rnnlint.values import domain
from rnnlint.values.domain import Lit, Packed, Value
from rnnlint.values.uses import Use
from rnnlint.values.walk import blocks_in

T = TypeVar("T")
NOWHERE = Place("<unknown>", 0)
FAILED = Unknown("an internal error of rnnlint")
LOST: Value = FAILED
_BACKWARD = "backward"  # stands for the loops in which gradients are computed


class Following:
    """One audited run: every tensor's value, and the events.

    What it is told comes from inside the user's program, and nothing of its own may be raised there: a mistake in the
    analysis costs what is known of the values concerned, and is kept in ``run.learned.failures``.

    ``gently``: nothing is handed to the program but what torch made.
    """

    def __init__(self, names: Mapping[nn.Module, str] | None = None, *, gently: bool = False) -> None:
        self.run = new_run()
        self.events: tuple[Event, ...] = ()  # once the run is over
        self.shadows = Shadows(self.run)
        self.labels = Carried()
        self.tally = Tally(self.run, self.shadows)
        self.recurrences: list[Recurrence] = []
        self.lengths: dict[Call, tuple[int, ...]] = {}  # of the samples of packed calls, as these are drawn
        self.padded: list[Padded] = []
        self.embedded: list[Embedded] = []
        self.not_followed: dict[str, str] = {}
        self._names = dict(names or {})
        self._occurrences = count()
        self._turns: Counter[tuple[Place | None, int]] = Counter()  # how often a place was come by
        self.backwards = 0  # how often gradients were computed
        # before anything is run: gradients may be computed in a loop of the program's that nobody tells of
        self.run.rounds.backward.add((_BACKWARD, ()))
        self.picked: list[tuple[Tensor, Packed]] = []  # whose fields were asked for by number, by their batch sizes
        self._refused: int | None = None  # the events there were, if the analysis says that what came last raises
        self.listener: Any = None  # the profile function that tells of calls
        self.gently = gently
        self._thread = get_ident()
        self._pauses = 0  # how many reasons there are to follow nothing just now

    def note_lengths(self, call: Recurrence, returned: Value) -> None:
        """How long the samples are of a packed call that has returned this."""
        if call.packed and not (call.order is not None and call.order.is_meta):
            sources = {block.source for block in blocks_in(returned) if isinstance(block.source, Call)}
            self.lengths.update(dict.fromkeys(sources, tuple(call.lengths().tolist())))

    # --- when, and where ---------------------------------------------------------------------------------------------

    @property
    def paused(self) -> bool:
        """Whether nothing is followed just now: there is a reason, or it is another thread that asks."""
        return self._pauses > 0 or get_ident() != self._thread

    def hold(self) -> None:
        """From here on, nothing is followed."""
        self._pauses += 1

    def release(self) -> None:
        """What the last :meth:`hold` began is over."""
        self._pauses -= 1

    @contextmanager
    def pause(self) -> Iterator[None]:
        """Inside, nothing is followed, and nobody told of calls: Python takes ten times as long while it tells."""
        self.hold()
        # only where it is ours that listens: the program may have set a profile function of its own since
        told = self.listener is not None and sys.getprofile() is self.listener
        if told:
            sys.setprofile(None)
        try:
            yield
        finally:
            if told:
                sys.setprofile(self.listener)
            self.release()

    def elsewhere(self, module: nn.Module) -> None:
        """A module is called in a thread that is not watched."""
        if get_ident() != self._thread and module in self._names:
            self.not_followed[self.name(module) or type(module).__name__] = "it was called in another thread"

    def name(self, module: nn.Module) -> str:
        """The module's qualified name in the audited model."""
        return self._names.get(module, "")

    def place(self) -> Place | None:
        """The innermost place in the user's own code; None where there is none."""
        return self.ours("a place", None, here, None)

    def at(self, place: Place | None, op: str, bounds: tuple[tuple[Lit | None, ...], ...] = ()) -> None:
        """What happens from here on happens at this place, and is another time that it is come by.

        ``op`` is what is done there, ``bounds`` the numbers it is done with, as the source spells them: a tuple for
        every item of a subscript, for every argument of a call.
        """
        self.run.here.path = self.run.here.path._replace(iteration=(next(self._occurrences),))
        self.run.at(place or NOWHERE, op, bounds)  # type: ignore[arg-type]

    @contextmanager
    def looping(self, place: Place | None) -> Iterator[None]:
        """A place that is come by again is in a loop; so is all that comes after gradients were computed.

        What is computed where torch keeps no graph can be handed on all the same.
        """
        turn = self._turns[place, self.backwards]
        self._turns[place, self.backwards] += 1
        loops = (Loop(_BACKWARD, frozenset(), self.backwards), Loop(place, frozenset(), turn))
        with self.run.here.within(loops=loops, graphless=not torch.is_grad_enabled()):
            yield

    # --- what may go wrong -------------------------------------------------------------------------------------------

    def ours(self, what: str, place: Place | None, work: Callable[[], T], otherwise: T, concerned: object = None) -> T:
        """What our own work returns; if it fails, nothing is known any more of the tensors ``concerned``."""
        try:
            return work()
        except Exception as error:
            self.run.learned.failures.note(what, place, error)
        lost = self.run.lost(FAILED.reason)
        # what has failed once may fail again here, and there is nothing left to say of it
        with suppress(Exception):
            for tensor in tensors_in(concerned):
                value = self.shadows.get(tensor)
                if value is not None:  # whatever it was read for: nothing may be said to be never used
                    self.run.use(value, Use.ELSEWHERE)
                self.shadows.set(tensor, lost)
        return otherwise

    def ended(self) -> None:
        """The run is over, however it ended."""
        self.events = self.ours("the end of the run", None, lambda: events_of(self.run), tuple(self.run.trace.events))

    @contextmanager
    def trying(self, place: Place | None) -> Iterator[None]:
        """Inside, torch does what was followed before."""
        try:
            yield
        except Exception:
            self.contradict(raised=True, place=place)
            raise
        self.contradict()

    def contradict(self, raised: bool = False, place: Place | None = None) -> None:
        """What was followed last does not raise, or what it raises is caught there, where the analysis says it does."""

        def withdraw() -> None:
            if self._refused is not None and (not raised or (place is not None and place.tried)):
                self.run.trace.withdraw(self._refused, of_kind=raised)

        self.ours("what torch does not raise on", place, withdraw, None)
        self._refused = None

    def follow(self, operate: Callable[[], Value]) -> Value:
        """The value of an operation; what the analysis takes for impossible is not known."""
        # the number of events before, because the events in which the analysis says that torch raises come with what it
        # raises
        said, self._refused = len(self.run.trace.events), None
        try:
            return operate()
        except TorchRaises as error:
            self._refused = said
            return self.run.lost(f"{error}")
        except (Need, OutOfBudget):
            return self.run.lost("a fact that the run does not show")
        except Exception as error:  # a mistake of ours must not look like one of the model's
            site = self.run.site
            place = site.node if isinstance(site.node, Place) else None
            self.run.learned.failures.note(f"the analysis of {site.op}", place, error)
            return self.run.lost(FAILED.reason)

    # --- what is known -----------------------------------------------------------------------------------------------

    def concerned(self, given: object) -> bool:
        """Whether recurrent results, or what was made of some, are among the arguments of an operation."""
        return self.ours("the look for recurrent results", None, lambda: self.tally.concerned(given), False)

    def any_tensor(self, *things: object) -> bool:
        """Whether a tensor is among these, or inside one; True where that cannot be told."""
        return self.ours("the search for tensors", None, lambda: next(tensors_in(things), None) is not None, True)

    def values(self, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> tuple[tuple[Value, ...], dict[str, Value]]:
        """What is known of the arguments of a call, one value each."""

        def value(thing: object) -> Value:
            return self.ours("a value", None, lambda: self.shadows.value(thing), LOST, thing)

        return tuple(map(value, args)), {key: value(one) for key, one in kwargs.items()}

    def check(self, result: object) -> None:
        """What the labels contradict is not known."""
        # 2: a tuple of results in a tuple, as of an LSTM; what lies deeper is no result of torch's
        for tensor in tensors_in(result, depth=2):
            value = self.shadows.get(tensor)
            if isinstance(value, domain.Tensor) and not self.labels.agree(tensor, value.states):
                self.shadows.set(tensor, self.run.lost(DISAGREE))
