"""A run, for people and for programs."""

from __future__ import annotations

import json
import shutil
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from rnnlint.runtime.confirm.verdicts import Failure, RuleResult, Verdict

_NARROWEST = 24  # characters of the column with what was claimed


@dataclass(frozen=True, slots=True)
class Run:
    """All of a run.  ``devices`` say what drives them, ``gpu`` whether one was run, in words."""

    torch: str
    scale: str
    seed: int
    seconds: float
    devices: tuple[dict[str, str], ...]
    gpu: str
    results: tuple[RuleResult, ...]

    @property
    def refuted(self) -> bool:
        """Whether anything is."""
        return any(result.verdict == "refuted" for result in self.results)


def text(run: Run, width: int | None = None) -> str:
    """The refutations, the table and the summary."""
    # 120 by 24 where there is no terminal (a log, a pipe): as wide as the lines of this project's own text
    width = width or shutil.get_terminal_size((120, 24)).columns
    return "\n".join([*refutations(run.results), table(run.results, width), *summary(run)])


def refutations(results: Sequence[RuleResult]) -> Iterator[str]:
    """Every claim that is refuted: what was claimed, the simplest configuration that shows it, and the numbers."""
    for result in results:
        for verdict in result.verdicts:
            if verdict.failure:
                failure = verdict.failure
                yield (
                    f"{result.code} on {result.device} in {result.dtype}: refuted: {verdict.kind}: {verdict.text}\n"
                    f"  {failure.configuration}\n"
                    f"  {failure.witness}: {failure.numbers}\n"
                    f"{textwrap.indent(failure.program.rstrip(), '  | ', lambda _: True)}\n"
                )


def table(results: Sequence[RuleResult], width: int) -> str:
    """A row for each claim on each device, its dtypes together, the worst of them with its error."""
    head = ("rule", "device", "claim", "tried", "worst error of tolerance", "verdict")
    rows = [head, *_rows(results)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(head))]
    widths[2] = max(_NARROWEST, width - sum(widths) + widths[2] - 2 * (len(head) - 1))
    lines = []
    for row in rows:
        claim = textwrap.wrap(row[2], widths[2]) or [""]
        for number, piece in enumerate(claim):
            cells = row if number == 0 else ("",) * len(row)
            full = [piece if column == 2 else cell for column, cell in enumerate(cells)]
            lines.append("  ".join(cell.ljust(size) for cell, size in zip(full, widths, strict=True)).rstrip())
        if row is head:
            lines.append("-" * width)
    return "\n".join(lines)


def _rows(results: Sequence[RuleResult]) -> Iterator[tuple[str, ...]]:
    # the CPU first, because everybody has one to compare with
    ordered = sorted(results, key=lambda result: (result.device != "cpu", result.device, result.code))
    for (device, code), group in groupby(ordered, key=lambda result: (result.device, result.code)):
        together = list(group)
        columns = list(zip(*(result.verdicts for result in together), strict=True))
        if not columns:
            yield code, device, "-", "0", "", "not run: the rule claims nothing"
        for verdicts in columns:
            named = list(zip((result.dtype for result in together), verdicts, strict=True))
            tried = max(verdict.configurations for verdict in verdicts)
            claim = f"{verdicts[0].kind}: {verdicts[0].text}"
            yield code, device, claim, str(tried), _worst(named), _said(named)


def _worst(named: Sequence[tuple[str, Verdict]]) -> str:
    errors = [(verdict.worst, dtype) for dtype, verdict in named if verdict.worst]
    if not errors:
        return "-"
    worst, dtype = max(errors, key=lambda pair: pair[0].share)
    return f"{worst.error:.1e} of {worst.tolerance:.1e} {dtype}"


def _said(named: Sequence[tuple[str, Verdict]]) -> str:
    held = {verdict.held for _, verdict in named}
    if False in held:
        return f"refuted in {', '.join(dtype for dtype, verdict in named if verdict.held is False)}"
    skipped = [f"{dtype}: {verdict.skipped}" for dtype, verdict in named if verdict.skipped]
    if True in held:
        return f"confirmed, but not run in {'; '.join(skipped)}" if skipped else "confirmed"
    return f"not run: {'; '.join(skipped)}"


def summary(run: Run) -> Iterator[str]:
    """What was run, and what came out."""
    verdicts = [verdict for result in run.results for verdict in result.verdicts]
    counted = {held: sum(verdict.held is held for verdict in verdicts) for held in (True, False, None)}
    rules = len({result.code for result in run.results})
    on = sorted({(result.device, result.dtype) for result in run.results})
    tried = sum(verdict.configurations for verdict in verdicts)
    yield ""
    yield (
        f"{rules} rule{'s' * (rules != 1)}, {tried} runs of claims, {run.scale} grid, torch {run.torch}, "
        f"{', '.join(f'{device} {dtype}' for device, dtype in on)}, {run.seconds:.0f} s"
    )
    yield f"GPU: {run.gpu}"
    yield f"{counted[True]} confirmed, {counted[False]} refuted, {counted[None]} not run"


def as_json(run: Run) -> str:
    """The run as JSON; the schema is in docs/confirm.md."""
    return json.dumps(
        {
            "torch": run.torch,
            "grid": run.scale,
            "seed": run.seed,
            "seconds": round(run.seconds, 1),
            "devices": list(run.devices),
            "gpu": run.gpu,
            "rules": [
                {
                    "code": result.code,
                    "name": result.name,
                    "device": result.device,
                    "dtype": result.dtype,
                    "configurations": result.configurations,
                    "claims": [_claim(verdict) for verdict in result.verdicts],
                    "verdict": result.verdict,
                }
                for result in run.results
            ],
        },
        indent=2,
    )


def _claim(verdict: Verdict) -> dict[str, object]:
    worst = verdict.worst
    found: dict[str, object] = {
        "text": verdict.text,
        "kind": verdict.kind,
        "configurations": verdict.configurations,
        "error": worst.error if worst else None,
        "tolerance": worst.tolerance if worst else None,
        "held": verdict.held,
    }
    if verdict.skipped:
        found["skipped"] = verdict.skipped
    if verdict.failure:
        found["failure"] = _failure(verdict.failure)
    return found


def _failure(failure: Failure) -> dict[str, str]:
    return {
        "configuration": failure.configuration,
        "witness": failure.witness,
        "numbers": failure.numbers,
        "program": failure.program,
    }
