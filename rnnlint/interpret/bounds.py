"""The bounds on the work for one function, as they are said where one is reached."""

from __future__ import annotations

from rnnlint.frozen import dataclass
from rnnlint.interpret.state.limits import LIMITS


@dataclass(frozen=True, slots=True)
class Bounds:
    """How far the runs of one function, or of a top level, may go; all are counted in steps of the whole file's runs.

    ``begun`` were taken before the first of them, up to ``allowance`` they may go, and all of the file's to ``total``;
    they may take ``most`` of them.
    """

    begun: int
    total: int
    of_module: bool
    most: int = LIMITS.exploration

    @property
    def allowance(self) -> int:
        return min(self.begun + self.most, self.total)

    def budget(self, steps: int) -> int:
        """What one run may take where so many were taken."""
        return max(0, min(LIMITS.steps, self.allowance - steps))

    def reached(self, steps: int, runs: int, attempts: int) -> str:
        """The bound that has been reached, as it is said; "" while there is none.

        The file's runs have taken so many ``steps``; of the function's, so many have come to an end, in so many
        ``attempts``.
        """
        cheap = steps - self.begun <= LIMITS.cheap
        most = LIMITS.cheap_configurations if cheap else LIMITS.configurations
        if self.of_module:
            most = LIMITS.module_configurations
        if runs >= most:
            return f"in more than {runs} configurations"
        if attempts > LIMITS.attempts * max(most, LIMITS.configurations) // LIMITS.configurations:
            return f"in more than {attempts - 1} attempts at a configuration"
        if steps > self.total:
            return f"beyond {self.total:,} steps of the file's runs"
        return f"beyond {self.most:,} steps of its runs" if steps > self.allowance else ""
