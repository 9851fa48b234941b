"""Every format says the same of the same findings, in whatever order they come, and imports no more than it needs."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnlint.diagnostics import Checked
from rnnlint.output.catalogue import Format, rendered
from tests.hosts.running import python
from tests.output.samples import CHECKED, checks

HEAVY = ("rnnlint.rules", "rnnlint.axes", "libcst", "shutil", "difflib", "importlib.metadata")


@pytest.mark.parametrize("form", Format)
def test_the_order_of_findings_is_that_of_places(form: Format) -> None:
    turned = dataclasses.replace(
        CHECKED, diagnostics=CHECKED.diagnostics[::-1], refused=tuple(reversed(CHECKED.refused))
    )
    assert rendered(form, turned) == rendered(form, CHECKED)


@given(checks, st.randoms(use_true_random=False), st.sampled_from(Format))
@settings(max_examples=50)
def test_the_order_in_which_they_come_is_not_seen(checked: Checked, random: Random, form: Format) -> None:
    diagnostics, refused = list(checked.diagnostics), list(checked.refused)
    random.shuffle(diagnostics)
    random.shuffle(refused)
    mixed = dataclasses.replace(checked, diagnostics=tuple(diagnostics), refused=tuple(refused))
    assert rendered(form, mixed) == rendered(form, checked)


@pytest.mark.parametrize("form", Format)
def test_a_text_ends_with_a_line(form: Format) -> None:
    assert rendered(form, CHECKED).endswith("\n")
    said = rendered(form, Checked())
    assert not said or said.endswith("\n")


def test_a_run_that_finds_nothing_imports_little(tmp_path: Path) -> None:
    script = (
        "import sys\n"
        "from rnnlint.diagnostics import Checked\n"
        "from rnnlint.output.catalogue import Format, rendered\n"
        "from rnnlint.output.destinations import destinations\n"
        "from rnnlint.output.styles import look_of\n"
        "from rnnlint.output.summary import summary\n"
        "checked = Checked(files=3)\n"
        "look = look_of(sys.stdout, {})\n"
        "for one in destinations(['json:x', 'junit:y', 'gitlab:z'], Format.FULL):\n"
        "    rendered(one.form, checked, look)\n"
        "summary(checked)\n"
        f"print([name for name in {HEAVY} if name in sys.modules])\n"
    )
    run = python("-c", script, cwd=tmp_path)
    assert (run.stdout, run.stderr) == ("[]\n", "")
