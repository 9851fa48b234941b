"""The witnesses: values against the reference, labels, and autograd.

Each looks at a claim in one configuration and raises :class:`Refuted`, with the numbers, where the claim does not hold.
They are independent of each other: labels know nothing of the recurrences, the reference nothing of torch's kernels,
and gradients nothing of either.
"""

from __future__ import annotations

import fnmatch
import math
from itertools import zip_longest

import torch
from torch import Tensor

from rnnlint.linter import lint
from rnnlint.rules.claims import Claim
from rnnlint.runtime.confirm import world
from rnnlint.runtime.confirm.comparing import Distance, distance
from rnnlint.runtime.confirm.grid import Configuration
from rnnlint.runtime.confirm.prepared import Labelled, Prepared, Strayed
from rnnlint.runtime.confirm.programs import Program
from rnnlint.runtime.confirm.verdicts import Error
from rnnlint.runtime.confirm.world import World
from rnnlint.runtime.truth.influence import influence, without_gradient
from rnnlint.runtime.truth.tolerances import tolerance

# What an expression or a program over tensors raises where it is wrong.
RAISED = (
    RuntimeError,
    TypeError,
    IndexError,
    KeyError,
    ValueError,
    AttributeError,
    NameError,
    SyntaxError,
    AssertionError,
    ZeroDivisionError,
)

SHARP = (torch.float64, torch.float32)
"""The dtypes whose tolerance is far below the difference of any two states, and in which no gradient vanishes."""


class Refuted(Exception):
    """A claim does not hold: which ``witness`` says so, and the numbers."""

    def __init__(self, witness: str, numbers: str) -> None:
        super().__init__(f"{witness}: {numbers}")
        self.witness = witness
        self.numbers = numbers


class Unsupported(Exception):
    """The device has no kernel in the dtype for what a program calls."""


def linted(claim: Claim, code: str, program: Program) -> None:
    """The linter reports the rule in a flagged program, and does not in another."""
    report = lint(program.text)
    if report.not_analysed:
        raise Refuted("rnnlint", f"not analysed: {report.not_analysed}")
    reported = sorted({finding.code for finding in report.findings})
    if (code in reported) != (claim.kind == "flagged"):
        says = ", ".join(reported) or "nothing"
        wanted = f"{code} should be reported" if claim.kind == "flagged" else f"{code} should not be"
        raise Refuted("rnnlint", f"it reports {says}, and {wanted}")


def raises(claim: Claim, program: Program, prepared: Prepared) -> None:
    """torch raises what the claim says."""
    assert claim.raises is not None
    types, parts = (one.split("|") for one in claim.raises)
    try:
        result = prepared.run(program)
    except RAISED as error:
        supported(error)
        if type(error).__name__ not in types or not any(part in str(error) for part in parts):
            raise Refuted("torch", f"it raises {_said(error)}, not {' with '.join(claim.raises)!r}") from error
    else:
        raise Refuted("torch", f"it raises nothing, result is {_shown(result)}")


def values(claim: Claim, program: Program, prepared: Prepared) -> Error | None:
    """``result`` is what the reference has for ``expected``, within tolerance, and not what it has for ``wanted``.

    None where nothing in ``result`` is a tensor.
    """
    configuration = prepared.configuration
    result = _run(program, prepared)
    # in float64 on the CPU, whatever ``result`` is in and on
    found = distance(result, _evaluated(claim.expected, prepared.reference))
    kind = torch.device(prepared.device).type
    allowed = tolerance(prepared.dtype, kind, steps=configuration.steps, layers=configuration.layers)
    if not found.error <= allowed:
        size = "" if math.isinf(found.error) else f", error {found.error:.2g}, tolerance {allowed:.2g}"
        raise Refuted("values", found.where + size)
    if claim.wanted and prepared.dtype in SHARP:
        apart = distance(result, _evaluated(claim.wanted, prepared.reference))
        if apart.error <= allowed:
            raise Refuted(
                "values", f"it is what was wanted: {apart.where}, difference {apart.error:.2g}, tolerance {allowed:.2g}"
            )
    return Error(found.error, allowed) if _tensors(result) else None


def labelling(claim: Claim, program: Program, labelled: Labelled) -> bool:
    """The labels in ``result`` are those of ``expected``, and not those of ``wanted``; whether labels could tell.

    They cannot where the program calls the module on another input, or where it mixes states.
    """
    # because labels stand for the states of the one call; what ``expected`` calls again has other states
    if "rnn(" in claim.expected:
        return False
    try:
        result = labelled.run(program)
    except Strayed:
        return False
    except RAISED as error:
        raise Refuted("labels", f"on labels the program raises {_said(error)}") from error
    found = distance(result, _evaluated(claim.expected, labelled.world))
    moved = all(map(labelled.known, _tensors(result)))
    if found.error and moved:
        raise Refuted("labels", f"other states arrive: {_placed(found)}")
    if claim.wanted and "rnn(" not in claim.wanted and moved:
        apart = distance(result, _evaluated(claim.wanted, labelled.world))
        if not apart.error:
            raise Refuted("labels", "the states are those that were wanted")
    return moved


def gradients(claim: Claim, program: Program, prepared: Prepared) -> bool:
    """``result`` depends on the inputs that its states have read, and ``reads`` and ``ignores`` hold.

    Whether there was anything to see: what is no tensor of the module's has no gradient.
    """
    configuration = prepared.configuration
    results = [one for one in _tensors(_run(program, prepared)) if one.requires_grad]
    if not results:
        if claim.reads or claim.ignores:
            raise Refuted("influence", "result has no gradient")
        return False
    time = 1 if configuration.batched and configuration.batch_first else 0
    batch = 1 - time if configuration.batched else None
    actual = [influence(result, prepared.x, time, batch) for result in results]
    if "rnn(" not in claim.expected:
        for one, said in zip_longest(actual, _predicted(claim.expected, configuration)):
            _same_influence(one, said)
    if claim.reads:
        rows = actual[0].reshape(len(results[0]) if results[0].dim() > 1 else 1, -1, *actual[0].shape[-2:]).any(1)
        _same_influence(rows, _reading(claim.reads, len(rows), prepared))
    if claim.ignores:
        _ignores(claim.ignores, torch.cat([result.flatten() for result in results]), prepared)
    return True


def _ignores(patterns: str, result: Tensor, prepared: Prepared) -> None:
    configuration = prepared.configuration
    ignored = set(without_gradient(result, prepared.module))
    named = patterns.format(top=configuration.layers - 1, **configuration.names()).split()
    names = [name for name, _ in prepared.module.named_parameters()]
    said = {name for name in names if any(fnmatch.fnmatchcase(name, pattern) for pattern in named)}
    if ignored != said:
        raise Refuted("gradients", f"no gradient reaches {_listed(ignored)}; claimed: {_listed(said)}")


def _predicted(expression: str, configuration: Configuration) -> list[Tensor]:
    """The inputs that the states in each tensor of an expression have read: bool, (*shape, T, N)."""
    leaves, (hidden, *cells) = world.of_leaf(configuration)
    read = _have_read(configuration)
    ends = torch.stack([leaves.lengths - 1, torch.zeros_like(leaves.lengths)])[: configuration.directions]
    final = torch.stack([read[:, way, end, torch.arange(len(end))] for way, end in enumerate(ends)], dim=1)
    found = []
    for value in _tensors(_evaluated(expression, leaves)):
        flat = value.reshape(-1)
        inputs = torch.zeros(len(flat), configuration.steps, configuration.samples)
        if flat.requires_grad and len(flat):
            picks = torch.eye(len(flat), dtype=flat.dtype)
            held = torch.autograd.grad(
                flat, [hidden, *cells], picks, retain_graph=True, is_grads_batched=True, allow_unused=True
            )
            for gradient, states, sizes in zip(held, (read, final), ("eldtn,ldtns", "eldn,ldns"), strict=False):
                if gradient is not None:
                    inputs += torch.einsum(f"{sizes}->esn", gradient.ne(0).any(-1).float(), states)
        found.append(inputs.bool().reshape(*value.shape, *inputs.shape[1:]))
    return found


def _have_read(configuration: Configuration) -> Tensor:
    """Which steps of its own sample every state has read: 0 or 1, (L, D, T, N, T).

    A forward state has read what is not later, a backward one what is not earlier, but for what lies beyond the
    sample's length; above a bidirectional layer, every step has been read.
    """
    step = torch.arange(configuration.steps)
    valid = step.unsqueeze(1) < torch.tensor(configuration.lengths)  # (T, N)
    earlier = step <= step.unsqueeze(1)  # (T state, T input)
    ways = torch.stack([earlier, earlier.T])[: configuration.directions]
    layers = [ways] + [ways if configuration.directions == 1 else torch.ones_like(ways)] * (configuration.layers - 1)
    present = valid.unsqueeze(-1) & valid.T.unsqueeze(0)  # (T, N, T)
    return (torch.stack(layers).unsqueeze(3) & present).float()


def _reading(expression: str, rows: int, prepared: Prepared) -> Tensor:
    configuration = prepared.configuration
    lengths = torch.tensor(configuration.lengths)
    step = torch.arange(configuration.steps).reshape(1, -1, 1)
    names = {
        **configuration.names(),
        "row": torch.arange(rows).reshape(-1, 1, 1),
        "step": step,
        "sample": torch.arange(configuration.samples).reshape(1, 1, -1),
        "lengths": lengths,
    }
    try:
        said = eval(expression, {"torch": torch, **names})
    except RAISED as error:
        raise Refuted("influence", f"{expression} raises {_said(error)}") from error
    read: Tensor = said & (step < lengths)
    return read.expand(rows, configuration.steps, configuration.samples)


def _same_influence(actual: Tensor | None, said: Tensor | None) -> None:
    if actual is None or said is None:
        raise Refuted(
            "influence", f"there are {'fewer' if actual is None else 'more'} tensors with a gradient than claimed"
        )
    if actual.shape != said.shape:
        raise Refuted("influence", f"result has the shape {tuple(actual.shape[:-2])}, not {tuple(said.shape[:-2])}")
    different = (actual != said).nonzero()
    if len(different):
        *place, step, sample = different[0].tolist()
        does = "depends" if actual[tuple(different[0])] else "does not depend"
        raise Refuted("influence", f"result{place or ''} {does} on step {step} of sample {sample}")


def _run(program: Program, prepared: Prepared) -> object:
    try:
        return prepared.run(program)
    except RAISED as error:
        supported(error)
        raise Refuted("torch", f"it raises {_said(error)}") from error


def supported(error: Exception) -> None:
    """Raises :class:`Unsupported` for what torch says of a kernel that is missing in a narrow dtype."""
    # by the text, because the exception's type is also that of what a wrong program raises
    if "not implemented for 'Half'" in str(error) or "not implemented for 'BFloat16'" in str(error):
        raise Unsupported(_said(error)) from error


def _evaluated(expression: str, world: World) -> object:
    try:
        return world.value(expression)
    except RAISED as error:
        raise Refuted("claim", f"{expression} raises {_said(error)}") from error


def _tensors(value: object) -> list[Tensor]:
    if isinstance(value, Tensor):
        return [value]
    return [one for part in value for one in _tensors(part)] if isinstance(value, (tuple, list)) else []


def _placed(found: Distance) -> str:
    return found.where if math.isinf(found.error) else f"at {found.place or 'the only place'}"


def _said(error: Exception) -> str:
    return f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"


def _shown(result: object) -> str:
    return f"a tensor of shape {tuple(result.shape)}" if isinstance(result, Tensor) else repr(result)


def _listed(names: set[str]) -> str:
    return ", ".join(sorted(names)) or "none"
