"""Budgets.  Reaching one makes a value unknown or ends a run, and is said; it never raises."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    configurations: int = 40  # runs of one function
    attempts: int = 240  # at a run of one function: those that only found out what they need to know are repeated
    steps: int = 20_000  # expressions and statements of one run
    exploration: int = 60_000  # steps of all runs of one function
    total_steps: int = 300_000  # of one file
    module_configurations: int = 4  # of the file's top level, whose work is to bind names
    depth: int = 12  # calls inside calls
    rounds: int = 3  # of a loop that is run until nothing changes
    unroll: int = 8  # iterations of a loop over something known
    elements: int = 64  # of a list that grows, or of a tensor taken apart
    length: int = 1_000  # elements of a display, a list or a dict that are told apart
    weight: int = 1_000  # values in one value, each counted as often as it stands there
    nesting: int = 60  # values in values: what walks through them calls itself, and Python's stack has an end
    digits: int = 60  # bits of a number that arithmetic may produce
    call_sites: int = 6  # of one class
    bases: int = 100  # classes of the file that one inherits from, itself included
    known: int = 1_000  # constants and objects that one call site hands on, counted in depth


LIMITS = Limits()
