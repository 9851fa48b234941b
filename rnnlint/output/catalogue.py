"""The formats by their names, and the one place where findings are put in order."""

from __future__ import annotations

import dataclasses
import enum

from rnnlint.diagnostics import Checked
from rnnlint.output.styles import PLAIN, Look


class Format(enum.Enum):
    """A form of output; the value is its name on the command line."""

    FULL = "full"
    CONCISE = "concise"
    JSON = "json"
    JSON_LINES = "json-lines"
    GITHUB = "github"
    GITLAB = "gitlab"
    JUNIT = "junit"
    SARIF = "sarif"
    HTML = "html"


MEANT_FOR: dict[Format, str] = {
    Format.FULL: "the lines each finding is about, with marks under them and what to write",
    Format.CONCISE: "a line for each finding, as flake8 prints them",
    Format.JSON: "one array of objects",
    Format.JSON_LINES: "an object a line",
    Format.GITHUB: "commands of a GitHub workflow, which notes on a pull request are made of",
    Format.GITLAB: "a report of code quality for GitLab",
    Format.JUNIT: "XML, a test that failed for each finding",
    Format.SARIF: "SARIF 2.1.0, for code scanning and editors",
    Format.HTML: "one page with every finding drawn, to be read in a browser",
}
"""What each is for, in a few words, in the order of the help."""


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
