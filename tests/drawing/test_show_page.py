"""What docs/show.md shows is what happens: ``python -m tests.drawing.test_show_page`` writes it."""

from __future__ import annotations

import contextlib
import io
import re
import shlex

import pytest

from rnnlint.cli import main
from tests.hosts.running import ROOT

PATH = ROOT / "docs" / "show.md"
_TRANSCRIPT = re.compile(r"^```console\n\$ rnnlint (.*?)\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def printed(command: str) -> str:
    """What a command prints, errors as well."""
    out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
        main(shlex.split(command))
        out.flush()
    return out.buffer.getvalue().decode("utf-8")


def written(page: str) -> str:
    """The page with what its commands print."""
    return _TRANSCRIPT.sub(lambda found: f"```console\n$ rnnlint {found[1]}\n{printed(found[1])}```", page)


def test_the_transcripts(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("FORCE_COLOR", "CLICOLOR_FORCE"):
        monkeypatch.delenv(name, raising=False)
    page = PATH.read_text(encoding="utf-8")
    assert len(_TRANSCRIPT.findall(page)) >= 5
    assert written(page) == page


if __name__ == "__main__":
    PATH.write_text(written(PATH.read_text(encoding="utf-8")), encoding="utf-8")
