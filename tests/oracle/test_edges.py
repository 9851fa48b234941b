"""Calls that drawn chains seldom make: arguments in their other form, at their bounds, and wrong in each way.

Where torch raises, the algebra names the type, and of torch's own text the telling part.
"""

from __future__ import annotations

from typing import Any

import einops
import pytest
import torch

from oracle.chains.arguments import Operation
from oracle.chains.chain import Setting, replayed, torch_labels
from oracle.chains.elements import Held
from oracle.chains.operations import answer
from rnnlint.axes.operations.indexing import Picks
from rnnlint.axes.states import Raises, States, Unknown

# torch says once a process which kernel it takes, and that .mT of a tensor without axes will go
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")

STATE = Setting("GRU", 2, 2, 3, 4, 2, 0, False, "h_n")  # (4, 3, 2)
OUTPUT = Setting("LSTM", 1, 2, 3, 5, 2, 0, True, "output")  # (3, 5, 4)
SAME = Operation("identity", ())


def op(name: str, *arguments: Any) -> Operation:
    return Operation(name, arguments)


POINT = [op("select", 0, 1), op("select", 0, 1), op("select", 0, 1)]
VECTOR = POINT[:2]
EMPTY = [op("narrow", 1, 2, 2)]
JOINED = [op("cat", 1, op("select", 0, 0), op("select", 0, -1))]  # two layers side by side: (3, 4)
BLENDED = [op("blend", SAME, op("flip", (0,)))]


@pytest.mark.parametrize("setting", [STATE, OUTPUT], ids=["h_n", "output"])
@pytest.mark.parametrize(
    "before",
    [[], VECTOR, POINT, JOINED, BLENDED, [op("narrow", 0, -1, None)]],
    ids=["", "vector", "point", "joined", "blend", "one"],
)
@pytest.mark.parametrize(
    "operation",
    [
        op("movedim", 0, 1),
        op("movedim", -1, 0),
        op("movedim", (0, 1), (1, 0)),
        op("movedim", (0, -1), (-1, 0)),
        op("permute", (1, 0)),
        op("permute", (0, -1, 1)),
        op("transpose", -1, -2),
        op("t"),
        op("mT"),
        op("T"),
        op("flip", ()),
        op("flip", (0, -1)),
        op("roll", (1,), ()),
        op("roll", (-2,), (0,)),
        op("roll", (7,), (-1,)),
        op("squeeze", None),
        op("squeeze", 0),
        op("squeeze", (0, -1)),
        op("unsqueeze", -1),
        op("reshape", (-1,)),
        op("reshape", (-1, 1)),
        op("flatten", 0, -1),
        op("flatten", -1, 0),
        op("flatten", 1, -1),
        op("unflatten", -1, (2, -1)),
        op("unflatten", 0, (1, -1, 1)),
        op("expand", (2, -1, -1, -1)),
        op("expand", (2, -1)),
        op("expand", (-2, 3, 2)),
        op("expand", (-1, -1)),
        op("repeat", (2,)),
        op("repeat", (1, 2)),
        op("repeat", (1, 2, 1, 2)),
        op("repeat", (0, 2, 1)),
        op("repeat_interleave", 2, None),
        op("repeat_interleave", 2, 0),
        op("repeat_interleave", 0, -1),
        op("cat", 0, SAME, SAME),
        op("cat", -1, SAME, op("flip", (0,))),
        op("stack", 0, SAME, SAME),
        op("stack", -1, SAME, op("flip", (0,))),
        op("hstack", SAME, SAME),
        op("vstack", SAME, SAME),
        op("dstack", SAME, SAME),
        op("pieces", "split", 2, 0, 1, "pick", 0),
        op("pieces", "split", 3, -1, 0, "pick", 0),
        op("pieces", "chunk", 2, 0, -1, "pick", 0),
        op("pieces", "chunk", 9, -1, 0, "stack", 0),
        op("pieces", "tensor_split", 3, 0, 0, "pick", 0),
        op("pieces", "tensor_split", (1, -1), 0, 1, "pick", 0),
        op("pieces", "tensor_split", (2, 1), 0, 1, "pick", 0),
        op("pieces", "unbind", None, -1, 0, "stack", 0),
        op("reduce", None, False),
        op("reduce", (0,), True),
        op("reduce", (-1, 0), True),
        op("reduce", (-1, 0), False),
        op("spread", 0),
        op("spread", -1),
        op("contract", 3),
        op("contract", 1),
        op("narrow", 0, None, None, 2),
        op("narrow", -1, 1, None, 3),
        op("length_of", 0, 0, 1),
        op("length_of", 0, -1, 1),
        op("length_of", -1, 1, 0),
        op("index", None, 0),
        op("index", ..., -1),
        op("index", ..., None),
        op("index", slice(None, None, 2), ...),
        op("index", Picks((0, 1), (2,))),
        op("index", ..., Picks((0, 1), (2,))),
        op("index", Picks((0, 1), (2,)), slice(None), Picks((1, 0), (2,))),
        op("index", Picks(None, (1,), 0), Picks((0, 1), (2,))),
        op("index", Picks(None, (2,), 0), Picks(None, (2,), 0)),
        op("index", Picks(None, (2, 1), 0), Picks(None, (1, 2), 1)),
        op("index", Picks((0, 1), (2,)), Picks((1, 0), (2,))),
        op("index", Picks(((0, 1), (1, 0)), (2, 2))),
        op("index", Picks(((0,), (1,)), (2, 1)), Picks((0, 1), (2,))),
        op("diagonal", 0, 0, 1),
        op("diagonal", -1, -1, 0),
        op("windows", 0, 2, 1),
        op("windows", -1, 1, 2),
        op("index_copy", 0, (1, 0), op("narrow", 0, 0, 2, None)),
        op("scatter", -1, (0,), op("narrow", -1, 0, 1, None)),
        op("index_add", 0, (0, 0), op("narrow", 0, 0, 2, None)),
        op("index_select", 0, (0,)),
        op("index_select", -1, (1, 0, 1)),
        op("gather", 0, (), (0,)),
        op("gather", 0, (1,), (0,)),
        op("gather", -1, (1, 1), (1,)),
        op("gather", 0, (1, 3, 2), (2,)),
        op("gather", 1, (1, 4, 1), (1, 0, 0, 1)),
        op("take_along_dim", 0, (1,), (0,)),
        op("take_along_dim", -1, (1, 1), (0,)),
        op("take_along_dim", 1, (1, 2, 1), (1, 1)),
        op("blend", SAME, op("unsqueeze", 0)),
        op("matmul", SAME, op("transpose", -1, -2)),
        op("matmul", op("transpose", -1, -2), SAME),
        op("matmul", SAME, SAME),
        op("matmul", SAME, op("select", 0, 0)),
        op("bmm", SAME, op("transpose", -1, -2)),
        op("bmm", SAME, op("narrow", 0, 0, 2, None)),
        op("bmm", op("narrow", 0, 0, 2, None), op("transpose", -1, -2)),
        op("mm", SAME, op("t")),
        op("mm", SAME, SAME),
        op("mv", SAME, op("select", 0, 0)),
        op("mv", SAME, SAME),
    ],
    ids=str,
)
def test_agrees_with_torch(setting: Setting, before: list[Operation], operation: Operation) -> None:
    verdict = replayed(setting, [*before, operation])
    assert verdict.end in {"exact", "raises"}, verdict.reason


@pytest.mark.parametrize(
    "operation",
    [
        op("pieces", "split", 0, 1, 0, "pick", 0),
        op("pieces", "split", 2, 1, 0, "pick", 0),
        op("pieces", "split", 3, 0, 1, "pick", 0),
        op("pieces", "split", (0, 0), 1, 1, "pick", 0),
        op("pieces", "chunk", 3, 1, 2, "pick", 0),
        op("pieces", "chunk", 3, 0, 1, "pick", 0),
        op("pieces", "tensor_split", 3, 1, 0, "pick", 0),
        op("pieces", "unbind", None, 0, 1, "pick", 0),
        op("pieces", "unbind", None, 1, 1, "pick", 0),
        op("roll", (1,), (5,)),
        op("roll", (1,), ()),
        op("reduce", None, False),
        op("reduce", (1,), False),
        op("reduce", (0,), True),
        op("spread", 1),
        op("spread", 0),
        op("contract", 2),
        op("reshape", (0,)),
        op("reshape", (4, -1)),
        op("reshape", (-1, 2, 0)),
        op("repeat", (1, 2, 3)),
        op("repeat_interleave", 2, None),
        op("cat", 1, SAME, SAME),
        op("cat", 0, SAME, op("narrow", 0, 0, 1, None)),
        op("stack", 0, SAME, SAME),
        op("index", 0, slice(None, None, 2)),
        op("index", slice(None), Picks((), (0,))),
        op("gather", 1, (4, 0, 2), ()),
        op("gather", 0, (1, 0, 2), (0,)),
        op("flip", (1, 0)),
        op("blend", SAME, SAME),
        op("matmul", SAME, op("transpose", -1, -2)),
        op("matmul", op("transpose", -1, -2), SAME),
        op("bmm", op("transpose", -1, -2), SAME),
    ],
    ids=str,
)
def test_without_elements_agrees_with_torch(operation: Operation) -> None:
    verdict = replayed(STATE, [*EMPTY, operation])
    assert verdict.end in {"exact", "raises"}, verdict.reason


def test_vectors_without_elements_are_left_out() -> None:
    none = [*VECTOR, op("narrow", 0, 0, 0)]
    assert replayed(STATE, [*none, op("cat", 0, SAME, SAME)]).end == "exact"


WRONG = [
    op("select", 0, 4),
    op("select", 0, -5),
    op("select", 3, 0),
    op("narrow", 0, 0, 2, 0),
    op("narrow", 0, 0, 2, -1),
    op("length_of", 0, 5, 1),
    op("length_of", 0, -5, 1),
    op("length_of", 0, 2, 3),
    op("length_of", 0, 0, -1),
    op("length_of", 3, 0, 1),
    op("index", 4),
    op("index", 0, -4),
    op("index", None, 0, -4),
    op("index", slice(1), 0, 2),
    op("index", ..., 0, 2),
    op("index", 0, Picks((0, 3), (2,))),
    op("index", 0, 0, 0, 0),
    op("index", slice(None, None, 0)),
    op("index", slice(None, None, -1)),
    op("index", Picks((0, 4), (2,))),
    op("index", Picks((0, -5), (2,))),
    op("index", Picks((0, 1), (2,)), Picks((0, 1, 2), (3,))),
    op("index_select", 0, (4,)),
    op("index_select", 3, (0,)),
    op("index_select", -4, (0,)),
    op("gather", 0, (1, 1, 2, 1), (0,)),
    op("gather", 0, (1, 4, 2), (0,)),
    op("gather", -1, (4, 4, 3), (0,)),
    op("gather", -1, (5, 1, 1), (0,)),
    op("gather", 0, (1, 3, 2), (4,)),
    op("gather", 0, (1, 3, 2), (-1,)),
    op("take_along_dim", 0, (1, 2, 2), (0,)),
    op("take_along_dim", 0, (1, 3), (0,)),
    op("diagonal", 0, 0, 3),
    op("diagonal", 0, 1, -2),
    op("windows", 3, 1, 1),
    op("windows", 0, 5, 1),
    op("windows", 0, -1, 1),
    op("windows", 0, 1, 0),
    op("index_copy", 3, (0,), op("narrow", 0, 0, 1)),
    op("index_copy", 0, (0, 1), op("narrow", 0, 0, 1)),
    op("index_copy", 0, (4,), op("narrow", 0, 0, 1)),
    op("index_copy", 0, (0,), op("narrow", 1, 0, 1)),
    op("index_copy", 0, (0,), op("select", 0, 0)),
    op("scatter", 0, (-1,), op("narrow", 0, 0, 1)),
    op("flip", (0, 0)),
    op("flip", (3,)),
    op("roll", (), (0,)),
    op("roll", (1, 2), (0,)),
    op("roll", (1,), (3,)),
    op("transpose", 0, 3),
    op("transpose", -4, 0),
    op("permute", (0, 1)),
    op("permute", (0, 1, 1)),
    op("permute", (0, 1, 3)),
    op("movedim", 0, 3),
    op("movedim", 3, 0),
    op("movedim", (0, 1), (0,)),
    op("movedim", (0, 0), (0, 1)),
    op("movedim", (0, 1), (1, 1)),
    op("t"),
    op("reshape", (5, -1)),
    op("reshape", (-1, -1)),
    op("reshape", (-2, 2)),
    op("reshape", (7,)),
    op("reshape", (0, -1)),
    op("flatten", 2, 1),
    op("flatten", 3, 1),
    op("flatten", 0, 3),
    op("unflatten", 0, (3, 2)),
    op("unflatten", 3, (2, 2)),
    op("unflatten", 0, ()),
    op("unflatten", 0, (-1, -1)),
    op("unsqueeze", 4),
    op("squeeze", 3),
    op("squeeze", (0, 0)),
    op("expand", (2, 2)),
    op("expand", (4, 4, 2)),
    op("expand", (-1, 4, 3, 2)),
    op("expand", (-2, 3, 2)),
    op("repeat", (1, 1)),
    op("repeat", (-1, 1, 1)),
    op("repeat_interleave", -1, 0),
    op("repeat_interleave", 2, 3),
    op("cat", 3, SAME, SAME),
    op("cat", 0, SAME, op("select", 0, 0)),
    op("cat", 0, SAME, op("transpose", 0, 1)),
    op("stack", 4, SAME, SAME),
    op("stack", 0, SAME, op("transpose", 0, 1)),
    op("pieces", "split", -1, 0, 0, "pick", 0),
    op("pieces", "split", 0, 0, 0, "pick", 0),
    op("pieces", "split", (1, 2), 0, 0, "pick", 0),
    op("pieces", "split", (5, -1), 0, 0, "pick", 0),
    op("pieces", "split", 1, 3, 0, "pick", 0),
    op("pieces", "chunk", 0, 0, 0, "pick", 0),
    op("pieces", "chunk", 2, 3, 0, "pick", 0),
    op("pieces", "tensor_split", 0, 0, 0, "pick", 0),
    op("pieces", "tensor_split", 2, -4, 0, "pick", 0),
    op("pieces", "unbind", None, 3, 0, "pick", 0),
]
OF_A_VECTOR = [op("mT"), op("narrow", 1, 0, 1), op("transpose", 0, 1), op("index", 0, 0), op("unflatten", 1, (1, 2))]
OF_A_POINT = [
    op("select", 0, 0),
    op("narrow", 0, 0, 1),
    op("length_of", 0, 0, 1),
    op("index", slice(None)),
    op("index_select", 0, (0, 0)),
    op("index_select", 0, (1,)),
    op("movedim", 1, 0),
    op("flip", (1,)),
    op("roll", (1,), (0,)),
    op("unflatten", 0, (1, 1)),
    op("cat", 0, SAME, SAME),
    op("pieces", "split", 1, 0, 0, "pick", 0),
    op("pieces", "chunk", 1, 0, 0, "pick", 0),
    op("pieces", "tensor_split", 1, 0, 0, "pick", 0),
    op("pieces", "unbind", None, 0, 0, "pick", 0),
]
OF_NOTHING = [
    op("select", 1, 0),
    op("index", 0, 0),
    op("reshape", (-1, 0)),
    op("reshape", (3, 2)),
    op("pieces", "split", 0, 0, 0, "pick", 0),
]
OF_ONE = [op("expand", (1, 1, 2)), op("expand", (-1, 4, 2)), op("index", 1), op("select", 0, 1)]
RELEASE = tuple(map(int, torch.__version__.split(".")[:2]))
ERRORS = (RuntimeError, IndexError, ValueError, TypeError, einops.EinopsError)


@pytest.mark.parametrize(
    ("before", "operation"),
    [
        *(([], one) for one in WRONG),
        *((VECTOR, one) for one in OF_A_VECTOR),
        *((POINT, one) for one in OF_A_POINT),
        *((EMPTY, one) for one in OF_NOTHING),
        *(([op("narrow", 0, 2, 3)], one) for one in OF_ONE),
    ],
    ids=str,
)
def test_raises_what_torch_raises(before: list[Operation], operation: Operation) -> None:
    held = Held.of(torch_labels(STATE))
    states: States = STATE.states()
    for one in before:
        held, after = held.done(one), answer(states, one)
        assert not isinstance(after, Raises | Unknown)
        states = after
    said = answer(states, operation)
    with pytest.raises(ERRORS) as caught:
        held.done(operation)
    assert isinstance(said, Raises), said
    if RELEASE >= (2, 11):  # older ones put some refusals otherwise
        assert said.error == caught.type.__name__, caught.value
        assert said.text in " ".join(str(caught.value).split())
