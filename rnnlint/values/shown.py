"""A value of the analysed program as one line of text, for readers.

Tensors of states are said as :mod:`rnnlint.axes.reading.text` says them; everything else in the words of Python and of
torch: ``nn.LSTM(8, 16, layers 2, bidirectional, batch_first)``, ``tuple {...; ...}``, ``one of {...; ...}``, and of
what is not known the reason.  The text depends on nothing but the value and the :class:`Words`, and is bounded in
length.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import chain

from rnnlint.axes.reading import text
from rnnlint.axes.states import Given, Unknown, Viewed
from rnnlint.values.domain import (
    Along,
    Bound,
    Builtin,
    Chain,
    Class,
    Distribution,
    Either,
    Formless,
    Free,
    Function,
    Items,
    Layer,
    Lit,
    Packed,
    PairOf,
    Partial,
    Recurrent,
    RecurrentCell,
    Ref,
    ResultOf,
    SizeOf,
    Super,
    Tensor,
    Torch,
    Value,
)
from rnnlint.values.heap_cells import Cell, DictCell, ListCell, ObjectCell, ParserCell
from rnnlint.values.origins import (
    Array,
    Chosen,
    Compared,
    Constants,
    Counting,
    Filled,
    Fresh,
    FromOutside,
    JoinedInputs,
    LastValid,
    LoopPart,
    MaskOf,
    Memory,
    Negative,
    Number,
    Numbers,
    OneWindow,
    Operand,
    PackedList,
    PaddedBatch,
    Repacked,
    Rounds,
    SortedAlong,
    StateOfCell,
    Truths,
    Unfolded,
    UnpackedLengths,
    Windows,
)

LIMIT = text.LIMIT
_NAME = 40  # characters of a string of the program's: enough to recognise it
_DEEPEST = 4  # containers in containers: what is deeper has no room on the line, and they can hold themselves


class Words(text.Words):
    """What the file calls things, and what its containers hold.  This one knows no file."""

    def cell(self, ref: Ref) -> Cell | None:  # noqa: ARG002 - for those who know a file
        """What a list, a dict or an object holds, None where that is not at hand."""
        return None

    def given(self, given: Given) -> str:
        """A tensor that no RNN returned: by the name of its parameter, or by what made it."""
        match given.key:
            case Free(key):
                return f"the given {key}"
            case Fresh(memory):
                return _MEMORY[memory]
            case StateOfCell(cell=cell, kind=kind):
                return f"the {kind.value} state of nn.{cell}"
        return MADE.get(type(given.key)) or super().given(given)


MADE: dict[type, str] = {
    Viewed: "a view",
    FromOutside: "an input",
    Number: "a number",
    Counting: "arange",
    Constants: "numbers",
    Truths: "truths",
    LastValid: "last valid",
    MaskOf: "a mask",
    Negative: "a negated vector",
    Filled: "one number",
    Array: "an array",
    Numbers: "numbers of a list",
    Compared: "a comparison",
    LoopPart: "a part between open bounds",
    SortedAlong: "what is sorted along an axis",
    UnpackedLengths: "lengths",
    PaddedBatch: "a padded batch",
    PackedList: "a padded batch",
    Repacked: "other features",
    Chosen: "indices",
    Windows: "windows",
    Unfolded: "windows",
    OneWindow: "one window",
    Rounds: "the rounds of a loop",
    JoinedInputs: "joined inputs",
    Operand: "an operand",
}
"""What a tensor that no RNN returned is, in words."""

_MEMORY = {
    Memory.CONSTANT: "constants",
    Memory.NOISE: "random numbers",
    Memory.DRAWN: "random whole numbers",
    Memory.RAW: "uninitialised memory",
    Memory.MIXED: "a tensor made here",
    Memory.LEARNED: "a parameter",
    Memory.KEPT: "a buffer",
}

PLAIN = Words()


def shown(value: Value, words: Words = PLAIN, limit: int = LIMIT) -> str:
    """What a value is, on one line of at most ``limit`` characters."""
    return text.clipped(" ".join(_shown(value, words, limit).split()), limit)


def _shown(value: Value, words: Words, limit: int, depth: int = 0) -> str:
    """The text of a value that stands in ``depth`` others."""

    def inside(part: Value) -> str:
        return _shown(part, words, limit, depth + 1) if depth < _DEEPEST else "..."

    def several(head: str, parts: Sequence[Value]) -> str:
        return text.listed(head, map(inside, parts), len(parts), limit)

    match value:
        case Tensor(states):
            return text.text(states, words, limit)
        case Along(states, axis):
            return f"the tensors along dim {axis} of {{{text.text(states, words, limit)}}}"
        case Either(options):
            return several("one of", options)
        case Items(items, tag):
            head = "(output, state)" if isinstance(tag, ResultOf) else "(h_n, c_n)" if isinstance(tag, PairOf) else ""
            return several(head or "tuple", items)
        case Packed():
            return _packed(value, words, limit)
        case Unknown(reason, held):
            said = f"unknown: {reason}"
            return several(f"{said}; it may be", held) if held else said  # type: ignore[arg-type]
        case Chain(modules):
            return several("nn.Sequential", modules)
        case Bound(receiver, name):
            return f"the method {name} of {{{inside(receiver)}}}"
        case Partial(function, args):
            return several("a partial call of", (function, *args))
        case Distribution(name, given):
            return several(f"torch.distributions.{name}", [one for _, one in given])
        case Super(receiver):
            return f"super of {{{inside(receiver)}}}"
        case Ref():
            return _cell(words.cell(value), inside, limit)
    return _simple(value, words)


def _cell(cell: Cell | None, inside: Callable[[Value], str], limit: int) -> str:
    """The text of what lies on the heap."""
    match cell:
        case ListCell(items, rest):
            listed = chain(map(inside, items), (f"any number of {inside(one)}" for one in (rest,) if one is not None))
            return text.listed("list", listed, len(items) + (rest is not None), limit)
        case DictCell(pairs, more):
            named = (f"{text.clipped(repr(key), _NAME)}: {inside(one)}" for key, one in pairs)
            return text.listed("dict", chain(named, ("others",) * more), len(pairs) + more, limit)
        case ObjectCell(cls):
            return f"an instance of {getattr(cls.node, 'name', '')}"
        case ParserCell():
            return "an argument parser"
    return "a list, dict or object"


def _simple(value: Value, words: Words) -> str:
    """The text of a value that holds no others."""
    match value:
        case Lit(bool() | None as constant):
            return repr(constant)
        case Lit(int(number), origins):
            names = sorted({origin.key for origin in origins if isinstance(origin, Free)})
            said = words.size(number)
            return f"{said} ({', '.join(names)})" if names and said == str(number) else said
        case Lit(constant):
            return text.clipped(repr(constant), _NAME)
        case Free(key):
            return f"{key}, which this file does not determine"
        case Formless(root, change, unsure=True):
            return f"{'an item' if change else 'a part'} of {root.key}, which this file does not determine"
        case Formless(root, change, width):
            axes = f", {abs(change)} {'axes' if abs(change) > 1 else 'axis'} {'more' if change > 0 else 'fewer'}"
            last = "" if width is None else f", the last of {words.size(width)}"
            return f"{root.key}, a tensor of unknown rank{axes if change else ''}{last}"
        case SizeOf(of):
            return f"the shape of {_simple(of, words)}"
        case Recurrent():
            return _recurrent(value, words)
        case RecurrentCell(cell, hidden, inputs):
            return f"nn.{cell}({_number(inputs, words)}, {_number(hidden, words)})"
        case Layer(name=name):
            # a name with a dot in it is qualified as it stands; all others are classes of torch.nn
            return name if "." in name else f"nn.{name}"
        case Torch(name):
            return name
        case Builtin(name):
            return f"Python's {name}"
        case Function(node):
            return f"function {getattr(node, 'name', 'lambda')}"
        case Class(node):
            return f"class {getattr(node, 'name', '')}"
    return type(value).__name__.lower()


def _number(number: Lit | None, words: Words) -> str:
    if number is None:
        return "?"
    return words.size(number.value) if isinstance(number.value, int) else repr(number.value)


def _recurrent(module: Recurrent, words: Words) -> str:
    """The module as one would build it; what is left at its default is left out."""
    said = [_number(module.inputs, words), _number(module.hidden, words)]
    if module.layers.value != 1:
        said.append(f"layers {_number(module.layers, words)}")
    # 2 is bidirectional, 1 is torch's default, and there is no third
    if module.directions == 2:
        said.append("bidirectional")
    if module.batch_first:
        said.append("batch_first")
    if module.projection is not None and module.projection.value:
        said.append(f"projected to {_number(module.projection, words)}")
    return f"{module.name}({', '.join(said)})"


def _packed(value: Packed, words: Words, limit: int) -> str:
    said = "PackedSequence"
    if value.states is not None:
        said = f"{said} {{{text.text(value.states, words, limit)}}}"
    notes = ((value.sorts, "sorted by torch"), (value.falling, "lengths fall"), (value.even, "all of one length"))
    return ", ".join((said, *(note for holds, note in notes if holds)))
