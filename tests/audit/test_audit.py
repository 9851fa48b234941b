"""The public face: ``audit``."""

from __future__ import annotations

import copy
import cProfile
import warnings
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from rnnlint.axes.operations import select
from rnnlint.runtime import audit
from rnnlint.runtime.auditing.moved_labels import DISAGREE
from rnnlint.runtime.auditing.report import Report

pytestmark = pytest.mark.filterwarnings(
    "ignore::DeprecationWarning", "ignore::UserWarning", "ignore::FutureWarning", "ignore::torch.jit.TracerWarning"
)

X = torch.randn(6, 7, 3, generator=torch.Generator().manual_seed(0))


class LastStep(nn.Module):
    """The backward half has read one step."""

    def __init__(self, **options: Any) -> None:
        super().__init__()
        self.rnn = nn.GRU(3, 5, batch_first=True, bidirectional=True, **options)
        self.head = nn.Linear(10, 2)

    def forward(self, x: Tensor) -> Tensor:
        output, _ = self.rnn(x)
        scores: Tensor = self.head(output[:, -1])  # RNN102
        return scores


class Final(nn.Module):
    """Right."""

    def __init__(self) -> None:
        super().__init__()
        self.rnn = nn.LSTM(3, 5, 2, batch_first=True, bidirectional=True)
        self.head = nn.Linear(10, 2)

    def forward(self, x: Tensor) -> Tensor:
        _, (h_n, _) = self.rnn(x)
        scores: Tensor = self.head(torch.cat((h_n[-2], h_n[-1]), -1))
        return scores


class _Only(nn.Module):
    """A model's method, handed the state as it is."""

    def __init__(self, model: nn.Module, name: str) -> None:
        super().__init__()
        self.model, self.name = model, name

    def forward(self, x: Tensor) -> Tensor:
        _, state = self.model.rnn(x)  # type: ignore[operator]
        scores: Tensor = getattr(self.model, self.name)(state)
        return scores


class Wrapped(nn.Module):
    def __init__(self, inner: nn.Module) -> None:
        super().__init__()
        self.inner = inner

    def forward(self, x: Tensor) -> Tensor:
        scores: Tensor = self.inner(x)
        return scores


def codes(report: Report) -> list[str]:
    return [finding.code for finding in report.findings]


def line_of(marker: str) -> int:
    lines = Path(__file__).read_text(encoding="utf-8").splitlines()
    return next(number for number, line in enumerate(lines, 1) if line.endswith(f"# {marker}"))


class TestFindings:
    def test_a_right_model(self) -> None:
        report = audit(Final(), X)
        assert report.ok
        assert str(report) == "rnnlint audit: 0 findings, 0 concerns"

    def test_a_wrong_one(self) -> None:
        report = audit(LastStep(), X)
        assert not report.ok
        (finding,) = report.findings
        assert (finding.code, finding.place.file, finding.place.line) == ("RNN102", __file__, line_of("RNN102"))
        assert finding.name == "last-step-of-bidirectional"
        assert "the backward half (features 5:10) has read only the last step" in finding.message
        assert [concern.kind for concern in report.concerns] == ["gradient"]
        assert repr(report) == str(report)
        assert str(finding) in str(report)

    def test_what_one_file_cannot_show(self) -> None:
        """The class by a name, the reading by a table, the flag in another object."""

        class Config:
            kind, both = "LSTM", True

        readings = {"last": lambda output: output[:, -1], "first": lambda output: output[:, 0]}

        class Model(nn.Module):
            def __init__(self) -> None:
                super().__init__()
                self.rnn = getattr(nn, Config.kind)(3, 5, batch_first=True, bidirectional=Config.both)

            def forward(self, x: Tensor) -> Tensor:
                last: Tensor = readings["last"](self.rnn(x)[0])
                return last

        assert codes(audit(Model(), X)) == ["RNN102"]

    def test_packed(self) -> None:
        class Model(nn.Module):
            def __init__(self) -> None:
                super().__init__()
                self.rnn = nn.LSTM(3, 5, batch_first=True, bidirectional=True)

            def forward(self, x: Tensor, lengths: Tensor, *, end: bool) -> Tensor:
                packed = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
                output, (h_n, _) = self.rnn(packed)
                padded, _ = pad_packed_sequence(output, batch_first=True)
                if end:
                    return padded[torch.arange(len(x)), lengths - 1]
                return torch.cat((h_n[-2], h_n[-1]), -1)

        lengths = torch.tensor([3, 7, 2, 5, 1, 4])
        assert codes(audit(Model(), X, lengths, end=True)) == ["RNN102"]
        assert audit(Model(), X, lengths, end=False).ok

    def test_the_pair(self) -> None:
        class Model(nn.Module):
            def __init__(self) -> None:
                super().__init__()
                self.rnn = nn.LSTM(3, 5, batch_first=True)

            def forward(self, x: Tensor) -> Tensor:
                _, state = self.rnn(x)
                last: Tensor = state[-1][-1]
                return last

        assert codes(audit(Model(), X)) == ["RNN302"]

    def test_what_does_not_raise_is_not_said_to(self) -> None:
        """A hook takes the output out of the tuple, so that the layer is not handed one."""

        class Model(nn.Module):
            def __init__(self) -> None:
                super().__init__()
                self.rnn = nn.GRU(3, 5, batch_first=True)
                self.head = nn.Linear(5, 2)
                self.head.register_forward_pre_hook(lambda _, args: (args[0][0],))

            def forward(self, x: Tensor) -> Tensor:
                scores: Tensor = self.head(self.rnn(x))
                return scores

        assert audit(Model(), X).ok
        unhooked = Model()
        unhooked.head._forward_pre_hooks.clear()
        assert codes(audit(unhooked, X)) == ["RNN303"]

    def test_what_is_caught_is_not_said_to_raise(self) -> None:
        class Model(nn.Module):
            def __init__(self) -> None:
                super().__init__()
                self.rnn = nn.LSTM(3, 5, batch_first=True)
                self.head = nn.Linear(5, 2)

            def scored(self, state: Any) -> Tensor:
                scores: Tensor = self.head(state)
                return scores

            def forward(self, x: Tensor) -> Tensor:
                _, state = self.rnn(x)
                try:
                    return self.scored(state)
                except TypeError:
                    return self.scored(state[0][-1])

        assert audit(Model(), X).ok
        assert codes(audit(_Only(Model(), "scored"), X)) == ["RNN302"]

    def test_what_is_only_read_elsewhere_is_read(self) -> None:
        """numpy sees the backward state."""

        class Model(nn.Module):
            def __init__(self) -> None:
                super().__init__()
                self.rnn = nn.GRU(3, 5, batch_first=True, bidirectional=True)

            def forward(self, x: Tensor) -> Tensor:
                _, h_n = self.rnn(x)
                self.seen = h_n[-2].detach().numpy()
                last: Tensor = h_n[-1]
                return last

        assert codes(audit(Model(), X)) == []

    def test_assembled_in_place(self) -> None:
        class Model(LastStep):
            def forward(self, x: Tensor) -> Tensor:
                output, _ = self.rnn(x)
                kept = torch.zeros(len(x), 10)
                kept[:] = output[:, -1]
                scores: Tensor = self.head(kept)
                return scores

        report = audit(Model(), X)
        assert codes(report) == []
        assert ("a tensor that was overwritten", 1) in report.unknown

    @pytest.mark.parametrize("name", ["scatter_add_", "scatter_reduce_", "masked_scatter_"])
    def test_what_shares_the_elements_of_what_is_written_into_is_not_known(self, name: str) -> None:
        class Model(LastStep):
            def forward(self, x: Tensor) -> Tensor:
                output, _ = self.rnn(x)
                kept = output.clone()
                first = kept[:, 0]
                where, last = torch.zeros_like(kept[:, :1]).long(), output[:, -1:]
                arguments = (where.bool(), last) if name == "masked_scatter_" else (1, where, last)
                getattr(kept, name)(*arguments, *(["sum"] if name == "scatter_reduce_" else []))
                scores: Tensor = self.head(first)
                return scores

        report = audit(Model(), X)
        assert codes(report) == []
        assert "a tensor that was overwritten" in dict(report.unknown)

    def test_what_a_recurrent_module_makes_of_something_unknown(self) -> None:
        """Its input cannot be followed; what it returns can."""

        class Model(LastStep):
            def forward(self, x: Tensor) -> Tensor:
                return super().forward(x * torch.bernoulli(torch.full_like(x, 0.5)))

        report = audit(Model(), X, allow="random-evaluation")
        assert codes(report) == ["RNN102"]
        assert report.coverage.unfollowed == ()

        class Twice(Model):
            def __init__(self) -> None:
                super().__init__()
                self.second = nn.GRUCell(10, 10)

            def forward(self, x: Tensor) -> Tensor:
                output, _ = self.rnn(x)
                state: Tensor = self.second(torch.fft.fft(output).real[:, 3])
                return state

        report = audit(Twice(), X)
        assert [one.operation for one in report.coverage.unfollowed] == [
            "torch.fft.fft",
            "Tensor.real",
            "Tensor.__getitem__",
        ]

    def test_what_a_layer_has_read_was_judged(self) -> None:
        """It is not followed further, but to say that nothing was judged would be a false alarm."""

        class Attending(nn.Module):
            def __init__(self) -> None:
                super().__init__()
                self.rnn = nn.LSTM(3, 5, batch_first=True, bidirectional=True)
                self.attention = nn.TransformerEncoderLayer(10, 2, batch_first=True)
                self.head = nn.Linear(10, 2)

            def forward(self, x: Tensor) -> Tensor:
                output, _ = self.rnn(x)
                mixed = self.attention(output)
                scores: Tensor = self.head(mixed.mean(1))
                return scores

        class Model(nn.Module):
            def __init__(self) -> None:
                super().__init__()
                self.rnn = nn.GRU(3, 5, batch_first=True)
                self.head = nn.Linear(5, 20)

            def forward(self, x: Tensor, lengths: Tensor) -> Tensor:
                packed = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
                scores: Tensor = self.head(self.rnn(packed)[0].data)
                return scores

        for report in (audit(Attending(), X), audit(Model(), X, torch.tensor([3, 7, 2, 5, 1, 4]))):
            assert report.ok, report
            assert report.coverage.unfollowed

    def test_sizes_that_coincide_are_named(self) -> None:
        report = audit(Final(), torch.randn(4, 7, 3))
        assert report.notes == ("rnn read 4 samples, as many as rows of h_n: another batch size shows more",)
        assert audit(Final(), torch.randn(5, 7, 3)).notes == ()

    def test_labels_contradict_a_mistake_of_the_analysis(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Told that flip changes nothing, the analysis would take the last step for the first."""

        class Model(LastStep):
            def forward(self, x: Tensor) -> Tensor:
                output, _ = self.rnn(x)
                scores: Tensor = self.head(output.flip(1)[:, 0])
                return scores

        assert codes(audit(Model(), X)) == ["RNN102"]
        monkeypatch.setattr(select, "flip", lambda states, _: states)
        report = audit(Model(), X)
        assert codes(report) == []
        assert DISAGREE in report.notes
        assert DISAGREE in [one.reason for one in report.coverage.unfollowed]

    def test_batches_in_two_orders(self) -> None:
        """One call has the samples sorted by length, the other as they came: nothing is mixed."""

        class Model(nn.Module):
            def __init__(self) -> None:
                super().__init__()
                self.first = nn.GRU(3, 5, batch_first=True)
                self.second = nn.GRU(3, 5, batch_first=True)

            def forward(self, x: Tensor, lengths: Tensor) -> Tensor:
                order = lengths.argsort(descending=True)
                ends: Tensor = self.first(x[order])[1][-1][order.argsort()] + self.second(x)[1][-1]
                return ends

        lengths = torch.tensor([3, 7, 2, 5, 1, 4])
        assert audit(Model(), X, lengths).concerns == ()

    def test_a_model_that_raises(self) -> None:
        class Model(LastStep):
            def forward(self, x: Tensor) -> Tensor:
                super().forward(x)
                raise KeyError("weights\nof another model")

        report = audit(Model(), X)
        assert codes(report) == ["RNN102"]
        assert isinstance(report.error, KeyError)
        assert not report.ok
        assert "the model raised KeyError" in str(report)


class TestOtherModules:
    @pytest.mark.parametrize("compiled", [torch.compile, lambda model: model.compile() or model])
    def test_compiled(self, compiled: Any) -> None:
        report = audit(compiled(LastStep()), X)
        if hasattr(torch.compiler, "set_stance"):
            assert codes(report) == ["RNN102"]
        else:
            assert any("compiled" in note for note in report.notes)

    @pytest.mark.parametrize("wrap", [nn.DataParallel, Wrapped, lambda model: Wrapped(Wrapped(model))])
    def test_wrapped(self, wrap: Any) -> None:
        assert codes(audit(wrap(LastStep()), X)) == ["RNN102"]

    @pytest.mark.parametrize("wrap", [lambda model: model, Wrapped])
    @pytest.mark.parametrize("script", ["script", "trace"])
    def test_scripted(self, script: str, wrap: Any) -> None:
        jit: Any = torch.jit
        model = jit.script(LastStep()) if script == "script" else jit.trace(LastStep(), X)
        report = audit(wrap(model), X)
        assert codes(report) == []
        assert "LastStep was not followed: it is scripted" in report.notes

    def test_scripted_function(self) -> None:
        @torch.jit.script
        def last(output: Tensor) -> Tensor:
            return output[:, -1]

        class Model(LastStep):
            def forward(self, x: Tensor) -> Tensor:
                output, h_n = self.rnn(x)
                return torch.cat((last(output), h_n[-1]), -1)

        report = audit(Model(), X)
        assert codes(report) == []
        assert "last was not followed: it is scripted" in report.notes

    def test_quantized(self) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            quantization: Any = torch.ao.quantization
            model = quantization.quantize_dynamic(LastStep(), {nn.GRU}, dtype=torch.qint8)
        report = audit(model, X)
        assert codes(report) == []
        assert "rnn was not followed: it is quantized" in report.notes

    def test_subclass_with_a_forward_of_its_own(self) -> None:
        class OutputOnly(nn.LSTM):
            def forward(self, x: Tensor, hx: Any = None) -> Tensor:  # type: ignore[override]
                output, _ = super().forward(x, hx)
                return output

        class Model(nn.Module):
            def __init__(self) -> None:
                super().__init__()
                self.rnn = OutputOnly(3, 5, batch_first=True, bidirectional=True)

            def forward(self, x: Tensor) -> Tensor:
                output: Tensor = self.rnn(x)
                return output[:, -1]

        assert codes(audit(Model(), X)) == ["RNN102"]

    def test_weight_norm(self) -> None:
        model = LastStep()
        nn.utils.parametrizations.weight_norm(model.rnn, "weight_hh_l0")
        assert codes(audit(model, X)) == ["RNN102"]


class TestLeavesNoTrace:
    def test_torch_is_as_it_was(self) -> None:
        methods = [nn.GRU.forward, nn.LSTM.__init__, nn.Module.__call__, nn.Module.__setattr__, torch.cat]
        audit(LastStep(), X)
        audit(LastStep(), torch.randn(4, 7, 9))
        assert methods == [nn.GRU.forward, nn.LSTM.__init__, nn.Module.__call__, nn.Module.__setattr__, torch.cat]
        assert type(nn.LSTM(3, 5)(X)) is tuple

    def test_under_a_profiler(self) -> None:
        profiler = cProfile.Profile()
        profiler.enable()
        report = audit(LastStep(), X)
        torch.zeros(1)
        profiler.disable()
        assert codes(report) == ["RNN102"]
        assert report.error is None

    def test_the_same_result_as_without(self) -> None:
        results: list[Tensor] = []

        class Model(Final):
            def forward(self, x: Tensor) -> Tensor:
                results.append(super().forward(x))
                return results[-1]

        model = Model()
        model(X)
        audit(model, X)
        torch.testing.assert_close(results[0], results[1])

    def test_random_numbers(self) -> None:
        model = LastStep(num_layers=2, dropout=0.5).train()
        before = torch.get_rng_state()
        audit(model, X)
        assert torch.equal(torch.get_rng_state(), before)

    def test_a_model_that_keeps_its_state(self) -> None:
        class Model(nn.Module):
            def __init__(self) -> None:
                super().__init__()
                self.rnn = nn.GRU(3, 5, batch_first=True)
                self.hidden: Tensor | None = None

            def forward(self, x: Tensor) -> Tensor:
                output: Tensor
                output, self.hidden = self.rnn(x, self.hidden)
                return output

        model = Model()
        weights = copy.deepcopy(model.state_dict())
        audit(model, X)
        assert model.hidden is None
        assert all(torch.equal(one, weights[name]) for name, one in model.state_dict().items())
        assert all(parameter.grad is None for parameter in model.parameters())


def test_takes_a_module() -> None:
    with pytest.raises(TypeError, match=r"a function is no nn\.Module"):
        audit(lambda x: x, X)
