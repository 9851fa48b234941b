"""Calls: functions and classes of the file, modules, torch's operations, Python's builtins."""

from __future__ import annotations

from rnnlint.axes.states import Unknown
from rnnlint.interpret.python import (
    attributes,
    builtins,
    data_loading,
    distributions,
    filling,
    methods,
    namespaces,
    objects,
    open_options,
    operations,
    other_packages,
    padded_elsewhere,
    standard_library,
    type_of,
)
from rnnlint.interpret.state import choosing
from rnnlint.interpret.state.made_once import NONE
from rnnlint.interpret.state.run import Arguments, Keywords, Run
from rnnlint.source import program as ir
from rnnlint.torch_api.batches import packing
from rnnlint.torch_api.catalogue import find
from rnnlint.torch_api.misreads import made_alike, misread, misread_pair, pair_or_given
from rnnlint.torch_api.modules import constructors, layers, recurrent
from rnnlint.torch_api.modules.attention import operands
from rnnlint.torch_api.names import qualified
from rnnlint.values.alternatives import either
from rnnlint.values.domain import (
    Bound,
    Builtin,
    Called,
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
    PaddedPair,
    PairOf,
    Partial,
    Recurrent,
    RecurrentCell,
    Ref,
    ResultOf,
    Super,
    Tensor,
    Torch,
    Value,
)
from rnnlint.values.forms import NumberOf, OfTorchNN
from rnnlint.values.heap_cells import DictCell, ListCell, ParserCell
from rnnlint.values.layer_kinds import LayerKind
from rnnlint.values.roots import opened, plain
from rnnlint.values.uses import OUTSIDE, Use
from rnnlint.values.walk import tensors

_MODULES = (Recurrent, RecurrentCell, Layer, Chain)


def call(run: Run, function: Value, args: Arguments, keywords: Keywords) -> Value:
    """Call a value.  Raises TorchRaises, Need, OutOfBudget."""
    match function:
        case Either():
            return run.one_of(function, lambda one: call(run, one, args, keywords))
        case Bound(receiver, name):
            return method(run, receiver, name, args, keywords)
        case Function(node=ir.FunctionDef() | ir.Lambda()):
            return run.enter(function, args, keywords)
        case Class():
            return objects.instantiate(run, function, args, keywords)
        case Partial(inner, first, names):
            run.here.written = None  # what stands in the call is not all that is given
            place = len(first) - len(names)
            named = dict(zip(names, first[place:], strict=True))
            return call(run, inner, (*first[:place], *args), {**named, **keywords})
        case Torch(name):
            return _torch(run, name, args, keywords)
        case Builtin(name):
            return builtins.call(run, name, args, keywords)
        case Recurrent():
            return recurrent.call(run, function, args, keywords)
        case RecurrentCell():
            return recurrent.call_cell(run, function, args, keywords)
        case Layer(kind=LayerKind.ATTENTION):
            return run.each(operands(args, keywords), lambda some: layers.apply(run, function, some))
        case Layer():
            return run.each(layers.operands(args, keywords), lambda some: layers.apply(run, function, some))
        case Chain(items):
            return _chain(run, items, layers.operands(args, keywords))
        case Ref():
            return objects.call(run, function, args, keywords)
        case Free(key, owner):
            module = _chosen_module(run, function, args, keywords)
            if module is not None:
                return call(run, module, args, keywords)
            padded = padded_elsewhere.called(run, function, "", args, keywords)
            own = padded or other_packages.called(run, key, None, args, keywords)
            if own is not None:
                return own
            # What the model holds, or was returned by a call, and is called with tensors is a module: it reads them as
            # a layer does (as Use.LAYER, of which rules say what they say of nn.Linear).  A bare name is a function of
            # another file, which may do anything.
            _hand(run, key, key.endswith("()") or key.startswith("self."), (*args, *keywords.values()))
            run.lost(f"{key}() is not in this file")
            return Free(f"{key}()", Called(owner, run.site.node))
    run.use_all(args, keywords)
    return Unknown(function.reason if isinstance(function, Unknown) else "a call of something that is not followed")


_TELLING = frozenset({"log", "logger", "logging", "warnings", "pprint"})
"""What only writes down what it is handed."""


def _tells(key: str) -> bool:
    return key.removeprefix("self.").partition(".")[0] in _TELLING


def only_tells(subject: Value, name: str | None) -> bool:
    """Whether what is called, or has a method ``name`` that is, only shows what it is handed, or writes it down."""
    if isinstance(subject, Builtin):
        return name is None and subject.name == "print"
    return isinstance(subject, Free) and _tells(subject.key)


def _hand(run: Run, key: str, layer: bool, values: Arguments) -> None:
    """Something of another file is called, or a method of it: a ``layer``, or what may do anything.

    Two things of an RNN that are handed over together may well be put together there.
    """
    if _tells(key):  # as print(): whoever looks at a value does not use it up
        return
    how = Use.LAYER if layer else Use.HANDED
    if how is Use.HANDED and sum(any(map(run.calls.modules, tensors(value))) for value in values) > 1:
        how = Use.ELSEWHERE
    for value in values:
        run.use(value, how)


def _chain(run: Run, items: tuple[Value, ...], args: Arguments) -> Value:
    value: Value = args[0] if args else Unknown("no input")
    for item in items:
        run.spend_step()
        value = call(run, item, (value,), {})
    return value


_HANDED_BACK = {
    "torch.compile": "model",
    "torch.jit.script": "obj",
    **dict.fromkeys(
        (
            "torch.nn.DataParallel",
            "torch.nn.parallel.DataParallel",
            "torch.nn.parallel.DistributedDataParallel",
            "torch.nn.utils.weight_norm",
            "torch.nn.utils.spectral_norm",
            "torch.nn.utils.remove_weight_norm",
            "torch.nn.utils.remove_spectral_norm",
            "torch.nn.utils.parametrizations.weight_norm",
            "torch.nn.utils.parametrizations.spectral_norm",
            "torch.nn.utils.parametrizations.orthogonal",
        ),
        "module",
    ),
}
"""What takes a module and gives one that computes the same from the same, with weights made or placed otherwise.

By the keyword that it has for that module.
"""


def _torch(run: Run, name: str, args: Arguments, keywords: Keywords) -> Value:
    """Call something of torch under its qualified name."""
    head, _, last = name.rpartition(".")
    # what has a meaning of its own first, then what is registered; last what torch has and nobody has followed
    if name in _HANDED_BACK:
        module = args[0] if args else keywords.get(_HANDED_BACK[name])
        if module is not None and (isinstance(module, _MODULES) or run.containers.object(module) is not None):
            return module
    if head == "torch.nn" or name in constructors.CONSTRUCTORS:
        built = constructors.construct(run, name, args, keywords)
        if built is not None:
            return built
    if head == "torch.Tensor" and args:
        return method(run, args[0], last, args[1:], keywords)
    for calls in (namespaces.CALLS, standard_library.CALLS, builtins.CALLS, data_loading.CALLS, distributions.CALLS):
        if name in calls:
            return calls[name](run, args, keywords)
    padded = filling.converted(run, name, args, keywords)
    if padded is not None:
        return padded
    if name == "torch.is_tensor" and args:
        return type_of.is_tensor(run, args[0])
    # torch has many functions under both names, and one registration of them is enough
    op = find(name, f"torch.{last}") if head == "torch.nn.functional" else find(name)
    if op is None:
        if last in ("sort", "argsort", "lexsort"):  # of numpy and their like: lengths may fall from here on
            run.batches.sorting()
        how = Use.LAYER if head in ("torch.nn", "torch.nn.functional") else Use.ELSEWHERE
        for value in (*args, *keywords.values()):
            run.use(value, Use.HANDED if name in _WRITING else how)
        # a number of the standard library is open, no tensor, and loses nothing
        return Free(f"{name}()", run.site.node) if head == "math" else run.lost(f"{name} is not followed")
    return operations.operate(run, op, args, keywords)


_WRITING = frozenset({"torch.save", "numpy.save", "numpy.savez", "numpy.savez_compressed", "numpy.savetxt"})
"""What writes into a file what it is handed, as it is."""


def method(run: Run, receiver: Value, name: str, args: Arguments, keywords: Keywords) -> Value:
    """``receiver.name(...)``."""
    if name.endswith("_"):  # torch's own convention: such a method writes into its receiver
        run.rounds.write(receiver)
    elif name == "extend":
        filling.completes(run, receiver)
    match receiver:
        case Either(options):
            there = tuple(option for option in options if option != Lit(None)) or options  # None has no methods
            # in an arm it may be known which of them it is, by what is asked there
            if not run.here.path.arms and find(f"Tensor.{name}") and pair_or_given(run, name, there):
                return run.lost("a pair that is asked for a method of a tensor")
            return run.each_with(either(there), args, lambda one, some: method(run, one, name, some, keywords))
        case Torch(prefix):
            return _qualified(run, prefix, name, args, keywords)
        case Formless(unsure=True) if find(f"Tensor.{name}") is None:
            return _method_elsewhere(run, opened(receiver), name, args, keywords)
        case Tensor() | Formless() | Packed():
            return _tensor_method(run, receiver, name, args, keywords)
        # nothing is known of it but that this makes an axis of one (fixtures/constructs/one_sample.py)
        case Unknown() if name in _MAKING_AXES:
            return _tensor_method(run, receiver, name, args, keywords)
        case Distribution():
            return distributions.method(run, receiver, name, args, keywords)
        # the same numbers, in memory of their own or as others
        case Unknown(reason=reason) if reason in OUTSIDE and name in ("astype", "copy", "tolist", "item"):
            return receiver
        case Free():
            return _method_elsewhere(run, receiver, name, args, keywords)
        case Items(_, PairOf() | ResultOf() | PaddedPair()) if find(f"Tensor.{name}"):
            return misread(run, receiver, name)
        case Items((Tensor() as first, Tensor() as second), None) if find(f"Tensor.{name}") and made_alike(
            first, second
        ):
            return misread_pair(run, name, first, second)
        case Lit(bool()) if find(f"Tensor.{name}"):  # the answer of a comparison: what is compared are tensors
            return _tensor_method(run, run.facts.tensor(Free("a mask", run.site.node)), name, args, keywords)
        case Lit():
            return methods.text_method(run, receiver, name, args)
        case Items():
            return methods.container_method(run, receiver, name, args, keywords)
        case Ref():
            cell = run.heap[receiver.cell]
            if isinstance(cell, (ListCell, DictCell)):
                if name in layers.SAME_MODULE:  # an nn.ModuleList: no list of Python's has these
                    return receiver
                return methods.container_method(run, receiver, name, args, keywords)
            if isinstance(cell, ParserCell):
                return namespaces.parser_method(run, receiver, cell, name, args, keywords)
            return call_member(run, receiver, name, args, keywords)
        case Recurrent() | RecurrentCell() | Layer() | Chain():
            return _method_of_module(run, receiver, name, args, keywords)
        case Super():
            return objects.call_super(run, receiver, name, args, keywords)
        case Bound(Ref() | Torch() as one, "__dict__"):
            return objects.call_dict(run, one, name, args, keywords)
        case Class() if name == "__init__" and args:
            return objects.initialise(run, receiver, args[0], args[1:], keywords)
    return call_member(run, receiver, name, args, keywords)


def _method_of_module(
    run: Run, receiver: Recurrent | RecurrentCell | Layer | Chain, name: str, args: Arguments, keywords: Keywords
) -> Value:
    if name in ("forward", "__call__"):
        return call(run, receiver, args, keywords)
    if name == "_get_name" and isinstance(receiver, (Recurrent, RecurrentCell)):
        return Lit(receiver.cell)
    if name in layers.SAME_MODULE:
        return receiver
    # a class method, asked of an instance: ``nn.Embedding(n, m).from_pretrained(weights)`` is another module
    of_class = f"torch.nn.{receiver.name}.{name}" if isinstance(receiver, Layer) else ""
    if of_class in constructors.CONSTRUCTORS:
        return constructors.construct(run, of_class, args, keywords) or receiver
    run.losses.operands.clear()  # what a method of a module returns, other than its forward, holds no states
    return Unknown(f"{name} of a module")


def _method_elsewhere(run: Run, receiver: Free, name: str, args: Arguments, keywords: Keywords) -> Value:
    """A method of what the file does not show: of a tensor, if it is one of those that nothing else has."""
    key, owner = receiver.key, receiver.owner
    if name == "sort" and (keywords.keys() & {"key", "reverse"}):  # a list, by parameters that no sort of torch has
        run.batches.sorting()
        return NONE
    if name in methods.RESPELLING and not args and not keywords and plain(receiver):
        return receiver  # "LSTM" and "lstm" are one answer to what it is
    standard = standard_library.member(receiver, name)
    if standard is not None:
        return call(run, standard, args, keywords)
    padded = filling.method(run, receiver, name) or padded_elsewhere.called(run, receiver, name, args, keywords)
    own = padded or other_packages.called(run, f"{key}.{name}", receiver, args, keywords)
    if own is not None:
        return own
    if find(f"Tensor.{name}") and (name not in _SHARED_WITH_OTHERS or _splits_tensor(name, args, keywords)):
        return _tensor_method(run, run.facts.tensor(receiver), name, args, keywords)
    # as in call(): a method of what the model holds, or of what was made by a call, is one of a module
    _hand(run, key, owner == "self" or key.endswith("()"), (*args, *keywords.values()))
    # the same value as config["hidden"], so that the two are one open size
    if name == "get" and args and isinstance(args[0], Lit) and isinstance(args[0].value, str):
        option = open_options.of_key(receiver, args[0].value)
        return open_options.or_default(run, args[0].value, option, args[1] if len(args) > 1 else None)
    if run.site.node is not run.here.statement:  # what a logger returns is lost to nobody
        run.lost(f"{key}.{name}() is not in this file")
    number = NumberOf(receiver) if name in _OF_LISTS and args else None
    return Free(f"{key}.{name}()", Called(owner, run.site.node), number)


_OF_LISTS = frozenset({"index", "count"})
"""Methods of lists and strings that return a number, and that no tensor has."""


def _splits_tensor(name: str, args: Arguments, keywords: Keywords) -> bool:
    """Whether a ``split`` is a tensor's: a string is split at a string, and along no axis."""
    number = len(args) > 0 and isinstance(args[0], Lit) and type(args[0].value) is int
    return name == "split" and ("dim" in keywords or number or (len(args) > 0 and isinstance(args[0], (Ref, Items))))


_SHARED_WITH_OTHERS = frozenset(
    {"split", "index", "get", "items", "keys", "values", "copy", "add", "put", "remove", "format"}
)
"""Methods of strings, lists, dicts, sets and queues, some of tensors as well: that an open value has one does not make
it a tensor.  Any other name that is registered for tensors does."""


_MAKING_AXES = frozenset({"unsqueeze", "view", "reshape"})
"""Methods that put axes into a tensor which are one wide whatever it is."""


def call_member(run: Run, receiver: Value, name: str, args: Arguments, keywords: Keywords) -> Value:
    """Fetch a member and call it."""
    site = run.site
    found = attributes.member(run, receiver, name)
    run.here.resume(site)
    if isinstance(site.node, ir.Node) and not isinstance(found, (Unknown, Free)):
        run.trace.reached.add(site.node)
    if isinstance(found, Unknown) or (isinstance(found, Free) and isinstance(receiver, Ref)):
        if name in layers.SAME_MODULE and isinstance(receiver, Ref):
            return receiver
        if isinstance(receiver, Ref) and name in objects.MODULE_METHODS:
            return objects.MODULE_METHODS[name](run, receiver, args)
    return call(run, found, args, keywords)


def _qualified(run: Run, prefix: str, name: str, args: Arguments, keywords: Keywords) -> Value:
    return call(run, qualified(f"{prefix}.{name}"), args, keywords)


def _tensor_method(run: Run, receiver: Value, name: str, args: Arguments, keywords: Keywords) -> Value:
    if isinstance(receiver, Packed):
        return packing.packed_method(run, receiver, name)
    if isinstance(receiver, Formless) and name == "to_numpy":  # a part of a table of pandas: the same axes as an array
        return receiver
    op = find(f"Tensor.{name}")
    if op is None:
        for value in (receiver, *args, *keywords.values()):
            run.use(value, Use.ELSEWHERE)
        of_states = isinstance(receiver, Tensor) and run.calls.made(receiver.states)
        if name in _OF_LISTS and args and not of_states:  # what ``tolist`` has made
            return Free(f"{name}()", run.site.node, NumberOf(receiver))
        return run.lost(f"Tensor.{name} is not followed")
    return operations.operate(run, op, (receiver, *args), keywords)


# --- functions of the file -------------------------------------------------------------------------------------------


def _chosen_module(run: Run, named: Value, args: Arguments, keywords: Keywords) -> Value | None:
    """The recurrent module that a member of ``torch.nn`` is, if the arguments of its call are those of one.

    An activation or a norm takes less than two sizes (``nn.GRU(8, 16)`` takes two), and any other layer has parameters
    of its own (``kernel_size``); an LSTM has all that a GRU has.
    """
    if not isinstance(named, Free) or not isinstance(named.form, OfTorchNN):
        return None
    if "**" not in keywords and (
        len(args) + len(keywords) < 2 or not keywords.keys() <= set(recurrent.PARAMETERS["LSTM"])
    ):
        return None
    chosen = choosing.text(run.facts, named.form.name, builtins.RECURRENT)
    return None if chosen is None else qualified(f"torch.nn.{chosen}")
