"""What is reported."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One finding.  Lines count from 1, columns from 0."""

    line: int
    column: int
    code: str
    name: str
    message: str
    end_line: int = 0
    end_column: int = 0
