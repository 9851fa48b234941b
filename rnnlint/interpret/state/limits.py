"""Budgets.  Reaching one makes a value unknown or ends a run, and is said; it never raises.

What is said of each number is why it is there and where that is shown.  "A convention" is one that was written down
with the first version and has not been measured against others.  What was measured is how seldom each is reached: what
"real files" reach are places of 514 files of strangers' repositories and packages, and of the first seven those of 353
files that build an RNN (``python -m benchmarks.bench bounds``), on 30 November 2026.  Steps are those that are taken:
what is replayed is one (interpret.state.replay).
"""

from __future__ import annotations

from rnnlint.frozen import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """How much work a file, a function, a run, a value may be.  Each bounds a count, none a time: results must not
    depend on the machine."""

    configurations: int = 40
    """Runs of one function that are not ``cheap``: what five flags need (32), with room for a few numbers.  48 until
    the longest files of published packages took more than two seconds.  4 functions of real files have more."""

    cheap: int = 12_500
    """Steps of all runs of one function up to which they count as work and not one by one: where most of each is
    replayed there may be more than ``configurations``.  The functions of real files that have between 40 and 64 take
    7,700 to 12,400 for all of them, and a class whose flags decide about as many modules 150 for each, if there are 12
    (tests/interpret/test_bounds)."""

    cheap_configurations: int = 160
    """Runs of one function at most: four times ``configurations``, so that what is to be judged does not grow with
    every flag that is open."""

    attempts: int = 240
    """At a run of one function: those that only found out what they need to know are repeated.  Six for each run of
    ``configurations``, and more of them if there may be more of these; a run asks for one fact at a time."""

    steps: int = 20_000
    """Expressions and statements of one run.  40,000 until hostile programs were timed.  2 functions of real files have
    a longer run, both training loops; what is said of a run that is cut short is tests/interpret/test_bounds."""

    exploration: int = 60_000
    """Steps of all runs of one function: three of the longest, so that one function does not take the file's.  The
    top level of one real file has more, and the forward of a network that holds lists of lists of convolutions."""

    total_steps: int = 300_000
    """Steps of all runs of a file: five functions of the worst kind.  No real file gets there."""

    guest: int = 12_000
    """Steps of all runs of a file that builds no recurrent module, and is run for how it uses those of others.  A
    convention: pipelines that wrap a model in a dozen files took most of the time for what nobody finds there (26 s of
    stanza's largest group, where it is 7 s now; 14 s of neuralhydrology, where it is 3).  With 9,000 a
    script that hands a model sentences first is cut short before it has said so."""

    module_configurations: int = 4
    """Runs of the file's top level, whose work is to bind names: what comes after starts from the first of them."""

    binding: int = 2_000
    """Steps of a top level that has taken all of its own, for the definitions and names that still follow: the classes
    of a file often stand below what takes long.  A tenth of ``steps``; a definition takes one."""

    depth: int = 12
    """Calls inside calls.  A convention; each takes from Python's stack.  1 place of real files is deeper, or is of a
    function that calls itself, which is followed once more (evaluate/functions)."""

    rounds: int = 3
    """Of a loop that is run until nothing changes: the first begins with what was before the loop, the second with what
    one round left (the state of a first step), the third with what a state that came of a state is.  A convention
    beyond that: a loop that still changes is left as it is then."""

    unroll: int = 8
    """Iterations of a loop over something known: of layers, directions, cells, which are few.  A convention; what is
    longer is run as a loop over something unknown."""

    combinations: int = 216
    """Of what each of several values may be (three of which each is one of six): a ``cat`` of eight, each one of four,
    has 65,536, and what comes of more than a few is unknown.  A convention."""

    elements: int = 64
    """Of a list that grows, or of a tensor taken apart: as many as a program spells out.  A convention; what is longer
    is one of its elements."""

    length: int = 1_000
    """Elements of a display, a list or a dict that are told apart: vocabularies and tables of constants are longer, and
    nobody asks which of them it is (tests/safety/test_growing)."""

    weight: int = 1_000
    """Values in one value, each counted as often as it stands there: ``s = (s, s)`` doubles it with every line
    (tests/safety/test_growing)."""

    nesting: int = 60
    """Values in values: what walks through them calls itself, and Python's stack has an end
    (tests/safety/test_growing)."""

    digits: int = 60
    """Bits of a number that arithmetic may begin with.  torch's sizes have 63; Python's integers have no end, and a
    program may well write ``2 ** 10 ** 9``.  2 places of real files."""

    call_sites: int = 6
    """Of one class that are looked at, those met first: each is an exploration of all its methods.  A convention."""

    bases: int = 100
    """Classes of the file that one inherits from, itself included: each attribute is looked for in all of them, so a
    line of n classes costs n * n (tests/safety/test_growing)."""

    known: int = 1_000
    """Constants and objects that one call site hands on, counted in depth: a call site that is handed what another one
    was built with holds all of that again (tests/safety/test_linear)."""


LIMITS = Limits()
