"""Figures beside the goals they are measured against: quantiles, and lines for a terminal."""

from __future__ import annotations

import math
from collections.abc import Sequence


def quantile(values: Sequence[float], share: float) -> float:
    """The smallest of the values that ``share`` (0 to 1) of them do not exceed; of none, nan."""
    if not values:
        return math.nan
    return sorted(values)[max(math.ceil(share * len(values)) - 1, 0)]


def ratio(over: float, under: float) -> float:
    """One over the other; nan where there is nothing to compare with."""
    return over / under if under else math.nan


def line(what: str, figure: float, goal: float | None, unit: str = "", digits: int = 2) -> str:
    """A figure, the goal it is to be at most, and whether it is: ``missed``, or nothing where it is met.

    ``unit`` stands behind both; without a goal the figure is told for itself.
    """
    said = f"{what:68} {figure:9.{digits}f}{unit:3}"
    if goal is None:
        return said.rstrip()
    # rounded as it is shown, because "1.50, goal 1.50: missed" helps nobody
    met = round(figure, digits) <= goal
    return f"{said} goal {goal:7.{digits}f}{unit:3} {'' if met else 'missed'}".rstrip()


def count(what: str, figure: int, goal: int | None) -> str:
    """Likewise of what is counted."""
    return line(what, figure, goal, digits=0)
