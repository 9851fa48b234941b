"""What a file shows of how its batches are made, where values cannot be followed: through loaders and tokenizers."""

from __future__ import annotations

from rnnlint.frozen import dataclass
from rnnlint.source import program as ir
from rnnlint.source import walking

_FILLED = "lists filled up"


@dataclass(frozen=True, slots=True)
class Batches:
    """``padding``: what shows that sequences are padded at their end, "" where nothing does.  ``sorts``: lists are
    sorted somewhere, by whatever key."""

    padding: str = ""
    sorts: bool = False


def batches(program: ir.Block) -> Batches:
    """The batches of a file.

    It pads where it calls ``pad_sequence`` (not on the left) or anything with ``padding="max_length"`` (a tokenizer),
    fills a list up to a length with one value, or imports an iterator of torchtext, which pads what it batches.
    Where any tokenizer of the file is told to pad on the left, none shows padding at the end.
    """
    padding, sorts = "", False
    nodes = [node for node in walking.walk(program) if isinstance(node, _TELLING)]
    own = {node.name for node in nodes if isinstance(node, ir.FunctionDef)}  # one of the file's own says itself
    left = any(map(_to_the_left, nodes))
    for node in nodes:
        # because its body is in this file as well: what it does stands there, whatever it is called
        # (fixtures/rules/RNN402/own.py)
        if isinstance(node, ir.Call) and isinstance(node.func, ir.Name) and node.func.id in own:
            continue
        # the first place that shows it is the one a message names
        padding = padding or _padding(node, left)
        sorts = sorts or (isinstance(node, ir.Call) and bool(node.args) and _sorts(node))
    return Batches(padding, sorts)


_TELLING = (ir.Call, ir.FunctionDef, ir.Binary, ir.Assign, ir.AugAssign, ir.ImportFrom)
"""What can show anything of it, by its type: most of a file are names and constants."""


def _to_the_left(node: object) -> bool:
    """``padding_side="left"``, of a tokenizer that is made or one that is set so."""
    match node:
        case ir.Call(args=args):
            return any(a.keyword == "padding_side" and _constant(a.value) == "left" for a in args)
        case ir.Assign(targets=targets, value=value):
            named = any(isinstance(target, ir.Attribute) and target.attr == "padding_side" for target in targets)
            return named and _constant(value) == "left"
    return False


def _constant(node: ir.Expr) -> object:
    return node.value if isinstance(node, ir.Constant) else None


def _padding(node: object, left: bool) -> str:
    match node:
        case ir.Call() if _pads(node, left):
            return {"pad_sequence": "pad_sequence", "extend": _FILLED}.get(_last(node.func), "padding=...")
        # only behind what is there: filled on the left, the last step is everybody's own
        # (fixtures/rules/RNN402/left.py)
        case ir.Binary(op="+", right=filler) | ir.AugAssign(op="+", value=filler) if _fills(filler):
            return _FILLED
        # torchtext's BucketIterator pads whatever it batches; its name alone may be a class of another package
        # (tests/test_batches.py)
        case ir.ImportFrom(module=module, names=names) if module.split(".")[0] == "torchtext":
            return "BucketIterator" if any(name == "BucketIterator" for name, _ in names or ()) else ""
    return ""


def _sorts(node: ir.Call) -> bool:
    keywords = {argument.keyword for argument in node.args}
    # sort() without a key sorts numbers or words, mostly no batch: with key= or reverse= it is somebody's own order, as
    # by length (fixtures/rules/RNN407/model.py); sort_within_batch and sort_key are torchtext's
    # (fixtures/rules/RNN407/loader.py)
    by_key = _last(node.func) in ("sort", "sorted") and bool(keywords & {"key", "reverse"})
    return by_key or bool(keywords & {"sort_within_batch", "sort_key"})


def _pads(node: ir.Call, left: bool) -> bool:
    given = {a.keyword: a.value.value for a in node.args if a.keyword and isinstance(a.value, ir.Constant)}
    # on the left, the last step of every sample is its own: nothing is read that is padding (tests/test_batches.py);
    # before there was padding_side=, sequences were flipped, padded, and flipped back
    if _last(node.func) == "pad_sequence":
        return given.get("padding_side") != "left" and not any(map(_flips, walking.walk(node)))
    # one positional argument, as list.extend takes: tokens.extend([0] * (n - len(tokens)))
    if _last(node.func) == "extend" and len(node.args) == 1:
        return _fills(node.args[0].value)
    padding = given.get("padding")
    # the spellings of transformers' tokenizers, which pad at the end unless they are told a side
    # (https://huggingface.co/docs/transformers/pad_truncation)
    padded = padding is True or padding in ("max_length", "longest")
    return padded and not left and "padding_side" not in given


def _flips(node: object) -> bool:
    return isinstance(node, ir.Call) and _last(node.func) in ("flip", "flipud")


def _fills(node: ir.Expr) -> bool:
    """``[c] * (n - len(x))``."""
    if not isinstance(node, ir.Binary) or node.op != "*":
        return False
    sides = (node.left, node.right)
    # one item: [0] * n fills, and [a, b] * n repeats a pattern
    listed = any(isinstance(side, ir.Display) and len(side.items) == 1 for side in sides)
    return listed and any(
        isinstance(side, ir.Binary)
        and side.op == "-"
        and isinstance(side.right, ir.Call)
        and _last(side.right.func) == "len"
        for side in sides
    )


def _last(node: ir.Expr) -> str:
    return node.attr if isinstance(node, ir.Attribute) else node.id if isinstance(node, ir.Name) else ""
