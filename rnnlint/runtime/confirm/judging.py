"""One claim, in one configuration, before all witnesses."""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch

from rnnlint.rules.claims import Claim
from rnnlint.runtime.confirm import witnesses
from rnnlint.runtime.confirm.grid import Configuration, full
from rnnlint.runtime.confirm.prepared import labelled, prepared
from rnnlint.runtime.confirm.programs import compose, described
from rnnlint.runtime.confirm.verdicts import Failure, Verdict
from rnnlint.runtime.confirm.witnesses import Refuted, Unsupported


@dataclass(frozen=True, slots=True)
class Setting:
    """Where a claim is judged, and before which witnesses; the values are always asked."""

    device: str
    dtype: torch.dtype
    seed: int
    lint: bool = True
    label: bool = True
    differentiate: bool = True


def judged(code: str, claim: Claim, configuration: Configuration, setting: Setting) -> Verdict:
    """The verdict on a claim of the rule ``code`` in a configuration that its ``where`` allows."""
    found = Verdict(claim.kind, claim.text, configurations=1)
    try:
        program = compose(claim, configuration)
    except ValueError as error:
        failure = Failure(configuration.weight, described(configuration), "claim", str(error), claim.program)
        return replace(found, failure=failure)
    here = prepared(configuration, setting.device, setting.dtype, setting.seed)
    try:
        # The cheapest witness first; and what torch raises has neither values nor labels nor gradients to be asked for.
        if setting.lint:
            witnesses.linted(claim, code, program)
        if claim.raises:
            witnesses.raises(claim, program, here)
            return found
        found = replace(found, worst=witnesses.values(claim, program, here))
        if setting.label:
            witnesses.labelling(claim, program, labelled(configuration, setting.seed))
        if setting.differentiate:
            witnesses.gradients(claim, program, here)
    except Unsupported as why:
        return Verdict(claim.kind, claim.text, skipped=str(why))
    except Refuted as refuted:
        failure = Failure(
            configuration.weight, described(configuration), refuted.witness, refuted.numbers, program.text
        )
        return replace(found, failure=failure)
    return found


def simplest(code: str, claim: Claim, setting: Setting, failure: Failure) -> Failure:
    """The failure before the same witness in the simplest configuration of the whole grid that shows one."""
    witness = failure.witness
    asked = replace(
        setting,
        lint=witness == "rnnlint",
        label=witness == "labels",
        differentiate=witness in ("influence", "gradients"),
    )
    for configuration in full():
        # ``full`` has the simplest first, and what is no simpler is no improvement
        if configuration.weight >= failure.weight:
            break
        if configuration.meets(claim.where):
            found = judged(code, claim, configuration, asked).failure
            if found:
                return found
    return failure
