"""What the benchmark says of figures, without a time being asserted: quantiles, goals, bounds, stages, its command."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks import bench, growth, slowest
from benchmarks.files import Linted, Source, linted
from benchmarks.goals import count, line, quantile, ratio
from benchmarks.memory import above_tree
from benchmarks.parses import Cost, bounds, building, measured, reads_with_libcst, without_rnn
from benchmarks.timing import best_in_turn
from tests.interpret.test_bounds import model
from tools.measure.labels import COLUMNS

NONE = "import torch\n\n# an LSTM\nx = torch.zeros(3)\n"
LAST = """\
import torch
m = torch.nn.LSTM(4, 8, bidirectional=True)
y = torch.nn.Linear(16, 2)(m(torch.rand(5, 3, 4))[0][-1])
"""


@given(st.lists(st.floats(0, 100), min_size=1), st.floats(0, 1))
def test_a_quantile_is_the_smallest_that_so_many_do_not_exceed(values: list[float], share: float) -> None:
    found = quantile(values, share)
    assert found in values
    assert sum(value <= found for value in values) >= share * len(values) - 1e-9
    below = [value for value in values if value < found]
    assert not below or len(below) < share * len(values) + 1e-9


@pytest.mark.parametrize(("share", "found"), [(0, 1), (0.5, 3), (0.9, 5), (0.99, 5), (1, 5)])
def test_quantiles_of_five(share: float, found: float) -> None:
    assert quantile([5, 3, 1, 2, 4], share) == found


def test_of_nothing_there_is_no_figure() -> None:
    assert math.isnan(quantile([], 0.5))
    assert math.isnan(ratio(1, 0))
    assert "nan" in building([])[1]


def test_a_goal_is_met_by_the_figure_that_is_shown() -> None:
    assert "missed" in line("all", 1.51, 1.5)
    assert "missed" not in line("all", 1.504, 1.5)
    assert line("all", 1.504, None).endswith("1.50")
    assert "missed" in line("all", math.nan, 1.5), "a figure that is missing meets nothing"
    assert "missed" in count("files", 1, 0)
    assert "missed" not in count("files", 0, 0)


def _costs(*parses: float) -> list[Cost]:
    return [Cost(f"{number}.py", 10, 0.03, 0.03 * each) for number, each in enumerate(parses)]


def test_files_beside_the_goals() -> None:
    said = building(_costs(1, 1, 2, 20))
    assert said[0].startswith("lint() over one libcst parse: 4 files that build an RNN, 40 lines; parses 0.12 s")
    figures = {text.split("  ")[0]: text for text in said}
    assert "6.00 " in figures["all of them"]
    assert "1.00 " in figures["the median file"]
    assert "20.00 " in figures["the ninety-ninth"]
    assert figures["the worst"].endswith("3.py, 0.60 s")
    assert figures["files above 0.5 s"].split()[-4:] == ["1", "goal", "0", "missed"]
    assert figures["files above 12 parses whose parse takes more than 20 ms"].split()[-4:] == [
        "1",
        "goal",
        "0",
        "missed",
    ]


def test_a_small_file_may_cost_many_parses() -> None:
    assert building([Cost("small.py", 3, 0.001, 0.05)])[-1].split()[-3:] == ["0", "goal", "0"]


def test_actions_are_run_in_turn() -> None:
    ran: list[str] = []
    assert len(best_in_turn([lambda: ran.append("a"), lambda: ran.append("b")], 3)) == 2
    assert ran == ["a", "b"] * 3


def test_a_file_that_reaches_a_bound_is_named_with_it() -> None:
    files = linted([Source("many.py", model(12)), Source("few.py", model(1))])
    said = bounds(files)
    assert "150.0" in said[1]
    assert [text.partition(":")[0].strip() for text in said[2:]] == ["many.py"]
    assert "Model in more than" in said[2]


def test_what_is_not_followed_is_no_bound() -> None:
    lost = (
        "import torch\nfrom torch import nn\nrnn = nn.GRU(3, 5)\ntorch.no_such_function(rnn(torch.zeros(2, 3, 3))[0])\n"
    )
    (one,) = linted([Source("lost.py", lost)])
    assert one.report.unknown
    assert not bounds([one])[2:]


def test_files_are_told_by_what_they_build() -> None:
    files = linted([Source("builds.py", LAST), Source("none.py", NONE), Source("broken.py", LAST + "(\n")])
    assert [(one.source.name, one.builds) for one in files] == [("builds.py", True), ("none.py", False)]
    assert isinstance(files[0], Linted)


def test_a_run_of_each_measurement() -> None:
    source, none = Source("last.py", LAST), Source("none.py", NONE)
    (cost,) = measured([source], 1)
    assert cost.lines == 3
    assert cost.parses > 0
    assert "1 files that mention an RNN and build none" in without_rnn([none], 1)[0]
    assert not reads_with_libcst(Source("nothing.py", "x = 1\n"))
    tree, above = above_tree(source)
    assert tree > 0
    assert above >= 0


def test_stages_and_the_function_that_is_explored() -> None:
    text = LAST + "\n\nclass Slow(torch.nn.Module):\n    def __init__(self):\n        super().__init__()\n"
    text += "        self.rnn = torch.nn.GRU(4, 8)\n\n    def forward(self, x):\n        y, _ = self.rnn(x)\n"
    text += "        y = y.relu() + 1\n" * 400 + "        return y\n"
    costs = measured([Source("slow.py", text)], 1)
    said = list(slowest.spent(costs, [Source("slow.py", text)], 1))
    assert said[1].endswith("slow.py")
    assert "exploring" in said[2]
    assert "Slow.forward" in said[2]


def test_shares_are_of_all() -> None:
    assert slowest.shares(Counter(a=1, b=3)) == [("b", 0.75), ("a", 0.25)]
    assert slowest.shares(Counter()) == []


@pytest.mark.parametrize("text", [make for _, make in growth.FLAGS])
def test_the_classes_with_flags_build_and_call_a_module(text: object) -> None:
    assert callable(text)
    for flags in (3, 12):
        (one,) = linted([Source("flags.py", text(flags))])
        assert one.builds
        assert one.report.modules.understood


@pytest.mark.parametrize("arguments", [["nothing"], ["parses", "--rounds", "0"]])
def test_what_cannot_be_measured_is_refused(arguments: Sequence[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        bench.main(arguments)
    assert ended.value.code == 2


def test_labels_without_files_cannot_be_used(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert bench.main(["bounds", "--labels", str(tmp_path / "labels.tsv")]) == 2
    assert "go together" in capsys.readouterr().err


def test_a_package_that_is_not_there_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert bench.main(["bounds", "--cache", str(tmp_path), "--only", "nothing is called so"]) == 0
    assert "flair 0.15.1: not in the cache" in capsys.readouterr().out


def test_labelled_files_are_taken_as_they_are_measured(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cells = ["a/b", "c", "last.py", "3", "bug", "last-step-of-bidirectional", "", "", "file", "", "", "", "no", "why"]
    labels = tmp_path / "labels.tsv"
    rows = ["\t".join(COLUMNS), "\t".join(cells), "\t".join([*cells[:2], "gone.py", *cells[3:]])]
    labels.write_text("\n".join(rows) + "\n")
    (tmp_path / "a+b" / "c").mkdir(parents=True)
    (tmp_path / "a+b" / "c" / "last.py").write_text(LAST)
    assert bench.main(["bounds", "--labels", str(labels), "--files", str(tmp_path)]) == 0
    out = capsys.readouterr().out
    assert "1 of 2 labelled files are not there" in out
    assert "of 1 files that build an RNN" in out
