"""How deeply a file nests, read off its text: the parser behind libcst overflows the C stack on what is too deep.

Measured with libcst 1.9: 1,500 nested brackets, or an ``if`` with 10,000 ``elif``, end the process with a segmentation
fault, which no handler sees; time grows with the square of the brackets or of the links of one chain (``a + a + ...``,
``a.f().f()...``), and exponentially with the nesting of a ``case`` pattern.  So depth is looked at before parsing.
"""

from __future__ import annotations

import re

# Each is a fraction of what was measured above, because the size of the C stack is not ours to know; tests/safety has
# texts on either side.
MAX_BRACKETS = 100  # CPython's own tokenizer refuses more than 200
MAX_PATTERN = 8  # brackets inside a ``case`` pattern
MAX_BRANCHES = 2_000  # ``elif`` of one ``if``, and of those around it: each is nested in the one before
MAX_LINKS = 400  # operators, calls, subscripts and attributes of one operand run

_TOKEN = re.compile(
    r"""
      \#[^\r\n]*
    | (?P<string>(?P<formatted>[fFtT][rR]?|[rR][fFtT])?(?:
          \"{3}[^"\\]*(?:(?:\\.|"(?!""))[^"\\]*)*(?:\"{3}|\Z)
        | '{3}[^'\\]*(?:(?:\\.|'(?!''))[^'\\]*)*(?:'{3}|\Z)
        | "[^"\\\r\n]*(?:\\.[^"\\\r\n]*)*"?
        | '[^'\\\r\n]*(?:\\.[^'\\\r\n]*)*'?
      ))
    | (?P<open>[(\[{]) | (?P<close>[)\]}]) | (?P<comma>[,;])
    | \\(?:\r\n|.)
    | (?P<line>[\r\n](?:[ \t\f]*(?:\#[^\r\n]*)?[\r\n]+)*(?P<indent>[ \t\f]*)(?P<keyword>(?:case|elif|else)\b)?)
    | (?P<link>[+\-~] | [.*/%@&|^<>=!]+ | (?:if|elif|else|lambda|not|and|or|in|is|for|await)\b)
    | \w+[ ]* | [ ]+
    """,
    re.VERBOSE | re.DOTALL,
)


def too_deep(text: str) -> str | None:
    """Why the text must not be given to the parser, or None.  One pass, linear in the text."""
    runs = [0]  # links since the last comma, one counter a bracket that is open
    in_pattern = False
    branches: list[list[int]] = []  # of every ``if`` that is open: its indentation, and its ``elif`` so far
    for token in _TOKEN.finditer(text):
        kind = token.lastgroup
        if kind is None:  # a comment, or a name: matched as a whole, it costs one trial and not one a character
            continue
        if kind == "comma":
            runs[-1] = 0
        elif kind == "open":
            # a bracket is a link too: a call or a subscript of what stands before it
            runs[-1] += 1
            if runs[-1] > MAX_LINKS:
                return f"an expression of more than {MAX_LINKS} links"
            runs.append(0)
            if len(runs) - 1 > (MAX_PATTERN if in_pattern else MAX_BRACKETS):
                return f"brackets nested {len(runs) - 1} deep"
        elif kind == "close":
            # a bracket too many is libcst's to refuse, with a line
            if len(runs) > 1:
                runs.pop()
        elif kind == "line":
            # inside brackets a line goes on, and so does its expression
            if len(runs) == 1:
                runs[0] = 0
                in_pattern = token["keyword"] == "case"
                _follow(branches, len(token["indent"]), token["keyword"])
                if sum(count for _, count in branches) > MAX_BRANCHES:
                    return f"more than {MAX_BRANCHES:,} branches of an if"
        elif kind == "link":
            runs[-1] += 1
            if runs[-1] > MAX_LINKS:
                return f"an expression of more than {MAX_LINKS} links"
        # strings beside each other are one expression, whose links libcst nests; what looks like a bracket in one is
        # none
        elif kind == "string":
            runs[-1] += 1
            if runs[-1] > MAX_LINKS:
                return f"an expression of more than {MAX_LINKS} links"
            if token["formatted"]:
                # what stands in the braces of an f-string is parsed as well, and nests by itself; the letters and
                # quotes around are no part of it
                inner = too_deep(token.group().lstrip("fFrRtT").strip("\"'"))
                if inner:
                    return inner
    return None


def _follow(branches: list[list[int]], indent: int, keyword: str | None) -> None:
    """A line begins: the statements that stand further in, or where it stands, are over unless it goes on with one."""
    while branches and branches[-1][0] > indent:
        branches.pop()
    here = bool(branches) and branches[-1][0] == indent
    if keyword == "elif":
        if here:
            branches[-1][1] += 1
        else:
            branches.append([indent, 1])
    # else belongs to the same if, and its own statements stand further in: only another statement there ends it
    elif here and keyword != "else":
        branches.pop()
