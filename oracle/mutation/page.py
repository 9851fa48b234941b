"""The sections of a page that show what the command prints.

A section stands between ``<!-- run: ARGUMENTS -->`` and ``<!-- end -->``.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Sequence

_SECTION = re.compile(r"(<!-- run: (?P<arguments>[^\n]*) -->\n).*?(<!-- end -->)", re.DOTALL)


def sections(page: str) -> dict[str, str]:
    """What stands in each section, by its arguments."""
    found = ((match["arguments"], match[0].partition("\n")[2].rpartition("\n")[0]) for match in _SECTION.finditer(page))
    return {arguments: text.strip() for arguments, text in found}


def rewritten(page: str, run: Callable[[Sequence[str]], str]) -> str:
    """The page with every section as ``run`` gives it for the section's arguments."""
    # the command of a section is run again, and what stood below it is replaced
    return _SECTION.sub(lambda match: f"{match[1]}\n{run(shlex.split(match['arguments']))}\n\n{match[3]}", page)
