"""How long an editor waits for ``rnnlint server``, printed beside the goals; never asserted.

    python -m benchmarks.server [FILE ...] [--lines N] [--rounds N]

Each file (without any: fixtures put together to a model of ``--lines`` lines) is opened in a folder of its own, and
then changed as one types, in its midst: a statement of its own, which may mean anything to what follows, then
comments, of which only lines move.  Times are what a clock on the wall says from the message to the
answer, processes and pipes included; the debounce (``rnnlint.server.checks.AFTER_TYPING``) is part of them.  Where the
machine does other things as well, that clock says little: on Linux the processor time of the server and of its workers
is printed beside it, and what a change would take alone is that and the debounce.
"""

from __future__ import annotations

import argparse
import ast
import math
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.goals import line, quantile
from rnnlint.server.checks import AFTER_TYPING
from rnnlint.source.prefilter import mentions_rnn
from tests.server.client import Client, at, stretch

FIXTURES = Path(__file__).resolve().parents[1] / "fixtures"
GOAL = 0.3
"""Seconds from a change of a 500-line model to what is said of it: below that nobody waits."""
PAUSE = 0.08  # seconds between two keys of one who types fast


def main(arguments: Sequence[str] | None = None) -> int:
    """The command.  Exit status 2 for a file that cannot be read, else 0: goals are not asserted."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.server", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("files", nargs="*", type=Path, metavar="FILE")
    parser.add_argument("--lines", type=int, default=500, help="of the model that is put together (%(default)s)")
    parser.add_argument("--rounds", type=int, default=15, help="changes that are measured (%(default)s)")
    options = parser.parse_args(arguments)
    try:
        texts = {path.name: path.read_text(encoding="utf-8") for path in options.files}
    except (OSError, UnicodeDecodeError) as error:
        print(f"server: {error}", file=sys.stderr)
        return 2
    for name, text in (texts or {"fixtures": model(options.lines)}).items():
        print(f"{name}: {text.count(chr(10))} lines")
        for said in measured(text, options.rounds):
            print(f"  {said}", flush=True)
    return 0


def model(lines: int) -> str:
    """Fixtures that build recurrent modules, one below the other, up to so many lines."""
    found = ""
    for path in sorted((FIXTURES / "constructs").glob("*.py")):
        text = path.read_text(encoding="utf-8")
        if mentions_rnn(text) and "from __future__" not in text and (found + text).count("\n") <= lines:
            found += text
    return found


def measured(text: str, rounds: int) -> list[str]:
    """Lines of what was measured on one text."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name).resolve()
        client = Client(folder)
        try:
            client.initialize(folder)
            return _measured(client, folder, text, rounds)
        finally:
            client.kill()


def _measured(client: Client, folder: Path, text: str, rounds: int) -> list[str]:
    uri = (folder / "model.py").as_uri()
    began = time.perf_counter()
    client.open(uri, text)
    client.diagnostics(uri)
    opened = time.perf_counter() - began
    middle, indent = _middle(text)
    times, used = _changes(client, uri, middle, [f"{indent}typed = {number}\n" for number in range(rounds)])
    moved, moving = _changes(client, uri, middle, [f"{indent}# {number}\n" for number in range(rounds)])
    burst = _burst(client, uri, middle, rounds)
    hovers = []
    for number in range(4):
        began = time.perf_counter()
        client.request("textDocument/hover", at(uri, middle + number, 12))
        hovers.append(time.perf_counter() - began)
    return [
        line("opened, with a server that starts (s)", opened, None),
        line("a change, the median (s)", quantile(times, 0.5), GOAL),
        line("a change, the slowest (s)", max(times), None),
        line("the processor time of a change, the median (s)", quantile(used, 0.5) or math.nan, GOAL - AFTER_TYPING),
        line("a change of lines alone (a comment), the median (s)", quantile(moved[1:], 0.5), GOAL),
        line("its processor time, the median (s)", quantile(moving[1:], 0.5) or math.nan, GOAL - AFTER_TYPING),
        line("behind the last of many keys (s)", burst[0], GOAL),
        line("an answer that needs no analysis, while one goes on: the slowest (s)", burst[1], None),
        line("hover, the first (s)", hovers[0], None),
        line("hover, the others (s)", max(hovers[1:]), None),
    ]


def _middle(text: str) -> tuple[int, str]:
    """The line (from 0) of the statement that is nearest to the middle of a text, and what it is indented by."""
    lines = text.split("\n")
    every = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.stmt)]
    first = min((node.lineno for node in every), key=lambda line: abs(line - len(lines) // 2), default=1)
    return first - 1, lines[first - 1][: len(lines[first - 1]) - len(lines[first - 1].lstrip())]


def _changes(client: Client, uri: str, line: int, several: Sequence[str]) -> tuple[list[float], list[float]]:
    """How long it takes to be told what is said after each change, and the processor time that it takes."""
    times, used = [], []
    for new in several:
        began, before = time.perf_counter(), processor_time(client.process.pid)
        client.change(uri, stretch((line, 0), (line, 0), new))
        client.diagnostics(uri)
        times.append(time.perf_counter() - began)
        used.append(processor_time(client.process.pid) - before)
        client.said.clear()
    return times, used


def processor_time(process: int) -> float:
    """Seconds that a process and what it has started have used so far; 0 where the system does not say."""
    parents, used = {}, {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            # behind the name of the program, which may have anything in it
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue  # it has ended
        parents[int(path.parent.name)] = int(fields[1])
        used[int(path.parent.name)] = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    every = {process}
    while more := {child for child, parent in parents.items() if parent in every} - every:
        every |= more
    return sum(used.get(one, 0.0) for one in every)


def _burst(client: Client, uri: str, middle: int, keys: int) -> tuple[float, float]:
    """From the last of some keys to what is said then; and how long the server itself was busy at most."""
    slowest = 0.0
    began = time.perf_counter()
    for _ in range(keys):
        began = time.perf_counter()
        client.change(uri, stretch((middle, 1), (middle, 1), "x"))
        # before anything is known of this edition it is answered by the process that speaks with the editor
        asked = {
            "textDocument": {"uri": uri},
            "range": {"start": _START, "end": _START},
            "context": {"diagnostics": []},
        }
        client.request("textDocument/codeAction", asked)
        slowest = max(slowest, time.perf_counter() - began)
        time.sleep(PAUSE)
    client.diagnostics(uri)
    return time.perf_counter() - began, slowest


_START = {"line": 0, "character": 0}


if __name__ == "__main__":
    sys.exit(main())
