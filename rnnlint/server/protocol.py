"""The order of messages: what comes too early, too late or broken is answered as the protocol wants, and costs nothing.

https://microsoft.github.io/language-server-protocol/specifications/lsp/3.17/specification/#lifeCycleMessages
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Generator
from typing import Any

from lsprotocol import types
from pygls.exceptions import JsonRpcException
from pygls.protocol import LanguageServerProtocol
from pygls.protocol.language_server import lsp_method

_OWN_DOCUMENTS = (
    types.TEXT_DOCUMENT_DID_OPEN,
    types.TEXT_DOCUMENT_DID_CHANGE,
    types.TEXT_DOCUMENT_DID_CLOSE,
    types.NOTEBOOK_DOCUMENT_DID_OPEN,
    types.NOTEBOOK_DOCUMENT_DID_CHANGE,
    types.NOTEBOOK_DOCUMENT_DID_CLOSE,
)


class Protocol(LanguageServerProtocol):
    """pygls's, in order, and without its documents, which end lines at more characters than the protocol does."""

    def __init__(self, *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, **more)
        self._asked_to_begin = False
        for name in _OWN_DOCUMENTS:
            del self.fm.builtin_features[name]

    @property
    def was_shut_down(self) -> bool:
        """Whether the client has said that it is about to end this."""
        return self._shutdown

    @lsp_method(types.SHUTDOWN)
    def lsp_shutdown(self, *_: Any) -> Generator[Any, Any, None]:
        """Cancel what is not answered yet; pygls's own goes through a dict that this changes."""
        if (handler := self.fm.features.get(types.SHUTDOWN)) is not None:
            yield handler, (None,), None
        for number, future in list(self._request_futures.items()):
            if number != self.msg_id:
                future.cancel()
        self._shutdown = True

    @lsp_method(types.EXIT)
    def lsp_exit(self, *_: Any) -> Generator[Any, Any, None]:
        """Stop reading; pygls's own ends the interpreter in the midst of its loop, and loses the exit status."""
        self._server.shutdown()  # type: ignore[no-untyped-call]
        yield from ()  # pygls wants a generator

    def structure_message(self, data: dict[str, Any]) -> Any:
        """A message from JSON; None for one that is none, which has been answered then."""
        try:
            return super().structure_message(data)
        except JsonRpcException as error:
            if "method" in data and isinstance(data.get("id"), (int, str)):
                self._send_response(data["id"], error=error.to_response_error())
            return None

    def handle_message(self, message: Any) -> None:
        """A message in its order; others are refused, and what cannot be answered is left alone."""
        if message is None:
            return
        if not hasattr(message, "jsonrpc"):
            self.refuse(types.ErrorCodes.InvalidRequest, "this is no message of JSON-RPC 2.0")
            return
        method, number = getattr(message, "method", None), getattr(message, "id", None)
        if method is None or method == types.EXIT:
            super().handle_message(message)
            return
        refused: tuple[int, str] | None = None
        if self._shutdown:
            refused = types.ErrorCodes.InvalidRequest, "the server was shut down"
        elif method == types.INITIALIZE and self._asked_to_begin:
            refused = types.ErrorCodes.InvalidRequest, "the server is initialized already"
        elif method != types.INITIALIZE and not self._asked_to_begin:
            refused = types.ErrorCodes.ServerNotInitialized, "the server is not initialized"
        if refused is None:
            self._asked_to_begin = True
            super().handle_message(message)
        elif number is not None:
            self._send_response(number, error=types.ResponseError(*refused))

    def refuse(self, code: int, message: str) -> None:
        """Say of what has come that it is no message; nobody knows which request it was to be."""
        self._send_data({"jsonrpc": self.VERSION, "id": None, "error": {"code": int(code), "message": message}})


class OneLine(logging.Handler):
    """What goes wrong, in one line on standard error, where editors keep what servers say."""

    def emit(self, record: logging.LogRecord) -> None:
        """A line, and the exception's own where there is one."""
        said = record.getMessage().splitlines()
        error = record.exc_info[1] if record.exc_info else None
        why = f": {type(error).__name__}: {next(iter(str(error).splitlines()), '')}" if error is not None else ""
        print(f"rnnlint server: {said[0] if said else ''}{why}", file=sys.stderr, flush=True)
