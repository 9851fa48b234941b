"""Programs that call what the linter follows on whatever there is: every kind of value, in any number and order.

Each statement stands in a branch of its own, as most of them raise, and one that raises would end the program.
"""

from __future__ import annotations

from random import Random

from rnnlint.cells import LAYERS
from rnnlint.torch_api.catalogue import DEFINED_IN
from rnnlint.torch_api.modules.constructors import CONSTRUCTORS
from rnnlint.torch_api.registry import OPERATIONS

# Every kind of value that the interpreter knows, each in a branch that may not be run, so that none rules out another.
_HEAD = """\
import torch
import torch.nn as nn
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence, pack_sequence, pad_packed_sequence, pad_sequence


def f(x, lengths, n, flag, count=3, *rest, **options):
    {module} = nn.{cell}(3, 4, {facts})
    cell = nn.{cell}Cell(3, 4)
    result = {module}({source})
    output, state = result
    h_n = state[0] if isinstance(state, tuple) else state
    if maybe():
        packed = pack_padded_sequence(x, lengths, batch_first={layout}, enforce_sorted=flag)
    if maybe():
        packed_output, _ = {module}(packed)
    if maybe():
        padded, sizes = pad_packed_sequence(packed_output, batch_first={layout})
    if maybe():
        scalar, deep, mixed = h_n.sum(), output.unsqueeze(0), output + output.flip(1)
    if maybe():
        vector = h_n[-1, 0]
    if maybe():
        joined = torch.cat((h_n[-1], h_n[0]), -1)
    if maybe():
        rows, either = list(output), output if flag else h_n
    if maybe():
        mask, order, kept = output > 0, lengths.argsort(), []
    if maybe():
        given, fresh, number = torch.zeros(2, 5, 3), torch.randn(n, count), n // 2
    if maybe():
        for step in range(n):
            kept.append(cell(x[:, step]))
"""
_CELLS = LAYERS
_FACTS = ("", "batch_first=True", "bidirectional=True", "num_layers=2, bidirectional=True", "n", "count, True, flag")
_SOURCES = ("x", "x", "torch.zeros(2, 5, 3)", "torch.zeros(5, 3)", "x[0]", "torch.zeros(1, 1, 3)", "x, None")
_VALUES = [
    "output", "output", "h_n", "h_n", "state", "result", "packed", "packed_output", "padded", "sizes", "scalar",
    "vector", "deep", "joined", "mixed", "rows", "either", "mask", "order", "kept", "given", "fresh", "number", "x",
    "lengths", "n", "flag", "count", "rest", "options", "rnn", "cell", "step", "nn.Linear(8, 8)",
    "nn.Sequential(rnn)", "lambda q: q", "0", "1", "-1", "2", "3", "-2", "7", "1.5", "None", "True", "False", "'a'",
    "()", "[]", "(1, 2)", "[1, -1]", "{}", "(output, h_n)", "[output, output]", "{'a': output}", "range(3)",
    "10 ** 20", "9" * 400, "output[:, -1]", "h_n[-1]", "output.shape", "x.size(1)", "output.size(0)", "torch.float",
    "'cuda'", "...", "slice(None)", "h_n[0, 0, 0]", "output[..., :4]", "output.transpose(0, 1)", "h_n.view(2, -1)",
    "packed.data", "packed.batch_sizes", "state[0]", "torch.arange(n)", "lengths - 1", "output.mean(1)",
    "nn.Parameter(given)", "f", "torch", "x[0]", "x.shape",
]  # fmt: skip
_KEYWORDS = [
    "dim", "axis", "a", "x", "input", "other", "keepdim", "dims", "batch_first", "lengths", "hx", "out", "size",
    "shape", "index", "chunks", "tensors", "start_dim", "end_dim", "repeats", "mask", "sequences", "enforce_sorted",
    "data", "batch_sizes", "total_length", "num_layers", "bidirectional", "dim0", "descending", "q", "sizes", "value",
]  # fmt: skip
_SUBSCRIPTS = [
    "{v}[{w}]", "{v}[{w}, {u}]", "{v}[..., {w}]", "{v}[:, {w}]", "{v}[{w}:{u}]", "{v}[::{w}]", "{v}[None, {w}]",
    "{v}[{w}, {u}, {w}, {u}]", "{v}[()]", "{v}[:, {w}:{u}, ::2]", "{v}[[0, {w}]]",
]  # fmt: skip
_OTHERS = [
    "({v}, {w})", "[{v}, *{w}]", "{v} + {w}", "{v} * {w}", "{v} @ {w}", "{v} % {w}", "{v} == {w}", "{v} < {w}",
    "{v} in {w}", "[q for q in {v}]", "{{q: {w} for q in {v}}}", "{v} if {w} else {u}", "{v} and {w}", "-{v}",
    "not {v}", "len({v})", "list({v})", "tuple({v})", "zip({v}, {w})", "sum({v})", "max({v}, {w})", "sorted({v})",
    "reversed({v})", "range({v})", "range({v}, {w}, {u})", "int({v})", "float({v})", "next({v})", "map({v}, {w})",
    "enumerate({v})", "getattr({v}, {w})", "isinstance({v}, {w})", "type({v})({w})", "dict({v})", "{v}({w})",
    "{v}({w}, {u})", "{v}(*{w})", "{v}(**{w})", "rnn({v})", "rnn({v}, {w})", "cell({v})", "cell({v}, {w})",
    "rnn({v}, ({w}, {u}))", "f'{{{v}}}'", "{v}.shape", "{v}.T", "{v}.data", "{v}.mT", "{v}.batch_sizes",
    "{v}.hidden_size", "{v}.append({w})", "{v}.get({w})", "{v}.update({w})", "{v}.extend({w})", "{v}.pop({w})",
    "{v}.split({w})", "{v}.insert({w}, {u})", "{v} << {w}",
]  # fmt: skip
_STORES = [
    "{v}[{w}] = {u}", "{v}[:, {w}] = {u}", "{v}[()] = {u}", "{v}.q = {u}", "q, *r = {v}", "q, r = {v}", "{v} += {w}",
    "(q, r), p = {v}", "for q in {v}: p = q", "del {v}[{w}]", "with {v} as q: pass", "assert {v}, {w}", "yield {v}",
]  # fmt: skip
_BLOCKS = ["if {v}:", "for q in {v}:", "while {v}:", "try:", "for step in range({v}):", "with torch.no_grad():"]


def program(rng: Random) -> str:
    """A program of some calls, each of which may take what those before it have made."""
    lines = [_head(rng)]
    values = list(_VALUES)
    # at least two, so that the second can take what the first has made
    for number in range(rng.randint(2, 10)):
        names = [value for value in values if value.isidentifier()]
        lines.append("    if maybe():")
        indent = " " * 8
        if rng.random() < 0.15:
            lines.append(indent + _filled(rng.choice(_BLOCKS), rng, names))
            indent += "    "
        if rng.random() < 0.12:
            lines.append(indent + _filled(rng.choice(_STORES), rng, names))
        else:
            lines.append(f"{indent}r{number} = {_expression(rng, values)}")
            # four times, so that what was just made is taken again more often than any of the values at the start
            values += [f"r{number}"] * 4
        # a ``try`` needs a handler to be Python
        if lines[-2].strip() == "try:":
            lines += ["        except Exception:", "            pass"]
    return "\n".join([*lines, f"    return {rng.choice(values)}", ""])


def _head(rng: Random) -> str:
    return _HEAD.format(
        module="rnn",
        cell=rng.choice(_CELLS),
        facts=rng.choice(_FACTS),
        source=rng.choice(_SOURCES),
        layout=rng.choice(("True", "False")),
    )


def _expression(rng: Random, values: list[str]) -> str:
    assert DEFINED_IN
    # half are calls of what is followed, because there is most of it; the rest is what Python does around them
    kind = rng.random()
    if kind < 0.15:
        return _filled(rng.choice(_SUBSCRIPTS), rng, values)
    if kind < 0.4:
        return _filled(rng.choice(_OTHERS), rng, values)
    if kind < 0.5:
        layer = f"{rng.choice(sorted(CONSTRUCTORS))}({_arguments(rng, values)})"
        return layer if rng.random() < 0.3 else f"{layer}({_arguments(rng, values)})"
    name = rng.choice(sorted(OPERATIONS))
    if not name.startswith("Tensor."):
        return f"{name}({_arguments(rng, values)})"
    return f"({rng.choice(values)}).{name.removeprefix('Tensor.')}({_arguments(rng, values)})"


def _arguments(rng: Random, values: list[str]) -> str:
    # one to two arguments mostly, as the functions take; none and four to see what is missing or too much
    given = [rng.choice(values) for _ in range(rng.choice((0, 1, 1, 2, 2, 2, 3, 4)))]
    if given and rng.random() < 0.08:
        given[-1] = f"*{rng.choice(('rest', 'rows', 'state', 'kept', '(1, 2)'))}"
    if rng.random() < 0.35:
        given.append(f"{rng.choice(_KEYWORDS)}={rng.choice(values)}")
    if rng.random() < 0.05:
        given.append("**options")
    return ", ".join(given)


def _filled(template: str, rng: Random, values: list[str]) -> str:
    one, two, three = (rng.choice(values) for _ in range(3))
    wrapped = one if one.isidentifier() else f"({one})"
    return template.format(v=wrapped, w=two, u=three)
