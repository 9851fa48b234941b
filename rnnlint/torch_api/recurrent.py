"""Recurrent modules, their cells, and packing: construction facts to results.

Signatures are those of https://docs.pytorch.org/docs/stable/generated/torch.nn.LSTM.html (GRU, RNN, and the cells).
"""

from __future__ import annotations

from collections.abc import Mapping

from rnnlint.axes import order as ordering
from rnnlint.axes import results
from rnnlint.axes.states import Call, Given, Kind, Raises, States, Unknown, blocks, shape
from rnnlint.events import Argument, Constructed, PackedRead, PairRead, ResultRead
from rnnlint.torch_api.context import Context, TorchRaises
from rnnlint.torch_api.registry import Args, operation
from rnnlint.torch_api.widths import fits
from rnnlint.values.domain import (
    Either,
    Formless,
    Free,
    Items,
    Lit,
    Packed,
    PairOf,
    Recurrent,
    RecurrentCell,
    ResultOf,
    Tensor,
    Value,
)

_COMMON = ("input_size", "hidden_size", "num_layers", "bias", "batch_first", "dropout", "bidirectional")
PARAMETERS: dict[str, tuple[str, ...]] = {
    "RNN": (*_COMMON[:3], "nonlinearity", *_COMMON[3:], "device", "dtype"),
    "GRU": (*_COMMON, "device", "dtype"),
    "LSTM": (*_COMMON, "proj_size", "device", "dtype"),
    "RNNCell": ("input_size", "hidden_size", "bias", "nonlinearity", "device", "dtype"),
    "GRUCell": ("input_size", "hidden_size", "bias", "device", "dtype"),
    "LSTMCell": ("input_size", "hidden_size", "bias", "device", "dtype"),
}
NEW = "a new tensor of unknown shape"
_KEYWORD_ONLY = frozenset({"device", "dtype"})


def construct(
    ctx: Context, cell: str, args: tuple[Value, ...], keywords: Mapping[str, Value], skipped: int = 0
) -> Value:
    """``nn.LSTM(...)`` and its like; ``skipped`` arguments stand before those given.

    Raises TorchRaises for a keyword no version of torch knows.
    """
    if cell == "RNNBase":
        return _base(ctx, args, keywords)
    parameters = PARAMETERS[cell]
    given = _given(ctx, cell, args, keywords, skipped)
    if any(name not in parameters and name != "**" for name in keywords):
        wrong = next(name for name in keywords if name not in parameters and name != "**")
        raise TorchRaises("TypeError", f"got an unexpected keyword argument '{wrong}'")
    if cell.endswith("Cell"):
        hidden = _size(ctx, given.get("hidden_size"), "hidden_size")
        return RecurrentCell(cell, hidden, ctx.literal(given.get("input_size")), ctx.site.node)
    if "**" in keywords:
        given = {**{n: Free(f"{_key(keywords['**'])}[{n!r}]", ctx.site.node) for n in _OPEN}, **given}
    layers = ctx.layers(given["num_layers"]) if "num_layers" in given else Lit(1)
    if layers is None or not isinstance(layers.value, int) or not 0 < layers.value < 1000:
        return Unknown("the number of layers is not known")
    bidirectional = ctx.flag(given["bidirectional"], force=True) if "bidirectional" in given else False
    batch_first = ctx.flag(given["batch_first"], force=True) if "batch_first" in given else False
    if bidirectional is None or batch_first is None:
        return Unknown("bidirectional or batch_first is not known")
    projection = given.get("proj_size")
    width = None if projection is None else ctx.literal(projection)
    return Recurrent(
        cell,
        layers,
        2 if bidirectional else 1,
        batch_first,
        _size(ctx, given.get("hidden_size"), "hidden_size"),
        width if width is not None and width.value else None,
        ctx.literal(given["input_size"]) if "input_size" in given else None,
        ctx.site.node,
    )


_OPEN = ("num_layers", "batch_first", "bidirectional")


def _key(value: Value) -> str:
    return value.key if isinstance(value, Free) else "kwargs"


def _base(ctx: Context, args: tuple[Value, ...], keywords: Mapping[str, Value]) -> Value:
    """``nn.RNNBase("LSTM", ...)``."""
    mode = args[0] if args else keywords.get("mode")
    if not isinstance(mode, Lit) or mode.value not in ("LSTM", "GRU", "RNN_TANH", "RNN_RELU"):
        return Unknown("the mode of nn.RNNBase is not known")
    rest = {name: value for name, value in keywords.items() if name != "mode"}
    return construct(ctx, str(mode.value).partition("_")[0], args[1:], rest, 1 if args else 0)


def _given(
    ctx: Context, cell: str, args: tuple[Value, ...], keywords: Mapping[str, Value], skipped: int
) -> dict[str, Value]:
    """Arguments by parameter, said as an event."""
    parameters = PARAMETERS[cell]
    positional = [name for name in parameters if name not in _KEYWORD_ONLY]
    spelled = ctx.spelling()
    said: list[Argument] = []
    for index, value in enumerate(args):
        name = spelled[index + skipped][1] if index + skipped < len(spelled) else None
        said.append(Argument(positional[index] if index < len(positional) else None, value, None, name))
    names = {keyword: name for keyword, name in spelled if keyword is not None}
    for keyword, value in keywords.items():
        if keyword != "**":
            said.append(Argument(keyword if keyword in parameters else None, value, keyword, names.get(keyword)))
    complete = bool(spelled) or not said
    ctx.emit(Constructed(cell, tuple(said), parameters, ctx.site, complete and "**" not in keywords))
    return {a.parameter: a.value for a in said if a.parameter is not None}


def _size(ctx: Context, value: Value | None, name: str) -> Lit:
    number = None if value is None else ctx.literal(value)
    if number is None or not isinstance(number.value, int) or number.value < 1:
        key = (name, ctx.site.node)
        return Lit(ctx.generic(key), frozenset({key}))
    return number


# --- calls -----------------------------------------------------------------------------------------------------------


def call(ctx: Context, module: Recurrent, args: tuple[Value, ...], keywords: Mapping[str, Value]) -> Value:
    """``(output, h_n)``, or ``(output, (h_n, c_n))`` for an LSTM."""
    source = args[0] if args else keywords.get("input", Unknown("no input"))
    state = args[1] if len(args) > 1 else keywords.get("hx", Lit(None))
    carried = _carried(state)
    return ctx.each((source, state), lambda some: _called(ctx, module, some[0], some[1], carried))


def _called(ctx: Context, module: Recurrent, source: Value, state: Value, carried: bool) -> Value:
    if isinstance(source, Packed):
        made = _call_of(ctx, module, source.states, True)
    else:
        if isinstance(source, Items):
            return read_as_tensor(ctx, source, "layer")
        tensor = ctx.tensor(source)
        if isinstance(tensor, Formless):
            ctx.rank(tensor, 3)
        made = _call_of(ctx, module, tensor.states if isinstance(tensor, Tensor) else None, False)
        ctx.use(tensor, "input")
    ctx.step(module, source, state, made)
    _check_state(ctx, made, state)
    ctx.use(state, "initial state")
    ctx.remember(made, module, carried)
    state_value: Value = ctx.settle(results.state_of(made, Kind.HIDDEN))
    if module.cell == "LSTM":
        state_value = Items((state_value, ctx.settle(results.state_of(made, Kind.CELL))), PairOf(made, module.cell))
    return Items((_output(ctx, made, module), state_value), ResultOf(made, module.cell, ctx.site.node))


def _output(ctx: Context, made: Call, module: Recurrent) -> Value:
    output = results.output_of(made, module.batch_first and not made.packed)
    return Packed(output, None, made) if made.packed else ctx.settle(output)


def _carried(state: Value) -> bool:
    """Whether a state comes from outside the function (or from another call), so that the call may be one step."""
    if isinstance(state, Items):
        return any(map(_carried, state.items))
    if isinstance(state, Either):
        return any(map(_carried, state.options))
    if isinstance(state, Unknown):
        return state.reason != NEW
    if isinstance(state, Tensor):
        return any(
            isinstance(block.source, Call) or isinstance(block.source.key, Free) for block in blocks(state.states)
        )
    return not (isinstance(state, Lit) and state.value is None)


def _call_of(ctx: Context, module: Recurrent, states: States | None, packed: bool) -> Call:
    """The extents of a call, from its input's shape."""
    samples: int | None = None
    steps: int | None = None
    merged = False
    key = ctx.occurrence()
    if states is not None:
        extents = shape(states)
        if packed:
            steps, samples = extents[0], extents[1]
        elif len(extents) == 3:
            samples, steps = extents[:2] if module.batch_first else (extents[1], extents[0])
            merged = _merged(states, 0 if module.batch_first else 1)
        elif len(extents) == 2:
            fits(ctx, module.cell, module.site, states, module.inputs)
            return _made(module, key, None, extents[0], False)
        else:
            raise TorchRaises("RuntimeError", f"expected input to be 2D or 3D, got {len(extents)}D")
        fits(ctx, module.cell, module.site, states, module.inputs)
    samples = ctx.generic(("samples", key)) if samples is None else samples
    steps = ctx.generic(("steps", key)) if steps is None else steps
    return _made(module, key, samples, steps, packed, merged)


def _merged(states: States, axis: int) -> bool:
    """Whether an axis was made of several (a batch of sentences of words): taking them apart again mixes nothing."""
    return any(len(block.axes) > axis and len(block.axes[axis]) > 1 for block in blocks(states))


def _made(module: Recurrent, key: object, samples: int | None, steps: int, packed: bool, merged: bool = False) -> Call:
    hidden = module.hidden.value
    layers = module.layers.value
    assert isinstance(hidden, int)
    assert isinstance(layers, int)
    projection = hidden if module.projection is None else module.projection.value
    assert isinstance(projection, int)
    return Call((key, module.site), layers, module.directions, samples, steps, projection, hidden, packed, merged)


def _check_state(ctx: Context, made: Call, state: Value) -> None:
    """An initial state says how many samples there are, where that is open."""
    first = state.items[0] if isinstance(state, Items) and state.items else state
    if not isinstance(first, Tensor) or made.samples is None:
        return
    extents = shape(first.states)
    if len(extents) == 3 and extents[1] != made.samples:
        ctx.equate(extents[1], made.samples)


def call_cell(ctx: Context, module: RecurrentCell, args: tuple[Value, ...], keywords: Mapping[str, Value]) -> Value:
    """``h`` (N, H), or ``(h, c)`` for an LSTMCell; a cell's states are not followed further."""
    for value in args:
        ctx.use(value, "layer")
    hidden = module.hidden.value
    assert isinstance(hidden, int)
    source = ctx.tensor(args[0]) if args and not isinstance(args[0], Items | Packed) else Unknown("no input")
    if isinstance(source, Formless):
        ctx.rank(source, 2)
    if isinstance(source, Tensor) and shape(source.states):
        fits(ctx, module.cell, module.site, source.states, module.inputs)
        rows = shape(source.states)[:-1]
    else:
        rows = (ctx.generic(("samples", ctx.occurrence())),)
    source_of = Given(("cell", module.site, module.cell), (*rows, hidden))
    ctx.remember_cell(source_of, module)
    ctx.step(module, source, args[1] if len(args) > 1 else keywords.get("hx", Lit(None)), source_of)
    made = ctx.settle(results.given(source_of))
    return Items((made, made)) if module.cell == "LSTMCell" else made


def read_as_tensor(ctx: Context, value: Items | Packed, op: str) -> Value:
    """A result, a pair or a PackedSequence stands where a tensor belongs: say it; torch raises."""
    if isinstance(value, Packed):
        ctx.emit(PackedRead(op, ctx.site))
        raise TorchRaises("TypeError", "must be Tensor, not PackedSequence")
    match value.tag:
        case PairOf(made):
            ctx.emit(PairRead(made, ctx.module(made), op, ctx.site))
        case ResultOf(made):
            ctx.emit(ResultRead(made, ctx.module(made), op, ctx.site))
        case _:
            ctx.use(value, "layer")
            return Unknown("a tuple where a tensor belongs")
    raise TorchRaises("TypeError", "must be Tensor, not tuple")


# --- packing ---------------------------------------------------------------------------------------------------------


@operation("torch.nn.utils.rnn.pack_padded_sequence", "input lengths batch_first enforce_sorted", rank="any")
def pack(ctx: Context, a: Args) -> Value:
    """A PackedSequence of ``input``, (T, N, *) or (N, T, *) with ``batch_first``."""
    batch_first = ctx.flag(a["batch_first"], force=True) if "batch_first" in a else False
    tensor = ctx.tensor(a["input"]) if "input" in a else Unknown("no input")
    if isinstance(tensor, Formless):
        ctx.rank(tensor, 3)
    if not isinstance(tensor, Tensor) or batch_first is None:
        return Packed(None, batch_first)
    ctx.use(tensor, "input")
    if not batch_first or len(shape(tensor.states)) < 2:
        return Packed(tensor.states, batch_first)
    turned = ordering.transpose(tensor.states, 0, 1)
    return Packed(None if isinstance(turned, Unknown | Raises) else turned, batch_first)


@operation("torch.nn.utils.rnn.pack_sequence", "sequences enforce_sorted", rank="any")
def pack_sequence(ctx: Context, a: Args) -> Value:
    """A PackedSequence of a list of tensors."""
    return Packed(None, None)


@operation("torch.nn.utils.rnn.pad_packed_sequence", "sequence batch_first padding_value total_length", rank="any")
def pad(ctx: Context, a: Args) -> Value:
    """``(output, lengths)``; output (T, N, *), or (N, T, *) with ``batch_first``."""
    source = a.named.get("sequence", Unknown("no sequence"))
    batch_first = ctx.flag(a["batch_first"], force=True) if "batch_first" in a else False
    key = ("last valid", "lengths of", ctx.occurrence())
    if isinstance(source, Items) and isinstance(source.tag, ResultOf):
        return read_as_tensor(ctx, source, "pad_packed_sequence")
    if not isinstance(source, Packed) or source.states is None or batch_first is None:
        ctx.use(source, "elsewhere")
        return Items((Unknown("what was packed is not known"), Unknown("lengths")))
    states: States | None = source.states
    total = ctx.integer(a["total_length"]) if "total_length" in a else None
    if total is not None and states is not None:
        ctx.equate(total, shape(states)[0])
    if batch_first and states is not None:
        turned = ordering.transpose(states, 0, 1)
        states = None if isinstance(turned, Unknown | Raises) else turned
    if states is None:
        return Items((Unknown("what was packed is not known"), Unknown("lengths")))
    samples = shape(states)[0 if batch_first else 1]
    lengths = results.given(Given(("lengths", key), (samples,)))
    return Items((ctx.settle(states), ctx.settle(lengths)))


def packed_method(ctx: Context, value: Packed, name: str) -> Value:
    """A method of a PackedSequence."""
    if name in ("to", "cuda", "cpu", "float", "double", "half", "pin_memory"):
        return value
    if name in ("size", "dim", "view", "reshape", "transpose", "permute", "unsqueeze", "squeeze", "mean", "sum"):
        ctx.emit(PackedRead(name, ctx.site))
        raise TorchRaises("AttributeError", f"'PackedSequence' object has no attribute '{name}'")
    return Unknown(f"{name} of a PackedSequence")
