"""What a file shows of how its batches are made, where values cannot be followed: through loaders and tokenizers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet

from rnnlint.frozen import dataclass
from rnnlint.source import program as ir
from rnnlint.source import walking
from rnnlint.source.in_front import fills_in_front, to_the_left
from rnnlint.source.missing import constants_given, fills, flips

_FILLED = "lists filled up"
_ITERATOR = "BucketIterator"
_SAID = {"pad_sequence": "pad_sequence", "pad_sequences": "pad_sequences", "extend": _FILLED}


@dataclass(frozen=True, slots=True)
class Batches:
    """``shows``: what shows that sequences are padded at their end, in words, and where.  ``sorts``: lists are sorted
    somewhere, by whatever key.  ``left``: something is padded in front, where it harms no last step."""

    shows: tuple[tuple[str, ir.Node], ...] = ()
    sorts: bool = False
    left: bool = False

    @property
    def padding(self) -> str:
        """The first of what shows it, which is the one that a message names; "" where nothing does."""
        return self.shows[0][0] if self.shows else ""


def batches(program: ir.Block) -> Batches:
    """The batches of a file.

    It pads where it calls ``pad_sequence`` (not on the left) or anything with ``padding="max_length"`` (a tokenizer),
    fills a list up to a length with one value, writes rows into a wider table (``table[i, :len(row)] = row``), or
    imports an iterator of torchtext, which pads what it batches, or reaches it through its module.  Where any tokenizer
    of the file is told to pad on the left, none shows padding at the end.
    """
    shows, sorts = list[tuple[str, ir.Node]](), False
    nodes = [node for node in walking.walk(program) if isinstance(node, _TELLING)]
    own = {node.name for node in nodes if isinstance(node, ir.FunctionDef)}  # one of the file's own says itself
    on_the_left = any(map(to_the_left, nodes))
    tokenizing = any(isinstance(node, (ir.Import, ir.ImportFrom)) and _tokenizers(node) for node in nodes)
    torchtext = {name for node in nodes if isinstance(node, (ir.Import, ir.ImportFrom)) for name in _of_torchtext(node)}
    for node in nodes:
        # because its body is in this file as well: what it does stands there, whatever it is called
        # (fixtures/rules/RNN402/own.py)
        if isinstance(node, ir.Call) and isinstance(node.func, ir.Name) and node.func.id in own:
            continue
        padding = _padding(node, on_the_left, tokenizing) or ("" if on_the_left else _iterator(node, torchtext))
        if padding:
            shows.append((padding, node))
        sorts = sorts or (isinstance(node, ir.Call) and bool(node.args) and _sorts(node))
    return Batches(tuple(shows), sorts, fills_in_front(nodes))


_TELLING = (ir.Call, ir.FunctionDef, ir.Binary, ir.Assign, ir.AugAssign, ir.While, ir.Import, ir.ImportFrom)
"""What can show anything of it, by its type: most of a file are names and constants."""


def _padding(node: object, on_the_left: bool, tokenizing: bool) -> str:
    match node:
        case ir.Call() if _pads(node, on_the_left, tokenizing):
            return _SAID.get(ir.last_name(node.func), "padding=...")
        case ir.Assign(targets=targets) if any(_length(target) for target in targets):
            return "rows filled up"
        # only behind what is there: filled on the left, the last step is everybody's own
        # (fixtures/rules/RNN402/left.py)
        case ir.Binary(op="+", right=filler) | ir.AugAssign(op="+", value=filler) if fills(filler):
            return _FILLED
        # torchtext's BucketIterator pads whatever it batches; its name alone may be a class of another package
        # (tests/test_batches.py)
        case ir.ImportFrom(module=module, names=names) if module.split(".")[0] == "torchtext" and not on_the_left:
            return _ITERATOR if any(name == _ITERATOR for name, _ in names or ()) else ""
    return ""


def _of_torchtext(node: ir.Import | ir.ImportFrom) -> Iterator[str]:
    """The names that an import binds to torchtext, or to a module of it."""
    if isinstance(node, ir.ImportFrom):
        if node.module.split(".")[0] == "torchtext":
            yield from (bound for _, bound in node.names or ())
        return
    for name, bound in node.names:
        if name.split(".")[0] == "torchtext":
            yield bound or "torchtext"


def _iterator(node: object, torchtext: AbstractSet[str]) -> str:
    """``data.BucketIterator(...)``, ``torchtext.legacy.data.BucketIterator.splits(...)``."""
    if not isinstance(node, ir.Call) or not torchtext:
        return ""
    function, seen = node.func, False
    while isinstance(function, ir.Attribute):
        seen = seen or function.attr == _ITERATOR
        function = function.value
    return _ITERATOR if seen and isinstance(function, ir.Name) and function.id in torchtext else ""


def _length(target: ir.Expr) -> bool:
    """``table[i, :len(row)]``, with what is behind it left over."""
    if not isinstance(target, ir.Subscript) or len(target.items) < 2 or not isinstance(target.items[1], ir.Slice):
        return False
    lower, upper = target.items[1].lower, target.items[1].upper
    return lower is None and isinstance(upper, ir.Call) and ir.last_name(upper.func) == "len"


def _sorts(node: ir.Call) -> bool:
    keywords = {argument.keyword for argument in node.args}
    # sort() without a key sorts numbers or words, mostly no batch: with key= or reverse= it is somebody's own order, as
    # by length (fixtures/rules/RNN407/model.py); sort_within_batch and sort_key are torchtext's
    # (fixtures/rules/RNN407/loader.py)
    by_key = ir.last_name(node.func) in ("sort", "sorted") and bool(keywords & {"key", "reverse"})
    return by_key or bool(keywords & {"sort_within_batch", "sort_key"})


def _tokenizers(node: ir.Import | ir.ImportFrom) -> bool:
    """Whether a package is imported whose tokenizers take ``padding=True``."""
    modules = [node.module] if isinstance(node, ir.ImportFrom) else [name for name, _ in node.names]
    return any(module.split(".")[0] in TOKENIZING for module in modules)


TOKENIZING = frozenset({"transformers", "tokenizers", "sentence_transformers", "pytorch_transformers"})
_BESIDE = frozenset(
    [
        "truncation",
        "max_length",
        "return_tensors",
        "return_attention_mask",
        "return_token_type_ids",
        "add_special_tokens",
        "is_split_into_words",
        "pad_to_multiple_of",
        "return_offsets_mapping",
        "return_length",
    ]
)
"""What tokenizers take beside ``padding``, and no convolution or loader does."""


def for_a_tokenizer(name: str, keywords: Iterable[str]) -> bool:
    """Whether ``padding=True`` says what it says to a tokenizer, by what else is given or how it is called:
    to others it may be a width, or a switch."""
    return "tokeniz" in name.lower() or name in ("encode_plus", "batch_encode_plus") or not _BESIDE.isdisjoint(keywords)


def _pads(node: ir.Call, on_the_left: bool, tokenizing: bool) -> bool:
    given = constants_given(node)
    # on the left, the last step of every sample is its own: nothing is read that is padding (tests/test_batches.py);
    # before there was padding_side=, sequences were flipped, padded, and flipped back
    if ir.last_name(node.func) == "pad_sequence":
        return given.get("padding_side") != "left" and not any(map(flips, walking.walk(node)))
    # one positional argument, as list.extend takes: tokens.extend([0] * (n - len(tokens)))
    if ir.last_name(node.func) == "extend" and len(node.args) == 1:
        return fills(node.args[0].value)
    if ir.last_name(node.func) == "pad_sequences":
        return given.get("padding") == "post"
    # both of transformers: what collates samples of a tokenizer, and the older spelling of padding="max_length"
    if ir.last_name(node.func) == "DataCollatorWithPadding" or given.get("pad_to_max_length") is True:
        return given.get("padding_side") != "left"
    padding = given.get("padding")
    # the spellings of transformers' tokenizers, which pad at the end unless they are told a side
    # (https://huggingface.co/docs/transformers/pad_truncation)
    asked = tokenizing or for_a_tokenizer(ir.last_name(node.func), [one.keyword for one in node.args if one.keyword])
    padded = (padding is True and asked) or padding in ("max_length", "longest")
    return padded and not on_the_left and "padding_side" not in given
