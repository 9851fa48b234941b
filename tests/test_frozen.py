"""Frozen values: plain at run time, refused by the type checker, and by Python where that is asked for."""

from __future__ import annotations

import dataclasses
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from rnnlint.axes.states import Call, Factor, Given, Role
from rnnlint.frozen import Hashed, dataclass
from rnnlint.linter import lint
from rnnlint.values.domain import Free, Items, Lit

FIXTURES = sorted(Path("fixtures").rglob("*.py"))[:40]
CALL = Call("here", 2, 2, 3, 4, 5, 5)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (Factor(Role.STEP, 4, 2), Factor(Role.STEP, 4, 2)),
        (CALL, Call("here", 2, 2, 3, 4, 5, 5)),
        (Given("x", (2, 3)), Given("x", (2, 3))),
        (Free("hidden", "owner"), Free("hidden", "owner")),
        (Items((Lit(1), Free("n"))), Items((Lit(1, frozenset({"a place"})), Free("n")))),
    ],
)
def test_equal_values_are_found_by_each_other(one: Lit, other: Lit) -> None:
    """Also where one of the two has been asked for its hash, which is kept, and the other has not."""
    assert {one: "found"}[other] == "found"
    assert one == other
    assert repr(one).partition("(")[0] == type(one).__name__


def test_calls_that_differ_in_one_thing_are_two() -> None:
    changes = {"key": "there", "units": 6, "packed": True, "merged": (2,), "even": True, "padding": "why", "steps": 1}
    others = [dataclasses.replace(CALL, **{name: value}) for name, value in changes.items()]  # type: ignore[arg-type]
    assert len({CALL, *others}) == 1 + len(changes)


def test_what_is_compared_by_identity_is_hashed_so() -> None:
    @dataclass(frozen=True, slots=True, eq=False)
    class Node:
        name: str

    one, other = Node("x"), Node("x")
    assert len({one, other, one}) == 2


def test_a_class_keeps_the_hash_it_defines() -> None:
    @dataclass(frozen=True, slots=True)
    class Kept(Hashed):
        name: str

        def __hash__(self) -> int:
            try:
                return self._hash
            except AttributeError:
                return self.keep(hash(self.name))

    assert hash(Kept("x")) == hash("x") == hash(Kept("x"))
    assert Kept("x") == Kept("x") != Kept("y")


def test_python_refuses_changes_where_that_is_asked_for() -> None:
    """And finds the same: nothing in the analysis changes a value that it has made."""
    program = (
        "import dataclasses, sys\n"
        "from pathlib import Path\n"
        "from rnnlint.axes.states import Factor\n"
        "from rnnlint.linter import lint\n"
        "try:\n    Factor(None, 2).extent = 3\n"
        "except dataclasses.FrozenInstanceError:\n    print('refused')\n"
        "for path in sys.argv[1:]:\n"
        "    for f in lint(Path(path).read_text(), path).findings: print(path, f.line, f.column, f.code, f.message)\n"
    )
    paths = [str(path) for path in FIXTURES]
    done = subprocess.run(
        [sys.executable, "-c", program, *paths],
        env={**os.environ, "RNNLINT_FROZEN": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    found = [
        f"{path} {f.line} {f.column} {f.code} {f.message}"
        for path in paths
        for f in lint(Path(path).read_text(encoding="utf-8"), path).findings
    ]
    assert done.stdout.splitlines() == ["refused", *found]
    assert found


def _declared(with_: Any) -> Any:
    """A class with one of everything, declared with a decorator: the standard library's, or ours."""

    @with_(frozen=True, slots=True)
    class Base:
        name: str
        sizes: tuple[int, ...] = ()

    @with_(frozen=True, slots=True, order=True)
    class Found(Base):
        """With a text."""

        many: list[int] = dataclasses.field(default_factory=list)
        hidden: int = dataclasses.field(default=3, compare=False, repr=False)
        length: int = dataclasses.field(init=False, compare=False)

        def __post_init__(self) -> None:
            object.__setattr__(self, "length", len(self.sizes))

    return Found


MADE: list[dict[str, Any]] = [
    {"name": "a"},
    {"name": "a", "sizes": (1, 2)},
    {"name": "b", "many": [1], "hidden": 4},
    {"name": "a", "sizes": (1, 2), "hidden": 5},
    {"name": "a", "sizes": (1,), "many": [2, 3]},
]


@pytest.mark.parametrize("first", ["repr", "eq", "hash", "init by position"])
def test_it_is_what_the_standard_library_makes(first: str) -> None:
    """Whichever of the methods is called first, since that is when they are written."""
    ours, theirs = _declared(dataclass), _declared(dataclasses.dataclass)
    if first == "init by position":
        assert ours("x", (1,)).length == 1
        with pytest.raises(TypeError):
            ours()
        with pytest.raises(TypeError):
            ours("x", nonsense=1)
    elif first == "hash":
        with pytest.raises(TypeError):  # of the list in it
            hash(ours("x"))
    elif first == "eq":
        assert ours("x") != "x"
    left, right = [ours(**given) for given in MADE], [theirs(**given) for given in MADE]
    for one, other in zip(left, right, strict=True):
        assert repr(one) == repr(other)
        assert [getattr(one, f.name) for f in dataclasses.fields(one)] == [
            getattr(other, f.name) for f in dataclasses.fields(other)
        ]
    assert [[a == b for a in left] for b in left] == [[a == b for a in right] for b in right]
    assert [one.name for one in sorted(left)] == [one.name for one in sorted(right)]
    assert ours.__match_args__ == theirs.__match_args__
    assert left[0].many is not ours("a").many
    assert dataclasses.replace(left[0], name="z").name == "z"
