"""``pytest -m confirm``: what every rule says about torch, confirmed on every device there is."""

from __future__ import annotations

import pytest

from rnnlint.rules import registry
from rnnlint.rules.rule import Rule
from rnnlint.runtime.confirm.devices import devices, dtypes, missing
from rnnlint.runtime.confirm.report import refutations
from rnnlint.runtime.confirm.suite import confirm

RULES = [rule for rule in registry().values() if rule.claims]
DEVICES = devices("auto")


@pytest.mark.confirm
@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_confirmed(rule: Rule, device: str) -> None:
    able = [dtype for dtype in dtypes(None, full=False) if not missing(device, dtype)]
    results = confirm([rule], device, able)
    assert "\n".join(refutations(results)) == ""
    for result in results:
        assert result.verdict == "confirmed"
        untried = [verdict.text for verdict in result.verdicts if not verdict.configurations]
        assert untried == [], "no configuration of the grid meets their 'where'"
