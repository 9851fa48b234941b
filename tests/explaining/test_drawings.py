"""The drawings of findings: which rules have them, that they are small, and that they do not lie."""

from __future__ import annotations

import contextlib
import io
import json
import re
from collections import defaultdict
from collections.abc import Callable, Hashable
from dataclasses import replace
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import torch

from oracle.pictures import Module, Truth
from rnnlint.axes.results import output_of
from rnnlint.axes.states import Call
from rnnlint.drawing.brief import MOST, lines
from rnnlint.drawing.carried import LONGEST, Drawing, carried, written
from rnnlint.drawing.picture import BESIDE_A_FINDING, picture
from rnnlint.drawing.resized import NoSize, resized
from rnnlint.drawing.terminal import Ink
from rnnlint.explaining import drawings
from rnnlint.explaining.drawn_rules import DRAWN, NOT_DRAWN
from rnnlint.findings import Finding
from rnnlint.interpret.state.sizes import Sizes
from rnnlint.linter import lint
from rnnlint.rules import registry
from rnnlint.runtime.truth import labels
from tests.explaining.drawn import Candidate, Run, candidates, run
from tests.explaining.test_findings import findings
from tests.hosts.running import ROOT
from tests.rules.expectations import fixtures, named

PAGE = (ROOT / "docs" / "output.md").read_text(encoding="utf-8")
FILES = [path for path in fixtures("rules") if path.parent.name in DRAWN]


def drawn(path: Path) -> tuple[Finding, ...]:
    """The findings of a fixture that are drawn."""
    return tuple(one for one in findings(path) if one.drawing)


def test_every_rule_is_drawn_or_says_why_not() -> None:
    said_of_files = {"RNN900", "RNN901"}
    assert DRAWN.keys() | NOT_DRAWN.keys() == registry().keys() - said_of_files
    assert not DRAWN.keys() & NOT_DRAWN.keys()
    met: dict[str, set[bool]] = defaultdict(set)
    for path in fixtures("rules"):
        for one in findings(path):
            met[one.code].add(bool(one.drawing))
    assert {code for code, some in met.items() if True in some} == DRAWN.keys()


def test_the_page_says_which_rules_are_drawn() -> None:
    table = PAGE.partition("## Drawings")[2].partition("\n## ")[0]
    sentence = table.partition("These rules are drawn: ")[2].partition(". ")[0]
    assert sentence.replace("\n", " ").split(", ") == list(DRAWN)
    rows = dict(re.findall(r"^\| ((?:RNN\d{3}(?:, )?)+) \| (.+) \|$", table, re.MULTILINE))
    said = {code: why for codes, why in rows.items() for code in codes.split(", ")}
    assert said == NOT_DRAWN


@pytest.mark.parametrize("path", FILES, ids=named)
def test_small_and_read_again(path: Path) -> None:
    for one in drawn(path):
        drawing = carried(one.drawing)
        assert len(one.drawing) <= LONGEST
        assert written(drawing) == one.drawing
        for ink in (Ink(width=60), Ink(unicode=False, width=110)):
            shown = lines(drawing, ink)
            assert 1 < len(shown) <= MOST
            assert all(line.strip() for line in shown)


# --- torch -----------------------------------------------------------------------------------------------------------

_NOT_COMPARED = {
    # a row less itself: of x - x nothing has an influence
    ("RNN201", "beside.py", 81): "a state that is subtracted from itself",
    ("RNN202", "beside.py", 22): "likewise",
    # of a maximum autograd says which element it was, and not between which it was chosen
    ("RNN205", "windows.py", 16): "a maximum",
    ("RNN205", "windows.py", 35): "likewise",
    ("RNN405", "one_of_several.py", 45): "likewise",
    ("RNN405", "beside.py", 21): "likewise",
    ("RNN405", "beside.py", 22): "likewise",
    ("RNN405", "beside.py", 27): "likewise",
    ("RNN405", "beside.py", 28): "likewise",
    # which sample stands in which row is not known, nor how long it is: they are drawn as if all were as long
    ("RNN404", "model.py", 61): "samples in another order",
    ("RNN404", "repacked.py", 19): "likewise",
    ("RNN404", "through_a_callable.py", 18): "likewise",
    # the finding stands at the call, and is drawn as what it gives is taken two lines below
    ("RNN205", "attention.py", 20): "drawn where it is used",
    ("RNN205", "attention.py", 28): "likewise",
    # the samples that stand in a list are told one by one, and which step each is read at is the sample's own
    ("RNN102", "rows_of_a_list.py", 17): "steps that are each sample's own",
    # no run of the fixture is in the configuration that the finding names
    ("RNN102", "guarded.py", 14): "another configuration",
    ("RNN102", "guarded.py", 28): "likewise",
    # what the fixture asserts of torch's numbers (assert_close) is not so of labels, and ends it
    ("RNN101", "script.py", 17): "not come to",
    ("RNN101", "script.py", 20): "likewise",
    ("RNN101", "script.py", 21): "likewise",
}


@cache
def compared(path: Path) -> tuple[Run, dict[tuple[int, int, str], list[Candidate]]]:
    with contextlib.redirect_stdout(io.StringIO()):  # some fixtures print
        found = run(path, drawn(path))
    return found, candidates(path, found)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("path", FILES, ids=named)
def test_torch_has_what_is_drawn(path: Path) -> None:
    """Of each tensor that is drawn as read: some tensor on these lines holds that, in every element, tick by tick."""
    if not drawn(path):
        return
    found, known = compared(path)
    for one in drawn(path):
        if (one.code, path.name, one.line) in _NOT_COMPARED:
            continue
        for number, _ in enumerate(carried(one.drawing).read):
            lies = [each.lies(number, found) for each in known[one.line, one.column, one.code]]
            assert [] in lies, (one.code, one.line, min(lies, key=len) if lies else "in no sizes of the run")


Lie = Callable[[dict[str, Any]], None]


def _tick(part: dict[str, Any]) -> None:
    own = part["strip"]["own"][0]
    own[1 if own[1] > 1 else 0] += -1 if own[1] > 1 else 1


def _sample(part: dict[str, Any]) -> None:
    part["samples"][0][0] += 1


def _layer(part: dict[str, Any]) -> None:
    part["layers"][0][0] += 1


def _direction(part: dict[str, Any]) -> None:
    part["direction"] = 1 - part["direction"]


def _units(part: dict[str, Any]) -> None:
    part["units"][0][1] += 1


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("lie", [_tick, _sample, _layer, _direction, _units])
def test_a_planted_lie_is_noticed(lie: Lie) -> None:
    told = 0
    for name in ("RNN102/model.py", "RNN103/script.py", "RNN105/script.py", "RNN203/script.py", "RNN201/script.py"):
        path = ROOT / "fixtures" / "rules" / name
        found, known = compared(path)
        for several in known.values():
            true = [each for each in several if each.pictures and not each.lies(0, found)]
            for each in true[:1]:
                pictures = json.loads(json.dumps(each.pictures))
                # in all cells alike, or torch might have another tensor with one that is so
                for cell in pictures[0]["cells"]:
                    lie(cell["parts"][0])
                told += 1
                assert Candidate(pictures, each.modules).lies(0, found), (name, lie.__name__)
    assert told > 10


# --- sizes -----------------------------------------------------------------------------------------------------------


def test_what_numbers_are_made_of() -> None:
    sizes = Sizes()
    steps, units = sizes.of("steps"), sizes.of("units")
    made = {number: sizes.made(number) for number in (7, steps - 1, units // 2, 3 * steps * units + 2, steps + units)}
    at: dict[Hashable, int] = {"steps": 5, "units": 6}
    assert [None if one is None else one.at(at) for one in made.values()] == [7, 4, 3, 92, None]
    half = sizes.made(units // 2)
    assert half is not None
    assert (half.factor, half.keys, half.distance) == (Fraction(1, 2), ("units",), 0)
    assert half.at({"units": 5}) is None


def test_what_lies_outside_has_no_picture() -> None:
    whole = output_of(Call("call", 1, 1, 3, 50, 4, 4), True)
    small = resized(whole, lambda number: 5 if number == 50 else number)
    assert [axis[0].extent for axis in small.axes] == [3, 5, 4]  # type: ignore[union-attr]
    from rnnlint.axes.operations import select
    from tests.axes.arrangements import known

    with pytest.raises(NoSize):
        resized(known(select.select(whole, 1, 9)), lambda number: 5 if number == 50 else number)


def test_a_long_drawing_is_left_out_not_cut() -> None:
    call = Call("call", 3, 2, 4, 5, 4, 4)
    one = picture(output_of(call, True), room=BESIDE_A_FINDING)
    both = written(Drawing((one,), (one,)))
    assert carried(both) == Drawing((carried(both).read[0],))
    assert written(Drawing((one,) * 3)) == ""


def test_open_sizes_are_drawn_small_and_named() -> None:
    text = """
from torch import nn

class Model(nn.Module):
    def __init__(self, width, hidden):
        super().__init__()
        self.rnn = nn.LSTM(width, hidden, batch_first=True, bidirectional=True)
        self.fc = nn.Linear(2 * hidden, 2)

    def forward(self, x):
        out, _ = self.rnn(x)
        return self.fc(out[:, -1])
"""
    (one,) = lint(text).findings
    drawing = carried(one.drawing)
    assert drawing.sizes == (("x.size(0)", 3), ("x.size(1)", 5), ("hidden", 4))
    assert [axis.extent for axis in drawing.read[0].axes] == [3, 8]
    assert lines(drawing, Ink(width=100))[0] == "read    each sample  → ■■■■■  ← □□□□■"


_OPEN = """
import torch
from torch import nn

class Model(nn.Module):
    def __init__(self, hidden, width):
        super().__init__()
        self.rnn = nn.GRU(6, hidden, num_layers={layers}, batch_first=True, bidirectional={both})
        self.fc = nn.Linear(width, 2)

    def forward(self, x):
        out, h = self.rnn(x)
        return self.fc({read})
"""


@pytest.mark.parametrize(
    ("read", "layers", "both"),
    [
        ("out[:, -1]", 1, True),
        ("out[:, -1]", 3, True),
        ("out[:, -1:]", 1, True),
        ("out[:, -1].unsqueeze(1).expand(-1, 7, -1)", 1, True),
        ("out.flip(1)[:, 0]", 1, True),
        ("out[:, 0]", 1, False),
        ("h[0]", 2, False),
        ("h.view(x.size(0), -1)", 2, False),
        ("h.reshape(x.size(0), 2, -1)", 2, True),
        ("h[-1].reshape(-1, 2 * h.size(2))", 2, False),
        ("out.reshape(x.size(1), x.size(0), -1)", 1, False),
        ("h.view(2, 2, x.size(0), -1)[0, 0]", 2, True),
        ("h[:, -1]", 2, False),
    ],
)
def test_open_sizes_as_they_are_shown(read: str, layers: int, both: bool) -> None:
    """The drawing that a user sees, in the sizes that were chosen for it: torch is given tensors of these."""
    text = _OPEN.format(read=read, layers=layers, both=both)
    found = [one for one in lint(text).findings if one.drawing]
    assert found, read
    for one in found:
        drawing = carried(one.drawing)
        sizes = dict(drawing.sizes)
        samples, steps, hidden = (sizes.get(name, 4) for name in ("x.size(0)", "x.size(1)", "hidden"))
        names: dict[str, Any] = {}
        with labels.labelled(torch.float64):
            exec(text, names)
            model = names["Model"](hidden, 1).double()
            handed: list[torch.Tensor] = []
            model.fc.register_forward_pre_hook(lambda _, given, kept=handed: kept.append(given[0].detach()))
            with contextlib.suppress(RuntimeError):  # the Linear is as wide as it happens to be
                model(torch.zeros(samples, steps, 6, dtype=torch.float64))
        module = Module("GRU", 1 + both, steps)
        (drawn_as,) = json.loads(one.drawing)["read"]
        held = [{int(label)} for label in handed[0].reshape(-1)]
        assert list(Truth(tuple(handed[0].shape), held, [module]).lies(drawn_as)) == [], (read, one.code)


def test_a_drawing_that_fails_costs_the_drawing_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> str:
        raise ZeroDivisionError

    path = ROOT / "fixtures" / "rules" / "RNN102" / "model.py"
    whole = findings(path)
    monkeypatch.setattr(drawings, "drawn", fails)
    report = lint(path.read_text(encoding="utf-8"))
    assert report.findings == tuple(replace(one, drawing="") for one in whole)
    assert {one.what for one in report.internal} == {"the drawing of RNN102"}


def test_nothing_of_pictures_is_imported_for_a_file_without_findings() -> None:
    from tests.hosts.running import python

    script = (
        "import sys\nfrom rnnlint.linter import lint\n"
        "lint('from torch import nn\\nrnn = nn.GRU(3, 4)\\n')\n"
        "print([name for name in sys.modules if name.startswith('rnnlint.drawing')])\n"
    )
    run = python("-c", script, cwd=ROOT)
    assert (run.stdout, run.stderr) == ("[]\n", "")
