"""What a file shows of how its batches are made, where values cannot be followed: through loaders and tokenizers."""

from __future__ import annotations

from dataclasses import dataclass

from rnnlint.source import program as ir

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
    """
    padding, sorts = "", False
    nodes = tuple(ir.walk(program))
    own = {node.name for node in nodes if isinstance(node, ir.FunctionDef)}  # one of the file's own says itself
    for node in nodes:
        if isinstance(node, ir.Call) and isinstance(node.func, ir.Name) and node.func.id in own:
            continue
        padding = padding or _padding(node)
        sorts = sorts or (isinstance(node, ir.Call) and _sorts(node))
    return Batches(padding, sorts)


def _padding(node: object) -> str:
    match node:
        case ir.Call() if _pads(node):
            return {"pad_sequence": "pad_sequence", "extend": _FILLED}.get(_last(node.func), "padding=...")
        case ir.Binary(op="+", right=filler) | ir.AugAssign(op="+", value=filler) if _fills(filler):
            return _FILLED
        case ir.ImportFrom(module=module, names=names) if module.split(".")[0] == "torchtext":
            return "BucketIterator" if any(name == "BucketIterator" for name, _ in names or ()) else ""
    return ""


def _sorts(node: ir.Call) -> bool:
    keywords = {argument.keyword for argument in node.args}
    by_key = _last(node.func) in ("sort", "sorted") and bool(keywords & {"key", "reverse"})
    return by_key or bool(keywords & {"sort_within_batch", "sort_key"})


def _pads(node: ir.Call) -> bool:
    given = {a.keyword: a.value.value for a in node.args if a.keyword and isinstance(a.value, ir.Constant)}
    if _last(node.func) == "pad_sequence":
        return given.get("padding_side") != "left"
    if _last(node.func) == "extend" and len(node.args) == 1:
        return _fills(node.args[0].value)
    padding = given.get("padding")
    return (padding is True or padding in ("max_length", "longest")) and "padding_side" not in given


def _fills(node: ir.Expr) -> bool:
    """``[c] * (n - len(x))``."""
    if not isinstance(node, ir.Binary) or node.op != "*":
        return False
    sides = (node.left, node.right)
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
