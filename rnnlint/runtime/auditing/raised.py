"""What a user's code raised, without a traceback: the last frames of their own, innermost last."""

from __future__ import annotations

from dataclasses import dataclass

from rnnlint.runtime.auditing.checks.results import first_line
from rnnlint.runtime.auditing.places import Place, is_installed, raised_at

_FRAMES = 3  # of the user's own: where it was raised and what led there, on a few lines
_ROOM = 100  # characters of a frame's source


@dataclass(frozen=True, slots=True)
class Frame:
    """A function of the user's that an exception passed, and where."""

    place: Place
    function: str

    @property
    def text(self) -> str:
        """What the source says there, shortened; "" where it cannot be read."""
        return self.place.text(_ROOM)

    def __str__(self) -> str:
        # <module> is what Python calls the function of a file's top level
        where = self.place.short if self.function == "<module>" else f"{self.place.short} in {self.function}"
        return f"{where}: {self.text}" if self.text else where


def frames(error: BaseException) -> tuple[Frame, ...]:
    """The last frames that are neither torch's nor the standard library's nor this package's.

    Where a package that is installed has raised, its innermost frame stands behind those of the code that called it.
    Of a function that calls itself from one line, one frame is enough.
    """
    every: list[Frame] = []
    traceback = error.__traceback__
    while traceback is not None:
        at = raised_at(traceback)
        frame = None if at is None else Frame(*at)
        if frame is not None and (not every or _at(frame) != _at(every[-1])):
            every.append(frame)
        traceback = traceback.tb_next
    own = [frame for frame in every if not is_installed(frame.place.file)]
    if not own:
        return tuple(every[-_FRAMES:])
    return (*own[-_FRAMES:], *(every[-1:] if every[-1] is not own[-1] else ()))


def _at(frame: Frame) -> tuple[str, str]:
    return frame.place.short, frame.function


def said(error: BaseException) -> str:
    """An exception in one line: its type, and the first line of what it says."""
    text = first_line(error)
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
