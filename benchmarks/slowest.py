"""What the slowest files spend their time on: which stage, and which function of theirs is being explored."""

from __future__ import annotations

import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from types import FrameType

from benchmarks.files import Source
from benchmarks.goals import ratio
from benchmarks.parses import Cost
from rnnlint.interpret.outcomes import Exploration
from rnnlint.linter import lint

EVERY = 0.002  # seconds of processor time between two looks: some hundreds of a file that is worth a question

# The stage a look belongs to, by the outermost frame that has one of these modules: what a stage calls is part of it.
# The longer name goes first where one is part of another.
STAGES = (
    ("rnnlint.interpret.coverage", "judging"),
    ("rnnlint.interpret", "exploring"),
    ("rnnlint.source.lower", "lowering"),
    ("rnnlint.source.positions", "judging"),  # where findings stand
    ("rnnlint.source", "reading"),
    ("libcst", "reading"),
    ("ast", "reading"),
    ("rnnlint.rules", "judging"),
    ("rnnlint.holding", "judging"),
    ("rnnlint.conditions", "judging"),
)
ELSE = "judging"  # the frames between: judge.py's own


class Looks:
    """Seconds of an action by stage, and by the exploration that was under way."""

    def __init__(self) -> None:
        self.stages: Counter[str] = Counter()
        self.explorations: Counter[str] = Counter()
        self._last = 0.0

    def of(self, action: Callable[[], object]) -> Looks:
        """Looks at an action while it runs."""
        before = signal.signal(signal.SIGPROF, self._look)
        self._last = time.process_time()
        signal.setitimer(signal.ITIMER_PROF, EVERY, EVERY)
        try:
            action()
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
            signal.signal(signal.SIGPROF, before)
        return self

    def _look(self, _: int, frame: FrameType | None) -> None:
        # by what has gone by since the last look, because a parser in Rust or C keeps all signals waiting until it ends
        now = time.process_time()
        passed, self._last = now - self._last, now
        frames: list[FrameType] = []
        while frame is not None:
            frames.append(frame)
            frame = frame.f_back
        stage = _stage(frames)
        self.stages[stage] += passed  # type: ignore[assignment]  # counts of seconds
        if stage == "exploring":
            name = _explored(frames)
            if name is not None:
                self.explorations[name] += passed  # type: ignore[assignment]


def _stage(frames: Sequence[FrameType]) -> str:
    """The stage that the frames, innermost first, are in."""
    for frame in reversed(frames):
        module = str(frame.f_globals.get("__name__", ""))
        for name, stage in STAGES:
            if module == name or module.startswith((f"{name}.", f"{name}_")):
                return stage
    return ELSE


def _explored(frames: Sequence[FrameType]) -> str | None:
    """The name of the function that is being explored, by the frame that holds its runs."""
    for frame in frames:
        if str(frame.f_globals.get("__name__", "")).startswith("rnnlint.interpret.explor"):
            for value in frame.f_locals.values():
                if isinstance(value, Exploration):
                    return value.name
    return None


def shares(counted: Counter[str]) -> list[tuple[str, float]]:
    """What was counted, as shares of all of it, the largest first."""
    whole = sum(counted.values())
    return [(name, ratio(seconds, whole)) for name, seconds in counted.most_common()]


def spent(costs: Sequence[Cost], sources: Sequence[Source], number: int) -> Iterator[str]:
    """Two lines for each of the files that take longest: seconds, parses, and what they are spent on."""
    texts = {source.name: source for source in sources}
    yield f"the {number} slowest files"
    for cost in sorted(costs, key=lambda one: -one.lint)[:number]:
        source = texts[cost.name]
        looks = Looks().of(lambda source=source: lint(source.text, source.name))  # type: ignore[misc]
        yield f"  {cost.lint:6.2f} s {cost.parses:6.1f} parses {cost.lines:6} lines  {cost.name}"
        stages = ", ".join(f"{stage} {share:.0%}" for stage, share in shares(looks.stages))
        dearest = "; ".join(f"{name} {share:.0%}" for name, share in shares(looks.explorations)[:3])
        yield f"           {stages}; of exploring: {dearest or 'nothing'}"
