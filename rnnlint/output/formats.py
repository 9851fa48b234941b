"""The names of the formats."""

from __future__ import annotations

import enum


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
