"""The audit does not fail in a way that looks like a mistake of the model's, or like none."""

# mypy: disable-error-code="override, no-untyped-call, no-any-return, attr-defined"

from __future__ import annotations

import dataclasses
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from rnnlint.rules import registry
from rnnlint.runtime import audit
from rnnlint.runtime.auditing import (
    attempts,
    following,
    observe,
    record,
    recurrent_calls,
    shadows,
    source_text,
    structure,
    torch_functions,
    watch,
)
from rnnlint.runtime.auditing.checks import evaluation, every
from rnnlint.runtime.auditing.report import Report

audit_module = sys.modules["rnnlint.runtime.auditing.audit"]  # its function has the same name

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning", "ignore::DeprecationWarning")

X = torch.randn(6, 7, 3, generator=torch.Generator().manual_seed(0))
TORCH = [nn.GRU.forward, nn.LSTM.__init__, nn.Module.__call__, nn.Module.__setattr__, torch.cat]


LEAVING = """
import sys, torch
from torch import nn

class Model(nn.Module):
    def forward(self, x):
        sys.exit(0)

def make():
    return Model(), torch.ones(1)

def leave():
    sys.exit(0)
"""


class Base(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.rnn = nn.LSTM(3, 5, batch_first=True, bidirectional=True)
        self.head = nn.Linear(10, 2)


class LastStep(Base):
    def forward(self, x: Tensor) -> Tensor:
        output, _ = self.rnn(x)
        scores: Tensor = self.head(output[:, -1])
        return scores


class Right(Base):
    def forward(self, x: Tensor) -> Tensor:
        _, (h_n, _) = self.rnn(x)
        scores: Tensor = self.head(torch.cat((h_n[-2], h_n[-1]), -1))
        return scores


def codes(report: Report) -> list[str]:
    return [finding.code for finding in report.findings]


@pytest.fixture(autouse=True)
def _torch_is_as_it_was() -> Iterator[None]:
    yield
    assert [nn.GRU.forward, nn.LSTM.__init__, nn.Module.__call__, nn.Module.__setattr__, torch.cat] == TORCH
    assert sys.getprofile() is None


class TestItsOwnMistakes:
    """One is planted in every part; it costs a word, and the report says so."""

    @pytest.mark.parametrize(
        ("owner", "name"),
        [
            (shadows.Shadows, "attach"),
            (shadows.Shadows, "value"),
            (shadows.Shadows, "item"),
            (record.Recurrence, "begun"),
            (record.Recurrence, "returned"),
            (watch.Watch, "_layer"),
            (recurrent_calls, "_declared"),
            (torch_functions, "overwritten"),
            (recurrent_calls, "_telling"),
            (torch_functions, "unpacked"),
            (following, "here"),
            (torch_functions, "name_of"),
            (structure, "is_large"),
            (observe, "unfollowed"),
            (observe, "_is_layer"),
            (observe, "place_of"),
            (observe._Returns, "_called"),
            (following.Carried, "begin"),
            (following.Carried, "moved"),
            (following.Carried, "agree"),
            (following, "events_of"),
            (source_text, "bounds"),
            (every, "mixed"),
            (every, "idle"),
            (every, "starving"),
            (every, "leaking"),
            (attempts, "same"),
            (evaluation, "copied"),
            (attempts, "copied"),
            (attempts, "settle"),
            (audit_module, "judged"),
            (audit_module, "_coinciding"),
            (evaluation.Evaluations, "repeated"),
        ],
        ids=lambda one: getattr(one, "__name__", one),
    )
    @pytest.mark.parametrize("model", [LastStep, Right])
    def test_cost_a_word(self, owner: Any, name: str, model: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        def fails(*_: object, **__: object) -> Any:
            raise IndexError(f"planted in {name}")

        built = model()
        alone = built(X)
        monkeypatch.setattr(owner, name, fails)
        report = audit(built, X)
        assert report.error is None
        assert set(codes(report)) <= {"RNN102"}
        assert f"planted in {name}" in str(report), report
        if "evaluation was not checked" not in str(report):
            assert any(f"planted in {name}" in failure.error for failure in report.failures)
            assert any("Traceback" in failure.trace for failure in report.failures)
        monkeypatch.undo()
        assert torch.equal(built(X), alone)

    def test_in_a_rule(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def fails(_: object) -> Any:
            raise KeyError("planted")

        rule = registry()["RNN302"]
        monkeypatch.setattr(type(rule), "check", property(lambda _: fails))
        report = audit(LastStep(), X)
        assert report.error is None
        assert "planted" in str(report)
        assert report.failures

    def test_of_a_check_costs_no_other_check(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def fails(*_: object, **__: object) -> Any:
            raise IndexError("planted")

        monkeypatch.setattr(every, "mixed", fails)
        report = audit(LastStep(), X)
        assert codes(report) == ["RNN102"]
        assert [concern.kind for concern in report.concerns] == ["gradient"]

    def test_a_right_model_is_not_called_clean_if_nothing_could_be_followed(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(attempts, "observed", _raising)
        report = audit(Right(), X)
        assert not report.ok
        assert not report.followed
        assert report.error is None
        assert "but the audit failed" in str(report)
        assert "the audit is at fault, not the model" in str(report)


def _raising(*_: object, **__: object) -> Any:
    raise RuntimeError("planted")


class TestModelsThatOnlyRunAlone:
    def test_one_that_asks_for_the_very_type(self) -> None:
        class Model(LastStep):
            def forward(self, x: Tensor) -> Tensor:
                _, state = self.rnn(x)
                state = tuple(one.detach() for one in state) if type(state) is tuple else state.detach()
                scores: Tensor = self.head(self.rnn(x, state)[0][:, -1])
                return scores

        report = audit(Model(), X)
        assert report.error is None
        assert report.followed
        assert codes(report) == ["RNN102"]
        assert any(note.startswith("the audit is at fault, not the model") for note in report.notes)
        assert "AttributeError" in str(report)

    def test_one_that_computes_something_else(self) -> None:
        class Model(LastStep):
            def forward(self, x: Tensor) -> Tensor:
                _, state = self.rnn(x)
                factor = 1 if type(state) is tuple else 2
                return super().forward(x * factor)

        report = audit(Model(), X)
        assert codes(report) == ["RNN102"]
        assert "it gives other results when watched" in str(report)

    def test_one_that_cannot_be_watched_at_all(self) -> None:
        class Model(Right):
            def forward(self, x: Tensor) -> Tensor:
                if sys.getprofile() is not None:
                    raise RuntimeError("somebody is looking")
                return super().forward(x)

        report = audit(Model(), X)
        assert report.error is None
        assert not report.ok
        assert "somebody is looking" in str(report)
        assert "alone it runs: nothing is said of it" in str(report)
        assert report.failures

    def test_without_gradients(self) -> None:
        class Model(Right):
            def forward(self, x: Tensor) -> Tensor:
                return torch.from_numpy(super().forward(x).numpy())

        with torch.no_grad():
            report = audit(Model(), X)
        assert report.error is None
        assert report.followed
        assert isinstance(audit(Model(), X).error, RuntimeError)  # torch refuses, alone as well

    def test_of_two_runs_that_differ_by_themselves_nothing_is_said(self) -> None:
        count = [0]

        class Model(Right):
            def forward(self, x: Tensor) -> Tensor:
                count[0] += 1
                return super().forward(x) * count[0]

        report = audit(Model(), X)
        assert report.followed
        assert "at fault" not in str(report)
        assert "even with the same random numbers" in str(report)


class TestWhatModelsDo:
    def test_leaving_python(self) -> None:
        class Model(Right):
            def forward(self, x: Tensor) -> Tensor:
                super().forward(x)
                sys.exit(0)

        report = audit(Model(), X)
        assert isinstance(report.error, SystemExit)
        assert not report.ok
        assert "the model raised SystemExit" in str(report)

    def test_leaving_python_on_the_command_line(self, tmp_path: Path) -> None:
        (tmp_path / "leaving.py").write_text(LEAVING, encoding="utf-8")
        command = [sys.executable, "-m", "rnnlint", "audit", "leaving:make", "leaving:leave"]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 2
        assert "SystemExit" in done.stdout, "the model's, in its report"
        assert "leaving:leave" in done.stderr, "the factory's, after it"
        assert "SystemExit" in done.stderr
        assert "Traceback" not in done.stderr

    def test_on_the_meta_device(self) -> None:
        report = audit(LastStep().to("meta"), X.to("meta"))
        assert report.error is None
        assert report.failures == ()
        assert codes(report) == ["RNN102"]
        assert "result was not checked, because it is on the meta device and holds no numbers" in report.notes

    def test_a_field_that_is_not_set(self) -> None:
        @dataclasses.dataclass
        class Scores:
            logits: Tensor
            loss: Tensor = dataclasses.field(init=False)

        class Model(LastStep):
            def forward(self, x: Tensor) -> Any:
                return Scores(super().forward(x))

        report = audit(Model(), X)
        assert (codes(report), report.error, report.failures) == (["RNN102"], None, ())

    def test_a_list_that_holds_itself(self) -> None:
        class Model(LastStep):
            def forward(self, x: Tensor, extra: Any) -> Any:
                found: list[Any] = [super().forward(x), extra]
                found.append(found)
                return found

        extra: list[Any] = [2]
        extra.append(extra)
        report = audit(Model(), X, extra)
        assert (codes(report), report.error, report.failures) == (["RNN102"], None, ())

    def test_a_backward_that_raises(self) -> None:
        class Broken(torch.autograd.Function):
            @staticmethod
            def forward(_: Any, x: Tensor) -> Tensor:
                return x * 1

            @staticmethod
            def backward(_: Any, *__: Tensor) -> Any:
                raise KeyError("weights")

        class Model(LastStep):
            def forward(self, x: Tensor) -> Tensor:
                scores: Tensor = Broken.apply(super().forward(x))
                return scores

        report = audit(Model(), X)
        assert (codes(report), report.error, report.failures) == (["RNN102"], None, ())
        assert "its backward raises KeyError: 'weights'" in str(report)

    def test_hooks_are_followed_through(self) -> None:
        model = LastStep()
        for part in model.modules():
            part.register_full_backward_hook(lambda *_: None)
        assert codes(audit(model, X)) == ["RNN102"]

    def test_in_another_thread(self) -> None:
        class Model(LastStep):
            def forward(self, x: Tensor) -> Tensor:
                found: list[Tensor] = []
                thread = threading.Thread(target=lambda: found.append(self.rnn(x)[0]))
                thread.start()
                thread.join()
                scores: Tensor = self.head(found[0][:, -1])
                return scores

        report = audit(Model(), X)
        assert report.error is None
        assert "rnn was not followed: it was called in another thread" in report.notes


class TestInputs:
    def test_are_what_they_were(self) -> None:
        class Model(Right):
            def forward(self, x: Tensor, table: dict[str, Any]) -> Tensor:
                x.mul_(2)
                table["more"] = 1
                table["list"].append(3)
                table["array"] += 1
                return super().forward(x)

        import numpy as np

        x, array = X.clone(), np.zeros(2)
        table: dict[str, Any] = {"list": [1], "array": array}
        report = audit(Model(), x, table)
        assert report.ok, report
        assert torch.equal(x, X)
        assert table == {"list": [1], "array": array}
        assert array.tolist() == [0, 0]

    def test_share_what_they_shared(self) -> None:
        class Model(Right):
            def forward(self, x: Tensor, first: Tensor, same: Tensor, wide: Tensor) -> Tensor:
                assert x is same
                first.zero_()
                assert not x[0].any()
                assert wide.stride() == (0, 0, 1)
                return super().forward(x)

        x = X.clone()
        assert audit(Model(), x, x[0], x, torch.ones(3).expand(6, 7, 3)).ok
        assert torch.equal(x, X)

    def test_with_a_history(self) -> None:
        class Model(Right):
            def forward(self, x: Tensor) -> Tensor:
                scores = super().forward(x.mul_(2))
                scores.sum().backward(retain_graph=True)
                return scores

        leaf = X.clone().requires_grad_()
        x = leaf * 1
        report = audit(Model(), x)
        assert report.error is None, report
        assert leaf.grad is None
        x.sum().backward()
        assert leaf.grad is not None

    def test_of_classes_and_modules(self) -> None:
        class Batch:
            def __init__(self) -> None:
                self.x = X * torch.ones(1, requires_grad=True)
                self.read = 0

        class Model(Right):
            def forward(self, batch: Batch, norm: nn.Module) -> Tensor:
                batch.read += 1
                scores: Tensor = super().forward(batch.x) * batch.read
                return scores + norm(scores).sum() * 0

        batch, norm = Batch(), nn.BatchNorm1d(2)
        report = audit(Model(), batch, norm)
        assert report.error is None
        assert not any(concern.kind == "evaluation" for concern in report.concerns), report
        assert batch.read == 0
        assert norm.num_batches_tracked == 0

    def test_that_can_be_read_once(self) -> None:
        class Model(Right):
            def forward(self, parts: Iterator[Tensor]) -> Tensor:
                return super().forward(next(parts))

        report = audit(Model(), iter([X, X, X, X]))
        assert "evaluation was not checked, because a list_iterator among the inputs can be read once" in report.notes


class TestThreads:
    def test_two_audits(self) -> None:
        reports: list[Report] = []
        threads = [threading.Thread(target=lambda: reports.append(audit(LastStep(), X))) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert [codes(report) for report in reports] == [["RNN102"]] * 3
        assert all(report.failures == () for report in reports)

    def test_one_inside_another(self) -> None:
        class Model(LastStep):
            def forward(self, x: Tensor) -> Tensor:
                audit(Right(), x)
                return super().forward(x)

        report = audit(Model(), X)
        assert isinstance(report.error, RuntimeError)
        assert "an audit is running in this thread already" in str(report)
        assert audit(Right(), X).ok

    def test_a_model_beside_it(self) -> None:
        """Another thread runs a model of its own meanwhile, and gets plain tuples."""
        kinds: set[type] = set()
        other = Right()

        class Model(LastStep):
            def forward(self, x: Tensor) -> Tensor:
                thread = threading.Thread(target=lambda: kinds.update(map(type, (other.rnn(x), other.rnn(x)[1]))))
                thread.start()
                thread.join()
                return super().forward(x)

        report = audit(Model(), X)
        assert codes(report) == ["RNN102"]
        assert [kind is tuple for kind in kinds] == [True]
