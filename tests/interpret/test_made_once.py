"""What the runs of a file make again and again is one object, and is what it would be if it were made anew."""

from __future__ import annotations

from rnnlint.axes.states import Unknown
from rnnlint.events import Site
from rnnlint.interpret.explore import explore
from rnnlint.interpret.state.made_once import MadeOnce
from rnnlint.interpret.state.recorded import same
from rnnlint.source import program as ir
from rnnlint.source import walking
from rnnlint.source.parse import Parsed, parse
from rnnlint.values.domain import Free, Lit, Ref

TEXT = """
import torch.nn as nn

class Model(nn.Module):
    def __init__(self, size=8, both=False):
        super().__init__()
        self.rnn = nn.GRU(size, 16, num_layers=2, bidirectional=both)

    def forward(self, batch):
        output, state = self.rnn(batch)
        return state[-1], output.sum()

Model()
Model(both=True)
"""


def parsed() -> ir.Program:
    found = parse(TEXT)
    assert isinstance(found, Parsed)
    return found.program


def test_a_place_is_one_object_in_all_runs_of_a_file() -> None:
    outcomes = [outcome for exploration in explore(parsed()).explorations for outcome in exploration.outcomes]
    sites = [event.site for outcome in outcomes for event in outcome.events if hasattr(event, "site")]
    plain = [site for site in sites if isinstance(site, Site) and not site.bounds]
    assert len(outcomes) > 2
    assert len({id(site) for site in plain}) < len(plain)
    assert len({id(site) for site in plain}) == len(set(plain))


def test_what_is_made_once_is_what_it_would_be_if_it_were_made_anew() -> None:
    made, constants = MadeOnce(), 0
    for node in walking.walk(parsed().body):
        if isinstance(node, ir.Constant):
            constants += 1
            origins = frozenset({node}) if type(node.value) is int else frozenset()
            assert same(made.literals[node], Lit(node.value, origins))
            assert made.literals[node] is made.literals[node]
        assert made.sites[node, "call"] == Site(node, "call")
        assert same(made.frees["x", node], Free("x", node))
        assert made.frees["x", node] is made.frees["x", node]
    assert constants == 6
    assert same(made.refs[3], Ref(3))
    assert made.refs[3] is made.refs[3]
    assert same(made.unknowns["lost", True], Unknown("lost", recurrent=True))
    assert same(made.unknowns["lost", False], Unknown("lost"))
