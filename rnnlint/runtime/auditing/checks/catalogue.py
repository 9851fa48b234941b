"""The concerns an audit can have: stable names by which they are waived, and pages that explain them.

docs/concerns.md has a section for each, with a model that raises it.
"""

from __future__ import annotations

from dataclasses import dataclass

PAGE = "docs/concerns.md"


@dataclass(frozen=True, slots=True)
class Named:
    """One concern.  ``kind`` is the question it answers, ``meaning`` one line without a full stop."""

    name: str
    kind: str
    meaning: str


CONCERNS = {
    one.name: one
    for one in (
        Named("mixed-samples", "samples", "the result of one sample depends on another sample of the batch"),
        Named("single-sample", "samples", "one sample of the batch decides every result, the others influence none"),
        Named("idle-steps", "steps", "a recurrent module reads steps that influence nothing"),
        Named("unread-states", "gradient", "what a layer, a direction or a module computes is never read"),
        Named("one-step-read", "gradient", "a layer or direction is only read where it has seen one step"),
        Named("stateless-steps", "gradient", "a module is called step by step and never handed its state"),
        Named("unpacked-padding", "padding", "padding behind shorter samples is read like data"),
        Named("padding-as-data", "padding", "what pad_packed_sequence filled up changes the result"),
        Named("random-evaluation", "evaluation", "evaluation depends on random numbers"),
        Named("unrepeatable-evaluation", "evaluation", "evaluation differs though all random numbers are the same"),
        Named("nothing-judged", "coverage", "no result of a recurrent module was followed, so nothing was judged"),
    )
}
"""Every concern by its name."""
