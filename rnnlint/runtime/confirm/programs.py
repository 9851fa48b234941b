"""The programs of claims: one text, which is linted, printed when a claim is refuted, and run.

What is run is the function of that text, with the module and the input of a configuration in place of those the text
builds, so that they need not be built once a claim.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from types import CodeType

import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from rnnlint.rules.claims import Claim
from rnnlint.runtime.confirm.grid import Configuration


@dataclass(frozen=True, slots=True)
class Program:
    """``text`` is the whole program, ``function`` the part of it that defines ``read``."""

    text: str
    function: str

    def read(self, module: object) -> Callable[..., object]:
        """``read`` with ``module`` as its ``rnn``."""
        scope: dict[str, object] = {**_NAMES, "rnn": module}
        exec(_compiled(self.function), scope)
        found = scope["read"]
        assert callable(found)
        return found


_NAMES = {
    "torch": torch,
    "nn": nn,
    "pack_padded_sequence": pack_padded_sequence,
    "pad_packed_sequence": pad_packed_sequence,
}


@cache
def compose(claim: Claim, configuration: Configuration) -> Program:
    """The program of a claim in a configuration.  ValueError where its template is wrong."""
    fields = _fields(configuration)
    try:
        lines = textwrap.dedent(claim.program).strip("\n").format(**fields).splitlines()
    except (KeyError, IndexError, AttributeError) as error:
        raise ValueError(f"the program has no such field: {error}") from error
    # because a program that calls the module itself is about how it is called
    if "rnn(" not in claim.program:
        lines = [*_call(configuration, fields), *lines]
    given = "x, lengths" if configuration.packed else "x"
    function = f"def read({given}):\n" + textwrap.indent("\n".join([*lines, "return result"]), "    ") + "\n"
    imports = ["import torch", "from torch import nn"]
    if configuration.packed:
        imports.append("from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence")
    head = "\n".join([*imports, "", f"rnn = {constructor(configuration)}"])
    return Program(f"{head}\n\n\n{function}\n\nread({_arguments(configuration)})\n", function)


def constructor(configuration: Configuration) -> str:
    """``nn.LSTM(3, 5, num_layers=2, batch_first=True)``, without what is the default."""
    options: dict[str, object] = {
        "num_layers": configuration.layers,
        "nonlinearity": configuration.nonlinearity,
        "batch_first": configuration.batch_first,
        "bidirectional": configuration.directions == 2,
        "proj_size": configuration.proj,
    }
    # what a person would not write: torch's defaults, so that the program reads as one of the wild
    left_out = {"num_layers": 1, "nonlinearity": "" if configuration.nonlinearity != "tanh" else "tanh"}
    named = [f"{name}={value!r}" for name, value in options.items() if value != left_out.get(name, 0)]
    return f"nn.{configuration.cell}({', '.join([str(configuration.inputs), str(configuration.hidden), *named])})"


def described(configuration: Configuration) -> str:
    """A configuration in one line."""
    packed = f", packed with lengths {list(configuration.lengths)}" if configuration.packed else ""
    return f"{constructor(configuration)} on x of shape {shape(configuration)}{packed}"


def shape(configuration: Configuration) -> tuple[int, ...]:
    """The shape of the input."""
    if not configuration.batched:
        return configuration.steps, configuration.inputs
    if configuration.batch_first:
        return configuration.samples, configuration.steps, configuration.inputs
    return configuration.steps, configuration.samples, configuration.inputs


def _arguments(configuration: Configuration) -> str:
    x = f"torch.randn({', '.join(map(str, shape(configuration)))})"
    return f"{x}, torch.tensor({list(configuration.lengths)})" if configuration.packed else x


def _fields(configuration: Configuration) -> dict[str, object]:
    names = configuration.names()
    batch_first = configuration.batch_first and configuration.batched
    samples = 0 if batch_first else 1
    packing = f"pack_padded_sequence(x, lengths, batch_first={configuration.batch_first}, enforce_sorted=False)"
    return {
        **{name: names[name] for name in ("L", "D", "N", "T", "H", "C", "I", "cell", "batch_first")},
        "at": ":, " if batch_first else "",
        "steps": 1 if batch_first else 0,
        "samples": samples if configuration.batched else "",
        "state": "(h_n, c_n)" if configuration.cell == "LSTM" else "h_n",
        "input": packing if configuration.packed else "x",
    }


def _call(configuration: Configuration, fields: dict[str, object]) -> list[str]:
    lines = [f"output, {fields['state']} = rnn({fields['input']})"]
    if configuration.packed:
        lines.append(f"output, lengths = pad_packed_sequence(output, batch_first={configuration.batch_first})")
    return lines


@cache
def _compiled(function: str) -> CodeType:
    return compile(function, "<claim>", "exec")
