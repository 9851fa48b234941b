"""A worker that fails, dies, is stuck or cannot be started costs what it was asked, and that is said."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.server.client import Client, at
from tests.server.texts import LINE, MODEL

# In every process of the server: texts that do to an analysis what one cannot provoke.
SABOTAGE = """
import os, time
from rnnlint.server.worker import workspace

check = workspace.Workspace.check

def sabotaged(self, path):
    text = self.text(path) or ""
    if "# die" in text:
        os._exit(9)
    if "# be stuck" in text:
        time.sleep(1000)
    if "# go on" in text:
        while True:
            try:
                len(text)
            except Exception:
                pass
    if "# fail" in text:
        raise AssertionError("of ours\\nand more")
    print("something printed")
    return check(self, path)

workspace.Workspace.check = sabotaged
"""


@pytest.fixture(scope="module")
def sabotaged(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    if find_spec("pygls") is None:
        pytest.skip("pygls is not installed")
    folder = tmp_path_factory.mktemp("sabotage")
    (folder / "sitecustomize.py").write_text(SABOTAGE)
    made = Client(folder, {"PYTHONPATH": f"{folder}:{Path(__file__).resolve().parents[2]}"})
    try:
        made.initialize(folder)
        yield made
    finally:
        made.kill()


def test_a_text_that_kills_the_process_is_named_and_the_others_are_checked(sabotaged: Client, tmp_path: Path) -> None:
    bad, good = (tmp_path / "bad.py").as_uri(), (tmp_path / "good.py").as_uri()
    sabotaged.open(good, MODEL)
    assert sabotaged.codes(good) == [("RNN102", LINE)]
    sabotaged.open(bad, MODEL + "# die\n")
    (one,) = sabotaged.diagnostics(bad)
    assert one["message"] == "not analysed: the process that analysed it was killed"
    sabotaged.change(good, "\n" + MODEL)  # with the other one still open
    assert sabotaged.codes(good) == [("RNN102", LINE + 1)]
    sabotaged.change(bad, MODEL)
    assert sabotaged.codes(bad) == [("RNN102", LINE)]
    sabotaged.close(bad)


def test_a_mistake_of_ours_is_said_in_one_line(sabotaged: Client, tmp_path: Path) -> None:
    uri = (tmp_path / "model.py").as_uri()
    sabotaged.open(uri, MODEL + "# fail\n")
    (one,) = sabotaged.diagnostics(uri)
    assert one["message"].startswith("not analysed: rnnlint failed on it, please report this: AssertionError: of ours")
    assert "\n" not in one["message"]
    sabotaged.change(uri, MODEL)
    assert sabotaged.codes(uri) == [("RNN102", LINE)]
    sabotaged.close(uri)


@pytest.mark.parametrize("how", ["go on", "be stuck"])
def test_what_takes_too_long_is_broken_off_by_the_next_key(sabotaged: Client, tmp_path: Path, how: str) -> None:
    uri = (tmp_path / "model.py").as_uri()
    sabotaged.open(uri, f"{MODEL}# {how}\n")
    time.sleep(0.5)  # so that it is being worked on
    assert sabotaged.hover(uri, LINE, 32) is not None  # and costs no question anything
    sabotaged.change(uri, MODEL)
    assert sabotaged.codes(uri) == [("RNN102", LINE)]
    sabotaged.close(uri)


def test_an_end_while_something_is_stuck(sabotaged: Client, tmp_path: Path) -> None:
    uri = (tmp_path / "model.py").as_uri()
    sabotaged.open(uri, f"{MODEL}# be stuck\n")
    time.sleep(0.5)
    assert sabotaged.request("textDocument/hover", at(uri, 0, 0)) is None
    assert sabotaged.end() == 0
    for thread in sabotaged._threads:
        thread.join(10.0)  # nobody is left who could write
        assert not thread.is_alive()


def test_without_the_extra_it_is_one_line(tmp_path: Path) -> None:
    # as where neither is installed
    hide = "import sys; sys.modules['pygls'] = None\nfrom rnnlint.cli import main\nraise SystemExit(main(['server']))"
    run = subprocess.run([sys.executable, "-c", hide], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (run.returncode, run.stdout) == (2, "")
    assert run.stderr == "rnnlint server: it needs pygls 2: pip install 'rnnlint[lsp]'\n"


def test_nothing_else_imports_it() -> None:
    asks = "import sys, rnnlint.server.command, rnnlint.server.worker.main; print('pygls' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", asks], capture_output=True, text=True, check=True)
    assert run.stdout == "False\n"
