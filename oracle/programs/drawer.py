"""Drawing any reading that a configuration can be asked for."""

from __future__ import annotations

from collections.abc import Callable

from oracle.programs.output_readings import OutputDrawer
from oracle.programs.readings import Reading
from oracle.programs.state_readings import StateDrawer


class Drawer(OutputDrawer, StateDrawer):
    """Readings of all results of a call."""

    __slots__ = ()

    def draw(self, with_lengths: bool) -> Reading:
        """Any reading that this configuration can be asked for."""
        n = self.names
        if not self.setup.batched:
            return self._unbatched()
        if with_lengths and self.chance(0.5):
            return self.by_lengths()
        # Repeated as people do it: the last step, the final state and its two halves are most of what is written.
        of_output: list[Callable[[], Reading]] = [self.one_end] * 3 + [self.step_by_loop, self.pooled, self.pooled]
        of_output += [self.all_steps, self.flattened_steps, self.other_layout_view, self.whole_ends]
        state, needs = (n.hidden, "hidden")
        if self.setup.cell == "LSTM" and self.chance(0.06):
            state, needs = (n.cell, "cell")
        of_state = [self.last_entry] * 3 + [
            self.first_entry,
            self.first_two,
            self.last_two,
            self.every_entry,
            self.every_entry,
        ]
        of_state += [self.squeezed, self.by_layers, self.counted_by_layers, self.as_batch_first, self.einops_state]
        if self.setup.both:
            of_output += [self.halves] * 4 + [self.added_halves, self.wrong_split]
            of_state += [self.last_two] * 3 + [self.by_layers, self.strided]
        if self.chance(0.5):
            return self.rng.choice(of_output)()
        return self.rng.choice(of_state)(state, needs)

    def _unbatched(self) -> Reading:
        n = self.names
        of_output = [self.one_end, self.pooled] + ([self.halves] if self.setup.both else [])
        if self.chance(0.5):
            return self.rng.choice(of_output)()
        return self.rng.choice((self.last_entry, self.first_entry, self.last_two, self.every_entry))(n.hidden, "hidden")
