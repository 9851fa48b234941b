"""When what is open is checked: soon after it has changed, what has changed first, and never for an older edition."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

from rnnlint.server.documents import Documents, File
from rnnlint.server.workers import Died, Failed, Worker

AFTER_TYPING = 0.05
"""Seconds after a change: two keys of one who types fast come together, and nobody sees it."""
AFTER_FILES = 0.2  # after files on disk have changed, which come by the hundred where a branch is checked out

Publish = Callable[[File, Mapping[str, Any]], None]


class Checks:
    """One run over all that is open; what happens meanwhile begins another, and breaks the last one off."""

    def __init__(self, worker: Worker, documents: Documents, publish: Publish, failed: Callable[[str], None]) -> None:
        self._worker, self._documents, self._publish, self._failed = worker, documents, publish, failed
        self._task: asyncio.Task[None] | None = None
        self._first: list[str] = []  # paths that have changed since they were answered, the last one first
        self._deadly: dict[str, int] = {}  # the edition at which a file has killed a worker

    def soon(self, path: str | None, delay: float = 0.0) -> None:
        """Check what is open, this file first."""
        if path is not None:
            self._first = [path, *(one for one in self._first if one != path)]
        self.stop()
        self._task = asyncio.get_running_loop().create_task(self._run(delay))

    def stop(self) -> None:
        """Break off what is done."""
        if self._task is not None:
            self._task.cancel()

    async def _run(self, delay: float) -> None:
        await asyncio.sleep(delay)
        left = list(dict.fromkeys([*self._first, *(file.path for file in self._documents.files.values())]))
        while left:
            left = await self._some(left)

    async def _some(self, paths: list[str]) -> list[str]:
        """Check files in their order; those that are left where the worker has died of one."""
        files = {path: file for path in paths if (file := self._documents.at(path)) is not None}
        editions = {path: file.edition for path, file in files.items()}
        asked = [path for path in files if self._deadly.get(path) != editions[path]]
        left = list(asked)

        def part(said: Mapping[str, Any]) -> None:
            path = said["path"]
            left.remove(path)
            self._answered(path, editions[path], said)

        if not asked:
            return []
        try:
            await self._worker.ask("check", part, paths=asked)
            return []
        except Died as why:
            if not left:
                return []
            # nobody knows whether it was this one's fault; it is not tried again until it is another text
            self._deadly[left[0]] = editions[left[0]]
            self._refuse(left[0], editions[left[0]], str(why))
            return left[1:]
        except Failed as why:
            self._failed(str(why))
            if left:
                self._refuse(left[0], editions[left[0]], f"rnnlint failed on it, please report this: {why}")
            return left[1:]

    def _answered(self, path: str, edition: int, said: Mapping[str, Any]) -> None:
        file = self._documents.at(path)
        if file is not None and file.edition == edition:
            if path in self._first:
                self._first.remove(path)
            self._publish(file, said)

    def _refuse(self, path: str, edition: int, why: str) -> None:
        self._answered(path, edition, {"diagnostics": [], "refused": [[path, why]], "complaints": []})
