"""No count and no kind of arguments makes an operation of torch fail."""

from __future__ import annotations

from random import Random

import pytest

from rnnlint.interpret.explore import PORTS
from rnnlint.interpret.python import calls, operations, subscripts
from rnnlint.interpret.state.frames import Base
from rnnlint.interpret.state.known import Known
from rnnlint.interpret.state.run import MEANT, Run
from rnnlint.torch_api.modules import layers, recurrent
from rnnlint.torch_api.registry import OPERATIONS, Operation
from rnnlint.values.domain import Layer, Value
from rnnlint.values.layer_kinds import LayerKind
from tests.safety.anything import CALLS, module_of, value

COUNT = 60  # of each operation; `python -m tests.safety.test_every_operation 20000` draws more

# names that share a handler and its parameters are one: what they do differs in nothing that arguments decide
DIFFERENT = {(op.run, op.parameters): (name, op) for name, op in reversed(OPERATIONS.items())}


def arguments(op: Operation, random: Random) -> tuple[tuple[Value, ...], dict[str, Value]]:
    """Up to five positional arguments, and now and then some of its parameters by keyword."""
    names = [name.lstrip("*").split("|")[0] for name in op.parameters if name != "**"]
    keywords = random.sample(names, random.randrange(min(3, len(names) + 1))) if random.random() < 0.3 else []
    return tuple(value(random) for _ in range(random.randrange(6))), {name: value(random) for name in keywords}


def failures(op: Operation, count: int, random: Random) -> list[str]:
    """What calls of an operation with drawn arguments have raised, of what the interpreter does not expect."""
    met: dict[str, None] = {}
    for _ in range(count):
        run = Run(Known(), Base(), {}, PORTS)
        run.at("node", op.name)  # type: ignore[arg-type]
        args, keywords = arguments(op, random)
        try:
            operations.operate(run, op, args, keywords)
        except MEANT:
            pass
        except Exception as error:
            met[f"{op.name}: {error!r} on {args!r} {keywords!r}"] = None
    return list(met)


@pytest.mark.parametrize("name", sorted(name for name, _ in DIFFERENT.values()))
def test_every_operation_takes_every_argument(name: str) -> None:
    assert failures(OPERATIONS[name], COUNT, Random(name)) == []


@pytest.mark.parametrize("seed", range(4))
def test_calls_of_modules_and_subscripts(seed: int) -> None:
    random = Random(seed)
    for _ in range(300):
        run = Run(Known(), Base(), {}, PORTS)
        run.at("node", "call")  # type: ignore[arg-type]
        args = tuple(value(random) for _ in range(random.randrange(4)))
        try:
            match random.randrange(5):
                case 0:
                    recurrent.call(run, module_of(random.choice(CALLS), random), args, {})
                case 1:
                    calls.call(run, value(random), args, {})
                case 2:
                    calls.method(run, value(random), random.choice(("view", "x", "item", "append", "get")), args, {})
                case 3:
                    subscripts.subscript(run, value(random), args, len(args) != 1)
                case _:
                    layers.apply(run, Layer(LayerKind.LINEAR, "Linear"), args)
        except MEANT:
            continue


if __name__ == "__main__":
    import sys

    for name, op in DIFFERENT.values():
        found = failures(op, int(sys.argv[1]), Random(1))
        if found:
            print(name, len(found), *found[:2], sep="\n  ")
