"""The server: what it keeps between messages, and what it says by itself."""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import Mapping
from typing import Any, BinaryIO

from lsprotocol import types
from pygls.capabilities import get_capability
from pygls.exceptions import JsonRpcException
from pygls.io_ import StdinAsyncReader, StdoutWriter, run_async
from pygls.lsp.server import LanguageServer

from rnnlint.output.addresses import version
from rnnlint.server.checks import Checks
from rnnlint.server.diagnostics import Translator
from rnnlint.server.documents import Documents, File
from rnnlint.server.protocol import Protocol
from rnnlint.server.texts import Columns
from rnnlint.server.workers import Worker

_NOTEBOOKS = types.NotebookDocumentSyncOptions(
    notebook_selector=[
        types.NotebookDocumentFilterWithNotebook(
            notebook=types.NotebookDocumentFilterNotebookType(notebook_type="jupyter-notebook"),
            cells=[types.NotebookCellLanguage(language="python")],
        )
    ],
    save=True,
)


class Server(LanguageServer):
    """Two workers: one checks, and is broken off by the next key; the other answers what is asked in between."""

    protocol: Protocol

    def __init__(self) -> None:
        super().__init__("rnnlint", version(), notebook_document_sync=_NOTEBOOKS, protocol_cls=Protocol)
        self.documents = Documents()
        self.checking, self.asking = Worker(), Worker()
        self.checks = Checks(self.checking, self.documents, self._publish, self.failed)
        self.inlay_hints = False
        self.published: dict[str, tuple[int, list[types.Diagnostic]]] = {}  # by documents, of which edition of the file
        self._complaints: dict[str, list[str]] = {}  # of configurations, by the files that they are for
        self._failures: set[str] = set()

    def serve(self, messages: BinaryIO, answers: BinaryIO) -> None:
        """Until the client says exit, or is gone."""
        self._stop_event = threading.Event()
        self.protocol.set_writer(StdoutWriter(answers))
        asyncio.run(self._serve(StdinAsyncReader(messages, self.thread_pool)))

    async def _serve(self, reader: StdinAsyncReader) -> None:
        assert self._stop_event is not None
        try:
            await run_async(self._stop_event, reader, self.protocol, error_handler=self.report_server_error)
        finally:
            self.end()
            # whose pipes belong to this loop
            await asyncio.gather(self.checking.ended(), self.asking.ended())

    def shutdown(self) -> None:
        """Read no more."""
        if self._stop_event is not None:
            self._stop_event.set()

    # --- what the client can do --------------------------------------------------------------------------------------

    def can(self, capability: str) -> bool:
        """Whether the client has a capability, by its path."""
        return bool(get_capability(self.client_capabilities, capability, False))

    @property
    def columns(self) -> Columns:
        """Columns as the client counts them."""
        encoding = self.workspace.position_encoding
        return Columns(str(getattr(encoding, "value", encoding)))

    @property
    def translator(self) -> Translator:
        """What workers say, in the client's words."""
        related = self.can("text_document.publish_diagnostics.related_information")
        return Translator(self.columns, related, self.documents.at)

    # --- documents ---------------------------------------------------------------------------------------------------

    def changed(self, file: File, delay: float = 0.0) -> None:
        """A file has another text."""
        for worker in (self.checking, self.asking):
            worker.open(file.path, file.source, alone=file.alone)
        self.checks.soon(file.path, delay)

    def closed(self, file: File) -> None:
        """A file is open no more: nothing is said of it, and another one may read it from the disk."""
        for _, document in file.every():
            self._say(document.uri, None, [])
            self.published.pop(document.uri, None)
        self._complaints.pop(file.path, None)
        beside = self.documents.at(file.path)  # the same file by another address
        for worker in (self.checking, self.asking):
            worker.close(file.path)
            if beside is not None:
                worker.open(beside.path, beside.source, alone=beside.alone)
        self.checks.soon(None)

    def refresh(self, delay: float = 0.0) -> None:
        """Files on disk may have changed."""
        self.checking.refresh()
        self.asking.refresh()
        self.checks.soon(None, delay)

    def end(self) -> None:
        """Nothing more is analysed."""
        self.checks.stop()
        self.checking.end()
        self.asking.end()

    # --- what is said ------------------------------------------------------------------------------------------------

    def _publish(self, file: File, said: Mapping[str, Any]) -> None:
        self.asking.start()  # by now it takes no processor from what was waited for, and the first question not long
        known = {one for complaints in self._complaints.values() for one in complaints}
        self._complaints[file.path] = said["complaints"]  # none, where it is right by now: what is wrong next is said
        for complaint in said["complaints"]:
            if complaint not in known:
                self.show(types.MessageType.Error, f"rnnlint: {complaint}")
        for uri, every in self.translator.of_file(file, said).items():
            document = file.documents[uri]
            before = self.published.get(uri)
            self.published[uri] = file.edition, every
            if before is None or before[1] != every or before[0] != file.edition:
                self._say(uri, document.version, every)

    def _say(self, uri: str, version: int | None, every: list[types.Diagnostic]) -> None:
        supported = self.can("text_document.publish_diagnostics.version_support")
        self.text_document_publish_diagnostics(
            types.PublishDiagnosticsParams(uri=uri, version=version if supported else None, diagnostics=every)
        )

    def failed(self, why: str) -> None:
        """A mistake of ours, once."""
        if why not in self._failures:
            self._failures.add(why)
            self.window_log_message(types.LogMessageParams(types.MessageType.Error, f"rnnlint failed: {why}"))

    def show(self, kind: types.MessageType, message: str) -> None:
        """A message for whoever looks at the editor."""
        self.window_show_message(types.ShowMessageParams(kind, message))

    def report_server_error(self, error: Exception, source: type[Exception]) -> None:
        """What goes wrong with messages: those that cannot be read are refused, all else is a line of the log."""
        if isinstance(error, (ValueError, RecursionError)) and source is JsonRpcException:
            self.protocol.refuse(types.ErrorCodes.ParseError, "this is no JSON")
            return
        said = next(iter(str(error).splitlines()), "")
        print(f"rnnlint server: {type(error).__name__}: {said}", file=sys.stderr, flush=True)
