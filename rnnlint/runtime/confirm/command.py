"""``rnnlint confirm``, given what was asked for."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Sequence
from typing import TextIO

import torch

from rnnlint.rules import registry
from rnnlint.rules.rule import Rule
from rnnlint.runtime.confirm import report
from rnnlint.runtime.confirm.devices import BadInput, check_seed, described, devices, dtypes, missing
from rnnlint.runtime.confirm.suite import FULL, QUICK, confirm, not_run
from rnnlint.runtime.confirm.verdicts import RuleResult

_JOBS = 2  # processes of a long run; a short one is over before others have imported torch
_PREFIX = "RNN"  # what every code begins with: a shorter prefix names nothing in particular
_MANY = 10  # rules that make a quick run long


def run(codes: Sequence[str], device: str, dtype: str | None, *, full: bool, seed: int) -> report.Run:
    """Confirm the rules with these codes, prefixes of codes or names, all without any.  Raises BadInput."""
    rules = _rules(codes)
    check_seed(seed)
    started = time.perf_counter()
    asked = dtypes(dtype, full=full)
    results: list[RuleResult] = []
    chosen = devices(device)
    for place in chosen:
        why = {one: missing(place, one) for one in asked}
        able = [one for one in asked if not why[one]]
        on_cpu = place == "cpu"
        results += confirm(
            rules,
            place,
            able,
            scale=FULL if full else QUICK,
            seed=seed,
            # on the CPU only, because processes would stand in line for a GPU
            jobs=min(_JOBS, os.cpu_count() or 1) if on_cpu and (full or len(rules) > _MANY) else 1,
            progress=_bar(sys.stderr, place),
        )
        results += [not_run(rule, place, one, why[one]) for rule in rules for one in asked if why[one]]
    return report.Run(
        torch=torch.__version__,
        scale="full" if full else "quick",
        seed=seed,
        seconds=time.perf_counter() - started,
        devices=tuple(map(described, chosen)),
        gpu=_gpu(chosen, device),
        results=tuple(sorted(results, key=lambda result: (result.code, result.device))),
    )


def _rules(asked: Sequence[str]) -> list[Rule]:
    every = registry()
    names = {rule.name: code for code, rule in every.items()}
    prefixes = [names.get(one.lower(), one.upper()) for one in asked]
    for one, prefix in zip(asked, prefixes, strict=True):
        # because a misspelt rule that names nothing would confirm everything by running nothing
        if not prefix.startswith(_PREFIX) or not any(code.startswith(prefix) for code in every):
            raise BadInput(
                f"no such rule: {one!r} (a code such as RNN102, a prefix such as RNN1, or a name such as"
                f" {every['RNN102'].name})"
            )
    return [rule for code, rule in every.items() if not asked or code.startswith(tuple(prefixes))]


def _gpu(chosen: Sequence[str], asked: str) -> str:
    run = [device for device in chosen if device != "cpu"]
    if run:
        return f"run, {', '.join(run)}"
    return "not run: torch sees none" if asked == "auto" else "not run: not asked for"


def _bar(stream: TextIO, label: str) -> Callable[[int, int], None]:
    """Draws a bar on a terminal, and nothing elsewhere."""
    if not stream.isatty():
        return lambda _done, _all: None

    def draw(done: int, every: int) -> None:
        width = 40  # characters: it fits a terminal of 80 with the numbers beside it
        filled = width * done // max(1, every)
        stream.write(f"\r{label} [{'#' * filled}{'.' * (width - filled)}] {done}/{every} configurations")
        if done == every:
            stream.write("\r\033[K")
        stream.flush()

    return draw
