"""What is reported."""

from __future__ import annotations

import enum
from dataclasses import dataclass


class Applicability(str, enum.Enum):
    """Who applies an edit: ``--fix`` what is safe, ``--unsafe-fixes`` what changes numbers too, a reader the rest."""

    SAFE = "safe"
    UNSAFE = "unsafe"
    DISPLAY = "display"


@dataclass(frozen=True, slots=True, order=True)
class Edit:
    """Text that takes the place of a stretch of a file, which is empty where something is only put in.

    Lines count from 1, columns from 0 and in characters.  ``path`` is another file of the project, "" for the finding's
    own.
    """

    line: int
    column: int
    end_line: int
    end_column: int
    text: str
    path: str = ""


@dataclass(frozen=True, slots=True, order=True)
class Fix:
    """What would mend a finding: edits that go together, which do not overlap and are in the order of the text.

    ``title`` says it as an imperative, in the program's own names; ``note`` what to know before it is applied.
    """

    title: str
    applicability: Applicability
    edits: tuple[Edit, ...]
    note: str = ""


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

    ``related``, ``facts``, ``read``, ``wanted``, ``help``, ``qualified``, ``expression``, ``drawing`` and ``fixes`` are
    those of a :class:`rnnlint.diagnostics.Diagnostic`.  ``raises``: it is what torch raises on, in every configuration.
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
    fixes: tuple[Fix, ...] = ()
    raises: bool = False
