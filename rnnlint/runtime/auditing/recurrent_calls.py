"""Calls of recurrent modules and cells, and of the functions that pack their batches, as the analysis is told them."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from functools import partial
from typing import Any

from torch import Tensor, nn

from rnnlint.interpret.python import calls
from rnnlint.runtime.auditing import source_text, structure
from rnnlint.runtime.auditing.following import LOST
from rnnlint.runtime.auditing.places import Place
from rnnlint.runtime.auditing.record import Padded, Recurrence
from rnnlint.runtime.auditing.tuples import watched
from rnnlint.runtime.auditing.watch import Watch
from rnnlint.torch_api.modules import recurrent
from rnnlint.values.domain import Items, Lit, Recurrent, RecurrentCell, Torch, Value


def module_called(
    watch: Watch, module: nn.RNNBase, forward: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> Any:
    """A recurrent module is called; its results are told apart from here on."""

    def handed(values: tuple[Value, ...], keywords: dict[str, Value]) -> Value:
        return recurrent.call(watch.run, _declared(module), values, keywords)

    def seen(result: Any, value: Value) -> Any:
        watch.labels.begin(module, result)
        watch.check(result)
        return _telling(watch, result, value)

    return _recurred(watch, module, forward, args, kwargs, handed, seen)


def cell_called(
    watch: Watch, module: nn.RNNCellBase, forward: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> Any:
    """A recurrent cell is called."""

    def handed(values: tuple[Value, ...], keywords: dict[str, Value]) -> Value:
        key = ("module", id(module))
        kind = RecurrentCell(type(module).__name__, Lit(module.hidden_size), Lit(module.input_size), key)
        return recurrent.call_cell(watch.run, kind, values, keywords)

    return _recurred(watch, module, forward, args, kwargs, handed, partial(_telling, watch))


def _recurred(
    watch: Watch,
    module: nn.Module,
    forward: Callable[..., Any],
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
    handed: Callable[[tuple[Value, ...], dict[str, Value]], Value],
    seen: Callable[[Any, Value], Any],
) -> Any:
    place = watch.place()
    name = type(module).__name__

    def follow() -> Value:
        values, keywords = _entering(watch, args, kwargs)
        watch.at(place, "call")
        with watch.looping(place):
            return watch.follow(lambda: handed(values, keywords))

    def begin() -> tuple[Recurrence | None, tuple[Any, ...], dict[str, Any]]:
        return Recurrence.begun(watch.name(module), module, args, kwargs, place, traced=not watch.gently)

    unrecorded: tuple[Recurrence | None, tuple[Any, ...], dict[str, Any]] = (None, args, kwargs)

    def attach() -> Any:
        if record is not None:
            watch.recurrences.append(record.returned(result))
        watch.shadows.attach(result, value)
        handing = seen(result, value)
        watch.tally.called(f"nn.{_kind(module)}", place, result)
        if record is not None:
            watch.note_lengths(record, value)
        return handing

    with watch.pause():
        # followed before it is run, because the module may be handed tensors that it or a hook writes to
        value = watch.ours(name, place, follow, LOST, (args, kwargs))
        record, given, named = watch.ours(name, place, begin, unrecorded)
        with watch.trying(place):
            result = forward(module, *given, **named)
        if record is not None and not watch.gently:
            # before anything is attached: the program goes on with what came out of the gate
            record, result = watch.ours(name, place, partial(_gated, record, result), (record, result))
        return watch.ours(name, place, attach, result, result)


def _gated(call: Recurrence, result: Any) -> tuple[Recurrence, Any]:
    return structure.gated(call, result) if structure.is_large(call) else (call, result)


def _entering(
    watch: Watch, args: tuple[Any, ...], kwargs: Mapping[str, Any]
) -> tuple[tuple[Value, ...], dict[str, Value]]:
    """The arguments of a recurrent call: it makes states of its own also from what is not known."""
    values, keywords = watch.values(args, kwargs)
    if args and isinstance(args[0], Tensor):
        return (watch.shadows.entering(args[0]), *values[1:]), keywords
    if isinstance(kwargs.get("input"), Tensor):
        keywords["input"] = watch.shadows.entering(kwargs["input"])
    return values, keywords


def _kind(module: nn.Module) -> str:
    """What torch calls the kind of a recurrent module or cell."""
    if isinstance(module, nn.RNNBase):
        # RNN_TANH and RNN_RELU: the mode of an RNN names its nonlinearity too
        return "RNN" if module.mode.startswith("RNN") else module.mode
    return type(module).__name__


def _declared(module: nn.RNNBase) -> Recurrent:
    key: Hashable = ("module", id(module))
    return Recurrent(
        _kind(module),
        Lit(module.num_layers, frozenset({source_text.layers_of(module.num_layers)})),
        2 if module.bidirectional else 1,
        module.batch_first,
        Lit(module.hidden_size),
        Lit(module.proj_size) if module.proj_size else None,
        Lit(module.input_size),
        key,
        module.mode == "RNN_RELU",
    )


def _telling(watch: Watch, result: Any, value: Value) -> Any:
    """A call's tuple of results that says how it is read."""
    if not isinstance(value, Items):
        return result
    parts = [
        _telling(watch, part, its) if isinstance(part, tuple) and isinstance(its, Items) else part
        for part, its in zip(result, value.items, strict=True)
    ]
    return tuple(parts) if watch.gently else watched(tuple(parts), value, watch.told)


def constructed(watch: Watch, cell: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    """A recurrent module is built."""
    place = watch.place()

    def built() -> None:
        values, keywords = watch.values(args, kwargs)
        watch.at(place, "call")
        watch.follow(lambda: recurrent.construct(watch.run, cell, values, keywords))

    with watch.pause():
        watch.ours(cell, place, built, None)


def packed(watch: Watch, name: str, given: Mapping[str, Any], place: Place | None, result: object) -> None:
    """A function of torch.nn.utils.rnn was called with the given parameters."""

    def seen() -> None:
        watch.at(place, "call")
        keywords = {key: watch.shadows.value(one) for key, one in given.items()}
        value = watch.follow(lambda: calls.call(watch.run, Torch(f"torch.nn.utils.rnn.{name}"), (), keywords))
        watch.shadows.attach(result, value)
        if name == "pad_packed_sequence" and isinstance(result, tuple):
            watch.padded.append(Padded(result[0], result[1], bool(given["batch_first"]), place))

    with watch.pause():
        watch.ours(name, place, seen, None, (dict(given), result))
