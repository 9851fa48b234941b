"""What an editor offers where something was found: a comment that silences it, and its page."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from lsprotocol import types

from rnnlint.output.addresses import page_of
from rnnlint.server.documents import Document
from rnnlint.server.texts import Columns

OPEN_PAGE = "rnnlint.openPage"

Edit = Sequence[int | str]
"""First line and column, last line and column (lines from 1, columns from 0 in characters), and what comes there."""


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


def edit_of(document: Document, edits: Iterable[Edit], columns: Columns, versioned: bool) -> types.WorkspaceEdit:
    """Edits of a document, for the version of it that they were made for where the client understands that."""
    changes = [_edit(document, columns, *edit) for edit in edits]  # type: ignore[arg-type]
    if not versioned:
        return types.WorkspaceEdit(changes={document.uri: changes})
    identifier = types.OptionalVersionedTextDocumentIdentifier(uri=document.uri, version=document.version)
    return types.WorkspaceEdit(document_changes=[types.TextDocumentEdit(text_document=identifier, edits=[*changes])])


def _edit(
    document: Document, columns: Columns, line: int, column: int, end_line: int, end_column: int, new: str
) -> types.TextEdit:
    start, end = (
        types.Position(number - 1, columns.to_units(document.text.line(number - 1), at))
        for number, at in ((line, column), (end_line, end_column))
    )
    return types.TextEdit(range=types.Range(start, end), new_text=new)
