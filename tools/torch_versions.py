"""What comes out on which torch: ``python -m tools.torch_versions measure FILE`` and ``... page [FILE ...]``.

``measure`` runs the tests that ask torch and ``rnnlint confirm --quick`` on the torch installed here, tries the
:data:`FACTS`, and writes the result to ``FILE`` as one line of JSON; its exit status is 1 if anything failed or was
refuted.  ``page`` puts such results into docs/torch-versions.md, each in place of what stood there for that version;
without files it writes the page again from what it holds.  ``nox -s torch`` does the first for every version.
"""

from __future__ import annotations

import argparse
import json
import platform
import re
import subprocess
import sys
import warnings
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, TypeAlias

import pytest

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "torch-versions.md"
SUITES = ("tests/oracle", "tests/claims", "tests/rules/test_fixtures.py")  # what asks torch, but for tests/confirm

Outcomes: TypeAlias = dict[str, str]


@dataclass(frozen=True, slots=True)
class Fact:
    """What versions of torch do differently: an expression over ``torch``, ``nn`` and `seen`; what depends on it.

    ``since`` are the releases that changed it, found by trying those between the versions of the page.
    """

    expression: str
    since: tuple[str, ...]
    concerns: str


FACTS = (
    Fact("nn.LSTM(8, 20, 2, 0.5).bias", ("2.11",), "RNN504: a rate in the place of a flag"),
    Fact("nn.GRU(8, 20, batch_first=1).batch_first", ("2.11",), "RNN504: 0 and 1 as flags"),
    Fact('nn.RNN(8, 16, 2, "relu").nonlinearity', ("2.3",), "RNN504: the fourth parameter of nn.RNN"),
    Fact("nn.RNN(8, 16, 2, True).bias", ("2.3",), "RNN504: the fourth parameter of nn.RNN"),
    Fact("nn.GRU(0, 3).input_size", ("2.11",), "which programs run"),
    Fact("nn.GRU(2, 3, 0).num_layers", ("2.2",), "labelled modules: how torch refuses"),
    Fact("nn.GRU(2, 3)(torch.zeros(2))", ("2.0", "2.1"), "labelled modules: how torch refuses"),
    Fact("nn.GRU(2, 3)(torch.zeros(4, 1, 2).double())", ("2.1",), "labelled modules: how torch refuses"),
    Fact("nn.GRUCell(2, 3)(torch.zeros(4, 2), torch.zeros(1, 4, 3))", ("2.1",), "a cell's state with an axis too many"),
    Fact(
        "'GRU' in nn.GRU.__init__.__code__.co_names", ("2.0",), "labelled modules: a class that looks up its own name"
    ),
    Fact("torch.zeros(1, 2).squeeze((0,)).shape", ("2.0",), "the algebra: squeeze of several axes"),
    Fact("torch.zeros(()).unflatten(0, (1, 1)).shape", ("2.8",), "the algebra: how torch refuses"),
    Fact("torch.zeros(()).index_select(0, torch.tensor([0, 0])).shape", ("2.0",), "the algebra: whether torch refuses"),
    Fact("nn.utils.rnn.pad_sequence([torch.zeros(2)], padding_side='left').shape", ("2.5",), "padding in front"),
    Fact("seen(lambda: torch.zeros(2, 3)[0])", ("2.4",), "audit: what a TorchFunctionMode is asked about"),
    Fact("nn.Linear(2, 2).half()(torch.zeros(1, 2).half()).dtype", ("2.2",), "confirm: float16 on the CPU"),
    Fact("hasattr(torch.backends.cudnn, 'rnn')", ("2.9",), "confirm: how TF32 is switched off"),
    Fact("hasattr(torch.backends.cuda.matmul, 'fp32_precision')", ("2.2", "2.9"), "confirm: how TF32 is switched off"),
)


def seen(run: Callable[[], object]) -> list[str]:
    """The functions a TorchFunctionMode is asked about while ``run`` runs, but for the making of tensors."""
    from torch.overrides import TorchFunctionMode

    names: list[str] = []

    class Mode(TorchFunctionMode):
        def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
            names.append(func.__name__)
            return func(*args, **(kwargs or {}))

    with Mode():
        run()
    # the making of a tensor is no use of one
    return [name for name in names if name != "zeros"]


def outcome(expression: str) -> str:
    """What evaluating ``expression`` gives on this torch: its ``repr``, or the type of the exception."""
    import torch

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return repr(eval(expression, {"torch": torch, "nn": torch.nn, "seen": seen}))
        except (ValueError, TypeError, RuntimeError, IndexError, AssertionError, AttributeError) as error:
            return type(error).__name__


@dataclass(frozen=True, slots=True)
class Counts:
    """``failed``: how many tests failed, by function."""

    passed: int
    skipped: int
    failed: dict[str, int]


@dataclass(frozen=True, slots=True)
class Confirmed:
    """Verdicts of ``rnnlint confirm --quick``: ``refuted`` has the texts of the refuted claims, by code.

    ``error`` is what was said instead of results.
    """

    confirmed: list[str]
    refuted: dict[str, list[str]]
    not_run: list[str]
    error: str = ""


@dataclass(frozen=True, slots=True)
class Result:
    """One torch."""

    torch: str
    python: str
    tests: Counts
    confirm: Confirmed
    facts: Outcomes

    @property
    def release(self) -> str:
        """Without the build, ``2.6.0`` of ``2.6.0+cpu``."""
        return self.torch.partition("+")[0]

    @property
    def order(self) -> tuple[int, ...]:
        """(2, 6, 0): as numbers, because 2.10 comes after 2.9."""
        return tuple(int(part) for part in re.findall(r"\d+", self.release))

    @property
    def good(self) -> bool:
        """Whether nothing failed and nothing was refuted."""
        return not (self.tests.failed or self.confirm.refuted or self.confirm.error)

    def line(self) -> str:
        """As one line of JSON, for :func:`read`."""
        return json.dumps(asdict(self), ensure_ascii=False)


def read(line: str) -> Result:
    """The result written as ``line``."""
    held: dict[str, Any] = json.loads(line)
    return Result(**{**held, "tests": Counts(**held["tests"]), "confirm": Confirmed(**held["confirm"])})


class _Recorder:
    """A pytest plugin that keeps what came of each test."""

    def __init__(self) -> None:
        self.passed: set[str] = set()
        self.skipped: set[str] = set()
        self.failed: set[str] = set()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self.failed.add(report.nodeid)
        elif report.skipped:
            self.skipped.add(report.nodeid)
        # because setup and teardown report as well, and a test has passed once
        elif report.when == "call":
            self.passed.add(report.nodeid)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.failed.add(report.nodeid)

    def tests(self) -> Counts:
        # without parameters, because one mistake fails all cases of a test
        by_function = Counter(name.partition("[")[0] for name in self.failed)
        # a test that passed and failed in teardown has failed
        return Counts(len(self.passed - self.failed), len(self.skipped), dict(sorted(by_function.items())))


def run_tests(suites: Sequence[str] = SUITES, workers: int = 1) -> Counts:
    """Runs what exists of ``suites``; in a worker, so that one that dies is a test that failed."""
    recorder = _Recorder()
    # what exists, because an older checkout has other files
    paths = [path for path in suites if (ROOT / path).exists()]
    pytest.main(["-q", "-p", "no:cacheprovider", f"--rootdir={ROOT}", "-n", str(workers), *paths], plugins=[recorder])
    return recorder.tests()


def confirmed(output: str, errors: str = "") -> Confirmed:
    """Read from the JSON that ``rnnlint confirm`` prints; from its last error where it prints none."""
    try:
        rules = json.loads(output)["rules"]
    except ValueError:
        return Confirmed([], {}, [], error=(errors.strip().splitlines() or ["no output"])[-1])
    verdicts: dict[str, set[str]] = {}
    refuted: dict[str, list[str]] = {}
    for one in rules:
        verdicts.setdefault(one["code"], set()).add(one["verdict"])
        texts = [claim["text"] for claim in one["claims"] if claim["held"] is False]
        if one["verdict"] == "refuted":
            known = refuted.setdefault(one["code"], [])
            known += [text for text in texts if text not in known]
    rest = {code: held for code, held in verdicts.items() if code not in refuted}
    return Confirmed(
        sorted(code for code, held in rest.items() if "confirmed" in held),
        dict(sorted(refuted.items())),
        sorted(code for code, held in rest.items() if "confirmed" not in held),
    )


def run_confirm() -> Confirmed:
    """What ``rnnlint confirm --quick`` says in another process, which has torch to itself."""
    command = [sys.executable, "-m", "rnnlint", "confirm", "--quick", "--device", "cpu", "--output-format", "json"]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, encoding="utf-8", check=False)
    return confirmed(run.stdout, run.stderr)


def measure(workers: int = 1) -> Result:
    """The result for the torch installed here."""
    return Result(
        torch=version("torch"),
        python=platform.python_version(),
        tests=run_tests(workers=workers),
        confirm=run_confirm(),
        facts={fact.expression: outcome(fact.expression) for fact in FACTS},
    )


def results(page: str) -> list[Result]:
    """The results a page holds."""
    # by how a result begins: its first field is the version
    return [read(line) for line in page.splitlines() if line.startswith('{"torch"')]


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    return [f"| {' | '.join(row)} |" for row in (head, ["---"] * len(head), *rows)]


def _row(result: Result, newest: Result) -> list[str]:
    confirm = result.confirm
    verdicts = [f"{len(confirm.confirmed)} confirmed", *(f"{code} refuted" for code in confirm.refuted)]
    if confirm.not_run:
        verdicts.append(f"{len(confirm.not_run)} not run")
    other = [
        str(number)
        for number, fact in enumerate(FACTS, start=1)
        if result.facts.get(fact.expression) != newest.facts.get(fact.expression)
    ]
    return [
        result.release,
        result.python,
        str(result.tests.passed),
        str(sum(result.tests.failed.values())),
        confirm.error or ", ".join(verdicts),
        ", ".join(other) or "nothing",
    ]


def _spans(expression: str, known: Sequence[Result]) -> list[tuple[str, str]]:
    """What came out, and on which neighbouring versions: ``("ValueError", "2.13.0 to 2.15.0")``."""
    spans: list[tuple[str, str, str]] = []
    for result in known:
        came = result.facts.get(expression, "not tried")
        first = spans.pop()[1] if spans and spans[-1][0] == came else result.release
        spans.append((came, first, result.release))
    return [(came, first if first == last else f"{first} to {last}") for came, first, last in spans]


def _fact(number: int, fact: Fact, known: Sequence[Result]) -> list[str]:
    spans = _spans(fact.expression, known)
    found = "; ".join(f"{where}: `{came}`" for came, where in spans)
    return [str(number), f"`{fact.expression}`", found, ", ".join(fact.since), fact.concerns]


def _failures(result: Result) -> list[str]:
    lines = [f"- `{name}`" + (f" ({count} times)" if count > 1 else "") for name, count in result.tests.failed.items()]
    lines += [f"- {code}: {text}" for code, texts in result.confirm.refuted.items() for text in texts]
    return [f"torch {result.release}:", "", *lines, ""] if lines else []


_INTRODUCTION = """\
# torch versions

`nox -s torch` makes a virtual environment for every version below, installs that torch and this package, and runs
there, on the CPU, `rnnlint confirm --quick` and the tests in
{suites}.
One version is `nox -s "torch(2.6)"`; what follows `--` goes to pip when it installs torch, for example where to find
builds without CUDA, which are much smaller. Each leaves one line of JSON in `.nox/torch/VERSION.json`, and
`python -m tools.torch_versions page .nox/torch/*.json` writes them into this page.

`rnnlint[runtime]` asks for torch 2.0 or newer; 1.13 is here to show how far it goes. A version without a row has not
been run.
"""


def page(known: Sequence[Result]) -> str:
    """docs/torch-versions.md: the results in the order of the versions, tables of them, and the results themselves."""
    known = sorted(known, key=lambda result: result.order)
    newest = known[-1]
    head = ["torch", "Python", "passed", "failed", "confirm", "differs from the newest in"]
    failures = [line for result in known for line in _failures(result)]
    lines = [
        _INTRODUCTION.format(suites=", ".join(f"`{suite}`" for suite in SUITES)),
        *_table(head, [_row(result, newest) for result in known]),
        "",
        "## What differs",
        "",
        "Evaluated on every version: the value, or the type of the exception. The numbers are those of the last column",
        "above. Releases in between were tried once as well: a change is named by the first that was seen to have it.",
        "",
        *_table(
            ["", "expression", "gives", "changed in", "concerns"],
            [_fact(number, fact, known) for number, fact in enumerate(FACTS, start=1)],
        ),
        "",
        "## What failed or was refuted",
        "",
        *(failures or ["Nothing.", ""]),
        "## Results",
        "",
        "```json",
        *(result.line() for result in known),
        "```",
    ]
    return "\n".join(lines) + "\n"


def main(arguments: Sequence[str] | None = None) -> int:
    """The command.  Returns 1 where something failed or was refuted on the torch that was measured."""
    parser = argparse.ArgumentParser(prog="python -m tools.torch_versions", description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(dest="command", required=True)
    measuring = commands.add_parser("measure", help="run everything on the torch installed here")
    measuring.add_argument("file", type=Path, help="where to write the result")
    measuring.add_argument("--workers", type=int, default=1, help="processes that run tests (default: 1)")
    writing = commands.add_parser("page", help="write docs/torch-versions.md")
    writing.add_argument("files", type=Path, nargs="*", help="results to put into the page")
    options = parser.parse_args(arguments)
    if options.command == "measure":
        result = measure(options.workers)
        options.file.parent.mkdir(parents=True, exist_ok=True)
        options.file.write_text(result.line() + "\n", encoding="utf-8")
        print(result.line())
        return 0 if result.good else 1
    # two numbers, because a release of fixes (2.6.1) takes the row of the one before it; what is new comes after what
    # the page has, and so replaces it
    known = {one.order[:2]: one for one in results(PAGE.read_text(encoding="utf-8") if PAGE.exists() else "")}
    known |= {one.order[:2]: one for one in (read(path.read_text(encoding="utf-8")) for path in options.files)}
    if not known:
        parser.error("no results: give files written by measure")
    PAGE.write_text(page(list(known.values())), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
