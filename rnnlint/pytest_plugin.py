"""The pytest fixture ``rnn_audit``.  torch is imported when a test asks for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from rnnlint.runtime.auditing.report import Report


@pytest.fixture
def rnn_audit() -> Callable[..., Report]:
    """``rnn_audit(model, *inputs, **kwargs)``: audit a model; the test fails with the report if anything is found."""
    from rnnlint.runtime import audit

    def check(model: object, *inputs: object, **kwargs: object) -> Report:
        report = audit(model, *inputs, **kwargs)
        if not report.ok:
            pytest.fail(str(report), pytrace=False)
        return report

    return check
