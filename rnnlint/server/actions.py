"""What an editor offers where something was found: what mends it, a comment that silences it, and its page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from lsprotocol import types

from rnnlint.output.addresses import page_of
from rnnlint.server.documents import Document
from rnnlint.server.texts import Columns

OPEN_PAGE = "rnnlint.openPage"
FIX_ALL = "source.fixAll.rnnlint"
"""The kind of what makes every safe fix of a file; editors ask for it by what it begins with, on saving."""
_NUMBERS = {2: "two", 3: "three", 4: "four"}

Edit = Sequence[int | str]
"""First line and column, last line and column (lines from 1, columns from 0 in characters), and what comes there."""


def mending(one: Mapping[str, Any], diagnostic: types.Diagnostic, edit: types.WorkspaceEdit) -> types.CodeAction:
    """A fix that holds, as a worker says it."""
    title = f"{one['title'][:1].upper()}{one['title'][1:]}"
    if one["beside"]:
        title += f", with {one['beside']} more like it"
    if one["applicability"] == "unsafe":
        title += " (changes numbers)"
    elif one["applicability"] == "display":
        every = _NUMBERS.get(one["of"], str(one["of"]))
        title += f" (one of {every})" if one["of"] > 1 else " (if that is meant)"
    return types.CodeAction(
        title=title,
        kind=types.CodeActionKind.QuickFix,
        diagnostics=[diagnostic],
        # an editor may make it without anybody having read it
        is_preferred=True if one["applicability"] == "safe" and one["of"] == 1 else None,
        edit=edit,
    )


def mending_all(edit: types.WorkspaceEdit) -> types.CodeAction:
    """Every safe fix of a file."""
    return types.CodeAction(title="Make all safe fixes of rnnlint", kind=FIX_ALL, edit=edit)


def silencing(code: str, diagnostic: types.Diagnostic, edit: types.WorkspaceEdit) -> types.CodeAction:
    """``# noqa`` on the line."""
    return types.CodeAction(
        title=f"Silence {code} here (# noqa)",
        kind=types.CodeActionKind.QuickFix,
        diagnostics=[diagnostic],
        edit=edit,
    )


def opening(code: str, name: str, diagnostic: types.Diagnostic) -> types.CodeAction | None:
    """The page of a rule; None where nobody knows where it is."""
    if page_of(code, name) is None:
        return None
    title = f"Open the page of {code} ({name})"
    return types.CodeAction(
        title=title,
        kind=types.CodeActionKind.QuickFix,
        diagnostics=[diagnostic],
        command=types.Command(title=title, command=OPEN_PAGE, arguments=[code, name]),
    )


def edit_of(every: Iterable[tuple[Document, Iterable[Edit]]], columns: Columns, versioned: bool) -> types.WorkspaceEdit:
    """Edits of documents, for the versions of them that they were made for where the client understands that."""
    changes = [
        (document, [_edit(document, columns, *edit) for edit in edits])  # type: ignore[arg-type]
        for document, edits in every
    ]
    if not versioned:
        return types.WorkspaceEdit(changes={document.uri: edits for document, edits in changes})
    return types.WorkspaceEdit(
        document_changes=[
            types.TextDocumentEdit(
                text_document=types.OptionalVersionedTextDocumentIdentifier(document.uri, document.version),
                edits=[*edits],
            )
            for document, edits in changes
        ]
    )


def _edit(
    document: Document, columns: Columns, line: int, column: int, end_line: int, end_column: int, new: str
) -> types.TextEdit:
    start, end = (
        types.Position(number - 1, columns.to_units(document.text.line(number - 1), at))
        for number, at in ((line, column), (end_line, end_column))
    )
    return types.TextEdit(range=types.Range(start, end), new_text=new.replace("\n", document.text.line_end))
