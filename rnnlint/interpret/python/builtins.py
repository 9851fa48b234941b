"""Python's builtins."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from rnnlint import cells
from rnnlint.axes.operations import combine
from rnnlint.axes.states import Unknown, shape
from rnnlint.interpret.python import (
    attributes,
    documents,
    filling,
    iterators,
    lists,
    members,
    numbers,
    open_names,
    open_options,
    operators,
    sequences,
    tables,
    texts,
    type_of,
    window_lengths,
)
from rnnlint.interpret.state import choosing
from rnnlint.interpret.state.limits import LIMITS
from rnnlint.interpret.state.made_once import NONE
from rnnlint.interpret.state.run import Arguments, Keywords, Run
from rnnlint.torch_api.context import TorchRaises
from rnnlint.torch_api.tensors import collecting
from rnnlint.torch_api.tensors.indexing import LOOP, OF_LOOPS, STRIDED
from rnnlint.torch_api.tensors.less_one import LAST_ROUND
from rnnlint.values.alternatives import either
from rnnlint.values.domain import Along, Class, Either, Formless, Free, Items, Lit, Ref, SizeOf, Tensor, Torch, Value
from rnnlint.values.forms import OfTorchNN
from rnnlint.values.heap_cells import DictCell, ListCell
from rnnlint.values.uses import Use
from rnnlint.values.walk import tensors


def call(run: Run, name: str, args: Arguments, keywords: Keywords) -> Value:
    """Call a builtin."""
    read = documents.builtin(run, name, args) if name in ("open", "str") else None
    if read is not None:
        return read
    handler = _BUILTINS.get(name)
    if handler is not None and args:
        return handler(run, args, keywords)
    if name in ("list", "dict", "set") and not args:
        if name == "dict":
            return _dict(run, (), keywords)
        return run.containers.new_list(())
    if name == "tuple":
        return Items(())
    columns = iterators.columns(run, keywords.get("**")) if name == "zip" and not args else None
    if columns is not None:
        return columns
    if name in _HARMLESS:  # they read, and return no tensor
        return NONE if name == "print" else Unknown(f"{name}()")
    run.use_all(args, keywords)
    return run.lost(f"{name}()")


def _len(run: Run, args: Arguments, keywords: Keywords) -> Value:
    value = args[0]
    match value:
        case Tensor(states) if shape(states):
            return run.facts.number(shape(states)[0])
        case Along(states, axis) if axis < len(shape(states)):
            return run.facts.number(shape(states)[axis])
        case Formless() as tensor:
            return run.facts.size_of(SizeOf(tensor), 0)
        case Free():
            return _len(run, (run.facts.tensor(value),), keywords)
        case Either():
            return run.one_of(value, lambda one: _len(run, (one,), keywords))
    known = run.containers.elements(value)
    return window_lengths.length_of_list(run, value) if known is None else Lit(len(known))


def _range(run: Run, args: Arguments, keywords: Keywords) -> Value:
    if len(args) == 1 and filling.is_missing(run, args[0]):
        return filling.filler(run, (Unknown(LOOP),))
    args = args[:2] if args[2:] == (Lit(1),) else args
    bounds = [value.value if isinstance(value, Lit) else None for value in args]
    open_ = any(isinstance(o, Free) and not run.facts.counted(o) for v in args for o in run.facts.origins(v))
    if not open_ and all(type(bound) is int for bound in bounds) and (len(bounds) < 3 or bounds[2] != 0):
        numbers = range(*bounds)  # type: ignore[arg-type]
        if not numbers[LIMITS.unroll :]:  # len() refuses what is no ssize_t
            return run.containers.new_list(
                tuple(Lit(number, frozenset({(run.site.node, number)})) for number in numbers)
            )
    stop = run.facts.literal(args[0] if len(args) == 1 else args[1])
    open_end = stop is not None and run.facts.free_of(_int(stop)) != set()
    counts_up = open_end and (len(args) == 1 or args == (Lit(0), args[-1]))
    last = None
    # who begins behind the first takes for granted that there are so many
    if stop is not None and (counts_up or (open_end and len(args) == 2 and _begins_with_one(args[0]))):
        last = Lit(_int(stop) - 1, stop.origins | {LAST_ROUND})
    elif stop is not None and not open_end and args[2:] == (Lit(-1),):
        last = Lit(_int(stop) + 1)
    elif stop is not None and not open_ and len(args) < 3 and all(type(bound) is int for bound in bounds):
        last = Lit(_int(stop) - 1, stop.origins | {LAST_ROUND})  # ``range(50)``: more rounds than are told apart
    each = LOOP if len(args) < 3 or args[2] in (Lit(1), Lit(0), Lit(-1)) else STRIDED
    counted = window_lengths.counting(run, each, args)
    first = Lit(0) if len(args) == 1 else run.facts.literal(args[0])
    count = _int(stop) if counts_up and stop else None
    return run.containers.new_cell(ListCell((), counted, last, count, first=first))


def _begins_with_one(start: Value) -> bool:
    return start == Lit(1)


def _int(number: Lit) -> int:
    return number.value if isinstance(number.value, int) else 0


def _sorted(run: Run, args: Arguments, keywords: Keywords) -> Value:
    run.batches.sorting()
    made = iterators.listed(run, args, keywords)
    some = sequences.iteration(run, made)
    if some is None or any(tensors(item) for item in some):
        return lists.reordered(run, made) or made  # by what stands in them: nobody knows where which one comes
    return made


def _tuple(run: Run, args: Arguments, keywords: Keywords) -> Value:
    if isinstance(args[0], Items):  # Python hands back the very same tuple
        return args[0]
    known = sequences.iteration(run, args[0])
    return iterators.listed(run, args, keywords) if known is None else Items(known)


def _dict(run: Run, args: Arguments, keywords: Keywords) -> Value:
    first = args[0] if args else None
    cell = run.heap[first.cell] if isinstance(first, Ref) else None
    pairs = dict(cell.items) if isinstance(cell, DictCell) else {}
    pairs.update((name, value) for name, value in keywords.items() if name != "**")
    if "**" in keywords:
        pairs = open_options.defaults_under(run, pairs, open_options.rest_of(run, keywords["**"]))
    more = [] if first is None or (isinstance(cell, DictCell) and not cell.open) else [first]
    more += [keywords["**"]] if "**" in keywords else []
    rest = open_options.rest_of(run, more[0]) if len(more) == 1 else None
    others = cell.others if isinstance(cell, DictCell) else _under_open_keys(cell)
    return run.containers.new_cell(DictCell(tuple(pairs.items()), bool(more), rest, others))


def _under_open_keys(pairs: object) -> Value | None:
    """What is stored under keys that are not known: of ``dict(zip(names, rows))``, any of the rows."""
    if not isinstance(pairs, ListCell) or pairs.rest is None:
        return None
    each = [pair for pair in (*pairs.items, pairs.rest) if isinstance(pair, Items) and len(pair.items) == 2]
    return either(tuple(pair.items[1] for pair in each)) if each else None


def _extreme(pick: Callable[[list[int]], int]) -> Callable[[Run, Arguments, Keywords], Value]:
    def go(run: Run, args: Arguments, keywords: Keywords) -> Value:
        values = args if len(args) > 1 else run.containers.elements(args[0]) or ()
        if values and all(isinstance(v, Lit) and type(v.value) is int for v in values):
            numbers = [v.value for v in values if isinstance(v, Lit)]
            chosen = pick(numbers)  # type: ignore[arg-type]
            return Lit(chosen, next(v.origins for v in values if isinstance(v, Lit) and v.value == chosen))
        if filling.MISSING in args:  # max(0, n - len(x))
            return filling.MISSING
        if len(values) == 1 and values[0] == filling.LENGTH:  # of one
            return filling.LENGTH
        moved = [value for value in values if isinstance(value, Unknown) and value.reason in OF_LOOPS]
        if moved and all(isinstance(value, (Lit, Free)) or value in moved for value in values):
            return Unknown(STRIDED)  # ``min(start + size, total)``: the end of a part that a loop moves
        for value in args:
            run.use(value, Use.ELSEWHERE)
        return run.lost("the largest or smallest of values that are not known")

    return go


def _sum(run: Run, args: Arguments, keywords: Keywords) -> Value:
    known = sequences.iteration(run, args[0])
    rounds = collecting.together(run, args[0], 0, "stack") if known is None else None
    if isinstance(rounds, Tensor):
        return run.settle(combine.reduce(rounds.states, 0))
    if not known:
        for value in args:
            run.use(value, Use.ELSEWHERE)
        return run.lost("a sum over something that is not known")
    total = known[0]
    for value in known[1:]:
        total = operators.binary(run, "+", total, value)
    return total


def _getattr(run: Run, args: Arguments, keywords: Keywords) -> Value:
    if len(args) < 2:
        return run.lost("getattr()")
    holder, name = args[0], args[1]
    if isinstance(name, Lit) and isinstance(name.value, str):
        text = _member_name(run, holder, name, name.value)
        if len(args) > 2 and type_of.has(run, holder, text) is False:
            return args[2]
        if len(args) > 2 and isinstance(holder, Free) and not run.facts.ranked(holder):
            option = run.made.frees[f"{holder.key}.{text}", holder.owner]
            return open_options.or_default(run, text, option, args[2])
        other = open_names.put_together(run, holder, name)
        if other is not None:
            return other
        origin = choosing.text(run.facts, name, RECURRENT) if holder == Torch("torch.nn") else None
        try:
            return attributes.attribute(run, holder, origin or text)
        except TorchRaises:
            if len(args) < 3:
                raise
            return args[2]
    if holder == Torch("torch.nn") and isinstance(name, Free):
        return Free(f"getattr(nn, {name.key})", name.owner, OfTorchNN(name))
    held = open_names.held(run, holder)
    return run.lost("getattr() by a name that is not known") if held is None else held


def _member_name(run: Run, holder: Value, name: Lit, text: str) -> str:
    """The name of the attribute that ``getattr`` takes, decided where it decides about a recurrent module."""
    if isinstance(holder, Ref) and name.origins and run.containers.object(holder) is not None:
        held: Mapping[str, Value] = run.heap.attributes(holder.cell)
    elif isinstance(holder, Class) and name.origins and holder.node in run.state.classes:
        held = run.state.classes[holder.node].names
    else:
        return text
    found = tables.key_of(run, tables.recurrent_in(run, held), name)
    return found.value if isinstance(found, Lit) and isinstance(found.value, str) else text


RECURRENT = tuple(reversed(cells.LAYERS))
"""The layers that a name of ``torch.nn`` can be, in the order in which runs are made for them.  The order decides which
are left out where a function has no more runs to spend (limits.configurations), and nothing else."""


def _setattr(run: Run, args: Arguments, keywords: Keywords) -> Value:
    if len(args) == 3 and isinstance(args[1], Lit) and isinstance(args[1].value, str):
        attributes.set_attribute(run, args[0], args[1].value, args[2])
    elif len(args) == 3:
        open_names.store(run, args[0], args[2])
    return NONE


def _reveal_axes(run: Run, args: Arguments, keywords: Keywords) -> Value:
    """What it is asked of, which is not used by that."""
    return args[0]


_BUILTINS: dict[str, Callable[[Run, Arguments, Keywords], Value]] = {
    "reveal_axes": _reveal_axes,
    "len": _len,
    "range": _range,
    "enumerate": iterators.enumerated,
    "zip": iterators.zipped,
    "reversed": iterators.backwards,
    "list": iterators.listed,
    "sorted": _sorted,
    "iter": iterators.iterator,
    "tuple": _tuple,
    "dict": _dict,
    "int": numbers.whole,
    "round": numbers.whole,
    "float": numbers.real,
    "bool": numbers.truth,
    "max": _extreme(max),
    "min": _extreme(min),
    "sum": _sum,
    "isinstance": type_of.is_instance,
    "issubclass": type_of.is_subclass,
    "getattr": _getattr,
    "setattr": _setattr,
    "hasattr": type_of.has_attribute,
    "next": iterators.taken,
    "type": type_of.type_of,
    "map": iterators.mapped,
    "filter": iterators.filtered,
    "vars": members.vars_of,
    "eval": members.evaluated,
    "str": texts.as_text,
    "__import__": members.module,
}
CALLS: dict[str, Callable[[Run, Arguments, Keywords], Value]] = {
    "functools.reduce": iterators.reduced,
    "collections.deque": iterators.deque,
    "itertools.accumulate": iterators.accumulated,
    "itertools.chain": iterators.chained,
    "itertools.chain.from_iterable": iterators.chained_from,
    "itertools.islice": iterators.cut,
    "operator.itemgetter": iterators.item_of,
    "torch.Size": _tuple,
    "importlib.import_module": members.imported,
}
"""What is called under a qualified name and works on sequences as the builtins do."""
_HARMLESS = frozenset({"print", "repr", "id", "hash", "format", "callable", "dir", "any", "all"})
NAMES = frozenset(_BUILTINS) | _HARMLESS | {"set", "frozenset", "abs", "object", "filter", "open", "slice", "super"}
NAMES |= {"staticmethod", "classmethod", "property", "Exception", "ValueError", "TypeError", "NotImplementedError"}
NAMES |= {"KeyError", "IndexError", "RuntimeError", "AssertionError"}
NAMES |= {"complex", "bytes", "input", "exec", "eval", "divmod"}
