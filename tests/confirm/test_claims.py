"""``pytest -m confirm``: what every rule says about torch, confirmed on every device there is.

A run of all tests takes each claim to a sixth of the configurations, in the same dtypes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from rnnlint.rules import registry
from rnnlint.rules.rule import Rule
from rnnlint.runtime.confirm import prepared
from rnnlint.runtime.confirm.devices import devices, dtypes, missing
from rnnlint.runtime.confirm.report import refutations
from rnnlint.runtime.confirm.suite import QUICK, confirm

RULES = [rule for rule in registry().values() if rule.claims]
DEVICES = devices("auto")
PART = replace(QUICK, name="part", run=16, linted=4, differentiated=2)


@pytest.fixture(scope="module", autouse=True)
def _forgotten() -> Iterator[None]:
    """What is kept of each configuration for all claims is 200 MB, which no other test asks for."""
    yield
    prepared.prepared.cache_clear()
    prepared.labelled.cache_clear()


@pytest.mark.confirm
@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_confirmed(rule: Rule, device: str, pytestconfig: pytest.Config) -> None:
    able = [dtype for dtype in dtypes(None, full=False) if not missing(device, dtype)]
    asked_for = "confirm" in str(pytestconfig.option.markexpr)
    results = confirm([rule], device, able, scale=QUICK if asked_for else PART)
    assert "\n".join(refutations(results)) == ""
    for result in results:
        assert result.verdict == "confirmed"
        untried = [verdict.text for verdict in result.verdicts if not verdict.configurations]
        assert untried == [], "no configuration of the grid meets their 'where'"
