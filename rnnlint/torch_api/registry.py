"""Operations by qualified name, and how their arguments are bound."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import field, replace
from functools import cache
from typing import TypeAlias

from rnnlint.frozen import dataclass
from rnnlint.torch_api.context import Context, TorchRaises
from rnnlint.values.domain import Lit, Value


@dataclass(frozen=True, slots=True)
class Args:
    """Bound arguments; absent ones are missing from ``named``.

    ``op`` is the name under which the operation was called, without what stands before its last dot: as it is
    registered, however the program spells it.
    """

    named: Mapping[str, Value]
    rest: tuple[Value, ...] = ()  # what a ``*`` parameter collected
    op: str = ""

    def __getitem__(self, name: str) -> Value:
        """The argument.  Raises TorchRaises where it is absent: torch asks for it."""
        if name not in self.named:
            raise TorchRaises("TypeError", f"missing a required argument: '{name}'")
        return self.named[name]

    def get(self, name: str) -> Value | None:
        """The argument, or None where it is absent or the literal ``None``."""
        value = self.named.get(name)
        return None if isinstance(value, Lit) and value.value is None else value

    def __contains__(self, name: str) -> bool:
        return name in self.named


Handler: TypeAlias = Callable[[Context, Args], Value]


@dataclass(frozen=True, slots=True)
class Try:
    """Arguments of a call, and whether what the operation answers to them is known (or only what they are used for)."""

    arguments: str
    known: bool = True


@dataclass(frozen=True, slots=True)
class Refusal:
    """Arguments of a call that torch refuses, and the name of the exception it raises."""

    arguments: str
    error: str


@dataclass(frozen=True, slots=True)
class Calls:
    """What is written of the calls that torch takes and refuses, of operations of some names.

    It is read when somebody asks: there are three thousand lines of them, which only tests read all of.
    """

    tries: str = ""
    refuses: str = ""
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Operation:
    """``rank`` is what it adds to the rank of a first argument of unknown rank, None where that cannot be told, "any"
    where the operation says itself what it does to one.

    ``tries`` are arguments that torch takes, as they are written in a program: on them the tests hold what ``run``
    answers against torch.  ``refuses`` are arguments that torch does not take, held against torch likewise; only what
    is raised there may be said to be raised for certain.
    """

    name: str
    parameters: tuple[str, ...]
    run: Handler
    rank: int | str | None = None
    calls: Calls = Calls()
    spelled: tuple[tuple[str, bool, tuple[str, ...]], ...] = field(init=False, compare=False, repr=False)
    """Of each parameter its name, whether it collects, and the keywords that torch takes for it (see ``operation``)."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "spelled", tuple(map(_spelled, self.parameters)))

    @property
    def tries(self) -> tuple[Try, ...]:
        """Calls that torch takes."""
        return _tries(self.calls)

    @property
    def refuses(self) -> tuple[Refusal, ...]:
        """Calls that torch refuses."""
        return _refusals(self.calls)

    def certainly(self, raised: TorchRaises) -> bool:
        """Whether it has been compared with torch that the operation raises such an exception."""
        return any(refusal.error == raised.error for refusal in self.refuses)


OPERATIONS: dict[str, Operation] = {}

# torch/csrc/utils/python_arg_parser.cpp takes numpy's keywords for its own: numpy_compatibility_arg_names
_SPELLED = {"input": ("x", "a", "x1"), "other": ("x2",), "dim": ("axis",), "keepdim": ("keepdims",)}


def _spelled(parameter: str) -> tuple[str, bool, tuple[str, ...]]:
    keywords = parameter.lstrip("*").split("|")
    name = parameter if parameter == "**" else keywords[0]
    return name, parameter.startswith("*"), (*_SPELLED.get(name, ()), *keywords)


def operation(
    names: str, parameters: str, rank: int | str | None = None, *, tries: str = "", refuses: str = ""
) -> Callable[[Handler], Handler]:
    """Register a handler under qualified names; ``Tensor.x`` is the method, its receiver the first parameter.

    A bare name is both the function of torch and the method.

    A parameter ``*sizes`` collects positional arguments; ``a|b`` is one parameter under two keywords; ``**`` collects
    every other keyword.

    ``tries`` has a line for each call that is held against torch (tests/oracle/test_names.py has the names it may use):
    its arguments, behind ``name name:`` where only some of the names take them, behind ``?`` where the answer is not
    known.  Of a method's the first is the receiver.  ``refuses`` has such lines of calls that torch refuses, each with
    ``-> IndexError`` (or whatever it raises) behind it.

    Raises ValueError for a name that is registered already: one of the two would be silently lost.
    """

    def register(handler: Handler) -> Handler:
        spelled = names.split()
        for name in [n for s in spelled for n in ((s,) if "." in s else (f"torch.{s}", f"Tensor.{s}"))]:
            if name in OPERATIONS:
                raise ValueError(f"{name} is registered twice")
            last = name.rpartition(".")[2]
            OPERATIONS[name] = Operation(
                last,
                tuple(parameters.split()),
                handler,
                rank,
                Calls(tries, refuses, (name, last)),
            )
        return handler

    return register


def work_in_place(names: str) -> None:
    """Register ``Tensor.x_`` for each name ``x`` of a method: it answers to the same calls as ``Tensor.x``."""
    for name in names.split():
        OPERATIONS[f"Tensor.{name}_"] = replace(OPERATIONS[f"Tensor.{name}"], name=f"{name}_")


def _lines(text: str, *names: str) -> Iterator[tuple[str, bool]]:
    """Those of the lines that are for an operation of these names (its qualified name, or the last part of it).

    Each without the names before its colon, and whether there was no ``?`` before it.
    """
    for line in filter(None, map(str.strip, text.splitlines())):
        plain = line.removeprefix("?").strip()
        head, colon, arguments = plain.partition(": ")
        chosen = bool(colon) and head.replace(" ", "").replace(".", "").replace("_", "").isalnum()
        if not chosen or set(head.split()) & set(names):
            yield arguments if chosen else plain, not line.startswith("?")


@cache
def _tries(calls: Calls) -> tuple[Try, ...]:
    return tuple(Try(arguments, known) for arguments, known in _lines(calls.tries, *calls.names))


@cache
def _refusals(calls: Calls) -> tuple[Refusal, ...]:
    parts = [line.rpartition("->") for line, _ in _lines(calls.refuses, *calls.names)]
    return tuple(Refusal(arguments.strip(), error.strip()) for arguments, _, error in parts)


def bind(op: Operation, args: tuple[Value, ...], keywords: Mapping[str, Value]) -> Args:
    """Arguments to parameters.  What does not fit is left out: an operation ignores what it does not know."""
    named: dict[str, Value] = {}
    rest: tuple[Value, ...] = ()
    given = len(args)
    for index, (name, several, spellings) in enumerate(op.spelled):
        if name == "**":
            named.update((name, value) for name, value in keywords.items() if name not in named)
            continue
        if several:
            rest = args[index:]
        elif index < given:
            named[name] = args[index]
        # what stands in its place keeps it: ``a`` is numpy's ``input``, and a bound of nn.init.uniform_(tensor, a=-1)
        if keywords and name not in named:
            for keyword in spellings:
                if keyword in keywords:
                    named[name] = keywords[keyword]
    return Args(named, rest, op.name)
