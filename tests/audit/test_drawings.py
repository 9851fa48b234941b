"""What the audit draws, in the sizes of the run: held against torch's labels, in text, on a page, in a notebook."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from oracle.pictures import Module, Truth
from rnnlint.drawing.carried import carried
from rnnlint.runtime import audit
from rnnlint.runtime.auditing.report import Report
from rnnlint.runtime.truth import labels
from tests.output.test_html import Page, assert_sound

N, T, F, H = 4, 6, 3, 5


class Model(nn.Module):
    """Hands a reading to a Linear, which keeps what it was handed."""

    def __init__(self, cell: str, read: Callable[..., Tensor], width: int, **settings: Any) -> None:
        super().__init__()
        self.rnn = getattr(nn, cell)(F, H, batch_first=True, **settings)
        self.read = read
        self.fc = nn.Linear(width, 2)
        self.handed = torch.empty(0)
        self.fc.register_forward_pre_hook(lambda _, given: setattr(self, "handed", given[0].detach()))

    def forward(self, x: Tensor, lengths: Tensor | None = None) -> Tensor:
        if lengths is None:
            return self.fc(self.read(*self.rnn(x)))  # type: ignore[no-any-return]
        packed = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
        output, state = self.rnn(packed)
        return self.fc(self.read(pad_packed_sequence(output, batch_first=True)[0], state))  # type: ignore[no-any-return]


LENGTHS = torch.tensor([4, 6, 2, 5])
READINGS: dict[str, tuple[str, str, Callable[..., Tensor], int, dict[str, Any], tuple[Tensor, ...]]] = {
    "RNN102": ("RNN102", "GRU", lambda out, _: out[:, -1], 2 * H, {"bidirectional": True}, ()),
    "RNN102, stacked": (
        "RNN102",
        "RNN",
        lambda out, _: out[:, -1],
        2 * H,
        {"bidirectional": True, "num_layers": 2},
        (),
    ),
    "RNN105": ("RNN105", "LSTM", lambda _, state: state[0][0], H, {"num_layers": 2}, ()),
    "RNN110": ("RNN110", "GRU", lambda out, _: out[:, 0], H, {}, ()),
    "RNN201": ("RNN201", "GRU", lambda out, _: out[-1], H, {}, ()),
    "RNN203": ("RNN203", "GRU", lambda _, h: h.view(N, -1), 3 * H, {"num_layers": 3}, ()),
    "RNN401": ("RNN401", "GRU", lambda out, _: out[:, -1], H, {}, (LENGTHS,)),
}


def audited(name: str) -> tuple[str, Report, Tensor, Module]:
    code, cell, read, width, settings, rest = READINGS[name]
    torch.manual_seed(0)
    report = audit(Model(cell, read, width, **settings), torch.randn(N, T, F), *rest)
    with labels.labelled(torch.float64):
        model = Model(cell, read, width, **settings).double()
        model(torch.randn(N, T, F, dtype=torch.float64), *rest)
    lengths = tuple(rest[0].tolist()) if rest else ()
    return code, report, model.handed, Module(cell, 2 if settings.get("bidirectional") else 1, T, lengths)


def lies(drawn: dict[str, Any], handed: Tensor, module: Module) -> list[str]:
    held = [{int(label)} if label else set() for label in handed.reshape(-1)]
    return list(Truth(tuple(handed.shape), held, [module]).lies(drawn))


@pytest.mark.parametrize("name", READINGS)
def test_it_draws_what_the_layer_was_handed(name: str) -> None:
    code, report, handed, module = audited(name)
    (found,) = (one for one in report.findings if one.code == code)
    (drawn,) = json.loads(found.drawing)["read"]
    assert lies(drawn, handed, module) == []
    for one in ("samples", "layers", "units"):
        lie = copy.deepcopy(drawn)
        part = next(cell["parts"][0] for cell in lie["cells"] if cell["parts"])
        part[one][0][0] += 1
        assert lies(lie, handed, module), one
    part = next(cell["parts"][0] for cell in drawn["cells"] if cell["parts"])
    part["strip"]["own"][0][0] += 1
    assert lies(drawn, handed, module)


def test_lengths_are_those_of_the_run() -> None:
    _, report, _, _ = audited("RNN401")
    (found,) = report.findings
    assert carried(found.drawing).lengths == (4, 6, 2, 5)
    assert "    read    sample 0  padding\n            sample 1  n1 ■■■■■■\n" in str(report)
    assert any(line.endswith("□ not read, of 6 steps") for line in str(report).splitlines())
    page = Page(report._repr_html_()).text
    assert "The samples have 4, 6, 2, 5 steps." in page
    assert "made up" not in f"{report}{page}"


def test_text_page_and_notebook(tmp_path: Path) -> None:
    _, report, _, _ = audited("RNN102")
    assert str(report).splitlines()[2:5] == [
        "    read    each sample  → ■■■■■■  ← □□□□□■",
        "    wanted  each sample  → ■■■■■■  ← ■■■■■■",
        "    ■ read, □ not read, of 6 steps",
    ]
    path = tmp_path / "audit.html"
    report.to_html(path)
    one = Page(path.read_text(encoding="utf-8"))
    assert_sound(one)
    assert len(one.all("svg")) == 2
    assert "return self.fc(self.read(*self.rnn(x)))" in one.text or "out[:, -1]" in one.text
    assert "one-step-read" in one.text
    shown = Page(report._repr_html_())
    assert len(shown.all("svg")) == 2
    assert "script" not in shown.by_tag
    report.to_html(str(path))  # again, in its place
    assert [file.name for file in tmp_path.iterdir()] == ["audit.html"]
    with pytest.raises(OSError, match="nowhere"):
        report.to_html(tmp_path / "nowhere" / "audit.html")


def test_a_report_of_nothing_and_one_of_a_model_that_raises(tmp_path: Path) -> None:
    class Raises(nn.Module):
        def forward(self, _: Tensor) -> Tensor:
            raise ValueError("<no> weights")

    for model in (nn.Linear(3, 3), Raises()):
        report = audit(model, torch.randn(2, 3))
        report.to_html(tmp_path / "audit.html")
        one = Page((tmp_path / "audit.html").read_text(encoding="utf-8"))
        assert_sound(one)
        said = "ValueError: <no> weights" if isinstance(model, Raises) else "nothing to judge"
        assert said in one.text
        assert said in Page(report._repr_html_()).text
