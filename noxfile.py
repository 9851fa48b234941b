"""The supported Pythons, without torch: ``nox``.  ``make test`` runs one Python with torch."""

from __future__ import annotations

import shutil
from pathlib import Path

import nox

PYTHONS = ["3.10", "3.11", "3.12", "3.13"]
FINDINGS = Path(".nox") / "findings"

nox.options.sessions = ["tests", "findings"]


@nox.session(python=PYTHONS)
def tests(session: nox.Session) -> None:
    """The tests of the hosts and of safety; those that ask torch are skipped."""
    session.install("--editable", ".", "pytest", "pytest-xdist", "hypothesis")
    session.run("pytest", "-q", "-n", "2", "tests/hosts", "tests/safety")


@nox.session(python=PYTHONS)
def findings(session: nox.Session) -> None:
    """Every Python finds the same in the fixtures."""
    session.install("--editable", ".")
    options = ["--isolated", "--select=RNN", "--exit-zero", "--rnnlint-all-configurations"]
    output = session.run("python", "-m", "flake8", *options, "fixtures", silent=True)
    if session.python == PYTHONS[0]:
        shutil.rmtree(FINDINGS, ignore_errors=True)
    FINDINGS.mkdir(parents=True, exist_ok=True)
    (FINDINGS / f"{session.python}.txt").write_text(str(output), encoding="utf-8")
    others = {path.name: path.read_text(encoding="utf-8") for path in FINDINGS.glob("*.txt")}
    different = [name for name, text in others.items() if text != output]
    if different:
        session.error(f"{session.python} differs from {different}: compare the files in {FINDINGS}")
    session.log(f"{len(str(output).splitlines())} lines, the same as {sorted(others)}")
