"""What a run of flake8 imports: torch and libcst never, the analysis only for a file that builds an RNN."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.hosts.running import MISREAD, python

# Runs flake8 in this process and prints which of the modules are loaded afterwards.
REPORT = """
import sys
from flake8.main.cli import main
main(["--isolated", "--jobs=1", *sys.argv[1:]])
print("loaded:", *(name for name in ("flake8", "rnnlint", "rnnlint.rules", "libcst", "torch") if name in sys.modules))
"""

# The same of ``rnnlint check``, which is given the folder and keeps what it finds.
CHECK = """
import sys
from rnnlint.cli import main
main(["check", "--isolated"])
wanted = ("flake8", "rnnlint.checking.analysis", "rnnlint.rules", "rnnlint.interpret", "libcst", "torch")
print("loaded:", *(name for name in wanted if name in sys.modules))
"""

PLAIN = "import torch\n\nprint(torch.nn.Linear(2, 3))\n"


def loaded(folder: Path, text: str) -> list[str]:
    (folder / "model.py").write_text(text, encoding="utf-8")
    run = python("-c", REPORT, "model.py", cwd=folder)
    assert run.returncode == 0, run.stderr
    return run.stdout.splitlines()[-1].split()[1:]


def test_a_file_without_an_rnn_imports_nothing(tmp_path: Path) -> None:
    assert loaded(tmp_path, PLAIN) == ["flake8", "rnnlint"]


def test_a_file_with_an_rnn_imports_the_rules_and_never_torch(tmp_path: Path) -> None:
    """Also the proof that the test above can fail."""
    assert loaded(tmp_path, MISREAD) == ["flake8", "rnnlint", "rnnlint.rules"]


def test_a_check_imports_the_analysis_for_a_file_with_an_rnn_and_what_was_found_before_without_it(
    tmp_path: Path,
) -> None:
    def run() -> list[str]:
        done = python("-c", CHECK, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        return done.stdout.splitlines()[-1].split()[1:]

    (tmp_path / "plain.py").write_text(PLAIN, encoding="utf-8")
    assert run() == []
    (tmp_path / "model.py").write_text(MISREAD, encoding="utf-8")
    assert run() == ["rnnlint.checking.analysis", "rnnlint.rules", "rnnlint.interpret"]
    assert run() == ["rnnlint.checking.analysis", "rnnlint.rules"]


@pytest.mark.parametrize("module", ["rnnlint", "rnnlint.flake8_plugin", "rnnlint.linter", "rnnlint.settings"])
def test_importing_a_face_imports_neither_libcst_nor_torch(tmp_path: Path, module: str) -> None:
    run = python("-c", f"import sys, {module}; print([m for m in ('libcst', 'torch') if m in sys.modules])",
                 cwd=tmp_path)  # fmt: skip
    assert run.stdout.strip() == "[]", run.stderr


def test_the_linter_works_where_torch_cannot_be_imported(tmp_path: Path) -> None:
    code = (
        f"import sys; sys.modules['torch'] = None; from rnnlint.linter import lint; print(lint({MISREAD!r}).findings)"
    )
    run = python("-c", code, cwd=tmp_path)
    assert "RNN102" in run.stdout, run.stderr


def test_a_report_of_loaded_modules_can_name_torch(tmp_path: Path) -> None:
    """The meta-test: with torch imported beforehand, REPORT says so."""
    (tmp_path / "torch.py").write_text("", encoding="utf-8")
    (tmp_path / "model.py").write_text(PLAIN, encoding="utf-8")
    run = python("-c", "import torch\n" + REPORT, "model.py", cwd=tmp_path)
    assert run.stdout.splitlines()[-1].split()[-1] == "torch", (run.stderr, sys.path)
