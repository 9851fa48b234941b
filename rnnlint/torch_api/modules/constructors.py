"""Constructors of ``torch.nn``: qualified name and arguments to the module's facts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

from rnnlint import cells
from rnnlint.axes.states import Unknown, shape
from rnnlint.torch_api.context import Context
from rnnlint.torch_api.modules import recurrent
from rnnlint.values.domain import Chain, Free, Layer, Lit, Tensor, Torch, Value
from rnnlint.values.layer_kinds import LayerFact, LayerKind
from rnnlint.values.walk import leaves

Constructor: TypeAlias = Callable[[Context, str, tuple[Value, ...], Mapping[str, Value]], Value]

_SAME = [
    "Dropout",
    "Dropout1d",
    "Dropout2d",
    "Dropout3d",
    "AlphaDropout",
    "FeatureAlphaDropout",
    "Identity",
    "ReLU",
    "ReLU6",
    "LeakyReLU",
    "PReLU",
    "ELU",
    "SELU",
    "CELU",
    "GELU",
    "SiLU",
    "Mish",
    "Sigmoid",
    "LogSigmoid",
    "Tanh",
    "Hardtanh",
    "Hardsigmoid",
    "Hardswish",
    "Softplus",
    "Softsign",
    "Tanhshrink",
    "Softshrink",
    "Hardshrink",
    "Threshold",
    "RReLU",
]
_MAX_POOL = "kernel_size=kernel stride padding dilation return_indices=- ceil_mode=ceil"
_AVERAGE_POOL = "kernel_size=kernel stride padding ceil_mode=ceil"
_ADAPTIVE = ("AdaptiveMaxPool", "AdaptiveAvgPool")
_OTHER_POOL = ("LPPool", "FractionalMaxPool")
_SOFTMAX = ["Softmax", "LogSoftmax", "Softmin"]


def _layer(kind: LayerKind, parameters: str = "", **defaults: Value) -> Constructor:
    """A layer that keeps some of its arguments as facts: ``a=b`` keeps parameter ``a`` as fact ``b``, ``a=-`` as none.

    ValueError where there is no such fact.
    """
    words = [part.partition("=") for part in parameters.split()]
    pairs = [(parameter, None if fact == "-" else LayerFact(fact or parameter)) for parameter, _, fact in words]
    given = {LayerFact(fact): value for fact, value in defaults.items()}

    def build(ctx: Context, name: str, args: tuple[Value, ...], keywords: Mapping[str, Value]) -> Value:
        facts = dict(given)
        for index, (parameter, fact) in enumerate(pairs):
            if fact is None:
                continue
            if index < len(args):
                facts[fact] = args[index]
            elif parameter in keywords:
                facts[fact] = keywords[parameter]
        return Layer(kind, name, tuple(facts.items()), ctx.site.node)

    return build


def _pretrained(ctx: Context, name: str, args: tuple[Value, ...], keywords: Mapping[str, Value]) -> Value:
    """``nn.Embedding.from_pretrained``: as wide as the rows of the weights it is given."""
    weights = args[0] if args else keywords.get("embeddings")
    sizes = shape(weights.states) if isinstance(weights, Tensor) else ()
    padding = args[2] if len(args) > 2 else keywords.get("padding_idx")
    told = ((LayerFact.DIM, ctx.facts.number(sizes[1]) if len(sizes) == 2 else None), (LayerFact.PADDING, padding))
    facts = tuple((fact, value) for fact, value in told if value is not None)
    return Layer(LayerKind.EMBEDDING, "Embedding", facts, ctx.site.node)


def _recurrent(ctx: Context, name: str, args: tuple[Value, ...], keywords: Mapping[str, Value]) -> Value:
    built = recurrent.construct(ctx, name, args, keywords)
    ctx.calls.note_built(built, ctx.site.node)
    return built


def _attention(ctx: Context, name: str, args: tuple[Value, ...], keywords: Mapping[str, Value]) -> Value:
    given = {**dict(zip(_OF_ATTENTION, args, strict=False)), **keywords}
    # what may be among arguments that are not known is open
    first = given.get("batch_first", given.get("**"))
    facts = ((LayerFact.IN, given.get("embed_dim")), (LayerFact.BATCH_FIRST, first))
    known = tuple((fact, value) for fact, value in facts if value is not None)
    return Layer(LayerKind.ATTENTION, name, known, ctx.site.node)


_SWITCHES = ("bias", "add_bias_kv", "add_zero_attn")
_OF_ATTENTION = ("embed_dim", "num_heads", "dropout", *_SWITCHES, "kdim", "vdim", "batch_first")


def _sequential(ctx: Context, name: str, args: tuple[Value, ...], keywords: Mapping[str, Value]) -> Value:
    if "**" in keywords:
        return _of_any_length(ctx, (*args, *leaves(ctx.containers.element(keywords["**"]))), keywords["**"])
    if len(args) == 1:
        known = ctx.containers.values_of(args[0])
        if known is not None:
            return Chain(known)
    return Chain(args)


def _of_any_length(ctx: Context, modules: tuple[Value, ...], filled: Value) -> Value:
    """An ``nn.Sequential`` of nobody knows how many of these ``modules``, of which a loop has ``filled`` a list.

    As many layers as one likes that work place by place are one.  Others read what they are given as a layer does.
    """
    if not all(isinstance(one, (Layer, Free)) for one in modules):
        return Unknown("an nn.Sequential of modules that are not known")
    by_place = {LayerKind.SAME, LayerKind.NORM, LayerKind.LINEAR}
    kinds = {one.kind if isinstance(one, Layer) else LayerKind.OTHER for one in modules}
    if LayerKind.LINEAR not in kinds or not kinds <= by_place:
        return Layer(LayerKind.OTHER, "Sequential", (), ctx.site.node)
    last = ctx.containers.ended_with(filled)
    width = last.fact(LayerFact.OUT) if isinstance(last, Layer) and last.kind is LayerKind.LINEAR else None
    facts = () if width is None else ((LayerFact.OUT, width),)
    return Layer(LayerKind.LINEAR, "Sequential", facts, ctx.site.node)


def _module_list(ctx: Context, name: str, args: tuple[Value, ...], keywords: Mapping[str, Value]) -> Value:
    if not args:
        return ctx.containers.new_list(())
    known = ctx.containers.elements(args[0])
    return args[0] if known is None else ctx.containers.new_list(known)


def _module_dict(ctx: Context, name: str, args: tuple[Value, ...], keywords: Mapping[str, Value]) -> Value:
    return args[0] if args else ctx.containers.new_dict()


_PADDING = ("ConstantPad", "ZeroPad")
_LAZY_NORM = ("LazyBatchNorm", "LazyInstanceNorm")
RECURRENT = frozenset(Torch(f"torch.nn.{name}") for name in cells.EVERY)


def _windows(spatial: int) -> tuple[tuple[tuple[str, ...], Constructor], ...]:
    """Convolutions and pooling over so many axes."""
    lazy = "out_channels=out kernel_size=kernel stride padding dilation"
    axes = Lit(spatial)
    return (
        ((f"Conv{spatial}d",), _layer(LayerKind.CONV, f"in_channels=in {lazy}", spatial=axes)),
        ((f"LazyConv{spatial}d",), _layer(LayerKind.CONV, lazy, spatial=axes)),
        ((f"ConvTranspose{spatial}d",), _layer(LayerKind.DECONV, "in_channels=in out_channels=out", spatial=axes)),
        ((f"MaxPool{spatial}d",), _layer(LayerKind.POOL, _MAX_POOL, spatial=axes)),
        ((f"AvgPool{spatial}d",), _layer(LayerKind.POOL, _AVERAGE_POOL, spatial=axes)),
        (tuple(f"{name}{spatial}d" for name in _ADAPTIVE), _layer(LayerKind.POOL, "output_size=size", spatial=axes)),
        (tuple(f"{name}{spatial}d" for name in _OTHER_POOL), _layer(LayerKind.POOL, "", spatial=axes)),
        ((f"LazyConvTranspose{spatial}d",), _layer(LayerKind.DECONV, "out_channels=out", spatial=axes)),
        (tuple(f"{name}{spatial}d" for name in _PADDING), _layer(LayerKind.PAD, "padding", spatial=axes)),
        (tuple(f"{name}{spatial}d" for name in _LAZY_NORM), _layer(LayerKind.NORM)),
    )


CONSTRUCTORS: dict[str, Constructor] = {
    f"torch.nn.{name}": build
    for names, build in (
        (cells.EVERY, _recurrent),
        (("Linear",), _layer(LayerKind.LINEAR, "in_features=in out_features=out")),
        (("LazyLinear",), _layer(LayerKind.LINEAR, "out_features=out")),
        (("NonDynamicallyQuantizableLinear",), _layer(LayerKind.LINEAR, "in_features=in out_features=out")),
        (("Embedding",), _layer(LayerKind.EMBEDDING, "num_embeddings embedding_dim=dim padding_idx=padding")),
        (_SAME, _layer(LayerKind.SAME)),
        (("LayerNorm", "RMSNorm"), _layer(LayerKind.NORM, "normalized_shape=in")),
        (tuple(f"BatchNorm{d}d" for d in (1, 2, 3)), _layer(LayerKind.NORM, "num_features=in")),
        (("GroupNorm",), _layer(LayerKind.NORM, "num_groups num_channels=in")),
        (tuple(f"InstanceNorm{d}d" for d in (1, 2, 3)), _layer(LayerKind.NORM)),
        (("Bilinear",), _layer(LayerKind.BILINEAR, "in1_features=in in2_features=in2 out_features=out")),
        (("MultiheadAttention",), _attention),
        (("TransformerEncoderLayer", "TransformerDecoderLayer"), _layer(LayerKind.OTHER, "d_model=in")),
        (_SOFTMAX, _layer(LayerKind.SOFTMAX, "dim")),
        (("Flatten",), _layer(LayerKind.FLATTEN, "start_dim=start end_dim=end", start=Lit(1), end=Lit(-1))),
        (("Unflatten",), _layer(LayerKind.UNFLATTEN, "dim unflattened_size=sizes")),
        (("GLU",), _layer(LayerKind.GLU, "dim", dim=Lit(-1))),
        (("CosineSimilarity",), _layer(LayerKind.SIMILARITY, "dim", dim=Lit(1))),
        (("PairwiseDistance",), _layer(LayerKind.SIMILARITY, "p eps keepdim", dim=Lit(-1))),
        (("LocalResponseNorm", "SyncBatchNorm"), _layer(LayerKind.NORM)),
        (("Softmax2d",), _layer(LayerKind.SOFTMAX, "", dim=Lit(-3))),
        (("Sequential",), _sequential),
        (("ModuleList", "ParameterList"), _module_list),
        (("ModuleDict", "ParameterDict"), _module_dict),
        *_windows(1),
        *_windows(2),
        *_windows(3),
    )
    for name in names
} | {"torch.nn.Embedding.from_pretrained": _pretrained}


def construct(ctx: Context, name: str, args: tuple[Value, ...], keywords: Mapping[str, Value]) -> Value | None:
    """The module ``name(...)`` builds; None for what is no module."""
    short = name.rpartition(".")[2]
    constructor = CONSTRUCTORS.get(name)
    if constructor is not None:
        return constructor(ctx, short, args, keywords)
    # a class of torch.nn itself: functions are written small, and torch.nn.utils and torch.nn.init hold no modules
    if name.startswith("torch.nn.") and name.count(".") == 2 and short[:1].isupper():
        if short in ("Module", "Parameter", "ParameterList"):
            return None
        kind = LayerKind.LOSS if short.endswith("Loss") else LayerKind.OTHER
        return Layer(kind, short, (), ctx.site.node)
    return None
