"""What docs/output.md shows is what is printed, and what it tells one to run does what it says."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from rnnlint.diagnostics import Checked
from rnnlint.output.catalogue import MEANT_FOR, Format, rendered
from tests.hosts.running import HANG, ROOT
from tests.output.samples import TAGGER
from tests.output.test_sarif import VALID

PAGE = (ROOT / "docs" / "output.md").read_text(encoding="utf-8")
STEPS = [
    step.partition("\n")[::2]
    for block in re.findall(r"^```console\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
    for step in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]
]
SHELL = re.findall(r"^```sh\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """One in which only the command and the fixtures are."""
    script = tmp_path / "bin" / "rnnlint"
    script.parent.mkdir()
    script.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m rnnlint "$@"\n', encoding="utf-8")
    script.chmod(0o755)
    (tmp_path / "fixtures").symlink_to(ROOT / "fixtures")
    return tmp_path


def bash(command: str, folder: Path, bin_: Path, **env: str) -> str:
    """What a command prints, also what it says is wrong."""
    path = os.pathsep.join([str(bin_), str(Path(sys.executable).parent), os.environ["PATH"]])
    run = subprocess.run(
        ["bash", "-c", command],
        cwd=folder,
        env=os.environ | {"PATH": path, "PYTHONPATH": str(ROOT)} | env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        timeout=HANG,
        check=False,
    )
    return run.stdout


@pytest.mark.parametrize(("command", "said"), STEPS)
def test_transcript(command: str, said: str, folder: Path) -> None:
    assert bash(command, folder, folder / "bin") == said


def test_every_format_is_named() -> None:
    rows = re.findall(r"^\| `([\w-]+)` \| (.*) \|$", PAGE.split("## full")[0], re.MULTILINE)
    assert [name for name, _ in rows] == [form.value for form in Format]
    for (_, words), form in zip(rows, Format, strict=True):
        assert words.startswith(MEANT_FOR[form])


def test_the_keys_of_json() -> None:
    (said,) = json.loads(rendered(Format.JSON, Checked((TAGGER,))))
    table = PAGE.split("## json, json-lines")[1].split("## github")[0]
    assert re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE) == list(said)
    related = re.search(r"^\| `related` .*$", table, re.MULTILINE)
    assert related is not None
    assert set(re.findall(r"`(\w+)`", related[0])) == {"related", *said["related"][0]}


@pytest.fixture(scope="module")
def shards(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository of five projects, and the logs that four machines have made of it."""
    repository = tmp_path_factory.mktemp("repository")
    for name in ("circular", "two_entry_points", "notebook", "factory", "handed_on"):
        shutil.copytree(ROOT / "fixtures" / "projects" / name, repository / name)
    bin_ = tmp_path_factory.mktemp("bin")
    (bin_ / "rnnlint").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m rnnlint "$@"\n', encoding="utf-8")
    (bin_ / "rnnlint").chmod(0o755)
    bash("git init -q && git add .", repository, bin_)
    (command,) = (one for one in SHELL if "$SHARD" in one)
    for shard in range(4):
        bash(command, repository, bin_, SHARD=str(shard))
    bash("rnnlint check --output-format sarif:whole.sarif", repository, bin_)
    return repository


@pytest.mark.parametrize("tool", ["jq", "python"])
def test_shards_are_put_together(tool: str, shards: Path, folder: Path) -> None:
    if tool == "jq" and shutil.which("jq") is None:
        pytest.skip("no jq here")
    (command,) = (one for one in SHELL if one.startswith(tool))
    assert bash(command, shards, folder / "bin") == ""
    merged, whole = (json.loads((shards / name).read_text("utf-8")) for name in ("rnnlint.sarif", "whole.sarif"))
    assert [error.message for error in VALID.iter_errors(merged)] == []
    assert len(merged["runs"]) == len({run["automationDetails"]["id"] for run in merged["runs"]}) == 4
    assert known(merged) == known(whole)
    assert len(known(whole)) > 4


def known(log: dict[str, Any]) -> list[str]:
    """By what its findings are known again."""
    return sorted(one["partialFingerprints"]["rnnlint/v1"] for run in log["runs"] for one in run["results"])
