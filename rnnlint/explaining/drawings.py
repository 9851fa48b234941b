"""The drawing of a finding: what arrives, and what was wanted, in sizes that can be looked at.

Sizes that the program leaves open are drawn small; those that it writes down as they are, where the first and the last
positions of a long axis stand for all.  Nothing is drawn where that cannot be done exactly.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import replace

from rnnlint.axes.reading.text import Words, axis_names, text
from rnnlint.axes.states import Blended, Block, Call, Joined, Role, Somewhere, States, blocks, shape
from rnnlint.drawing.carried import Drawing, written
from rnnlint.drawing.held import Setting
from rnnlint.drawing.picture import BESIDE_A_FINDING, TOO_MANY, Picture, picture
from rnnlint.drawing.resized import NoSize, resized
from rnnlint.explaining.drawn_rules import DRAWN
from rnnlint.explaining.small_sizes import Sizing, calls_of, choices
from rnnlint.interpret.state.sizes import Sizes
from rnnlint.rules.grounds import Grounds

Named = Callable[[Hashable], str]
"""What a program calls a size that it leaves open, by the key of the size."""

LengthsOf = Callable[[Call], tuple[int, ...]]
"""The lengths of the samples of a call.  Raises NoSize where nobody knows them."""

_MOST = 3  # tensors that arrive and are drawn: of more, nobody compares the rows
_LENGTHS = 100  # samples of a packed batch, each of a length of its own


def made_up(call: Call) -> tuple[int, ...]:
    """Lengths of samples, as those of `rnnlint show --packed`: each a step shorter than the one before it."""
    return tuple(max(1, call.steps - sample) for sample in range(call.samples or 0))


def drawn(code: str, grounds: Grounds, sizes: Sizes, words: Words, named: Named, lengths: LengthsOf = made_up) -> str:
    """The drawing of a finding as it is carried; "" where it would not show what is wrong."""
    if code not in DRAWN:
        return ""
    found = drawing(grounds, sizes, words, named, lengths)
    return written(found) if DRAWN[code].is_in(found) else ""


def drawing(grounds: Grounds, sizes: Sizes, words: Words, named: Named, lengths: LengthsOf = made_up) -> Drawing:
    """What a finding's grounds say that arrives and was wanted; one of nothing where no states of an RNN arrive."""
    read = _several(_arrives(grounds))
    wanted = _several(grounds.wanted)
    if not any(isinstance(block.source, Call) for states in read for block in blocks(states)):
        return Drawing()
    for chosen in choices(sizes, calls_of([*read, *wanted])):
        try:
            return _drawn(read, wanted, Sizing(sizes, chosen), words, named, lengths)
        except NoSize:
            continue
    return Drawing()


def _arrives(grounds: Grounds) -> object:
    """What arrives, all of it: a rule speaks of the block in which something is wrong, and others may lie beside it."""
    used, read = grounds.used, grounds.read
    if used is not None and isinstance(read, Block) and any(block == read for block in blocks(used.states)):
        return used.states
    return read


def _several(what: object) -> list[States]:
    """The tensors among what arrives, or is wanted."""
    every = what if isinstance(what, tuple) else (what,)
    return [one for one in every if isinstance(one, (Block, Joined, Blended))][:_MOST]


def _drawn(
    read: Sequence[States],
    wanted: Sequence[States],
    sizing: Sizing,
    words: Words,
    named: Named,
    lengths_of: LengthsOf = made_up,
) -> Drawing:
    """Raises NoSize."""
    pairs = [[(states, resized(states, sizing.of)) for states in several] for several in (read, wanted)]
    lengths = _lengths([small for several in pairs for _, small in several], lengths_of)
    first, second = (tuple(_picture(states, small, lengths, words) for states, small in several) for several in pairs)
    if not all(map(_says_something, first)):
        return Drawing()
    second = tuple(filter(_says_something, second))
    sizes = tuple(dict.fromkeys((named(key), size) for key, size in sizing.met.items()))
    return Drawing(first, second, sizes, lengths, bool(lengths) and lengths_of is made_up)


def _says_something(one: Picture) -> bool:
    """Whether there is a cell of which something is known."""
    return any(cell.note != TOO_MANY for cell in one.cells)


def _lengths(every: Sequence[States], lengths_of: LengthsOf) -> tuple[int, ...]:
    """Of the samples, where what is drawn depends on them; () where it does not.

    Of samples in another order nobody knows which has which length: they are drawn as if all were as long.  Raises
    NoSize.
    """
    some = [block for states in every for block in blocks(states)]
    asked = [call for call in calls_of(every) if call.packed and not call.even]
    own = (block.source for block in some if any(at is Somewhere.LAST_VALID for _, at in block.at))
    asked += [call for call in own if isinstance(call, Call)]
    # of one batch alone, or they would have to go together
    if len({(call.samples, call.steps) for call in asked}) != 1 or any(map(_is_mixed, some)):
        return ()
    return lengths_of(asked[0]) if 0 < (asked[0].samples or 0) <= _LENGTHS else ()


def _is_mixed(block: Block) -> bool:
    """Whether the samples stand in an order of which the lengths of the call's samples say nothing."""
    order = dict(block.orders).get(Role.SAMPLE, ())
    return order not in ((), block.source.order if isinstance(block.source, Call) else ())


def _picture(states: States, small: States, lengths: tuple[int, ...], words: Words) -> Picture:
    """The picture of the small one, in the words for the one that the program has."""
    found = picture(small, Setting(lengths), words, BESIDE_A_FINDING)
    assert len(found.axes) == len(shape(states))
    names = axis_names(states, words)
    return replace(
        found,
        says=text(states, words),
        axes=tuple(replace(axis, name=name) for axis, name in zip(found.axes, names, strict=True)),
    )
