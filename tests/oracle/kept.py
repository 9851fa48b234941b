"""Chains on which the algebra and torch have disagreed once, each as short as it still showed.

Kept as they are and not as the seeds they were drawn from, since a seed draws another chain with every operation that
is added.  ``python -m oracle.chains`` prints a disagreement as such a line.
"""

from __future__ import annotations

from collections.abc import Sequence

from oracle.chains.arguments import Operation as Op
from oracle.chains.chain import Setting
from rnnlint.axes.operations.indexing import Picks

KEPT: dict[str, tuple[Setting, Sequence[Op]]] = {
    # torch checks no bounds where nothing is selected
    "gather with an index without elements": (
        Setting("RNN", 1, 1, 5, 2, 4, 0, True, "output"),
        [Op("gather", (-1, (0, 3, 3), (0, 0, 0)))],
    ),
    "gather of and with tensors without elements": (
        Setting("RNN", 1, 2, 5, 3, 2, 0, False, "h_n"),
        [Op("repeat", ((0, 1, 1, 1, 1),)), Op("gather", (-3, (0, 2, 3, 5, 1), (3, 3, 1)))],
    ),
    "gather along a full axis of a tensor without elements": (
        Setting("RNN", 1, 2, 6, 3, 1, 0, True, "h_n"),
        [Op("repeat", ((0, 1, 1),)), Op("gather", (1, (1, 2, 0), (5, 0)))],
    ),
    "gather of an empty slice of parts": (
        Setting("RNN", 1, 2, 6, 5, 3, 0, False, "h_n"),
        [
            Op(
                "cat",
                (
                    2,
                    Op("narrow", (2, -4, None, None)),
                    Op("narrow", (2, None, None, 3)),
                    Op("roll", ((-1, -3), (-3, 1))),
                ),
            ),
            Op("reshape", ((1, 2, 6, 7),)),
            Op("index", (slice(-2, None, None), slice(1, None, 2), slice(-1, 1, 2))),
            Op("gather", (3, (1, 2, 0, 1), (4,))),
        ],
    ),
    "lists beside an empty slice": (
        Setting("LSTM", 2, 2, 5, 1, 1, 0, True, "h_n"),
        [
            Op("stack", (-1, Op("identity", ()), Op("flip", ((-1,),)))),
            Op("index", (0, Ellipsis, Picks(None, (1, 1), 0), Picks((1, -2), (2,)), slice(-1, 1, 2))),
        ],
    ),
    "arange longer than an axis of an empty slice": (
        Setting("RNN", 3, 2, 2, 4, 5, 0, True, "output"),
        [
            Op("index_select", (2, (6, 1))),
            Op("index", (slice(None, -2, None), None, Ellipsis)),
            Op("index", (Ellipsis, Picks(None, (1, 4), 1))),
        ],
    ),
    "a list out of range after an empty slice": (
        Setting("GRU", 2, 1, 1, 2, 3, 0, True, "h_n"),
        [
            Op("repeat", ((1, 2, 1, 1),)),
            Op("reshape", ((6, 1, 1, 2),)),
            Op("index", (slice(None), slice(1, None), Picks((1,), (1,)))),
        ],
    ),
    "a list on a reduced axis beside an empty slice": (
        Setting("LSTM", 3, 2, 4, 3, 3, 0, True, "c_n"),
        [
            Op("reduce", ((-1,), True)),
            Op("index", (Picks(2, ()), slice(-3, 0, 2), Picks((1, -2, -1), (3,)))),
        ],
    ),
    "a tensor without elements repeated -1 times": (
        Setting("GRU", 2, 2, 3, 3, 2, 0, False, "output"),
        [Op("select", (1, 2)), Op("length_of", (0, 3, 0)), Op("repeat", ((-1, 1),))],
    ),
    "a scatter of nothing, which torch does not look at": (
        Setting("RNN", 3, 1, 3, 1, 5, 0, True, "output"),
        [
            Op("index", (slice(1, 0, 2), slice(None))),
            Op("scatter", (0, (0,), Op("narrow", (0, 0, 1)))),
        ],
    ),
    "the diagonal of a single number": (
        Setting("GRU", 1, 1, 4, 1, 3, 0, True, "h_n"),
        [Op("reshape", ((-1,),)), Op("index", (0,)), Op("diagonal", (0, -1, 0))],
    ),
    "an entry beyond a vector that something is added to": (
        Setting("GRU", 3, 1, 3, 4, 3, 0, False, "h_n"),
        [
            Op("flatten", (-3, -2)),
            Op("select", (0, 2)),
            Op("index_add", (0, (0, 0, -1), Op("narrow", (0, 0, 3)))),
        ],
    ),
    "a scatter of nothing by an index that has elements": (
        Setting("LSTM", 1, 1, 4, 1, 1, 0, False, "output"),
        [Op("diagonal", (1, -1, -3)), Op("scatter", (1, (-1, 0), Op("narrow", (1, 0, 1))))],
    ),
    "a scatter into a part without elements": (
        Setting("GRU", 2, 2, 2, 3, 5, 0, False, "output"),
        [
            Op("diagonal", (0, 2, 0)),
            Op("pieces", ("split", (2, 0), 0, 3, "pick", -1)),
            Op("scatter", (-1, (1, 2, -1), Op("narrow", (-1, 0, 2)))),
        ],
    ),
    "a copy into a tensor without elements, by an entry that is not there": (
        Setting("GRU", 1, 1, 1, 2, 5, 0, False, "h_n"),
        [
            Op("diagonal", (-1, 0, -2)),
            Op("narrow", (0, 0, 4, 2)),
            Op("index_copy", (-2, (2,), Op("narrow", (-2, 1, 2)))),
        ],
    ),
}
