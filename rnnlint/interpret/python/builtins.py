"""Python's builtins and the methods of its containers and strings."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from rnnlint.axes.states import Unknown, shape
from rnnlint.interpret.evaluate import binding, expressions
from rnnlint.interpret.python import calls, objects, operators
from rnnlint.interpret.state.limits import LIMITS
from rnnlint.interpret.state.run import Run
from rnnlint.torch_api.batches import packing
from rnnlint.torch_api.batches.sorting import sorted_of
from rnnlint.torch_api.catalogue import find
from rnnlint.torch_api.modules.recurrent import PARAMETERS
from rnnlint.torch_api.names import qualified
from rnnlint.torch_api.tensors.indexing import LAST_ROUND, LOOP, PACKED_FIELDS, TENSOR_ATTRIBUTES, scalar
from rnnlint.values.domain import (
    Along,
    Builtin,
    Class,
    DictCell,
    Either,
    Formless,
    Free,
    Items,
    ListCell,
    Lit,
    ObjectCell,
    Packed,
    Recurrent,
    RecurrentCell,
    Ref,
    SizeOf,
    Tensor,
    Torch,
    Value,
    either,
)
from rnnlint.values.forms import OfTorchNN
from rnnlint.values.uses import Use

Arguments = tuple[Value, ...]
Keywords = Mapping[str, Value]


def call(run: Run, name: str, args: Arguments, keywords: Keywords) -> Value:
    """Call a builtin."""
    handler = _BUILTINS.get(name)
    if handler is not None and args:
        return handler(run, args, keywords)
    if name in ("list", "dict", "set") and not args:
        if name == "dict":
            return run.new_cell(DictCell(tuple(keywords.items()), "**" in keywords))
        return run.new_list(())
    if name == "tuple":
        return Items(())
    if name in _HARMLESS:  # they read, and return no tensor
        return Lit(None) if name == "print" else Unknown(f"{name}()")
    for value in (*args, *keywords.values()):
        run.use(value, Use.ELSEWHERE)
    return run.lost(f"{name}()")


def _len(run: Run, args: Arguments, keywords: Keywords) -> Value:
    value = args[0]
    match value:
        case Tensor(states) if shape(states):
            return run.number(shape(states)[0])
        case Along(states, axis):
            return run.number(shape(states)[axis])
        case Formless() as tensor:
            return run.size_of(SizeOf(tensor), 0)
        case Free():
            return _len(run, (run.tensor(value),), keywords)
    known = run.elements(value)
    return Unknown("a length that is not known") if known is None else Lit(len(known))


def _range(run: Run, args: Arguments, keywords: Keywords) -> Value:
    bounds = [value.value if isinstance(value, Lit) else None for value in args]
    open_ = any(isinstance(o, Free) and ("int", o) not in run.assumptions for v in args for o in run.origins(v))
    if not open_ and all(type(bound) is int for bound in bounds) and (len(bounds) < 3 or bounds[2] != 0):
        numbers = range(*bounds)  # type: ignore[arg-type]
        if not numbers[LIMITS.unroll :]:  # len() refuses what is no ssize_t
            return run.new_list(tuple(Lit(number, frozenset({(run.site.node, number)})) for number in numbers))
    stop = run.literal(args[0] if len(args) == 1 else args[1])
    counts_up = (
        len(args) < 3
        and (len(args) == 1 or args[0] == Lit(0))
        and stop is not None
        and run.free_of(_int(stop)) != set()
    )
    last = Lit(_int(stop) - 1, stop.origins | {LAST_ROUND}) if stop is not None and counts_up else None
    return run.new_cell(ListCell((), Unknown(LOOP), last))


def _int(number: Lit) -> int:
    return number.value if isinstance(number.value, int) else 0


def _enumerate(run: Run, args: Arguments, keywords: Keywords) -> Value:
    known = binding.iteration(run, args[0])
    if known is None:
        last = binding.last_element(run, args[0])
        pair = Items((Unknown(LOOP), binding.some_element(run, args[0])))
        return run.new_cell(ListCell((), pair, None if last is None else Items((Unknown(LOOP), last))))
    return run.new_list(tuple(Items((Lit(i), item)) for i, item in enumerate(known)))


def _zip(run: Run, args: Arguments, keywords: Keywords) -> Value:
    columns = [binding.iteration(run, value) for value in args]
    if all(column is not None for column in columns):
        return run.new_list(tuple(Items(row) for row in zip(*columns, strict=False)))
    return run.new_list((), Items(tuple(binding.some_element(run, value) for value in args)))


def _reversed(run: Run, args: Arguments, keywords: Keywords) -> Value:
    known = binding.iteration(run, args[0])
    if known is None:
        return run.new_list((), binding.some_element(run, args[0]))
    return run.new_list(tuple(reversed(known)))


def _list(run: Run, args: Arguments, keywords: Keywords) -> Value:
    known = binding.iteration(run, args[0])
    if known is not None:
        return run.new_list(known)
    if isinstance(args[0], Tensor) and shape(args[0].states):
        return Along(args[0].states, 0)
    if isinstance(args[0], Formless) and sorted_of(args[0]) is not None:  # lengths that fall do so in a list, too
        return args[0]
    return args[0] if isinstance(args[0], Along) else run.new_list((), binding.some_element(run, args[0]))


def _sorted(run: Run, args: Arguments, keywords: Keywords) -> Value:
    run.sorting()
    return _list(run, args, keywords)


def _tuple(run: Run, args: Arguments, keywords: Keywords) -> Value:
    known = binding.iteration(run, args[0])
    return _list(run, args, keywords) if known is None else Items(known)


def _dict(run: Run, args: Arguments, keywords: Keywords) -> Value:
    cell = run.heap[args[0].cell] if isinstance(args[0], Ref) else None
    if isinstance(cell, DictCell):
        pairs = dict(cell.items)
        pairs.update(keywords)
        return run.new_cell(DictCell(tuple(pairs.items()), cell.open))
    return run.new_cell(DictCell(tuple(keywords.items()), True))


def _number(run: Run, args: Arguments, keywords: Keywords) -> Value:
    value = args[0]
    if isinstance(value, Lit) and isinstance(value.value, int | float):
        try:
            return Lit(int(value.value), value.origins)
        except (OverflowError, ValueError):
            return Unknown("int() of no number")
    if isinstance(value, Formless) or (isinstance(value, Tensor) and not run.modules(value.states)):
        return scalar(value)
    return value if isinstance(value, Free) else Unknown("int() of something that is not known")


def _real(run: Run, args: Arguments, keywords: Keywords) -> Value:
    value = args[0]
    if isinstance(value, Lit) and isinstance(value.value, int | float):
        try:
            return Lit(float(value.value), value.origins)
        except OverflowError:
            return Unknown("float() of a number that is too large")
    return value if isinstance(value, Free) else Unknown("float()")


def _truth(run: Run, args: Arguments, keywords: Keywords) -> Value:
    if isinstance(args[0], Free):
        return args[0]
    truth = run.flag(args[0])
    return Either((Lit(True), Lit(False))) if truth is None else Lit(truth)


def _extreme(pick: Callable[[list[int]], int]) -> Callable[[Run, Arguments, Keywords], Value]:
    def go(run: Run, args: Arguments, keywords: Keywords) -> Value:
        values = args if len(args) > 1 else run.elements(args[0]) or ()
        if values and all(isinstance(v, Lit) and type(v.value) is int for v in values):
            numbers = [v.value for v in values if isinstance(v, Lit)]
            chosen = pick(numbers)  # type: ignore[arg-type]
            return Lit(chosen, next(v.origins for v in values if isinstance(v, Lit) and v.value == chosen))
        for value in args:
            run.use(value, Use.ELSEWHERE)
        return run.lost("the largest or smallest of values that are not known")

    return go


def _sum(run: Run, args: Arguments, keywords: Keywords) -> Value:
    known = binding.iteration(run, args[0])
    if not known:
        for value in args:
            run.use(value, Use.ELSEWHERE)
        return run.lost("a sum over something that is not known")
    total = known[0]
    for value in known[1:]:
        total = operators.binary(run, "+", total, value)
    return total


_TYPES: dict[str, tuple[type, ...]] = {
    "tuple": (Items,),
    "list": (ListCell,),
    "dict": (DictCell,),
    "torch.Tensor": (Tensor, Formless),
    "torch.nn.utils.rnn.PackedSequence": (Packed,),
    "torch.nn.LSTM": (Recurrent,),
    "torch.nn.GRU": (Recurrent,),
    "torch.nn.RNN": (Recurrent,),
    "torch.nn.RNNBase": (Recurrent,),
}


def _isinstance(run: Run, args: Arguments, keywords: Keywords) -> Value:
    value, types = args[0], args[1] if len(args) > 1 else Unknown("no type")
    if isinstance(value, Either):
        return either(tuple(_isinstance(run, (option, types), keywords) for option in value.options))
    if isinstance(types, Items):
        answers = [_isinstance(run, (value, option), keywords) for option in types.items]
        if Lit(True) in answers:
            return Lit(True)
        return Lit(False) if answers and all(answer == Lit(False) for answer in answers) else _either_truth()
    answer = _is_a(run, value, types)
    return _either_truth() if answer is None else Lit(answer)


def _issubclass(run: Run, args: Arguments, keywords: Keywords) -> Value:
    one, several = args[0], args[1] if len(args) > 1 else Unknown("no type")
    options = several.items if isinstance(several, Items) else (several,)
    if not isinstance(one, Torch) or not all(isinstance(option, Torch | Builtin) for option in options):
        return _either_truth()
    base = one.name in ("torch.nn.LSTM", "torch.nn.GRU", "torch.nn.RNN") and Torch("torch.nn.RNNBase") in options
    if one in options or base or Builtin("object") in options:
        return Lit(True)
    return _either_truth() if Torch("torch.nn.Module") in options else Lit(False)


def _either_truth() -> Value:
    return Either((Lit(True), Lit(False)))


def _is_a(run: Run, value: Value, cls: Value) -> bool | None:
    if isinstance(value, Unknown | Free):
        return None
    if isinstance(cls, Class):
        cell = run.object(value)
        return False if cell is None else cls in [found for found, _ in objects.lineage(run.classes, cell.cls)]
    name = cls.name if isinstance(cls, Torch | Builtin) else ""
    if name in ("int", "float", "str", "bool"):
        kinds = {"int": int, "float": float, "str": str, "bool": bool}
        return isinstance(value, Lit) and isinstance(value.value, kinds[name])
    if name not in _TYPES:
        return None
    content: object = run.heap[value.cell] if isinstance(value, Ref) else value
    if isinstance(content, ObjectCell):
        return None
    if isinstance(content, Recurrent):
        return name in (f"torch.nn.{content.cell}", "torch.nn.RNNBase")
    return isinstance(content, _TYPES[name])


def is_tensor(run: Run, value: Value) -> Value:
    """``torch.is_tensor(value)``."""
    return _isinstance(run, (value, Torch("torch.Tensor")), {})


def _getattr(run: Run, args: Arguments, keywords: Keywords) -> Value:
    if len(args) < 2:
        return run.lost("getattr()")
    holder, name = args[0], args[1]
    if isinstance(name, Lit) and isinstance(name.value, str):
        if len(args) > 2 and _has(run, holder, name.value) is False:
            return args[2]
        origin = run.choice(name, _RECURRENT) if holder == Torch("torch.nn") else None
        return expressions.attribute(run, holder, origin or name.value)
    if holder == Torch("torch.nn") and isinstance(name, Free):
        return Free(f"getattr(nn, {name.key})", name.owner, OfTorchNN(name))
    return run.lost("getattr() by a name that is not known")


_RECURRENT = ("LSTM", "GRU", "RNN")


def chosen_module(run: Run, named: Value, args: Arguments, keywords: Keywords) -> Value | None:
    """The recurrent module that a member of ``torch.nn`` is, if the arguments of its call are those of one.

    An activation or a norm takes less than two sizes, any other layer has parameters of its own.
    """
    if not isinstance(named, Free) or not isinstance(named.form, OfTorchNN):
        return None
    if "**" not in keywords and (len(args) + len(keywords) < 2 or not keywords.keys() <= set(PARAMETERS["LSTM"])):
        return None
    chosen = run.choice(named.form.name, _RECURRENT)
    return None if chosen is None else qualified(f"torch.nn.{chosen}")


def _setattr(run: Run, args: Arguments, keywords: Keywords) -> Value:
    if len(args) == 3 and isinstance(args[1], Lit) and isinstance(args[1].value, str):
        calls.set_attribute(run, args[0], args[1].value, args[2])
    return Lit(None)


def _hasattr(run: Run, args: Arguments, keywords: Keywords) -> Value:
    if len(args) != 2 or not isinstance(args[1], Lit) or not isinstance(args[1].value, str):
        return _either_truth()
    if isinstance(args[0], Either):
        return either(tuple(_hasattr(run, (option, args[1]), keywords) for option in args[0].options))
    answer = _has(run, args[0], args[1].value)
    return _either_truth() if answer is None else Lit(answer)


_CONTAINERS: dict[type, object] = {Items: (), ListCell: [], DictCell: {}}


def _has(run: Run, value: Value, name: str) -> bool | None:
    """Whether a value has an attribute; None where that is not known."""
    cell = run.object(value)
    if cell is not None:
        return True if name in cell.attrs else None
    content: object = run.heap[value.cell] if isinstance(value, Ref) else value
    of_tensors = name in TENSOR_ATTRIBUTES or find(f"Tensor.{name}") is not None
    match content:
        case Items() | ListCell() | DictCell():
            return hasattr(_CONTAINERS[type(content)], name)
        case Lit(constant):
            return hasattr(constant, name)
        case Tensor() if of_tensors:
            return True
        case Packed() if name in PACKED_FIELDS:
            return True
        case Packed() if of_tensors and packing.missing(name):
            return False
    return None


def _next(run: Run, args: Arguments, keywords: Keywords) -> Value:
    return binding.some_element(run, args[0])


def _type(run: Run, args: Arguments, keywords: Keywords) -> Value:
    cell = run.object(args[0])
    if cell is not None:
        return cell.cls
    content: object = run.heap[args[0].cell] if isinstance(args[0], Ref) else args[0]
    match content:
        case Either(options):
            return run.one_of(options, lambda option: _type(run, (option,), keywords))
        case Recurrent() | RecurrentCell():
            return Torch(f"torch.nn.{content.cell}")
        case Tensor():
            return Torch("torch.Tensor")
        case Packed():
            return Torch("torch.nn.utils.rnn.PackedSequence")
        case Items() if content.tag is not None:  # one of the program's own may be a namedtuple
            return Builtin("tuple")
        case ListCell():
            return Builtin("list")
        case DictCell():
            return Builtin("dict")
    return Unknown("type()")


def class_of(run: Run, value: Value, name: str) -> Value | None:
    """``value.__class__``, and the ``__name__`` of a class; None for any other attribute, and where it is not known."""
    if name == "__class__":
        return _type(run, (value,), {})
    if name == "__name__" and isinstance(value, Torch | Builtin):
        return Lit(value.name.rpartition(".")[2])
    return None


def _map(run: Run, args: Arguments, keywords: Keywords) -> Value:
    function, *iterables = args
    if len(iterables) != 1:
        return run.lost("map() over several")
    known = binding.iteration(run, iterables[0])
    if known is None:
        element = binding.some_element(run, iterables[0])
        return run.new_list((), calls.call(run, function, (element,), {}))
    return run.new_list(tuple(calls.call(run, function, (item,), {}) for item in known))


def _vars_of(run: Run, args: Arguments, keywords: Keywords) -> Value:
    cell = run.object(args[0])
    return run.lost("vars()") if cell is None else run.new_cell(DictCell(tuple(cell.attrs.items())))


_BUILTINS: dict[str, Callable[[Run, Arguments, Keywords], Value]] = {
    "len": _len,
    "range": _range,
    "enumerate": _enumerate,
    "zip": _zip,
    "reversed": _reversed,
    "list": _list,
    "sorted": _sorted,
    "iter": _list,
    "tuple": _tuple,
    "dict": _dict,
    "int": _number,
    "round": _number,
    "float": _real,
    "bool": _truth,
    "max": _extreme(max),
    "min": _extreme(min),
    "sum": _sum,
    "isinstance": _isinstance,
    "issubclass": _issubclass,
    "getattr": _getattr,
    "setattr": _setattr,
    "hasattr": _hasattr,
    "next": _next,
    "type": _type,
    "map": _map,
    "vars": _vars_of,
}
_HARMLESS = frozenset({"print", "repr", "str", "id", "hash", "format", "callable", "dir", "any", "all"})
NAMES = frozenset(_BUILTINS) | _HARMLESS | {"set", "frozenset", "abs", "object", "filter", "open", "slice", "super"}
NAMES |= {"staticmethod", "classmethod", "property", "Exception", "ValueError", "TypeError", "NotImplementedError"}
NAMES |= {
    "KeyError",
    "IndexError",
    "RuntimeError",
    "AssertionError",
    "complex",
    "bytes",
    "input",
    "exec",
    "eval",
    "divmod",
}

# --- methods ---------------------------------------------------------------------------------------------------------


def text_method(run: Run, receiver: Lit, name: str, args: Arguments) -> Value:
    """A method of a string."""
    if isinstance(receiver.value, str) and name in ("lower", "upper", "strip", "title", "capitalize"):
        return Lit(getattr(receiver.value, name)(), receiver.origins)
    part = args[0].value if len(args) == 1 and isinstance(args[0], Lit) else None
    known = isinstance(receiver.value, str) and isinstance(part, str) and not receiver.origins
    if known and name in ("startswith", "endswith"):
        return Lit(getattr(receiver.value, name)(part))
    return run.lost(f"{name} of a constant")


def container_method(run: Run, receiver: Value, name: str, args: Arguments, keywords: Keywords) -> Value:
    """A method of a list, tuple or dict."""
    cell = run.heap[receiver.cell] if isinstance(receiver, Ref) else None
    if isinstance(cell, ListCell) and isinstance(receiver, Ref):
        return _list_method(run, receiver, cell, name, args)
    if isinstance(cell, DictCell) and isinstance(receiver, Ref):
        return _dict_method(run, receiver, cell, name, args, keywords)
    return run.lost(f"{name} of a tuple")


def _list_method(run: Run, receiver: Ref, cell: ListCell, name: str, args: Arguments) -> Value:
    items, rest = cell.items, cell.rest
    last: Value | None = None
    if name == "append" and args:
        if len(items) >= LIMITS.elements:
            rest = either((*items, *(() if rest is None else (rest,)), args[0]))
            items = ()
        elif rest is None:
            items = (*items, args[0])
        else:
            rest = either((rest, args[0]))
        last = args[0] if rest is not None else None
    elif name in ("extend", "__iadd__") and args:
        more = binding.iteration(run, args[0])
        if more is None:
            rest = either((*items, *(() if rest is None else (rest,)), binding.some_element(run, args[0])))
            items = ()
        elif rest is None:
            items = (*items, *more)
        else:
            rest = either((rest, *more))
    elif name == "insert" and len(args) == 2 and args[0] == Lit(0) and rest is None:
        items = (args[1], *items)
    elif name == "reverse" and rest is None:
        items = items[::-1]
    elif name == "pop" and rest is None and items and not args:
        run.put(receiver, ListCell(items[:-1]))
        return items[-1]
    elif name == "copy":
        return run.new_list(items, rest)
    elif name in ("pop", "index", "count", "sort", "clear", "remove", "insert"):
        every = (*items, *(() if rest is None else (rest,)), *(args[1:] if name == "insert" else ()))
        run.put(receiver, ListCell((), either(every) if every else Unknown("an empty list")))
        return either(every) if every and name == "pop" else run.lost(f"{name} of a list")
    else:
        return run.lost(f"{name} of a list")
    run.put(receiver, ListCell(items, rest, last))
    return Lit(None)


def _dict_method(run: Run, receiver: Ref, cell: DictCell, name: str, args: Arguments, keywords: Keywords) -> Value:
    known = dict(cell.items)
    key = args[0].value if args and isinstance(args[0], Lit) else None
    match name:
        case "get" | "pop" | "setdefault" if args and isinstance(args[0], Lit):
            if key in known:
                return known[key]
            default = args[1] if len(args) > 1 else Lit(None)
            return Free(f"kwargs[{key!r}]", run.site.node) if cell.open else default
        case "items":
            return run.new_list(tuple(Items((Lit(k), v)) for k, v in known.items()))  # type: ignore[arg-type]
        case "keys":
            return run.new_list(tuple(Lit(k) for k in known))  # type: ignore[arg-type]
        case "values":
            return run.new_list(tuple(known.values()))
        case "copy":
            return run.new_cell(cell)
        case "update":
            other = run.heap[args[0].cell] if args and isinstance(args[0], Ref) else None
            more = dict(other.items) if isinstance(other, DictCell) else {}
            open_ = cell.open or (bool(args) and not (isinstance(other, DictCell) and not other.open))
            pairs = {**known, **more}
            pairs.update(keywords)
            run.put(receiver, DictCell(tuple(pairs.items()), open_))
            return Lit(None)
    return run.lost(f"{name} of a dict")
