"""What one file costs as rules, text and open facts grow.  Printed, never asserted: the tests count steps instead.

python -m benchmarks.growth [--rounds N]
"""

from __future__ import annotations

import argparse
import statistics
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from benchmarks.timing import seconds
from rnnlint.interpret.explore import explore
from rnnlint.linter import lint
from rnnlint.rules import hits, registry
from rnnlint.rules.rule import Rule
from rnnlint.source.parse import NotAnalysed, parse
from rnnlint.source.prefilter import mentions_rnn

FIXTURES = Path(__file__).resolve().parents[1] / "fixtures"

MODEL = """
class Model{number}(nn.Module):
    def __init__(self, {parameters}):
        super().__init__()
        self.rnns = nn.ModuleList([{modules}])
        self.fc = nn.Linear(40, 2)

    def forward(self, x):
        end = self.rnns[0](x)[0][:, -1]
        rest = [rnn(x)[0][:, -1] for rnn in self.rnns]
        return self.fc(end), rest
"""


def models(copies: int, flags: int) -> str:
    """A file of ``copies`` classes, each with as many modules as flags, bidirectional or not by the flags."""
    names = [f"b{number}" for number in range(flags)]
    modules = [f"nn.GRU(8, 20, batch_first=True, bidirectional={name})" for name in names]
    modules = modules or ["nn.GRU(8, 20, batch_first=True, bidirectional=True)"]
    texts = (
        MODEL.format(number=number, parameters=", ".join(names) or "*", modules=", ".join(modules)).replace(
            "(self, *)", "(self)"
        )
        for number in range(copies)
    )
    return "from torch import nn\n" + "".join(texts)


def median(action: Callable[[], object], rounds: int) -> float:
    """The median of the processor time of an action, in seconds, after one run that is not counted."""
    action()
    return statistics.median(seconds(action) for _ in range(rounds))


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


def rules(rounds: int) -> None:
    """Prints what rules add to the walk: none, half and all of them."""
    texts = [path.read_text(encoding="utf-8") for path in sorted(FIXTURES.rglob("*.py"))]
    texts = [text for text in texts if mentions_rnn(text)]
    print(f"\nlint() of {len(texts)} fixtures with so many rules (each file is walked once, whatever their number)")
    print(f"{'rules':>6} {'seconds':>9} {'over none':>10}")
    none = 0.0
    for count in (0, len(registry()) // 2, len(registry())):
        with only(count):
            taken = median(lambda: [lint(text) for text in texts], rounds)
        none = none or taken
        print(f"{count:6} {taken:8.2f}s {taken / none:10.3f}")


def size(rounds: int) -> None:
    """Prints what a class costs as a file has more of them: the same, if time grows with the text."""
    print("\nlint() of a file of so many classes of 12 lines")
    print(f"{'classes':>8} {'lines':>6} {'time':>9} {'a class':>9}")
    for copies in (1, 2, 4, 8, 16):
        text = models(copies, flags=1)
        taken = median(lambda text=text: lint(text), rounds)  # type: ignore[misc]
        print(f"{copies:8} {text.count(chr(10)):6} {taken * 1e3:7.1f}ms {taken / copies * 1e3:7.1f}ms")


def configurations(rounds: int) -> None:
    """Prints how the time grows with open flags, up to where the bound on configurations ends it."""
    print("\nlint() of a class whose modules depend on so many open flags")
    print(f"{'flags':>6} {'runs':>6} {'time':>9}  bound")
    # past 2 ** 6, beyond the 40 configurations of a function that are explored (interpret/state/limits.py)
    for flags in (0, 1, 2, 4, 6, 8, 12):
        text = models(1, flags)
        parsed = parse(text)
        assert not isinstance(parsed, NotAnalysed)
        runs = sum(len(one.outcomes) for one in explore(parsed.program).explorations if one.name == "Model0.forward")
        taken = median(lambda text=text: lint(text), rounds)  # type: ignore[misc]
        bounds = [one.reason for one in lint(text).unknown if " more than " in one.reason]
        print(f"{flags:6} {runs:6} {taken * 1e3:7.1f}ms  {', '.join(bounds)}")


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    rounds = parser.parse_args().rounds
    rules(rounds)
    size(rounds)
    configurations(rounds)


if __name__ == "__main__":
    main()
