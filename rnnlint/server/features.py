"""What is done for each message that is no question: documents, notebooks, settings, files on disk."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

from lsprotocol import types
from pygls.exceptions import JsonRpcException
from pygls.uris import to_fs_path

from rnnlint.server.checks import AFTER_FILES, AFTER_TYPING
from rnnlint.server.documents import Cell, Document, File
from rnnlint.server.language_server import Server
from rnnlint.server.texts import Text

_WATCHED = ("**/*.{py,pyi,pyw,ipynb,toml,yaml,yml,json}",)  # modules, configurations, and data that they read
_SECTION = "rnnlint"


def register(server: Server) -> None:
    """Everything in this module."""
    for name, handler in _HANDLERS.items():
        server.feature(name)(handler)


# --- settings --------------------------------------------------------------------------------------------------------


def initialize(ls: Server, params: types.InitializeParams) -> None:
    """Take what the client says of itself."""
    folders = [one.uri for one in params.workspace_folders or ()] or [params.root_uri or ""]
    root = to_fs_path(folders[0]) or params.root_path
    if root and os.path.isdir(root):
        ls.documents.folder = os.path.normpath(root)
    _take(ls, params.initialization_options)


async def initialized(ls: Server, params: types.InitializedParams) -> None:
    """Ask for what the client has more of: settings, and to be told of files."""
    ls.checking.start()
    if ls.can("workspace.did_change_watched_files.dynamic_registration"):
        watchers = [types.FileSystemWatcher(glob_pattern=pattern) for pattern in _WATCHED]
        await _register(
            ls, types.WORKSPACE_DID_CHANGE_WATCHED_FILES, types.DidChangeWatchedFilesRegistrationOptions(watchers)
        )
    if ls.can("workspace.did_change_configuration.dynamic_registration"):
        await _register(ls, types.WORKSPACE_DID_CHANGE_CONFIGURATION, {"section": _SECTION})
    await _ask_for_settings(ls)


async def _register(ls: Server, method: str, options: object) -> None:
    registration = types.Registration(id=f"rnnlint {method}", method=method, register_options=options)
    try:
        await ls.client_register_capability_async(types.RegistrationParams([registration]))
    except JsonRpcException:
        return  # it has refused what it offered: then it is looked at the disk when files are opened and saved


async def _ask_for_settings(ls: Server) -> None:
    if not ls.can("workspace.configuration"):
        return
    try:
        item = types.ConfigurationItem(section=_SECTION)
        found = await ls.workspace_configuration_async(types.ConfigurationParams([item]))
    except JsonRpcException:
        return
    _take(ls, found[0] if found else None)


async def did_change_configuration(ls: Server, params: types.DidChangeConfigurationParams) -> None:
    """Settings of the editor have changed; some clients say to what, others want to be asked."""
    if isinstance(params.settings, Mapping) and params.settings:
        _take(ls, params.settings)
    else:
        await _ask_for_settings(ls)


def _take(ls: Server, given: Any) -> None:
    """``{"inlayHints": true}``, by itself or under the server's name; anything else is left alone."""
    settings = given.get(_SECTION, given) if isinstance(given, Mapping) else None
    wanted = settings.get("inlayHints") if isinstance(settings, Mapping) else None
    if isinstance(wanted, bool) and wanted != ls.inlay_hints:
        ls.inlay_hints = wanted
        if ls.can("workspace.inlay_hint.refresh_support"):
            ls.protocol.send_request(types.WORKSPACE_INLAY_HINT_REFRESH)


# --- documents -------------------------------------------------------------------------------------------------------


def did_open(ls: Server, params: types.DidOpenTextDocumentParams) -> None:
    """A document is open."""
    one = params.text_document
    before = ls.documents.of(one.uri)
    if before is not None and before.cells is not None:
        return  # a cell, which comes with its notebook
    file = ls.documents.open(one.uri, one.text, one.version, str(one.language_id))
    if file is not None:
        ls.checking.refresh()  # what has happened to the files on disk while nobody was told
        ls.asking.refresh()
        ls.changed(file)


def did_change(ls: Server, params: types.DidChangeTextDocumentParams) -> None:
    """A document has changed."""
    file = ls.documents.of(params.text_document.uri)
    document = None if file is None else file.documents.get(params.text_document.uri)
    if file is None or document is None:
        return  # it was never opened, so nobody knows what has changed
    _apply(ls, file, document, params.content_changes, params.text_document.version)
    ls.changed(file, AFTER_TYPING)


def did_close(ls: Server, params: types.DidCloseTextDocumentParams) -> None:
    """A document is closed."""
    file = ls.documents.of(params.text_document.uri)
    if file is not None and file.cells is None:
        ls.documents.close(file.uri)
        ls.closed(file)


def did_save(ls: Server, params: types.DidSaveTextDocumentParams | types.DidSaveNotebookDocumentParams) -> None:
    """A file is written: what others import has changed, and perhaps what was read before."""
    ls.refresh()


def did_change_watched_files(ls: Server, params: types.DidChangeWatchedFilesParams) -> None:
    """Files on disk have changed."""
    ls.refresh(AFTER_FILES)


def did_change_folders(ls: Server, params: types.DidChangeWorkspaceFoldersParams) -> None:
    """Folders of the workspace: projects are found by their files, so that no more is to be done than to look."""
    ls.refresh(AFTER_FILES)


def _apply(
    ls: Server,
    file: File,
    document: Document,
    changes: Sequence[types.TextDocumentContentChangeEvent],
    version: int | None,
) -> None:
    columns = ls.columns
    for change in changes:
        if isinstance(change, types.TextDocumentContentChangePartial):
            start, end = change.range.start, change.range.end
            stretch = (start.line, start.character), (end.line, end.character)
            document.text = document.text.changed(*stretch, change.text, columns)
        else:
            document.text = Text(change.text)
    document.version = version
    file.edition += 1


# --- notebooks -------------------------------------------------------------------------------------------------------


def notebook_did_open(ls: Server, params: types.DidOpenNotebookDocumentParams) -> None:
    """A notebook is open."""
    one = params.notebook_document
    documents = [_document(each) for each in params.cell_text_documents]
    file = ls.documents.open_notebook(one.uri, [_cell(each) for each in one.cells], documents)
    ls.checking.refresh()
    ls.asking.refresh()
    ls.changed(file)


def notebook_did_change(ls: Server, params: types.DidChangeNotebookDocumentParams) -> None:
    """Cells have come, gone, moved, changed their kind, or their text."""
    file = ls.documents.files.get(params.notebook_document.uri)
    cells = params.change.cells
    if file is None or file.cells is None or cells is None:
        return
    gone: list[str] = []
    if cells.structure is not None:
        array = cells.structure.array
        file.cells[array.start : array.start + array.delete_count] = [_cell(each) for each in array.cells or ()]
        for closed in cells.structure.did_close or ():
            ls.documents.remove_cell(file, closed.uri)
            gone.append(closed.uri)
        for opened in cells.structure.did_open or ():
            ls.documents.add_cell(file, _document(opened))
    kinds = {one.document: one.kind is types.NotebookCellKind.Code for one in cells.data or ()}
    file.cells[:] = [Cell(one.uri, kinds.get(one.uri, one.code)) for one in file.cells]
    for text in cells.text_content or ():
        document = file.documents.get(text.document.uri)
        if document is not None:
            _apply(ls, file, document, text.changes, text.document.version)
    file.edition += 1
    for uri in gone:
        if ls.published.pop(uri, None) is not None:
            ls.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri=uri, diagnostics=[]))
    ls.changed(file, AFTER_TYPING)


def notebook_did_close(ls: Server, params: types.DidCloseNotebookDocumentParams) -> None:
    """A notebook is closed."""
    file = ls.documents.close(params.notebook_document.uri)
    if file is not None:
        ls.closed(file)


def _cell(cell: types.NotebookCell) -> Cell:
    return Cell(cell.document, cell.kind is types.NotebookCellKind.Code)


def _document(one: types.TextDocumentItem) -> Document:
    return Document(one.uri, Text(one.text), one.version, str(one.language_id))


def leave(ls: Server, *_: object) -> None:
    """The end."""
    ls.end()


_HANDLERS: Mapping[str, Any] = {
    types.INITIALIZE: initialize,
    types.INITIALIZED: initialized,
    types.WORKSPACE_DID_CHANGE_CONFIGURATION: did_change_configuration,
    types.WORKSPACE_DID_CHANGE_WATCHED_FILES: did_change_watched_files,
    types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS: did_change_folders,
    types.TEXT_DOCUMENT_DID_OPEN: did_open,
    types.TEXT_DOCUMENT_DID_CHANGE: did_change,
    types.TEXT_DOCUMENT_DID_CLOSE: did_close,
    types.TEXT_DOCUMENT_DID_SAVE: did_save,
    types.NOTEBOOK_DOCUMENT_DID_OPEN: notebook_did_open,
    types.NOTEBOOK_DOCUMENT_DID_CHANGE: notebook_did_change,
    types.NOTEBOOK_DOCUMENT_DID_CLOSE: notebook_did_close,
    types.NOTEBOOK_DOCUMENT_DID_SAVE: did_save,
    types.SHUTDOWN: leave,
}
