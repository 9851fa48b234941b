"""What docs/confirm.md shows is what happens, but for numbers that differ from machine to machine."""

from __future__ import annotations

import json
import re
import shlex

import pytest

from rnnlint import cli
from rnnlint.runtime.confirm.report import refutations
from tests.confirm.test_lies import LIES, told
from tests.hosts.running import ROOT

PAGE = (ROOT / "docs" / "confirm.md").read_text(encoding="utf-8")
CONSOLE = re.findall(r"^```console\n\$ ([^\n]+)\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
WIDTH = "110"

_MASKS = (
    (r"\d\.\de-\d\d of \d\.\de-\d\d float\d\d", "ERROR"),
    (r'"(error|tolerance)": [\d.e-]+', r'"\1": NUMBER'),
    (r"(?<=torch )\d+\.\d+[\w.+]*", "VERSION"),
    (r'(?<="torch": ")[^"]+', "VERSION"),
    (r"\d+ s$", "SECONDS"),
    (r'"seconds": [\d.]+', "SECONDS"),
    (r"is -?[\d.e-]+, not -?[\d.e-]+, error [\d.]+", "NUMBERS"),
)


def masked(text: str) -> str:
    for pattern, name in _MASKS:
        text = re.sub(pattern, name, text, flags=re.MULTILINE)
    return text


@pytest.mark.parametrize(("command", "output"), CONSOLE, ids=[command for command, _ in CONSOLE])
def test_transcript(
    command: str, output: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", WIDTH)
    program, *arguments = shlex.split(command)
    assert program == "rnnlint"
    assert cli.main(arguments) == 0
    assert masked(capsys.readouterr().out) == masked(output)


def test_the_masks_leave_what_is_said() -> None:
    shown = masked("\n".join(output for _, output in CONSOLE))
    assert "RNN302  cpu     flagged: state[-1] of an LSTM is c_n" in shown
    assert '"held": true' in shown


def test_the_refutation() -> None:
    (shown,) = re.findall(r"^```text\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
    (said,) = refutations(told(LIES["halves swapped"]))
    assert masked(shown) == masked(said)


def test_every_key_is_described() -> None:
    (text,) = [output for command, output in CONSOLE if "json" in command]
    found = json.loads(text)
    rule, claim = found["rules"][0], found["rules"][0]["claims"][0]
    for key in {*found, *rule, *claim, "failure", "skipped"} - {"code", "name", "dtype", "claims", "text"}:
        assert re.search(rf"^\|.*`{key}`", PAGE, re.MULTILINE), key


def test_every_option_is_described(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        cli.main(["confirm", "--help"])
    options = set(re.findall(r"--[a-z-]+", capsys.readouterr().out)) - {"--help"}
    assert options <= set(re.findall(r"--[a-z-]+", PAGE))
