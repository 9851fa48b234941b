"""Many files are analysed by several processes, and nobody sees that."""

from __future__ import annotations

import os
from pathlib import Path
from typing import cast

import pytest

from rnnlint import judge
from rnnlint.checking import parallel
from rnnlint.checking.analysis import add
from rnnlint.checking.members import Group, Member
from rnnlint.checking.results import FileResult, decoded
from rnnlint.checking.sources import Source
from rnnlint.failures import Failure, Internal
from rnnlint.findings import Applicability, Edit, Finding, Fix, Related
from rnnlint.report import Report
from rnnlint.settings import Settings
from rnnlint.source.documents import read_document
from rnnlint.source.files import Files
from rnnlint.source.parse import Parsed, parse
from tests.checking.running import Check
from tests.hosts.running import MISREAD, python


def test_several_processes_print_what_one_prints(check: Check) -> None:
    for number in range(parallel.ENOUGH + 3):
        check.write(f"a{number}.py", f"{MISREAD}\n# {number}{' ' * (number * 7 % 5)}\n")
    one = check("--no-cache", "--jobs=1")
    assert len(one.found) == parallel.ENOUGH + 3
    assert check("--no-cache", "--jobs=2") == one
    assert check("--jobs=2") == one
    assert check() == one


def groups() -> list[Group]:
    texts = [f"{MISREAD}# {number}\n" for number in range(parallel.ENOUGH)]
    sources = [Source(f"{number}.py", text, "") for number, text in enumerate(texts)]
    return [Group((Member(one.path, one),), Settings()) for one in sources]


# a worker that dies of the third file, as one does that has no memory left
DYING = """
import os, sys
from rnnlint.checking import groups, parallel

def analysed(group, analysed=groups.analysed):
    if group.files[0].path == "3.py":
        os.kill(os.getpid(), 9)
    return analysed(group)

if __name__ == "__main__":
    from tests.checking.test_parallel import groups as made
    parallel.analysed = analysed
    for number, results in sorted(parallel.in_order_of_completion(made(), 2)):
        print(number, results[0]["refused"], len(results[0]["report"]["findings"]))
"""


def test_a_process_that_dies_costs_one_file(tmp_path: Path) -> None:
    script = tmp_path / "dying.py"
    script.write_text(DYING)
    run = python(str(script), cwd=tmp_path, PYTHONPATH=str(Path(__file__).parents[2]))
    lines = [f"{number}  1" for number in range(parallel.ENOUGH)]
    lines[3] = "3 the process that analysed it was killed 0"
    assert run.stdout.splitlines() == lines, run.stderr


@pytest.mark.parametrize(
    ("method", "error"),
    [("submit", BlockingIOError()), ("__init__", NotImplementedError()), ("__init__", ImportError())],
)
def test_where_no_process_can_be_started_one_does_it_all(
    monkeypatch: pytest.MonkeyPatch, method: str, error: Exception
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(f"concurrent.futures.ProcessPoolExecutor.{method}", fail)
    made = groups()
    results = dict(parallel.in_order_of_completion(made, 2))
    assert [len(decoded(results[number][0]).report.findings) for number in range(len(made))] == [1] * len(made)


def test_few_files_start_no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parallel, "_Pool", None)
    few = groups()[1:]
    results = [decoded(data[0]) for _, data in parallel.in_order_of_completion(few, 8)]
    assert [len(one.report.findings) for one in results] == [1] * len(few)


def test_processors() -> None:
    assert 1 <= parallel.processors() <= (os.cpu_count() or 1)


def test_a_mistake_of_ours_in_a_file_that_only_helps_is_said() -> None:
    """Each group that a file helps may have one, and findings of others must not take its place."""
    source = Source("helper.py", "", "")
    group = Group((Member("/p/helper.py", source, (0,)),), Settings())
    first, second = (Internal(1, what, "KeyError: 1", "") for what in ("a call", "a name"))
    found: dict[str, FileResult] = {}
    for mistake in (first, second):
        add(found, group, [FileResult(Report(internal=(mistake,)))])
    add(found, group, [FileResult(Report())])
    assert found["helper.py"].report.internal == (first, second)


def test_what_several_groups_say_of_a_file_is_said_once() -> None:
    """Each reads the file with other users of it, and names their lines; what mends it for both is its fix."""
    group = Group((Member("/p/layer.py", Source("layer.py", "", "")),), Settings())
    one, other = (Fix("mend", Applicability.SAFE, (Edit(1, 0, 1, 1, text),)) for text in "xy")
    findings = [
        Finding(1, 0, "RNN201", "a", "said", 1, 5, (Related(line, 0, line, 1, "here", "train.py"),), fixes=fixes)
        for line, fixes in ((1, (one, other)), (2, (other,)))
    ]
    elsewhere = Finding(2, 0, "RNN201", "a", "said", 2, 5)
    for order in (1, -1):
        found: dict[str, FileResult] = {}
        for finding in findings[::order]:
            add(found, group, [FileResult(Report((finding, elsewhere)))])
        first, second = found["layer.py"].report.findings
        assert (first.related, first.fixes, second) == (findings[0].related, (other,), elsewhere)


def test_a_mistake_of_ours_in_data_is_said_of_the_program() -> None:
    text = f"{MISREAD}# json.load(open('config.json'))\n"
    data = read_document('{"layers": 2}', "config.json")
    assert isinstance(data, Parsed)
    node = data.program.body[0]
    files = Files({"model.py": cast(Parsed, parse(text)), "config.json": data})
    ((path, said),) = judge._internal(files, ("model.py",), (Failure("a value", node, "KeyError: 1", ""),))
    assert (path, said.line, said.what) == ("model.py", 1, "a value")
