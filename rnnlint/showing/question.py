"""What is asked: a recurrent module, sizes, and an expression over its results, which is read and never run."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import field

from rnnlint.frozen import dataclass
from rnnlint.settings import nearest

CELLS = ("LSTM", "GRU", "RNN")
DEFAULT_SIZES: Mapping[str, int] = {"N": 3, "T": 5, "H": 4, "I": 2}
"""Small, and all different, so that nothing fits by chance and every element can be drawn."""

SIZE_NAMES = ("N", "T", "L", "D", "H", "I", "P")
LONGEST = 2000  # characters of an expression: what somebody types, and not a program

_SYNTAX = (
    ast.Expression,
    ast.Name,
    ast.Load,
    ast.Attribute,
    ast.Subscript,
    ast.Slice,
    ast.Tuple,
    ast.List,
    ast.Constant,
    ast.UnaryOp,
    ast.USub,
    ast.UAdd,
    ast.BinOp,
    ast.operator,
    ast.Call,
    ast.keyword,
)


class BadInput(Exception):
    """What was asked cannot be answered; the message is one line."""


@dataclass(frozen=True, slots=True)
class Question:
    """A module as torch documents its arguments, and the sizes of what it is given: N samples of T steps of I numbers.

    ``projected`` is ``proj_size``, 0 for none.  ``packed``: the samples are of unequal length, T the longest.
    """

    cell: str = "LSTM"
    layers: int = 1
    bidirectional: bool = False
    batch_first: bool = False
    packed: bool = False
    projected: int = 0
    sizes: Mapping[str, int] = field(default_factory=lambda: dict(DEFAULT_SIZES))

    @property
    def directions(self) -> int:
        """2 for a bidirectional module."""
        return 2 if self.bidirectional else 1

    @property
    def lengths(self) -> tuple[int, ...]:
        """Of a packed batch: the longest first, each a step shorter than the one before, none below 1."""
        if not self.packed:
            return ()
        return tuple(max(1, self.sizes["T"] - sample) for sample in range(self.sizes["N"]))

    @property
    def names(self) -> dict[str, int]:
        """The numbers that an expression may name."""
        found = {**self.sizes, "L": self.layers, "D": self.directions}
        return found | ({"P": self.projected} if self.projected else {})

    @property
    def results(self) -> tuple[str, ...]:
        """The tensors that an expression may name."""
        return ("output", "h_n", *(("c_n",) if self.cell == "LSTM" else ()), "x")

    @property
    def module(self) -> str:
        """The constructor call, as one writes it."""
        return f"nn.{self.cell}({', '.join(self._arguments('I', 'H'))})"

    def _arguments(self, inputs: str, hidden: str) -> list[str]:
        found = [inputs, hidden]
        if self.layers != 1:
            found.append(f"num_layers={self.layers}")
        found += [f"{name}=True" for name in ("batch_first", "bidirectional") if getattr(self, name)]
        return found + ([f"proj_size={self.projected}"] if self.projected else [])

    @property
    def unpacking(self) -> str:
        """How the results are named, as one writes it."""
        return "output, (h_n, c_n)" if self.cell == "LSTM" else "output, h_n"

    def program(self, questions: list[str]) -> str:
        """A program that asks what each of some expressions is, in their order."""
        names = self.names
        x = "(N, T, I)" if self.batch_first else "(T, N, I)"
        lines = [
            "import torch",
            "from torch import nn",
            "import torch.nn.functional as F",
            *(f"{name} = {size}" for name, size in names.items()),
            f"rnn = {self.module}",
            f"x = torch.zeros{x}",
            *self._calling(f"torch.tensor({list(self.lengths)})", "rnn"),
            *(f"reveal_axes({one})" for one in questions),
        ]
        return "\n".join([*lines, ""])

    def _calling(self, lengths: str, module: str) -> list[str]:
        if not self.packed:
            return [f"{self.unpacking} = {module}(x)"]
        first = ", batch_first=True" if self.batch_first else ""
        return [
            f"lengths = {lengths}",
            f"packed = nn.utils.rnn.pack_padded_sequence(x, lengths{first}, enforce_sorted=False)",
            f"{self.unpacking} = {module}(packed)",
            f"output, lengths = nn.utils.rnn.pad_packed_sequence(output{first})",
        ]

    def model(self, expression: str, width: int | None) -> str:
        """A model that hands an expression to a Linear of so many features; or returns it, where there is no width."""
        names = self.names
        axes = ("N", "T") if self.batch_first else ("T", "N")
        used = f"self.head({expression})" if width else expression
        takes = "self, x, lengths" if self.packed else "self, x"
        calling = self._calling("lengths", "self.rnn")
        lines = [
            "import torch",
            "from torch import nn",
            "import torch.nn.functional as F",
            *(f"{name} = {names[name]}" for name in names if name not in ("N", "T")),
            "class Model(nn.Module):",
            "    def __init__(self):",
            "        super().__init__()",
            f"        self.rnn = {self.module}",
            f"        self.head = nn.Linear({width or 1}, 2)",
            f"    def forward({takes}):",
            *(f"        {name} = x.size({axis})" for axis, name in enumerate(axes)),
            *(f"        {line}" for line in calling if not line.startswith("lengths =")),
            f"        return {used}",
        ]
        return "\n".join([*lines, ""])


def read(expression: str, question: Question) -> ast.Expression:
    """The expression, read by Python's parser.

    BadInput for what does not parse, is no expression of tensors, or names what there is not.
    """
    if len(expression) > LONGEST:
        raise BadInput(f"an expression of {len(expression):,} characters; {LONGEST:,} are read")
    try:
        tree = ast.parse(expression.strip(), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError) as wrong:
        said = wrong.msg if isinstance(wrong, SyntaxError) else "nested too deeply or no text"
        raise BadInput(f"{expression!r} is no expression of Python: {said}") from None
    try:
        for node in ast.walk(tree):
            _check(node, question)
    except RecursionError:
        raise BadInput("the expression is nested too deeply") from None
    return tree


def _check(node: ast.AST, question: Question) -> None:
    if not isinstance(node, _SYNTAX):
        raise BadInput(f"{_said(node)} is not followed here: tensors, numbers, slices, operators and calls are")
    if isinstance(node, ast.Name):
        known = (*question.results, *question.names, "torch", "F", *(("lengths",) if question.packed else ()))
        if node.id not in known:
            likely = f"; perhaps {nearest(node.id, known)}" if len(node.id) > 1 else ""
            why = "; only an LSTM returns it" if node.id == "c_n" else f" (there are {', '.join(known)}{likely})"
            raise BadInput(f"no {node.id!r} here{why}")
    if isinstance(node, ast.Attribute) and node.attr.startswith("_"):
        raise BadInput(f"{node.attr!r} is not followed here")


def _said(node: ast.AST) -> str:
    try:
        return repr(ast.unparse(node))
    except (ValueError, AttributeError, RecursionError):
        return type(node).__name__


def sizes_of(text: str) -> dict[str, int]:
    """``N=3,T=5,H=4`` as numbers, beside the defaults.  BadInput for anything else."""
    found = dict(DEFAULT_SIZES)
    for pair in filter(None, text.split(",")):
        name, equals, number = (piece.strip() for piece in pair.partition("="))
        if name not in found or not equals or not number.isdecimal() or len(number) > 18 or int(number) < 1:
            known = ", ".join(found)
            raise BadInput(f"--sizes {pair!r}: a size is NAME=NUMBER, at least 1, of {known}")
        found[name] = int(number)
    return found
