"""Drawing what a program takes of ``output``, ``h_n`` and ``c_n``, right or wrong, in the ways people write it.

A reading is Python text over the names of the results.  Nothing here decides whether it is right: that is read off
the run (:mod:`oracle.programs.facts`).
"""

from __future__ import annotations

import random
from dataclasses import dataclass

from oracle.programs.spelling import Setup

Parts = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """``lines`` and then ``expression``; ``width`` names how many features it has (see :func:`width_text`).

    ``needs`` is the result it reads: "output", "hidden", "cell".  ``free`` says why the truth alone does not decide
    whether it should be reported, if it does not.
    """

    expression: str
    width: str
    needs: str
    lines: Parts = ()
    style: str = ""
    free: str = ""
    sequence: bool = False


@dataclass(frozen=True, slots=True)
class Names:
    """Expressions a reading may use: the three results, sizes, and torch's own name."""

    output: str
    hidden: str
    cell: str
    units: str
    units_of_cell: str
    layers: str
    directions: str
    lengths: str
    torch: str
    functional: str


@dataclass(frozen=True, slots=True)
class Pen:
    """What every drawer of readings needs; ``batch_first`` is the layout ``output`` has where it is read."""

    rng: random.Random
    setup: Setup
    names: Names
    batch_first: bool

    def one_of(self, *forms: str) -> str:
        """One of these, each as likely."""
        return self.rng.choice(forms)

    def chance(self, probability: float) -> bool:
        """True with this probability, from 0 to 1."""
        return self.rng.random() < probability

    def joined(self, parts: list[str], width: str, needs: str, lines: Parts, style: str, free: str = "") -> Reading:
        """Two tensors of one shape (samples, features), joined along the features (or, wrongly, along the samples)."""
        torch = self.names.torch
        # the halves exchanged, sometimes: odd, and no mistake by itself
        one, other = parts if self.chance(0.95) else parts[::-1]
        twice = "2DH" if width == "DH" else "H" if width == "H/2" else f"2{width}"
        if not self.setup.batched:
            return Reading(f"{torch}.cat(({one}, {other}), dim=-1)", twice, needs, lines, style, free)
        pair = self.one_of(f"({one}, {other})", f"[{one}, {other}]")
        chance = self.rng.random()
        # one in ten without the right axis: directions below each other, as if they were samples
        if chance < 0.1:
            text = self.one_of(f"{torch}.cat({pair})", f"{torch}.cat({pair}, dim=0)", f"{torch}.cat({pair}, 0)")
            return Reading(text, width, needs, lines, style, free)
        # a reshape where a transpose is meant
        if chance < 0.15:
            return Reading(f"{torch}.stack({pair}).reshape({one}.size(0), -1)", twice, needs, lines, style, free)
        if chance < 0.25:
            text = self.one_of(f"{one} + {other}", f"({one} + {other}) / 2", f"{torch}.stack({pair}).mean(0)")
            return Reading(text, width, needs, lines, style, free)
        text = self.one_of(
            *[f"{torch}.cat({pair}, dim=1)"] * 3,
            *[f"{torch}.cat({pair}, 1)"] * 3,
            *[f"{torch}.cat({pair}, dim=-1)"] * 3,
            f"{torch}.concat({pair}, dim=1)",
            f"{torch}.hstack({pair})",
            f"{torch}.stack({pair}, dim=1).flatten(1)",
            f"{torch}.stack({pair}, 1).view({one}.size(0), -1)",
        )
        return Reading(text, twice, needs, lines, style, free)


def width_text(
    rng: random.Random, width: str, setup: Setup, sizes: dict[str, str], units: str, number: int | None
) -> str:
    """Text for the number of features of a reading, over the expressions in ``sizes``.

    Sometimes just the number, where ``number`` (the value of ``units``) is given.
    """
    factors = {
        "H": (units,),
        "2H": (units, "2"),
        "LH": (units, sizes["layers"]),
        "DH": (units, sizes["directions"]),
        "2DH": (units, sizes["directions"], "2"),
        "LDH": (units, sizes["layers"], sizes["directions"]),
        "TDH": (str(setup.steps), units, sizes["directions"]),
    }[width]
    count = {
        "H": 1, "2H": 2, "LH": setup.layers, "DH": setup.directions, "2DH": 2 * setup.directions,
        "LDH": setup.layers * setup.directions, "TDH": setup.steps * setup.directions,
    }[width]  # fmt: skip
    # one in four: people count features by hand, too
    if number is not None and rng.random() < 0.25:
        return str(number * count)
    # in brackets, because ``hidden // 2 * 2`` and ``2 * hidden // 2`` are other numbers in Python where the size is odd
    kept = [f"({factor})" if " // " in factor and len(factors) > 1 else factor for factor in factors if factor != "1"]
    if len(kept) > 1 and rng.random() < 0.5:
        kept = kept[1:] + kept[:1]
    return " * ".join(kept) if kept else "1"
