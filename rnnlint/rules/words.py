"""The words of the messages: what a reader calls the modules, features and readings that a finding is about.

Advice is written with ``{output}``, ``{h_n}`` and ``{c_n}`` in the place of what a call returns: the program's own
names where it has some, those of the torch documentation where not (see :class:`~rnnlint.rules.rule.Hit`).  Sizes
the file leaves open are written ``H``.
"""

from __future__ import annotations

from rnnlint.axes.states import Call, Kind
from rnnlint.values.domain import Recurrent, RecurrentCell

LARGEST_WRITTEN = 1_000_000  # the extents that stand for sizes the file leaves open, and parts of them, are larger


def cell(module: Recurrent | RecurrentCell | None) -> str:
    """``GRU``, or ``RNN`` where the module is not known."""
    return module.cell if module else "RNN"


def a_cell(module: Recurrent | RecurrentCell | None) -> str:
    """``a GRU``, ``an LSTM``."""
    name = cell(module)
    # GRU is said as a word, RNN and LSTM letter by letter: an R, an L
    return f"a {name}" if name.startswith("GRU") else f"an {name}"


def number(size: int, symbol: str = "H") -> str:
    """A size as the program has it, or its symbol where the file leaves it open."""
    return str(size) if size <= LARGEST_WRITTEN else symbol


def twice(size: int) -> str:
    """Two of a size."""
    return number(2 * size, "2*H") if size <= LARGEST_WRITTEN else "2*H"


def half(call: Call, direction: int) -> str:
    """The features of ``output`` that hold one direction: ``features 20:40``."""
    units = number(call.units)
    return f"features {units}:{twice(call.units)}" if direction else f"features 0:{units}"


def reading(call: Call, module: Recurrent | None, step: str, direction: int | None = None) -> str:
    """How ``output`` is read at a step, in one direction or both: ``{output}[:, -1, :20]``."""
    units = number(call.units)
    features = "" if direction is None else f"{units}:" if direction else f":{units}"
    if call.samples is None:
        items = [step]
    elif module and module.batch_first:
        items = [":", step]
    else:
        # output is (T, N, D*H): the step alone picks all of the rest
        items = [step, ":"] if features else [step]
    return f"{{output}}[{', '.join([*items, features] if features else items)}]"


def final_state(call: Call, direction: int) -> str:
    """The last layer's final state of one direction in ``h_n``."""
    # the last layer's two directions stand last, the backward one behind
    # (https://docs.pytorch.org/docs/stable/generated/torch.nn.GRU.html, h_n)
    return "{h_n}[-2]" if call.directions == 2 and direction == 0 else "{h_n}[-1]"


def use_final_states(call: Call, kind: Kind = Kind.HIDDEN) -> str:
    """To use the last layer's final states: ``use h_n[-1]``, ``use torch.cat((h_n[-2], h_n[-1]), -1)``."""
    return f"{{use:{state(kind)}}} {final_states_text(call, kind)}"


def final_states_text(call: Call, kind: Kind = Kind.HIDDEN) -> str:
    """What has the last layer's final states of all directions, (samples, features)."""
    name = state(kind)
    last = f"{{{name}}}[-1]"
    return f"{{torch}}.cat(({{{name}}}[-2], {last}), -1)" if call.directions == 2 else last


def state(kind: Kind) -> str:
    """What the documentation calls the final states of a kind."""
    return "c_n" if kind is Kind.CELL else "h_n"


DIRECTIONS = ("forward", "backward")
RESULTS = ("output", "h_n", "c_n")
"""What the documentation calls the results of a recurrent call."""
