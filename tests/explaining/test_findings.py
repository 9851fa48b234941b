"""What findings carry besides their message: other places, facts, what arrives and what was wanted, what to do."""

from __future__ import annotations

import ast
import os
import runpy
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
import torch
from torch import nn

from rnnlint.findings import Finding, Related
from rnnlint.linter import lint
from rnnlint.rules import registry
from tests.explaining.shown import SHOWN
from tests.hosts.running import ROOT, python
from tests.rules.expectations import FIXTURES, fixtures, linted, named

FILES = [*fixtures("rules"), *fixtures("constructs"), *fixtures("claims")]


def findings(path: Path) -> tuple[Finding, ...]:
    """What is found in a fixture."""
    return linted(path).findings


def written(path: Path, place: Finding | Related) -> str:
    """What stands at a place."""
    lines = path.read_text(encoding="utf-8").splitlines()[place.line - 1 : place.end_line]
    lines[-1] = lines[-1][: place.end_column]
    lines[0] = lines[0][place.column :]
    return "\n".join(lines)


def shown(path: Path, finding: Finding) -> str:
    """A finding with all that it carries, in the form of the table."""
    lines = [f"{finding.expression} in {finding.qualified or 'the file'}"]
    lines += [f"{one.line} | {written(path, one)} | {one.message}" for one in finding.related]
    lines += [f"{name} = {value}" for name, value in finding.facts]
    lines += [f"{name}: {getattr(finding, name)}" for name in ("read", "wanted", "help")]
    return "\n".join(lines)


@pytest.mark.parametrize("place", SHOWN)
def test_what_one_finding_of_each_rule_rests_on(place: str) -> None:
    name, _, line = place.partition(":")
    path = FIXTURES / "rules" / name
    code = name.partition("/")[0]
    finding = next(one for one in findings(path) if (one.code, one.line) == (code, int(line)))
    assert shown(path, finding) == dedent(SHOWN[place]).strip()


def test_the_table_has_every_rule() -> None:
    said_of_files = {"RNN900", "RNN901"}
    assert {place.partition("/")[0] for place in SHOWN} == registry().keys() - said_of_files


# --- laws ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", FILES, ids=named)
def test_places_lie_in_the_file_and_are_others(path: Path) -> None:
    for finding in findings(path):
        own = (finding.line, finding.column, finding.end_line, finding.end_column)
        places = [(one.line, one.column, one.end_line, one.end_column) for one in finding.related]
        assert own not in places
        assert len(set(places)) == len(places)
        assert all(written(path, one).strip() == written(path, one) != "" for one in finding.related)
        assert all(one.message and "{" not in one.message and one.path == "" for one in finding.related)


@pytest.mark.parametrize("path", FILES, ids=named)
def test_a_finding_is_known_again_by_what_stands_there_and_where(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for finding in findings(path):
        with suppress(SyntaxError):  # what is unpacked into stands there without its brackets, and as it is written
            assert finding.expression in (_normal(written(path, finding)), _normal(f"({written(path, finding)})"))
        assert finding.qualified == ".".join(_around(tree, finding.line))


def _normal(text: str) -> str:
    return ast.unparse(ast.parse(text.strip(), mode="eval"))


def _around(node: ast.AST, line: int) -> Iterator[str]:
    """The names of the functions and classes around a line, by looking at all of them."""
    every = [one for one in ast.walk(node) if isinstance(one, (ast.FunctionDef, ast.ClassDef))]
    around = [one for one in every if one.lineno <= line <= (one.end_lineno or 0)]
    return (one.name for one in sorted(around, key=lambda one: one.lineno))


@pytest.mark.parametrize("path", FILES, ids=named)
def test_each_says_what_it_rests_on(path: Path) -> None:
    for finding in findings(path):
        # of too many arguments there is none to point at
        assert finding.related or finding.read == "too many arguments"
        assert finding.read
        assert finding.help
        assert not {"{", "}"} & set(finding.help)


def test_lines_above_change_nothing_but_lines() -> None:
    path = FIXTURES / "rules" / "RNN102" / "script.py"
    text = path.read_text(encoding="utf-8")
    before, after = lint(text).findings, lint(f"import os\n\n\n{text}").findings
    assert [(one.expression, one.qualified, one.facts, one.read, one.wanted, one.help) for one in before] == [
        (one.expression, one.qualified, one.facts, one.read, one.wanted, one.help) for one in after
    ]
    assert [[place.line + 3 for place in one.related] for one in before] == [
        [place.line for place in one.related] for one in after
    ]


def test_hash_seeds() -> None:
    """What a process with a seed of its own says is what is said here, where the seed is another one."""
    codes = ("RNN102", "RNN106", "RNN204", "RNN402", "RNN501", "RNN502")
    program = (
        "import sys; from pathlib import Path; from rnnlint.linter import lint\n"
        "for name in sys.argv[1:]:\n"
        "    print(*lint(Path(name).read_text(encoding='utf-8')).findings, sep='\\n')"
    )
    paths = [path for code in codes for path in fixtures(f"rules/{code}")]
    seed = "2" if os.environ.get("PYTHONHASHSEED") == "1" else "1"
    said = python("-c", program, *map(str, paths), cwd=ROOT, PYTHONHASHSEED=seed).stdout
    assert said == "".join("\n".join(map(str, findings(path))) + "\n" for path in paths)
    assert said.count("Related(") > 100


# --- torch -----------------------------------------------------------------------------------------------------------

OF_A_MODULE = {"cell", "bidirectional", "batch_first", "num_layers", "hidden_size", "proj_size"}


@contextmanager
def built(path: Path) -> Iterator[dict[int, list[nn.Module]]]:
    """The recurrent modules that a program builds while this is open, by the line of the file they are built on."""
    found: dict[int, list[nn.Module]] = {}

    def noting(original: Any) -> Any:
        def init(self: nn.Module, *args: Any, **keywords: Any) -> None:
            original(self, *args, **keywords)
            frame: Any = sys._getframe(1)
            while frame is not None and frame.f_code.co_filename != str(path):
                frame = frame.f_back
            if frame is not None:
                found.setdefault(frame.f_lineno, []).append(self)

        return init

    with pytest.MonkeyPatch.context() as patch:
        for kind in (nn.RNNBase, nn.RNNCellBase):
            patch.setattr(kind, "__init__", noting(kind.__init__))
        yield found


def agrees(module: nn.Module, facts: dict[str, str]) -> bool:
    """Whether a module has the settings that a finding names."""
    own = {name: str(getattr(module, name, None)) for name in facts} | {"cell": type(module).__name__}
    return all(own[name] == value for name, value in facts.items())


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("path", fixtures("rules"), ids=named)
def test_facts_are_those_of_the_modules_that_the_program_builds(path: Path) -> None:
    torch.manual_seed(0)
    with built(path) as modules, suppress(Exception):  # that it ends as it says is tests/rules/test_fixtures.py
        runpy.run_path(str(path), run_name="__main__")
    for finding in findings(path):
        facts = {name: value for name, value in finding.facts if name in OF_A_MODULE}
        lines = {finding.line, *(one.line for one in finding.related)}
        there = [module for line in lines for module in modules.get(line, [])]
        if facts and there:
            assert any(agrees(module, facts) for module in there), finding


def test_most_facts_are_compared_with_a_module() -> None:
    path = FIXTURES / "rules" / "RNN102" / "model.py"
    with built(path) as modules:
        runpy.run_path(str(path), run_name="__main__")
    compared = [one for one in findings(path) if any(place.line in modules for place in one.related)]
    assert len(compared) == len(findings(path)) > 3
