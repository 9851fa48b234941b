"""What a function of torch that the program calls means to the analysis: the same operation of ``torch_api``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from torch import Tensor
from torch.overrides import resolve_name

from rnnlint.axes.states import Given, blocks
from rnnlint.events import Discarded, Unpacked
from rnnlint.interpret.python import calls, operators, sequences, subscripts
from rnnlint.interpret.python.written_bounds import bounds_of
from rnnlint.runtime.auditing import source_text
from rnnlint.runtime.auditing.following import Following
from rnnlint.runtime.auditing.places import Place
from rnnlint.runtime.auditing.shadows import tensors_in
from rnnlint.torch_api.batches import packing
from rnnlint.torch_api.modules import layers
from rnnlint.torch_api.tensors import attributes, elementwise
from rnnlint.values import domain
from rnnlint.values.domain import Items, Lit, Packed, Torch, Value
from rnnlint.values.layer_kinds import LayerKind
from rnnlint.values.uses import Use

_ARITHMETIC = {"add": "+", "sub": "-", "mul": "*", "div": "/", "true_divide": "/", "floor_divide": "//", "matmul": "@"}
_ARITHMETIC |= {"pow": "**", "__pow__": "**"}
_REFLECTED = {"__radd__": "+", "__rsub__": "-", "__rmul__": "*", "__rdiv__": "/", "__rtruediv__": "/", "__rpow__": "**"}
_SPELLED = frozenset({"view", "reshape", "split", "select", "narrow"})  # rules ask how their numbers are written
_COMPARISONS = {"__eq__": "==", "eq": "==", "ne": "!=", "lt": "<", "le": "<=", "gt": ">", "ge": ">="}
_OVERWRITING = frozenset(
    {"copy_", "set_", "index_copy_", "index_fill_", "scatter_", "scatter_add_", "index_add_", "index_put_", "put_"}
    | {"scatter_reduce_", "index_reduce_", "masked_scatter_"}
)
_ABOUT = """requires_grad is_cuda is_leaf device dtype layout grad_fn grad ndim is_sparse is_quantized names _version
itemsize nbytes is_nested is_meta is_mkldnn _base _backward_hooks output_nr"""
FACTS = frozenset(_ABOUT.split())  # what a tensor tells of itself that is no use of it


# 4096, because torch has fewer functions that a mode sees (1,430 in torch 2.13), and resolve_name is slow
@lru_cache(maxsize=4096)
def name_of(func: Callable[..., Any]) -> str:
    """The qualified name of a function of torch, as ``torch_api`` registers it."""
    name: str = resolve_name(func) or getattr(func, "__name__", "")
    name = name.replace("torch.functional.", "torch.")
    head, _, last = name.rpartition(".")
    # of a fact about a tensor the bare name, so that ``FACTS`` can be asked with it; of another attribute the whole
    return head.rpartition(".")[2] if last == "__get__" and head.rpartition(".")[2] in FACTS else name


def meaning(
    following: Following,
    name: str,
    place: Place | None,
    args: tuple[Any, ...],
    values: tuple[Value, ...],
    keywords: dict[str, Value],
) -> Value:
    """What a function returns, by the name that :func:`name_of` gives it; the events of it are emitted.

    ``args`` are its arguments as the program passes them, ``values`` what is known of them, in the same order, and
    ``keywords`` likewise.  Raises TorchRaises for what torch refuses, Need for a fact that the run does not show.
    """
    head, _, last = name.rpartition(".")
    # of a method; of an attribute, torch.Tensor.T.__get__, the head is another
    method = head.endswith("torch.Tensor")
    # before values are asked: the items are to be told as they are written, slices and ``...`` among them
    if name == "torch.Tensor.__getitem__":
        written = args[1] if isinstance(args[1], tuple) else (args[1],)
        items = tuple(map(following.shadows.item, written))
        following.at(place, "index", source_text.bounds(place, items))
        return subscripts.subscript(following.run, values[0], items, isinstance(args[1], tuple))
    # because torch iterates over a tensor by unbind: an unpacking in the text is no call there
    if name == "torch.Tensor.unbind" and place is not None and source_text.targets(place) is not None:
        unpacked(following, place, values[0])
    # after the two above, which are at their places under other names
    following.at(place, last)
    if name == "torch.Tensor.__setitem__":
        return _assigned(following, values[0], values[2])
    # a method only, because torch.add and others are registered as functions, with their parameters
    if last in _ARITHMETIC and method and len(values) > 1:
        following.at(place, "arithmetic")
        return operators.binary(following.run, _ARITHMETIC[last], values[0], values[1])
    if last in _REFLECTED and method:
        following.at(place, "arithmetic")
        return operators.binary(following.run, _REFLECTED[last], values[1], values[0])
    if last in _COMPARISONS and method:
        following.at(place, "comparison")
        return operators.comparison(following.run, _COMPARISONS[last], values[0], values[1])
    if last == "__get__":
        return attributes.attribute(following.run, values[0], head.rpartition(".")[2])
    # a statement: what detach returns is thrown away there, which is what the rule on it asks for
    if last == "detach" and place is not None and place.is_statement:
        following.run.emit(Discarded(last, values[0], following.run.site))
    # because the graph is gone then: what is handed on from before cannot be gone back through (see
    # ``Following.looping``)
    if last == "backward" and keywords.get("retain_graph") != Lit(True):
        following.backwards += 1
    if method and last in _SPELLED:
        numbers = source_text.numbers(place, values[1:])
        written = bounds_of(following.run, values[0], last, numbers, keywords)
        following.at(place, last, written or tuple((following.run.facts.literal(number),) for number in numbers))
        return calls.method(following.run, values[0], last, numbers, keywords)
    if method:
        return calls.method(following.run, values[0], last, values[1:], keywords)
    return calls.call(following.run, Torch(name), values, keywords)


def _assigned(following: Following, receiver: Value, value: Value) -> Value:
    if isinstance(value, (Items, Packed)):
        # as a layer does that takes a tensor: a tuple or a PackedSequence is no tensor to assign
        return layers.apply(following.run, domain.Layer(LayerKind.OTHER, "assignment"), (value,))
    following.run.rounds.write(receiver)
    following.run.use(value, Use.ELSEWHERE)
    return receiver


def overwritten(following: Following, name: str, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> None:
    """Elements were replaced: what the tensors that share them hold is not known any more."""
    last = name.rpartition(".")[2]
    out = kwargs.get("out")
    # numbers, and tensors that hold no states, are taken for a mask: what stands at the other places is still what it
    # was; what does hold states, or may, makes the whole unknown
    if last == "__setitem__":
        assigned = following.shadows.get(args[2]) if isinstance(args[2], Tensor) else None
        gone = args[:1] if assigned is None or _of_call(assigned) else ()
        gone = gone if isinstance(args[2], Tensor) else ()
        if not gone:
            _mask(following, args[0])
    else:
        gone = args[:1] if last in _OVERWRITING else tuple(tensors_in(out))
    for tensor in gone:
        for sharing in list(following.shadows.sharing(tensor)):
            following.run.use(following.shadows.value(sharing), Use.ELSEWHERE)
            following.shadows.set(sharing, following.run.lost("a tensor that was overwritten"))


def _mask(following: Following, tensor: Any) -> None:
    """What shares elements with a tensor some of which were replaced by numbers is masked, as the linter reads it."""
    for sharing in list(following.shadows.sharing(tensor)):
        value = following.shadows.value(sharing)
        if isinstance(value, domain.Tensor):
            following.shadows.set(sharing, elementwise.masked(following.run, value))


def _of_call(value: Value) -> bool:
    """Whether a value holds states, or may."""
    if isinstance(value, domain.Tensor):
        return any(not isinstance(block.source, Given) for block in blocks(value.states))
    return True


def unpacked(following: Following, place: Place | None, value: Value) -> None:
    """A value is taken apart, where the source says into which names; elsewhere (a loop, a call) nothing is said."""
    names = None if place is None else source_text.targets(place)
    if names is None:
        return
    following.at(place, "unpack")
    module = sequences.returned_by(following.run, value)
    following.run.emit(Unpacked(value, names, module, following.run.site))
    sequences.taken_apart(following.run, value)


def missing(following: Following, value: Value, name: str) -> Value:
    """A tuple or a PackedSequence is asked for an attribute that it does not have, as if it were a tensor."""
    if isinstance(value, Packed):
        return packing.packed_method(following.run, value, name)
    return calls.method(following.run, value, name, (), {})
