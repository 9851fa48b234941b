"""What is reported."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Related:
    """Another place that a finding rests on, and what it says there: ``two directions: bidirectional=True``.

    ``path`` is another file of the project, "" for the finding's own.
    """

    line: int
    column: int
    end_line: int
    end_column: int
    message: str
    path: str = ""


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One finding.  Lines count from 1, columns from 0.

    ``related``, ``facts``, ``read``, ``wanted``, ``help``, ``qualified``, ``expression`` and ``drawing`` are those of a
    :class:`rnnlint.diagnostics.Diagnostic`.
    """

    line: int
    column: int
    code: str
    name: str
    message: str
    end_line: int = 0
    end_column: int = 0
    related: tuple[Related, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()
    read: str = ""
    wanted: str = ""
    help: str = ""
    qualified: str = ""
    expression: str = ""
    drawing: str = ""
