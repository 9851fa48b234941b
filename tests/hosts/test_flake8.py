"""The plugin inside flake8: where findings stand, how codes are selected, how options are read."""

from __future__ import annotations

from pathlib import Path

import pytest

from rnnlint.linter import lint
from tests.hosts.running import FINDING, MISREAD, RIGHT, ROOT, codes, flake8, flake8_here, python, rows

# Python reads it, and so does pyflakes; it is too deep for the analysis.
UNREADABLE = "import torch.nn as nn\nrnn = nn.GRU(2, 3)\nx = (\n" + "    1 if rnn else\n" * 270 + "    2\n)\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "model.py").write_text(MISREAD, encoding="utf-8")
    return tmp_path


def configured(folder: Path, *lines: str) -> Path:
    (folder / ".flake8").write_text("\n".join(["[flake8]", *lines, ""]), encoding="utf-8")
    return folder


def test_flake8_knows_the_plugin(tmp_path: Path) -> None:
    assert "rnnlint: " in flake8("--version", cwd=tmp_path).stdout


def test_a_finding_appears_without_any_option(folder: Path) -> None:
    run = flake8("--isolated", "model.py", cwd=folder)
    assert (run.returncode, run.stderr) == (1, "")
    assert rows(run.stdout) == [("model.py", *FINDING)]


def test_a_right_program_is_silent(tmp_path: Path) -> None:
    (tmp_path / "model.py").write_text("import torch\n" + RIGHT, encoding="utf-8")
    run = flake8("--isolated", "model.py", cwd=tmp_path)
    assert (run.returncode, run.stdout, run.stderr) == (0, "", "")


def test_places_and_messages_are_those_of_the_linter(folder: Path) -> None:
    (finding,) = lint(MISREAD).findings
    run = flake8_here("--isolated", "model.py", cwd=folder)
    assert run.stdout == f"model.py:{finding.line}:{finding.column + 1}: {finding.code} {finding.message}\n"


def test_standard_input(folder: Path) -> None:
    run = python("-c", "import subprocess, sys; sys.exit(subprocess.run([sys.executable, '-m', 'flake8', '--isolated',"
                 " '--stdin-display-name=shown.py', '-'], stdin=open('model.py')).returncode)", cwd=folder)  # fmt: skip
    assert rows(run.stdout) == [("shown.py", *FINDING)]


@pytest.mark.parametrize(
    "comment", ["# noqa", "# noqa: RNN102", "# NOQA:RNN102", "# noqa: E501, RNN102", "# noqa: RNN1", "# noqa: RNN"]
)
def test_noqa_silences_its_line(folder: Path, comment: str) -> None:
    text = MISREAD.replace("[:, -1])", f"[:, -1])  {comment}")
    (folder / "model.py").write_text(text, encoding="utf-8")
    assert flake8_here("--isolated", "model.py", cwd=folder).stdout == ""


def test_noqa_of_another_code_does_not(folder: Path) -> None:
    (folder / "model.py").write_text(MISREAD.replace("[:, -1])", "[:, -1])  # noqa: RNN101"), encoding="utf-8")
    assert codes(flake8("--isolated", "model.py", cwd=folder).stdout) == ["RNN102"]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ((), ["RNN102"]),
        (("--select=RNN",), ["RNN102"]),
        (("--select=RNN1",), ["RNN102"]),
        (("--select=RNN10",), ["RNN102"]),
        (("--select=RNN102",), ["RNN102"]),
        (("--select=E,F,RNN",), ["RNN102"]),
        (("--select=RNN2",), []),
        (("--select=E",), []),
        (("--ignore=RNN",), []),
        (("--ignore=RNN1",), []),
        (("--extend-ignore=RNN102",), []),
        (("--ignore=E501",), ["RNN102"]),
        (("--select=RNN1", "--ignore=RNN102"), []),
        (("--select=RNN102", "--ignore=RNN1"), ["RNN102"]),
        (("--per-file-ignores=model.py:RNN102",), []),
        (("--per-file-ignores=other.py:RNN102",), ["RNN102"]),
    ],
)
def test_selection_of_a_rule_that_is_on(folder: Path, options: tuple[str, ...], expected: list[str]) -> None:
    run = flake8_here("--isolated", *options, "model.py", cwd=folder)
    assert run.stderr == ""
    assert codes(run.stdout) == expected


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ((), []),
        (("--select=RNN",), []),  # the prefix alone names the plugin, not what it holds back
        (("--extend-select=RNN",), []),
        (("--ignore=E501",), []),  # flake8 forgets its list of codes ignored by default here
        (("--select=RNN9",), []),  # nor does a family
        (("--select=RNN90",), ["RNN900"]),
        (("--select=RNN900",), ["RNN900"]),
        (("--select=E,RNN900",), ["RNN900"]),
        (("--extend-select=RNN9",), []),
        (("--extend-select=RNN90",), ["RNN900"]),
        (("--extend-select=RNN900",), ["RNN900"]),
        (("--extend-select=RNN900", "--ignore=E501"), ["RNN900"]),
        (("--extend-select=RNN90", "--extend-ignore=RNN900"), []),
    ],
)
def test_selection_of_a_rule_that_is_off(tmp_path: Path, options: tuple[str, ...], expected: list[str]) -> None:
    (tmp_path / "model.py").write_text(UNREADABLE, encoding="utf-8")
    run = flake8_here("--isolated", *options, "model.py", cwd=tmp_path)
    assert run.stderr == ""
    assert codes(run.stdout) == expected


def test_a_file_that_is_not_analysed_says_why_on_its_first_line(tmp_path: Path) -> None:
    (tmp_path / "model.py").write_text(UNREADABLE, encoding="utf-8")
    run = flake8("--isolated", "--select=RNN900", "model.py", cwd=tmp_path)
    # (how deep that is depends on who has raised the limit of a process: here it is flake8's)
    assert run.stdout == "model.py:1:1: RNN900 not analysed: it is nested too deeply\n"


@pytest.mark.parametrize("key", ["extend-select", "extend_select"])
def test_selection_in_a_configuration_file(tmp_path: Path, key: str) -> None:
    (tmp_path / "model.py").write_text(UNREADABLE, encoding="utf-8")
    assert codes(flake8_here("model.py", cwd=configured(tmp_path, f"{key} = RNN900")).stdout) == ["RNN900"]


FLAG = """\
import torch.nn as nn


class Tagger(nn.Module):
    def __init__(self, bidirectional=False):
        super().__init__()
        self.rnn = nn.GRU(8, 16, batch_first=True, bidirectional=bidirectional)

    def forward(self, x):
        output, _ = self.rnn(x)
        return output[:, -1]
"""


def test_all_configurations_from_the_command_line(tmp_path: Path) -> None:
    (tmp_path / "model.py").write_text(FLAG, encoding="utf-8")
    assert codes(flake8("--isolated", "model.py", cwd=tmp_path).stdout) == []
    run = flake8("--isolated", "--rnnlint-all-configurations", "model.py", cwd=tmp_path)
    assert codes(run.stdout) == ["RNN102"]
    assert "bidirectional=True" in run.stdout


@pytest.mark.parametrize("key", ["rnnlint-all-configurations", "rnnlint_all_configurations"])
@pytest.mark.parametrize(("value", "expected"), [("true", ["RNN102"]), ("1", ["RNN102"]), ("false", [])])
def test_all_configurations_from_a_file(tmp_path: Path, key: str, value: str, expected: list[str]) -> None:
    (tmp_path / "model.py").write_text(FLAG, encoding="utf-8")
    assert codes(flake8_here("model.py", cwd=configured(tmp_path, f"{key} = {value}")).stdout) == expected


UNKNOWN = "import torch\n" + MISREAD.replace(
    "return self", "seen = torch.stft(output), torch.istft(output)\n        return self"
)


def test_what_was_not_followed_is_shown_when_asked_for(tmp_path: Path) -> None:
    (tmp_path / "model.py").write_text(UNKNOWN, encoding="utf-8")
    report = lint(UNKNOWN)
    assert report.unknown
    plain = flake8_here("--isolated", "--extend-select=RNN900", "model.py", cwd=tmp_path).stdout
    shown = flake8_here("--isolated", "--rnnlint-show-unknown", "model.py", cwd=tmp_path).stdout
    assert "RNN900" not in plain
    about = [line for line in shown.splitlines() if "RNN900" in line]
    assert len(about) == len(report.unknown)
    for one in report.unknown:
        line = next(line for line in about if line.startswith(f"model.py:{one.line}:{one.column + 1}: "))
        assert f"RNN900 not followed: {one.reason}" in line
    assert [line for line in shown.splitlines() if line not in about] == plain.splitlines()
    ignored = flake8_here("--isolated", "--rnnlint-show-unknown", "--extend-ignore=RNN900", "model.py", cwd=tmp_path)
    assert ignored.stdout == plain


def test_an_unreadable_file_is_shown_with_what_was_not_followed(tmp_path: Path) -> None:
    (tmp_path / "model.py").write_text(UNREADABLE, encoding="utf-8")
    run = flake8_here("--isolated", "--rnnlint-show-unknown", "model.py", cwd=tmp_path)
    assert "RNN900 not analysed: " in run.stdout


def test_an_unknown_option_names_the_nearest(folder: Path) -> None:
    run = flake8("--isolated", "--rnnlint-all-configuration=1", "--rnnlint-al-configs", "model.py", cwd=folder)
    assert run.returncode == 2
    assert "did you mean '--rnnlint-all-configurations'?" in run.stderr


def test_an_unknown_option_of_others_is_left_to_flake8(folder: Path) -> None:
    run = flake8_here("--isolated", "--max-line-lenth=100", "model.py", cwd=folder)
    assert run.returncode == 2
    assert "did you mean" not in run.stderr


def test_an_unknown_key_names_the_nearest(folder: Path) -> None:
    run = flake8("model.py", cwd=configured(folder, "rnnlint-all-configuration = true"))
    assert run.returncode == 1
    assert "unknown key 'rnnlint-all-configuration' in section [flake8]" in run.stdout + run.stderr
    assert "did you mean 'rnnlint-all-configurations'?" in run.stdout + run.stderr
    assert "Traceback" not in run.stdout + run.stderr


def test_an_unknown_key_is_found_in_a_file_named_on_the_command_line(folder: Path) -> None:
    (folder / "other.cfg").write_text("[flake8]\nrnnlint_strict = true\n", encoding="utf-8")
    run = flake8_here("--config=other.cfg", "model.py", cwd=folder)
    assert "unknown key 'rnnlint_strict'" in run.stdout + run.stderr


def test_keys_of_others_are_left_to_flake8(folder: Path) -> None:
    run = flake8_here("model.py", cwd=configured(folder, "import-order-style = google", "max-line-length = 100"))
    assert run.stderr == ""
    assert codes(run.stdout) == ["RNN102"]


@pytest.mark.parametrize("option", ["--select", "--extend-select", "--ignore", "--extend-ignore"])
def test_an_unknown_code_names_the_nearest(folder: Path, option: str) -> None:
    run = flake8_here("--isolated", f"{option}=RNN102,RNN112", "model.py", cwd=folder)
    assert run.stderr == f"rnnlint: unknown code 'RNN112' in {option}: did you mean 'RNN110'?\n"
    expected = [] if "ignore" in option else ["RNN102"]  # the rest of the lint is what it would be without it
    assert codes(run.stdout) == expected


@pytest.mark.parametrize(
    "key", ["select", "extend-select", "extend_select", "ignore", "extend-ignore", "extend_ignore"]
)
def test_an_unknown_code_in_a_file_is_a_warning_that_names_the_key(folder: Path, key: str) -> None:
    others = "E7" if "ignore" in key else "E7, RNN102"
    run = flake8_here("model.py", cwd=configured(folder, f"{key} = {others}, RNN112"))
    assert run.stderr == f"rnnlint: unknown code 'RNN112' in the key '{key}': did you mean 'RNN110'?\n"
    assert codes(run.stdout) == ["RNN102"]
    assert run.returncode == 1


def test_an_unknown_code_of_one_file(folder: Path) -> None:
    run = flake8("model.py", cwd=configured(folder, "per-file-ignores =", "    model.py:RNN102,RNN112", "    x.py:E1"))
    assert run.stderr == "rnnlint: unknown code 'RNN112' in the key 'per-file-ignores': did you mean 'RNN110'?\n"
    assert run.stdout == ""


def test_what_flake8_refuses_it_still_refuses(folder: Path) -> None:
    run = flake8_here("model.py", cwd=configured(folder, "per-file-ignores = model.py"))
    assert run.returncode == 1
    assert "per-file-ignores" in run.stdout + run.stderr
    assert "Traceback" not in run.stdout + run.stderr


def test_an_unknown_code_is_said_of_whoever_wrote_it(folder: Path) -> None:
    run = flake8_here("--select=RNN102,RNN113", "model.py", cwd=configured(folder, "select = RNN112", "ignore = RNN77"))
    assert run.stderr.splitlines() == [
        "rnnlint: unknown code 'RNN113' in --select: did you mean 'RNN110'?",
        "rnnlint: unknown code 'RNN77' in the key 'ignore': did you mean 'RNN107'?",
    ]
    assert codes(run.stdout) == ["RNN102"]


def test_an_unknown_code_is_said_once_where_processes_are_spawned(folder: Path) -> None:
    (folder / "other.py").write_text(MISREAD, encoding="utf-8")
    code = (
        "import multiprocessing, sys; multiprocessing.set_start_method('spawn'); from flake8.main.cli import main; "
        "sys.exit(main(['--isolated', '--jobs=2', '--extend-select=RNN112', 'model.py', 'other.py']))"
    )
    run = python("-c", code, cwd=folder)
    assert run.stderr.count("unknown code 'RNN112'") == 1, run.stderr
    assert codes(run.stdout) == ["RNN102", "RNN102"]


OFF = (ROOT / "fixtures" / "rules" / "RNN107" / "model.py").read_text(encoding="utf-8")  # a rule that is off by default


@pytest.mark.parametrize(
    ("selected", "expected"),
    [
        ("RNN", []),
        ("RNN1,RNN2,RNN3,RNN4,RNN5", []),
        ("RNN1", []),
        ("RNN10", ["RNN107"]),
        ("RNN107", ["RNN107"]),
        ("RNN,RNN107", ["RNN107"]),
    ],
)
def test_families_turn_on_no_more_than_the_plugin_does(tmp_path: Path, selected: str, expected: list[str]) -> None:
    (tmp_path / "model.py").write_text(OFF, encoding="utf-8")
    for key in ("select", "extend-select"):
        run = flake8_here("model.py", cwd=configured(tmp_path, f"{key} = {selected}"))
        assert (sorted({code for code in codes(run.stdout) if "RNN" in code}), run.stderr) == (expected, "")
