"""What a program builds where a text is none of those that it is compared with.

``if kind == "gru": nn.GRU(...) else: nn.LSTM(...)`` says that what is no "gru" is an LSTM.  Where the same program asks
later whether ``kind == "lstm"``, that is then no question any more: a third kind, which is built as an LSTM and not
treated as one, is nothing that anybody means.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import field

from rnnlint.cells import CELLS, LAYERS
from rnnlint.frozen import dataclass
from rnnlint.source import program as ir
from rnnlint.source import walking

_BY_NAME = {name: name.removesuffix("Cell") for name in (*LAYERS, *CELLS)}


@dataclass(frozen=True, slots=True)
class OtherCells:
    """``rest`` has, by the name of a module, the texts of which a text is none where that module is built; ``asked``,
    by a text of which a module is built, those that it was found not to be before.  All in lower case."""

    rest: Mapping[str, frozenset[frozenset[str]]] = field(default_factory=dict)
    asked: Mapping[str, frozenset[frozenset[str]]] = field(default_factory=dict)

    def leave(self, text: str, forcing: bool) -> Iterator[frozenset[str]]:
        """The texts beside which nothing but ``text`` is left.

        Where a module depends on it (``forcing``), not those beside which the program builds one of ``text`` and
        another one of what is left then.
        """
        for texts in self.rest.get(text, ()):
            if not forcing or not any(texts <= before for before in self.asked.get(text, ())):
                yield texts


def other_cells(program: ir.Block) -> OtherCells:
    """What conditions on texts build in a program."""
    rest: dict[str, set[frozenset[str]]] = {}
    asked: dict[str, set[frozenset[str]]] = {}
    inner: set[ir.Node] = set()  # an ``elif`` is the other arm of what stands before it
    for node in walking.walk(program):
        if not isinstance(node, (ir.If, ir.Conditional)) or node in inner or not node.names & _BY_NAME.keys():
            continue
        texts: frozenset[str] = frozenset()
        for link in _links(node):
            inner.add(link)
            found = _texts(link.test)
            if found is None:
                break
            equal, those = found
            before, texts = texts, texts | those
            arms = (link.body, link.orelse) if equal else (link.orelse, link.body)
            if _built(arms[0]):
                for one in those:
                    asked.setdefault(one, set()).add(before)
            other = _built(arms[1])
            if len(other) == 1 and not (equal and _goes_on(link)):
                rest.setdefault(other.pop(), set()).add(texts)
            if not equal:
                break
    return OtherCells(*({name: frozenset(known) for name, known in found.items()} for found in (rest, asked)))


def _links(node: ir.If | ir.Conditional) -> Iterator[ir.If | ir.Conditional]:
    yield node
    while _goes_on(node):
        node = node.orelse if isinstance(node, ir.Conditional) else node.orelse[0]  # type: ignore[assignment]
        yield node


def _goes_on(node: ir.If | ir.Conditional) -> bool:
    """Whether the other arm is a condition itself, and nothing else."""
    if isinstance(node, ir.Conditional):
        return isinstance(node.orelse, ir.Conditional)
    return len(node.orelse) == 1 and isinstance(node.orelse[0], ir.If)


def _built(arm: ir.Block | ir.Expr) -> set[str]:
    """The modules that are named in an arm, cells by the name of their module."""
    names = map(ir.last_name, walking.walk(arm))
    return {_BY_NAME[name].lower() for name in names if name in _BY_NAME}


def _texts(test: ir.Expr) -> tuple[bool, frozenset[str]] | None:
    """The texts that something is compared with, and whether it is one of them where the condition holds."""
    match test:
        case ir.Boolean(op="or", left=left, right=right):
            sides = _texts(left), _texts(right)
            if sides[0] is None or sides[1] is None or not (sides[0][0] and sides[1][0]):
                return None
            return True, sides[0][1] | sides[1][1]
        case ir.Compare(left=ir.Constant(value=str() as text), rest=(("==" | "!=" as op, _),)):
            return op == "==", frozenset({text.lower()})
        case ir.Compare(rest=(("==" | "!=" as op, ir.Constant(value=str() as text)),)):
            return op == "==", frozenset({text.lower()})
        case ir.Compare(rest=(("in" | "not in" as op, ir.Display(items=items)),)):
            texts = [item.value for item in items if isinstance(item, ir.Constant) and isinstance(item.value, str)]
            return (op == "in", frozenset(text.lower() for text in texts)) if len(texts) == len(items) else None
    return None
