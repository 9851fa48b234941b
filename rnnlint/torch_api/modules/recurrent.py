"""Recurrent modules and their cells: construction facts to results.

Signatures are those of https://docs.pytorch.org/docs/stable/generated/torch.nn.LSTM.html (GRU, RNN, and the cells).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from rnnlint import cells
from rnnlint.axes import results
from rnnlint.axes.reading import notes, sample_orders
from rnnlint.axes.states import Call, Given, Kind, Note, Order, Role, Source, States, Unknown, Viewed, blocks, shape
from rnnlint.events import Argument, Constructed, Evidence
from rnnlint.torch_api.batches import layout
from rnnlint.torch_api.batches.lengths import even_batch, harmlessly_filled, padding_of
from rnnlint.torch_api.context import NEW, Context, TorchRaises
from rnnlint.torch_api.misreads import read_as_tensor
from rnnlint.torch_api.modules import initial
from rnnlint.torch_api.modules.merged import first_of_pair, merged_samples
from rnnlint.torch_api.modules.widths import fits
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
from rnnlint.values.origins import Fresh, StateOfCell
from rnnlint.values.uses import Use
from rnnlint.values.walk import blocks_in, leaves

_COMMON = ("input_size", "hidden_size", "num_layers", "bias", "batch_first", "dropout", "bidirectional")
PARAMETERS: dict[str, tuple[str, ...]] = {
    "RNN": (*_COMMON[:3], "nonlinearity", *_COMMON[3:], "device", "dtype"),
    "GRU": (*_COMMON, "device", "dtype"),
    "LSTM": (*_COMMON, "proj_size", "device", "dtype"),
    "RNNCell": ("input_size", "hidden_size", "bias", "nonlinearity", "device", "dtype"),
    "GRUCell": ("input_size", "hidden_size", "bias", "device", "dtype"),
    "LSTMCell": ("input_size", "hidden_size", "bias", "device", "dtype"),
}
_BY_POSITION = (*_COMMON, "proj_size", "device", "dtype")  # of nn.RNNBase, which nn.GRU and nn.LSTM hand theirs to
_POSITIONAL = {"GRU": _BY_POSITION, "RNN": (*_BY_POSITION[:3], "nonlinearity", *_BY_POSITION[3:])}


def construct(
    ctx: Context, cell: str, args: tuple[Value, ...], keywords: Mapping[str, Value], skipped: int = 0
) -> Value:
    """``nn.LSTM(...)`` and its like; ``skipped`` arguments stand before those given, the mode of ``nn.RNNBase``.

    Raises TorchRaises for a keyword no version of torch knows.
    """
    if cell == cells.BASE:
        return _base(ctx, args, keywords)
    parameters = PARAMETERS[cell]
    given = _given(ctx, cell, args, keywords, skipped)
    if any(name not in parameters and name != "**" for name in keywords):
        wrong = next(name for name in keywords if name not in parameters and name != "**")
        raise TorchRaises("TypeError", f"got an unexpected keyword argument '{wrong}'")
    if cell.endswith("Cell"):  # torch's own names (rnnlint.cells)
        hidden = _size(ctx, given.get("hidden_size"), "hidden_size")
        return RecurrentCell(cell, hidden, ctx.facts.literal(given.get("input_size")), ctx.site.node)
    if "**" in keywords:
        given = {**{n: _open_option(ctx, keywords["**"], n) for n in _OPEN}, **given}
    layers = ctx.facts.layers(given["num_layers"]) if "num_layers" in given else Lit(1)
    # an open size is above a million (interpret.state.sizes): it is a number, but nobody's number of layers
    if layers is None or not isinstance(layers.value, int) or not 0 < layers.value < 1000:
        ctx.facts.tell_apart(given["num_layers"], "num_layers")
        return Unknown("the number of layers is not known")
    bidirectional, batch_first = _truth(ctx, given, "bidirectional"), _truth(ctx, given, "batch_first")
    if bidirectional is None or batch_first is None:
        return Unknown("bidirectional or batch_first is not known")
    projection = given.get("proj_size")
    width = None if projection is None else ctx.facts.literal(projection)
    return Recurrent(
        cell,
        layers,
        2 if bidirectional else 1,
        batch_first,
        _size(ctx, given.get("hidden_size"), "hidden_size"),
        width if width is not None and width.value else None,
        ctx.facts.literal(given["input_size"]) if "input_size" in given else None,
        ctx.site.node,
        given.get("nonlinearity") == Lit("relu"),
        isinstance(layout := given.get("batch_first"), Free) and ctx.facts.default(layout) is None,
    )


def _truth(ctx: Context, given: Mapping[str, Value], name: str) -> bool | None:
    """An option that is true or not; None where that is not known."""
    if name not in given:
        return False
    truth = ctx.facts.flag(given[name], force=True)
    if truth is None and ctx.facts.tell_apart(given[name], name):
        # no condition decides it, and it has no name (``bidirectional=kind in KINDS``): it is the module's own
        return ctx.facts.flag(Free(name, ctx.site.node), force=True)
    return truth


_OPEN = ("num_layers", "batch_first", "bidirectional")


def _open_option(ctx: Context, rest: Value, name: str) -> Free:
    """What ``**rest`` may give under a name."""
    key, owner = (rest.key, rest.owner) if isinstance(rest, Free) else ("kwargs", ctx.site.node)
    return Free(f"{key}[{name!r}]", owner)


def _base(ctx: Context, args: tuple[Value, ...], keywords: Mapping[str, Value]) -> Value:
    """``nn.RNNBase("LSTM", ...)``."""
    mode = args[0] if args else keywords.get("mode")
    if not isinstance(mode, Lit) or mode.value not in cells.MODES:
        return Unknown("the mode of nn.RNNBase is not known")
    rest = {name: value for name, value in keywords.items() if name != "mode"}
    return construct(ctx, str(mode.value).partition("_")[0], args[1:], rest, 1 if args else 0)


def _given(
    ctx: Context, cell: str, args: tuple[Value, ...], keywords: Mapping[str, Value], skipped: int
) -> dict[str, Value]:
    """Arguments by parameter, said as an event."""
    parameters = PARAMETERS[cell]
    positional = _BY_POSITION if skipped else _POSITIONAL.get(cell, parameters)
    spelled = ctx.here.spelling()
    said: list[Argument] = []
    for index, value in enumerate(args):
        name = spelled[index + skipped][1] if index + skipped < len(spelled) else None
        said.append(Argument(positional[index] if index < len(positional) else None, value, None, name))
    names = {keyword: name for keyword, name in spelled if keyword is not None}
    for keyword, value in keywords.items():
        if keyword != "**":
            said.append(Argument(keyword if keyword in parameters else None, value, keyword, names.get(keyword)))
    complete = (bool(spelled) or not said) and "**" not in keywords
    given = {a.parameter: a.value for a in said if a.parameter is not None}
    settings = ctx.facts.settings(given.get("num_layers"))
    built = Constructed(cell, tuple(said), parameters, ctx.site, complete, ctx.facts.left, settings)
    ctx.emit(_with_rate(ctx, built) if built.one_layer and "dropout" in given else built)
    return given


def _with_rate(ctx: Context, built: Constructed) -> Constructed:
    """What is built, with the rate that is declared, or that it has in another configuration."""
    said = (replace(a, value=ctx.facts.rate(a.value)) if a.parameter == "dropout" else a for a in built.arguments)
    return replace(built, arguments=tuple(said))


def _size(ctx: Context, value: Value | None, name: str) -> Lit:
    number = None if value is None else ctx.facts.literal(value)
    if number is None or not isinstance(number.value, int) or number.value < 1:
        key = (name, ctx.site.node)
        return Lit(ctx.facts.generic(key), frozenset({key}))
    return number


# --- calls -----------------------------------------------------------------------------------------------------------


def call(ctx: Context, module: Recurrent, args: tuple[Value, ...], keywords: Mapping[str, Value]) -> Value:
    """``(output, h_n)``, or ``(output, (h_n, c_n))`` for an LSTM."""
    source = args[0] if args else keywords.get("input", Unknown("no input"))
    absent: Value = Unknown("arguments that are not known") if "**" in keywords else Lit(None)
    state = args[1] if len(args) > 1 else keywords.get("hx", absent)
    carried = _carried(state)
    site, trials = ctx.site, list[initial.Trial]()
    try:
        several = source if isinstance(source, Either) and isinstance(state, Either) else absent
        return ctx.each((source, state), lambda some: _called(ctx, module, some, several, carried, trials))
    finally:
        initial.say(ctx, module, source, state, trials, site)


def _called(
    ctx: Context, module: Recurrent, some: tuple[Value, ...], several: Value, carried: bool, trials: list[initial.Trial]
) -> Value:
    """One of the ways in which a call can go; ``several`` is what else may be given with what else the state may be."""
    source, state = some
    states: States | None = None
    if isinstance(source, Packed):
        known = source.states is not None
        made = _call_of(ctx, module, source.states, state, source)
    else:
        if isinstance(source, Items):
            return read_as_tensor(ctx, source, "layer")
        tensor = ctx.facts.tensor(source)
        known = isinstance(tensor, Tensor)
        if isinstance(tensor, Formless):
            ctx.facts.rank(tensor, initial.input_rank(ctx, state))
        if isinstance(tensor, Tensor) and not module.batch_first:  # whoever padded it in the other layout knows
            tensor = Tensor(notes.instead(tensor.states, Note.OTHER_LAYOUT, Note.READ_SO))
        states = tensor.states if isinstance(tensor, Tensor) else None
        if states is not None and len(shape(states)) == 3:
            initial.ranked(ctx, state, 3)
        made = _call_of(ctx, module, states, state)
        ctx.use(tensor, Use.INPUT, module)
    # The loop is told of every call, also of one that torch refuses.  Sizes that fit are found before the layout and
    # the state are looked at; what is handed over counts as used, and only then is it judged, which may raise: a call
    # that is refused has returned nothing to remember.
    ctx.rounds.call(module, source, state, made)
    _check_state(ctx, made, state)
    if states is not None and len(shape(states)) == 3:
        _show_layout(ctx, module, made, states, state, several)
    ctx.use(state, Use.INITIAL_STATE, module)
    initial.judge(ctx, initial.slot_of(made, cells.has_cell_state(module.cell), known), state, trials)
    ctx.remember(made, module, carried, states, _handed(ctx, state))
    if isinstance(source, Packed):
        ctx.calls.note_packed(made, source.at)
    state_value: Value = ctx.settle(results.state_of(made, Kind.HIDDEN))
    if cells.has_cell_state(module.cell):
        state_value = Items((state_value, ctx.settle(results.state_of(made, Kind.CELL))), PairOf(made, module.cell))
    return Items((_output(ctx, made, module, source), state_value), ResultOf(made, module.cell, ctx.site.node))


def _output(ctx: Context, made: Call, module: Recurrent, source: Value) -> Value:
    output = results.output_of(made, module.batch_first and not made.packed)
    return replace(source, states=output, call=made) if isinstance(source, Packed) else ctx.settle(output)


def _handed(ctx: Context, state: Value) -> bool:
    """Whether a state was made outside the function that stands here, or is a variable that holds None this time."""
    if isinstance(state, Items):
        return any(_handed(ctx, item) for item in state.items)
    if isinstance(state, Tensor):
        keys = [block.source.key for block in blocks(state.states) if isinstance(block.source, Given)]
        made = [key.key for key in keys if isinstance(key, Fresh)]
        here = ctx.occurrence()
        return isinstance(here, tuple) and any(isinstance(place, tuple) and place[-1] != here[-1] for place in made)
    names = [name for keyword, name in ctx.here.spelling()[1:] if keyword in (None, "hx")]
    return isinstance(state, Lit) and state.value is None and bool(names) and names[0] is not None


def _carried(state: Value) -> bool:
    """Whether a state comes from outside the function (or from another call), so that the call may be one step."""
    return any(map(_is_carried, leaves(state)))


def _is_carried(one: Value) -> bool:
    match one:
        case Unknown(reason):
            return reason != NEW
        case Tensor(states):
            made_of = [block.source for block in blocks(states)]
            return any(isinstance(source, Call) or isinstance(source.key, (Free, Viewed)) for source in made_of)
    return one != Lit(None)


def _call_of(
    ctx: Context, module: Recurrent, states: States | None, state: Value, packed: Packed | None = None
) -> Call:
    """The extents of a call, from its input's shape."""
    samples: int | None = None
    steps: int | None = None
    merged: tuple[int, ...] = ()
    order: Order = () if packed is None else packed.order
    key = ctx.occurrence()
    if states is not None:
        extents = shape(states)
        if packed:
            steps, samples = extents[0], extents[1]
            order = order or sample_orders.order_of(states, 1)
        elif len(extents) == 3:
            samples, steps = extents[:2] if module.batch_first else (extents[1], extents[0])
            merged = merged_samples(ctx, states, 0 if module.batch_first else 1, samples, state)
            order = sample_orders.order_of(states, 0 if module.batch_first else 1)
        elif len(extents) == 2:
            fits(ctx, module.cell, module.site, states, module.inputs)
            return _made(ctx, module, key, None, extents[0])
        else:
            raise TorchRaises("RuntimeError", f"expected input to be 2D or 3D, got {len(extents)}D")
        fits(ctx, module.cell, module.site, states, module.inputs)
    elif packed is not None:
        samples = packed.samples
    samples = ctx.facts.generic(("samples", key)) if samples is None else samples
    steps = ctx.facts.generic(("steps", key)) if steps is None else steps
    if packed is not None:
        return _made(ctx, module, key, samples, steps, packed=True, even=packed.even or samples == 1, order=order)
    padding = "" if states is None else padding_of(states)
    same = states is not None and even_batch(states)
    made = _made(ctx, module, key, samples, steps, merged=merged, even=same, order=order, padding=padding)
    if states is not None and harmlessly_filled(states):
        ctx.calls.note_harmless(made)
    return made


def _made(
    ctx: Context,
    module: Recurrent,
    key: object,
    samples: int | None,
    steps: int,
    *,
    packed: bool = False,
    merged: tuple[int, ...] = (),
    even: bool = False,
    padding: str = "",
    order: Order = (),
) -> Call:
    hidden = module.hidden.value
    layers = module.layers.value
    assert isinstance(hidden, int)
    assert isinstance(layers, int)
    projection = hidden if module.projection is None else module.projection.value
    assert isinstance(projection, int)
    at, directions = (key, module.site), module.directions
    extents = (layers, directions, samples, steps, projection, hidden)
    return ctx.the_source(Call(at, *extents, packed, merged, even, padding, order))


def _check_state(ctx: Context, made: Call, state: Value) -> None:
    """An initial state says how many samples there are, where that is open."""
    first = state.items[0] if isinstance(state, Items) and state.items else state
    if not isinstance(first, Tensor) or made.samples is None:
        return
    extents = shape(first.states)
    if extents[:2] == (made.layers * made.directions, 1) and made.samples != 1:
        ctx.calls.note_alone(made)
    if len(extents) == 3 and extents[1] != made.samples:
        ctx.fitting.equate(extents[1], made.samples)
        # rows that were counted (``batch * beams``) were made for this batch, which then has as many; that of a state
        # which somebody else has made may be astray
        if extents[1] not in map(ctx.facts.generic, ctx.facts.free_of(extents[1])):
            ctx.fitting.same(made.samples, extents[1])


def _show_layout(ctx: Context, module: Recurrent, made: Call, source: States, state: Value, several: Value) -> None:
    """What the state that is handed to a call shows of its input.

    A state has as many samples as the batch.  A state that the call itself has made before is carried through a loop
    over the steps.
    """
    samples, steps = (0, 1) if module.batch_first else (1, 0)
    given = first_of_pair(state)
    if given is not None and made.steps != made.samples == shape(source)[samples]:
        layout.show_by_state(ctx, source, steps, given, several)
    if made.steps == 1 and _returns(ctx, made, state):
        layout.show_looped(ctx, source, samples, "the loop over the steps")
    if made.samples == 1 != made.steps and any(block.source == made for block in blocks_in(state)):
        ctx.layouts.go_on(made, source)


def _returns(ctx: Context, source: Source, state: Value) -> bool:
    """Whether a call is handed what it returned the last time; then it recurs."""
    found = any(block.source == source for block in blocks_in(state))
    if found:
        ctx.layouts.recur(source)
    return found


def call_cell(ctx: Context, module: RecurrentCell, args: tuple[Value, ...], keywords: Mapping[str, Value]) -> Value:
    """``h`` (N, H), or ``(h, c)`` for an LSTMCell."""
    state = args[1] if len(args) > 1 else keywords.get("hx", Lit(None))
    source = args[0] if args else keywords.get("input", Unknown("no input"))
    ctx.use(source, Use.LAYER)
    ctx.use(state, Use.INITIAL_STATE)
    site, trials = ctx.site, list[initial.Trial]()
    try:
        return ctx.each((source,), lambda some: _cell_called(ctx, module, some[0], state, trials))
    finally:
        initial.say(ctx, module, source, state, trials, site)


def _cell_called(ctx: Context, module: RecurrentCell, given: Value, state: Value, trials: list[initial.Trial]) -> Value:
    hidden = module.hidden.value
    assert isinstance(hidden, int)
    source = ctx.facts.tensor(given) if not isinstance(given, (Items, Packed)) else Unknown("no input")
    if isinstance(source, Formless):
        ctx.facts.rank(source, 2)
    rank = len(shape(source.states)) if isinstance(source, Tensor) else None
    if rank not in (None, 1, 2):
        raise TorchRaises("ValueError", f"{module.cell}: Expected input to be 1D or 2D, got {rank}D instead")
    known = rank is not None
    if isinstance(source, Tensor) and known:
        fits(ctx, module.cell, module.site, source.states, module.inputs)
        rows = shape(source.states)[:-1]
    else:
        rows = (ctx.facts.generic(("samples", ctx.occurrence())),)
    pair = cells.has_cell_state(module.cell)
    slot = initial.slot_of_cell(rows, hidden, pair, known)
    ctx.each((state,), lambda some: initial.judged(ctx, slot, some[0], trials))
    made: list[Value] = []
    for kind in (Kind.HIDDEN, Kind.CELL) if pair else (Kind.HIDDEN,):
        source_of = ctx.the_source(Given(StateOfCell(module.site, module.cell, kind), (*rows, hidden)))
        ctx.calls.remember_cell(source_of, module)
        if kind is Kind.HIDDEN:
            ctx.rounds.call(module, source, state, source_of)
        made.append(ctx.settle(results.given(source_of)))
        if len(rows) == 1:
            why = f"the nn.{module.cell}"
            ctx.layouts.show(source_of.key, 0, Evidence(Role.SAMPLE, why, ctx.site))
            if _returns(ctx, source_of, state) and isinstance(source, Tensor):
                layout.show_looped(ctx, source.states, 0, f"the loop over {why}")
    return Items(tuple(made)) if pair else made[0]
