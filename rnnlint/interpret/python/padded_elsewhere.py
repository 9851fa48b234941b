"""What functions and classes of other packages return that pad: tokenizers, torchtext's iterators, keras.

They are told by the names under which their packages have them, as what they return is not followed.
"""

from __future__ import annotations

from rnnlint.interpret.state.run import Arguments, Keywords, Run
from rnnlint.source import program as ir
from rnnlint.source.batches import TOKENIZING, for_a_tokenizer
from rnnlint.values.domain import Called, Free, Lit, Value
from rnnlint.values.forms import Padding, Side


def called(run: Run, function: Free, name: str, args: Arguments, keywords: Keywords) -> Free | None:
    """What a call of a function that is not shown returns, or of its member ``name``, if it is padded; None if not."""
    key = f"{function.key}.{name}" if name else function.key
    padding = _padding(run, function, key.split("."), args, keywords)
    return None if padding is None else Free(f"{key}()", Called(function.owner, run.site.node), padding)


def _padding(run: Run, function: Free, names: list[str], args: Arguments, keywords: Keywords) -> Padding | None:
    last = names[-1]
    # https://keras.io/api/data_loading/timeseries: in front, unless it is told otherwise
    if last == "pad_sequences":
        return Padding(True, Side.RIGHT if keywords.get("padding") == Lit("post") else Side.LEFT, last)
    # a batch of graphs as one tensor, and a mask
    if last == "to_dense_batch":
        return Padding(True, Side.RIGHT, last)
    # what is told anywhere to pad in front does so here, for all that is known
    if run.known.text.batches.left:
        return None
    if last == "DataCollatorWithPadding()" or _tokenizes(function, last, keywords):
        return Padding(None, _side(keywords), "padding=...")
    if _iterates(function, names) and _several(args, keywords):
        return Padding(None, Side.RIGHT, "BucketIterator")
    return None


def _side(keywords: Keywords) -> Side:
    return Side.LEFT if keywords.get("padding_side") == Lit("left") else Side.RIGHT


def _tokenizes(function: Free, name: str, keywords: Keywords) -> bool:
    """Whether it is asked for padding as transformers has it (https://huggingface.co/docs/transformers/pad_truncation)."""
    padding = keywords.get("padding")
    if padding in (Lit("max_length"), Lit("longest")) or _is_true(keywords.get("pad_to_max_length")):
        return True
    asked = for_a_tokenizer(name, keywords) or any(_is_of(function, package) for package in TOKENIZING)
    return _is_true(padding) and asked


def _is_of(function: Free, package: str) -> bool:
    """Whether a value was made by what is imported from a package."""
    owner = function.owner
    while isinstance(owner, Called):
        owner = owner.owner.owner if isinstance(owner.owner, Free) else owner.owner
    match owner:
        case ir.ImportFrom(module=module):
            return module.split(".")[0] == package
        case ir.Import(names=imported):
            return any(name.split(".")[0] == package for name, _ in imported)
    return False


def _is_true(value: Value | None) -> bool:
    return isinstance(value, Lit) and value.value is True  # 1 is a width


def _iterates(function: Free, names: list[str]) -> bool:
    """Whether it is an iterator of torchtext, which pads what it batches: its name alone may be another package's."""
    iterator = any(name in ("BucketIterator", "Iterator") for name in names[-2:]) or names[-1] == "iters"
    return iterator and not isinstance(function.owner, Called) and _is_of(function, "torchtext")


def _several(args: Arguments, keywords: Keywords) -> bool:
    """Whether a batch has several samples, for all that is known: one is as long as itself."""
    return keywords.get("batch_size", args[1] if len(args) > 1 else None) != Lit(1)
