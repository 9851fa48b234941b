"""The values at the places of a program that a fix has written, in a run on labels.

Every expression around such a place is handed to a probe when it has been evaluated; of those that stand in each other
the innermost that holds what is looked for is what the fix has put there.
"""

from __future__ import annotations

import contextlib
import enum
import io
import warnings
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from unittest import mock

import torch
from torch import Tensor, nn

from oracle.fixes import wrapping
from oracle.fixes.binding import bound
from oracle.fixes.building import built
from oracle.fixes.feeding import Fed, fed_as_meant, feeding
from oracle.fixes.holding import Held, held
from oracle.fixes.mending import Span
from oracle.fixes.packs import Pack, packed_as_meant, packs
from oracle.fixes.stepping import stepped
from oracle.mutation.drawn import RAISED_BY_MUTANTS
from oracle.programs.truth import Leaf, influenced
from oracle.variations.running import Drive, executable


class Thing(enum.Enum):
    """What is looked for at a place, from the inside out."""

    STATES = "a tensor that holds states"
    BOTH = "a tensor of what was written at all places"
    NUMBERS = "a tensor"
    TRUTH = "whether something is so"
    RETURNED = "what a call returns"
    BOUND = "names of what a call returns"
    PACKED = "a batch whose samples can be told"
    BUILT = "a module that is built"
    FED = "a call that is fed samples which can be told"


_TREES = {Thing.BOUND: wrapping.targets, Thing.BUILT: wrapping.arguments}


@dataclass(frozen=True, slots=True)
class _Run:
    """What a run has called so far."""

    leaves: list[Leaf]
    packs: list[Pack]
    fed: list[Fed]
    placed: list[tuple[object, int]] = field(
        default_factory=list
    )  # kept, so that nothing else gets the identity of one

    def found(self, thing: Thing, value: object, more: Sequence[object]) -> Held | None:
        """What of a kind a value is; None where it is nothing of that kind."""
        match thing:
            case Thing.BOUND:
                return _complaint(bound(value, self.leaves))
            case Thing.BUILT:
                return _complaint(built(value, *more))
            case Thing.PACKED:
                return _complaint(packed_as_meant(value, self.packs, self.leaves))
            case Thing.FED:  # which calls get it is known at the end
                self.placed.append((value, len(self.fed)))
                return None
            case Thing.TRUTH:
                return _complaint(_is_so(value))
            case Thing.RETURNED if isinstance(value, tuple) and value:  # the output first
                return held(value[0], self.leaves)
            case Thing.NUMBERS:
                numbers = isinstance(value, Tensor) and value.is_floating_point() and value.dim()
                return Held(tuple(value.shape), value=value.detach()) if numbers and isinstance(value, Tensor) else None
        return held(value, self.leaves)


def _complaint(said: str | None) -> Held | None:
    return None if said is None else Held(complaint=said)


def _is_so(value: object) -> str | None:
    if isinstance(value, Tensor) and value.dtype is torch.bool:
        value = bool(value.all())
    elif isinstance(value, Tensor) and not value.dim():  # a difference in one number
        value = not bool(value)
    return None if not isinstance(value, bool) else "" if value else "what is compared is not the same"


@dataclass(slots=True)
class _Probe:
    """What is told of one place, from the inside out; which kind of ``thing`` is looked for."""

    run: _Run
    thing: Thing
    held: list[Held] = field(default_factory=list)
    _level: int = -1
    _found: bool = False
    _indexed: bool = False  # by nothing but indices since it was found

    def __call__(self, level: int, value: object, more: Sequence[object]) -> object:
        # what is evaluated again begins from the inside
        if level <= self._level:
            self._found = False
        self._level = level
        self._indexed = self._indexed and more == (True,)
        one = self.run.found(self.thing, value, more) if not self._found or self._indexed else None
        if one is not None and self._found:
            self.held[-1] = replace(self.held[-1], indexed=(*self.held[-1].indexed, one))
        elif one is not None:
            self.held.append(one)
            self._found = self._indexed = True
        return value


def probed(text: str, spans: Sequence[Span], drive: Drive | None, thing: Thing = Thing.STATES) -> list[list[Held]]:
    """What of a kind the program holds at each span while it runs, as far as it runs."""
    if thing is Thing.BOTH and spans:
        spans = [(min(start for start, _ in spans), max(end for _, end in spans))]
    tree = _TREES.get(thing, wrapping.around)(executable(text), spans)
    torch.manual_seed(0)
    with (
        influenced() as leaves,
        stepped(leaves),
        packs() as packed,
        _fed(thing, leaves) as fed,
        # what torch compiles cannot call a probe
        mock.patch.object(torch.jit, "script", lambda compiled: compiled),
        mock.patch.object(torch.jit, "script_method", lambda compiled: compiled),
        mock.patch.object(torch.jit, "ScriptModule", nn.Module),
        warnings.catch_warnings(),
        contextlib.redirect_stdout(io.StringIO()),
    ):
        warnings.simplefilter("ignore")
        run = _Run(leaves, packed, fed)
        probes = [_Probe(run, thing) for _ in spans]

        def told(number: int, level: int, value: object, *more: object) -> object:
            return probes[number](level, value, more)

        scope: dict[str, object] = {"__name__": "__main__", wrapping.PROBE: told}
        with contextlib.suppress(*RAISED_BY_MUTANTS, SystemExit):
            exec(compile(tree, "<mended>", "exec"), scope)
            if drive is not None:
                drive(scope)
    if thing is Thing.FED:
        told_of = _complaint(fed_as_meant(run.placed, run.fed))
        return [[told_of] if told_of is not None else []]
    return [probe.held for probe in probes]


def _fed(thing: Thing, leaves: list[Leaf]) -> contextlib.AbstractContextManager[list[Fed]]:
    # each sample that is fed is followed back by a gradient of its own: only where that is asked
    return feeding(leaves) if thing is Thing.FED else contextlib.nullcontext([])


def every(several: Iterable[list[Held]], holds: Callable[[Held], str]) -> str:
    """The first complaint about what was held anywhere; "" where there is none.

    Of what is indexed further at the place, ``output[:, -1][:, :H]``, a part may be what is wanted.
    """
    for first in (one for some in several for one in some):
        said = [holds(one) for one in (first, *first.indexed)]
        if all(said):
            return said[0]
    return ""
