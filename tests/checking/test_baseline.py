"""What a baseline knows is not said again, whatever happens around it, and what it knows in vain is."""

from __future__ import annotations

import json
import random
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnlint.checking.baseline import (
    BadBaseline,
    Baseline,
    Key,
    Stale,
    as_json,
    asking,
    compared,
    key,
    read,
    updated,
)
from rnnlint.diagnostics import Diagnostic, Place

HERE = "/project"
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=5)
FOUND = st.builds(
    lambda path, line, code, qualified, expression: Diagnostic(
        Place(path, 0, line, 0, line, 5), code, "name", "message", qualified=qualified, expression=expression
    ),
    st.sampled_from(["a.py", "b/c.py"]),
    st.integers(1, 9),
    st.sampled_from(["RNN102", "RNN201"]),
    st.sampled_from(["", "A.f"]),
    st.sampled_from(["", "x[-1]", "y"]),
)
KEYS = st.builds(Key, TEXTS, TEXTS, TEXTS, TEXTS)


def keyed(one: Diagnostic) -> Key:
    return key(one, HERE, HERE)


def every(_: Key) -> bool:
    return True


def baseline(found: list[Diagnostic], before: Baseline | None = None) -> Baseline:
    return updated(found, before or {}, keyed, every)


@given(st.lists(FOUND))
def test_a_run_that_has_updated_it_is_clean(found: list[Diagnostic]) -> None:
    result = compared(found, baseline(found), keyed, every)
    assert (result.new, result.stale) == ((), ())
    assert sorted(result.known) == sorted(found)


@given(st.lists(FOUND), st.randoms(use_true_random=False))
def test_edits_above_bring_nothing_back(found: list[Diagnostic], chance: random.Random) -> None:
    def moved(one: Diagnostic) -> Diagnostic:
        line = chance.randint(1, 99)
        return replace(one, place=replace(one.place, line=line, end_line=line), message="said otherwise")

    result = compared([moved(one) for one in found], baseline(found), keyed, every)
    assert (result.new, result.stale) == ((), ())


@given(st.lists(FOUND), st.lists(FOUND), st.randoms(use_true_random=False))
def test_the_order_does_not_matter(found: list[Diagnostic], old: list[Diagnostic], chance: random.Random) -> None:
    mixed = chance.sample(found, len(found))
    assert as_json(baseline(mixed)) == as_json(baseline(found))
    assert compared(mixed, baseline(old), keyed, every) == compared(found, baseline(old), keyed, every)


@given(st.lists(FOUND), st.lists(FOUND))
def test_nothing_is_lost_and_nothing_said_twice(found: list[Diagnostic], old: list[Diagnostic]) -> None:
    result = compared(found, baseline(old), keyed, every)
    assert sorted([*result.new, *result.known]) == sorted(found)
    have, had = Counter(map(keyed, found)), Counter(map(keyed, old))
    assert Counter(map(keyed, result.new)) == have - had
    assert {one.key: one.count for one in result.stale} == dict(had - have)


@given(st.lists(FOUND, min_size=1))
def test_of_several_the_last_are_new(found: list[Diagnostic]) -> None:
    same = sorted(replace(one, code="RNN102", qualified="", expression="", place=replace(one.place, path="a.py"))
                  for one in found)  # fmt: skip
    known = baseline(same[:-1]) if len(same) > 1 else {}
    assert compared(same, known, keyed, every).new == (same[-1],)


@given(st.dictionaries(KEYS, st.integers(1, 5)))
def test_a_file_says_what_was_written(tmp_path_factory: pytest.TempPathFactory, known: dict[Key, int]) -> None:
    file = tmp_path_factory.mktemp("baseline") / "known.json"
    file.write_text(as_json(known), encoding="utf-8")
    assert read(file) == known
    assert as_json(read(file)) == as_json(known)


def test_a_file_has_a_line_for_each() -> None:
    one = Key("a.py", "RNN102", "A.f", 'x["ä"]')
    text = as_json({replace(one, path="b.py"): 2, one: 1})
    assert text.splitlines() == [
        "{",
        '  "format": "rnnlint baseline",',
        '  "version": 1,',
        '  "findings": [',
        '    {"path": "a.py", "code": "RNN102", "in": "A.f", "expression": "x[\\"ä\\"]", "count": 1},',
        '    {"path": "b.py", "code": "RNN102", "in": "A.f", "expression": "x[\\"ä\\"]", "count": 2}',
        "  ]",
        "}",
    ]
    assert json.loads(as_json({})) == {"format": "rnnlint baseline", "version": 1, "findings": []}


def test_paths_count_from_the_folder_of_the_file() -> None:
    found = Diagnostic(Place("../src/a.py", 0, 1, 0, 1, 1), "RNN102", "", "", expression="f(\n  '''a\n b''')")
    assert key(found, "/project", "/project/docs") == Key("src/a.py", "RNN102", "", "f( '''a b''')")
    assert key(found, "/project/etc", "/project/docs").path == "../src/a.py"
    assert str(key(found, "/project", "/project/docs")) == "src/a.py: RNN102 f( '''a b''')"
    assert str(Key("a.py", "RNN102", "A.f", "")) == "a.py: RNN102 in A.f"


def test_of_what_was_not_asked_nothing_is_known(tmp_path: Path) -> None:
    (tmp_path / "there.py").touch()
    (tmp_path / "src").mkdir()
    (tmp_path / "src/other.py").touch()
    known = {Key(path, code, "", ""): 1 for path in ("there.py", "src/other.py", "src/gone.py", "gone.py", "src/a/b.py")
             for code in ("RNN102", "RNN201", "RNN777")}  # fmt: skip
    asked = asking({"there.py"}, [str(tmp_path / "src")], tmp_path, lambda code, _: code == "RNN102")
    stale = [(one.key.path, one.key.code) for one in compared([], known, keyed, asked).stale]
    there = ("src/a/b.py", "src/gone.py", "there.py")
    assert stale == [(path, code) for path in there for code in ("RNN102", "RNN777")]
    assert compared([], known, keyed, asked).stale[2] == Stale(Key("src/gone.py", "RNN102", "", ""), 1)
    left = updated([], known, keyed, asked)
    assert set(left) == {one for one in known if (one.path, one.code) not in stale}


def test_a_selection_is_asked_of_the_file_wherever_the_baseline_stands(tmp_path: Path) -> None:
    seen: list[Path] = []

    def takes(_: str, path: Path) -> bool:
        seen.append(path)
        return True

    assert asking({"../a.py"}, [], tmp_path / "etc", takes)(Key("../a.py", "RNN102", "", ""))
    assert seen == [tmp_path / "a.py"]


ENTRY = '{"path": "a.py", "code": "RNN102", "in": "", "expression": "x", "count": 1}'


def whole(*entries: str, version: str = "1") -> str:
    return f'{{"format": "rnnlint baseline", "version": {version}, "findings": [{", ".join(entries)}]}}'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no baseline of rnnlint: Expecting value"),
        ("<<<<<<< HEAD\n{}", "no baseline of rnnlint: Expecting value"),
        ("[]", 'no baseline of rnnlint: it has no "format": "rnnlint baseline"'),
        ('{"version": 1}', 'it has no "format"'),
        (whole(version="2"), "it is of version 2, and this rnnlint reads 1"),
        (whole(version='"1"'), "it is of version '1', and this rnnlint reads 1"),
        ('{"format": "rnnlint baseline", "version": 1}', 'its "findings" are no list'),
        (whole("3"), "finding 1 is not path, code, in, expression and count"),
        (whole(ENTRY, ENTRY.replace('"x"', "3")), "finding 2 is not path, code, in, expression and count"),
        (whole(ENTRY.replace(": 1}", ": 0}")), "finding 1 has no count of 1 or more"),
        (whole(ENTRY.replace(": 1}", ": true}")), "finding 1 has no count of 1 or more"),
        ("[" * 100_000, "it is nested too deeply"),
        ("\ud800", "no baseline of rnnlint: "),
    ],
)
def test_a_broken_or_foreign_file_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "known.json").write_bytes(text.encode("utf-8", "surrogatepass"))
    with pytest.raises(BadBaseline) as error:
        read(tmp_path / "known.json")
    assert str(error.value).startswith("known.json: ")
    assert said in str(error.value)
    assert "\n" not in str(error.value)


def test_a_file_that_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert read(tmp_path / "known.json", missing=True) == {}
    with pytest.raises(BadBaseline, match=r"^known.json: there is no such file; --update-baseline writes it$"):
        read(tmp_path / "known.json")
    with pytest.raises(BadBaseline, match=r"cannot be read: "):
        read(tmp_path)


def test_what_two_branches_have_both_kept_counts_once(tmp_path: Path) -> None:
    (tmp_path / "known.json").write_text(whole(ENTRY, ENTRY.replace(": 1}", ": 2}"), ENTRY), encoding="utf-8")
    assert read(tmp_path / "known.json") == {Key("a.py", "RNN102", "", "x"): 2}


def test_a_name_that_is_no_text(tmp_path: Path) -> None:
    known = {Key("\udcff\u00e4.py", "RNN102", "", ""): 1}
    (tmp_path / "known.json").write_text(as_json(known), encoding="utf-8")
    assert read(tmp_path / "known.json") == known


def test_a_byte_order_mark_and_other_line_ends_do_not_matter(tmp_path: Path) -> None:
    text = whole(ENTRY).replace(", ", ",\r\n")
    (tmp_path / "known.json").write_bytes(b"\xef\xbb\xbf" + text.encode())
    assert read(tmp_path / "known.json") == {Key("a.py", "RNN102", "", "x"): 1}
