"""The mutants of a text, and a run of the command over a package of a few lines."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tools.mutation.__main__ import EXPLAINED, MUTATED
from tools.mutation.lists import CLASSES, BadInput, read_explained
from tools.mutation.operators import Mutant, mutants

ROOT = Path(__file__).resolve().parents[2]
HEADER = "module\tfunction\ttext\tchange\tnth\tclass\treason\n"


def of(source: str) -> list[Mutant]:
    return mutants("m.py", source, ast.parse(source))


def changes(body: str) -> list[str]:
    return [mutant.change for mutant in of(f"def f(a, b):\n    {body}\n")]


@pytest.mark.parametrize(
    ("body", "wanted"),
    [
        ("return a < b", ["return a < b -> return None", "a < b -> a <= b"]),
        ("return a < 1", ["return a < 1 -> return None", "a < 1 -> a <= 1"]),
        ("return a == 1", ["return a == 1 -> return None", "a == 1 -> a != 1", "1 -> 2"]),
        ("return a and b", ["return a and b -> return None", "a and b -> b", "a and b -> a"]),
        ("return not a", ["return not a -> return None", "not a -> a"]),
        ("return -a", ["return -a -> return None", "-a -> a"]),
        ("return a + 1", ["return a + 1 -> return None", "a + 1 -> a - 1", "1 -> 2"]),
        ("return a if b else c", ["return a if b else c -> return None", "a if b else c -> a", "a if b else c -> c"]),
        ("return a[1:b]", ["return a[1:b] -> return None", "1:b -> :b", "1:b -> 1:", "1 -> 2"]),
        ("return any(a)", ["return any(a) -> return None", "any(a) -> all(a)"]),
        ("return sorted(a, key=b)", ["return sorted(a, key=b) -> return None", "sorted(a, key=b) -> list(a)"]),
        ("return True", ["return True -> return None", "True -> False"]),
        ("return 'key'", ["return 'key' -> return None", "'key' -> 'key?'"]),
        ("return 'some prose'", ["return 'some prose' -> return None"]),
        ("return f'some prose {a + b}'", ["return f'some prose {a + b}' -> return None", "a + b -> a - b"]),
        ("a.append(b)", ["a.append(b) -> pass"]),
        ("a[b] = b", ["a[b] = b -> pass"]),
        ("a += b", ["a += b -> pass"]),
        ("raise a", ["raise a -> pass"]),
        ("assert a < b", []),
        ("return None", []),
        ("'''doc'''", []),
    ],
)
def test_changes(body: str, wanted: list[str]) -> None:
    found = changes(body)
    assert [change for change in found if change in wanted] == wanted
    if "sorted" not in body:
        assert found == wanted


def test_conditions_are_fixed_unless_a_part_of_them_says_more() -> None:
    assert changes("if a: return")[:2] == ["a -> True", "a -> False"]
    assert changes("if a and b: return") == ["a and b -> False", "a and b -> b", "a and b -> a"]
    assert changes("if a or b: return") == ["a or b -> True", "a or b -> b", "a or b -> a"]
    assert changes("if a == b: return") == ["a == b -> True", "a == b -> False"]
    assert changes("while a: pass") == ["a -> False"]
    assert "a -> True" in changes("return [b for b in b if a]")


def test_what_runs_at_import_is_left_alone() -> None:
    source = "LIMIT = 1 + 1\n@decorated(1 < 2)\ndef f(a: int = 1 + 1) -> 'a' | 'b':\n    return a\n"
    assert [mutant.change for mutant in of(source)] == ["return a -> return None"]


def test_mutants_of_equal_lines_are_told_apart_and_keep_their_names_when_lines_move() -> None:
    source = "class C:\n    def f(self, a):\n        a += 1\n        a += 1\n"
    found = of(source)
    assert [(mutant.function, mutant.change, mutant.nth) for mutant in found if "pass" in mutant.change] == [
        ("C.f", "a += 1 -> pass", 1),
        ("C.f", "a += 1 -> pass", 2),
    ]
    assert len({mutant.key for mutant in found}) == len(found)
    assert [mutant.key for mutant in of(f"\n\n{source}")] == [mutant.key for mutant in found]


def test_a_mutant_is_a_program() -> None:
    source = (ROOT / "rnnlint/axes/operations/axis_order.py").read_text(encoding="utf-8")
    for number in range(len(of(source))):
        tree = ast.parse(source)
        mutant = mutants("order.py", source, tree)[number]
        mutant.edit.make()
        compile(tree, "order.py", "exec")
        assert ast.unparse(tree) != ast.unparse(ast.parse(source))


CODE = """\
from functools import cache


def registered(function):
    return function


@registered
def sign(number: int) -> int:
    if number > 0:
        return 1
    return -1 if number < 0 else 0


@cache
def double(number: int) -> int:
    return number * 2


class Counter:
    def __init__(self) -> None:
        self.count = 0

    def down(self) -> int:
        while self.count > 0:
            self.count -= 1
        return self.count


def unseen(number: int) -> int:
    return number + 1
"""
TESTS = """\
from package.code import Counter, double, sign

KEPT = [sign, double]  # taken before any mutant is made


def test_sign():
    assert [KEPT[0](number) for number in (-2, 3)] == [-1, 1]


def test_double():
    assert KEPT[1](3) == 6


def test_down():
    counter = Counter()
    counter.count = 3
    assert counter.down() == 0
"""


# ``python -m tools.mutation``, but for the five seconds that a mutant may take of which there is no end
COMMAND = """
import sys
from tools.mutation import bench
from tools.mutation.__main__ import main
bench.GRACE = 0.5
sys.exit(main())
"""


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", COMMAND, "package/code.py", "--tests", "test_code.py", *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(folder), str(ROOT)])},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def package(tmp_path: Path) -> Path:
    (tmp_path / "package").mkdir()
    (tmp_path / "package/__init__.py").touch()
    (tmp_path / "package/code.py").write_text(CODE, encoding="utf-8")
    (tmp_path / "test_code.py").write_text(TESTS, encoding="utf-8")
    return tmp_path


@pytest.mark.skipif(not hasattr(os, "fork"), reason="mutants run in forked children")
def test_the_command(package: Path) -> None:
    """It finds the survivors, is content once they are explained, and says which explanations are no longer needed."""
    first = run(package, "--explained", "why.tsv")
    assert first.returncode == 1, first.stderr
    survived = [line for line in first.stdout.splitlines() if ": survived: " in line or ": untested: " in line]
    assert [line.split(": ", 2)[1:] for line in survived] == [
        ["registered", "untested: return function -> return None"],
        ["sign", "survived: number > 0 -> number >= 0"],
        ["sign", "survived: -1 if number < 0 else 0 -> -1"],
        ["sign", "survived: number < 0 -> number <= 0"],
        ["sign", "survived: 0 -> 1"],
        ["Counter.__init__", "survived: self.count = 0 -> pass"],
        ["Counter.__init__", "survived: 0 -> 1"],
        ["unseen", "untested: return number + 1 -> return None"],
        ["unseen", "untested: number + 1 -> number - 1"],
        ["unseen", "untested: 1 -> 2"],
    ]
    assert "| package/code.py | 26 | 15 | 1 | 6 | 4 |" in first.stdout  # the loop that does not end is the one timeout
    assert first.stdout.endswith("10 not explained\n")

    rows = [line.split("\t") for line in (package / ".mutation/outcomes.tsv").read_text(encoding="utf-8").splitlines()]
    why = ["\t".join([*row[:5], "equivalent", "because"]) for row in rows[1:]]
    gone = "\t".join(["package/code.py", "gone", "return 1", "1 -> 2", "1", "equivalent", "because"])
    (package / "why.tsv").write_text(HEADER + "\n".join([*why, gone, ""]), encoding="utf-8")
    second = run(package, "--explained", "why.tsv", "--resume")
    assert second.returncode == 0, second.stderr
    assert second.stdout.count("explained, but noticed: ") == 16
    assert "explained, but no longer there: package/code.py | gone | return 1 | 1 -> 2 | 1\n" in second.stdout
    assert second.stdout.endswith("0 not explained\n")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="mutants run in forked children")
def test_tests_that_fail_without_a_mutant(package: Path) -> None:
    (package / "test_code.py").write_text(TESTS.replace("== 6", "== 7"), encoding="utf-8")
    refused = run(package, "--sample", "1")
    assert refused.returncode == 2
    assert "the tests do not pass without a mutant: test_code.py::test_double" in refused.stderr


def test_every_survivor_that_is_explained_is_one_of_ours() -> None:
    explained = read_explained(ROOT / EXPLAINED)
    for module in {key[0] for key in explained}:
        assert any(str(one) in MUTATED for one in (Path(module), *Path(module).parents))
        source = (ROOT / module).read_text(encoding="utf-8")
        known = {mutant.key for mutant in mutants(module, source, ast.parse(source))}
        assert not [key for key in explained if key[0] == module and key not in known], "no longer there"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("module\tfunction\n", "the first line is not"),
        (f"{HEADER}m.py\tf\n", ":2: 2 columns, not 7"),
        (f"{HEADER}m.py\tf\tt\tc\t1\tno such class\tbecause\n", ":2: a class of"),
        (f"{HEADER}m.py\tf\tt\tc\t1\t{CLASSES[0]}\t \n", "a reason"),
    ],
)
def test_lists_that_cannot_be_used(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "why.tsv").write_text(text, encoding="utf-8")
    with pytest.raises(BadInput, match=said):
        read_explained(tmp_path / "why.tsv")
