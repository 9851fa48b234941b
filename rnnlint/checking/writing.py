"""Where what was found is printed: in which formats, to standard output and to files."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress

from rnnlint.checking.inputs import WrongUse
from rnnlint.diagnostics import Checked
from rnnlint.frozen import dataclass
from rnnlint.output.catalogue import Format, rendered
from rnnlint.output.styles import PLAIN, look_of
from rnnlint.settings import nearest

_OUT = ""


@dataclass(frozen=True, slots=True)
class Target:
    """A format, and the file it is written to, "" for standard output."""

    form: Format
    file: str


def targets(formats: Sequence[str], *, terminal: bool) -> tuple[Target, ...]:
    """The targets that are asked for as ``FORMAT`` or ``FORMAT:FILE``; something is always for standard output.

    Raises WrongUse.
    """
    asked = tuple(map(_target, formats))
    files = [os.path.abspath(one.file) for one in asked if one.file]
    if len(set(files)) < len(files):
        raise WrongUse("--output-format: two formats for one file")
    if all(one.file for one in asked):
        return (Target(_default(terminal), _OUT), *asked)
    return asked


def write(checked: Checked, wanted: Iterable[Target], environment: Mapping[str, str]) -> list[str]:
    """Write all of them, and return what is to be said of those that could not be."""
    failed = []
    for target in wanted:
        look = PLAIN if target.file else look_of(sys.stdout, environment)
        text = rendered(target.form, checked, look)
        if target.file:
            try:
                to_file(target.file, text)
            except (OSError, ValueError) as error:
                failed.append(f"{target.file}: cannot be written: {getattr(error, 'strerror', None) or error}")
        else:
            to_standard_output(text)
    return failed


def to_standard_output(text: str) -> None:
    """Print text that may hold characters which the terminal has not."""
    encoding = sys.stdout.encoding or "utf-8"
    sys.stdout.write(text.encode(encoding, "backslashreplace").decode(encoding))


def to_file(name: str, text: str) -> None:
    """Write a file as a whole or not at all; what is no regular file (a pipe, /dev/stderr) is written to as it is."""
    path = os.path.realpath(name)
    data = text.encode("utf-8", "backslashreplace")
    if os.path.lexists(path) and not os.path.isfile(path):
        with open(path, "wb") as file:
            file.write(data)
        return
    descriptor, made = tempfile.mkstemp(dir=os.path.dirname(path), prefix=f".{os.path.basename(path)[:100]}.")
    try:
        with open(descriptor, "wb") as file:
            file.write(data)
        os.chmod(made, _mode(path))
        os.replace(made, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(made)
        raise


def _mode(path: str) -> int:
    """Who may read it: those who could, and of a new file those who could read any."""
    if os.path.exists(path):
        return os.stat(path).st_mode & 0o777
    mask = os.umask(0)  # which cannot be read in another way
    os.umask(mask)
    return 0o666 & ~mask


def _target(asked: str) -> Target:
    name, _, file = asked.partition(":")
    names = [form.value for form in Format]
    if name not in names:
        raise WrongUse(
            f"--output-format: no format {name!r} (there are {', '.join(names)}): "
            f"did you mean {nearest(name, names)!r}?"
        )
    return Target(Format(name), _OUT if file == "-" else file)


def _default(terminal: bool) -> Format:
    names = {form.value: form for form in Format}
    return names.get("full", Format.CONCISE) if terminal else Format.CONCISE
