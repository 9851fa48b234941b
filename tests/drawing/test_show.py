"""``rnnlint show``: what it says, draws, compares, confirms and refuses."""

from __future__ import annotations

import json
import shlex
from xml.etree import ElementTree

import pytest

from rnnlint.cli import main

STACK = "--layers 2 --bidirectional --batch-first"
FINAL = '"torch.cat((h_n[-2], h_n[-1]), -1)"'


def show(arguments: str, capsys: pytest.CaptureFixture[str]) -> tuple[int, str, str]:
    status = main(["show", *shlex.split(arguments)])
    out, err = capsys.readouterr()
    return status, out, err


def shown(arguments: str, capsys: pytest.CaptureFixture[str]) -> str:
    status, out, err = show(arguments, capsys)
    assert (status, err) == (0, "")
    return out


def test_half_of_the_last_step(capsys: pytest.CaptureFixture[str]) -> None:
    out = shown(f'"output[:, -1]" {STACK}', capsys)
    assert "1       n1 → ■■■■■          n1 ← ▪▪▪▪■\n" in out
    assert "backward: read 1 of 5 steps, the others only through the layers below" in out
    assert "RNN102" in out
    assert f"of every sample: {shlex.split(FINAL)[0]}" in out


def test_in_ascii(capsys: pytest.CaptureFixture[str]) -> None:
    out = shown(f'"output[:, -1]" {STACK} --ascii', capsys)
    assert out.isascii()
    assert "n1 <- ++++#" in out


def test_colours_only_where_they_are_wanted(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert "\x1b[38;5;33mn0 ■" in shown('"output[-1]"', capsys)
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in shown('"output[-1]"', capsys)


def test_two_samples_in_one_row(capsys: pytest.CaptureFixture[str]) -> None:
    out = shown('"h_n.view(N, -1)" --layers 2', capsys)
    assert "0     n0 L0 ■■■■■    n1 L0 ■■■■■\n" in out
    assert "RNN203" in out


@pytest.mark.parametrize(
    ("arguments", "equal"),
    [
        ('"output[:, -1, :H]" "h_n[-2]" ' + STACK, True),
        ('"output[:, 0, H:]" "h_n[-1]" ' + STACK, True),
        (f'"output[:, -1]" {FINAL} {STACK}', False),
        ('"output[-1]" "h_n[-1]" --gru', True),
        ('"output[-1]" "h_n[-1]" --packed', False),
        ('"output[lengths - 1, torch.arange(N)]" "h_n[-1]" --packed', True),
        ('"output[lengths - 1, torch.arange(N)]" "h_n[-1]" --packed --bidirectional', False),
        ('"output.gather(0, (lengths - 1).view(1, N, 1).expand(1, N, H)).squeeze(0)" "h_n[-1]" --packed', True),
        ("output h_n", False),
        ('"h_n[0]" "c_n[0]"', False),
        ('"h_n.view(L, D, N, H)[-1, 0]" "h_n[-2]" ' + STACK, True),
    ],
)
def test_two_expressions(arguments: str, equal: bool, capsys: pytest.CaptureFixture[str]) -> None:
    found = json.loads(shown(f"{arguments} --run --output-format json", capsys))
    assert found["compared"]["equal"] is equal
    assert bool(found["compared"]["why"]) is not equal
    assert f"torch: the two have {'the same' if equal else 'different'} values" in found["run"]


@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("flags", ["", "--bidirectional", "--packed", "--bidirectional --packed"])
@pytest.mark.parametrize("layout", ["", "--batch-first"])
def test_are_out_and_h_n_the_same(layers: int, flags: str, layout: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The last step of one and the last row of the other, in every configuration, with torch beside it."""
    last = "output[:, -1]" if layout else "output[-1]"
    arguments = f'"{last}" "h_n[-1]" --gru --layers {layers} {flags} {layout} --run --output-format json'
    found = json.loads(shown(arguments, capsys))
    assert found["compared"]["equal"] is (flags == "")
    if flags == "--bidirectional":
        first = "output[:, 0, H:]" if layout else "output[0, :, H:]"
        arguments = f'"{first}" "h_n[-1]" --gru --layers {layers} {flags} {layout} --run --output-format json'
        assert json.loads(shown(arguments, capsys))["compared"]["equal"] is True


def test_where_two_differ(capsys: pytest.CaptureFixture[str]) -> None:
    out = shown(f'"output[:, -1]" {FINAL} {STACK}', capsys)
    assert "  [0, 4:8] and 2 more cells: backward after step 4 (1 of 5 read), after step 0 (5 of 5 read)\n" in out


@pytest.mark.parametrize(
    "arguments",
    [
        f'"output[:, -1]" {STACK}',
        f'"output.mean(1) + h_n[-1].repeat(1, D)" {STACK}',
        '"h_n.transpose(0, 1).reshape(N, -1)" --gru --layers 3',
        '"output.max(0)[0]" --rnn',
        '"c_n[-1]" --proj-size 3 --layers 2',
        "output --packed " + STACK,
        '"x[-1]"',
        '"torch.stack((output[0], output[-1]), 1)"',
        "lengths --packed",
        '"x + x.flip(0)"',
        '"output + x.flip(0)" --sizes H=4,I=4',
        '"h_n + h_n.flip(0)"',
    ],
)
def test_torch_agrees(arguments: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert "torch 2" in shown(f"{arguments} --run", capsys)


def test_torch_contradicts_what_is_not_so(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """A module that hands its steps on in the other order: what is drawn is not what runs."""
    from rnnlint.runtime import shown as running

    monkeypatch.setattr(running, "alive", lambda module: _Backwards(module))
    status, out, _ = show('"output[0]" --run', capsys)
    assert status == 1
    assert "autograd of [0:1, 0:4]: reads (sample, step)" in out
    assert out.endswith("torch contradicts what is said above; please report this\n")


class _Backwards:
    def __init__(self, module: object) -> None:
        self.module = module

    def to(self, *given: object) -> _Backwards:
        self.module = self.module.to(*given)  # type: ignore[attr-defined]
        return self

    def __call__(self, x: object) -> object:
        output, state = self.module(x)  # type: ignore[operator]
        return output.flip(0), state


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ('"output["', "is no expression of Python"),
        ('"foo(3)"', "no 'foo' here"),
        ("c_n --gru", "no 'c_n' here; only an LSTM returns it"),
        ('"h_n[4]"', "torch raises IndexError: index 4 is out of bounds for dimension 0 with size 1"),
        ('"output.view(N, 7)"', "torch raises RuntimeError: shape '[3, 7]' is invalid for input of size 60"),
        ('"output + h_n[0, 0, :2]"', "The size of tensor a (4) must match the size of tensor b (2)"),
        ('"[y for y in output]"', "is not followed here"),
        ('"(lambda: output)()"', "is not followed here"),
        ('"output.__class__"', "'__class__' is not followed here"),
        ('"output" --sizes N=0', "--sizes 'N=0'"),
        ('"output" --sizes K=2', "--sizes 'K=2'"),
        ("output --gru --proj-size 2", "of an LSTM alone"),
        ("output --proj-size 4", "it has to be smaller than H"),
        ("output --layers 0", "--layers 0"),
        ("output --layers 65", "--layers 65: 1 to 64"),
        ("output h_n x", "one expression or two"),
        ('"torch.load(x)" --run', "--run cannot run 'torch.load'"),
        (
            '"output.sum().chunk(2, -1)[1]" --run',
            "torch raises RuntimeError: chunk expects at least",
        ),
        ("output --sizes N=1000000000 --run", "give smaller --sizes"),
        ("output --run --device cuda:99", "no device cuda:99"),
        ('"output.shape" --output-format svg', "nothing to draw"),
        (f'"{"output + " * 500}output"', "2,000 are read"),
        (f'"{"(" * 300}output{")" * 300}"', "is no expression of Python"),
    ],
)
def test_bad_input_is_one_line(arguments: str, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    status, out, err = show(arguments, capsys)
    assert (status, out) == (2, "")
    assert err.startswith("rnnlint show: ")
    assert said in err
    assert err.count("\n") == 1


def test_the_same_states_are_not_the_same_numbers(capsys: pytest.CaptureFixture[str]) -> None:
    for other in ("torch.softmax(h_n, -1)", "h_n * 2", "(-h_n)", "h_n.relu()"):
        found = json.loads(shown(f'"{other}" h_n --run --output-format json', capsys))
        assert found["compared"]["equal"] is None
        assert found["compared"]["why"] == [f"the same states go into both, and {other} computes with them"]


def test_what_is_computed_from_the_input_is_not_drawn(capsys: pytest.CaptureFixture[str]) -> None:
    assert "is computed from x, shape (5, 3, 2); of the RNN nothing goes in" in shown('"x + x.flip(0)"', capsys)
    assert "numbers of x go into it as well" in shown('"output + x.flip(0)" --sizes H=4,I=4', capsys)
    assert "could not be compared" in shown('"output + x" output --sizes H=4,I=4', capsys)


def test_a_billion_of_everything(capsys: pytest.CaptureFixture[str]) -> None:
    many = "--sizes N=1000000000,T=1000000000,H=1000000000"
    out = shown(f'"output[:, -1]" {STACK} {many}', capsys)
    assert "999,999,992 of 1,000,000,000 are not drawn" in out
    assert "backward: read 1 of 1000000000 steps" in out


def test_a_narrow_terminal(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    from rnnlint.drawing.terminal import Ink
    from rnnlint.showing import command

    monkeypatch.setattr(command, "ink_of", lambda *_: Ink(width=40))
    out = shown(f"output {STACK}", capsys)
    drawing = out.split("\n\n")[1].splitlines()
    assert drawing[:2] == ["sample 0, direction*unit 0:4", "  step 0: n0 → ■▪▪▪▪"]
    assert max(map(len, drawing)) <= 40


def test_pages(capsys: pytest.CaptureFixture[str]) -> None:
    html = shown(f'"output[:, -1]" {FINAL} {STACK} --output-format html', capsys)
    assert html.startswith("<!DOCTYPE html>")
    assert html.count("<svg ") == 2
    assert "src=" not in html
    svg = shown(f'"output[:, -1]" {FINAL} {STACK} --output-format svg', capsys)
    assert len(list(ElementTree.fromstring(svg))) == 2


@pytest.mark.parametrize("layout", ["", "--batch-first"])
def test_the_layer_that_takes_it_is_as_wide_as_it_is(layout: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The model that is asked about has a Linear of show's own: whatever its width, nobody wrote it."""
    expression = "output.transpose(0, 1)[:, -1].reshape(N, -1)" if layout else "output[:, -1].reshape(N, -1)"
    sizes = "--layers 2 --bidirectional --sizes N=2,T=3 --run --output-format json"
    found = json.loads(shown(f'"{expression}" --gru {layout} {sizes}', capsys))
    (one,) = found["expressions"]
    assert one["picture"]["shape"] == [2, 12]
    assert [finding["code"] for finding in one["findings"]] == ["RNN201"]


def test_json_says_everything(capsys: pytest.CaptureFixture[str]) -> None:
    found = json.loads(shown(f'"h_n[-2]" {STACK} --output-format json', capsys))
    (one,) = found["expressions"]
    assert one["same_states"] == ["output[:, -1, :H]"]
    assert [finding["code"] for finding in one["findings"]] == ["RNN104"]
    assert one["picture"]["cells"][0]["parts"][0]["strip"] == {
        "steps": 5,
        "own": [[0, 5]],
        "below": [],
        "certain": True,
    }
