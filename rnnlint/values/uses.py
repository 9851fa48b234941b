"""What becomes of tensors: the kinds of use that rules judge."""

from __future__ import annotations

import enum


class Use(enum.Enum):
    """How tensors are used where they are (see :class:`rnnlint.events.Used`)."""

    LAYER = "layer"  # handed to a module or function of torch that computes with it
    PLACES = "places"  # handed to a layer that works at each place by itself, and what it makes is followed
    LOSS = "loss"  # handed to a loss
    COMPARISON = "comparison"  # compared, or asserted on: read, but not judged
    ARITHMETIC = "arithmetic"  # put together with something else, element by element or as a product
    INPUT = "input"  # of a recurrent call, or packed to be one
    INITIAL_STATE = "initial state"  # of a recurrent module or cell
    RETURN = "return"  # what a function (that the run starts with) returns or yields
    RESULT = "result"  # what a function returns to the top level of the file
    ATTRIBUTE = "attribute"  # stored on an object, which outlives the call
    HANDED = "handed"  # handed as it is to a function of another file, or to an object that it made
    ELSEWHERE = "elsewhere"  # handed to code that is not followed: read, but not judged

    __hash__ = object.__hash__  # members are single objects; enum's own hash is slow Python


HANDED_ON = frozenset({Use.RETURN, Use.RESULT, Use.ATTRIBUTE, Use.HANDED, Use.LAYER})
"""Where what a tensor holds goes on to somebody, who may as well take it as numbers."""
AS_ARRAY, AS_NUMBERS = "an array of numpy's", "the numbers of a tensor"
OUTSIDE = frozenset({AS_ARRAY, AS_NUMBERS})
"""Why what holds the numbers of a tensor is not known: it is no tensor any more."""
