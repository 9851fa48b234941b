"""What is answered when the editor asks: hover, inlay hints, code actions, and the command that opens a page."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from lsprotocol import types
from pygls.exceptions import JsonRpcException

from rnnlint.output.addresses import page_of
from rnnlint.server import actions
from rnnlint.server.diagnostics import Translator
from rnnlint.server.documents import Document, File
from rnnlint.server.language_server import Server
from rnnlint.server.workers import Failed, Part

_LONGEST = 3.0
"""Seconds in which fixes have to have been tried: somebody waits for a menu.  What was tried is not tried again."""


def register(server: Server) -> None:
    """Everything in this module."""
    server.feature(types.TEXT_DOCUMENT_HOVER)(hover)
    server.feature(types.TEXT_DOCUMENT_INLAY_HINT)(inlay_hint)
    options = types.CodeActionOptions(code_action_kinds=[types.CodeActionKind.QuickFix, actions.FIX_ALL])
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
    if found is None:
        return None
    file, document, cell = found
    done: list[types.CodeAction] = []
    edition, every = ls.published.get(document.uri, (-1, []))
    if file.edition == edition and _wants(params.context.only, "quickfix"):
        first, last = params.range.start.line, params.range.end.line
        here = [one for one in every if one.data and one.range.start.line <= last and one.range.end.line >= first]
        done += await _mending(ls, file, document, cell, here)
        for one in here:
            done += await _beside(ls, file, document, cell, one)
    if _wants_all(ls, params.context, file):
        done += await _mending_all(ls, file)
    return done


async def _mending(
    ls: Server, file: File, document: Document, cell: int, every: Sequence[types.Diagnostic]
) -> list[types.CodeAction]:
    """The fixes of findings that hold, of those that could be tried in time."""
    some = [one for one in every if _data(one)["fixes"]]
    held: dict[int, list[Mapping[str, Any]]] = {}

    def part(said: tuple[int, list[Mapping[str, Any]]]) -> None:
        held[said[0]] = said[1]

    if some:
        findings = [_place(ls, document, one) for one in some]
        if not await _in_time(ls, file, "fixes", part, cell=cell, findings=findings):
            return []
    return [
        actions.mending(fix, some[number], edit)
        for number, fixes in sorted(held.items())
        for fix in fixes
        if (edit := _edit(ls, file, fix["edits"])) is not None
    ]


async def _mending_all(ls: Server, file: File) -> list[types.CodeAction]:
    """Every safe fix of a file, if that could be tried in time."""
    made: list[Any] = []
    if not await _in_time(ls, file, "fix_all", made.append):
        return []
    edit = _edit(ls, file, made[0]) if made and made[0] else None
    return [actions.mending_all(edit)] if edit is not None else []


async def _in_time(ls: Server, file: File, what: str, part: Part, **asked: Any) -> bool:
    """Ask for fixes, and take those that come in time; False where they are of another edition by now."""
    edition = file.edition
    try:
        await asyncio.wait_for(ls.asking.ask(what, part, path=file.path, **asked), _LONGEST)
    except asyncio.TimeoutError:
        pass  # what has not been tried is not offered
    except Failed as why:
        ls.failed(str(why))
    return _is_current(ls, file, edition)


async def _beside(
    ls: Server, file: File, document: Document, cell: int, one: types.Diagnostic
) -> list[types.CodeAction]:
    """What can be done about a finding whatever mends it."""
    code, name = str(_data(one)["code"]), str(_data(one)["name"])
    finding = {**_place(ls, document, one), "name": name}
    edits = await _ask(ls, file, "noqa", cell=cell, finding=finding)
    silence = _edit(ls, file, [(cell, edits)]) if edits else None
    page = actions.opening(code, name, one)
    return [
        *([actions.silencing(code, one, silence)] if silence is not None else []),
        *([page] if page is not None else []),
    ]


def _data(one: types.Diagnostic) -> Mapping[str, Any]:
    """What a worker has said of a finding."""
    data: Mapping[str, Any] = one.data or {}
    return data


def _place(ls: Server, document: Document, one: types.Diagnostic) -> dict[str, Any]:
    """Where a finding is, as workers count, and its code."""
    start = document.text.position(one.range.start.line, one.range.start.character, ls.columns)
    return {
        "code": _data(one)["code"],
        "line": start.line + 1,
        "column": start.column,
        "end_line": one.range.end.line + 1,
    }


def _edit(ls: Server, file: File, every: Iterable[tuple[int, list[actions.Edit]]]) -> types.WorkspaceEdit | None:
    """Edits by the cells of a file; None where one of these has no document."""
    of = [(file.document(cell), edits) for cell, edits in every]
    there = [(document, edits) for document, edits in of if document is not None]
    versioned = ls.can("workspace.workspace_edit.document_changes")
    return actions.edit_of(there, ls.columns, versioned) if len(there) == len(of) else None


def _wants(kinds: Sequence[types.CodeActionKind | str] | None, kind: str) -> bool:
    """Whether a kind is among those that are asked for: each stands for what begins with it."""
    wanted = [str(getattr(one, "value", one)) for one in kinds or ()]
    return not wanted or any(one in ("", kind) or kind.startswith(f"{one}.") for one in wanted)


def _wants_all(ls: Server, context: types.CodeActionContext, file: File) -> bool:
    """Whether every safe fix of a file is asked for: by its kind, else by somebody who looks what there is.

    What an editor asks for by itself, whenever the cursor moves, is only about the place.
    """
    if context.only:
        return _wants(context.only, actions.FIX_ALL)
    every = (one for _, document in file.every() for one in ls.published.get(document.uri, (-1, []))[1])
    safe = any(fix["applicability"] == "safe" for one in every if one.data for fix in _data(one)["fixes"])
    return safe and context.trigger_kind is not types.CodeActionTriggerKind.Automatic


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
    return said if _is_current(ls, file, edition) else None


def _is_current(ls: Server, file: File, edition: int) -> bool:
    return file.edition == edition and ls.documents.files.get(file.uri) is file


def _range(ls: Server, document: Document, span: list[int]) -> types.Range:
    place = dict(zip(("line", "column", "end_line", "end_column"), span, strict=True))
    source = [document.text.line(number - 1) for number in range(span[0], span[2] + 1)]
    return Translator(ls.columns, False, lambda _: None).range({**place, "source": source})
