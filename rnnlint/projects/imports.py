"""What the imports of a file name, as far as that can be read off its text."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from rnnlint.frozen import dataclass

# a line that begins so may stand in a string: then a file is looked at that need not be
_FROM = re.compile(
    r"[ \t]*from[ \t]+([.\w]+)[ \t]+import[ \t]*(\([^)]*\)|(?:[^\n\\;#]|\\\r?\n)*)"
)  # the names in brackets, or to the end of the line
_IMPORT = re.compile(r"[ \t]*import[ \t]+((?:[^\n\\;#]|\\\r?\n)*)")
_COMMENT = re.compile(r"#[^\n]*")
_ALIAS = re.compile(r"([.\w]+)(?:\s+as\s+(\w+))?\Z")

STAR = "*"


@dataclass(frozen=True, slots=True)
class Import:
    """One name that is imported: ``name`` of ``module``, ``STAR`` for all of them, "" for the module itself.

    ``module`` keeps its leading dots.  ``bound`` is the name it gets; of ``import a.b`` that is ``a``, and ``module``
    is ``a.b``.  ``late``: it is imported when a function is called, or by type checkers alone.
    """

    module: str
    name: str
    bound: str
    late: bool = False


def imports_in(text: str) -> Iterator[Import]:
    """The imports of a text, and perhaps what only looks like one, without parsing it."""
    for found in _lines(_FROM, text):
        module, names = found.groups()
        for name, alias in _aliases(names.strip().removeprefix("(").removesuffix(")")):
            yield Import(module, name, alias or name)
    for found in _lines(_IMPORT, text):
        for name, alias in _aliases(found[1]):
            yield Import(name, "", alias or name.partition(".")[0])


def _lines(pattern: re.Pattern[str], text: str) -> Iterator[re.Match[str]]:
    """Where a line begins with a pattern that has ``import`` on that line.

    The word is looked for first, since to try a pattern at every line took a tenth of the time in which projects are
    planned.
    """
    end = 0
    place = text.find("import")
    while place >= 0:
        begin = text.rfind("\n", 0, place) + 1
        found = pattern.match(text, begin) if begin >= end else None
        if found is not None:
            yield found
            end = found.end()
        place = text.find("import", max(end, place + 1))


def _aliases(names: str) -> Iterator[tuple[str, str]]:
    for one in _COMMENT.sub("", names).replace("\\", " ").split(","):
        name = one.strip()
        found = _ALIAS.match(name)
        if found is not None:
            yield found[1], found[2] or ""
        elif name == STAR:
            yield STAR, ""


def imports_of(node: ast.stmt, late: bool = False) -> Iterator[Import]:
    """The imports of a statement, those inside of it as well."""
    if isinstance(node, ast.Import):
        for one in node.names:
            yield Import(one.name, "", one.asname or one.name.partition(".")[0], late)
    elif isinstance(node, ast.ImportFrom):
        module = "." * node.level + (node.module or "")
        for one in node.names:
            yield Import(module, one.name, one.asname or one.name, late)
    else:
        late = late or isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) or _for_types(node)
        for block in _BLOCKS:
            for inner in getattr(node, block, ()):
                yield from imports_of(inner, late)
        for handler in getattr(node, "handlers", getattr(node, "cases", ())):
            for inner in handler.body:
                yield from imports_of(inner, late)


_BLOCKS = ("body", "orelse", "finalbody")


def _for_types(node: ast.stmt) -> bool:
    """``if TYPE_CHECKING:``"""
    return isinstance(node, ast.If) and ast.unparse(node.test).rpartition(".")[2] == "TYPE_CHECKING"
