"""Initial states: what a recurrent module (or cell) is handed, and whether torch takes it.

The shapes are those of the tables "Inputs" in https://docs.pytorch.org/docs/stable/generated/torch.nn.LSTM.html (and
GRU, RNN, and the cells): (L*D, N, H), whatever ``batch_first`` is, or (L*D, H) unbatched; (N, H) or (H,) for a cell.
"""

from __future__ import annotations

from collections.abc import Sequence

from rnnlint.axes.states import Call, Given, States, shape
from rnnlint.events import Handed, Misfit, Site, Wrong
from rnnlint.frozen import dataclass
from rnnlint.torch_api.context import Context, TorchRaises
from rnnlint.values.alternatives import either
from rnnlint.values.domain import Either, Formless, Items, Lit, Recurrent, RecurrentCell, Ref, Tensor, Value
from rnnlint.values.roots import base
from rnnlint.values.walk import options, sources, tensors

NOTHING = Lit(None)


@dataclass(frozen=True, slots=True)
class Slot:
    """What a module takes: the shapes of the tensors of a state, in order, and the number of steps it is called with.

    ``known`` is False where the input is not, so that it can be unbatched.
    """

    wanted: tuple[tuple[int, ...], ...]
    steps: int | None
    known: bool
    call: Call | None = None


@dataclass(frozen=True, slots=True)
class Trial:
    """A call in one of the ways it can go: what is wrong with the state, and whether that was known."""

    slot: Slot
    judged: bool
    misfit: Misfit | None


def slot_of(call: Call, pair: bool, known: bool) -> Slot:
    """What a recurrent module takes in a call."""
    rows = call.layers * call.directions
    samples = () if call.samples is None else (call.samples,)
    widths = (call.units, call.cell_units) if pair else (call.units,)
    return Slot(tuple((rows, *samples, width) for width in widths), call.steps, known, call)


def slot_of_cell(rows: tuple[int, ...], hidden: int, pair: bool, known: bool) -> Slot:
    """What a cell takes for an input (*rows, features)."""
    return Slot(((*rows, hidden),) * (2 if pair else 1), None, known)


def judge(ctx: Context, slot: Slot, state: Value, trials: list[Trial]) -> None:
    """Compare a state, which is not several, with what is taken.  Raises TorchRaises where torch certainly does."""
    one = isinstance(state, Formless) and not state.unsure and len(slot.wanted) > 1
    items = (state,) if one else _items(ctx, state)
    if items is None or any(isinstance(item, Lit) for item in items):
        trials.append(Trial(slot, False, None))
        return
    nested = any(isinstance(item, Items) for item in items)
    if isinstance(state, Tensor) is not (len(slot.wanted) == 1) or len(items) != len(slot.wanted) or nested:
        trials.append(Trial(slot, False, None))
        raise TorchRaises("TypeError", "the state is not of the kind the module takes")
    judged = False
    for place, (wanted, item) in enumerate(zip(slot.wanted, items, strict=True)):
        known = [option.states for option in options(item) if isinstance(option, Tensor)]
        wrong = [_misfit(ctx, slot, wanted, states, place) for states in known]
        judged = judged or bool(known)
        if known and None not in wrong:
            trials.append(Trial(slot, True, wrong[0]))
            if len(known) == len(options(item)):
                raise TorchRaises("RuntimeError", f"Expected hidden[{place}] size {wanted}, got {shape(known[0])}")
            return
    trials.append(Trial(slot, judged, None))


def judged(ctx: Context, slot: Slot, state: Value, trials: list[Trial]) -> Value:
    """The state, once :func:`judge` has looked at it."""
    judge(ctx, slot, state, trials)
    return state


def input_rank(ctx: Context, state: Value) -> int:
    """The rank of an input that is not known: batched, unless the state handed with it is not."""
    items = _items(ctx, state) or ()
    ranks = {len(shape(item.states)) for item in items if isinstance(item, Tensor)}
    return 2 if ranks == {2} else 3  # (L, H) beside (T, F), (L, N, H) beside (T, N, F) or (N, T, F)


def ranked(ctx: Context, state: Value, rank: int) -> None:
    """A state that got an axis of its own has as many axes as the module takes.  May raise Need."""
    for item in state.items if isinstance(state, Items) else (state,):
        if isinstance(item, Formless) and item.change > 0 and base(item.root) == item.root:
            ctx.facts.rank(item, rank)


def say(
    ctx: Context,
    module: Recurrent | RecurrentCell,
    source: Value,
    state: Value,
    trials: Sequence[Trial],
    site: Site,
) -> None:
    """Say what a call was handed, once it is known how it can go."""
    told = _spelled(ctx, state)
    found = [(one, ctx.fresh_tensors.memory(one)) for one in sources(told) if isinstance(one, Given)]
    memory = tuple((one, what) for one, what in found if what is not None)
    modules = tuple({pair: None for states in tensors(told) for pair in ctx.calls.modules(states)})
    judged = [trial.misfit for trial in trials if trial.judged]
    misfit = judged[0] if judged and None not in judged else None
    slot = next((t.slot for t in trials if t.misfit is None), trials[0].slot if trials else None)
    call, wanted = (None, ()) if slot is None else (slot.call, slot.wanted)
    filled = ((one, ctx.fresh_tensors.filled(one)) for one, _ in memory)
    written = tuple((one, place) for one, place in filled if place is not None)
    ctx.hand(Handed(module, call, source, told, wanted, memory, modules, misfit, site, written))


def _items(ctx: Context, state: Value) -> tuple[Value, ...] | None:
    """The tensors of a state; None for what is not known."""
    return (state,) if isinstance(state, Tensor) else ctx.containers.elements(state)


def _spelled(ctx: Context, value: Value) -> Value:
    """A state with its lists as tuples, so that it says what it holds without the heap."""
    match value:
        case Either(several):
            return either(tuple(_spelled(ctx, option) for option in several))
        case Ref():
            known = ctx.containers.elements(value) or (NOTHING,)
            return value if any(isinstance(item, Lit) for item in known) else Items(known)
    return value


def _misfit(ctx: Context, slot: Slot, wanted: tuple[int, ...], states: States, place: int) -> Misfit | None:
    """What is wrong with the shape of a tensor of a state; None where it fits, or fits in some programs."""
    got = shape(states)
    if len(got) != len(wanted):
        # where the input's shape is not known it may have no samples, and the state has an axis less then
        if slot.known or len(got) not in ((2, 3) if slot.call else (1, 2)):
            return Misfit(states, place, wanted, Wrong.RANK)
        wanted = wanted[:1] + wanted[-1:] if len(got) == 2 else wanted[-1:]  # an unbatched call
    # what says how it came to be wrong before what says only which axis is
    if len(got) == 3 and slot.known:
        samples = wanted[1]
        if got[0] != wanted[0] and got[0] == samples and got[1] != samples:
            return Misfit(states, place, wanted, Wrong.SAMPLES_FIRST)
        # one sample's state laid out once for each sample, where the layers stand: it fits a batch of one alone
        if got[0] != wanted[0] and got[:2] == (wanted[0] * samples, 1):
            return Misfit(states, place, wanted, Wrong.ROWS)
        # of one step, a state of one sample says nothing: batches may be of one sample where their size is open
        if got[1] not in (samples, 1) and got[1] == slot.steps:
            return Misfit(states, place, wanted, Wrong.STEPS)
    whats = (Wrong.ROWS, Wrong.SAMPLES, Wrong.UNITS) if slot.call else (Wrong.SAMPLES, Wrong.UNITS)
    names = whats if len(got) == len(whats) else (whats[0], whats[-1]) if slot.call else whats[-1:]
    for what, size, right in zip(names, got, wanted, strict=True):
        if size != right and (what is not Wrong.SAMPLES or slot.known) and _differ(ctx, size, right):
            return Misfit(states, place, wanted, what)
    return None


def _differ(ctx: Context, size: int, right: int) -> bool:
    """Whether two extents that differ here differ in every program."""
    if ctx.facts.open(size) or ctx.facts.open(right):
        return bool(ctx.facts.free_of(size)) and ctx.facts.certain(size, (right,))
    return True
