"""The grid holds what is promised, and its programs build what they say."""

from __future__ import annotations

from itertools import product

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from rnnlint.rules.claims import Claim
from rnnlint.runtime.confirm.comparing import distance
from rnnlint.runtime.confirm.grid import CELLS, Configuration, full, quick, spread
from rnnlint.runtime.confirm.prepared import Labelled, Prepared
from rnnlint.runtime.confirm.programs import compose, constructor, described, shape

WHOLE = Claim("silent", "the output", "result = output", "output")


def structure(one: Configuration) -> tuple[object, ...]:
    cell = (one.cell, "proj" if one.proj else one.nonlinearity)
    return (*cell, one.layers, one.directions, one.batch_first, one.batched, one.packed)


def every_structure() -> set[tuple[object, ...]]:
    flags = (True, False)
    calls = [call for call in product(flags, flags, flags) if call[1] or not call[2]]  # only batches are packed
    return {(*cell, layers, ways, *call) for cell in CELLS for layers in (1, 2, 3) for ways in (1, 2) for call in calls}


@pytest.mark.parametrize("grid", [quick, full])
class TestBothGrids:
    def test_has_every_cell_depth_direction_and_layout(self, grid: type) -> None:
        assert set(map(structure, grid())) == every_structure()

    def test_is_sorted_and_has_no_two_alike(self, grid: type) -> None:
        weights = [one.weight for one in grid()]
        assert weights == sorted(set(weights))

    @pytest.mark.parametrize("layers", [1, 2, 3])
    @pytest.mark.parametrize("directions", [1, 2])
    def test_has_sizes_that_coincide_and_sizes_that_do_not(self, grid: type, layers: int, directions: int) -> None:
        some = [one for one in grid() if (one.layers, one.directions, one.batched) == (layers, directions, True)]
        rows = layers * directions
        assert any(one.samples == one.steps == one.units > 1 for one in some)
        assert any(one.samples == rows and one.steps > 1 for one in some)
        assert any(one.samples == 1 and one.steps > 1 and one.units > 1 for one in some)
        assert any(one.steps == 1 and one.samples > 1 for one in some)
        assert any(one.units == 1 and one.samples > 1 and one.steps > 1 for one in some)
        assert any(one.samples == one.steps == one.units == 1 for one in some)

        def apart(one: Configuration) -> bool:
            sizes = {one.samples, one.steps, one.inputs, one.units, directions * one.units, one.hidden, rows}
            return len(sizes) == 5 + (directions == 2) + bool(one.proj)

        assert any(map(apart, some))

    def test_packs_unsorted_lengths(self, grid: type) -> None:
        packed = [one for one in grid() if one.packed]
        assert all(max(one.lengths) == one.steps and min(one.lengths) >= 1 for one in packed)
        many = [one for one in packed if one.samples > 1 and one.steps > 1]
        assert many
        assert all(one.lengths != tuple(sorted(one.lengths, reverse=True)) for one in many)


def test_quick_is_a_part_of_full() -> None:
    assert set(quick()) < set(full())


def test_every_size_meets_every_cell_in_the_quick_grid() -> None:
    for cell, steps, samples in product(CELLS, (True, False), (True, False)):
        chosen = [one for one in quick() if structure(one)[:2] == cell and one.batched]
        assert any((one.steps == 1, one.samples == 1) == (steps, samples) for one in chosen)


def test_where() -> None:
    one = next(one for one in full() if one.proj and one.packed)
    assert one.meets("proj and packed and batched and cell == 'LSTM' and H == proj and C == H + 3")
    assert not one.meets("nonlinearity == 'relu' or not packed")
    with pytest.raises(NameError):
        one.meets("steps > 1")


@given(st.lists(st.integers(), unique=True, min_size=1), st.integers(2, 40))
def test_spread(items: list[int], count: int) -> None:
    chosen = spread(items, count)
    assert len(chosen) == min(count, len(items))
    assert list(chosen) == [item for item in items if item in chosen]
    assert {items[0], items[-1]} <= set(chosen)


SOME = spread(full(), 24)


@pytest.mark.filterwarnings("ignore:LSTM with projections:UserWarning")
@pytest.mark.parametrize("configuration", SOME, ids=described)
class TestPrograms:
    def test_the_text_runs_as_it_stands(self, configuration: Configuration) -> None:
        names: dict[str, object] = {}
        exec(compose(WHOLE, configuration).text, names)
        assert isinstance(names["rnn"], nn.RNNBase)

    def test_the_text_builds_the_configuration(self, configuration: Configuration) -> None:
        built = eval(constructor(configuration), {"nn": nn})
        prepared = Prepared(configuration, "cpu", torch.float64, 0)
        assert repr(built) == repr(prepared.module)
        assert tuple(prepared.x.shape) == shape(configuration)

    def test_what_is_run_is_what_the_text_says(self, configuration: Configuration) -> None:
        """The text run as it stands, on the same weights and input, returns the same."""
        program = compose(WHOLE, configuration)
        here = Prepared(configuration, "cpu", torch.float64, 0)
        names: dict[str, object] = {}
        exec(program.text, names)
        rnn, read = names["rnn"], names["read"]
        assert isinstance(rnn, nn.RNNBase)
        assert callable(read)
        rnn.double().load_state_dict(here.module.state_dict())
        lengths = [torch.tensor(configuration.lengths)] if configuration.packed else []
        assert torch.equal(read(here.x, *lengths), torch.as_tensor(here.run(program)))

    def test_the_worlds_hold_whole_results(self, configuration: Configuration) -> None:
        """Whole results as documented: of the reference they are torch's numbers, of the labels torch's labels."""
        state = "h_n, c_n" if configuration.cell == "LSTM" else "h_n,"
        claim = Claim("silent", "everything", f"result = output, {state}", f"(output, {state})")
        program = compose(claim, configuration)
        numbers = Prepared(configuration, "cpu", torch.float64, 0)
        torch.testing.assert_close(numbers.run(program), numbers.reference.value(claim.expected))
        labelled = Labelled(configuration, 0)
        labels = labelled.run(program)
        assert distance(labels, labelled.world.value(claim.expected)).error == 0
        assert isinstance(labels, tuple)
        assert all(map(labelled.known, labels))


def test_a_program_that_changes_its_results_leaves_those_of_the_next_alone() -> None:
    configuration = SOME[-1]
    here = Prepared(configuration, "cpu", torch.float64, 0)
    spoiled = Claim("silent", "spoiled", "output = output.mul_(0)\nresult = output", "output * 0")
    before = here.run(compose(WHOLE, configuration))
    here.run(compose(spoiled, configuration))
    assert torch.equal(torch.as_tensor(before), torch.as_tensor(here.run(compose(WHOLE, configuration))))
