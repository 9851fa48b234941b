"""``# noqa`` comments, as flake8 reads them: what is silenced there is silenced here."""

from __future__ import annotations

import linecache
import re
import tokenize
from functools import lru_cache

# flake8's own, which cannot be imported: the audit does without flake8.  A test compares the two.
_INLINE = re.compile(r"# noqa(?::[\s]?(?P<codes>([A-Z]+[0-9]+(?:[,\s]+)?)+))?", re.IGNORECASE)
_FILE = re.compile(r"\s*# flake8[:=]\s*noqa", re.IGNORECASE)


def silenced(file: str, line: int, code: str | None = None) -> bool:
    """Whether a line of a file is silenced for a code; without a code, whether it is for everything.

    A comment silences the whole statement it stands in, as with flake8.
    """
    lines = tuple(linecache.getlines(file))
    if any(map(_FILE.match, lines)):
        return True
    text = _statements(lines).get(line) or (lines[line - 1] if 0 < line <= len(lines) else "")
    found = _INLINE.search(text)
    if found is None:
        return False
    if found["codes"] is None:
        return True
    codes = tuple(one for one in re.split(r"[,\s]", found["codes"]) if one)
    # as flake8 does: RNN1 silences RNN102
    return code is not None and code.startswith(codes)


# 64 files, because a report asks of the few that its findings stand in, line by line
@lru_cache(maxsize=64)
def _statements(lines: tuple[str, ...]) -> dict[int, str]:
    """The text of the logical line that each line belongs to; nothing for what cannot be tokenized."""
    found: dict[int, str] = {}
    first, last = len(lines) + 2, -1
    try:
        for token in tokenize.generate_tokens(iter(lines).__next__):
            if token.type in (tokenize.ENDMARKER, tokenize.DEDENT):
                continue
            first, last = min(first, token.start[0]), max(last, token.end[0])
            if token.type in (tokenize.NL, tokenize.NEWLINE):
                found.update(dict.fromkeys(range(first, last + 1), "".join(lines[first - 1 : last])))
                first, last = len(lines) + 2, -1
    except (tokenize.TokenError, SyntaxError):
        return {}
    return found
