"""The names of the recurrent modules, held against torch, and against what is done with them."""

from __future__ import annotations

import pytest
from torch import nn

from rnnlint import cells
from rnnlint.source.prefilter import mentions_rnn
from rnnlint.torch_api.modules.constructors import CONSTRUCTORS
from rnnlint.torch_api.modules.recurrent import PARAMETERS


def test_they_are_all_that_torch_has() -> None:
    """Of ``torch.nn``: every subclass of the two bases, none else."""
    members = {name: value for name, value in vars(nn).items() if isinstance(value, type)}
    layers = {name for name, value in members.items() if issubclass(value, nn.RNNBase)}
    steps = {name for name, value in members.items() if issubclass(value, nn.RNNCellBase)}
    assert layers == {*cells.LAYERS, cells.BASE}
    assert steps == {*cells.CELLS, "RNNCellBase"}
    assert set(cells.EVERY) == {*cells.LAYERS, *cells.CELLS, cells.BASE}


@pytest.mark.parametrize("mode", cells.MODES)
def test_the_modes_are_those_that_build_a_base(mode: str) -> None:
    nn.RNNBase(mode, 2, 3)
    assert cells.is_part_of(mode)


def test_which_keep_a_cell_state() -> None:
    for name in cells.CELLS:
        result = getattr(nn, name)(2, 3)(nn.Linear(2, 4).weight)
        assert isinstance(result, tuple) == cells.has_cell_state(name)
    for name in cells.LAYERS:
        _, state = getattr(nn, name)(2, 3)(nn.Linear(2, 4).weight)
        assert isinstance(state, tuple) == cells.has_cell_state(name)


@pytest.mark.parametrize("name", cells.EVERY)
def test_each_is_found_and_built(name: str) -> None:
    assert cells.is_part_of(name)
    assert cells.is_word_of(f"x = nn.{name}(1, 2)")
    assert mentions_rnn(f"import torch\nx = torch.nn.{name}(1, 2)\n")
    assert f"torch.nn.{name}" in CONSTRUCTORS
    assert name == cells.BASE or name in PARAMETERS


def test_a_part_is_no_word() -> None:
    assert cells.is_part_of("MyLSTMs")
    assert not cells.is_word_of("MyLSTMs")
    assert not mentions_rnn("import torch\nMyLSTMs = 1\n")
