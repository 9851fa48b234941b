"""What torch says of an answer: the one place from which `rnnlint.runtime` is asked."""

from __future__ import annotations

import ast
from collections.abc import Sequence

import torch

from rnnlint.runtime.shown import CannotRun, Running, device_of, equal
from rnnlint.showing.answer import Answer, Compared
from rnnlint.showing.question import BadInput, Question


def confirmed(
    question: Question,
    trees: Sequence[ast.Expression],
    answers: Sequence[Answer],
    compared: Compared | None,
    device: str,
) -> tuple[tuple[str, ...], bool]:
    """What torch shows, in lines, and whether it agrees.  BadInput for what is not run."""
    try:
        where = device_of(device)
        running = Running(question, where)
        drawn = [None if one.mixes else one.picture for one in answers]
        found = [running.held(tree, one) for tree, one in zip(trees, drawn, strict=True)]
    except CannotRun as wrong:
        raise BadInput(str(wrong)) from None
    lines = [
        f"torch {torch.__version__} on {where}: {one.expression}: {said}"
        for one, (_, said, _) in zip(answers, found, strict=True)
    ]
    agrees = all(fine for _, _, fine in found)
    if compared is not None and compared.equal is not None:
        same = equal(found[0][0], found[1][0])
        lines.append(f"torch: the two have {'the same' if same else 'different'} values")
        agrees = agrees and same is compared.equal
    if not agrees:
        lines.append("torch contradicts what is said above; please report this")
    return tuple(lines), agrees
