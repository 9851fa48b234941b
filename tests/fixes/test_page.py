"""docs/fixes.md: its transcript is what happens, and its first table what the command finds."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from oracle.fixes.__main__ import main, section
from oracle.fixes.table import HEAD
from oracle.mutation.page import sections
from tests.hosts.running import HANG, ROOT

PAGE = (ROOT / "docs" / "fixes.md").read_text(encoding="utf-8")
SECTIONS = sections(PAGE)
CHEAPEST = "--only pages"


@pytest.fixture(autouse=True, scope="module")
def _one_thread() -> None:
    torch.set_num_threads(1)


def test_transcript(tmp_path: Path) -> None:
    (tmp_path / "fixtures").symlink_to(ROOT / "fixtures")
    script = tmp_path / "bin" / "rnnlint"
    script.parent.mkdir()
    script.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m rnnlint "$@"\n')
    script.chmod(0o755)
    path = os.pathsep.join([str(script.parent), os.environ["PATH"]])
    steps = [
        step.partition("\n")[::2]
        for block in re.findall(r"^```console\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
        for step in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]
    ]
    assert steps
    for command, output in steps:
        run = subprocess.run(
            ["bash", "-c", command],
            cwd=tmp_path,
            env=os.environ | {"PATH": path, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            timeout=HANG,
            check=False,
        )
        assert run.stdout == output


def test_the_table_of_the_examples() -> None:
    assert SECTIONS[CHEAPEST] == section(shlex.split(CHEAPEST)).strip(), (
        "run python -m oracle.fixes --page docs/fixes.md"
    )


def test_every_section_has_the_table() -> None:
    assert len(SECTIONS) == 4
    assert all(text.startswith("| " + " | ".join(HEAD) + " |") for text in SECTIONS.values())
    # what is wrong with drawn programs stands there, too
    assert "wrong: 0" in SECTIONS[CHEAPEST].splitlines()


def test_every_column_is_explained() -> None:
    for name in HEAD[2:]:
        assert re.search(rf"^\| .*\b{name}\b.* \|", PAGE, re.MULTILINE), name


def test_the_command_prints_and_fails(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    arguments = ["--only", "drawn", "--drawn", "3", "--seed", "61"]
    assert main(arguments) == 0
    assert "wrong: 0" in capsys.readouterr().out
    monkeypatch.setattr("oracle.fixes.table.wrong", lambda _: ["a lie"])
    assert main(arguments) == 1
    assert "    a lie" in capsys.readouterr().out


def test_a_page_has_programs_of_elsewhere(tmp_path: Path) -> None:
    folder = tmp_path / "programs"
    folder.mkdir()
    (folder / "last_bad.py").write_text(
        "import torch\nfrom torch import nn\n\noutput, _ = nn.GRU(3, 5)(torch.randn(7, 4, 3))\n"
    )
    page = tmp_path / "page.md"
    page.write_text("<!-- run: --only folders MARKED -->\n\nas it was\n\n<!-- end -->\n")
    main(["--page", str(page)])
    assert "as it was" in page.read_text()
    main(["--page", str(page), "--marked", str(folder)])
    assert "of 1 programs 0 have a finding, 0 one with a fix" in page.read_text()
    assert str(tmp_path) not in page.read_text()


def test_several_processes_say_the_same() -> None:
    arguments = ["--only", "drawn", "--drawn", "4", "--seed", "61"]
    assert section([*arguments, "--jobs", "2"]) == section(arguments)
