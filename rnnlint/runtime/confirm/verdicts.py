"""What came out, as plain data."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Error:
    """How far a result is from what is expected, and how far it may be; both relative to ``max(1, |expected|)``."""

    error: float
    tolerance: float

    @property
    def share(self) -> float:
        """The error as a part of what is allowed: 1 is the bound itself."""
        return self.error / self.tolerance


@dataclass(frozen=True, slots=True)
class Failure:
    """A configuration that refutes a claim, which witness says so, the numbers, and the program.

    ``weight`` tells the simpler of two failures: the lesser.
    """

    weight: tuple[int, ...]
    configuration: str
    witness: str
    numbers: str
    program: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came out for one claim, or one program of a page, in one dtype.

    ``worst`` is None where no number was compared; ``skipped`` says why it was not run.
    """

    kind: str
    text: str
    configurations: int = 0
    worst: Error | None = None
    failure: Failure | None = None
    skipped: str = ""

    @property
    def held(self) -> bool | None:
        """None where nothing was run."""
        if self.failure:
            return False
        return True if self.configurations else None

    def joined(self, other: Verdict) -> Verdict:
        """Of both: the same claim tried on more."""
        failures = [one for one in (self.failure, other.failure) if one]
        errors = [one for one in (self.worst, other.worst) if one]
        return replace(
            self,
            configurations=self.configurations + other.configurations,
            worst=max(errors, key=lambda error: error.share, default=None),
            failure=min(failures, key=lambda failure: failure.weight, default=None),
            skipped=self.skipped or other.skipped,
        )


@dataclass(frozen=True, slots=True)
class RuleResult:
    """What came out for one rule on one device in one dtype."""

    code: str
    name: str
    device: str
    dtype: str
    verdicts: tuple[Verdict, ...]

    @property
    def configurations(self) -> int:
        """On how many configurations the most widely tried claim was tried."""
        return max((verdict.configurations for verdict in self.verdicts), default=0)

    @property
    def verdict(self) -> str:
        """``confirmed``, ``refuted`` or ``not run``."""
        held = {verdict.held for verdict in self.verdicts}
        return "refuted" if False in held else "confirmed" if True in held else "not run"
