"""What docs/output.md shows is what is printed, and what it tells one to run does what it says."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from rnnlint.diagnostics import Checked
from rnnlint.output.catalogue import MEANT_FOR, Format, rendered
from rnnlint.output.styles import Look
from tests.output.samples import NOTEBOOK, TAGGER, UNKNOWN
from tests.output.test_sarif import VALID

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "output.md").read_text(encoding="utf-8")
SHELL = re.findall(r"^```sh\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
SHARDS = [(TAGGER,), (), (UNKNOWN, NOTEBOOK), ()]


def shown(heading: str) -> str:
    """The text under a heading of the page."""
    found = re.search(rf"^## {heading}$.*?^```text\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
    assert found is not None
    return found[1]


def test_every_format_is_named() -> None:
    rows = re.findall(r"^\| `([\w-]+)` \| (.*) \|$", PAGE.split("## full")[0], re.MULTILINE)
    assert [name for name, _ in rows] == [form.value for form in Format]
    for (_, words), form in zip(rows, Format, strict=True):
        assert words.startswith(MEANT_FOR[form])


def test_full() -> None:
    assert shown("full") == rendered(Format.FULL, Checked((TAGGER,)), Look(width=120)).rstrip("\n") + "\n"


def test_concise() -> None:
    assert shown("concise") == rendered(Format.CONCISE, Checked((TAGGER, NOTEBOOK)))


def test_the_keys_of_json() -> None:
    (said,) = json.loads(rendered(Format.JSON, Checked((TAGGER,))))
    table = PAGE.split("## json, json-lines")[1].split("## github")[0]
    assert re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE) == list(said)
    related = re.search(r"^\| `related` .*$", table, re.MULTILINE)
    assert related is not None
    assert set(re.findall(r"`(\w+)`", related[0])) == {"related", *said["related"][0]}


@pytest.mark.parametrize("tool", ["jq", "python"])
def test_shards_are_put_together(tool: str, tmp_path: Path) -> None:
    if tool == "jq" and shutil.which("jq") is None:
        pytest.skip("no jq here")
    (command,) = (one for one in SHELL if one.startswith(tool))
    for number, found in enumerate(SHARDS):
        said = rendered(Format.SARIF, Checked(found))
        (tmp_path / f"shard-{number}.sarif").write_text(said, encoding="utf-8")
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    subprocess.run(["bash", "-ec", command], cwd=tmp_path, env=os.environ | {"PATH": path}, check=True)
    whole = json.loads((tmp_path / "rnnlint.sarif").read_text(encoding="utf-8"))
    assert [error.message for error in VALID.iter_errors(whole)] == []
    assert [len(run["results"]) for run in whole["runs"]] == [1, 0, 2, 0]
    assert len({run["automationDetails"]["id"] for run in whole["runs"]}) == 4
    one = json.loads(rendered(Format.SARIF, Checked(tuple(found for shard in SHARDS for found in shard))))
    known = [
        [result["partialFingerprints"] for run in log["runs"] for result in run["results"]] for log in (whole, one)
    ]
    assert sorted(map(str, known[0])) == sorted(map(str, known[1]))
