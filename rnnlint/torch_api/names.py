"""Which imported names are followed (torch's above all), their canonical names, and what a name alone says."""

from __future__ import annotations

import math
from collections.abc import Hashable
from functools import lru_cache

from rnnlint.values.domain import Builtin, Free, Lit, Torch, Value

_FOLLOWED = ("torch", "einops", "numpy", "argparse", "math", "types", "rnnlint")
BELOW_NN = (
    "activation", "adaptive", "batchnorm", "channelshuffle", "container", "conv", "distance", "dropout", "flatten",
    "fold", "instancenorm", "lazy", "linear", "loss", "module", "normalization", "padding", "pixelshuffle", "pooling",
    "rnn", "sparse", "transformer", "upsampling",
)  # fmt: skip
"""The modules of ``torch.nn.modules`` whose classes ``torch.nn`` has under their own names."""

_SAME = {
    "torch.nn.modules": "torch.nn",
    **{f"torch.nn.modules.{name}": "torch.nn" for name in BELOW_NN},
    **{f"torch.nn.{name}": "torch.nn" for name in BELOW_NN},  # once torch.nn.modules is torch.nn
    "torch.nn.parallel.data_parallel": "torch.nn.parallel",
    "torch.nn.parallel.distributed": "torch.nn.parallel",
    "torch.functional": "torch",
    "torch.autograd.variable": "torch.autograd",
    "einops.einops": "einops",
}
"""Modules whose members are those of another, under which they are known here."""
_ALIASES = {
    **_SAME,
    "torch.nn.PackedSequence": "torch.nn.utils.rnn.PackedSequence",  # which torch.nn.modules.rnn has imported
    "numpy.newaxis": "None",
}
SAME_MODULE = ("to", "cuda", "cpu", "train", "eval")
"""Methods of ``nn.Module`` that return the module itself."""

MODULE_MEMBERS = frozenset(
    {
        *SAME_MODULE, "parameters", "named_parameters", "state_dict", "load_state_dict", "zero_grad", "requires_grad_",
        "modules", "named_modules", "children", "named_children", "buffers", "apply", "training", "half", "float",
        "double",
    }
)  # fmt: skip
"""What any module has: that it is asked for says nothing about which module it is."""

OF_ALL = frozenset({
    "all", "any", "amax", "amin", "argmax", "argmin", "count_nonzero", "max", "mean", "median", "min", "nanmean",
    "nansum", "norm", "numel", "prod", "std", "sum", "var",
})  # fmt: skip
"""Of one tensor and nothing else they are of all its elements, however many axes these have."""

GRAPHLESS = (Torch("torch.no_grad"), Torch("torch.inference_mode"))
"""Inside of these torch keeps no graph."""

WITH_A_BAR = (
    "rich.progress.track",
    "tqdm.auto.tqdm",
    "tqdm.autonotebook.tqdm",
    "tqdm.notebook.tqdm",
    "tqdm.notebook.tqdm_notebook",
    "tqdm.std.tqdm",
    "tqdm.tqdm",
    "tqdm.tqdm_notebook",
)
"""What goes through what it is given, and shows how far it has come."""
COUNTED_WITH_A_BAR = ("tqdm.auto.trange", "tqdm.notebook.trange", "tqdm.tnrange", "tqdm.trange")
"""Ranges that do so."""
STANDARD = frozenset(
    {
        "collections.deque",
        "collections.namedtuple",
        "contextlib.nullcontext",
        "copy.copy",
        "copy.deepcopy",
        "dataclasses.asdict",
        "dataclasses.field",
        "dataclasses.replace",
        "functools.partial",
        "functools.reduce",
        "importlib.import_module",
        "itertools.accumulate",
        "itertools.chain",
        "itertools.chain.from_iterable",
        "itertools.islice",
        "operator.itemgetter",
        "typing.cast",
        *WITH_A_BAR,
        *COUNTED_WITH_A_BAR,
    }
)
"""Single functions that are followed of modules that are not."""
_NUMBERS = {f"{module}.{name}": getattr(math, name) for module in ("math", "numpy") for name in ("pi", "e", "inf")}
_PACKING = ("pack_padded_sequence", "pad_packed_sequence", "pad_sequence", "pack_sequence")
_SHORT = {
    "nn": "torch.nn",
    "torch": "torch",
    "F": "torch.nn.functional",
    "Variable": "torch.autograd.Variable",
    **{name: f"torch.nn.utils.rnn.{name}" for name in _PACKING},
}


def imported(name: str, place: Hashable) -> Value:
    """What ``import name`` binds."""
    if name.partition(".")[0] in _FOLLOWED or name in STANDARD:
        return qualified(name)
    return Free(name.rpartition(".")[2], place)


# the names of one file are some dozens; a thousand keep those of several, and no more however many are analysed
@lru_cache(maxsize=1000)
def qualified(name: str) -> Value:
    """A followed name under its canonical qualified name, whichever of its modules it is taken from."""
    holder, _, member = name.rpartition(".")
    if name not in _ALIASES and holder in _SAME:
        name = f"{_SAME[holder]}.{member}"
    name = _ALIASES.get(name, name)
    if name == "None":
        return Lit(None)
    if name in _NUMBERS:
        return Lit(_NUMBERS[name])
    return Builtin("reveal_axes") if name == "rnnlint.reveal_axes" else Torch(name)


def by_convention(name: str) -> Value | None:
    """What ``nn``, ``torch`` and the like are where a star import binds them, or what the file is pasted into."""
    return qualified(_SHORT[name]) if name in _SHORT else None
