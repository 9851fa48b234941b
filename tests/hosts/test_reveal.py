"""``reveal_axes(x)`` and ``rnnlint reveal``: what a file is told about its values, and that asking changes nothing."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from rnnlint import cli, reveal_axes
from rnnlint.interpret.explore import explore
from rnnlint.linter import lint
from rnnlint.reveal import BadInput, revealed
from rnnlint.source.parse import Parsed, parse
from tests.hosts.running import ROOT, python
from tests.rules.expectations import fixtures, linted, named

MODEL = """\
import torch
from torch import nn
from rnnlint import reveal_axes

class Tagger(nn.Module):
    def __init__(self, hidden=16, bidirectional=True):
        super().__init__()
        self.rnn = nn.LSTM(8, hidden, 2, batch_first=True, bidirectional=bidirectional)
        self.fc = nn.Linear(hidden * (2 if bidirectional else 1), 3)

    def forward(self, x):
        output, (h, c) = self.rnn(x)
        reveal_axes(output)
        last = reveal_axes(output)[:, -1]
        reveal_axes(self.rnn)
        reveal_axes(output.mystery())
        return self.fc(last)
"""
BOTH, ONE = " (when bidirectional=True)", " (when bidirectional=False)"


def said(text: str, line: int | None = None) -> list[str]:
    return [f"{one.line}:{one.column + 1} {one}" for one in revealed(text, line)]


def run(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> tuple[int, list[str], list[str]]:
    status = cli.main(["reveal", *arguments])
    out, err = capsys.readouterr()
    return status, out.splitlines(), err.splitlines()


def test_every_call_in_each_configuration() -> None:
    both = "(sample, step, direction*unit[fwd|bwd]) of output of self.rnn, layer: last"
    one = "(sample, step, unit) of output of self.rnn, layer: last"
    assert said(MODEL) == [
        f"13:9 output is {both}{BOTH}",
        f"13:9 output is {one}{ONE}",
        f"14:16 output is {both}{BOTH}",
        f"14:16 output is {one}{ONE}",
        f"15:9 self.rnn is nn.LSTM(8, 16, layers 2, bidirectional, batch_first){BOTH}",
        f"15:9 self.rnn is nn.LSTM(8, 16, layers 2, batch_first){ONE}",
        "16:9 output.mystery() is unknown: Tensor.mystery is not followed",
    ]


def test_everything_on_a_line() -> None:
    """What is bound, what is used, from the left, the outer before the inner; the names of modules are left out."""
    found = [line for line in said(MODEL, 12) if not line.endswith(ONE)]
    output = "(sample, step, direction*unit[fwd|bwd]) of output of self.rnn, layer: last"
    h, c = (f"(layer*direction[fwd|bwd], sample, unit) of {name} of self.rnn, step: final" for name in ("h_n", "c_n"))
    assert found == [
        f"12:9 output = {output}{BOTH}",
        f"12:18 h = {h}{BOTH}",
        f"12:21 c = {c}{BOTH}",
        f"12:26 self.rnn(x) is (output, state) {{{output}; (h_n, c_n) {{{h}; {c}}}}}{BOTH}",
        "12:35 x is the given x (x.size(0), x.size(1), x.size(2))",
    ]


@pytest.mark.parametrize(
    "start",
    ["", "from rnnlint import reveal_axes", "from rnnlint import reveal_axes as reveal_axes", "import rnnlint"],
)
def test_however_it_is_imported(start: str) -> None:
    call = "rnnlint.reveal_axes" if start == "import rnnlint" else "reveal_axes"
    text = f"{start}\nimport torch\nfrom torch import nn\nout, _ = nn.GRU(3, 5)(torch.rand(4, 2, 3))\n{call}(out)[-1]\n"
    assert [str(one) for one in revealed(text)] == ["out is (step, sample, unit) of output of nn.GRU(3, 5)"]


def test_of_several_calls_which() -> None:
    text = (
        "import torch\nfrom torch import nn\nrnn = nn.GRU(3, 3)\nx = torch.rand(4, 2, 3)\n"
        "a, _ = rnn(x)\nb, _ = rnn(a)\nfor _ in range(2):\n    x, _ = rnn(x + 1)\n    reveal_axes(x)\n"
        "reveal_axes(a)\nreveal_axes(b)\n"
    )
    assert [str(one) for one in revealed(text)] == [
        "x is (step, sample, unit) of output of rnn(x + 1)",
        "x is (step, sample, unit) of output of rnn(x + 1) (call 2)",
        "a is (step, sample, unit) of output of rnn(x)",
        "b is (step, sample, unit) of output of rnn(a)",
    ]


def test_sizes_that_are_open_are_said_in_the_names_of_the_file() -> None:
    text = (
        "import torch\nfrom torch import nn\n\ndef run(x, hidden, heads):\n    out, _ = nn.GRU(8, hidden)(x)\n"
        "    n, d = x.size(1), hidden // 2\n    reveal_axes(out[1:-1])\n"
        "    reveal_axes(out[-2].expand(heads, n, hidden))\n"
        "    reveal_axes(torch.zeros(n, 2 * hidden, d))\n    reveal_axes(out.view(-1, n, 2, d))\n"
    )
    assert [str(one).partition(" is ")[2] for one in revealed(text)] == [
        "(step[1:-1], sample, unit) of output of nn.GRU(8, hidden)",
        "(heads, sample, unit) of output of nn.GRU(8, hidden), step: -2",
        "constants (x.size(1), 2*hidden, hidden//2)",
        "(step, sample, unit//(hidden//2), unit%(hidden//2)) of output of nn.GRU(8, hidden)",
    ]


def test_what_no_run_reaches_is_said_to_be_so() -> None:
    assert said("from torch import nn\n\ndef f(x):\n    reveal_axes(x)\n") == [
        "4:5 x is not reached by any run of the analysis"
    ]


def test_the_function_is_what_it_was_handed_and_imports_nothing_heavy(tmp_path: Path) -> None:
    thing = object()
    assert reveal_axes(thing) is thing
    loaded = python(
        "-c", "import rnnlint, sys; print({'torch', 'libcst', 'flake8', 'numpy'} & set(sys.modules))", cwd=tmp_path
    )
    assert loaded.stdout == "set()\n"


def _asking(text: str) -> tuple[str, dict[int, int]]:
    """A file that asks what every name is once it is bound, and where its lines stand now."""
    lines, moved = [], {}
    for number, line in enumerate(text.splitlines(), start=1):
        lines.append(line)
        moved[number] = len(lines)
        bound = re.match(r"(\s*)([a-z]\w*)(?:, [\w(), ]+)? = .*[^([{,\\]$", line)
        if (
            bound
            and "# error" not in line
            and line.count("(") == line.count(")")
            and line.count("[") == line.count("]")
        ):
            lines.append(f"{bound[1]}reveal_axes({bound[2]})")
    return "\n".join(lines) + "\n", moved


ASKED = [*fixtures("constructs"), *fixtures("rules/RNN3"), *fixtures("rules/RNN508"), *fixtures("rules/RNN102")]


def test_much_is_asked() -> None:
    assert sum(_asking(path.read_text(encoding="utf-8"))[0].count("reveal_axes(") for path in ASKED) > 150


@pytest.mark.parametrize("path", ASKED, ids=named)
def test_asking_is_no_use_and_changes_no_finding(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    asking, moved = _asking(text)
    before = [(moved[one.line], one.column, one.code) for one in linted(path).findings]
    assert [(one.line, one.column, one.code) for one in lint(asking).findings] == before


class TestCommand:
    def test_prints_places_that_an_editor_can_open(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        file = tmp_path / "model.py"
        file.write_text(MODEL)
        status, out, err = run([str(file)], capsys)
        assert (status, err) == (0, [])
        assert out == [f"{file}:{line.replace(' ', ': ', 1)}" for line in said(MODEL)]

    def test_of_a_line(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        file = tmp_path / "model.py"
        file.write_text(MODEL)
        status, out, _ = run([f"{file}:12"], capsys)
        assert (status, len(out)) == (0, len(said(MODEL, 12)))

    @pytest.mark.parametrize(
        ("given", "why"),
        [
            ("missing.py", "No such file or directory: 'missing.py'"),
            ("missing.py:3", "No such file or directory: 'missing.py'"),
            ("empty.py", "empty.py: no reveal_axes(...) in it; for all values of a line, add :LINE"),
            ("model.py:99", "model.py:99: nothing is bound or used on line 99"),
            ("model.py:4", "model.py:4: nothing is bound or used on line 4"),
            ("broken.py", "broken.py: Python cannot parse it: '(' was never closed (line 1)"),
            ("binary.py", "binary.py"),
        ],
    )
    def test_bad_input_is_one_line_and_loses_nothing(
        self, given: str, why: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.chdir(tmp_path)
        Path("model.py").write_text(MODEL)
        Path("empty.py").write_text("")
        Path("broken.py").write_text("reveal_axes(")
        Path("binary.py").write_bytes(b"\xff\xfe\x00")
        status, out, err = run([given, "model.py"], capsys)
        assert status == 2
        assert len(err) == 1
        assert err[0].startswith("rnnlint reveal: ")
        assert why in err[0]
        assert len(out) == len(said(MODEL))


@pytest.mark.parametrize("text", ["", "x = (", "\ufeff"])
def test_nothing_to_say(text: str) -> None:
    with pytest.raises(BadInput):
        revealed(text)


class TestPage:
    PAGE = (ROOT / "docs" / "reveal.md").read_text(encoding="utf-8")

    def test_shows_what_is_printed(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        monkeypatch.chdir(ROOT)
        (block,) = re.findall(r"^```console\n\$ rnnlint reveal (\S+)\n(.*?)^```$", self.PAGE, re.DOTALL | re.MULTILINE)
        assert run([block[0]], capsys) == (0, block[1].splitlines(), [])

    @pytest.mark.parametrize("word", re.findall(r"^\| (`.*?) \|", PAGE, re.MULTILINE))
    def test_every_word_of_its_table_is_said_somewhere(self, word: str) -> None:
        """By the texts of a test or of a pinned value, which are what the functions say."""
        texts = [Path(__file__), ROOT / "tests/values/test_shown.py", *fixtures("constructs")]
        known = "\n".join(path.read_text(encoding="utf-8") for path in texts)
        for part in re.findall(r"`(.*?)`", word):
            assert part.replace("\\|", "|").removesuffix(" {...; ...}").removesuffix(" {...}") in known, part


def test_asking_is_no_use_of_what_a_name_may_hold() -> None:
    """Reading one of too many possibilities counts as a use of each; asking what it is does not."""
    arms = "".join(f"        elif k == {place}:\n            one = h[{place}]\n" for place in range(1, 9))
    text = (
        "import torch\nfrom torch import nn\n\nclass Model(nn.Module):\n    def __init__(self):\n"
        "        super().__init__()\n        self.rnn = nn.GRU(8, 16, 9)\n\n    def forward(self, x, k):\n"
        f"        _, h = self.rnn(x)\n        if k == 0:\n            one = h[0]\n{arms}"
        "        {}\n        return x\n"
    )

    def events(line: str) -> list[type]:
        parsed = parse(text.format(line))
        assert isinstance(parsed, Parsed)
        *_, forward = explore(parsed.program).explorations
        return [type(event) for event in forward.outcomes[0].events]

    assert events("reveal_axes(one)") == events("pass")
    assert events("one") != events("pass")
