"""The linter and the audit agree: on every fixture, and on drawn programs.

A finding that depends on a configuration counts where that configuration is run; a line that is not run says nothing.
"""

from __future__ import annotations

import random
from pathlib import Path

import pytest
import torch

from oracle.programs.draw import draw
from rnnlint.linter import lint
from rnnlint.report import Report
from rnnlint.runtime.auditing.report import UNSEEN
from tests.audit.running import Reported, run
from tests.rules.expectations import fixtures, linted, named, raised

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning", "ignore::DeprecationWarning")

SCRIPTED = frozenset({"constructs/scripted.py"})  # torch.jit wants source files, and runs none of their Python
CONSTRUCTS = [path for path in fixtures("constructs") if named(path) not in SCRIPTED]
EVERY = [*fixtures("rules"), *CONSTRUCTS, *fixtures("claims"), *fixtures("demo")]
ELSEWHERE = {
    "rules/RNN204/elsewhere.py",  # what shows the layout of the input is a call in the other arm
    "rules/RNN102/handed.py",  # what code of another file does with a summary is not run by the model
    "rules/RNN102/handed_rows.py",  # likewise
    "rules/RNN204/loader.py",  # what shows the layout of the input is the loader, of which a run sees tensors
    "rules/RNN102/row_by_row.py",  # a run meets numbers, and not that each is its sample's own last step
    "rules/RNN102/rows_of_a_list.py",  # likewise
    "constructs/overwritten.py",  # a run knows nothing of a tensor that was written over in part
    "rules/RNN401/own_length.py",  # of the numbers that it meets a run does not see which are lengths
    "rules/RNN405/own_length.py",  # likewise
    "rules/RNN204/channels.py",  # of a picture of one row a run does not see that the axis left are the channels
    "rules/RNN204/frames.py",  # of a loop a run sees one position after the other, and not that they are of one axis
    "rules/RNN204/sliding.py",  # what moves a window is a loop of the program, of which a run sees the windows
    "constructs/written_in_rounds.py",  # what is stored at a position, a run does not follow
    "constructs/stored_at_one.py",  # likewise
    "rules/RNN204/sampled.py",  # that a loop joins what it has made, or how, is no call of a module
    "rules/RNN103/arrays.py",  # what numpy does is not seen
    "constructs/as_numbers.py",  # likewise
    "constructs/counted_by_numpy.py",  # likewise
    "constructs/looked_at.py",  # a run sees that a tensor becomes a number, and not that this is only printed
    "constructs/last_of_lengths.py",  # a run meets numbers, and not that each is its sample's own last step
    "rules/RNN106/narrowed.py",  # of a function's keywords a run sees the numbers, and not how they are written
    "rules/RNN106/unflattened.py",  # a run meets numbers, and not that one of them is the number of layers
    "rules/RNN106/pairs.py",  # a run meets numbers, and not that one of them is a number of layers and something more
    "rules/RNN206/one_text.py",  # the run is of one text: its axis is no axis of samples there
    "rules/RNN306/own_output.py",  # in the run the sequence has one step, and its output is a state's shape
    "constructs/drawn_at_once.py",  # what one function of torch draws around a mean is new to a run
    "rules/RNN105/drawn.py",  # a run sees the noise that is added: a use of all that it is added to
    "rules/RNN204/lengthened.py",  # a run meets vectors, and not that each stands for a number of two axes
    "rules/RNN506/drawn_numbers.py",  # a run meets numbers, and not what they were drawn from
    "rules/RNN209/growing.py",  # likewise
    "rules/RNN506/alike.py",  # a run sees no loop of a method: the same step again may be a trial
    "rules/RNN305/padded_pair.py",  # what a function of torch returns can be seen, and not be put in another's place
}
# a state goes round in a loop of another function than the one that calls the module, and a run sees that call alone;
# what a function hands back, a run sees where it is used; the steps of a list, where they were taken apart
PLACED = {
    "rules/RNN510/through.py",
    "rules/RNN510/loader.py",
    "rules/RNN506/helpers.py",
    "rules/RNN304/handed_back.py",
    "constructs/changed_lists.py",
    "constructs/emptied_lists.py",
    "constructs/few_steps.py",
    "constructs/picked_of_parts.py",
}
# a run knows what the first two leave open, and of a method by itself that it reads one direction; in one on the CPU
# torch.device("cpu") and the model's device are the same
OPEN = {"constructs/facts.py", "constructs/star.py", "rules/RNN202/index_too_many.py", "rules/RNN406/model.py"}
UNDECIDED = "nothing in the file says"  # the file leaves open what the run shows
LARGE = {"claims/original_sizes.py"}  # for its 1,024 samples autograd would keep 1.6 GB, and nothing there asks for it
PADDED = {"RNN401", "RNN405"}  # drawn programs are run on samples of one length, which their files leave open


def shown(report: Report, lines: frozenset[int]) -> Reported:
    """What the linter reports on lines that were run, of what a run can show."""
    found = [one for one in report.findings if one.line in lines and one.code not in UNSEEN]
    return frozenset((one.line, one.code) for one in found)


@pytest.mark.parametrize("path", EVERY, ids=named)
def test_fixtures(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    with torch.set_grad_enabled(named(path) not in LARGE):
        seen = run(text, str(path))
    assert (seen.error is None) == (raised(text) is None)
    expected = shown(linted(path), seen.lines)
    if named(path) in OPEN:
        assert seen.reported > expected
    elif named(path) in PLACED:
        assert {code for _, code in seen.reported} == {code for _, code in expected}
    elif named(path) in ELSEWHERE:
        assert seen.reported < expected
    else:
        assert seen.reported == expected


@pytest.mark.parametrize("first", range(0, 120, 40))
def test_programs(first: int) -> None:
    for seed in range(first, first + 40):
        program = draw(random.Random(seed))
        name = f"<program {seed}>"
        runs, others = (
            [run(program.text, name, expression) for expression in expressions]
            for expressions in ((program.declared, *program.arms), program.doubtful)
        )
        reported, doubtful = (
            frozenset[tuple[int, str]]().union(*(one.reported for one in some)) for some in (runs, others)
        )
        expected = shown(lint(program.text, name), frozenset[int]().union(*(one.lines for one in runs)))
        assert reported <= expected or program.free.startswith(UNDECIDED), seed
        if not any(one.error for one in runs) and not program.free.startswith(UNDECIDED):
            missing = expected - reported - doubtful
            assert not {code for _, code in missing} - (PADDED if "packed" in program.styles else set()), seed
