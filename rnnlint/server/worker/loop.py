"""The loop of a worker: messages in, answers out, and the one that nobody waits for any more is broken off.

Messages are lines of JSON.  A request has an ``id`` and is answered by lines with the same: any number of ``part``,
then one of ``result``, ``cancelled`` or ``error``.  What has no ``id`` is not answered.  ``{"do": "cancel", "id": 7}``
may come while 7 is worked on: a thread of its own reads, and interrupts.
"""

from __future__ import annotations

import _thread
import json
import os
import queue
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO

from rnnlint.failures import said

Message = dict[str, Any]
Answer = Callable[[Any], None]


class Superseded(BaseException):
    """Nobody waits for what is worked on.  No `Exception`: what contains mistakes of ours lets it through."""


class Loop:
    """``handlers`` by the names of what is to be done, each given the message and what sends a part of an answer."""

    def __init__(self, requests: BinaryIO, answers: BinaryIO, handlers: dict[str, Callable[[Message, Answer], Any]]):
        self._requests, self._answers, self._handlers = requests, answers, handlers
        self._queue: queue.SimpleQueue[Message] = queue.SimpleQueue()
        self._cancelled: set[int] = set()
        self._running: int | None = None  # None also while something is written, which is never broken off

    def run(self) -> None:
        """Until the requests end, which ends the process."""
        signal.signal(signal.SIGINT, lambda *_: self._interrupted())
        threading.Thread(target=self._read, daemon=True).start()
        self._say(0, "result", "ready")
        while True:
            try:
                self._handle(self._queue.get())
            except Superseded:  # which has come between two things to do
                self._running = None

    def _interrupted(self) -> None:
        """In the main thread, between two steps of Python's; also where somebody presses Ctrl-C, who is not meant."""
        if self._running is not None and self._running in self._cancelled:
            raise Superseded

    def _read(self) -> None:
        for line in self._requests:
            message = json.loads(line)
            if message["do"] == "cancel":
                self._cancelled.add(message["id"])
                if self._running == message["id"]:
                    # as if the signal had come, on every system; the main thread looks whether it is still so
                    _thread.interrupt_main(signal.SIGINT)
            else:
                self._queue.put(message)
        # whoever has asked is gone, whatever is being worked on
        os._exit(0)

    def _handle(self, message: Message) -> None:
        number = message.get("id")
        handler = self._handlers[message["do"]]
        if number is None:
            handler(message, lambda _: None)
            return
        if number in self._cancelled:
            self._say(number, "cancelled", True)
            return
        try:
            with self._interruptible(number):
                result = handler(message, lambda part: self._say_part(number, part))
            self._say(number, "result", result)
        except Superseded:
            self._say(number, "cancelled", True)
        except (Exception, RecursionError) as error:  # a mistake of ours costs this answer, and is said
            self._say(number, "error", said(error))
        finally:
            self._cancelled.discard(number)

    @contextmanager
    def _interruptible(self, number: int) -> Iterator[None]:
        try:
            self._running = number
            yield
        finally:
            self._running = None

    def _say_part(self, number: int, part: Any) -> None:
        self._running = None
        self._say(number, "part", part)
        self._running = number
        self._interrupted()

    def _say(self, number: int, what: str, value: Any) -> None:
        self._answers.write(json.dumps({"id": number, what: value}).encode() + b"\n")
        self._answers.flush()
