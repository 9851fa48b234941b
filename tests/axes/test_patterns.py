"""einops patterns: what einops refuses is refused, what it does is done."""

from __future__ import annotations

from typing import Any

import einops
import numpy as np
import pytest

from rnnlint.axes import results
from rnnlint.axes.operations import patterns
from rnnlint.axes.states import Call, Kind, Raises, Unknown, shape

CALL = Call("call", 2, 2, 5, 7, 3, 3)

PATTERNS = [
    ("rearrange", "l n h -> n (l h)", {}),
    ("rearrange", "(l d) n h -> l d n h", {"d": 2}),
    ("rearrange", "(l d) n h -> l n (d h)", {"l": 2}),
    ("rearrange", "... h -> h ...", {}),
    ("rearrange", "l ... -> (...) l", {}),
    ("rearrange", "l n h -> l n h 1", {}),
    ("rearrange", "l n h -> l n", {}),
    ("rearrange", "l n -> n l", {}),
    ("rearrange", "l l n -> l n", {}),
    ("rearrange", "(l d) n h -> l d n h", {}),
    ("rearrange", "(l d) n h -> l d n h", {"d": 3}),
    ("rearrange", "l n h -> l n h h", {}),
    ("rearrange", "l n h_ -> h_ l n", {}),
    ("rearrange", "l n h_x -> h_x l n", {}),
    ("rearrange", "l n h x -> x h n l", {}),
    ("rearrange", "l n h x ... -> x h n l ...", {}),
    ("rearrange", "l n h ... -> ... h n l", {}),
    ("rearrange", "l n h -> l n h ...", {}),
    ("rearrange", "l (...) -> l ...", {}),
    ("rearrange", "(...) n h -> ... n h", {}),
    ("rearrange", "l n h -> l n h 2", {}),
    ("rearrange", "l n h -> l n h 0", {}),
    ("rearrange", "1 l n h -> l n h", {}),
    ("rearrange", "l n h -> (1 l) n 1 h", {}),
    ("rearrange", "l n h -> l n h)", {}),
    ("rearrange", "l n h -> l n h_", {}),
    ("rearrange", "l ... h ... -> l h", {}),
    ("rearrange", "(l d) n h -> l d n h", {"l": 3, "d": 2}),
    ("rearrange", "(l d) n h -> l d n h", {"l": 2, "d": 2}),
    ("rearrange", "l n h -> n l h", {"l": 4}),
    ("rearrange", "l n h -> n l h", {"l": 3}),
    ("rearrange", "l n h -> (l n h", {}),
    ("rearrange", "l n h -> ((l n) h)", {}),
    ("rearrange", "l n h", {}),
    ("rearrange", "l n h -> l n h", {"x": 2}),
    ("rearrange", "l n h -> n l h -> l", {}),
    ("rearrange", "_l n h -> n _l h", {}),
    ("rearrange", "l n 2 -> l n", {}),
    ("rearrange", "l n-h -> l n h", {}),
    ("reduce", "l n h -> n h", {}),
    ("reduce", "(l d) n h -> l n", {"d": 2}),
    ("reduce", "l n h -> ", {}),
    ("reduce", "l n h -> l 1 h", {}),
    ("reduce", "l ... -> l", {}),
    ("reduce", "n h -> n h", {}),
    ("reduce", "l n h -> x n", {}),
    ("repeat", "l n h -> l n h r", {"r": 3}),
    ("repeat", "l n h -> (r l) n h", {"r": 2}),
    ("repeat", "l n h -> l n h 2", {}),
    ("repeat", "l n h -> l n h r", {}),
    ("repeat", "l n h -> l 2 n h 3", {}),
    ("repeat", "l n h -> l n h r", {"r": 0}),
    ("repeat", "l ... -> l r ...", {"r": 2}),
    ("reduce", "l n h -> 1", {}),
    ("reduce", "(l d) (n) h -> l n", {"l": 2}),
    ("reduce", "l ... h -> h ...", {}),
    ("reduce", "l n h -> l 2", {}),
    ("repeat", "l n h -> l n r", {"r": 2}),
]


@pytest.mark.parametrize(
    ("pattern", "rank"),
    [("l n h -> n l h", 3), ("(l d) n h -> l n", 3), ("l ... -> l", None), ("l n h", None), ("l n -> ...", 2)],
)
def test_rank(pattern: str, rank: int | None) -> None:
    assert patterns.rank_of(pattern) == rank


@pytest.mark.parametrize(("operation", "pattern", "sizes"), PATTERNS)
def test_as_einops(operation: str, pattern: str, sizes: dict[str, int]) -> None:
    states = results.state_of(CALL, Kind.HIDDEN)
    array = np.zeros(shape(states))
    said = {"rearrange": patterns.rearrange, "reduce": patterns.einreduce, "repeat": patterns.einrepeat}[operation](
        states, pattern, **sizes
    )
    assert not isinstance(said, Unknown)

    def run() -> Any:
        if operation == "reduce":
            return einops.reduce(array, pattern, "sum", **sizes)
        return getattr(einops, operation)(array, pattern, **sizes)

    if isinstance(said, Raises):
        with pytest.raises((einops.EinopsError, ValueError)) as caught:
            run()
        assert caught.type.__name__ == said.error
    else:
        assert shape(said) == run().shape
