"""The values that fixtures pin: ``# axes: output = (sample, step, unit) of output of self.rnn``.

A pin stands behind the statement it is about, or on a line of its own above it; several: one line each.  Before the
``=`` stands a name that the statement binds or an expression in it, as it is written; behind it what ``rnnlint reveal``
says, with the condition, once for every configuration.

``python -m tools.pins FILE...`` writes the text of every pin anew (one that says nothing yet, ``# axes: output``, gets
one), for review like any other change.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rnnlint.reveal import on_lines

_PIN = re.compile(r"# axes: (?P<subject>.+?)(?: = (?P<text>[^=].*))?$")


@dataclass(frozen=True, slots=True)
class Pin:
    """What is said of ``subject`` on ``line``; ``at`` is the line where the comment stands."""

    line: int
    subject: str
    text: str
    at: int


def pins(text: str) -> list[Pin]:
    """The pins of a fixture."""
    found: list[Pin] = []
    above: list[tuple[int, re.Match[str]]] = []
    for number, line in enumerate(text.splitlines(), start=1):
        match = _PIN.search(line)
        if match and line.lstrip().startswith("#"):
            above.append((number, match))
        # other comments in between belong to nobody: a pin above them is about the next statement
        elif not line.lstrip().startswith("#"):
            here = [*above, *([(number, match)] if match else [])]
            found += [Pin(number, one["subject"], one["text"] or "", at) for at, one in here]
            above.clear()
    return found


def said(text: str) -> dict[tuple[int, str], list[str]]:
    """What is said today of every name and expression on the lines that have pins."""
    found: dict[tuple[int, str], list[str]] = {}
    every = on_lines(text, {pin.line for pin in pins(text)})
    # ``x = f(x)`` has both: the pin is about what it is afterwards
    bound = {(one.line, one.expression) for one in every if one.bound}  # and not what the name was before
    for one in every:
        if one.bound or (one.line, one.expression) not in bound:
            found.setdefault((one.line, one.expression), []).append(one.text + one.condition)
    return found


def renewed(text: str) -> str:
    """The fixture with what is said today in its pins; those of one subject stand together, one for each text."""
    lines = text.splitlines()
    today = said(text)
    done: set[tuple[int, str]] = set()
    out: list[str] = []
    known = {pin.at: pin for pin in pins(text)}
    for number, line in enumerate(lines, start=1):
        pin = known.get(number)
        if pin is None:
            out.append(line)
            continue
        key = pin.line, pin.subject
        told = today.get(key, ["nothing"]) if key not in done else []
        done.add(key)
        code = line[: line.index("# axes:")]
        if code.strip():
            indent = code[: len(code) - len(code.lstrip())]
            out += [f"{indent}# axes: {pin.subject} = {one}" for one in told]
            out.append(code.rstrip())
        else:
            out += [f"{code}# axes: {pin.subject} = {one}" for one in told]
    return "\n".join(out) + "\n"


def main(arguments: Sequence[str] | None = None) -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m tools.pins", description=__doc__)
    parser.add_argument("files", nargs="+", type=Path)
    for path in parser.parse_args(arguments).files:
        path.write_text(renewed(path.read_text(encoding="utf-8")), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
