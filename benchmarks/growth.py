"""What one file costs as its text, its classes, their call sites, open flags and rules grow.

The tests count steps (tests/safety/test_linear.py); here it is time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from benchmarks.goals import line, ratio
from benchmarks.parses import reached_bounds
from benchmarks.timing import best_in_turn
from rnnlint.linter import lint
from rnnlint.rules import hits, registry
from rnnlint.rules.rule import Rule
from rnnlint.source.prefilter import mentions_rnn

FIXTURES = Path(__file__).resolve().parents[1] / "fixtures"

HEAD = "from torch import nn\n"
MODEL = """
class Model{number}(nn.Module):
    def __init__(self{parameters}):
        super().__init__()
        self.rnns = nn.ModuleList([{modules}])
        self.fc = nn.Linear({width}, 2)
{built}
    def forward(self, x):
        end = self.rnns[0](x)[0][:, -1]
        rest = [rnn(x)[0][:, -1] for rnn in self.rnns]
{used}        return self.fc(end), rest
"""
GRU = "nn.GRU(8, 20, batch_first=True, bidirectional={})"


def model(number: int = 0, flags: Sequence[str] = (), modules: Sequence[str] = ("True",), fit: str = "") -> str:
    """A class with parameters of these names, with modules that are bidirectional or not by these expressions.

    ``fit`` is what ``forward`` does to its first result where a flag ``{}`` is set.
    """
    parameters = "".join(f", {flag}=False" for flag in flags)
    built = "".join(f"        self.{flag} = {flag}\n" for flag in flags)
    used = "".join(f"        if self.{flag}:\n            {fit.format(flag)}\n" for flag in flags if fit)
    shown = ", ".join(GRU.format(module) for module in modules)
    width = f"40 if {modules[0]} else 20"  # of the first module's output, so that no configuration raises
    return MODEL.format(number=number, parameters=parameters, modules=shown, width=width, built=built, used=used)


def names(count: int) -> list[str]:
    """So many parameters."""
    return [f"flag{number}" for number in range(count)]


# As people have them: what is read by nothing that is about states, what adds a layer, and what decides about states.
def flags_of_others(count: int) -> str:
    """Flags on which nothing about states depends: what they choose comes of other things."""
    return HEAD + model(flags=names(count), fit="print(x.mean(), '{}')")


def flags_on_the_way(count: int) -> str:
    """Flags that choose whether something is done to a result that keeps what its axes are."""
    return HEAD + model(flags=names(count), fit="end = end.relu()  # {}")


def flags_of_states(count: int) -> str:
    """Flags each of which decides whether a module is bidirectional."""
    return HEAD + model(flags=names(count), modules=names(count))


def classes(count: int) -> str:
    """So many classes."""
    return HEAD + "".join(model(number) for number in range(count))


def call_sites(count: int) -> str:
    """One class, built and called in so many functions."""
    calls = (f"\ndef use{number}(x):\n    return Model0(bool({number}))(x)\n" for number in range(count))
    return HEAD + model(flags=names(1), modules=names(1)) + "".join(calls)


def statements(count: int) -> str:
    """A function of so many statements on a recurrent module's result."""
    return HEAD + "\ndef run(x):\n    y, _ = nn.GRU(8, 20)(x)\n" + "    y = y.relu() + 1\n" * count


FLAGS = (
    ("that nothing about states reads", flags_of_others),
    ("that choose what is done on the way", flags_on_the_way),
    ("that decide about states", flags_of_states),
)
# what, its text by how many, and two of them: from the first on, what is added must cost no more than it has
LINEAR = (
    ("statements", statements, 200, 1600),
    ("classes", classes, 4, 32),
    ("call sites", call_sites, 4, 32),
)
SLOWER = (
    1.2  # how much more a unit may cost among eight times as many, and still count as linear: noise, and logarithms
)


@contextmanager
def only(count: int) -> Iterator[None]:
    """Judge with the first ``count`` rules of the catalogue."""
    every = hits._checks()
    kept = set(list(registry())[:count])
    some: Mapping[type, list[Rule]] = {
        event: [rule for rule in rules if rule.code in kept] for event, rules in every.items()
    }
    checks, hits._checks = hits._checks, lambda: some  # type: ignore[assignment]
    try:
        yield
    finally:
        hits._checks = checks


def rules(rounds: int) -> Iterator[str]:
    """A line that says what all rules add to the runs of files, over none."""
    texts = [path.read_text(encoding="utf-8") for path in sorted(FIXTURES.rglob("*.py"))]
    texts = [text for text in texts if mentions_rnn(text)]

    def with_rules(count: int) -> None:
        with only(count):
            for text in texts:
                lint(text)

    every = len(registry())
    none, all_ = best_in_turn([lambda: with_rules(0), lambda: with_rules(every)], rounds)
    yield line(f"all {every} rules over none, {len(texts)} fixtures", ratio(all_, none), 1.2)


def growth(rounds: int) -> Iterator[str]:
    """Lines that say how the time of a file grows, beside the goals."""
    rounds = max(rounds, 3)
    yield "growth of lint(): a class with 12 independent flags over one with 3"
    for what, text in FLAGS:
        three, twelve = _timed([text(3), text(12)], rounds)
        shown = f"flags {what} ({three * 1e3:.0f} ms, {twelve * 1e3:.0f} ms)"
        # said, because a file that a bound cuts short does not grow
        cut = "".join(f"  cut short: {bound}" for bound in reached_bounds(lint(text(12))))
        yield line(shown, ratio(twelve, three), 3.0) + cut
    yield f"growth of lint(): the cost of one of many over that of one of few; linear is 1, with a margin of {SLOWER}"
    for what, text, few, many in LINEAR:
        first, last = _timed([text(few), text(many)], rounds)
        shown = f"{what}, {many} over {few} ({first * 1e3:.0f} ms, {last * 1e3:.0f} ms)"
        yield line(shown, ratio(last / many, first / few), SLOWER)
    yield from rules(rounds)


def _timed(texts: Sequence[str], rounds: int) -> tuple[float, ...]:
    for text in texts:
        assert lint(text).modules.seen, "what builds no RNN would show nothing"
    return best_in_turn([lambda text=text: lint(text) for text in texts], rounds)  # type: ignore[misc]
