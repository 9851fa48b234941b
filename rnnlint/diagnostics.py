"""What a run over files has found, as data: what every form of output is made of.

A finding (:mod:`rnnlint.findings`) knows the file it is in by its lines alone; a diagnostic knows which file that is,
which cell of it if it is a notebook, and what stands there.
"""

from __future__ import annotations

from rnnlint.findings import Applicability
from rnnlint.frozen import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A stretch of a file.  Lines count from 1, columns from 0 and in characters; the end is past the last character.

    ``path`` is written with slashes, relative to the folder the run was started in where it lies below that.  Of a
    notebook, ``cell`` counts its cells of every kind from 1, and lines count within the cell; 0 in any other file.
    ``source`` are the lines it stands on, without their ends, the first being ``line``; it tells no two places apart.
    ``file_line`` is the line of a notebook's own text, which is JSON, where ``line`` of the cell is written; 0 in any
    other file, and where it is not known.
    """

    path: str
    cell: int
    line: int
    column: int
    end_line: int
    end_column: int
    source: tuple[str, ...] = ()
    file_line: int = 0


@dataclass(frozen=True, slots=True, order=True)
class Related:
    """Another place that a finding rests on, and what it says: ``two directions: bidirectional=True``."""

    place: Place
    message: str


@dataclass(frozen=True, slots=True, order=True)
class Edit:
    """Text that takes the place of what stands at a place, which is empty where something is only put in."""

    place: Place
    text: str


@dataclass(frozen=True, slots=True, order=True)
class Fix:
    """What would mend a finding, as in :class:`rnnlint.findings.Fix`, with files for its edits."""

    title: str
    applicability: Applicability
    edits: tuple[Edit, ...]
    note: str = ""


@dataclass(frozen=True, slots=True, order=True)
class Diagnostic:
    """One finding, in a file.

    ``message`` is the line that flake8 prints, without the code.  ``read`` says what arrives (``the last layer's
    forward states after step T-1``), ``wanted`` what is wanted there, ``help`` what to write, in the program's own
    names; each is empty where nothing can be said.  ``facts`` are what it depends on, as pairs of a name and a value
    (``("bidirectional", "True")``).  ``qualified`` names the function or class around (``Tagger.forward``, empty at
    the top level), ``expression`` is the expression as ``ast.unparse`` writes it: with these a finding is known again
    after the lines above it have changed (``key``, of which several findings may have the same).  ``drawing`` is what
    arrives and what is wanted as pictures, in JSON (:mod:`rnnlint.drawing.carried`); "" where nothing is drawn.
    ``fixes`` would mend it; of several none is certain to be what was meant, and each is for display.
    """

    place: Place
    code: str
    name: str
    message: str
    help: str = ""
    read: str = ""
    wanted: str = ""
    facts: tuple[tuple[str, str], ...] = ()
    related: tuple[Related, ...] = ()
    qualified: str = ""
    expression: str = ""
    key: str = ""
    drawing: str = ""
    fixes: tuple[Fix, ...] = ()


@dataclass(frozen=True, slots=True, order=True)
class Refused:
    """A file (or another thing that was asked for) of which nothing can be said, and why, in one line."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class Checked:
    """What a run has to say: findings by place, what could not be read, and how many files were looked at."""

    diagnostics: tuple[Diagnostic, ...] = ()
    refused: tuple[Refused, ...] = ()
    files: int = 0
