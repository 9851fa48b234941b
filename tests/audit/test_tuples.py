"""What a recurrent call returns under the audit is a tuple in all that a program does with it."""

from __future__ import annotations

import copy
import functools
import json
import operator
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.utils import _pytree as pytree
from torch.utils.data import default_collate

from rnnlint.runtime.auditing.tuples import value_of, watched, watched_tuples
from rnnlint.values.domain import Items

H, C = torch.ones(2), torch.zeros(2)
ONE, FORMAT = (1,), "%s %s"
TABLE: dict[Any, int] = {tuple: 1, list: 2}


@functools.singledispatch
def sort(_: object) -> str:
    return "another"


@sort.register(tuple)
def _(_: tuple[Any, ...]) -> str:
    return "a tuple"


def unpacked(state: Any) -> Any:
    h, *rest = state
    return h, rest


def matched(state: Any) -> Any:
    match state:
        case (h, c):
            return c, h
    return None


OPERATIONS: dict[str, Callable[[Any], Any]] = {
    "made by its type": lambda state: type(state)(one * 2 for one in state),
    "made by its class": lambda state: state.__class__([1, 2]),
    "made empty": lambda state: type(state)(),
    "made by new": lambda state: type(state).__new__(type(state), (1, 2)),
    "its type equals": lambda state: (type(state) == tuple, tuple == type(state), type(state) != tuple),  # noqa: E721
    "its type among": lambda state: type(state) in (list, tuple),
    "its type in a table": lambda state: TABLE[type(state)],
    "its type's name": lambda state: (repr(type(state)), type(state).__name__, type(state).__module__),
    "its type is a type": lambda state: (isinstance(type(state), type), issubclass(type(state), tuple)),
    "dispatched": sort,
    "isinstance": lambda state: isinstance(state, tuple),
    "twice": lambda state: (state * 2, 2 * state, state * True, state * np.int64(2), state * torch.tensor(2)),
    "joined": lambda state: (state + ONE, ONE + state, state + state, state.__add__(ONE)),
    "sliced": lambda state: (state[:1], state[::-1], state[-1], state[5:]),
    "unpacked": unpacked,
    "matched": matched,
    "starred": lambda state: (lambda *parts: parts)(*state),
    "zipped": lambda state: list(zip(state, state, strict=True)),
    "reversed": lambda state: list(reversed(state)),
    "length": lambda state: (len(state), bool(state), state.count(C), state.index(H)),
    "compared": lambda state: (state == (H, C), state is state, state < (H,), state == [H, C]),
    "hashed": lambda state: {state: 1}[(H, C)],
    "shown": lambda state: (repr(state), str(state), f"{state}", FORMAT % state),
    "copied": lambda state: (copy.copy(state), copy.deepcopy(state)),
    "pickled": lambda state: pickle.loads(pickle.dumps(state)),
    "pickled by Python": lambda state: pickle.loads(pickle._dumps(state)),  # type: ignore[attr-defined]
    "as json": lambda state: json.dumps(type(state)([1])),
    "tree": lambda state: pytree.tree_map(lambda leaf: leaf + 1, {"a": [state]}),
    "tree's shape": lambda state: pytree.tree_flatten([state])[1] == pytree.tree_flatten([(H, C)])[1],
    "collated": lambda state: default_collate([state, state]),
    "stacked": lambda state: (torch.stack(state), torch.cat(state, -1)),
    "to numpy": lambda state: np.stack(state),
    "attributes": lambda state: [hasattr(state, name) for name in ("value", "told", "_fields", "__dict__", "shape")],
    "written to": lambda state: setattr(state, "kept", 1),
    "assigned": lambda state: operator.setitem(state, 0, H),
    "added to a number": lambda state: state + 1,
    "less a number": lambda state: state - 1,
    "added to an array": lambda state: state + np.ones(2),
    "added to a list": lambda state: operator.add(state, [1]),
    "added to a tensor": lambda state: state + H,
    "times a tensor": lambda state: state * H,
    "divided": lambda state: state / 2,
    "asked": lambda state: state.detach(),
    "out of range": lambda state: state[2],
}


def _outcome(operation: Callable[[Any], Any], state: Any) -> Any:
    try:
        return "returned", operation(state)
    except Exception as error:
        return "raised", type(error)


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, Tensor):
        return isinstance(other, Tensor) and torch.equal(one, other)
    if isinstance(one, np.ndarray):
        return bool((one == other).all())
    if isinstance(one, tuple | list):
        return type(one) == type(other) and len(one) == len(other) and all(map(_same, one, other))  # noqa: E721
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(_same(value, other[key]) for key, value in one.items())
    return bool(one == other)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", OPERATIONS)
def test_as_a_plain_tuple(name: str) -> None:
    state = watched((H, C), Items(()), lambda *_: None)
    plain, found = _outcome(OPERATIONS[name], (H, C)), _outcome(OPERATIONS[name], state)
    assert _same(plain, found), (plain, found)


@pytest.mark.parametrize("make", ["made by its type", "twice", "joined", "pickled", "tree", "sliced"])
def test_what_is_made_of_one_is_plain(make: str) -> None:
    state = watched((H, C), Items(()), lambda *_: None)
    found = OPERATIONS[make](state)
    assert all(type(one) is not type(state) for one in (found, *(found if isinstance(found, tuple) else ())))


def test_it_says_how_it_is_read_while_the_run_lasts() -> None:
    told: list[Any] = []
    with watched_tuples():
        state = watched((H, C), Items((H, C)), lambda _, op, other: told.append((op, other)))  # type: ignore[arg-type]
        state[0]
        _, _ = state
        assert value_of(state) is not None
    state[1]
    assert told == [("index", 0), ("unpack", None)]
    assert value_of(state) is None


def test_nothing_is_kept_of_one_that_is_gone() -> None:
    state = watched((H, C), Items(()), lambda *_: None)
    other = watched((H, C), Items(()), lambda *_: None)
    address = id(state)
    del state
    from rnnlint.runtime.auditing import tuples

    assert address not in tuples._KNOWN
    assert id(other) in tuples._KNOWN
