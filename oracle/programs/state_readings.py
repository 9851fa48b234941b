"""Drawing what a program takes of ``h_n`` (and ``c_n``)."""

from __future__ import annotations

from oracle.programs.readings import Parts, Pen, Reading


class StateDrawer(Pen):
    """Readings of a state: entries, pairs of entries, all of it, views that separate layers and directions."""

    __slots__ = ()

    def rows(self, state: str) -> str:
        """Text for the number of samples of a state; sometimes that of its entries, a trap."""
        if self.chance(0.06):
            return f"{state}.size(0)"
        return self.one_of(f"{state}.size(1)", f"{state}.shape[1]")

    def state_axes(self, state: str, order: str = "") -> str:
        """A view of a state as (layers, directions, samples, units); in the order ``DL`` the first two exchanged."""
        n = self.names
        units = n.units_of_cell if state == n.cell else n.units
        order = order or self.rng.choice(("LD", "LD", "LD", "DL"))
        first, second = (n.layers, n.directions) if order == "LD" else (n.directions, n.layers)
        return f"{state}.{self.one_of('view', 'reshape')}({first}, {second}, {self.rows(state)}, {units})"

    def top(self, state: str) -> str:
        """The last entry of a state, in one of the many forms people write."""
        torch = self.names.torch
        count = f"{state}.size(0)"
        return self.one_of(
            *[f"{state}[-1]"] * 5,
            *([f"{state}[-1, :, :]"] * 3 if self.setup.batched else []),
            f"{state}[-1, ...]",
            f"{state}[-1:].squeeze(0)",
            f"{state}.select(0, -1)",
            f"{state}[{count} - 1]",
            f"{torch}.unbind({state})[-1]",
            f"{state}.unbind(0)[-1]",
            f"list({state})[-1]",
            f"[layer for layer in {state}][-1]",
            f"{state}.chunk({count}, dim=0)[-1].squeeze(0)",
            f"{state}.flip(0)[0]",
            f"{state}[{self.setup.layers * self.setup.directions - 1}]",
            f"{state}.narrow(0, {count} - 1, 1).squeeze(0)",
            *([f"{state}.transpose(0, 1)[:, -1]", f"{state}.permute(1, 0, 2)[:, -1, :]"] if self.setup.batched else []),
        )

    def last_entry(self, state: str, needs: str) -> Reading:
        """The last entry: of both directions only the backward one, where there are two."""
        return Reading(self.top(state), "H", needs, style="last of state")

    def first_entry(self, state: str, needs: str) -> Reading:
        """The first entry: layer 0, forward."""
        form = self.one_of(
            f"{state}[0]", f"{state}[0]", f"{state}[:1].squeeze(0)", f"{state}[0, ...]", f"{state}.select(0, 0)"
        )
        return Reading(form, "H", needs, style="first of state")

    def squeezed(self, state: str, needs: str) -> Reading:
        """A state without its first axis, where it has one entry; where it has more, squeezing leaves it as it is."""
        several = self.setup.layers * self.setup.directions > 1
        free = "squeeze(0) leaves an axis: harmless to a Linear by itself" if several else ""
        form = self.one_of(f"{state}.squeeze(0)", f"{self.names.torch}.squeeze({state}, 0)", f"{state}.squeeze(dim=0)")
        return Reading(form, "H", needs, style="squeeze", free=free)

    def last_two(self, state: str, needs: str) -> Reading:
        """Both directions of the last layer of a bidirectional RNN (or two layers of another)."""
        torch = self.names.torch
        rows = self.rows(state)
        # four in nine as two indices; the other forms, one each, are seldom but read the same
        form = self.rng.randrange(9)
        lines: Parts = ()
        if form <= 3 or not self.setup.batched:
            rest = ", :, :" if self.chance(0.4) and self.setup.batched else ""
            return self.joined([f"{state}[-2{rest}]", f"{state}[-1{rest}]"], "H", needs, (), "last two of state")
        if form == 4:
            text = self.one_of(
                f"{state}[-2:].transpose(0, 1).reshape({rows}, -1)",
                f"{state}[-2:].permute(1, 0, 2).flatten(1)",
                f"{state}[-2:].transpose(0, 1).contiguous().view({rows}, -1)",
                f"{torch}.cat(tuple({state}[-2:]), 1)",
                f"{torch}.cat({state}[-2:].unbind(0), dim=-1)",
                f"{torch}.cat([{state}[i] for i in (-2, -1)], dim=1)",
                f"{torch}.cat(list({state}[-2:]), dim=1)",
                f"{state}[[-2, -1]].transpose(0, 1).flatten(1)",
            )
            return Reading(text, "2H", needs, style="last two of state")
        if form == 5:
            text = self.one_of(f"{state}[-2:].reshape({rows}, -1)", f"{state}[-2:].view({rows}, -1)")
            return Reading(text, "2H", needs, style="cutting view of state")
        if form == 6:
            lines = (f"forward_end, backward_end = {state}[-2], {state}[-1]",)
            return self.joined(["forward_end", "backward_end"], "H", needs, lines, "last two of state")
        if form == 7:
            lines = (f"*_, fwd, bwd = {state}",)
            return self.joined(["fwd", "bwd"], "H", needs, lines, "starred state")
        text = self.one_of(f"{state}[-2:].sum(0)", f"{state}[-2:].mean(dim=0)", f"{state}[-2] + {state}[-1]")
        return Reading(text, "H", needs, style="last two of state")

    def first_two(self, state: str, needs: str) -> Reading:
        """The first two entries: both directions of layer 0, or two layers."""
        if self.chance(0.25):
            text = self.one_of(f"{state}[:2].sum(0)", f"{state}[:2].mean(0)", f"{state}[0] + {state}[1]")
            return Reading(text, "H", needs, style="first two of state")
        return self.joined([f"{state}[0]", f"{state}[1]"], "H", needs, (), "first two of state")

    def every_entry(self, state: str, needs: str) -> Reading:
        """All entries: pooled, side by side, or cut by a view that leaves samples in front of their own entries."""
        torch, rows = self.names.torch, self.rows(state)
        # without samples there is nothing to put side by side
        if not self.setup.batched or self.chance(0.2):
            text = self.one_of(
                f"{state}.sum(0)", f"{state}.mean(0)", f"{state}.mean(dim=0)", f"{torch}.sum({state}, 0)"
            )
            return Reading(text, "H", needs, style="pooled state")
        form = self.rng.randrange(6)
        if form == 4:
            count = self.names.layers
            free = "the bound is a count of layers" if self.setup.both and self.setup.layers > 1 else ""
            text = f"{torch}.cat([{state}[i] for i in range({count})], dim=1)"
            return Reading(text, "LH", needs, style="layers of state", free=free)
        if form == 0:
            lines = ("parts = []", f"for i in range({state}.size(0)):", f"    parts.append({state}[i])")
            return Reading(f"{torch}.cat(parts, dim=1)", "LDH", needs, lines, "loop over state")
        if form == 1:
            return Reading(f"{state}.reshape({rows}, -1)", "LDH", needs, style="cutting view of state")
        text = self.one_of(
            f"{state}.transpose(0, 1).reshape({rows}, -1)",
            f"{state}.transpose(0, 1).contiguous().view({rows}, -1)",
            f"{state}.permute(1, 0, 2).flatten(1)",
            f"{state}.swapaxes(0, 1).flatten(start_dim=1)",
            f"{torch}.cat(list({state}), 1)",
            f"{torch}.cat([layer for layer in {state}], dim=1)",
            f"{torch}.cat([{state}[i] for i in range({state}.shape[0])], dim=-1)",
            f"{torch}.cat({torch}.unbind({state}, 0), 1)",
            f"{torch}.cat(tuple({state}), dim=-1)",
        )
        return Reading(text, "LDH", needs, style="all of state")

    def einops_state(self, state: str, needs: str) -> Reading:
        """By ``einops.rearrange``: entries beside or (wrongly) below each other, or layers and directions apart."""
        pattern, width = self.rng.choice((("l n h -> n (l h)", "LDH"), ("l n h -> (l n) h", "H")))
        if width == "H" and self.setup.layers * self.setup.directions > 1:
            pattern, width = f"(l d) n h -> l n (d h)', d={self.names.directions})[-1]", "DH"
            return Reading(f"rearrange({state}, '{pattern}", width, needs, style="einops")
        return Reading(f"rearrange({state}, '{pattern}')", width, needs, style="einops")

    def by_layers(self, state: str, needs: str) -> Reading:
        """Through a view that separates layers and directions, in one order or the other."""
        rows = self.rows(state)
        lines = (f"v = {self.state_axes(state)}",)
        one = [f"{self.one_of('v[-1, 0]', 'v[-1][0]')}", f"{self.one_of('v[-1, 1]', 'v[-1][1]', 'v[-1, -1]')}"]
        form = self.rng.randrange(6)
        if form == 0:
            return Reading(self.one_of("v[-1, -1]", "v[-1][-1]", "v[-1, 0]"), "H", needs, lines, "view of state")
        if form == 1:
            text = f"v[-1].transpose(0, 1).reshape({rows}, -1)"
            return Reading(text, "DH", needs, lines, "view of state", self._by_accident())
        if form == 2:
            return Reading(f"v[-1].reshape({rows}, -1)", "DH", needs, lines, "view of state", self._by_accident())
        if form == 3:
            return Reading(
                self.one_of("v[-1].sum(0)", "v[-1].mean(dim=0)"),
                "H",
                needs,
                lines,
                "view of state",
                self._by_accident(),
            )
        return self.joined(one, "H", needs, lines, "view of state", self._by_accident())

    def _by_accident(self) -> str:
        if self.setup.layers == 2 and self.setup.both:
            return "two layers and two directions: the exchanged view still holds the right entries, by accident"
        return ""

    def strided(self, state: str, needs: str) -> Reading:
        """Every second entry, from 0 and from 1: the directions apart."""
        lines = (f"fwd, bwd = {state}[0::2], {state}[1::2]",)
        return self.joined(["fwd[-1]", "bwd[-1]"], "H", needs, lines, "strided state")

    def counted_by_layers(self, state: str, needs: str) -> Reading:
        """As many entries as layers, of an axis that also counts directions."""
        count = self.names.layers
        part = self.one_of(f"{state}[:{count}]", f"{state}[-{count}:]")
        free = "the bound is a count of layers" if self.setup.both and self.setup.layers == 2 else ""
        text = f"{part}.transpose(0, 1).reshape({self.rows(state)}, -1)"
        return Reading(text, "LH", needs, style="layers of state", free=free)

    def as_batch_first(self, state: str, needs: str) -> Reading:
        """An index along the samples, as if ``batch_first`` changed the layout of states: it does not."""
        text = self.one_of(f"{state}[:, -1]", f"{state}[:, -1, :]", f"{state}[:, 0]", f"{state}[:, 0, :]")
        return Reading(text, "H", needs, style="state read as batch first")
