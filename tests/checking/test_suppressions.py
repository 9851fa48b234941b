"""Comments that silence, held against flake8 and ruff: both are run on the same text, with a code that both know."""

from __future__ import annotations

import random
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import pytest

from rnnlint.checking.suppressions import Unused, silenced
from rnnlint.findings import Finding
from tests.hosts.running import HANG

CODE = "F821"  # an undefined name: of flake8 and of ruff


def names(text: str) -> Iterator[Finding]:
    """Every undefined name, as a finding."""
    for number, line in enumerate(text.split("\n"), 1):
        for match in re.finditer(r"\bnot_there\b", line):
            yield Finding(number, match.start(), CODE, "undefined-name", "", number, match.end())


def left(text: str) -> set[int]:
    """The lines on which we would report an undefined name."""
    return {one.line for one in silenced(names(text), text).kept}


def run(folder: Path, *command: str) -> dict[str, set[int]]:
    """The lines that another linter reports, by file."""
    done = subprocess.run(
        [sys.executable, "-m", *command, "."],
        cwd=folder, capture_output=True, encoding="utf-8", timeout=HANG, check=False,
    )  # fmt: skip
    assert done.returncode in (0, 1), done.stderr
    found: dict[str, set[int]] = {}
    for name, line in re.findall(rf"^(?:\./)?(\S+?):(\d+):\d+: {CODE} ", done.stdout, re.MULTILINE):
        found.setdefault(name, set()).add(int(line))
    return found


def flake8(folder: Path) -> dict[str, set[int]]:
    return run(folder, "flake8", "--isolated", f"--select={CODE},E9")


def ruff(folder: Path) -> dict[str, set[int]]:
    return run(folder, "ruff", "check", "--isolated", "--no-cache", f"--select={CODE}", "--output-format=concise", "-q")


def write(folder: Path, texts: Mapping[str, str]) -> None:
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")


PIECES = [
    *("#", "# ", "#  ", "## ", "#: "),
    *("noqa", "NOQA", "NoQA", "noqa", "noqaX", "noqa-", "no qa"),
    *("", ":", " :", ": ", ":  ", ",", " "),
    *("F821", "f821", "F8", "F", "F8211", "E501", "E501,F821", "E501 F821", "E501F821", "E501, ,F821", "E501;F821"),
    *("because", "F821 because", "F821: because", "F821because", "F821-x", "F821x1", "E501 A F821", "E501 a1 F821"),
    *(" # noqa: F821", "# type: ignore # noqa:F821", "# noqa: E501 # noqa: F821", "#noqa:E501 # noqa", "pylint: x"),
]
COMMENTS = [
    "# noqa", "#noqa", "# NOQA", "#  noqa", "# noqa:F821", "# noqa: F821", "#noqa:F821", "# noqa : F821",
    "# noqa:  F821", "# noqa: E501", "# noqa: E501, F821", "# noqa: E501,F821", "# noqa: E501 F821", "# noqa: F8",
    "# noqa: F", "# noqa: f821", "# noqa: E501F821", "# noqa: E501;F821", "# noqa:E501,,F821", "# noqa: F821 why",
    "# noqa: F821: why", "# noqa: F821-why", "# noqa: F821why", "# noqa: F8211", "# noqa: why", "# noqa: why F821",
    "# noqa:", "#noqa:", "# noqa because", "# noqaF821", "#noqaF821", "# noqa,F821", "# type: ignore # noqa: F821",
    "# noqa: E501  # noqa: F821", "# why # noqa", "## noqa", "#: noqa", "# no qa", "# noqa: F821, E501",
    "# noqa: F821,", "# noqa: ,F821", "# flake8: noqa", "# ruff: noqa", "# flake8: noqa: F821", "# ruff: noqa: F821",
    "# noqa:\tF821", "#\tnoqa:F821", "# noqa\t: F821", "# noqa\N{NO-BREAK SPACE}: F821",
    "# noqa:\N{NO-BREAK SPACE}F821", "# ruff: ignore[F821]", "#ruff:ignore[F821]", "# ruff : ignore[F821]",
    "# ruff: ignore [F821]",
    "# ruff: ignore[ F821 ]", "# ruff: ignore[F821,]", "# ruff: ignore[E501, F821]", "# ruff: ignore[E501,F821] why",
    "# ruff: ignore[F8]", "# ruff: ignore[f821]", "# ruff: ignore[]", "# ruff: ignore[,F821]", "# ruff: ignore[F821",
    "# ruff: ignore[E501 F821]", "# ruff: ignore", "# ruff: ignore: F821", "# RUFF: ignore[F821]",
    "# ruff: Ignore[F821]",
    "# why # ruff: ignore[F821]", "# ruff: ignore[E501] # ruff: ignore[F821]", "# ruff: ignore[E501] # noqa",
    "# ruff: file-ignore[F821]", "# ruff: disable[F821]", "# ruff: ignored[F821]",
    "# ruff: nothing # ruff: ignore[F821]",
]  # fmt: skip


def drawn(count: int) -> Iterator[str]:
    """Comments put together of pieces: most are malformed in one way or another."""
    chance = random.Random(1)
    while count:
        comment = "".join(chance.choice(PIECES) for _ in range(chance.randint(2, 6)))
        if "#" in comment:
            yield comment[comment.index("#") :]
            count -= 1


def each_on_a_line(comments: Iterable[str]) -> str:
    return "".join(f"not_there  {comment}\n" for comment in comments)


def test_comments_at_the_end_of_a_line(tmp_path: Path) -> None:
    comments = [*COMMENTS, *drawn(600)]
    write(tmp_path, {"a.py": each_on_a_line(comments)})
    theirs = flake8(tmp_path)["a.py"] & ruff(tmp_path)["a.py"]
    ours = left(each_on_a_line(comments))
    assert [comments[line - 1] for line in sorted(ours ^ theirs)] == []
    assert len(comments) / 4 < len(ours) < len(comments) * 3 / 4  # many are, and many are not silenced


PROGRAMS = {
    "a string of three quotes": 'x = """\n{0}\n""" + not_there  # noqa: F821\nnot_there\n',
    "before and behind it": 'not_there, """\n""", not_there  # noqa\nnot_there, """\n""", not_there\n',
    "two strings": 'not_there, """\n""", not_there, """\n""", not_there  # noqa: F821\n',
    "a string of one quote": "not_there, 'a\\\nb', not_there  # noqa\n",
    "an f-string": 'not_there, f"""{not_there}\n{not_there\n}""", not_there  # noqa\nnot_there\n',
    "an f-string in another": "not_there, f'''\n{f\"{not_there}\"}\n{not_there\n}''', not_there  # noqa\nnot_there\n",
    "continued": "x = not_there + \\\n    not_there + \\\n    not_there  # noqa\nnot_there\n",
    "continued in brackets": "x = (not_there + \\\n    not_there,\n    not_there)  # noqa\nnot_there\n",
    "brackets": "x = [\n    not_there,  # noqa\n    not_there,\n]  # noqa\n",
    "a string in brackets": 'x = [not_there, """\n""", not_there,  # noqa\n    not_there]\n',
    "a string that looks like it": 'x = "# noq{1}", not_there\n"""\n# flake8{1}: noqa\n"""\n',
    "the whole file": "not_there\n# flake8: noqa\nnot_there\n",
    "the whole file, indented": "not_there\nif x:\n    # ruff: noqa\n    not_there\n",
    "the whole file, in brackets": "not_there\nx = [\n  # flake8: noqa: F821\n]\n",
    "the whole file, by another code": "not_there\n# ruff: noqa: E501\n",
    "the whole file, by codes": "not_there\n# ruff: noqa: E501, F821\n",
    "the whole file, malformed": "not_there\n# ruff: noqa: because\n",
    "the whole file, malformed for flake8": "not_there\n# flake8=noqa-because\n",
    "the whole file, in capitals": "not_there\n# FLAKE8: NOQA\n",
    "the whole file, RUFF": "not_there\n# RUFF: noqa\n",
    "the whole file, behind a comment": "not_there\n# why # flake8: noqa\n",
    "file-ignore": "not_there\n# ruff: file-ignore[F821]\n",
    "file-ignore of another": "not_there\n# ruff: file-ignore[E501]\n",
    "file-ignore in a block": "not_there\nif x:\n    # ruff: file-ignore[F821]\n    pass\n",
    "file-ignore at the end": "not_there  # ruff: file-ignore[F821]\n",
    "file-ignore in brackets": "not_there\nx = [\n# ruff: file-ignore[F821]\n]\n",
    "ignore above": "# ruff: ignore[F821]\nnot_there\nnot_there\n",
    "ignore above, stacked": "# ruff: ignore[F821]\n# ruff: ignore[E501]\n\n# why\nnot_there\nnot_there\n",
    "ignore above a statement of lines": "# ruff: ignore[F821]\nx = [\n    not_there,\n    not_there,\n]\nnot_there\n",
    "ignore above a head": "# ruff: ignore[F821]\nif [\n    not_there,\n    not_there,\n]:\n    not_there\n",
    "ignore below a head": "if not_there:\n    # ruff: ignore[F821]\n    not_there\n    not_there\n",
    "ignore at the end of a block": "if not_there:\n    not_there\n    # ruff: ignore[F821]\nnot_there\nnot_there\n",
    "ignore dedented": "if not_there:\n    not_there\n# ruff: ignore[F821]\n    not_there\nnot_there\n",
    "ignore inside": "x = [\n    not_there,\n    # ruff: ignore[F821]\n    not_there,\n    not_there,\n]\n",
    "ignore inside, stacked": "x = [\n    # ruff: ignore[F821]\n    # why\n\n    not_there,\n    not_there,\n]\n",
    "ignore inside, at the end": "x = [\n    not_there,\n    # ruff: ignore[F821]\n] + not_there\nnot_there\n",
    "ignore inside, of a string": 'x = [\n  # ruff: ignore[F821]\n  not_there, """\n""", not_there,\n  not_there]\n',
    "ignore behind a string": 'x = not_there, """\n""", not_there  # ruff: ignore[F821]\nnot_there\n',
    "ignore behind a continuation": "x = not_there, \\\n  not_there  # ruff: ignore[F821]\nnot_there\n",
    "ignore behind a bracket": "x = [  # ruff: ignore[F821]\n    not_there\n]\n",
    "ignore behind another comment": "# why # ruff: ignore[F821]\nnot_there\n",
    "ignore at the end of the file": "not_there\n# ruff: ignore[F821]",
    "ignore above a decorator": "# ruff: ignore[F821]\n@not_there\ndef f(x=not_there):\n    pass\n",
    "a range": "not_there\n# ruff: disable[F821]\nnot_there\n# ruff: enable[F821]\nnot_there\n",
    "a range of other codes": "# ruff: disable[F821, E501]\nnot_there\n# ruff: enable[E501, F821]\nnot_there\n",
    "a range of two codes": "# ruff: disable[F821, E501]\nnot_there\n# ruff: enable[F821,E501]\nnot_there\n",
    "a range in a block": "if x:\n    not_there\n    # ruff: disable[F821]\n    not_there\nnot_there\n",
    "a range of a block": "if x:\n    # ruff: disable[F821]\n    not_there\n    # ruff: enable[F821]\n    not_there\n",
    "a range over a block": "# ruff: disable[F821]\nif x:\n    not_there\n# ruff: enable[F821]\nnot_there\n",
    "a range into a block": "# ruff: disable[F821]\nif x:\n    not_there\n    # ruff: enable[F821]\n    not_there\n",
    "a range out of a block": "if x:\n    # ruff: disable[F821]\n    not_there\n# ruff: enable[F821]\nnot_there\n",
    "a range in brackets": "x = [\n# ruff: disable[F821]\nnot_there,\n# ruff: enable[F821]\nnot_there]\n",
    "a range, oddly indented": "if x:\n    not_there\n  # ruff: disable[F821]\n    not_there\nnot_there\n",
    "a range before a dedent": "if x:\n    if x:\n        not_there\n    # ruff: disable[F821]\n    not_there\n",
    "ranges in one another": "# ruff: disable[F821]\n# ruff: disable[F821]\n# ruff: enable[F821]\nnot_there\n"
    "# ruff: enable[F821]\nnot_there\n",
    "a range without a beginning": "not_there\n# ruff: enable[F821]\nnot_there\n",
    "a range at the end of a line": "x = 1  # ruff: disable[F821]\nnot_there\n",
    "a range to the end": "not_there\n# ruff: disable[F821]\nnot_there\nif x:\n    not_there\n",
    "a range and noqa": "# ruff: disable[E501]\nnot_there  # noqa\nnot_there\n",
    "tabs": "if x:\n\t# ruff: disable[F821]\n\tnot_there\n\t# ruff: enable[F821]\n\tnot_there\n",
    "a form feed": "\x0c# ruff: ignore[F821]\nnot_there\n\x0c\nnot_there  # noqa\n",
    "nothing": "not_there\n",
}


def test_programs(tmp_path: Path) -> None:
    """Where comments stand, and which lines they are about."""
    texts = {f"p{number}.py": f"x = 1\n{text}" for number, text in enumerate(PROGRAMS.values())}
    write(tmp_path, texts)
    first, second = flake8(tmp_path), ruff(tmp_path)
    said = {title: left(text) for title, text in zip(PROGRAMS, texts.values(), strict=True)}
    theirs = {
        title: first.get(name, set()) & second.get(name, set()) for title, name in zip(PROGRAMS, texts, strict=True)
    }
    assert said == theirs


def test_where_we_are_stricter_than_flake8(tmp_path: Path) -> None:
    """A comment is no text in a string, and what names codes is about these."""
    texts = {
        "string.py": 'x = "# noqa", not_there\n',
        "begins.py": 'not_there("""  # noqa\n""")\n',
        "file.py": '"""\n# flake8: noqa\n"""\nnot_there\n',
        "codes.py": "# flake8: noqa: E501\nnot_there\n",
    }
    write(tmp_path, texts)
    assert flake8(tmp_path) == {}
    assert ruff(tmp_path) == {name: left(text) for name, text in texts.items()}


def test_a_name_of_a_rule_in_the_place_of_its_code() -> None:
    """As ruff has it in its preview."""
    assert left("not_there  # ruff: ignore[undefined-name]\n") == set()
    assert left("not_there  # noqa: undefined-name1\n") == set()  # which is a blanket one to flake8


def found(*places: tuple[int, int, str]) -> list[Finding]:
    return [Finding(line, 0, code, code.lower(), "", end, 1) for line, end, code in places]


def test_a_range_is_about_what_stands_in_it_whole() -> None:
    text = "# ruff: disable[RNN102]\nx(\n# ruff: enable[RNN102]\n)\n"
    assert silenced(found((2, 4, "RNN102")), text).kept
    assert not silenced(found((2, 2, "RNN102"), (2, 0, "RNN102")), text).kept


def test_what_names_a_code_in_vain() -> None:
    text = """\
a  # noqa: RNN102, RNN201,E501
b  # noqa: RNN1
c  # noqa
# ruff: noqa: RNN301
d  # ruff: ignore[RNN4, RNN401]
# ruff: disable[RNN501]
# ruff: enable[RNN501]
e  # noqa: RNN999
"""
    result = silenced(found((1, 1, "RNN102"), (2, 2, "RNN102"), (5, 5, "RNN401"), (3, 3, "RNN102")), text)
    assert result.kept == ()
    assert len(result.silenced) == 4
    vain = [(1, 3, "RNN201"), (4, 0, "RNN301"), (5, 3, "RNN4"), (6, 0, "RNN501"), (8, 3, "RNN999")]
    assert result.unused == tuple(Unused(*one) for one in vain)


def test_the_comment_of_the_whole_file_is_the_one_that_is_used() -> None:
    text = "# ruff: noqa: RNN102\nx  # noqa: RNN102\n"
    assert silenced(found((2, 2, "RNN102")), text).unused == (Unused(2, 3, "RNN102"),)


@pytest.mark.parametrize(
    "text", ["", "\n", "x = (\n# noqa\n", "'''# noqa", "\x00# noqa", "  x # noqa\n y", "# noqa", "\\"]
)
def test_any_text_is_read(text: str) -> None:
    silenced(found((1, 1, "RNN102")), text)
