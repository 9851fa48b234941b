"""Objects of the standard library that hold a program's options: argparse and namespaces.

The default of an option is what the file declares: whoever runs the program can give another.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from rnnlint.axes.states import Unknown
from rnnlint.interpret.state.frames import ClassInfo
from rnnlint.interpret.state.made_once import NONE
from rnnlint.interpret.state.run import Run
from rnnlint.source import program as ir
from rnnlint.values.domain import Builtin, Class, Free, Items, Lit, Ref, Value
from rnnlint.values.heap_cells import DictCell, ObjectCell, ParserCell

Arguments = tuple[Value, ...]
Keywords = Mapping[str, Value]

_SWITCHES = {"store_true": False, "store_false": True}
_READERS: dict[str, Callable[[str], int | float | str]] = {"int": int, "float": float, "str": str}


def _parser(run: Run, args: Arguments, keywords: Keywords) -> Value:
    return run.containers.new_cell(ParserCell(run.site.node, {}))


def _namespace(run: Run, args: Arguments, keywords: Keywords) -> Value:
    """``SimpleNamespace(hidden=16)``."""
    return _object(run, {name: value for name, value in keywords.items() if name != "**"})


def _object(run: Run, attrs: Mapping[str, Value]) -> Ref:
    return run.containers.new_cell(ObjectCell(Class(run.site.node, 0), attrs))


def _named_tuple(run: Run, args: Arguments, keywords: Keywords) -> Value:
    """``namedtuple("Kind", ["first", "second"])``: a class with these fields."""
    fields = _field_names(run, args[1] if len(args) > 1 else keywords.get("field_names", NONE))
    if fields is None:
        return run.lost("a namedtuple of fields that are not known")
    run.state.define(run.site.node, ClassInfo((Builtin("tuple"),), {}, (), fields))
    return Class(run.site.node, 0)


def _field_names(run: Run, given: Value) -> tuple[str, ...] | None:
    if isinstance(given, Lit) and isinstance(given.value, str):
        return tuple(given.value.replace(",", " ").split())
    known = run.containers.elements(given) or ()
    names = tuple(one.value for one in known if isinstance(one, Lit) and isinstance(one.value, str))
    return names if known and len(names) == len(known) else None


def _null_context(run: Run, args: Arguments, keywords: Keywords) -> Value:
    """What ``with nullcontext(x) as y`` binds is ``x``: ``with`` binds the manager itself."""
    return args[0] if args else keywords.get("enter_result", NONE)


def _cast(run: Run, args: Arguments, keywords: Keywords) -> Value:
    """``cast(Tensor, x)`` is ``x``."""
    return args[1] if len(args) == 2 else run.lost("cast() of one argument")


PARTIAL = Class("functools.partial", 0)
"""What a call is made of later: its function, and the arguments that it has already."""


def _partial(run: Run, args: Arguments, keywords: Keywords) -> Value:
    if not args or "**" in keywords:
        return run.lost("partial() of arguments that are not known")
    given = run.containers.new_cell(DictCell(tuple(keywords.items())))
    return run.containers.new_cell(ObjectCell(PARTIAL, {"func": args[0], "args": Items(args[1:]), "keywords": given}))


def call_partial(run: Run, cell: ObjectCell, args: Arguments, keywords: Keywords) -> Value:
    """Call what ``partial`` has made."""
    before, held = cell.attrs["args"], cell.attrs["keywords"]
    named = run.heap[held.cell] if isinstance(held, Ref) else None
    if not isinstance(before, Items) or not isinstance(named, DictCell):
        return run.lost("a partial whose arguments were changed")
    given: dict[str, Value] = {str(name): value for name, value in named.items}
    return run.call(cell.attrs["func"], (*before.items, *args), {**given, **keywords})


_ELSEWHERE: Mapping[str, Callable[[Run, Arguments, Keywords], Value]] = {
    "collections.namedtuple": _named_tuple,
    "contextlib.nullcontext": _null_context,
    "functools.partial": _partial,
    "typing.cast": _cast,
}
"""Of modules whose other names are not followed."""


def of_import(value: Free, name: str | None = None) -> Callable[[Run, Arguments, Keywords], Value] | None:
    """What a name means that a file imports from the standard library, or one of a module of it."""
    match value.owner:
        case ir.ImportFrom(module=module) if name is None:
            return _ELSEWHERE.get(f"{module}.{value.key}")
        case ir.Import() if name is not None:
            return _ELSEWHERE.get(f"{value.key}.{name}")
    return None


CALLS: Mapping[str, Callable[[Run, Arguments, Keywords], Value]] = {
    "argparse.ArgumentParser": _parser,
    "argparse.Namespace": _namespace,
    "types.SimpleNamespace": _namespace,
}


def parser_method(run: Run, receiver: Ref, cell: ParserCell, name: str, args: Arguments, keywords: Keywords) -> Value:
    """``parser.name(...)``."""
    match name:
        case "add_argument":
            added = _added(run, cell, args, keywords)
            run.containers.put(receiver, ParserCell(cell.place, {**cell.options, **added}))
            return Unknown("an option of a parser")
        case "set_defaults":
            default = {key: _declared(run, cell, key, value) for key, value in keywords.items() if key != "**"}
            run.containers.put(receiver, ParserCell(cell.place, {**cell.options, **default}))
            return NONE
        case "add_argument_group" | "add_mutually_exclusive_group":
            return receiver
        case "parse_args" | "parse_intermixed_args":
            return _object(run, cell.options)
        case "parse_known_args" | "parse_known_intermixed_args":
            return Items((_object(run, cell.options), run.lost("the arguments that are left")))
    return run.lost(f"{name} of a parser")


def _added(run: Run, cell: ParserCell, args: Arguments, keywords: Keywords) -> dict[str, Value]:
    """An option, under the name that argparse gives it; nothing if that is not known."""
    flags = [value.value for value in args if isinstance(value, Lit) and isinstance(value.value, str)]
    wanted = keywords.get("dest")
    if isinstance(wanted, Lit) and isinstance(wanted.value, str):
        name = wanted.value
    elif flags:
        # as argparse does: the first long option names it (https://docs.python.org/3/library/argparse.html#dest)
        long = next((flag for flag in flags if flag.startswith("--")), flags[0])
        name = long.lstrip("-").replace("-", "_")
    else:
        return {}
    action, default = keywords.get("action"), keywords.get("default")
    if default is None and isinstance(action, Lit) and action.value in _SWITCHES:
        default = Lit(_SWITCHES[str(action.value)])
    # without a default there is none to go by; with nargs it is a list; what is required never has its default
    if default is None or "nargs" in keywords or keywords.get("required", Lit(False)) != Lit(False):
        return {name: Free(name, cell.place)}
    return {name: _declared(run, cell, name, _read(default, keywords.get("type")))}


def _read(default: Value, kind: Value | None) -> Value:
    """A default as the program finds it: argparse reads those that are text as it reads what is given."""
    if not isinstance(default, Lit) or not isinstance(default.value, str) or not isinstance(kind, Builtin):
        return default
    try:
        return Lit(_READERS[kind.name](default.value), default.origins)
    except (KeyError, ValueError):
        return Free("default")


def _declared(run: Run, cell: ParserCell, name: str, default: Value) -> Value:
    node = run.site.node
    free = Free(name, cell.place)
    return run.facts.parameter(free, default, node) if isinstance(default, Lit) and isinstance(node, ir.Node) else free
