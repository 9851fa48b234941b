"""What a module without a recurrence does to the axes of its input."""

from __future__ import annotations

import enum


class LayerKind(enum.Enum):
    """What a module does (see :mod:`rnnlint.torch_api.modules.layers`, which does it)."""

    SAME = "same"  # keeps every axis, and is no use of what it is given: dropout, activations
    NORM = "norm"  # keeps every axis
    LINEAR = "linear"  # replaces the last axis by one of new features
    EMBEDDING = "embedding"  # adds an axis
    SOFTMAX = "softmax"  # makes every element read a whole axis
    FLATTEN = "flatten"  # lays axes together
    CONV = "conv"  # moves a window over the last axes, and makes new channels
    DECONV = "deconv"  # the same, transposed: what comes out is longer
    POOL = "pool"  # moves a window, and keeps the channels
    LOSS = "loss"  # a loss: no states any more
    OTHER = "other"  # is not followed

    __hash__ = object.__hash__  # members are single objects; enum's own hash is slow Python
