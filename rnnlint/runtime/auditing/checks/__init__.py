"""Questions that the gradients of one run answer, and one that takes further runs.

``concerns`` asks the graph of a recorded run, ``differs_between_runs`` runs the model again in evaluation mode, and
``settle`` makes a model ready for being recorded.
"""

from __future__ import annotations

from rnnlint.runtime.auditing.checks.catalogue import CONCERNS
from rnnlint.runtime.auditing.checks.concern import Checked, Concern
from rnnlint.runtime.auditing.checks.evaluation import Evaluations, differs_between_runs
from rnnlint.runtime.auditing.checks.every import concerns
from rnnlint.runtime.auditing.checks.padding import Suspect, padded_further
from rnnlint.runtime.auditing.checks.samples import settle

__all__ = [
    "CONCERNS",
    "Checked",
    "Concern",
    "Evaluations",
    "Suspect",
    "concerns",
    "differs_between_runs",
    "padded_further",
    "settle",
]
