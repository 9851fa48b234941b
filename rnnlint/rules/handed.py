"""What is handed to a recurrent module as initial state: its tensors, one by one."""

from __future__ import annotations

from rnnlint.asking import once
from rnnlint.axes.states import Block, Call, Given, Kind, Role, States, blocks, extent
from rnnlint.cells import has_cell_state
from rnnlint.events import Handed
from rnnlint.rules.template import Template
from rnnlint.rules.words import LARGEST_WRITTEN, a_cell
from rnnlint.values.domain import Formless, Items, Lit, PairOf, ResultOf, Tensor, Value
from rnnlint.values.origins import Fresh, Memory, StateOfCell
from rnnlint.values.walk import options

ONE_TENSOR = Template("{expr}: {module}'s state is a pair, and torch raises on one tensor", "pass (h, c)", raises=True)
WHOLE_RESULT = Template(
    "{expr}: this is all that a call returns, and torch raises on it as {module}'s state",
    "pass its second item",
    raises=True,
)
SEVERAL = Template(
    "{expr}: {module}'s state is one tensor, and torch raises on a {several}", "pass h alone", raises=True
)
NO_PAIR = Template("{expr}: {module}'s state is a pair, and torch raises on a {several}", "pass (h, c)", raises=True)
PAIR_IN_PAIR = Template(
    "{expr}: {module}'s state is a pair of tensors, and torch raises on a pair in it", "pass (h, c)", raises=True
)
EVERY_STEP = Template("{expr}: this gives every step of an output as a state; its layers are not steps", "pass h_n")
THE_INPUT = Template("{expr}: this gives the input as the state, too", "pass a state of its own, or none")
SWAPPED = Template("{expr}: this gives (c, h), so hidden and cell state change places", "pass (h, c)")
HIDDEN_TWICE = Template("{expr}: this gives h for c, too, so the cell state is lost", "pass (h, c)")
CELL_TWICE = Template("{expr}: this gives c for h, too, so the hidden state is lost", "pass (h, c)")


@once
def slots(event: Handed) -> list[list[Value]]:
    """What each tensor of the state can be: one list for a GRU's state, two for an LSTM's."""
    found: list[list[Value]] = []
    for option in options(event.state):
        items = option.items if isinstance(option, Items) else (option,)
        for place, item in enumerate(items):
            if place == len(found):
                found.append([])
            found[place] += options(item)
    return found


def arrangements(values: list[Value]) -> list[States]:
    """The tensors among several values."""
    return [value.states for value in values if isinstance(value, Tensor)]


def memory_of(event: Handed, states: States) -> set[Memory | None]:
    """What is in the memory that a tensor is made of; None for what the program has not made itself."""
    known = dict(event.memory)
    return {known.get(block.source) if isinstance(block.source, Given) else None for block in blocks(states)}


@once
def wrong_kind(event: Handed) -> Template | None:
    """What is wrong with the kind of a state, and what to write; None where nothing is, or it is not known."""
    told = [_kind(event, option) for option in options(event.state)]
    # the kind first, and only where every option is of a wrong one: whatever holds the wrong thing would raise before
    # that matters
    return _content(event) if None in told else told[0]


def takes_pair(event: Handed) -> bool:
    """Whether the module's state is (h, c)."""
    return has_cell_state(event.module.cell)


def _kind(event: Handed, state: Value) -> Template | None:
    name = a_cell(event.module)
    # a tensor all the same, however many axes it has
    if isinstance(state, Tensor) or (isinstance(state, Formless) and not state.unsure):
        return ONE_TENSOR.filled(module=name) if takes_pair(event) else None
    # None stands for zeros beside a tensor, and what is not known may be right
    if not isinstance(state, Items) or any(isinstance(item, Lit) for item in state.items):
        return None
    # before it is counted: (output, h_n) has two items as well, and is no pair of states
    if isinstance(state.tag, ResultOf):
        return WHOLE_RESULT.filled(module=name)
    if not takes_pair(event):
        return SEVERAL.filled(module=name, several=_count(state))
    if len(state.items) != 2:
        return NO_PAIR.filled(module=name, several=_count(state))
    if any(isinstance(item, Items) for item in state.items):
        return PAIR_IN_PAIR.filled(module=name)
    return None


def _count(state: Items) -> str:
    return "pair" if isinstance(state.tag, PairOf) or len(state.items) == 2 else f"tuple of {len(state.items)}"


def _content(event: Handed) -> Template | None:
    """A state of the right kind that holds the wrong thing."""
    held = [arrangements(values) for values in slots(event)]
    for tensors in held:
        if tensors and all(_steps_in_front(event, states) for states in tensors):
            return EVERY_STEP
        if tensors and all(_is_input(event, states) for states in tensors):
            return THE_INPUT
    # a pair has two, whatever else it is was said above
    if not takes_pair(event) or len(held) != 2:
        return None
    first, second = (_kinds(tensors) for tensors in held)
    mixed = first == second == {Kind.HIDDEN, Kind.CELL}  # by a loop over the pair: which goes with which is lost
    if Kind.CELL in first and Kind.HIDDEN in second and None not in first | second and not mixed:
        return SWAPPED
    if first == second == {Kind.HIDDEN} and _same_lstm(event, held):
        return HIDDEN_TWICE
    if _is_one(event.state) and _goes_on(event, held[0]):
        return HIDDEN_TWICE
    # of a loop, the first round may well have the hidden state that was made before it
    if Kind.CELL in first and None not in first and second == {Kind.CELL}:
        return CELL_TWICE
    return None


def _steps_in_front(event: Handed, states: States) -> bool:
    """Whether the axis of layers runs along the steps of an output.

    Not of an open number of steps where the module goes on from its own output: torch takes that of one step alone,
    which is h_n.
    """
    own = {call for call, module in event.modules if module == event.module}
    return all(
        isinstance(block.source, Call)
        and bool(block.axes)
        and extent(block.axes[0]) > 1
        and all(factor.along is Role.STEP for factor in block.axes[0])
        and not (block.source in own and block.source.steps > LARGEST_WRITTEN)
        for block in blocks(states)
    )


def _is_input(event: Handed, states: States) -> bool:
    """Whether a state is the input of the same call, of more than one step."""
    steps = event.call.steps if event.call is not None else 1
    given = all(isinstance(block.source, Given) for block in blocks(states))
    # of one step, the input may well be the state (fixtures/rules/RNN306/script.py)
    return steps > 1 and given and isinstance(event.source, Tensor) and event.source.states == states


def _is_one(state: Value) -> bool:
    """Whether both places of a pair hold the very same tensor: what two layers make of one is equal, and not the same.

    (An arrangement says what is read, not by which layer.)
    """
    return isinstance(state, Items) and len(state.items) == 2 and state.items[0] is state.items[1]


def _goes_on(event: Handed, tensors: list[States]) -> bool:
    """Whether tensors are made of the module's own hidden state, through layers perhaps, and of no cell state.

    (Of a loop's rounds, the first has what was made before it.)  Where that goes on for both, what the module has
    returned as its cell state is lost.
    """
    modules, own = dict(event.modules), False
    for block in (block for states in tensors for block in blocks(states)):
        key = block.source.key
        if isinstance(block.source, Call):
            kind, mine = block.kind, modules.get(block.source) == event.module
        elif isinstance(key, StateOfCell):
            kind, mine = key.kind, key.module == event.module.site
        else:
            continue
        if kind is Kind.CELL:
            return False
        own = own or mine
    return own


def _kinds(tensors: list[States]) -> set[Kind | None]:
    """Whether tensors are hidden or cell states; None for anything else, such as what has gone through a layer.

    What the program has made from nothing counts as neither: a loop starts with it.
    """
    found: set[Kind | None] = set()
    for states in tensors:
        held = list(blocks(states))
        if not all(isinstance(block.source, Given) and isinstance(block.source.key, Fresh) for block in held):
            found |= set(map(_kind_of, held))
    return found


def _kind_of(block: Block) -> Kind | None:
    if block.reduced:
        return None
    if isinstance(block.source, Call):
        return block.kind
    return block.source.key.kind if isinstance(block.source.key, StateOfCell) else None


def _same_lstm(event: Handed, held: list[list[States]]) -> bool:
    """Whether all tensors come from one call of an LSTM (or of one LSTMCell), which returned a cell state as well."""
    modules = dict(event.modules)
    sources = {block.source for tensors in held for states in tensors for block in blocks(states)}
    sources = {one for one in sources if not (isinstance(one, Given) and isinstance(one.key, Fresh))}
    if len(sources) != 1:
        return False
    (source,) = sources
    if isinstance(source, Call):
        return source in modules and has_cell_state(modules[source].cell)
    return isinstance(source.key, StateOfCell) and has_cell_state(source.key.cell)
