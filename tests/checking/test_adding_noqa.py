"""Comments that are added silence in flake8 and for us, and leave the program as it is."""

from __future__ import annotations

import ast
import random
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnlint.checking.adding_noqa import NotAdded, with_noqa
from rnnlint.checking.suppressions import silenced
from rnnlint.findings import Finding
from tests.checking.test_suppressions import CODE, COMMENTS, PROGRAMS, drawn, flake8, left, names, ruff, write


def finding(line: int, code: str = "RNN102") -> Finding:
    return Finding(line, 0, code, "name", "")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("x = 1\n", "x = 1  # noqa: RNN102\n"),
        ("x = 1", "x = 1  # noqa: RNN102"),
        ("x = 1 \t\n", "x = 1  # noqa: RNN102\n"),
        ("x = 1  # why\n", "x = 1  # why  # noqa: RNN102\n"),
        ("x = 1  # noqa: E501\n", "x = 1  # noqa: E501, RNN102\n"),
        ("x = 1  # noqa:E501,W291\n", "x = 1  # noqa:E501,W291,RNN102\n"),
        ("x = 1  # noqa: E501 W291 why\n", "x = 1  # noqa: E501 W291 RNN102 why\n"),
        ("x = 1  # noqa: E501, why\n", "x = 1  # noqa: E501, RNN102, why\n"),
        ("x = 1  # type: ignore  # noqa: E501\n", "x = 1  # type: ignore  # noqa: E501, RNN102\n"),
        ("x = 1  #noqa:E501\n", "x = 1  #noqa:E501  # noqa: RNN102\n"),
        ("x = 1  # ruff: ignore[E501]\n", "x = 1  # ruff: ignore[E501]  # noqa: RNN102\n"),
        ("x = '# noqa: E501'\n", "x = '# noqa: E501'  # noqa: RNN102\n"),
        ('x = """\n"""\n', 'x = """\n"""  # noqa: RNN102\n'),
        ("x = 1 + \\\n    2\n", "x = 1 + \\\n    2  # noqa: RNN102\n"),
        ("x = [\n    1,\n]\n", "x = [  # noqa: RNN102\n    1,\n]\n"),
        ("x = 1  # noqa: RNN1\n", "x = 1  # noqa: RNN1\n"),
        ("x = 1  # noqa\n", "x = 1  # noqa\n"),
        ("", "# noqa: RNN102"),
    ],
)
def test_where_it_stands(before: str, after: str) -> None:
    assert with_noqa(before, [finding(1)]).text == after


def test_several_on_a_line() -> None:
    found = [finding(1, "RNN201"), finding(1, "RNN102"), finding(1, "RNN102"), finding(2, "RNN301")]
    added = with_noqa("x\ny\n", found)
    assert (added.text, added.lines) == ("x  # noqa: RNN102, RNN201\ny  # noqa: RNN301\n", 2)


@pytest.mark.parametrize(
    ("before", "reason", "after"),
    [
        ("x\n", "as in the paper", "x  # noqa: RNN102 as in the paper\n"),
        ("x\n", "GH12-3", "x  # noqa: RNN102 - GH12-3\n"),
        ("x\n", "  ", "x  # noqa: RNN102\n"),
        ("x  # noqa: E501\n", "why", "x  # noqa: E501, RNN102 why\n"),
        ("x  # noqa: E501 long\n", "why", "x  # noqa: E501, RNN102 long\n"),
        ("x  # long\n", "why # noqa", "x  # long  # noqa: RNN102 why # noqa\n"),
    ],
)
def test_a_reason(before: str, reason: str, after: str) -> None:
    added = with_noqa(before, [finding(1)], reason)
    assert added.text == after
    assert with_noqa(after, [finding(1)], reason).lines == 0


@pytest.mark.parametrize("reason", ["a\nb", "a\rb", "a\x0cb", "a\N{LINE SEPARATOR}b"])
def test_a_reason_is_one_line(reason: str) -> None:
    with pytest.raises(NotAdded, match="not one line"):
        with_noqa("x\n", [finding(1)], reason)


@pytest.mark.parametrize("text", ["x = (\n", "'''\nx\n", "x = \x00\n", "#!/usr/bin/python\nx = (\n"])
def test_what_is_no_python_is_left(text: str) -> None:
    with pytest.raises(NotAdded):
        with_noqa(text, [finding(1)])


def check(text: str) -> str:
    """The text with comments; its laws."""
    found = list(names(text))
    added = with_noqa(text, found)
    assert ast.dump(ast.parse(text)) == ast.dump(ast.parse(added.text))
    assert left(added.text) == set()
    assert len(text.split("\n")) == len(added.text.split("\n"))
    assert with_noqa(added.text, found).text == added.text, "once is enough"
    assert (added.lines == 0) is (added.text == text) is (not silenced(found, text).kept)
    return added.text


def test_flake8_and_ruff_take_it_as_we_do(tmp_path: Path) -> None:
    comments = [*COMMENTS, *drawn(300)]
    texts = {f"p{number}.py": f"x = 1\n{text}" for number, text in enumerate(PROGRAMS.values())}
    texts["comments.py"] = "".join(f"not_there  {comment}\n" for comment in comments)
    write(tmp_path, {name: check(text) for name, text in texts.items()})
    before = {name: left(text) for name, text in texts.items()}
    for lines in flake8(tmp_path), ruff(tmp_path):
        both = {name: lines.get(name, set()) & before[name] for name in texts}
        # ruff reads the first noqa of a line, and where that is malformed no other
        refused = both.pop("comments.py")
        assert {name for name, left_ in both.items() if left_} == set()
        assert all(re.search("#\\s*noqa", comments[line - 1], re.IGNORECASE) for line in refused)
    assert not flake8(tmp_path)["comments.py"] & before["comments.py"]


PARTS = [
    "x = not_there",
    "not_there, '''\n'''",
    "not_there + \\\n    not_there",
    "[\n    not_there,\n    not_there]",
    "pass",
]


@given(
    st.lists(st.tuples(st.sampled_from(PARTS), st.sampled_from(["", *(f"  {one}" for one in COMMENTS)])), max_size=6)
)
def test_any_program(lines: list[tuple[str, str]]) -> None:
    check("".join(f"{part}{comment}\n" for part, comment in lines))


@given(st.randoms(use_true_random=False))
def test_the_order_of_findings_does_not_matter(chance: random.Random) -> None:
    text = "".join(f"{part}\n" for part in PARTS)
    found = [finding(one.line, code) for one in names(text) for code in (CODE, "RNN102", "RNN201")]
    mixed = chance.sample(found, len(found))
    assert with_noqa(text, mixed) == with_noqa(text, found)
