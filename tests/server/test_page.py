"""What docs/server.md shows is what happens, as far as it can be tried without an editor."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from rnnlint.server.worker.hovering import hover
from rnnlint.server.worker.workspace import Workspace

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "server.md").read_text(encoding="utf-8")
EXTENSION = ROOT / "editors" / "vscode"


def _blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)


def test_the_hover_is_what_is_said() -> None:
    (shown,) = _blocks("text")
    path = ROOT / "fixtures" / "demo" / "classifier.py"
    text = path.read_text(encoding="utf-8")
    workspace = Workspace()
    workspace.open(str(path), text, alone=True)
    number = next(number for number, line in enumerate(text.splitlines(), 1) if "output[:, -1]" in line)
    said = hover(workspace, str(path), 0, number, text.splitlines()[number - 1].index("[:, -1]") + 1)
    assert said is not None
    assert isinstance(said["texts"], list)
    assert isinstance(said["picture"], list)
    assert shown.splitlines() == [*said["texts"], "", *said["picture"]]


def test_what_a_cell_returns_is_named_and_not_drawn() -> None:
    text = """\
import torch
from torch import nn


def run(x):
    cell = nn.LSTMCell(3, 4)
    h = c = torch.zeros(x.size(0), 4)
    out = []
    for step in range(x.size(1)):
        h, c = cell(x[:, step], (h, c))
        out.append(h)
    return torch.stack(out, 1)
"""
    workspace = Workspace()
    workspace.open("/cells.py", text, alone=True)
    said = [hover(workspace, "/cells.py", 0, line, column) for line, column in ((11, 19), (12, 12))]
    page = (ROOT / "docs" / "output.md").read_text(encoding="utf-8")
    for one in said:
        assert one is not None
        assert isinstance(one["texts"], list)
        (words,) = one["texts"]
        assert f"`{words.partition(' is ')[2]}`" in page
        assert one["picture"] == []


def test_the_settings_are_written_as_their_editors_read_them() -> None:
    code, saving, zed = map(json.loads, _blocks("json"))
    manifest = json.loads((EXTENSION / "package.json").read_text(encoding="utf-8"))
    assert set(code) == set(manifest["contributes"]["configuration"]["properties"])
    assert saving["[python]"]["editor.codeActionsOnSave"] == {"source.fixAll.rnnlint": "explicit"}
    assert zed["lsp"]["ruff"]["binary"]["arguments"] == ["server", "--stdio"]
    (helix,) = _blocks("toml")
    if sys.version_info >= (3, 11):
        import tomllib

        assert tomllib.loads(helix)["language-server"]["rnnlint"]["args"] == ["server", "--stdio"]
    for language in ("lua", "elisp"):
        for block in _blocks(language):
            assert block.count("(") == block.count(")"), block
            assert re.search(r'"rnnlint",? "server",? "--stdio"', block), block


def test_the_command_takes_what_editors_give_it(tmp_path: Path) -> None:
    """Standard input that is closed ends it."""
    run = subprocess.run(
        [sys.executable, "-m", "rnnlint", "server", "--stdio"],
        cwd=tmp_path,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    assert (run.returncode, run.stdout, run.stderr) == (1, b"", b"")


@pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed")
def test_the_extension_in_node() -> None:
    """Its tests but the one that needs what npm installs."""
    run = subprocess.run(
        ["node", "--test", "test/"],
        cwd=EXTENSION,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "RNNLINT_PYTHON": "no-python"},
    )
    assert run.returncode == 0, run.stdout + run.stderr
    passed = re.search(r"^. pass (\d+)$", run.stdout, re.MULTILINE)
    assert passed is not None
    assert int(passed[1]) >= 11


def test_no_lock_file_names_a_registry() -> None:
    assert not list(EXTENSION.glob("*lock*"))
