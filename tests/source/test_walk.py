"""One walk over the program: every part, once, in the order of the file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import get_args

import pytest

from rnnlint.source import program as ir
from rnnlint.source import walking
from rnnlint.source.attributes_read import attributes_read
from rnnlint.source.parse import NotAnalysed, parse

ROOT = Path(__file__).resolve().parents[2]
FILES = ["rnnlint/source/lower.py", "rnnlint/axes/reading/meaning.py", "tests/source/test_walk.py"]
EVERYTHING = """\
import torch as t
from torch import nn
@decorated(1)
class A(B, key=c):
    def f(self, x, *args, y=1, z: Note = None, **more):
        global g
        a, *b = x
        d.e: int = 1
        h += 1
        del i, j[k]
        for l in m:
            break
        else:
            continue
        while n:
            pass
        with o as p, q:
            assert r, s
        try:
            raise u
        except v as w:
            return
        finally:
            yield aa
        match bb:
            case {"cc": dd}:
                ee
        if ff:
            gg
        elif hh:
            ii
        lambda jj: kk
        [ll for mm in nn if oo if pp]
        {qq: rr for ss in tt}
        {uu: vv, **ww}
        x[xx:yy:zz, ..., 0]
        (-ab, ac + ad, ae and af, ag < ah != ai, aj if ak else al)
        if (am := an): pass
        f"{ao}"
        f(*ap, aq=ar, **at)
"""


def program(text: str) -> ir.Block:
    parsed = parse(text)
    assert not isinstance(parsed, NotAnalysed)
    return parsed.program.body


def every_part(value: object) -> Iterator[object]:
    """By brute force: whatever any field holds, however deep."""
    if isinstance(value, tuple):
        for one in value:
            yield from every_part(one)
    elif isinstance(value, walking.Part):
        yield value
        for field in fields(value):
            yield from every_part(getattr(value, field.name))


def all_parts(root: ir.Block) -> Iterator[walking.Part]:
    for one in root:
        yield one
        pending: list[walking.Part] = [one]
        while pending:
            for child in walking.children(pending.pop()):
                yield child
                pending.append(child)


TEXTS = {"everything": EVERYTHING, **{name: (ROOT / name).read_text() for name in FILES}}


@pytest.mark.parametrize("name", TEXTS)
def test_no_part_is_forgotten_nor_met_twice(name: str) -> None:
    body = program(TEXTS[name])
    expected = list(every_part(body))
    found = list(all_parts(body))
    assert len(found) == len(expected)
    assert set(found) == set(expected)
    nodes = list(walking.walk(body))
    assert set(nodes) == {part for part in expected if isinstance(part, ir.Node)}
    assert len(nodes) == len(set(nodes))


def test_everything_has_every_kind_of_node() -> None:
    kinds = {*get_args(ir.Expr), *get_args(ir.Statement)}
    assert {type(node) for node in walking.walk(program(EVERYTHING))} == kinds


def test_it_goes_in_the_order_of_the_file() -> None:
    text = TEXTS[FILES[0]]
    parsed = parse(text)
    assert not isinstance(parsed, NotAnalysed)
    statements = [node for node in walking.walk(parsed.program.body) if isinstance(node, ir.Statement)]
    lines = [parsed.line(node) for node in statements]
    assert lines == sorted(lines)


def test_a_node_is_in_its_own_walk() -> None:
    (statement,) = program("x = y.z")
    assert [type(node) for node in walking.walk(statement)] == [ir.Assign, ir.Name, ir.Attribute, ir.Name]


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("x.a = y.b", {"b"}),
        ("x.a.b = 1", {"a"}),
        ("x.a, (x.b, *x.c) = y", set()),
        ("x[y.a] = 1", {"a"}),
        ("x.a += 1", {"a"}),
        ("x.a: int = y.b", {"b"}),
        ("del x.a", set()),
        ("for x.a in y.b: pass", {"b"}),
        ("[1 for x.a in y.b]", {"b"}),
        ("f(x.a)", {"a"}),
        ("getattr(x, 'a')", {"a"}),
    ],
)
def test_attributes_that_are_read(text: str, read: set[str]) -> None:
    assert attributes_read(program(text)) == read
