"""What the values of a file are: those it asks for with ``reveal_axes(x)``, or all on a line."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Iterator, Sequence

from rnnlint.axes.states import Unknown
from rnnlint.conditions import Condition, leads_there, makes_it_hold, spelled
from rnnlint.file_words import Calls, FileWords, Sizeless
from rnnlint.frozen import dataclass
from rnnlint.interpret.explore import explore
from rnnlint.interpret.outcomes import Exploration, Explored, Outcome
from rnnlint.interpret.state.sizes import Sizes
from rnnlint.interpret.watching import Seen, reveals
from rnnlint.source import program as ir
from rnnlint.source import walking
from rnnlint.source.attributes_read import is_reveal
from rnnlint.source.excerpt import excerpt
from rnnlint.source.files import Files
from rnnlint.source.parse import NotAnalysed, Parsed, parse
from rnnlint.values.domain import Bound, Builtin, Class, Formless, Free, Function, Torch, Value
from rnnlint.values.shown import shown

NOT_REACHED = "not reached by any run of the analysis"
_WHOLE = 10_000  # characters of an expression: all of it
_SAID = 50  # characters of the expression: the text of its value is what was asked for
_TEXT = 600  # of a text in a terminal, which wraps
_CONDITIONS = 2  # under which a text holds that are written out: more are no condition that anybody reads
_PLAIN = (Torch, Builtin, Class, Function, Bound)  # what everybody knows of a name without asking


@dataclass(frozen=True, slots=True, order=True)
class Revealed:
    """What an expression or a name is.  ``condition`` says when (" (when bidirectional=True)"), "" for always."""

    line: int
    column: int
    expression: str
    text: str
    condition: str = ""
    bound: bool = False

    def __str__(self) -> str:
        said = excerpt(self.expression, _SAID)
        return f"{said} {'=' if self.bound else 'is'} {self.text}{self.condition}"


class BadInput(Exception):
    """What was asked for cannot be answered; the message is one line."""


def revealed(text: str, line: int | None = None) -> tuple[Revealed, ...]:
    """What a file's ``reveal_axes(x)`` are of, or everything that a line binds and uses, in the order of the file.

    Raises BadInput where there is nothing to say, and for what is no Python.
    """
    if line is not None:
        found = on_lines(text, {line})
        if not found:
            raise BadInput(f"nothing is bound or used on line {line}")
        return found
    parsed = _parsed(text)
    asked = reveals(parsed.program)
    if not asked:
        raise BadInput("no reveal_axes(...) in it; for all values of a line, add :LINE")
    return tuple(_revealed(parsed, asked, everything=False))


def on_lines(text: str, lines: Collection[int]) -> tuple[Revealed, ...]:
    """Everything that lines bind and use, in the order of the file.  Raises BadInput for what is no Python."""
    parsed = _parsed(text)
    every = expressions(parsed.program)
    asked = [node for node in every if parsed.line(node) in lines]
    return tuple(_revealed(parsed, asked, everything=True)) if asked else ()


def _parsed(text: str) -> Parsed:
    parsed = parse(text)
    if isinstance(parsed, NotAnalysed):
        raise BadInput(parsed.reason)
    return parsed


def expressions(program: ir.Program) -> list[ir.Node]:
    """What a file evaluates, but for what everybody can read (constants), and the questions themselves."""
    nodes = (node for statement in program.body for node in walking.walk(statement))
    return [node for node in nodes if isinstance(node, _KINDS) and not is_reveal(node)]


_KINDS = (
    ir.FunctionDef,
    ir.Name,
    ir.Attribute,
    ir.Call,
    ir.Subscript,
    ir.Binary,
    ir.Unary,
    ir.Conditional,
    ir.Display,
    ir.Walrus,
)


def _revealed(parsed: Parsed, asked: Sequence[ir.Node], everything: bool) -> Iterator[Revealed]:
    try:
        explored = explore(parsed.program, frozenset(asked))
    except RecursionError:
        raise BadInput("it is nested too deeply") from None
    words = Cases(Files({"": parsed}), explored)
    cases = {node: tuple(words.of(node)) for node in asked}
    places = {node: parsed.span(node) for node in asked}
    for node in sorted(asked, key=lambda one: (places[one].line, places[one].column, -places[one].end_column)):
        span = places[node]
        subject = node.args[0].value if not everything and isinstance(node, ir.Call) and node.args else node
        said = subject.name if isinstance(subject, ir.FunctionDef) else parsed.text_of(subject, _WHOLE)
        if not cases[node] and not everything:
            yield Revealed(span.line, span.column, said, NOT_REACHED)
        for one in cases[node]:
            yield Revealed(span.line, span.column, one.bound or said, one.text, one.condition, bool(one.bound))


@dataclass(frozen=True, slots=True)
class Case:
    """What an expression is in some runs: as text, under which condition ("" for always), and the name bound there.

    ``value`` is the value in the first of these runs, ``words`` those of its text, ``sizes`` what stands for open ones.
    """

    text: str
    condition: str
    bound: str
    value: Value
    words: FileWords
    sizes: Sizes


class Cases:
    """The values that the runs of files have seen."""

    def __init__(self, files: Files, explored: Explored) -> None:
        self._explored = explored
        self._calls = Calls(files)
        self._nodes: dict[Hashable, frozenset[ir.Node]] = {}

    def of(self, node: ir.Node) -> Iterator[Case]:
        """What a node is, each once.

        A function is also run on its own, with arguments that nobody knows: what it says then is left out where other
        runs know more.  Who calls it may do so with the sizes of an example: these are left out where its own runs say
        the same of any size.
        """
        found: dict[tuple[str, str], dict[str, None]] = {}
        vague: dict[tuple[str, str], bool] = {}
        met: dict[tuple[str, str], Seen] = {}
        first: dict[tuple[str, str], Exploration] = {}  # in which something was said, whatever the sizes
        for exploration in sorted(self._explored.explorations, key=lambda one: node not in self._inside(one.where)):
            for (text, bound), seen, condition in self._of(exploration, node):
                sizeless = shown(seen.value, Sizeless(self._calls, seen.heap), _TEXT), bound
                known = first.setdefault(sizeless, exploration)
                if known is not exploration and node not in self._inside(exploration.where):
                    continue
                found.setdefault((text, bound), {})[condition] = None
                met.setdefault((text, bound), seen)
                vague[text, bound] = vague.get((text, bound), True) and is_vague(seen.value)
        for (text, bound), conditions in found.items():
            if not vague[text, bound] or all(vague.values()):
                one = met[text, bound]
                yield Case(text, _any_of(tuple(conditions)), bound, one.value, self._words(one), self._explored.sizes)

    def _words(self, seen: Seen) -> FileWords:
        return FileWords(self._calls, self._explored.sizes, seen.calls, seen.heap)

    def _inside(self, where: Hashable) -> frozenset[ir.Node]:
        """The nodes of what an exploration runs; none of the top level, which runs what it calls."""
        if where not in self._nodes:
            self._nodes[where] = frozenset(walking.walk(where)) if isinstance(where, ir.Node) else frozenset()
        return self._nodes[where]

    def _of(self, exploration: Exploration, node: ir.Node) -> Iterator[tuple[tuple[str, str], Seen, str]]:
        """The texts of a node in one function's runs, with the condition that tells their runs from the others."""
        came = {id(one): tuple(self._texts(one, node)) for one in exploration.outcomes}
        reaching = [one for one in exploration.outcomes if came[id(one)] and not one.raises]
        reaching = reaching or [one for one in exploration.outcomes if came[id(one)]]
        passing = [one for one in exploration.outcomes if not came[id(one)] and not one.raises]
        for text in dict.fromkeys(text for one in reaching for text, _ in came[id(one)]):
            held = [one for one in reaching if text in dict(came[id(one)])]
            for condition in self._conditions(held, [one for one in reaching if one not in held], passing):
                yield text, dict(came[id(held[0])])[text], condition

    def _conditions(
        self, held: Sequence[Outcome], others: Sequence[Outcome], passing: Sequence[Outcome]
    ) -> Iterable[str]:
        first = tuple(self._explored.declared)
        if not others:
            facts = leads_there(held, passing, first) or ()
            return [self._said(facts, held[0])]
        told = ((makes_it_hold(one, others, passing, first) or (), one) for one in held)
        return dict.fromkeys(self._said(facts, one) for facts, one in told)

    def _said(self, facts: Condition, outcome: Outcome) -> str:
        return next(spelled(facts, outcome.assumptions, self._explored.declared, {})) if facts else ""

    def _texts(self, outcome: Outcome, node: ir.Node) -> Iterator[tuple[tuple[str, str], Seen]]:
        """The texts of a node in one run, in its order, each once."""
        told: dict[tuple[str, str], Seen] = {}
        for seen in outcome.seen:
            if seen.node is node and not _is_plain(seen):
                told.setdefault((shown(seen.value, self._words(seen), _TEXT), seen.bound), seen)
        yield from told.items()


def _is_plain(seen: Seen) -> bool:
    """Whether a value is a name of torch's or Python's: on a line there are many of them."""
    names = (seen.bound, seen.node.id if isinstance(seen.node, ir.Name) else "")
    return (
        isinstance(seen.value, _PLAIN) or "self" in names or (isinstance(seen.node, ir.FunctionDef) and not seen.bound)
    )


def _any_of(conditions: Sequence[str]) -> str:
    """One condition for several; none where one of them is none."""
    if "" in conditions:
        return ""
    first, *others = (one.removeprefix(" (when ").removesuffix(")") for one in conditions)
    shown = [first, *others[: _CONDITIONS - 1]]
    left = len(conditions) - len(shown)
    return f" (when {', or when '.join(shown)}{f', or in {left} more cases' if left else ''})"


def is_vague(value: Value) -> bool:
    """Whether next to nothing is known of a value."""
    return isinstance(value, (Free, Formless, Unknown))
