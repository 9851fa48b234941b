"""The answer: what an expression holds, which readings are the same, what the rules say, what to write instead."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from rnnlint.axes.reading.meaning import reach, same
from rnnlint.axes.reading.text import Words
from rnnlint.axes.states import ROLES, Block, Call, Given, Role, States, Unknown, blocks, shape
from rnnlint.drawing.differing import differences
from rnnlint.drawing.held import Setting
from rnnlint.drawing.picture import Picture, beside, picture
from rnnlint.findings import Finding
from rnnlint.frozen import dataclass
from rnnlint.interpret.explore import explore
from rnnlint.interpret.watching import Seen, reveals
from rnnlint.linter import lint
from rnnlint.showing.question import BadInput, Question, read
from rnnlint.source.parse import NotAnalysed, parse
from rnnlint.values.domain import Tensor, Value
from rnnlint.values.shown import shown

_TEXT = 600  # characters of what is no tensor of states
_READINGS = 8  # rows of h_n that are tried one by one as equal readings: of more layers nobody asks that way


@dataclass(frozen=True, slots=True)
class _Names(Words):
    """Words for the input, of which everybody knows what its axes are."""

    setting: Setting

    def given(self, given: Given) -> str:
        """``x``."""
        return "x" if given in self.setting.axes else "a tensor"

    def axis(self, given: Given, index: int) -> str:
        """What runs along an axis of the input; its numbers are its features."""
        role = self.setting.axes[given][index] if given in self.setting.axes else None
        return f"dim{index}" if role is None else "feature" if role is Role.UNIT else role.value


@dataclass(frozen=True, slots=True)
class Answer:
    """What one expression holds.

    ``said`` is its text where it is no tensor, "" where it is.  ``equals`` are other readings of the same states.
    ``mixes``: numbers of the input go into it as well, of which the analysis knows nothing and nothing is drawn.
    ``unknown``: the analysis does not follow it, which says nothing about torch.
    """

    expression: str
    states: States | None
    picture: Picture | None
    said: str = ""
    equals: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    mixes: bool = False
    unknown: bool = False


@dataclass(frozen=True, slots=True)
class Compared:
    """Whether two expressions hold the same states; where and why not.  ``equal`` is None where nobody knows.

    ``first`` and ``second`` are drawn on the same cells, if their shapes agree; ``differ`` are the numbers of those
    cells that show other states.
    """

    equal: bool | None
    why: tuple[str, ...]
    first: Picture | None = None
    second: Picture | None = None
    differ: tuple[int, ...] = ()


def answer(question: Question, expression: str) -> Answer:
    """What an expression holds.  BadInput where it does not parse, or torch would raise."""
    tree = read(expression, question)
    written, mixes = ast.unparse(tree), computes_with_input(tree)
    others = _others(question)
    values = _values(question, [written, *others], {written: expression})
    value = values[0]
    assert value is not None  # what was typed and is not come to is bad input
    if not isinstance(value, Tensor):
        return Answer(expression, None, None, said=shown(value, limit=_TEXT), unknown=isinstance(value, Unknown))
    states = value.states
    if mixes and all(isinstance(block.source, Given) for block in blocks(states)):
        said = f"computed from x, shape {shape(states)}; of the RNN nothing goes in"
        return Answer(expression, None, None, said=said)
    if isinstance(states, Block) and isinstance(states.source, Given) and _is_other(states.source, values):
        return Answer(expression, None, None, said=shown(value, limit=_TEXT))
    equals = tuple(
        other
        for other, one in zip(others, values[1:], strict=True)
        if isinstance(one, Tensor) and other != written and same(states, one.states)
    )
    known = setting(question, states)
    sizes = shape(states)
    width = sizes[-1] if sizes else None
    return Answer(
        expression,
        states,
        picture(states, known, _Names(known)),
        equals=() if mixes else equals,
        findings=tuple(one for one in lint(question.model(written, width)).findings if one.code not in OF_THE_LAYER),
        mixes=mixes,
    )


OF_THE_LAYER = {"RNN501"}
"""Rules about the layer that takes the expression.  It is ours, made as wide as the tensor is with the sizes of the
question; in the model they are open, and an expression that only fits for some of them is taken for another mistake."""

_COMBINING = {"add", "bmm", "cat", "concat", "concatenate", "einsum", "hstack", "lerp", "matmul", "maximum", "minimum"}
_COMBINING |= {"addcmul", "addmm", "baddbmm", "mm", "mul", "multiply", "stack", "sub", "vstack", "where"}


_MOVING = {"cat", "chunk", "clone", "concat", "concatenate", "contiguous", "detach", "dim", "expand", "flatten", "flip"}
_MOVING |= {"hstack", "index_select", "movedim", "narrow", "numel", "permute", "repeat", "reshape", "roll", "select"}
_MOVING |= {"size", "split", "squeeze", "stack", "swapaxes", "swapdims", "t", "tensor", "tensor_split", "transpose"}
_MOVING |= {"unbind", "unflatten", "unfold", "unsqueeze", "view", "vstack"}
# by numbers that say where, as those of `torch.arange` in an index
_MOVING |= {"arange", "gather", "take_along_dim"}


def _only_moves(tree: ast.AST) -> bool:
    """Whether every element of an expression is an element of a result: nothing is computed but places and sizes."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and not (isinstance(node.func, ast.Attribute) and node.func.attr in _MOVING):
            return False
        if isinstance(node, ast.BinOp) and any(
            isinstance(one, ast.Name) and one.id in ("output", "h_n", "c_n", "x") for one in ast.walk(node)
        ):
            return False
        if isinstance(node, ast.UnaryOp) and not isinstance(node.operand, (ast.Constant, ast.Name)):
            return False
        if isinstance(node, ast.UnaryOp) and isinstance(node.operand, ast.Name) and not node.operand.id.isupper():
            return False
    return True


def computes_with_input(tree: ast.AST) -> bool:
    """Whether an expression combines the input with anything: its axes are followed, not what is added to it."""
    nodes = list(ast.walk(tree))
    attributes = [node for node in nodes if isinstance(node, ast.Attribute)]
    of_sizes = [node.value for node in attributes if node.attr in ("size", "shape")]
    names = {node.id for node in nodes if isinstance(node, ast.Name) and node not in of_sizes}
    if "x" not in names:
        return False
    calls = {node.func.attr for node in nodes if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)}
    others = names & {"output", "h_n", "c_n"}
    return bool(others or calls & _COMBINING) or any(isinstance(node, ast.BinOp) for node in nodes)


def _is_other(source: Given, values: Sequence[Value | None]) -> bool:
    """Whether a tensor is neither the input nor of the RNN."""
    x = values[-1]
    return not (isinstance(x, Tensor) and blocks(x.states)[0].source == source)


def setting(question: Question, states: States) -> Setting:
    """What the axes of some states do not say: lengths, and what runs along the input."""
    roles = (Role.SAMPLE, Role.STEP, Role.UNIT) if question.batch_first else (Role.STEP, Role.SAMPLE, Role.UNIT)
    sizes = question.sizes
    wanted = (sizes["N"], sizes["T"], sizes["I"]) if question.batch_first else (sizes["T"], sizes["N"], sizes["I"])
    sources = {block.source for block in blocks(states)}
    inputs = {one: roles for one in sources if isinstance(one, Given) and one.shape == wanted}
    return Setting(question.lengths, inputs)


def compared(question: Question, first: str, second: str) -> Compared:
    """Whether two expressions hold the same states in every element, and why not."""
    trees = [read(one, question) for one in (first, second)]
    mixing = [one for one, tree in zip((first, second), trees, strict=True) if computes_with_input(tree)]
    if mixing:
        return Compared(None, (f"{mixing[0]} is computed from x, which is not followed",))
    written = list(map(ast.unparse, trees))
    one, other = _values(question, written, dict(zip(written, (first, second), strict=True)))
    if not isinstance(one, Tensor) or not isinstance(other, Tensor):
        which = first if not isinstance(one, Tensor) else second
        return Compared(None, (f"{which} is no tensor that is followed",))
    a, b = one.states, other.states
    if shape(a) != shape(b):
        return Compared(False, (f"shapes {shape(a)} and {shape(b)}", *_by_role(a, b, first, second)))
    together = Setting(question.lengths, {**setting(question, a).axes, **setting(question, b).axes})
    left, right = beside((a, b), together)
    differ = tuple(
        number
        for number, (here, there) in enumerate(zip(left.cells, right.cells, strict=True))
        if set(here.parts) != set(there.parts) or here.note != there.note
    )
    known = not any(cell.note for one in (left, right) for cell in one.cells)
    equal: bool | None = same(a, b) or (not differ and not left.elided and known)
    if not equal and not differ:
        return Compared(None, ("no difference in what is drawn, and the rest could not be compared",), left, right)
    if equal:
        computed = [one for one, tree in zip((first, second), trees, strict=True) if not _only_moves(tree)]
        if computed and written[0] != written[1]:
            # an arrangement says what goes into an element, not what is computed of it
            return Compared(None, (f"the same states go into both, and {computed[0]} computes with them",), left, right)
        return Compared(True, (), left, right)
    return Compared(False, tuple(differences(left, right, differ)), left, right, differ)


def _by_role(a: States, b: States, first: str, second: str) -> list[str]:
    """How much of each role two arrangements read, where that is not the same."""
    out = []
    for role in ROLES:
        here, there = _read(a, role), _read(b, role)
        if here != there and None not in (here, there):
            plural = f"{role.value}s"
            out.append(f"{plural}: {here} in {first}, {there} in {second}")
    return out


def _read(states: States, role: Role) -> int | None:
    counts = {reach(block)[role] for block in blocks(states) if isinstance(block.source, Call)}
    return max(counts, default=None)


def _others(question: Question) -> list[str]:
    """Readings that people ask about, as they write them; the last is the input."""
    first, last = ("output[:, 0]", "output[:, -1]") if question.batch_first else ("output[0]", "output[-1]")
    names = list(question.results)
    width = "P" if question.projected else "H"
    rows = question.layers * question.directions
    found = [*names[:-1], first, last]
    if question.bidirectional:
        found += [f"{last[:-1]}, {colon}:{width}]" for colon in (":, " if not question.batch_first else "",)]
        found += [f"{first[:-1]}, {':, ' if not question.batch_first else ''}{width}:]"]
        found += ["torch.cat((h_n[-2], h_n[-1]), -1)"]
    if rows <= _READINGS:
        for name in names[1:-1]:
            found += [f"{name}[{row - rows}]" for row in range(rows)]
    return [*found, "x"]


def states_of(question: Question, expressions: Sequence[str]) -> list[States | None]:
    """What several expressions hold, by one run; None for what is no tensor or is not come to."""
    values = _values(question, [ast.unparse(read(one, question)) for one in expressions], {})
    return [value.states if isinstance(value, Tensor) else None for value in values]


def readings(question: Question) -> list[str]:
    """The readings that an answer is compared with, by which `Answer.equals` names what is the same."""
    return _others(question)[:-1]


def advice(question: Question) -> str:
    """The last layer's final states of every sample, as one writes them."""
    return "torch.cat((h_n[-2], h_n[-1]), -1)" if question.bidirectional else "h_n[-1]"


def _values(question: Question, expressions: list[str], typed: dict[str, str]) -> list[Value | None]:
    """What expressions are, by the interpreter; None for one that it does not come to.

    BadInput for one of those that were ``typed`` and that raises in torch.
    """
    operands = [pair for written in typed for pair in _operands(written)]
    sides = [side for pair in operands for side in pair]
    parsed = parse(question.program([*expressions, *sides]))
    if isinstance(parsed, NotAnalysed):
        raise BadInput(parsed.reason)
    asked = sorted(reveals(parsed.program), key=parsed.line)
    explored = explore(parsed.program, frozenset(asked))
    outcomes = [outcome for one in explored.explorations for outcome in one.outcomes]
    found: dict[object, Seen] = {}
    for outcome in outcomes:
        for seen in outcome.seen:
            found.setdefault(seen.node, seen)
    values = [found[node].value if node in found else None for node in asked]
    for written, value in zip(expressions, values, strict=False):
        if value is None and written in typed:
            raises = next((outcome.raises for outcome in outcomes if outcome.raises), "")
            raise BadInput(
                f"{typed[written]}: torch raises {raises}" if raises else f"{typed[written]} is not followed"
            )
    pairs = iter(values[len(expressions) :])
    for first, second in zip(pairs, pairs, strict=True):
        if isinstance(first, Tensor) and isinstance(second, Tensor):
            _check_fits(shape(first.states), shape(second.states), " and ".join(typed.values()))
    return values[: len(expressions)]


def _operands(written: str) -> Iterator[tuple[str, str]]:
    """What stands on both sides of each operator, but for products of matrices."""
    for node in ast.walk(ast.parse(written, mode="eval")):
        if isinstance(node, ast.BinOp) and not isinstance(node.op, ast.MatMult):
            yield ast.unparse(node.left), ast.unparse(node.right)


def _check_fits(first: tuple[int, ...], second: tuple[int, ...], typed: str) -> None:
    """BadInput where torch does not broadcast two shapes.  The analysis keeps silent: a program's sizes are open."""
    for axis, (one, other) in enumerate(zip(reversed(first), reversed(second), strict=False), 1):
        if one != other and 1 not in (one, other):
            raise BadInput(
                f"{typed}: torch raises RuntimeError: The size of tensor a ({one}) must match the size of tensor b"
                f" ({other}) at non-singleton dimension {max(len(first), len(second)) - axis}"
            )
