"""The drawing that a finding carries: what arrives and what was wanted, as a line of JSON that every host can draw."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from rnnlint.drawing.as_json import FORM, as_json
from rnnlint.drawing.from_json import from_json
from rnnlint.drawing.picture import Picture
from rnnlint.frozen import dataclass

LONGEST = 8192
"""Characters of a drawing: it is kept with every finding and sent to whoever asks; twelve cells have some 3,000."""


@dataclass(frozen=True, slots=True)
class Drawing:
    """What arrives (several, where two things do) and what was wanted; either may not be known.

    ``sizes`` are those that the program leaves open, by its own names, and what they are drawn as.  ``lengths`` are
    those of the samples, where they matter: of a run, or ``made_up``.
    """

    read: tuple[Picture, ...] = ()
    wanted: tuple[Picture, ...] = ()
    sizes: tuple[tuple[str, int], ...] = ()
    lengths: tuple[int, ...] = ()
    made_up: bool = False

    def pictures(self) -> list[tuple[str, Picture]]:
        """All of them, each with whether it is read or wanted."""
        return [*(("read", one) for one in self.read), *(("wanted", one) for one in self.wanted)]


def written(drawing: Drawing) -> str:
    """The drawing as text; "" where there is none, or where it would be too long without what was wanted as well."""
    if not drawing.read:
        return ""
    text = json.dumps(as_data(drawing), ensure_ascii=True, separators=(",", ":"))
    if len(text) <= LONGEST:
        return text
    return written(replace(drawing, wanted=())) if drawing.wanted else ""


def as_data(drawing: Drawing) -> dict[str, Any]:
    """The drawing as values that JSON has; pictures as :mod:`rnnlint.drawing.as_json` has them, of one form."""
    return {
        "form": FORM,
        "read": list(map(_formless, drawing.read)),
        "wanted": list(map(_formless, drawing.wanted)),
        "sizes": [list(pair) for pair in drawing.sizes],
        "lengths": list(drawing.lengths),
        "made_up": drawing.made_up,
    }


def _formless(one: Picture) -> dict[str, Any]:
    return {name: value for name, value in as_json(one).items() if name != "form"}


def carried(text: str) -> Drawing:
    """The drawing again; one of nothing for "".  Raises KeyError, TypeError or ValueError for any other text."""
    if not text:
        return Drawing()
    data = json.loads(text)
    return Drawing(
        tuple(map(from_json, data["read"])),
        tuple(map(from_json, data["wanted"])),
        tuple((name, size) for name, size in data["sizes"]),
        tuple(data["lengths"]),
        data["made_up"],
    )
