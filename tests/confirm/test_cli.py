"""``rnnlint confirm`` as a user meets it."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from unittest import mock

import pytest
import torch

from rnnlint import cli
from rnnlint.rules import registry
from rnnlint.rules.claims import Claim
from rnnlint.runtime.confirm import command, devices, suite
from rnnlint.runtime.confirm.devices import missing
from tests.hosts.running import python

LIE = Claim("silent", "h_n begins with the last layer", "result = h_n[0]", "hidden(-1, 0, 'final')")


@pytest.fixture
def _small() -> Iterator[None]:
    """Few configurations: what is tested is the command line."""
    with (
        mock.patch.object(command, "QUICK", replace(suite.QUICK, run=6, linted=2, differentiated=1)),
        mock.patch.object(command, "FULL", replace(suite.QUICK, name="full", run=6, linted=2, differentiated=1)),
    ):
        yield


@pytest.fixture
def _lying() -> Iterator[None]:
    """RNN302 claims something wrong."""
    lying = {**registry(), "RNN302": replace(registry()["RNN302"], claims=(LIE,))}
    with mock.patch.object(command, "registry", return_value=lying):
        yield


@pytest.mark.usefixtures("_small")
class TestRun:
    def test_confirmed(self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("COLUMNS", "120")
        assert cli.main(["confirm", "RNN302", "--device", "cpu"]) == 0
        out, err = capsys.readouterr()
        assert "RNN302  cpu     flagged: state[-1] of an LSTM is c_n" in " ".join(out.split("\n"))
        assert out.endswith(" 0 refuted, 0 not run\n")
        assert err == "", "no bar where there is no terminal"

    def test_by_name_and_in_any_case(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert cli.main(["confirm", "pair-read-as-state", "rnn504", "--device", "cpu"]) == 0
        out = capsys.readouterr().out
        assert "RNN302" in out
        assert "RNN504" in out
        assert "2 rules" in out

    def test_by_prefix(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert cli.main(["confirm", "rnn90", "RNN30", "--device", "cpu", "--output-format", "json"]) == 0
        found = list(dict.fromkeys(rule["code"] for rule in json.loads(capsys.readouterr().out)["rules"]))
        assert found == [code for code in registry() if code.startswith(("RNN30", "RNN90"))]

    @pytest.mark.usefixtures("_lying")
    def test_refuted(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert cli.main(["confirm", "RNN302", "--device", "cpu"]) == 1
        out = capsys.readouterr().out
        assert out.startswith(
            "RNN302 on cpu in float64: refuted: silent: h_n begins with the last layer\n"
            "  nn.RNN(1, 1, num_layers=2) on x of shape (1, 1)\n"
            "  values: result[0] is "
        )
        assert "refuted in float64, float32" in out
        assert " 2 refuted, 0 not run\n" in out

    def test_full_runs_every_dtype(self, capsys: pytest.CaptureFixture[str]) -> None:
        with mock.patch.object(command, "_JOBS", 1):
            assert cli.main(["confirm", "RNN302", "--full", "--device", "cpu"]) == 0
        out = capsys.readouterr().out
        for dtype in ("bfloat16", "float16", "float32", "float64"):
            assert f"cpu {dtype}" in out.splitlines()[-3]

    def test_several_processes_find_the_same(self, capsys: pytest.CaptureFixture[str]) -> None:
        found = []
        for jobs in (1, 2):
            with mock.patch.object(command, "_JOBS", jobs):
                assert cli.main(["confirm", "RNN302", "--full", "--device", "cpu", "--output-format", "json"]) == 0
            found.append(json.loads(capsys.readouterr().out)["rules"])
        assert found[0] == found[1]

    def test_the_seed_decides(self, capsys: pytest.CaptureFixture[str]) -> None:
        errors = []
        for seed in ("0", "0", "1"):
            arguments = ["confirm", "RNN302", "--device", "cpu", "--seed", seed, "--output-format", "json"]
            assert cli.main(arguments) == 0
            rules = json.loads(capsys.readouterr().out)["rules"]
            errors.append([claim["error"] for rule in rules for claim in rule["claims"]])
        assert errors[0] == errors[1] != errors[2]

    @pytest.mark.parametrize("seed", [2**64 - 1, -(2**63), -1])
    def test_every_seed_that_torch_takes(self, seed: int, capsys: pytest.CaptureFixture[str]) -> None:
        torch.Generator().manual_seed(seed)
        assert cli.main(["confirm", "RNN302", "--device", "cpu", f"--seed={seed}"]) == 0
        assert " 0 refuted, 0 not run\n" in capsys.readouterr().out

    def test_a_bar_on_a_terminal(self, capsys: pytest.CaptureFixture[str]) -> None:
        terminal = io.StringIO()
        with mock.patch.object(terminal, "isatty", return_value=True), mock.patch.object(sys, "stderr", terminal):
            assert cli.main(["confirm", "RNN302", "--device", "cpu"]) == 0
        drawn = terminal.getvalue().split("\r")
        assert any(line.startswith("cpu [####") for line in drawn)
        assert drawn[-1] == "\033[K", "and nothing is left of it"
        assert "[####" not in capsys.readouterr().out

    def test_torch_is_as_it_was(self) -> None:
        def state() -> tuple[object, ...]:
            switches = (torch.backends.cudnn.allow_tf32, torch.is_grad_enabled(), torch.get_default_dtype())
            return (*switches, torch.get_num_threads(), torch.get_rng_state().tolist())

        before = state()
        cli.main(["confirm", "RNN302", "--device", "cpu"])
        assert state() == before

    def test_a_rule_without_claims_is_not_run(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert cli.main(["confirm", "RNN900", "--device", "cpu"]) == 0
        assert "not run: the rule claims nothing" in capsys.readouterr().out


class TestGpu:
    def test_auto_says_that_it_was_not_run(self, capsys: pytest.CaptureFixture[str]) -> None:
        with mock.patch.object(torch.cuda, "is_available", return_value=False), _no_mps():
            assert cli.main(["confirm", "RNN900"]) == 0
        assert "GPU: not run: torch sees none\n" in capsys.readouterr().out

    def test_cpu_says_that_it_was_not_asked_for(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert cli.main(["confirm", "RNN900", "--device", "cpu"]) == 0
        assert "GPU: not run: not asked for\n" in capsys.readouterr().out

    def test_auto_takes_the_one_there_is(self) -> None:
        with mock.patch.object(torch.cuda, "is_available", return_value=True):
            assert devices.devices("auto") == ["cpu", "cuda:0"]
        with mock.patch.object(torch.cuda, "is_available", return_value=False), _no_mps():
            assert devices.devices("auto") == ["cpu"]

    def test_one_that_was_asked_for_is_numbered(self) -> None:
        with (
            mock.patch.object(torch.cuda, "is_available", return_value=True),
            mock.patch.object(torch.cuda, "device_count", return_value=2),
        ):
            assert devices.devices("cuda") == ["cuda:0"]
            assert devices.devices("cuda:1") == ["cuda:1"]
            with pytest.raises(devices.BadInput, match="no device cuda:2"):
                devices.devices("cuda:2")


def _no_mps() -> mock._patch[mock.MagicMock]:
    return mock.patch.object(devices, "_has_mps", return_value=False)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ["RNN777"],
            "no such rule: 'RNN777' (a code such as RNN102, a prefix such as RNN1, or a name such as last-step",
        ),
        (["RN"], "no such rule: 'RN' (a code such as RNN102, a prefix"),
        ([""], "no such rule: '' (a code such as RNN102, a prefix"),
        (["--device", "tpu"], "no such device: 'tpu' (auto, cpu, cuda, cuda:N or mps)"),
        (["--device", "cuda:"], "no such device: 'cuda:' (auto, cpu, cuda, cuda:N or mps)"),
        (["--device", "cuda:99"], "no device cuda:99: torch "),
        (["--dtype", "int8"], "no such dtype: 'int8' (float64, float32, bfloat16, float16)"),
        (["--dtype", "float32,"], "no such dtype: '' (float64, float32, bfloat16, float16)"),
        (["--quick", "--full"], "argument --full: not allowed with argument --quick"),
        (["--seed", "x"], "argument --seed: invalid int value: 'x'"),
        (["--seed", str(2**64)], "no such seed: torch takes whole numbers from -2**63 to 2**64 - 1"),
        (["--seed", str(-(2**63) - 1)], "no such seed: torch takes whole numbers from -2**63 to 2**64 - 1"),
    ],
    ids=str,
)
def test_wrong_input_is_one_line(arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    try:
        status = cli.main(["confirm", *arguments])
    except SystemExit as end:
        status = int(str(end.code))
    out, err = capsys.readouterr()
    assert status == 2
    assert out == ""
    assert err.startswith(f"rnnlint confirm: {said}")
    assert err.count("\n") == 1


def test_a_dtype_that_the_device_lacks_is_not_run(capsys: pytest.CaptureFixture[str]) -> None:
    def lacking(device: str, dtype: torch.dtype) -> str:
        return "RuntimeError: no kernel for 'Half'" if dtype == torch.float16 else missing(device, dtype)

    small = replace(suite.QUICK, run=2, linted=1, differentiated=1)
    with mock.patch.object(command, "missing", lacking), mock.patch.object(command, "QUICK", small):
        assert cli.main(["confirm", "RNN302", "--device", "cpu", "--dtype", "float32,float16"]) == 0
        text = " ".join(capsys.readouterr().out.split())
        assert "confirmed, but not run in float16: RuntimeError: no kernel for 'Half'" in text
        arguments = ["confirm", "RNN302", "--device", "cpu", "--dtype", "float16", "--output-format", "json"]
        assert cli.main(arguments) == 0
        (rule,) = json.loads(capsys.readouterr().out)["rules"]
        assert rule["verdict"] == "not run"
        assert {claim["held"] for claim in rule["claims"]} == {None}


def test_as_a_module_and_without_torch(tmp_path: Path) -> None:
    helped = python("-m", "rnnlint", "--help", cwd=tmp_path)
    assert helped.returncode == 0
    assert "confirm" in helped.stdout
    without = "import sys; sys.modules['torch'] = None; from rnnlint.cli import main; sys.exit(main(['confirm']))"
    refused = python("-c", without, cwd=tmp_path)
    assert refused.returncode == 2
    assert refused.stdout == ""
    assert refused.stderr == "rnnlint confirm: rnnlint.runtime needs torch: pip install 'rnnlint[runtime]'\n"


def test_importing_the_command_line_imports_neither_libcst_nor_torch(tmp_path: Path) -> None:
    code = "import sys, rnnlint.cli; print([name for name in ('libcst', 'torch') if name in sys.modules])"
    assert python("-c", code, cwd=tmp_path).stdout.strip() == "[]"


def test_importing_the_runtime_without_torch(tmp_path: Path) -> None:
    refused = python("-c", "import sys; sys.modules['torch'] = None; import rnnlint.runtime", cwd=tmp_path)
    assert refused.stderr.splitlines()[-1] == (
        "ImportError: rnnlint.runtime needs torch: pip install 'rnnlint[runtime]'"
    )
    assert "During handling" not in refused.stderr
