"""Facts are enums and classes, so that mypy finds a word that nobody writes."""

from __future__ import annotations

import ast
import dataclasses
import inspect
from pathlib import Path
from types import ModuleType

from mypy import api

from rnnlint.axes import states
from rnnlint.axes.states import Viewed
from rnnlint.events import batches, calls, operations, results, sites
from rnnlint.values import domain, forms, heap_cells, origins
from rnnlint.values.origins import Counting, Fresh, LastValid, Memory, Windows, occurrence_of
from rnnlint.values.shown import MADE

ROOT = Path(__file__).parents[1]
HEAD = """
from rnnlint.axes.states import Mark, Note
from rnnlint.events import Misfit, Used, Wrong
from rnnlint.values.domain import Free, Layer
from rnnlint.values.forms import Arithmetic
from rnnlint.values.layer_kinds import LayerFact, LayerKind
from rnnlint.values.shown import MADE
from rnnlint.values.origins import Counting
from rnnlint.values.uses import Use

def asked(used: Used, misfit: Misfit, layer: Layer, mark: Mark, free: Free, made: Counting) -> None:
"""
RIGHT = (
    "used.how is Use.LAYER",
    "misfit.what is Wrong.RANK",
    "layer.kind is LayerKind.POOL",
    "layer.fact(LayerFact.KERNEL)",
    "mark.about is Note.CUT",
    "isinstance(free.form, Arithmetic) and free.form.op",
    "made.size",
)
WRONG = (
    "used.how == 'layer'",
    "used.how is Use.LAYRE",
    "misfit.what == 'ranks'",
    "layer.kind == 'pool'",
    "layer.fact('kernl')",
    "mark.about == 'cut'",
    "free.form[0]",
    "made[1]",
)


def test_mypy_finds_words_that_nobody_writes(tmp_path: Path) -> None:
    lines = [*RIGHT, *WRONG]
    snippet = tmp_path / "snippet.py"
    snippet.write_text(HEAD + "".join(f"    {line}\n" for line in lines))
    options = ["--strict", "--cache-dir", str(tmp_path / "cache"), "--config-file", str(ROOT / "pyproject.toml")]
    said, _, _ = api.run([*options, "--no-error-summary", str(snippet)])
    first = HEAD.count("\n") + 1
    found = {int(line.split(":")[1]) - first for line in said.splitlines() if ": error: " in line}
    assert found == set(range(len(RIGHT), len(lines))), said


MODULES = (batches, calls, operations, results, sites, states, domain, forms, heap_cells, origins)
NAMES = {
    # texts for the reader
    "Evidence.why",
    "Padding.why",
    "Indexed.error",
    "Read.padding",
    "Call.padding",
    "Raises.text",
    "Unknown.reason",
    "File.key",
    "Free.key",
    # names of the program
    "Read.ignored",
    "Argument.parameter",
    "Argument.keyword",
    "Argument.name",
    "Partial.names",
    "Constructed.parameters",
    "Unpassed.attribute",
    "Unpassed.parameter",
    "ObjectCell.attrs",
    "ParserCell.options",
    # names of torch and of Python, and of what an expression does (a method's name, or "index", "arithmetic", ...)
    "Site.op",
    "Distribution.given",
    "Distribution.name",
    "Constructed.cell",
    "Discarded.method",
    "Joining.op",
    "PackedRead.op",
    "MadePairRead.op",
    "PairRead.op",
    "ResultRead.op",
    "Unfit.module",
    "Raises.error",
    "Arithmetic.op",
    "Bound.name",
    "Builtin.name",
    "Layer.name",
    "Torch.name",
    "PairOf.cell",
    "ResultOf.cell",
    "Recurrent.cell",
    "RecurrentCell.cell",
    "StateOfCell.cell",
    # a constant of the program can be one
    "Lit.value",
}


def texts(module: ModuleType) -> set[str]:
    """The fields of a module's dataclasses that are annotated with ``str``, or with something made of it."""
    found = set()
    for name, one in inspect.getmembers(module, dataclasses.is_dataclass):
        if one.__module__ == module.__name__:
            for field in dataclasses.fields(one):
                words = ast.walk(ast.parse(str(field.type)))
                if any(isinstance(word, ast.Name) and word.id == "str" for word in words):
                    found.add(f"{name}.{field.name}")
    return found


def test_strings_are_names_and_texts() -> None:
    """What is a string in events and values is one because torch, Python or the program spells it, or to be read."""
    assert set().union(*map(texts, MODULES)) == NAMES


def test_what_is_given_and_open_is_said_by_classes() -> None:
    """No key of a given tensor and no form of an open value is a tuple with a word in front."""
    for path in sorted((ROOT / "rnnlint").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
                continue
            place = {"Given": 0, "Free": 2}.get(node.func.id)
            said = node.args[place] if place is not None and place < len(node.args) else None
            assert not isinstance(said, ast.Tuple | ast.Constant), f"{path}:{node.lineno}"


def test_every_origin_has_words() -> None:
    keys = {
        one for _, one in inspect.getmembers(origins, dataclasses.is_dataclass) if one.__module__ == origins.__name__
    }
    bare = {origins.Made, origins.Sorting, origins.PackingOrder}  # a base; and orders, which are no tensors
    assert MADE.keys() == (keys - bare - {Fresh, origins.StateOfCell}) | {Viewed}


def test_where_a_tensor_was_made() -> None:
    assert occurrence_of(Windows("here")) == occurrence_of(Viewed("here")) == occurrence_of(LastValid("here")) == "here"
    assert occurrence_of(Fresh(Memory.RAW, "here", None)) == "here"
    assert occurrence_of(Counting(3)) is None
    assert len({Windows("here"), origins.Rounds("here"), Viewed("here")}) == 3
