"""A worker as the server sees it: started when it is needed, told what is open, asked, interrupted, replaced."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from rnnlint.failures import said

_GRACE = 5.0  # seconds for what is broken off to say so: it does between two steps of Python's
_LONGEST = 120.0  # seconds for any answer: the bounds on the work for a file end most analyses after some of them
_LINE = 2**28  # bytes of an answer: asyncio wants a bound
# not `-m`: that puts the folder at hand, which is somebody's project, before Python's own modules
_STARTS = "import sys; sys.path[:] = {path!r}; from rnnlint.server.worker.main import main; main()"

Part = Callable[[Any], None]


class Failed(Exception):
    """There is no answer; the message says why, in one line."""


class Died(Failed):
    """The process has ended: of memory, mostly, or because it was stuck."""


class _NotBegun(Failed):
    """The process has ended of another question, which came before."""


@dataclass
class _Asked:
    answer: asyncio.Future[Any]
    part: Part | None


class Worker:
    """One process.  All methods are called in the event loop's thread."""

    def __init__(self) -> None:
        self._opened: dict[str, dict[str, Any]] = {}
        self._asked: dict[int, _Asked] = {}
        self._number = 0  # of the last question; a worker says 0 when it is ready
        self._process: asyncio.subprocess.Process | None = None
        self._life: asyncio.Task[None] | None = None  # of the process, from before it starts
        self._starting = False
        self._waiting: list[bytes] = []  # lines for a process that is not there yet
        self._ready = False  # whether the process has imported what it needs, which takes a second or more
        self._ended = False

    def start(self) -> None:
        """Start the process, if it is not there: what is asked first will wait less."""
        if self._process is None and not self._starting and not self._ended:
            self._waiting = [_line({"do": "open", **one}) for one in self._opened.values()]
            self._starting = True
            self._life = asyncio.get_running_loop().create_task(self._run())

    def open(self, path: str, text: str, *, alone: bool) -> None:
        """A file has this text from now on."""
        self._opened[path] = {"path": path, "text": text, "alone": alone}
        self._tell({"do": "open", **self._opened[path]})

    def close(self, path: str) -> None:
        """A file is what it is on disk."""
        self._opened.pop(path, None)
        self._tell({"do": "close", "path": path})

    def refresh(self) -> None:
        """Files on disk may have changed."""
        self._tell({"do": "refresh"})

    async def ask(self, what: str, part: Part | None = None, **asked: Any) -> Any:
        """The answer to a question.  Raises Failed.  Who is cancelled while waiting interrupts the work."""
        while True:
            with contextlib.suppress(_NotBegun):
                return await self._ask(what, part, asked)

    async def _ask(self, what: str, part: Part | None, asked: dict[str, Any]) -> Any:
        if self._ended:
            raise Failed("the server is shutting down")
        self.start()
        self._number += 1
        number = self._number
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._asked[number] = _Asked(answer, part)
        self._tell({"do": what, "id": number, **asked})
        try:
            return await asyncio.wait_for(asyncio.shield(answer), _LONGEST)
        except asyncio.CancelledError:
            self._cancel(number)
            raise
        except asyncio.TimeoutError:
            self.kill()
            raise Died(f"no answer within {_LONGEST:.0f} s") from None

    def end(self) -> None:
        """No more is asked."""
        self._ended = True
        self.kill()

    async def ended(self) -> None:
        """Wait until the process is gone."""
        if self._life is not None:
            await asyncio.wait([self._life], timeout=_GRACE)

    def kill(self) -> None:
        """End the process at once; the next question starts another."""
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()

    def _cancel(self, number: int) -> None:
        asked = self._asked.get(number)
        if asked is None or asked.answer.done():
            return
        asked.part = None
        self._tell({"do": "cancel", "id": number})
        process = self._process

        def check() -> None:
            if number not in self._asked or self._process is not process:
                return
            # questions are answered in their order: of those before it somebody may be waiting for the answers
            if self._ready and number == min(self._asked):  # it is stuck in what Python cannot break off
                self.kill()
            else:
                asyncio.get_running_loop().call_later(_GRACE, check)

        asyncio.get_running_loop().call_later(_GRACE, check)

    def _tell(self, message: dict[str, Any]) -> None:
        line = _line(message)
        if self._process is not None and self._process.stdin is not None:
            # one that has just ended: whoever waits is told when its output ends
            with contextlib.suppress(ConnectionError, RuntimeError):
                self._process.stdin.write(line)
        elif self._starting:
            self._waiting.append(line)

    async def _run(self) -> None:
        """The life of a process."""
        try:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-c",
                _STARTS.format(path=sys.path),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                limit=_LINE,
            )
        except OSError as error:
            self._starting = False
            self._give_up(Failed(f"no process can be started: {error.strerror or error}"))
            return
        self._process, self._ready = process, False
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(b"".join(self._waiting))
        self._waiting, self._starting = [], False
        if self._ended:
            self.kill()
        try:
            while line := await process.stdout.readline():
                self._answered(json.loads(line))
        except ValueError:  # a line that is too long, or half of one
            self.kill()
        finally:
            if self._process is process:
                self._process = None
        await process.wait()
        self._give_up(Died("the process that analysed it was killed"))

    def _answered(self, message: dict[str, Any]) -> None:
        self._ready = True
        asked = self._asked.get(message["id"])
        if asked is None:
            return
        if "part" in message:
            if asked.part is not None:
                _hand_on(asked, message["part"])
            return
        del self._asked[message["id"]]
        if asked.answer.done():
            return
        if "error" in message:
            asked.answer.set_exception(Failed(message["error"]))
        else:
            asked.answer.set_result(message.get("result"))
        asked.answer.exception()  # nobody may be waiting any more, and asyncio would say so

    def _give_up(self, why: Failed) -> None:
        every, self._asked = self._asked, {}
        for number, asked in every.items():
            if not asked.answer.done():
                # questions are answered in their order
                begun = number == min(every) or not isinstance(why, Died)
                asked.answer.set_exception(why if begun else _NotBegun())
                asked.answer.exception()


def _hand_on(asked: _Asked, part: Any) -> None:
    """A part of an answer: whatever goes wrong with it costs no other answer."""
    try:
        assert asked.part is not None
        asked.part(part)
    except Exception as error:
        if not asked.answer.done():
            asked.answer.set_exception(Failed(said(error)))


def _line(message: dict[str, Any]) -> bytes:
    return json.dumps(message).encode() + b"\n"
