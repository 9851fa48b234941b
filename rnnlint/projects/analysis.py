"""What is said of the files of a group."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from rnnlint.failures import Internal, said
from rnnlint.linter import collector_paused
from rnnlint.manner import USUAL, Manner
from rnnlint.projects.linking import linked
from rnnlint.projects.plan import Group
from rnnlint.report import INTERNAL, Report
from rnnlint.settings import Settings


def lint_group(
    group: Group,
    text: Callable[[str], str],
    names: Mapping[str, str],
    settings: Settings,
    manner: Manner | None = None,
) -> dict[str, Report]:
    """The reports of a group's files, by their names; of those that only help as well, if anything is said of them.

    ``names`` are what the files are called where one speaks of another, by their paths.  Never raises for anything that
    the files can hold.
    """
    from rnnlint.judge import judged_together

    analysed = [names[member.path] for member in group.members if not member.helps]
    try:
        with collector_paused():
            files = linked(group, text)
            parsed = {names[path]: one for path, one in files.parsed.items()}
            data = {names[path]: one for path, one in files.data.items()}
            found = judged_together(parsed, files.links, settings, data, manner or USUAL) if parsed else {}
    except Exception as error:  # a mistake of ours must not take the other files' findings away
        reason = Report(not_analysed=f"{INTERNAL}: {said(error)}", internal=(Internal.of("the analysis", error),))
        return dict.fromkeys(analysed, reason)
    refused = {names[path]: Report(not_analysed=one.reason) for path, one in files.refused.items()}
    found.update({name: report for name, report in refused.items() if name in analysed})
    return found
