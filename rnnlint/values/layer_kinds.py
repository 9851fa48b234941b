"""Modules without a recurrence: what each does to the axes of its input, and what is kept of how it was built."""

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
    UNFLATTEN = "unflatten"  # makes an axis into several
    GLU = "glu"  # folds an axis in two
    PAD = "pad"  # lays constants around
    SIMILARITY = "similarity"  # compares two tensors along an axis
    BILINEAR = "bilinear"  # replaces the last axes of two tensors by one of new features
    CONV = "conv"  # moves a window over the last axes, and makes new channels
    DECONV = "deconv"  # the same, transposed: what comes out is longer
    POOL = "pool"  # moves a window, and keeps the channels
    ATTENTION = "attention"  # weighs the steps of one tensor by those of another
    LOSS = "loss"  # a loss: no states any more
    OTHER = "other"  # is not followed

    __hash__ = object.__hash__  # members are single objects; enum's own hash is slow Python


class LayerFact(enum.Enum):
    """An argument that a module was built with and that is asked for later; values are the words of constructors."""

    IN = "in"  # the width it takes (of several axes: their extents)
    IN2 = "in2"  # the width of its second input
    OUT = "out"  # the width or the channels it makes
    DIM = "dim"  # the axis of a softmax; the width of an embedding
    START = "start"  # the first axis of a flatten
    END = "end"  # the last
    SPATIAL = "spatial"  # the number of axes that a window moves along
    KERNEL = "kernel"  # how wide the window is
    SIZE = "size"  # how long an adaptive pooling makes each of these axes
    STRIDE = "stride"
    PADDING = "padding"
    DILATION = "dilation"
    CEIL = "ceil"  # whether the last window of a pooling may hang over the end
    SIZES = "sizes"  # what an axis is made into
    KEEPDIM = "keepdim"
    P = "p"
    EPS = "eps"
    NUM_EMBEDDINGS = "num_embeddings"
    NUM_GROUPS = "num_groups"
    BATCH_FIRST = "batch_first"  # of an attention

    __hash__ = object.__hash__
