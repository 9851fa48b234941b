"""The formats by their names, and the one place where findings are put in order."""

from __future__ import annotations

import dataclasses

from rnnlint.diagnostics import Checked
from rnnlint.output.formats import MEANT_FOR, Format
from rnnlint.output.styles import PLAIN, Look

__all__ = ["MEANT_FOR", "Format", "ordered", "rendered"]


def rendered(form: Format, checked: Checked, look: Look = PLAIN) -> str:
    """What a run has found, in one format; it ends with the end of a line, unless there is nothing to say.

    Findings are ordered here and nowhere else: by file, place and code.  ``look`` is asked by what people read.
    """
    # imported when asked for: a run prints in one format, and starts for every file that is saved
    checked = ordered(checked)
    match form:
        case Format.FULL:
            from rnnlint.output import full

            return full.text(checked, look)
        case Format.CONCISE:
            from rnnlint.output import concise

            return concise.text(checked, look)
        case Format.JSON:
            from rnnlint.output import as_json

            return as_json.array(checked)
        case Format.JSON_LINES:
            from rnnlint.output import as_json

            return as_json.lines(checked)
        case Format.GITHUB:
            from rnnlint.output import github

            return github.text(checked)
        case Format.GITLAB:
            from rnnlint.output import gitlab

            return gitlab.text(checked)
        case Format.JUNIT:
            from rnnlint.output import junit

            return junit.text(checked)
        case Format.SARIF:
            from rnnlint.output import sarif

            return sarif.text(checked)
        case Format.HTML:
            from rnnlint.output import html

            return html.of_run(checked)


def ordered(checked: Checked) -> Checked:
    """The same, findings and refusals in the order of files, cells, lines, columns and codes."""
    return dataclasses.replace(
        checked, diagnostics=tuple(sorted(checked.diagnostics)), refused=tuple(sorted(checked.refused))
    )
