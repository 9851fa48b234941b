"""``nn.MultiheadAttention``: what each position of a query reads, and the weights that it reads it by.

https://docs.pytorch.org/docs/stable/generated/torch.nn.MultiheadAttention.html: samples stand second, unless it is
built with ``batch_first``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from rnnlint.axes.operations import combine, products
from rnnlint.axes.reading import marking, notes
from rnnlint.axes.states import Note, Raises, Result, Role, States, Unknown, shape
from rnnlint.torch_api.context import Context
from rnnlint.torch_api.modules.widths import fits_layer
from rnnlint.torch_api.operands import align_samples
from rnnlint.torch_api.tensors.products import made, runs_along, states_of
from rnnlint.values.domain import Items, Layer, Tensor, Value
from rnnlint.values.layer_kinds import LayerFact
from rnnlint.values.uses import Use

_OPERANDS = ("query", "key", "value")
_UNKNOWN = Unknown("an attention of tensors that are not known")


def operands(args: tuple[Value, ...], keywords: Mapping[str, Value]) -> tuple[Value, ...]:
    """What a call takes together, whichever way it is given."""
    given = {**dict(zip(_OPERANDS, args, strict=False)), **keywords}
    return tuple(given.get(name, _UNKNOWN) for name in _OPERANDS)


def attend(ctx: Context, layer: Layer, given: tuple[Value, ...]) -> Value:
    """``attention(query, key, value)``: the pair of what is read and the weights."""
    taken = tuple(map(ctx.facts.tensor, given))
    for operand in taken:
        ctx.use(operand, Use.LAYER, layer)
    fits_layer(ctx, layer, taken[:1])
    query, key, value = map(states_of, taken)
    first = layer.fact(LayerFact.BATCH_FIRST)
    samples_first = False if first is None else ctx.facts.flag(first)
    if query is None or key is None or value is None or samples_first is None:
        return Items((_UNKNOWN, _UNKNOWN))
    if {len(shape(one)) for one in (query, key, value)} != {3}:  # of one sequence, or what torch does not take
        return Items((_UNKNOWN, _UNKNOWN))
    align_samples(ctx, query, value, (0 if samples_first else 1,))
    score, read = ("nle,nse->nls", "nls,nse->nle") if samples_first else ("lne,sne->nls", "nls,sne->lne")
    weights = _then(products.einsum(score, query, key), lambda scores: _normalised(ctx, scores))
    mixed = _then(weights, lambda known: products.einsum(read, known, value))
    result = made(ctx, _then(mixed, lambda known: combine.contract(known, shape(query)[-1])))
    batch, steps = (0, 1) if samples_first else (1, 0)
    crossed = shape(key)[batch] > 1 and runs_along(key, batch, Role.STEP) and runs_along(key, steps, Role.SAMPLE)
    if crossed and isinstance(result, Tensor):
        result = Tensor(notes.noted_first(result.states, Note.SAMPLES_ATTENDED, ctx.site))
    return Items((result, made(ctx, weights)))


def _normalised(ctx: Context, scores: States) -> Result:
    return _then(combine.spread(scores, 2), lambda weights: marking.normalised(scores, weights, ctx.site))


def _then(known: Result, more: Callable[[States], Result]) -> Result:
    return known if isinstance(known, (Raises, Unknown)) else more(known)
