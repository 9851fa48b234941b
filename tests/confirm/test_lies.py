"""Planted lies: claims that are wrong, each in its own way.  The companion must refute every one of them."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from unittest import mock

import pytest
import torch
from torch import nn

from rnnlint.rules import registry
from rnnlint.rules.claims import Claim
from rnnlint.runtime.confirm import judging, prepared, witnesses
from rnnlint.runtime.confirm.grid import Configuration
from rnnlint.runtime.confirm.judging import Setting
from rnnlint.runtime.confirm.programs import compose
from rnnlint.runtime.confirm.report import refutations
from rnnlint.runtime.confirm.suite import QUICK, confirm
from rnnlint.runtime.confirm.verdicts import RuleResult

FINAL = "torch.cat((hidden(-1, 0, 'final'), hidden(-1, 1, 'final')), -1)"
LATE = "torch.cat((hidden(-1, 0, T - 1), hidden(-1, 1, T - 1)), -1)"
LATE_WHERE = "D == 2 and T > 1 and not packed"
OWN = "sample == row"


@dataclass(frozen=True, slots=True)
class Lie:
    """A wrong claim of the rule ``code``, which witness refutes it, in which configuration, with which numbers."""

    claim: Claim
    witness: str
    configuration: str
    numbers: str
    code: str = "RNN102"


LIES = {
    "halves swapped": Lie(
        Claim(
            "advised",
            "the backward half comes first",
            "result = torch.cat((h_n[-2], h_n[-1]), dim=-1)",
            "torch.cat((hidden(-1, 1, 'final'), hidden(-1, 0, 'final')), -1)",
            where="D == 2",
        ),
        "values",
        "nn.RNN(1, 1, bidirectional=True) on x of shape (1, 1)",
        r"result\[\d\] is -?[\d.]+, not -?[\d.]+, error [\d.]+, tolerance 1\.8e-15",
    ),
    "each half at the other's end": Lie(
        Claim(
            "advised",
            "the forward half is final at step 0, the backward half at the last step",
            "result = torch.cat((output[{at}0, ..., :{H}], output[{at}-1, ..., {H}:]), dim=-1)",
            FINAL,
            where="D == 2 and not packed",
        ),
        "rnnlint|values",
        "nn.RNN(1, 1, bidirectional=True) on x of shape (3, 1)",
        "RNN103|error",
        code="RNN103",
    ),
    "transpose dropped": Lie(
        Claim(
            "advised",
            "each row holds one sample's states of all layers",
            "result = h_n.reshape(h_n.size(1), -1)",
            "torch.cat([hidden(layer, way, 'final') for layer in range(L) for way in range(D)], -1)",
            where="batched",
        ),
        "values",
        "nn.RNN(1, 1, bidirectional=True) on x of shape (3, 2, 1)",
        r"error [\d.]+, tolerance",
    ),
    "layers in the other order": Lie(
        Claim("silent", "h_n begins with the last layer", "result = h_n[0]", "hidden(-1, 0, 'final')"),
        "values",
        "nn.RNN(1, 1, num_layers=2) on x of shape (1, 1)",
        r"error [\d.]+, tolerance",
    ),
    "equality where there is none": Lie(
        Claim("silent", "output and h_n are equal", "result = torch.equal(output, h_n)", "True", where="batched"),
        "values",
        "nn.RNN(1, 1) on x of shape (3, 2, 1)",
        "result is False, not True",
    ),
    "a shape that torch does not return": Lie(
        Claim("silent", "the last step has one direction", "result = output[{at}-1]", "hidden(-1, 0, T - 1)"),
        "values",
        "nn.RNN(1, 1, bidirectional=True) on x of shape (1, 1)",
        r"result has the shape \(2,\), not \(1,\)",
    ),
    "a mistake that is none": Lie(
        Claim(
            "flagged",
            "both halves have read everything at step 0 of a bidirectional RNN, which is not what was wanted",
            "result = output[{at}-1]",
            LATE,
            wanted=LATE,
            where=LATE_WHERE,
        ),
        "values",
        "nn.RNN(1, 1, bidirectional=True) on x of shape (3, 1)",
        "it is what was wanted",
    ),
    "a flagged reading that is right where sizes are 1": Lie(
        Claim("flagged", "also after one step", "result = output[{at}-1]", LATE, wanted=FINAL, where="D == 2"),
        "rnnlint",
        "nn.RNN(1, 1, bidirectional=True) on x of shape (1, 1)",
        "it reports nothing, and RNN102 should be reported",
    ),
    "a flagged claim that is not reported": Lie(
        Claim(
            "flagged",
            "the forward half is not final at the last step",
            "result = output[{at}-1, ..., :{H}]",
            "hidden(-1, 0, T - 1)",
            wanted="hidden(-1, 1, 'final')",
            where=LATE_WHERE,
        ),
        "rnnlint",
        "nn.RNN(1, 1, bidirectional=True) on x of shape (3, 1)",
        "it reports nothing, and RNN102 should be reported",
    ),
    "a silent claim that is reported": Lie(
        Claim("silent", "both halves at the last step", "result = output[{at}-1]", LATE, where=LATE_WHERE),
        "rnnlint",
        "nn.RNN(1, 1, bidirectional=True) on x of shape (3, 1)",
        "it reports RNN102, and RNN102 should not be",
    ),
    "another exception": Lie(
        Claim(
            "flagged",
            "torch raises a ValueError",
            "result = output[{at}{T}]",
            raises=("ValueError", "out of bounds"),
            where="T > 1 and not packed",
        ),
        "torch",
        "nn.RNN(1, 1) on x of shape (3, 1)",
        "it raises IndexError: index 3 is out of bounds for dimension 0 with size 3, not 'ValueError with out of",
        code="RNN109",
    ),
    "another text of the exception": Lie(
        Claim(
            "flagged",
            "torch speaks of steps",
            "result = output[{at}{T}]",
            raises=("IndexError", "no such step"),
            where="T > 1 and not packed",
        ),
        "torch",
        "nn.RNN(1, 1) on x of shape (3, 1)",
        "not 'IndexError with no such step'",
        code="RNN109",
    ),
    "an exception that is not raised": Lie(
        Claim("silent", "torch raises", "result = h_n[-1]", raises=("IndexError", "out of bounds")),
        "torch",
        "nn.RNN(1, 1) on x of shape (1, 1)",
        r"it raises nothing, result is a tensor of shape \(1,\)",
    ),
    "an exception that is raised": Lie(
        Claim("silent", "the first axis of h_n has two rows", "result = h_n[1]", "hidden(-1, 0, 'final')"),
        "torch",
        "nn.RNN(1, 1) on x of shape (1, 1)",
        "it raises IndexError: index 1 is out of bounds",
    ),
    "influence of one step too many": Lie(
        Claim(
            "advised",
            "step 0 has read two steps",
            "result = output[{at}0]",
            "hidden(0, 0, 0)",
            where="L == D == 1 and T > 1",
            reads=f"({OWN}) & (step <= 1)",
        ),
        "influence",
        "nn.RNN(1, 1) on x of shape (3, 1)",
        r"result\[0\] does not depend on step 1 of sample 0",
    ),
    "influence of one step too few": Lie(
        Claim(
            "advised",
            "the final state has forgotten step 0",
            "result = h_n[-1]",
            "hidden(-1, 0, 'final')",
            where="D == 1 and T > 1",
            reads=f"({OWN}) & (step > 0)",
        ),
        "influence",
        "nn.RNN(1, 1) on x of shape (3, 1)",
        r"result\[0\] depends on step 0 of sample 0",
    ),
    "a gradient where there is none": Lie(
        Claim(
            "advised",
            "the recurrent weights get a gradient from the first step",
            "result = output[{at}0]",
            "hidden(0, 0, 0)",
            where="L == D == 1",
            ignores="no_parameter",
        ),
        "gradients",
        "nn.RNN(1, 1) on x of shape (1, 1)",
        "no gradient reaches weight_hh_l0; claimed: none",
    ),
    "no gradient where there is one": Lie(
        Claim(
            "advised",
            "the biases get no gradient",
            "result = h_n[-1]",
            "hidden(-1, 0, 'final')",
            where="L == D == 1 and T > 1",
            ignores="bias_*",
        ),
        "gradients",
        "nn.RNN(1, 1) on x of shape (3, 1)",
        "no gradient reaches none; claimed: bias_hh_l0, bias_ih_l0",
    ),
    "an expectation of what there is not": Lie(
        Claim("silent", "a GRU keeps cell states", "result = h_n[-1]", "cell(-1, 0)", where="cell == 'GRU'"),
        "claim",
        "nn.GRU(1, 1) on x of shape (1, 1)",
        r"cell\(-1, 0\) raises ValueError: only an LSTM has a cell state",
    ),
    "a template with a field of its own": Lie(
        Claim("silent", "a field that is none", "result = h_n[-{layers}]", "hidden(0, 0, 'final')"),
        "claim",
        "nn.RNN(1, 1) on x of shape (1, 1)",
        "no such field: 'layers'",
    ),
}


def told(lie: Lie, dtypes: tuple[torch.dtype, ...] = (torch.float64,)) -> list[RuleResult]:
    rule = replace(registry()[lie.code], claims=(lie.claim,))
    return confirm([rule], "cpu", dtypes, scale=replace(QUICK, run=12))


@pytest.mark.parametrize("lie", LIES.values(), ids=list(LIES))
def test_is_refuted_in_the_simplest_configuration(lie: Lie) -> None:
    results = told(lie)
    assert results[0].verdict == "refuted"
    failure = results[0].verdicts[0].failure
    assert failure is not None
    assert failure.witness in lie.witness.split("|")
    assert failure.configuration == lie.configuration
    assert re.search(lie.numbers, failure.numbers), failure.numbers
    (printed,) = refutations(results)
    for part in (lie.claim.text, failure.configuration, failure.numbers, *failure.program.split("\n")):
        assert part in printed


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float16])
def test_is_refuted_in_every_dtype(dtype: torch.dtype) -> None:
    assert told(LIES["halves swapped"], (dtype,))[0].verdict == "refuted"


def test_a_lie_about_sums_is_told_by_the_values() -> None:
    """Labels cannot tell where states are added up."""
    claim = Claim(
        "flagged",
        "a mean over axis 1 of h_n is a mean over the layers",
        "result = h_n.mean(1)",
        "h_n.mean(0)",
        wanted="h_n[-1]",
        where="batched and N == L * D and N > 1 and H > 1",
    )
    (result,) = told(Lie(claim, "", "", "", code="RNN202"))
    assert result.verdicts[0].failure is not None
    assert result.verdicts[0].failure.witness == "values"


class Backwards(nn.GRU):
    """A torch that returns the rows of ``h_n`` in the opposite order."""

    def forward(self, input: torch.Tensor, hx: torch.Tensor | None = None) -> tuple[torch.Tensor, torch.Tensor]:  # type: ignore[override]
        output, h_n = super().forward(input, hx)
        return output, h_n.flip(0)


def test_a_torch_that_returns_something_else_is_told_by_the_values() -> None:
    claim = next(claim for claim in registry()["RNN104"].claims if claim.kind == "advised")
    configuration = Configuration("GRU", "", 2, 2, False, True, False, 2, 3, 2, 2, 0)
    setting = Setting("cpu", torch.float64, seed=0)
    assert judging.judged("RNN104", claim, configuration, setting).held
    prepared.prepared.cache_clear()
    try:
        with mock.patch.object(nn, "GRU", Backwards):
            failure = judging.judged("RNN104", claim, configuration, setting).failure
    finally:
        prepared.prepared.cache_clear()
    assert failure is not None
    assert failure.witness == "values"


HALF = Configuration("GRU", "", 2, 2, True, True, False, 3, 4, 2, 3, 0)
TAKEN = "result = output[{at}-1, ..., :{H}]"


class TestEachWitnessAlone:
    """Every one of the three refutes a lie by itself."""

    def told(self, witness: str, expected: str) -> None:
        claim = Claim("silent", "a half", TAKEN, expected)
        program = compose(claim, HALF)
        here = prepared.prepared(HALF, "cpu", torch.float64, 0)
        if witness == "values":
            witnesses.values(claim, program, here)
        elif witness == "labels":
            assert witnesses.labelling(claim, program, prepared.labelled(HALF, 0))
        else:
            assert witnesses.gradients(claim, program, here)

    @pytest.mark.parametrize("witness", ["values", "labels", "influence"])
    @pytest.mark.parametrize("lie", ["hidden(-1, 0, 0)", "hidden(0, 0, T - 1)", "hidden(-1, 0, T - 1).T"])
    def test_refutes_a_lie(self, witness: str, lie: str) -> None:
        self.told(witness, "hidden(-1, 0, 'final')")
        if witness == "influence" and ".T" not in lie:
            self.told(witness, lie)  # both of these have read every step as well
            return
        with pytest.raises(witnesses.Refuted) as refuted:
            self.told(witness, lie)
        assert refuted.value.witness == witness
