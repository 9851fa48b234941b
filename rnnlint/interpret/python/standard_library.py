"""Functions of the standard library, and a few like them, that hand on what they are given."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from rnnlint.axes.states import Unknown
from rnnlint.interpret.state.frames import ClassInfo
from rnnlint.interpret.state.made_once import NONE
from rnnlint.interpret.state.run import Run
from rnnlint.torch_api.names import COUNTED_WITH_A_BAR, STANDARD, WITH_A_BAR
from rnnlint.values.domain import Builtin, Called, Class, Free, Lit, Partial, Ref, Torch, Value
from rnnlint.values.heap_cells import DictCell, ListCell, ObjectCell

Arguments = tuple[Value, ...]
Keywords = Mapping[str, Value]

NAMED_TUPLE = "NamedTuple"
"""What a class of named tuples derives from."""


def member(module: Free, name: str) -> Torch | None:
    """``module.name``, where that is one of these."""
    full = f"{module.key}.{name}"
    return Torch(full) if full in STANDARD else None


def _partial(run: Run, args: Arguments, keywords: Keywords) -> Value:
    if not args:
        return run.lost("partial() of nothing")
    return Partial(args[0], (*args[1:], *keywords.values()), tuple(keywords))


def _copy(run: Run, args: Arguments, keywords: Keywords) -> Value:
    """A list or dict that is changed on its own; of anything else, a copy does what the original does."""
    if not args:
        return run.lost("a copy of nothing")
    cell = run.heap[args[0].cell] if isinstance(args[0], Ref) else None
    return run.containers.new_cell(cell) if isinstance(cell, (ListCell, DictCell)) else args[0]


def _second(run: Run, args: Arguments, keywords: Keywords) -> Value:
    """``cast(T, value)``."""
    return args[1] if len(args) > 1 else run.lost("a cast of nothing")


_OF_CHECKPOINT = frozenset({"use_reentrant", "preserve_rng_state", "context_fn", "determinism_check", "debug"})


def _checkpointed(run: Run, args: Arguments, keywords: Keywords) -> Value:
    """``checkpoint(function, *args)`` calls the function; what it keeps for the gradients is no business of states."""
    handed = {name: value for name, value in keywords.items() if name not in _OF_CHECKPOINT}
    return run.call(args[0], args[1:], handed) if args else run.lost("a checkpoint of nothing")


def _first(run: Run, args: Arguments, keywords: Keywords) -> Value:
    return args[0] if args else keywords.get("iterable", NONE)


def _counted(run: Run, args: Arguments, keywords: Keywords) -> Value:
    """``trange(n)``: a range, with a bar."""
    return run.call(Builtin("range"), args, {})


def _places(run: Run, args: Arguments, keywords: Keywords) -> Value:
    """``numpy.arange(n)``, by which rows are picked as by a range."""
    counts = len(args) == 1 and keywords.keys() <= {"dtype"}
    return run.call(Builtin("range"), args, {}) if counts else run.lost("an array of numpy's that counts otherwise")


def _named_tuple(run: Run, args: Arguments, keywords: Keywords) -> Value:
    """``namedtuple("Name", "first second")``: a class with these fields."""
    fields = _names(run, args[1] if len(args) > 1 else keywords.get("field_names"))
    if fields is None:
        return run.lost("a namedtuple of fields that are not known")
    cls = Class(run.site.node, 0)
    run.state.define(cls.node, ClassInfo((Free(NAMED_TUPLE),), {}, (), fields))
    return cls


def _names(run: Run, value: Value | None) -> tuple[str, ...] | None:
    if isinstance(value, Lit) and isinstance(value.value, str):
        return tuple(value.value.replace(",", " ").split())
    items = None if value is None else run.containers.elements(value)
    names = [item.value for item in items or () if isinstance(item, Lit) and isinstance(item.value, str)]
    return tuple(names) if items is not None and len(names) == len(items) else None


def fields_of(run: Run, value: Value) -> tuple[Value, ...] | None:
    """The items of a named tuple, in order; None for anything else."""
    cell = run.containers.object(value)
    info = None if cell is None else run.state.classes.get(cell.cls.node)
    if cell is None or info is None or not any(_is_named_tuple(base) for base in info.bases):
        return None
    run.state.classes[cell.cls.node]  # asked
    assert isinstance(value, Ref)
    return tuple(run.heap.attribute(value.cell, name) or NONE for name in info.fields)


def _is_named_tuple(base: Value) -> bool:
    return isinstance(base, Free) and base.key.rpartition(".")[2] == NAMED_TUPLE


def _as_dict(run: Run, args: Arguments, keywords: Keywords) -> Value:
    """``asdict(config)``: the fields by their names, those of records in it as well."""
    one = args[0] if args else NONE
    return _fields_as_dict(run, one) or Free("asdict()", Called(one, run.site.node))


def _fields_as_dict(run: Run, value: Value, depth: int = 0) -> Ref | None:
    if not isinstance(value, Ref) or run.containers.object(value) is None or depth > _DEEPEST:
        return None
    pairs = run.heap.attributes(value.cell).items()
    return run.containers.new_cell(
        DictCell(tuple((name, _fields_as_dict(run, inner, depth + 1) or inner) for name, inner in pairs))
    )


_DEEPEST = 3
"""Records in records that become dicts; a convention, and they can hold themselves."""


def _replaced(run: Run, args: Arguments, keywords: Keywords) -> Value:
    """``replace(config, hidden=32)``: another one."""
    cell = run.containers.object(args[0]) if args else None
    if cell is None or "**" in keywords:
        return Free("replace()", Called(args[0] if args else NONE, run.site.node))
    assert isinstance(args[0], Ref)
    attrs = {**run.heap.attributes(args[0].cell), **keywords}
    return run.containers.new_cell(ObjectCell(cell.cls, attrs, cell.base, cell.record))


def _device(run: Run, args: Arguments, keywords: Keywords) -> Value:
    """``torch.device("cpu")``, which is as good as its name."""
    name = args[0] if args else None
    written = isinstance(name, Lit) and isinstance(name.value, str) and not name.origins
    return name if written and name is not None else Unknown("a device that is not known")


_FIELD = Torch("dataclasses.field")


def _field(run: Run, args: Arguments, keywords: Keywords) -> Value:
    """``field(default=2)``, which is its default, and ``field(default_factory=dict)``, which is called for each."""
    if "default_factory" in keywords:
        return Partial(_FIELD, (keywords["default_factory"],), ("default_factory",))
    return keywords.get("default", Unknown("a field without a default"))


def factory_of(value: Value | None) -> Value | None:
    """What is called for the default of a field; None for one that has none such."""
    return value.args[0] if isinstance(value, Partial) and value.function == _FIELD else None


CALLS: Mapping[str, Callable[[Run, Arguments, Keywords], Value]] = {
    "dataclasses.asdict": _as_dict,
    "dataclasses.field": _field,
    "dataclasses.replace": _replaced,
    "functools.partial": _partial,
    "copy.copy": _copy,
    "copy.deepcopy": _copy,
    "typing.cast": _second,
    "torch.jit.annotate": _second,
    "torch.utils.checkpoint.checkpoint": _checkpointed,
    "torch.device": _device,
    "collections.namedtuple": _named_tuple,
    "contextlib.nullcontext": _first,
    "numpy.arange": _places,
    **dict.fromkeys(WITH_A_BAR, _first),
    **dict.fromkeys(COUNTED_WITH_A_BAR, _counted),
}
