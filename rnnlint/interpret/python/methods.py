"""The methods of Python's lists, tuples, dicts and strings."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import replace

from rnnlint.axes.states import Unknown
from rnnlint.interpret.python import attribute_dicts, lists, open_options, tables
from rnnlint.interpret.python.texts import LONGEST, is_spelled
from rnnlint.interpret.state.made_once import NONE
from rnnlint.interpret.state.run import Arguments, Keywords, Run
from rnnlint.source import program as ir
from rnnlint.values.alternatives import either
from rnnlint.values.domain import Free, Items, Lit, Ref, Value
from rnnlint.values.facts import OPEN
from rnnlint.values.heap_cells import DictCell, ListCell

RESPELLING = frozenset({"lower", "upper", "strip", "title", "capitalize", "swapcase", "casefold"})
"""Methods of texts that change how they are spelled, and no more: programs have no two kinds that differ in that."""


def _filled_in(template: Lit, args: Arguments, text: str) -> Value:
    if len(text) > LONGEST:
        return Unknown("a long text")
    texts = (arg for arg in args if isinstance(arg, Lit) and isinstance(arg.value, str))
    return Lit(text, template.origins.union(*(arg.origins for arg in texts)))


def _asked_of(run: Run, text: Lit, question: str, answer: bool) -> Value:
    """A truth about a text: about a declared one it is open as the text is, with the default that follows."""
    free, node = run.facts.declared_as(text), run.here.site.node
    if free is None or not isinstance(node, ir.Node) or run.facts.assumptions.chosen(free) is not OPEN:
        return Lit(answer)
    return run.facts.parameter(Free(f"{free.key}{question}", free.owner), Lit(answer), node)


_CUTTING = frozenset({"replace", "removeprefix", "removesuffix", "strip", "lstrip", "rstrip"})
_DIVIDING = frozenset({"split", "rsplit", "partition", "rpartition"})


def _of_text(run: Run, text: str, name: str, args: Arguments) -> Value | None:
    """What a method cuts out of a text of the file; None for any other method, and for what is long."""
    given = [arg.value for arg in args if isinstance(arg, Lit)]
    if name not in _CUTTING | _DIVIDING or len(given) < len(args):
        return None
    if any(isinstance(one, str) and len(one) > LONGEST for one in (text, *given)):
        return None
    try:
        made = getattr(text, name)(*given)
    except (TypeError, ValueError, OverflowError):  # arguments that it does not take
        return None
    if isinstance(made, str):
        return Lit(made) if len(made) <= LONGEST else Unknown("a long text")
    parts = tuple(map(Lit, made))
    return Items(parts) if isinstance(made, tuple) else run.containers.new_list(parts)


def _joined(run: Run, between: str, several: Value) -> Value | None:
    """``between.join(several)`` of texts of the file."""
    texts: list[str] = []
    for item in run.containers.elements(several) or ():
        if not isinstance(item, Lit) or not isinstance(item.value, str) or run.facts.declared_as(item) is not None:
            return None
        texts.append(item.value)
    made = between.join(texts)
    return Lit(made) if texts and len(made) <= LONGEST else None


def text_method(run: Run, receiver: Lit, name: str, args: Arguments) -> Value:
    """A method of a string."""
    if name == "join" and len(args) == 1 and isinstance(receiver.value, str):
        joined = _joined(run, receiver.value, args[0])
        if joined is not None:
            return joined
    if isinstance(receiver.value, str) and run.facts.declared_as(receiver) is None:
        made = _of_text(run, receiver.value, name, args)
        if made is not None:
            return made
    if isinstance(receiver.value, str) and name in RESPELLING and not args:
        return Lit(getattr(receiver.value, name)(), receiver.origins)
    spelled = [arg.value for arg in args if isinstance(arg, Lit) and is_spelled(run, arg)]
    whole = name == "format" and len(spelled) == len(args) == str(receiver.value).count("{")
    if isinstance(receiver.value, str) and whole and receiver.value.count("{}") == len(args):
        return _filled_in(receiver, args, receiver.value.format(*spelled))
    part = args[0].value if len(args) == 1 and isinstance(args[0], Lit) else None
    if isinstance(receiver.value, str) and isinstance(part, str) and name in ("startswith", "endswith"):
        return _asked_of(run, receiver, f".{name}({part!r})", getattr(receiver.value, name)(part))
    if isinstance(receiver.value, str):  # a text holds no states, whatever is written into it
        return Unknown(f"{name} of a text")
    return run.lost(f"{name} of a constant")


def container_method(run: Run, receiver: Value, name: str, args: Arguments, keywords: Keywords) -> Value:
    """A method of a list, tuple or dict."""
    cell = run.heap[receiver.cell] if isinstance(receiver, Ref) else None
    if isinstance(cell, ListCell) and isinstance(receiver, Ref):
        return lists.method(run, receiver, cell, name, args)
    if isinstance(cell, DictCell) and isinstance(receiver, Ref):
        return _dict_method(run, receiver, cell, name, args, keywords)
    return run.lost(f"{name} of a tuple")


def remove_key(run: Run, receiver: Ref, cell: DictCell, key: Hashable) -> None:
    """``del d[key]``, and ``d.pop(key)``."""
    items = tuple((one, value) for one, value in cell.items if one != key)
    run.containers.put(receiver, replace(cell, items=items))


def _dict_method(run: Run, receiver: Ref, cell: DictCell, name: str, args: Arguments, keywords: Keywords) -> Value:
    known = dict(cell.items)
    if name in ("get", "pop") and not cell.open and args and isinstance(args[0], (Lit, Free)):
        args = (tables.key_of(run, known, args[0], *args[1:2]), *args[1:])
    key = args[0].value if args and isinstance(args[0], Lit) else None
    match name:
        case "get" | "pop" | "setdefault" if args and isinstance(args[0], Lit):
            if key in known:
                if name == "pop":
                    remove_key(run, receiver, cell, key)
                return known[key]
            default = args[1] if len(args) > 1 else NONE
            if cell.rest is not None:
                option = open_options.of_key(cell.rest, key)
                return open_options.or_default(run, str(key), option, args[1] if len(args) > 1 else None)
            stored = run.containers.under_open_key(cell)
            if stored is not None:
                return either((stored, default))
            return Free(f"kwargs[{key!r}]", run.site.node) if cell.open else default
        case "get" | "pop" | "setdefault" if args and (stored := run.containers.under_open_key(cell)) is not None:
            return either((stored, *args[1:2]))
        case "get" if args and known and not cell.open:
            return either((*known.values(), args[1] if len(args) > 1 else NONE))
        case "items":
            named = tuple(Items((Lit(k), v)) for k, v in known.items())  # type: ignore[arg-type]
            unnamed = None if cell.others is None else Items((Unknown("a key that is not known"), cell.others))
            return run.containers.new_list(named, unnamed)
        case "keys":
            return run.containers.new_list(tuple(Lit(k) for k in known))  # type: ignore[arg-type]
        case "values":
            return run.containers.new_list(tuple(known.values()), cell.others)
        case "copy":
            return run.containers.new_cell(cell)
        case "update":
            other = run.heap[args[0].cell] if args and isinstance(args[0], Ref) else None
            more = dict(other.items) if isinstance(other, DictCell) else {}
            opening = bool(args) and not (isinstance(other, DictCell) and not other.open)
            given = open_options.rest_of(run, args[0]) if opening else None
            rest = cell.rest if not opening else None if cell.open else given
            pairs = open_options.defaults_under(run, known, given)
            pairs.update(more)
            pairs.update(keywords)
            others = tuple(one.others for one in (cell, other) if isinstance(one, DictCell) and one.others is not None)
            joined = either(others) if others else None
            run.containers.put(receiver, DictCell(tuple(pairs.items()), cell.open or opening, rest, joined))
            return NONE
    own = attribute_dicts.method(run, receiver, cell, name, args)
    return run.lost(f"{name} of a dict") if own is None else own
