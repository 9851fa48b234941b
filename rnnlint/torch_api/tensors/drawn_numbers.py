"""Numbers that the program draws from the scores of a call, and the tensors of one number that it makes of them.

Who writes ``word = scores.argmax().item()`` and goes on with ``torch.tensor([[word]])`` goes on from that call as one
who hands on the index itself does.
"""

from __future__ import annotations

from collections.abc import Hashable

from rnnlint.axes.states import Block, Given
from rnnlint.torch_api.context import Context
from rnnlint.values.domain import Free, Tensor, Value
from rnnlint.values.origins import Chosen

Sources = frozenset[Hashable]


def sources_of(value: Value | None) -> Sources:
    """The calls that one number was drawn from; none for anything else."""
    match value:
        # of several elements torch takes no number: what is asked for one has one
        case Free(owner=Block(source=Given(key=Chosen(of=drawn)))) | Tensor(Block(source=Given(key=Chosen(of=drawn)))):
            return drawn
    return frozenset()


def of_lists(ctx: Context, data: Value | None) -> Tensor | None:
    """A tensor of one number that was drawn, in so many lists (``[[word]]``); None for anything else."""
    lists, inside = 0, data
    while inside is not None and lists < _MOST_LISTS:  # a list can hold itself
        known = ctx.containers.elements(inside)
        if known is None or len(known) != 1:
            break
        lists, inside = lists + 1, known[0]
    return made(ctx, inside, (1,) * lists)


def made(ctx: Context, number: Value | None, sizes: tuple[int, ...] | None) -> Tensor | None:
    """A new tensor of these sizes, of a number that was drawn; None for one that was not."""
    drawn = sources_of(number)
    if not drawn or sizes is None:
        return None
    settled = ctx.settle(ctx.given(Chosen(ctx.occurrence(), drawn), sizes))
    return settled if isinstance(settled, Tensor) else None


_MOST_LISTS = 8
