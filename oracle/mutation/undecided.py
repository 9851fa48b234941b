"""Readings that are other than the right program's, and that the truth of the run alone does not call wrong or right.

Each is a predicate on what the runs read, with the reason why the linter is free to speak or not.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from torch import Tensor

from oracle.programs.facts import Fact
from oracle.programs.truth import Influence
from oracle.programs.verdict import Expected, Truth

_HALVES = frozenset({"halves of output", "added halves", "one half of output"})


@dataclass(frozen=True, slots=True)
class Change:
    """What the mutant's calls read and the right program's, what the truth says, and how the program was drawn."""

    truth: Truth
    calls: Sequence[Influence]
    right: Sequence[Influence]
    styles: frozenset[str]

    @property
    def reading(self) -> Influence:
        """The first call that reaches the result."""
        return next(call for call in self.calls if bool(call.mask.any()))


def undecided(truth: Truth, calls: Sequence[Influence], right: Sequence[Influence], styles: frozenset[str]) -> str:
    """Why the reading is undecided; empty if it is not."""
    change = Change(truth, calls, right, styles)
    return next((reason for holds, reason in _REASONS if holds(change)), "")


def _named_half(change: Change) -> bool:
    return change.truth.facts == {Fact.SINGLE_DIRECTION} and bool(change.styles & _HALVES)


def _all_pooled(change: Change) -> bool:
    return change.truth.facts == {Fact.MIXES_SAMPLES} and not change.reading.lead


def _other_axes(change: Change) -> bool:
    return change.truth.expected is Expected.SILENCE and len(change.calls[0].lead) != len(change.right[0].lead)


def _samples_by_number(change: Change) -> bool:
    if Fact.LOSES_SAMPLES not in change.truth.facts:
        return False
    return not bool(_along_samples(change.reading)[-1])


def _sample_of_state(change: Change) -> bool:
    by_number = not {"loop over steps", "step of output"}.isdisjoint(change.styles)
    return Fact.LOSES_SAMPLES in change.truth.facts and by_number and one_sample_of_final(change.reading)


def _looped(change: Change) -> bool:
    """The last round of a loop along the samples: going through them one by one is right code, so loops are silent."""
    return Fact.LOSES_SAMPLES in change.truth.facts and "loop over steps" in change.styles


def one_sample_of_final(reading: Influence) -> bool:
    """Whether one sample is left, of a state after the last step."""
    steps = reading.mask.any(0).any(0).any(0).any(-1).any(-1)  # (D, T)
    return int(_along_samples(reading).sum()) == 1 and bool(steps[0, -1]) and int(steps[0].sum()) == 1


def _window(change: Change) -> bool:
    # the only fact, because another one beside it is decided
    if change.truth.facts != {Fact.HALF_READ_ONE} or change.reading.extents.directions != 2:
        return False
    top = change.reading.mask.any(0).any(0)[-1].any(-1).any(-1)  # (D, T)
    return all(int(top[way].sum()) > 1 for way in (0, 1) if not bool(top[way, 0 if way else -1]))


def samples_side_by_side(reading: Influence) -> bool:
    """Whether every row reads one step of every sample."""
    rows = reading.mask.any(1).any(1).any(1).any(-1)  # (positions, T, N); a step of output holds both directions
    return bool(rows.any(1).all()) and bool((rows.any(2).sum(1) == 1).all())


def _merged(change: Change) -> bool:
    """Whole axes merged by a flatten or a view: samples beside samples of one step, or states below states."""
    if change.truth.facts == {Fact.MIXES_SAMPLES} and "flattened steps" in change.styles:
        return samples_side_by_side(change.reading)
    return change.truth.facts == {Fact.JOINED_ALONG_SAMPLES} and "all steps" in change.styles


def _along_samples(reading: Influence) -> Tensor:
    return reading.mask.any(0).any(0).any(0).any(0).any(0).any(-1)


_REASONS: tuple[tuple[Callable[[Change], bool], str], ...] = (
    (_named_half, "one half of output, taken by its name"),
    (_all_pooled, "all samples are pooled into one result"),
    (_looped, "one sample, from a loop along the samples"),
    (_other_axes, "the result has other axes: who takes it is not shown"),
    (_samples_by_number, "samples taken by their numbers, the last not among them"),
    (_sample_of_state, "one sample of a final state, by a number that is computed"),
    (_merged, "whole axes are merged, which RNN203 leaves to the widths"),
    (_window, "several steps, the last of them with both directions"),
)
