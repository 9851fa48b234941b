"""The text of a value: what stands in it, and that nothing that reads otherwise has the same text."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from math import prod

import pytest
from hypothesis import given

from oracle.chains.chain import Setting, draw_setting
from oracle.chains.elements import sets
from oracle.chains.operations import answer
from oracle.chains.random_operations import draw
from rnnlint.axes import results
from rnnlint.axes.operations import axis_order, combine, regroup, select
from rnnlint.axes.reading import marking, text
from rnnlint.axes.states import Call, Factor, Given, Kind, Raises, Role, Somewhere, States, Unknown, shape
from rnnlint.runtime.truth.realized import realized
from rnnlint.values import domain, heap_cells
from rnnlint.values.origins import Fresh, Memory, StateOfCell
from rnnlint.values.shown import LIMIT, Words, shown
from tests.axes.arrangements import arrangements, known

CALL = Call("call", 2, 2, 4, 6, 5, 5)
OUTPUT, HIDDEN = results.output_of(CALL, True), results.state_of(CALL, Kind.HIDDEN)


class TestArrangements:
    @pytest.mark.parametrize(
        ("states", "said"),
        [
            (OUTPUT, "(sample, step, direction*unit[fwd|bwd]) of output, layer: last"),
            (results.output_of(CALL, False), "(step, sample, direction*unit[fwd|bwd]) of output, layer: last"),
            (HIDDEN, "(layer*direction[fwd|bwd], sample, unit) of h_n, step: final"),
            (results.state_of(CALL, Kind.CELL), "(layer*direction[fwd|bwd], sample, unit) of c_n, step: final"),
            (
                select.select(HIDDEN, 0, -1),
                "(sample, unit) of h_n, layer: last, direction: backward, step: 0",
            ),
            (select.select(HIDDEN, 0, -2), "(sample, unit) of h_n, layer: last, direction: forward, step: last"),
            (select.select(OUTPUT, 1, 3), "(sample, direction*unit[fwd|bwd]) of output, layer: last, step: 3"),
            (
                select.select(OUTPUT, 1, Somewhere.LAST_VALID),
                "(sample, direction*unit[fwd|bwd]) of output, layer: last, step: last valid",
            ),
            (
                select.select(OUTPUT, 1, Somewhere.ANYWHERE),
                "(sample, direction*unit[fwd|bwd]) of output, layer: last, step: some one",
            ),
            (
                combine.reduce(OUTPUT, [1], False),
                "(sample, direction*unit[fwd|bwd]) of output, layer: last, over step",
            ),
            (combine.contract(OUTPUT, 3), "(sample, step, 3) of output, layer: last, over direction, unit"),
            (
                regroup.reshape(OUTPUT, (4, 2, 3, 10)),
                "(sample, step//3, step%3, direction*unit[fwd|bwd]) of output, layer: last",
            ),
            (
                regroup.reshape(OUTPUT, (4, 6, 2, 5)),
                "(sample, step, direction[fwd|bwd], unit) of output, layer: last",
            ),
            (select.flip(OUTPUT, [1]), "(sample, step[::-1], direction*unit[fwd|bwd]) of output, layer: last"),
            (
                select.flip(OUTPUT, [2]),
                "(sample, step, direction[bwd|fwd]*unit[::-1]) of output, layer: last",
            ),
            (
                select.narrow(known(regroup.reshape(OUTPUT, (4, 6, 2, 5))), 3, 0, 3),
                "(sample, step, direction[fwd|bwd], unit[:3]) of output, layer: last",
            ),
            (
                regroup.reshape(HIDDEN, (5, 16)),
                "(cut1, cut2) of h_n, step: final, cut: layer*direction[fwd|bwd]*sample*unit as cut1*cut2 = 5*16",
            ),
            (
                select.narrow(known(regroup.reshape(HIDDEN, (5, 16))), 0, 2, 3),
                "(1, cut2) of h_n, step: final, cut1: 2, cut: layer*direction[fwd|bwd]*sample*unit as cut1*cut2 = 5*16",
            ),
            (
                combine.cat([known(select.narrow(OUTPUT, 1, 3, None)), known(select.narrow(OUTPUT, 1, 0, 2))], 1),
                "joined along dim 1 {(sample, step[3:], direction*unit[fwd|bwd]) of output, layer: last;"
                " (sample, step[:2], direction*unit[fwd|bwd]) of output, layer: last}",
            ),
            (
                combine.blend([known(combine.contract(OUTPUT, 10)), OUTPUT]),
                "combined {(sample, step, 10) of output, layer: last, over direction, unit;"
                " (sample, step, direction*unit[fwd|bwd]) of output, layer: last}",
            ),
            (
                combine.expand(known(select.select(OUTPUT, 1, 0)), (3, 4, 10)),
                "(3, sample, direction*unit[fwd|bwd]) of output, layer: last, step: 0",
            ),
            (
                regroup.reshape(results.output_of(Call("c", 1, 1, 3, 5, 7, 7), True), (3, 7, 5)),
                "(sample, cut1, cut2) of output, cut: step*unit as cut1*cut2 = 7*5",
            ),
            (marking.detached(HIDDEN), "(layer*direction[fwd|bwd], sample, unit) of h_n, step: final, detached"),
            (results.given(Given("a mask", (4, 6))), "a mask (4, 6)"),
            (axis_order.transpose(results.given(Given("a mask", (4, 6))), 0, 1), "(dim1, dim0) of a mask (4, 6)"),
            (select.select(results.given(Given("a mask", (4, 6))), 0, 2), "(dim1) of a mask (4, 6), dim0: 2"),
        ],
    )
    def test_are_said(self, states: States, said: str) -> None:
        assert text.text(known(states)) == said

    def test_windows_that_overlap(self) -> None:
        step = Factor(Role.STEP, 4), Factor(Role.STEP, 3)
        block = replace(OUTPUT, axes=(OUTPUT.axes[0], step[:1], step[1:], OUTPUT.axes[2]))
        assert text.text(block).startswith("(sample, +step[0:4], +step[0:3], direction*unit[fwd|bwd])")

    @given(arrangements())
    def test_are_one_line_and_bounded(self, states: States) -> None:
        said = text.text(states)
        assert said.isprintable()
        assert len(said) <= text.LIMIT
        assert said == text.text(states)
        assert len(text.text(states, limit=60)) <= 60

    def test_that_read_otherwise_are_said_otherwise(self) -> None:
        """Of many chains on few calls, every text stands for one array of labels: what torch would show."""
        met: dict[tuple[Setting, str], bytes] = {}
        again = summaries = 0
        for setting, states in _drawn(settings=25, each=35):
            said = text.text(states, limit=2000)
            if text.is_summary(said):
                summaries += 1
                continue
            rows = sets(realized(states))
            reads = repr((shape(states), rows.shape)).encode() + rows.tobytes()
            again += (setting, said) in met
            assert met.setdefault((setting, said), reads) == reads, said
        assert again > 100  # or nothing was compared
        assert len(met) > 700
        assert summaries < 20


def _drawn(settings: int, each: int) -> Iterator[tuple[Setting, States]]:
    """Arrangements of a few calls: a call's result, and what drawn operations make of it."""
    for seed in range(settings):
        rng = random.Random(seed)
        setting = draw_setting(rng)
        for _ in range(each):
            states: States = setting.states()
            for _ in range(rng.randint(1, 4)):
                members = max(1, realized(states).shape[1])
                after = answer(states, draw(rng, shape(states), members))
                if not isinstance(after, Raises | Unknown) and prod(shape(after)) < 2000:
                    states = after
                    yield setting, states


def _module(**facts: object) -> domain.Recurrent:
    plain = domain.Recurrent("LSTM", domain.Lit(1), 1, False, domain.Lit(16), None, domain.Lit(8), None)
    return replace(plain, **facts)  # type: ignore[arg-type]


class _File(Words):
    """A file in which 4,000,012 is an open size, and 0 a list."""

    def __init__(self, cell: heap_cells.Cell | None = None) -> None:
        self.held = cell

    def call(self, call: Call) -> str:  # noqa: ARG002 - every call is of it
        return "self.rnn"

    def size(self, size: int) -> str:
        return "step" if size == 4_000_012 else str(size)

    def open(self, size: int) -> bool:
        return size > 4_000_000

    def cell(self, ref: domain.Ref) -> heap_cells.Cell | None:  # noqa: ARG002 - there is one
        return self.held


class TestValues:
    FREE = domain.Free("x", "here")

    @pytest.mark.parametrize(
        ("value", "said"),
        [
            (domain.Lit(5), "5"),
            (domain.Lit(5, frozenset({domain.Free("hidden")})), "5 (hidden)"),
            (domain.Lit(True), "True"),
            (domain.Lit(None), "None"),
            (domain.Lit("a" * 100), "'" + "a" * 36 + "..."),
            (domain.Lit(1.5), "1.5"),
            (FREE, "x, which this file does not determine"),
            (domain.Formless(FREE), "x, a tensor of unknown rank"),
            (domain.Formless(FREE, -1, 7), "x, a tensor of unknown rank, 1 axis fewer, the last of 7"),
            (domain.Formless(FREE, -1, unsure=True), "an item of x, which this file does not determine"),
            (domain.Formless(FREE, unsure=True), "a part of x, which this file does not determine"),
            (domain.SizeOf(domain.Formless(FREE)), "the shape of x, a tensor of unknown rank"),
            (domain.Tensor(results.given(Given(FREE, (4, 6)))), "the given x (4, 6)"),
            (
                domain.Tensor(known(axis_order.t(results.given(Given(FREE, (4, 6)))))),
                "(dim1, dim0) of the given x (4, 6)",
            ),
            (
                domain.Tensor(results.given(Given(Fresh(Memory.CONSTANT, 1, 1), (4, 6)))),
                "constants (4, 6)",
            ),
            (
                domain.Tensor(results.given(Given(StateOfCell(1, "LSTMCell", Kind.CELL), (4, 6)))),
                "the cell state of nn.LSTMCell (4, 6)",
            ),
            (_module(), "nn.LSTM(8, 16)"),
            (
                _module(layers=domain.Lit(2), directions=2, batch_first=True, projection=domain.Lit(3)),
                "nn.LSTM(8, 16, layers 2, bidirectional, batch_first, projected to 3)",
            ),
            (domain.RecurrentCell("GRUCell", domain.Lit(16), None, None), "nn.GRUCell(?, 16)"),
            (domain.Torch("torch.nn.LSTM"), "torch.nn.LSTM"),
            (domain.Items((domain.Lit(1), domain.Lit(2))), "tuple {1; 2}"),
            (domain.Items(()), "tuple {}"),
            (domain.Either((domain.Lit(1), domain.Lit(None))), "one of {1; None}"),
            (Unknown("too many possibilities meet here"), "unknown: too many possibilities meet here"),
            (
                domain.Items((domain.Tensor(OUTPUT), domain.Tensor(HIDDEN)), domain.ResultOf(CALL, "GRU")),
                "(output, state) {(sample, step, direction*unit[fwd|bwd]) of output, layer: last;"
                " (layer*direction[fwd|bwd], sample, unit) of h_n, step: final}",
            ),
            (domain.Bound(domain.Lit("a"), "join"), "the method join of {'a'}"),
            (domain.Chain((domain.Torch("torch.nn.ReLU"),)), "nn.Sequential {torch.nn.ReLU}"),
            (domain.Packed(OUTPUT, sorts=True), f"PackedSequence {{{text.text(OUTPUT)}}}, sorted by torch"),
            (domain.Ref(0), "a list, dict or object"),
        ],
    )
    def test_are_said(self, value: domain.Value, said: str) -> None:
        assert shown(value) == said

    @pytest.mark.parametrize(
        ("cell", "said"),
        [
            (heap_cells.ListCell((domain.Lit(1), domain.Lit(2))), "list {1; 2}"),
            (heap_cells.ListCell((domain.Lit(1),), domain.Lit(2)), "list {1; any number of 2}"),
            (heap_cells.DictCell((("a", domain.Lit(1)),), True), "dict {'a': 1; others}"),
        ],
    )
    def test_containers(self, cell: heap_cells.Cell, said: str) -> None:
        assert shown(domain.Ref(0), _File(cell)) == said

    def test_in_the_words_of_the_file(self) -> None:
        call = replace(CALL, steps=4_000_012)
        output = results.output_of(call, True)
        assert shown(domain.Tensor(output), _File()).endswith(" of output of self.rnn, layer: last")
        last = known(select.select(output, 1, -2))
        assert ", step: -2" in shown(domain.Tensor(last), _File())
        assert "step[:-1]" in shown(domain.Tensor(known(select.narrow(output, 1, 0, -1))), _File())
        copied = known(combine.expand(last, (4_000_012, 4, 10)))  # a size that is called like a role
        assert shown(domain.Tensor(copied), _File()).startswith("('step', sample,")

    def test_what_holds_itself_is_bounded(self) -> None:
        assert len(shown(domain.Ref(0), _File(heap_cells.ListCell((domain.Ref(0),) * 1000)))) <= LIMIT
        value: domain.Value = domain.Lit(1)
        for _ in range(500):
            value = domain.Items((value, value))
        assert len(shown(value)) <= LIMIT

    def test_what_is_left_out_is_counted(self) -> None:
        said = shown(domain.Items((domain.Tensor(OUTPUT),) * 50))
        assert said.endswith("; ... 46 more}")
        assert text.is_summary(said)
