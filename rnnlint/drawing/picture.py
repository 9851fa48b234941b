"""From an arrangement to a picture: cells along named axes, each with the states that its elements hold.

A cell is a group of elements that differ in their units alone.  Of long axes the first cells and the last are drawn,
and the picture says which elements are not.  What is drawn does not depend on extents but for that, nor does the time.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product as every

from rnnlint.axes.reading.text import PLAIN, Words, axis_names, text
from rnnlint.axes.states import Blended, Call, Role, Somewhere, Source, States, Wire, blocks, shape
from rnnlint.drawing.bands import Band, Bands, after, bands
from rnnlint.drawing.held import Held, Place, Setting, held
from rnnlint.drawing.positions import Runs, TooMany, size, union
from rnnlint.drawing.strips import Strip, by_length, strip
from rnnlint.frozen import dataclass

NO_SETTING = Setting()
TOO_MANY = "more states than can be drawn"
PADDING = "padding"
NOTHING = "nothing"

MOST_PARTS = 16
"""Parts of a cell that are written out; of more it is said that there are too many.  Nothing that is drawn would be
readable with more than four."""

Room = Mapping[int, tuple[int, ...]]
"""How many cells are drawn along each axis, the innermost last, by how many axes there are, up to four of them."""

ON_A_PAGE: Room = {1: (8,), 2: (8, 8), 3: (4, 8, 4), 4: (2, 3, 6, 4)}
"""What fits on a page beside its words."""
BESIDE_A_FINDING: Room = {1: (6,), 2: (5, 6), 3: (3, 3, 2), 4: (2, 2, 3, 2)}
"""What shows how a tensor is laid out, and is kept and sent with every finding."""
_OUTER = 2  # of axes before the last four


@dataclass(frozen=True, slots=True)
class Part:
    """States that every element of a cell reads, all of them.  ``call`` is their source's number in the picture.

    ``direction`` is 0 for forward, 1 for backward.  ``strip`` is None for what is no state of a sequence.
    """

    call: int
    kind: str
    direction: int
    layers: Runs
    samples: Runs
    steps: Runs | str
    units: Runs
    strip: Strip | None
    reordered: bool = False


@dataclass(frozen=True, slots=True)
class Cell:
    """A group of elements.  ``note`` says what they hold besides, or why it is not drawn; "" for nothing."""

    index: tuple[int, ...]
    place: Place
    parts: tuple[Part, ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Drawn:
    """An axis: what runs along it, how long it is, which groups of it are drawn and which elements are not."""

    name: str
    extent: int
    bands: tuple[Band, ...]
    left_out: Band | None = None


@dataclass(frozen=True, slots=True)
class Picture:
    """What an arrangement holds.  ``says`` is its text; ``sources`` are the calls whose states these are."""

    says: str
    axes: tuple[Drawn, ...]
    cells: tuple[Cell, ...]
    sources: tuple[Source, ...]

    @property
    def shape(self) -> tuple[int, ...]:
        """As torch reports it."""
        return tuple(axis.extent for axis in self.axes)

    @property
    def elided(self) -> bool:
        """Whether elements are not drawn."""
        return any(axis.left_out for axis in self.axes)

    def call(self, part: Part) -> Call | None:
        """The call whose states a part is."""
        source = self.sources[part.call]
        return source if isinstance(source, Call) else None


def picture(states: States, setting: Setting = NO_SETTING, words: Words = PLAIN, room: Room = ON_A_PAGE) -> Picture:
    """The picture of an arrangement."""
    return beside((states,), setting, words, room)[0]


def beside(
    several: tuple[States, ...], setting: Setting = NO_SETTING, words: Words = PLAIN, room: Room = ON_A_PAGE
) -> tuple[Picture, ...]:
    """The pictures of arrangements of one shape, all with the same cells, so that they can be compared one by one."""
    extents = shape(several[0])
    if 0 in extents:
        return tuple(_drawn(states, (), extents, setting, words) for states in several)
    chosen = _chosen(several[0] if len(several) == 1 else Blended(several), extents, setting, room)
    return tuple(_drawn(states, tuple(chosen), extents, setting, words) for states in several)


def _drawn(
    states: States, chosen: tuple[Bands, ...], extents: tuple[int, ...], setting: Setting, words: Words
) -> Picture:
    sources = tuple(dict.fromkeys(block.source for block in blocks(states)))
    names = axis_names(states, words)
    if 0 in extents:
        empty = tuple(Drawn(name, extent, ()) for name, extent in zip(names, extents, strict=True))
        return Picture(text(states, words), empty, (), sources)
    cells = []
    for index in every(*(range(len(one.drawn)) for one in chosen)):
        place = tuple(one.drawn[number] for one, number in zip(chosen, index, strict=True))
        cells.append(_cell(states, index, place, setting, sources))
    axes = tuple(
        Drawn(name, extent, one.drawn, one.left_out) for name, extent, one in zip(names, extents, chosen, strict=True)
    )
    return Picture(text(states, words), axes, tuple(cells), sources)


def _most(rank: int, room: Room) -> tuple[int, ...]:
    """How many cells are drawn along each of so many axes."""
    inner = max(room)
    return room.get(rank, (_OUTER,) * (rank - inner) + room[inner]) if rank else ()


def _chosen(states: States, extents: tuple[int, ...], setting: Setting, room: Room) -> list[Bands]:
    """The groups that are drawn of every axis."""
    most = _most(len(extents), room)
    last = len(extents) - 1
    chosen = [bands(states, axis, few, setting, None) for axis, few in enumerate(most)]
    if extents and _units_in_a_tangle(states):
        rows = [tuple(place) for place in every(*(one.drawn for one in chosen[:last]))]

        def same(first: Band, second: Band) -> bool:
            """Whether two groups along the last axis differ in their units alone, in every row that is drawn."""
            return all(
                _shows(states, (*row, first), setting) == _shows(states, (*row, second), setting) for row in rows
            )

        chosen[last] = bands(states, last, most[last], setting, same)
    return chosen


def _units_in_a_tangle(states: States) -> bool:
    digits = (factor.along for block in blocks(states) for tangle in block.tangles for factor in tangle.digits)
    return any(along is Role.UNIT or isinstance(along, Wire) for along in digits)


def _shows(states: States, place: Place, setting: Setting) -> object:
    """What a cell shows but its units, of the first of its elements (the others show the same); None for too much."""
    first = tuple((start, start + 1) for start, _ in place)
    try:
        return frozenset(one.but_units() for one in held(states, first, setting))
    except TooMany:
        return None


def _pieces(states: States, place: Place, setting: Setting) -> list[Held]:
    """What a group holds; of one that was put together of several, their units together."""
    start, stop = place[-1] if place else (0, 1)
    last = len(place) - 1
    if not place or stop <= after(states, last, start, setting):
        return list(held(states, place, setting))
    found: dict[tuple[object, ...], list[Held]] = {}
    for position in range(start, stop):
        for one in held(states, (*place[:-1], (position, position + 1)), setting):
            found.setdefault(one.but_units(), []).append(one)
    return [_with_units(several) for several in found.values()]


def _with_units(several: list[Held]) -> Held:
    first = several[0]
    return Held(
        first.source,
        first.kind,
        first.direction,
        first.layers,
        first.samples,
        first.steps,
        union(one.units for one in several),
        first.reordered,
    )


def _cell(states: States, index: tuple[int, ...], place: Place, setting: Setting, sources: tuple[Source, ...]) -> Cell:
    try:
        everything = _pieces(states, place, setting)
        pieces = [piece for one in everything for piece in by_length(one, setting)]
    except TooMany:
        return Cell(index, place, (), TOO_MANY)
    parts = [_part(piece, setting, sources) for piece in dict.fromkeys(pieces) if piece is not None]
    if len(parts) > MOST_PARTS:
        return Cell(index, place, (), TOO_MANY)
    return Cell(index, place, tuple(parts), PADDING if None in pieces else "" if parts else NOTHING)


def _part(one: Held, setting: Setting, sources: tuple[Source, ...]) -> Part:
    steps = one.steps.value if isinstance(one.steps, Somewhere) else one.steps
    number = sources.index(one.source)
    drawn = strip(one, setting)
    return Part(number, one.kind.value, one.direction, one.layers, one.samples, steps, one.units, drawn, one.reordered)


def whole_units(part: Part, picture: Picture) -> bool:
    """Whether a part holds all units of its direction."""
    call = picture.call(part)
    if call is None:
        return False
    width = call.cell_units if part.kind == "cell" else call.units
    return size(part.units) == width
