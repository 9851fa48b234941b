"""What a file calls its calls and its open sizes, for texts about its values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterator, Mapping, Sequence

from rnnlint.axes.states import Call, Given
from rnnlint.interpret.state.sizes import LEAST, Sizes
from rnnlint.source import program as ir
from rnnlint.source import walking
from rnnlint.source.files import Files
from rnnlint.values.domain import Free, Ref
from rnnlint.values.heap_cells import Cell
from rnnlint.values.shown import Words


class Calls:
    """The names of the calls in a file: what is called, with its arguments where its class calls the same elsewhere.

    They are found as they are asked for, since most calls of a file nobody asks about.
    """

    def __init__(self, files: Files) -> None:
        self._files = files
        self._names: dict[ir.Call, str] = {}

    def name(self, node: ir.Call) -> str:
        """``self.rnn``, or ``self.rnn(x)`` where it is called elsewhere too."""
        if node not in self._names:
            called = self._files.text_of(node.func)
            alone = not any(other is not node and self._is_of(other, node, called) for other in self._beside(node))
            self._names[node] = called if alone else self._files.text_of(node, 40)
        return self._names[node]

    def _is_of(self, other: ir.Call, node: ir.Call, called: str) -> bool:
        """Whether another call is one of the same thing, by what is written; its last word first, as that is quick."""
        return ir.last_name(other.func) == ir.last_name(node.func) and self._files.text_of(other.func) == called

    def _beside(self, node: ir.Call) -> Iterator[ir.Call]:
        """The calls in the class or function that a call is in, itself among them, or in the rest of the file."""
        body = self._files.of(node).program.body
        line = node.syntax.lineno
        apart = [one for one in body if isinstance(one, (ir.ClassDef, ir.FunctionDef))]
        around: list[ir.Statement] = [one for one in apart if one.syntax.lineno <= line <= (one.syntax.end_lineno or 0)]
        rest = around or [one for one in body if not isinstance(one, (ir.ClassDef, ir.FunctionDef))]
        nodes = (inner for statement in rest for inner in walking.walk(statement))
        return (inner for inner in nodes if isinstance(inner, ir.Call))


class FileWords(Words):
    """The words of a file, at one moment of one run: its recurrent calls so far, and its heap."""

    def __init__(self, calls: Calls, sizes: Sizes, made: Sequence[Call], heap: Mapping[int, Cell]) -> None:
        self._calls, self._sizes, self._numbers, self._heap = calls, sizes, _numbered(made), heap

    def call(self, call: Call) -> str:
        node = place(call)
        name = self._calls.name(node) if isinstance(node, ir.Call) else ""
        number = self._numbers.get(call, 1)
        return f"{name} (call {number})" if name and number > 1 else name

    def cell(self, ref: Ref) -> Cell | None:
        return self._heap.get(ref.cell)

    def open(self, size: int) -> bool:
        return size >= LEAST

    def size(self, size: int) -> str:
        if size < LEAST:
            return str(size)
        made = self._sizes.made(size)
        if made is None:
            return "?"
        factor, distance = made.factor, made.distance
        names = [open_size(key) for key in made.keys]
        said = "*".join(names if factor.numerator == 1 else [str(factor.numerator), *names])
        said = said if factor.denominator == 1 else f"{said}//{factor.denominator}"
        return said if not distance else f"{said} {'+' if distance > 0 else '-'} {abs(distance)}"


class Sizeless(Words):
    """The same without sizes, and without which of the calls at a place it is."""

    def __init__(self, calls: Calls, heap: Mapping[int, Cell]) -> None:
        self._calls, self._heap = calls, heap

    def call(self, call: Call) -> str:
        node = place(call)
        return self._calls.name(node) if isinstance(node, ir.Call) else ""

    def cell(self, ref: Ref) -> Cell | None:
        return self._heap.get(ref.cell)

    def size(self, size: int) -> str:
        return "1" if size == 1 else "#"

    def given(self, given: Given) -> str:
        return "1" * len(given.shape)


def place(call: Call) -> Hashable:
    """Where in the file a call was made: the first place that its key names."""
    pending: list[Hashable] = [call.key]
    while pending:
        key = pending.pop(0)
        if isinstance(key, ir.Node):
            return key
        if isinstance(key, tuple):
            pending = [*key, *pending]
    return None


def _numbered(calls: Sequence[Call]) -> dict[Call, int]:
    """Which one each call is of those made at its place."""
    times: Counter[Hashable] = Counter()
    numbers: dict[Call, int] = {}
    for call in calls:
        if call not in numbers:
            times[place(call)] += 1
            numbers[call] = times[place(call)]
    return numbers


def open_size(key: Hashable) -> str:
    """An open size as the file would write it: a parameter, an axis of one, or a word for what it counts."""
    match key:
        case Free(name):
            return name
        case (Free(name), int(axis)):
            return f"{name}.size({axis})"
        case (str(word), *_):
            return word
    return "n"
