"""The drawing of a finding: what arrives, and what was wanted, in sizes that can be looked at.

Sizes that the program leaves open are drawn small; those that it writes down as they are, where the first and the last
positions of a long axis stand for all.  Nothing is drawn where that cannot be done exactly.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from rnnlint.axes.reading.text import Words, axis_names, text
from rnnlint.axes.states import Blended, Block, Call, Joined, Role, Somewhere, States, blocks, shape
from rnnlint.drawing.carried import Drawing, written
from rnnlint.drawing.held import Setting
from rnnlint.drawing.picture import BESIDE_A_FINDING, TOO_MANY, Picture, picture
from rnnlint.drawing.resized import NoSize, resized
from rnnlint.explaining.drawn_rules import DRAWN
from rnnlint.interpret.state.sizes import LEAST, Sizes
from rnnlint.rules.grounds import Grounds

Named = Callable[[Hashable], str]
"""What a program calls a size that it leaves open, by the key of the size."""

LengthsOf = Callable[[Call], tuple[int, ...]]
"""The lengths of the samples of a call.  Raises NoSize where nobody knows them."""

_MOST = 3  # tensors that arrive and are drawn: of more, nobody compares the rows
_LENGTHS = 100  # samples of a packed batch, each of a length of its own

# steps, samples, units, layers, and what is none of these: small, and all different so that nothing is taken for
# another; more where the program asks for a position, or for a part, that there is not
_SMALL = ((5, 3, 4, 2, 4), (8, 4, 8, 2, 4), (12, 4, 12, 4, 8), (24, 8, 24, 4, 24), (48, 16, 48, 8, 48))


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
    for chosen in _choices(sizes, _calls([*read, *wanted])):
        try:
            return _drawn(read, wanted, _Sizing(sizes, chosen), words, named, lengths)
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


def _calls(every: Iterable[States]) -> list[Call]:
    found = (block.source for states in every for block in blocks(states))
    return list(dict.fromkeys(source for source in found if isinstance(source, Call)))


def _choices(sizes: Sizes, calls: Sequence[Call]) -> Iterator[dict[Hashable, int]]:
    """What open sizes can be drawn as, by their keys, the smallest first; other keys are as many as the last."""
    if all(size < LEAST for call in calls for size in _sizes_of(call)):
        yield {}
    for *of_calls, other in _SMALL:
        chosen: dict[Hashable, int] = _Others(other)
        for call in calls:
            for number, small in zip(_sizes_of(call), (*of_calls[:3], of_calls[2], of_calls[3]), strict=True):
                made = sizes.made(number)
                if made is not None and len(made.keys) == 1 and made.keys[0] not in chosen:
                    # the size that the call has is the small one: of half of an open one that is twice as much
                    whole = (small - made.distance) / made.factor
                    part = made.factor.denominator
                    chosen[made.keys[0]] = max(1, -(-whole.numerator // whole.denominator) // part) * part
        yield chosen


class _Others(dict[Hashable, int]):
    """Sizes by their keys; those of whom nothing is known have one too."""

    def __init__(self, other: int) -> None:
        super().__init__()
        self._other = other

    def __missing__(self, key: Hashable) -> int:
        self[key] = self._other
        return self._other


def _sizes_of(call: Call) -> tuple[int, ...]:
    return call.steps, call.samples or 1, call.units, call.cell_units, call.layers


class _Sizing:
    """Numbers in other sizes; ``met`` has the keys of those that have been asked for."""

    def __init__(self, sizes: Sizes, chosen: Mapping[Hashable, int]) -> None:
        self.sizes, self.chosen = sizes, chosen
        self.met: dict[Hashable, int] = {}
        self._known: dict[int, int] = {}  # what a number is made of is found by dividing it by every open size

    def of(self, number: int) -> int:
        """A number in these sizes.  Raises NoSize."""
        if number < LEAST:
            return number
        if number not in self._known:
            made = self.sizes.made(number)
            found = None if made is None else made.at(self.chosen)
            if made is None or found is None or found < 0:
                raise NoSize
            self.met.update((key, self.chosen[key]) for key in made.keys)
            self._known[number] = found
        return self._known[number]


def _drawn(
    read: Sequence[States],
    wanted: Sequence[States],
    sizing: _Sizing,
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
    asked = [call for call in _calls(every) if call.packed and not call.even]
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
