"""The rules on a model that runs: ``audit(model, *inputs)``."""

from __future__ import annotations

from rnnlint.runtime.audit.auditing import audit
from rnnlint.runtime.audit.report import Found, Report

__all__ = ["Found", "Report", "audit"]
