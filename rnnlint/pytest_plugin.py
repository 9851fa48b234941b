"""The pytest fixture ``rnn_audit`` and its marker.  torch is imported when a test asks for the fixture."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from rnnlint.runtime.auditing.names import Names
    from rnnlint.runtime.auditing.report import Report

_MARKER = "rnn_audit"


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers", f"{_MARKER}(allow=[...]): rules and concerns that every audit in the test waives, by code or name"
    )


@pytest.fixture
def rnn_audit(request: pytest.FixtureRequest) -> Callable[..., Report]:
    """``rnn_audit(model, *inputs, allow=[...], **kwargs)``: audit a model; the test fails with the report.

    Waived is what the call allows, what the test, its class and its module are marked with, and what pyproject.toml
    of the root folder allows under ``[tool.rnnlint.audit]``.
    """
    from rnnlint.runtime.auditing.audit import audited
    from rnnlint.runtime.auditing.names import Names
    from rnnlint.runtime.auditing.project import Project

    def check(model: object, *inputs: object, allow: object = (), **kwargs: object) -> Report:
        try:
            project = Project.around(request.config.rootpath)
            allowed = project.allowed | _marked(request.node) | Names.of(allow, "allow")  # type: ignore[arg-type]
        except ValueError as wrong:  # one line that says what is wrong with the call, the marker or the settings
            pytest.fail(f"rnn_audit: {wrong}", pytrace=False)
        report = audited(model, inputs, kwargs, allowed=allowed, selected=project.selected)
        if not report.ok:
            pytest.fail(str(report), pytrace=False)
        return report

    return check


def _marked(node: pytest.Item) -> Names:
    """What a test and what surrounds it are marked with.  Raises ValueError."""
    from rnnlint.runtime.auditing.names import Names

    found = Names()
    for mark in node.iter_markers(_MARKER):
        if mark.args or set(mark.kwargs) - {"allow"}:
            raise ValueError(f"the marker {_MARKER} takes allow=[...] and nothing else")
        found |= Names.of(mark.kwargs.get("allow", ()), f"the marker {_MARKER}")
    return found
