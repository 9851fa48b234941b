"""Where output goes: ``--output-format NAME[:FILE]``, given once or several times."""

from __future__ import annotations

import os
from collections.abc import Sequence

from rnnlint.frozen import dataclass
from rnnlint.output.catalogue import Format

_OPTION = "--output-format"
_STANDARD = ("-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1")


class BadInput(Exception):
    """What was asked for cannot be done; the text is one line that says why."""


@dataclass(frozen=True, slots=True)
class Destination:
    """A format, and the file it is written to; "" for standard output."""

    form: Format
    file: str = ""


def destinations(given: Sequence[str], otherwise: Format, where: str = _OPTION) -> tuple[Destination, ...]:
    """What the option was given, in that order; first ``otherwise``, to standard output, if all of them go to files.

    So ``--output-format sarif:out.sarif`` still says what was found.  Raises BadInput for a format that does not
    exist, and where two would write to one place; its line begins with ``where`` they are given.
    """
    asked = [_destination(text, where) for text in given]
    if all(one.file for one in asked):
        asked.insert(0, Destination(otherwise))
    for n, one in enumerate(asked):
        for other in asked[:n]:
            if one.file == other.file or (one.file and other.file and _place(one.file) == _place(other.file)):
                place = one.file or f"standard output (give one of them a file: {one.form.value}:FILE)"
                raise BadInput(f"{where}: {other.form.value} and {one.form.value} would both go to {place}")
    return tuple(asked)


def _place(file: str) -> str:
    """What a file is called in whatever way it is spelled."""
    try:
        return os.path.normcase(os.path.realpath(file))
    except (OSError, ValueError):  # a null character, which is said when it is written
        return file


def _destination(text: str, where: str) -> Destination:
    # the first colon: what follows may have one of its own (C:\out.sarif)
    name, colon, file = text.partition(":")
    try:
        form = Format(name)
    except ValueError:
        raise BadInput(f"{where}: no format {name!r}{_nearest(name)}") from None
    if colon and not file:
        raise BadInput(f"{where}: {text} names no file")
    return Destination(form, "" if file in _STANDARD else file)


def _nearest(name: str) -> str:
    import difflib  # only for this

    names = [form.value for form in Format]
    near = difflib.get_close_matches(name.lower(), names, 1)
    return f" (did you mean {near[0]}?)" if near else f" (there are {', '.join(names)})"
