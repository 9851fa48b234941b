"""A client of the server's protocol, as small as it can be: messages over standard input and output, in any order."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
LONGEST = 30.0  # seconds for an answer: far more than any takes, so that a test fails and does not hang

# ``python -m rnnlint server --stdio``, but for the time that fixes may take: what a machine that does other things as
# well has not tried within three seconds is not offered, of which test_fixes.py has a test without a server
PATIENT = f"""
import sys
from rnnlint.cli import main
from rnnlint.server import questions
questions._LONGEST = {LONGEST}
sys.exit(main(["server", "--stdio"]))
"""

Json = dict[str, Any]


class Client:
    """A server of its own, and what it has said.

    Requests of the server are answered by ``answers`` (method to result); others get null.
    """

    def __init__(self, folder: Path, environment: dict[str, str] | None = None) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", PATIENT],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(ROOT), **(environment or {})},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        self.answers: dict[str, Any] = {}
        self.said: list[Json] = []  # notifications and requests of the server, in their order
        self.errors: list[str] = []
        self._results: dict[Any, Json] = {}
        self._new = threading.Condition()
        self._number = 0
        self._versions: dict[str, int] = {}
        self._threads = [threading.Thread(target=target, daemon=True) for target in (self._read, self._read_errors)]
        for thread in self._threads:
            thread.start()

    # --- messages ----------------------------------------------------------------------------------------------------

    def write(self, content: bytes) -> None:
        """Bytes as they are."""
        assert self.process.stdin is not None
        self.process.stdin.write(content)
        self.process.stdin.flush()

    def send(self, message: object) -> None:
        """One message, whatever it is."""
        body = json.dumps(message).encode()
        self.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)

    def notify(self, method: str, params: object = None) -> None:
        self.send({"jsonrpc": "2.0", "method": method, "params": params})

    def request(self, method: str, params: object = None) -> Any:
        """The result.  Raises AssertionError for an error."""
        answer = self.answer(self.begin(method, params))
        assert "error" not in answer, answer
        return answer.get("result")

    def begin(self, method: str, params: object = None) -> int:
        """Ask, without waiting; the number of the request."""
        self._number += 1
        self.send({"jsonrpc": "2.0", "id": self._number, "method": method, "params": params})
        return self._number

    def answer(self, number: object) -> Json:
        """The whole answer to a request."""
        found: Json = self._wait(lambda: self._results.get(number), f"an answer to {number}")
        return found

    def wait(self, wanted: Callable[[Json], bool], since: int = 0, what: str = "") -> Json:
        """The first message of the server's own that is wanted, of those after the first ``since``."""
        found: Json = self._wait(lambda: next(filter(wanted, self.said[since:]), None), what or "a message")
        return found

    def _wait(self, found: Callable[[], Any], what: str) -> Any:
        end = time.monotonic() + LONGEST
        with self._new:
            while (result := found()) is None:
                left = end - time.monotonic()
                assert left > 0, f"{what} has not come; errors: {self.errors}; said: {self.said[-5:]}"
                self._new.wait(min(left, 1.0))
                assert self.process.poll() is None or found() is not None, f"it has ended: {self.errors}"
        return result

    # --- what every client does --------------------------------------------------------------------------------------

    def initialize(self, folder: Path | None = None, capabilities: Json | None = None, options: object = None) -> Json:
        """Begin; the capabilities of the server."""
        result = self.request(
            "initialize",
            {
                "processId": os.getpid(),
                "rootUri": None if folder is None else folder.as_uri(),
                "capabilities": CAPABILITIES if capabilities is None else capabilities,
                **({} if options is None else {"initializationOptions": options}),
            },
        )
        self.notify("initialized", {})
        capabilities_of: Json = result["capabilities"]
        return capabilities_of

    def open(self, uri: str, text: str, language: str = "python") -> None:
        self._versions[uri] = 1
        self.notify(
            "textDocument/didOpen", {"textDocument": {"uri": uri, "languageId": language, "version": 1, "text": text}}
        )

    def change(self, uri: str, *changes: Json | str) -> None:
        """Changes: a whole text, or stretches with what comes there."""
        self._versions[uri] = self._versions.get(uri, 0) + 1
        content = [{"text": one} if isinstance(one, str) else one for one in changes]
        self.notify(
            "textDocument/didChange",
            {"textDocument": {"uri": uri, "version": self._versions[uri]}, "contentChanges": content},
        )

    def close(self, uri: str) -> None:
        self.notify("textDocument/didClose", {"textDocument": {"uri": uri}})

    def diagnostics(self, uri: str, version: int | None = None) -> list[Json]:
        """What is said of a document at a version (the last one that was sent)."""
        version = self._versions.get(uri) if version is None else version

        def is_it(one: Json) -> bool:
            params = one["params"]
            return bool(_published(one) and params["uri"] == uri and params.get("version") == version)

        found: list[Json] = self.wait(is_it, what=f"diagnostics of {uri} at {version}")["params"]["diagnostics"]
        return found

    def codes(self, uri: str, version: int | None = None) -> list[tuple[Any, int]]:
        """Codes and lines (from 0) of what is said."""
        return [(one.get("code"), one["range"]["start"]["line"]) for one in self.diagnostics(uri, version)]

    def hover(self, uri: str, line: int, character: int) -> str | None:
        """The text of a hover."""
        found = self.request("textDocument/hover", at(uri, line, character))
        return None if found is None else str(found["contents"]["value"])

    def end(self) -> int:
        """Shut down and exit; the exit status."""
        self.request("shutdown")
        self.notify("exit")
        return self.ended()

    def ended(self) -> int:
        """The exit status of one that ends."""
        return self.process.wait(LONGEST)

    def kill(self) -> None:
        """End it, whatever it does."""
        self.process.kill()
        self.process.wait()
        for thread in self._threads:
            thread.join(10.0)  # which ends when nobody is left that could write
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()

    # --- reading -----------------------------------------------------------------------------------------------------

    def _read(self) -> None:
        assert self.process.stdout is not None
        stream = self.process.stdout
        try:
            while header := stream.readline():
                length = int(header.split(b":")[1])
                while stream.readline().strip():
                    pass
                self._take(json.loads(stream.read(length)))
        except ValueError:  # closed
            pass
        with self._new:
            self._new.notify_all()

    def _take(self, message: Json) -> None:
        with self._new:
            if "method" in message:
                self.said.append(message)
            else:
                self._results[message["id"]] = message
            self._new.notify_all()
        if "method" in message and "id" in message:
            result = self.answers.get(message["method"])
            with contextlib.suppress(OSError):
                self.send({"jsonrpc": "2.0", "id": message["id"], "result": result})

    def _read_errors(self) -> None:
        assert self.process.stderr is not None
        try:
            for line in self.process.stderr:
                self.errors.append(line.decode(errors="replace"))
        except ValueError:  # closed
            pass


CAPABILITIES: Json = {
    "general": {"positionEncodings": ["utf-16"]},
    "textDocument": {
        "publishDiagnostics": {"relatedInformation": True, "versionSupport": True, "codeDescriptionSupport": True},
        "hover": {"contentFormat": ["markdown", "plaintext"]},
        "codeAction": {"codeActionLiteralSupport": {"codeActionKind": {"valueSet": ["quickfix"]}}},
    },
    "notebookDocument": {"synchronization": {}},
    "window": {"showDocument": {"support": True}},
    "workspace": {"workspaceEdit": {"documentChanges": True}},
}


def _published(one: Json) -> bool:
    return bool(one["method"] == "textDocument/publishDiagnostics")


def at(uri: str, line: int, character: int) -> Json:
    return {"textDocument": {"uri": uri}, "position": {"line": line, "character": character}}


def stretch(first: tuple[int, int], last: tuple[int, int], text: str) -> Json:
    """A change of a stretch."""
    start, end = ({"line": line, "character": character} for line, character in (first, last))
    return {"range": {"start": start, "end": end}, "text": text}
