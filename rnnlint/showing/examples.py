"""The example of a rule drawn: what its finding stands at, and what the repaired program has in its place.

Both come from the programs on the rule's page alone: the example is run by the analysis, whose top level calls the
model with a batch of so many samples and steps; what is drawn is the value of the expression that the finding names,
and of what is handed to the same layer in the repair.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from rnnlint.axes.states import Call, States, blocks, shape
from rnnlint.drawing import svg, terminal
from rnnlint.drawing.grid import Varying
from rnnlint.drawing.held import Setting
from rnnlint.drawing.picture import Picture, picture
from rnnlint.drawing.terminal import Ink
from rnnlint.frozen import dataclass
from rnnlint.interpret.explore import explore
from rnnlint.interpret.state.sizes import LEAST
from rnnlint.linter import lint
from rnnlint.reveal import expressions
from rnnlint.rules.pages import program
from rnnlint.rules.rule import Rule
from rnnlint.source import program as ir
from rnnlint.source import walking
from rnnlint.source.parse import NotAnalysed, Parsed, parse
from rnnlint.values.domain import Tensor

_LONGEST = 100  # characters of an expression: those of examples are shorter


@dataclass(frozen=True, slots=True)
class Drawing:
    """What an expression holds; ``lengths`` are those that are drawn, where the batch was packed."""

    expression: str
    picture: Picture
    lengths: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Example:
    """What is read, and what was wanted, in the rule's own programs; either may not be known."""

    read: Drawing | None = None
    wanted: Drawing | None = None


NOTHING = Example()
_DRAWN = ("RNN1", "RNN2", "RNN401")
"""The rules about which states are read: of directions, layers, steps and samples.  Of all others a picture of the
tensor says nothing: they are about what is done with a state, with a packed batch, or with a constructor."""


def lines(example: Example, ink: Ink) -> dict[str, list[str]]:
    """The drawings as lines of text, under the heading of the program that they are of; none for a rule without."""
    found = {}
    drawings = [one for one in (example.read, example.wanted) if one is not None]
    varying = Varying.of([one.picture for one in drawings])
    for heading, one in (("Example", example.read), ("Instead", example.wanted)):
        if one is not None:
            found[heading] = [
                caption(one),
                "",
                *terminal.drawn(one.picture, ink, varying, legend=False),
                "",
                *terminal.legend_of([one.picture], ink),
            ]
    return found


def caption(one: Drawing) -> str:
    """What is drawn: the expression, its axes, and the lengths that were made up."""
    said = f"{one.expression} is {one.picture.says}"
    return f"{said}; drawn with lengths {', '.join(map(str, one.lengths))}" if one.lengths else said


def as_svg(example: Example) -> str:
    """Both drawings, what is wanted below what is read; "" where there is none."""
    drawings = [("read", example.read), ("wanted", example.wanted)]
    varying = Varying.of([one.picture for _, one in drawings if one is not None])
    return svg.below(
        [svg.svg(one.picture, f"{word}: {one.expression}", varying) for word, one in drawings if one is not None]
    )


def drawn(rule: Rule) -> Example:
    """The pictures of a rule's example and of its repair."""
    if not rule.code.startswith(_DRAWN):
        return NOTHING
    example = _Program.of(program(rule, "Example"))
    place = next((one for one in lint(example.text).findings if one.code == rule.code), None)
    if place is None:
        return NOTHING
    where = (place.line, place.column, place.end_line, place.end_column)
    node = next((node for node in example.values if example.span(node) == where), None)
    if node is None:
        return NOTHING
    states = example.values[node]
    read = _drawing(example.written(node), states)
    takers = [taker for taker, argument in example.uses() if argument is node or example.values[argument] == states]
    repair = _Program.of(program(rule, "Instead"))
    given = [argument for taker, argument in repair.uses() if taker in takers]
    if given:
        wanted = _drawing(repair.written(given[0]), repair.values[given[0]])
        # what is mistaken for other sizes only looks no different for these
        return NOTHING if _alike(read.picture, wanted.picture) else Example(read, wanted)
    # what the finding names is a part of what a layer gets: then that is drawn, of both programs
    for taker, argument in example.uses():
        for other, instead in repair.uses():
            if taker == other:
                one = _drawing(example.written(argument), example.values[argument])
                two = _drawing(repair.written(instead), repair.values[instead])
                if not _alike(one.picture, two.picture):
                    return Example(one, two)
    return Example(read)


def _alike(one: Picture, other: Picture) -> bool:
    return one.shape == other.shape and one.cells == other.cells


def _drawing(expression: str, states: States) -> Drawing:
    calls = [block.source for block in blocks(states) if isinstance(block.source, Call)]
    packed = [call for call in calls if call.packed and call.samples]
    # lengths are no part of an arrangement: these are made up, as those of `rnnlint show --packed`
    lengths = tuple(max(1, packed[0].steps - sample) for sample in range(packed[0].samples or 0)) if packed else ()
    return Drawing(expression, picture(states, Setting(lengths)), lengths)


@dataclass(frozen=True, slots=True)
class _Program:
    """A program and the tensors of an RNN that its expressions are, where all sizes are known."""

    text: str
    parsed: Parsed
    values: Mapping[ir.Node, States]

    @classmethod
    def of(cls, text: str) -> _Program:
        parsed = parse(text)
        if isinstance(parsed, NotAnalysed):
            raise ValueError(parsed.reason)
        nodes = expressions(parsed.program)
        values: dict[ir.Node, States] = {}
        for exploration in explore(parsed.program, frozenset(nodes)).explorations:
            for seen in (seen for outcome in exploration.outcomes for seen in outcome.seen):
                if not isinstance(seen.value, Tensor) or seen.bound:
                    continue
                states = seen.value.states
                if _is_known(states):
                    values.setdefault(seen.node, states)
        return cls(text, parsed, values)

    def span(self, node: ir.Node) -> tuple[int, int, int, int]:
        """Where a node stands."""
        span = self.parsed.span(node)
        return span.line, span.column, span.end_line, span.end_column

    def written(self, node: ir.Node) -> str:
        """The text of a node."""
        return self.parsed.text_of(node, _LONGEST)

    def uses(self) -> Iterator[tuple[str, ir.Node]]:
        """What takes a tensor as its first argument, and the tensor."""
        for statement in self.parsed.program.body:
            for node in walking.walk(statement):
                if isinstance(node, ir.Call) and node.args and node.args[0].value in self.values:
                    yield self.written(node.func), node.args[0].value


def _is_known(states: States) -> bool:
    """Whether it is of an RNN, with sizes that the program writes down."""
    sources = [block.source for block in blocks(states)]
    calls = [source for source in sources if isinstance(source, Call)]
    sizes = [size for call in calls for size in (call.samples or 1, call.steps, call.units)]
    return bool(calls) and max([*sizes, *shape(states)]) < LEAST
