"""Objects that hold what the program puts into them: argparse and namespaces, mostly options, and an empty module.

The default of an option is what the file declares: whoever runs the program can give another.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from rnnlint.axes.states import Unknown
from rnnlint.interpret.state.made_once import NONE
from rnnlint.interpret.state.run import Run
from rnnlint.source import program as ir
from rnnlint.values.domain import Builtin, Class, Free, Items, Lit, Ref, Value
from rnnlint.values.heap_cells import ObjectCell, ParserCell

Arguments = tuple[Value, ...]
Keywords = Mapping[str, Value]

_SWITCHES = {"store_true": False, "store_false": True}
_READERS: dict[str, Callable[[str], int | float | str]] = {"int": int, "float": float, "str": str}


def _parser(run: Run, args: Arguments, keywords: Keywords) -> Value:
    return run.containers.new_cell(ParserCell(run.site.node, {}))


def _namespace(run: Run, args: Arguments, keywords: Keywords) -> Value:
    """``SimpleNamespace(hidden=16)``."""
    attrs = {name: value for name, value in keywords.items() if name != "**"}
    return run.containers.new_cell(ObjectCell(Class(run.site.node, 0), attrs, record=True))


def _options(run: Run, attrs: Mapping[str, Value]) -> Ref:
    return run.containers.new_cell(ObjectCell(Class(run.site.node, 0), attrs))


CALLS: Mapping[str, Callable[[Run, Arguments, Keywords], Value]] = {
    "argparse.ArgumentParser": _parser,
    "argparse.Namespace": _namespace,
    "types.SimpleNamespace": _namespace,
    "torch.nn.Module": lambda run, args, keywords: _options(run, {}),
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
            return _options(run, cell.options)
        case "parse_known_args" | "parse_known_intermixed_args":
            return Items((_options(run, cell.options), run.lost("the arguments that are left")))
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
    # without a default there is none to go by; with nargs it is a list, but for "?", which is one or none; what is
    # required never has its default
    if (
        default is None
        or keywords.get("nargs", Lit("?")) != Lit("?")
        or keywords.get("required", Lit(False)) != Lit(False)
    ):
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
