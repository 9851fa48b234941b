"""What is answered when the editor asks: hover, inlay hints, code actions, and the command that opens a page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lsprotocol import types
from pygls.exceptions import JsonRpcException

from rnnlint.output.addresses import page_of
from rnnlint.server import actions
from rnnlint.server.diagnostics import Translator
from rnnlint.server.documents import Document, File
from rnnlint.server.language_server import Server
from rnnlint.server.workers import Failed


def register(server: Server) -> None:
    """Everything in this module."""
    server.feature(types.TEXT_DOCUMENT_HOVER)(hover)
    server.feature(types.TEXT_DOCUMENT_INLAY_HINT)(inlay_hint)
    options = types.CodeActionOptions(code_action_kinds=[types.CodeActionKind.QuickFix])
    server.feature(types.TEXT_DOCUMENT_CODE_ACTION, options)(code_action)
    server.command(actions.OPEN_PAGE)(open_page)


async def hover(ls: Server, params: types.HoverParams) -> types.Hover | None:
    """What the expression under the mouse is."""
    found = _document(ls, params.text_document.uri)
    if found is None:
        return None
    file, document, cell = found
    place = document.text.position(params.position.line, params.position.character, ls.columns)
    said = await _ask(ls, file, "hover", cell=cell, line=place.line + 1, column=place.column)
    if said is None:
        return None
    formats = ls.client_capabilities.text_document and ls.client_capabilities.text_document.hover
    markdown = types.MarkupKind.Markdown in ((formats and formats.content_format) or [types.MarkupKind.Markdown])
    return types.Hover(contents=_markup(said, markdown), range=_range(ls, document, said["span"]))


def _markup(said: Mapping[str, Any], markdown: bool) -> types.MarkupContent:
    """Texts, and the picture below: as they stand, since they are full of what Markdown takes for its own."""
    blocks = ["\n".join(block) for block in (said["texts"], said["picture"]) if block]
    if not markdown:
        return types.MarkupContent(types.MarkupKind.PlainText, "\n\n".join(blocks))
    fence = "```" if "```" not in "".join(blocks) else "~~~~~~"
    return types.MarkupContent(
        types.MarkupKind.Markdown, "\n\n".join(f"{fence}text\n{block}\n{fence}" for block in blocks)
    )


async def inlay_hint(ls: Server, params: types.InlayHintParams) -> list[types.InlayHint] | None:
    """The axes of what recurrent calls return, where somebody has asked for hints."""
    found = _document(ls, params.text_document.uri)
    if found is None or not ls.inlay_hints:
        return None
    file, document, cell = found
    first, last = params.range.start.line + 1, params.range.end.line + 1
    every = await _ask(ls, file, "hints", cell=cell, first=first, last=last)
    return [
        types.InlayHint(
            position=types.Position(line - 1, ls.columns.to_units(document.text.line(line - 1), column)),
            label=f": {axes}",
            kind=types.InlayHintKind.Type,
            tooltip=text,
        )
        for line, column, axes, text in every or ()
    ]


async def code_action(ls: Server, params: types.CodeActionParams) -> list[types.CodeAction] | None:
    """What can be done about the findings of some lines: of this edition, as the server knows them."""
    found = _document(ls, params.text_document.uri)
    edition, every = ls.published.get(params.text_document.uri, (-1, []))
    if found is None or found[0].edition != edition or not _wants(params.context.only):
        return None
    file, document, cell = found
    first, last = params.range.start.line, params.range.end.line
    done: list[types.CodeAction] = []
    for one in every:
        if one.data is None or one.range.start.line > last or one.range.end.line < first:
            continue
        code, name = str(one.data["code"]), str(one.data["name"])
        lines = {"line": one.range.start.line + 1, "end_line": one.range.end.line + 1}
        edits = await _ask(ls, file, "noqa", cell=cell, finding={**lines, "code": code, "name": name})
        if edits and file.edition == edition:
            versioned = ls.can("workspace.workspace_edit.document_changes")
            done.append(actions.silencing(code, one, actions.edit_of(document, edits, ls.columns, versioned)))
        page = actions.opening(code, name, one)
        done += [page] if page is not None else []
    return done


def _wants(kinds: Sequence[types.CodeActionKind | str] | None) -> bool:
    """Whether quick fixes are among the kinds that are asked for: each stands for what begins with it."""
    wanted = [str(getattr(kind, "value", kind)) for kind in kinds or ()]
    return not wanted or any(kind in ("", "quickfix") for kind in wanted)


async def open_page(ls: Server, code: str, name: str) -> None:
    """Show the page of a rule, in a browser where the client can."""
    page = page_of(code, name)
    if page is None:
        return
    if ls.can("window.show_document.support"):
        try:
            shown = await ls.window_show_document_async(types.ShowDocumentParams(uri=page, external=True))
            if shown.success:
                return
        except JsonRpcException:
            pass  # then it is said
    ls.show(types.MessageType.Info, f"{code} ({name}): {page}")


# --- what they have in common ----------------------------------------------------------------------------------------


def _document(ls: Server, uri: str) -> tuple[File, Document, int] | None:
    """A document that is open, the file that it is or is a cell of, and the cell's number."""
    file = ls.documents.of(uri)
    cell = None if file is None else file.cell_of(uri)
    document = None if file is None else file.documents.get(uri)
    return None if file is None or document is None or cell is None else (file, document, cell)


async def _ask(ls: Server, file: File, what: str, **asked: Any) -> Any:
    """The answer about a file; None for one that has come too late, or for which something failed."""
    edition = file.edition
    try:
        said = await ls.asking.ask(what, path=file.path, **asked)
    except Failed as why:
        ls.failed(str(why))
        return None
    return said if file.edition == edition and ls.documents.files.get(file.uri) is file else None


def _range(ls: Server, document: Document, span: list[int]) -> types.Range:
    place = dict(zip(("line", "column", "end_line", "end_column"), span, strict=True))
    source = [document.text.line(number - 1) for number in range(span[0], span[2] + 1)]
    return Translator(ls.columns, False, lambda _: None).range({**place, "source": source})
