"""What of a cell is not Python but IPython's own, and Python in its place.

Lines stay: each line of a cell becomes one of the module, and ``shift`` says by how many columns its text stands
further left there.  What IPython understands is documented at
https://ipython.readthedocs.io/en/stable/interactive/python-ipython-diff.html; its own transformer is what the tests
compare with.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from textwrap import dedent

from rnnlint.frozen import dataclass
from rnnlint.notebooks.python import Fault, fault, is_expression, is_python


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a cell as it stands in the module: its column ``c`` there is column ``c + shift`` of the cell."""

    text: str
    shift: int = 0


# cell magics that run their cell as Python, among the names of the notebook (ruff reads the same, and those of separate
# processes besides); the last ones are of memory_profiler, snakeviz, ipytest and wandb
PYTHON_CELLS = frozenset(
    {"time", "timeit", "capture", "prun", "debug", "memit", "mprun", "snakeviz", "ipytest", "wandb"}
)

# line magics whose operand is a statement that is run among the names of the notebook
_STATEMENTS = re.compile(r"%(?:time|prun|memit)\b(?:[ \t]+-(?:[lrsTDt][ \t]*\w+|\w+))*[ \t]+(?=[^-\s])")
# the same of %timeit, which keeps the names it binds to itself: only what binds nothing is left
_TIMED = re.compile(r"%timeit\b(?:[ \t]+-(?:[nrp][ \t]*\d+|[a-z]+))*[ \t]+(?=[^-\s])")

_CELL_MAGIC = re.compile(r"%%(\S+)(?<!\?)(?:\s|$)")
_ESCAPED = re.compile(r"([ \t]*)[%!?,;/]")  # IPython's escapes; no line of Python begins with one of them
_MAGIC_VALUE = re.compile(
    r"=[ \t]*(?=%[ \t]*[A-Za-z_]|!)"
)  # of ``x = %time f()`` and ``files = !ls``, what goes before
_TOKEN = re.compile(
    r"""(?P<comment>\#[^\n]*)
    |(?P<string>\"{3}[^"\\]*(?:(?:\\.|"(?!""))[^"\\]*)*(?:\"{3}|\Z)
        |'{3}[^'\\]*(?:(?:\\.|'(?!''))[^'\\]*)*(?:'{3}|\Z)
        |"[^"\\\n]*(?:\\.[^"\\\n]*)*"?
        |'[^'\\\n]*(?:\\.[^'\\\n]*)*'?)
    |(?P<opening>[(\[{])|(?P<closing>[)\]}])
    |(?P<joined>\\\n)|(?P<end>\n)
    |(?P<blank>[ \t\f]+)
    |(?P<equal>=(?!=))(?<![=!<>+\-*/%&|^@:]=)
    |(?P<word>\w+|.)""",
    re.VERBOSE | re.DOTALL,
)
_PROMPT = re.compile(r"[ \t]*(?:>>>|\.\.\.)(?: |$)|(?:In \[\d+\]: |\s*\.{3,}: ?)")
_FIRST_PROMPT = re.compile(r">>>(?: |$)|In \[\d+\]: ")
# commands that people write bare, as IPython takes them where they are all of a cell ("automagic")
_BARE = re.compile(
    r"[ \t]*(?:pip3?|conda|mamba|uv|apt|apt-get|sudo|git|wget|curl|ls|cd|mkdir|cp|mv|rm|cat|unzip|tar|export|pwd|echo"
    r"|load_ext|reload_ext|matplotlib|pylab|run|time|timeit|env|config|who|whos|reset|history|python3?)\b"
    r"[ \t]+(?:[^=\s(\[.,:]|\.[./])"  # an operand, which makes it no Python in most cases (``ls -l`` is some)
)


def other_cell(lines: Sequence[str]) -> str:
    """The cell magic by which a cell is not the notebook's Python (``%%bash``), "" if it is."""
    for line in lines:
        magic = _CELL_MAGIC.match(line.lstrip())
        if magic and magic[1] not in PYTHON_CELLS:
            return magic[0].strip()
        # IPython takes none below a comment; Colab's titles are such comments, and what was meant is clear
        if not magic and line.strip() and not line.startswith("#"):
            return ""
    return ""


def python_rows(lines: Sequence[str]) -> tuple[list[Row], Fault | None]:
    """The lines of a cell with Python in the place of what is IPython's, one for each; and what is no Python yet."""
    rows = [Row(line) for line in lines]
    wrong = _fault(rows)
    if not wrong:  # as in most cells; what looks like a magic there is a modulo, or stands in a string
        return rows, None
    rows = _with_values(_without_prompts(_dedented(rows)))
    wrong = _fault(rows)
    if wrong:
        rows = _without_commands(rows)
        wrong = _fault(rows)
    return rows, wrong


def _fault(rows: Sequence[Row]) -> Fault | None:
    return fault("".join(row.text + "\n" for row in rows))


def _without_commands(rows: list[Row]) -> list[Row]:
    """Without shell commands and magics that stand there bare, where their line is no Python."""
    lines = _logical_lines([row.text for row in rows])
    bare = {number for number, line in lines if _BARE.match(line) and not is_python(line.strip() + "\n")}
    return [Row(_nothing(row.text)) if number in bare else row for number, row in enumerate(rows)]


def _dedented(rows: list[Row]) -> list[Row]:
    """Without the indentation that all lines have, which IPython takes off."""
    first = next((number for number, row in enumerate(rows) if row.text.strip()), None)
    if first is None or not rows[first].text[:1].isspace():
        return rows
    texts = dedent("\n".join(row.text for row in rows)).split("\n")
    margin = len(rows[first].text) - len(texts[first])
    return [Row(text, row.shift + margin if text else 0) for row, text in zip(rows, texts, strict=True)]


def _without_prompts(rows: list[Row]) -> list[Row]:
    """Without the prompts of a session that was pasted in."""
    first = next((row.text for row in rows if row.text.strip()), "")
    if not _FIRST_PROMPT.match(first):
        return rows
    return [_cut(row, found.end()) if (found := _PROMPT.match(row.text)) else row for row in rows]


def _cut(row: Row, count: int) -> Row:
    return Row(row.text[count:], row.shift + count)


def _with_values(rows: list[Row]) -> list[Row]:
    """With Python in the place of magics, commands and questions."""
    texts = [row.text for row in rows]
    done = list(rows)
    for special in _specials(texts):
        done[special.first : special.last + 1] = _in_place(rows[special.first : special.last + 1], special)
    return done


@dataclass(frozen=True, slots=True)
class _Special:
    """Lines that are IPython's, and the column from which on they are; of an assignment it is that of its value."""

    first: int
    last: int
    column: int
    assigned: bool = False


def _in_place(rows: Sequence[Row], special: _Special) -> list[Row]:
    """Python in the place of lines that are IPython's: the statement behind a ``%time``, or what does nothing."""
    (line, shift), following = (rows[0].text, rows[0].shift), rows[1:]
    before, magic = line[: special.column], line[special.column :]
    timed = _STATEMENTS.match(magic) or _TIMED.match(magic)
    statement = magic[timed.end() :] if timed else ""
    whole = "\n".join([statement, *(row.text for row in following)])
    gives = bool(statement) and is_expression(whole)
    if special.assigned and gives:
        return [Row(before + " " * (len(magic) - len(statement)) + statement, shift), *following]
    # names that %timeit binds are its own
    if not special.assigned and (gives or (statement and not _TIMED.match(magic) and is_python(whole + "\n"))):
        return [Row(before + statement, shift + len(magic) - len(statement)), *following]
    # nobody knows anything of what a magic or a command gives
    left = before + "get_ipython()" if special.assigned else _nothing(before)
    return [Row(left, shift if special.assigned else 0), *(Row("") for _ in following)]


def _nothing(line: str) -> str:
    """What does nothing, indented as the line: the block it stands in may hold nothing else."""
    indented = line[: len(line) - len(line.lstrip())]
    return indented + "pass" if indented else ""  # nothing at all may stand before ``from __future__ import``


def _specials(lines: Sequence[str]) -> Iterator[_Special]:
    """What is IPython's: at the beginning or the end of a logical line, or the value of an assignment."""
    text = "".join(line + "\n" for line in lines)
    at = number = 0
    while at < len(text):
        found: _Special | None = None
        escaped = _ESCAPED.match(text, at)
        if escaped:
            last = _last_continued(lines, number)
            found = _Special(number, last, len(escaped[1]))
        else:
            found, last = _logical_line(text, at, lines, number)
        if found:
            yield found
        at += sum(len(line) + 1 for line in lines[number : last + 1])
        number = last + 1


def _logical_line(text: str, start: int, lines: Sequence[str], number: int) -> tuple[_Special | None, int]:
    """What is IPython's in the logical line of Python that begins at ``start``, and the number of its last line."""
    depth, at, line_start, line = 0, start, start, number
    assigned = False
    asks = False
    while at < len(text):
        token = _TOKEN.match(text, at)
        assert token is not None  # "word" takes any character
        kind = token.lastgroup
        at = token.end()
        if kind == "end" and depth == 0:
            break
        if kind in ("opening", "closing"):
            depth = max(0, depth + (1 if kind == "opening" else -1))
        elif kind == "equal" and depth == 0 and not assigned:
            assigned = True
            value = _MAGIC_VALUE.match(text, token.start())
            if value:
                return _Special(line, last := _last_continued(lines, line), value.end() - line_start, True), last
        if kind in ("end", "joined", "string") and "\n" in token[0]:
            line += token[0].count("\n")
            line_start = text.rindex("\n", start, at) + 1
        if kind not in ("end", "joined", "blank", "comment"):
            asks = token[0] == "?" and depth == 0
    line = min(line, len(lines) - 1)
    if asks:  # ``f?`` and ``f??``: no Python ends so
        indented = len(lines[number]) - len(lines[number].lstrip())
        return _Special(number, line, indented), line
    return None, line


def _last_continued(lines: Sequence[str], number: int) -> int:
    """The last line of a command that is continued by backslashes."""
    while lines[number].endswith("\\") and number + 1 < len(lines):
        number += 1
    return number


def _logical_lines(lines: Sequence[str]) -> Iterator[tuple[int, str]]:
    """The number and the text of every line at which a logical line begins."""
    text = "".join(line + "\n" for line in lines)
    at = number = 0
    while number < len(lines):
        yield number, lines[number]
        # a bare command ends with its line, whatever quotes and brackets stand in it
        last = number if _BARE.match(lines[number]) else _logical_line(text, at, lines, number)[1]
        at += sum(len(line) + 1 for line in lines[number : last + 1])
        number = last + 1
