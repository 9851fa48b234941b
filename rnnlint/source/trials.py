"""What a file does only where it is run by itself (``if __name__ == "__main__"``): it tries what other files import."""

from __future__ import annotations

from rnnlint.frozen import dataclass
from rnnlint.source import program as ir
from rnnlint.source import walking


@dataclass(frozen=True, slots=True)
class Trials:
    """The calls that stand there, and the names of the methods among them."""

    calls: frozenset[ir.Node] = frozenset()
    methods: frozenset[str] = frozenset()


def trials(program: ir.Block) -> Trials:
    """What the top level of a program does there; what is done by a function that is called there is not meant."""
    blocks = [one.body for one in program if isinstance(one, ir.If) and _is_run_by_itself(one.test)]
    calls = [node for block in blocks for node in walking.walk(block) if isinstance(node, ir.Call)]
    names = (call.func.attr for call in calls if isinstance(call.func, ir.Attribute))
    return Trials(frozenset(calls), frozenset(names))


def _is_run_by_itself(test: ir.Expr) -> bool:
    match test:
        case ir.Compare(left=one, rest=(("==", other),)):
            sides = (one, other)
            named = any(isinstance(side, ir.Name) and side.id == "__name__" for side in sides)
            return named and any(isinstance(side, ir.Constant) and side.value == "__main__" for side in sides)
    return False
