"""Drawing what a program takes of ``output``, ``h_n`` and ``c_n``, right or wrong, in the ways people write it.

A reading is Python text over the names of the results.  Nothing here decides whether it is right: that is read off
the run (:mod:`rnnlint.runtime.programs.facts`).
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

from rnnlint.runtime.programs.spelling import Setup

Parts = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """``lines`` and then ``expression``; ``width`` names how many features it has (see :func:`width_text`).

    ``needs`` is the result it reads: "output", "hidden", "cell".  ``free`` says why the truth alone does not decide
    whether it should be reported, if it does not.
    """

    expression: str
    width: str
    needs: str
    lines: Parts = ()
    style: str = ""
    free: str = ""
    sequence: bool = False


@dataclass(frozen=True, slots=True)
class Names:
    """Expressions a reading may use: the three results, sizes, and torch's own name."""

    output: str
    hidden: str
    cell: str
    units: str
    units_of_cell: str
    layers: str
    directions: str
    lengths: str
    torch: str
    functional: str


@dataclass(frozen=True, slots=True)
class Drawer:
    """Draws readings for one configuration; ``batch_first`` is the layout ``output`` has where it is read."""

    rng: random.Random
    setup: Setup
    names: Names
    batch_first: bool

    def one_of(self, *forms: str) -> str:
        return self.rng.choice(forms)

    def chance(self, probability: float) -> bool:
        return self.rng.random() < probability

    # -- output ---------------------------------------------------------------------------------------------------

    @property
    def step_axis(self) -> int:
        return 1 if self.batch_first else 0

    def samples(self) -> str:
        n = self.names
        forms = [f"{n.output}.size({1 - self.step_axis})", f"{n.output}.shape[{1 - self.step_axis}]"]
        if self.batch_first:
            forms.append(f"len({n.output})")
        return self.rng.choice(forms)

    def steps(self) -> str:
        return self.one_of(f"{self.names.output}.size({self.step_axis})", f"{self.names.output}.shape[{self.step_axis}]")

    def at(self, tensor: str, last: bool, features: str = "") -> str:
        """``tensor`` (three axes, the layout of output) at its last or first step, and a slice of its features."""
        torch, axis = self.names.torch, self.step_axis
        if not self.setup.batched:
            index = "-1" if last else "0"
            return f"{tensor}[{index}, {features}]" if features else f"{tensor}[{index}]"
        if self.chance(0.1):
            axis = 1 - axis
        index = "-1" if last else "0"
        before = ":, " if axis == 1 else ""
        if features:
            rest = features if axis == 1 else f":, {features}"
            forms = [f"{tensor}[{before}{index}, {rest}]"] * 3
            forms += [f"{tensor}[{before}{index}][:, {features}]", f"{tensor}[..., {features}][{before}{index}]"]
            return self.rng.choice(forms)
        size = f"{tensor}.size({axis})"
        forms = [f"{tensor}[{before}{index}]"] * 5 + [f"{tensor}[{before}{index}, :]"] * 4
        forms += [
            f"{tensor}[{before}{index}, ...]",
            f"{tensor}.select({axis}, {index})",
            f"{tensor}.transpose(0, 1)[{':, ' if axis == 0 else ''}{index}]",
            f"{tensor}.permute(1, 0, 2)[{':, ' if axis == 0 else ''}{index}]",
            f"{tensor}.unbind({axis})[{index}]",
            f"{torch}.unbind({tensor}, dim={axis})[{index}]",
            f"{tensor}.flip({axis})[{before}{'0' if last else '-1'}]",
            f"{tensor}[{before}{'-1:' if last else ':1'}].squeeze({axis})",
            f"{tensor}.movedim({axis}, 0)[{index}]",
            f"{tensor}.split(1, dim={axis})[{index}].squeeze({axis})",
            f"{tensor}[{before}[{index}]].squeeze({axis})",
            f"list({tensor}.unbind({axis}))[{index}]",
        ]
        if last:
            forms += [f"{tensor}[{before}{size} - 1]", f"{tensor}[{before}{tensor}.shape[{axis}] - 1, :]"] * 2
            forms += [f"{tensor}.narrow({axis}, {size} - 1, 1).squeeze({axis})"]
            if axis == 0:
                forms += [f"[step for step in {tensor}][-1]"]
            if axis == 1:
                forms += [f"{tensor}[{torch}.arange({tensor}.size(0)), -1]"]
        return self.rng.choice(forms)

    def by_lengths(self) -> Reading:
        """Each sample's own last step, by fancy indexing or ``gather``."""
        n, axis = self.names, self.step_axis
        out = n.output
        rows = f"{n.torch}.arange({out}.size({1 - axis}))"
        if self.chance(0.6):
            index = f"{rows}, {n.lengths} - 1" if axis == 1 else f"{n.lengths} - 1, {rows}"
            return Reading(f"{out}[{index}]", "DH", "output", style="lengths")
        view = "(-1, 1, 1)" if axis == 1 else "(1, -1, 1)"
        width = "(-1, 1, {0}.size(2))" if axis == 1 else "(1, -1, {0}.size(2))"
        line = f"idx = ({n.lengths} - 1).view{view}.expand{width.format(out)}"
        return Reading(f"{out}.gather({axis}, idx).squeeze({axis})", "DH", "output", (line,), "lengths")

    def one_end(self) -> Reading:
        last = self.chance(0.8)
        return Reading(self.at(self.names.output, last), "DH", "output", style="step of output")

    def step_by_loop(self) -> Reading:
        out, axis = self.names.output, self.step_axis
        at = f"{out}[:, t]" if axis == 1 else f"{out}[t]"
        lines: Parts
        if self.chance(0.5):
            lines = (f"for t in range({self.steps()}):", f"    step = {at}")
        else:
            lines = (f"for step in {out}.unbind({axis}):", "    pass")
        return Reading("step", "DH", "output", lines, "loop over steps")

    def halves(self) -> Reading:
        """The two directions' halves of output, each at an end, joined."""
        n, out = self.names, self.names.output
        ends = self.rng.choice(((True, False), (True, False), (True, False), (True, True), (False, True)))
        form = self.rng.randrange(4)
        lines: Parts = ()
        if form == 0 or not self.setup.batched:
            width = n.units
            parts = [self.at(out, ends[0], f":{width}"), self.at(out, ends[1], self.one_of(f"{width}:", f"-{width}:"))]
        elif form == 1:
            split = self.one_of("chunk(2, dim=-1)", "chunk(2, -1)", f"split({n.units}, dim=-1)", f"split({n.units}, 2)")
            lines = (f"fwd, bwd = {out}.{split}",)
            parts = [self.at("fwd", ends[0]), self.at("bwd", ends[1])]
        elif form == 2:
            a, b = (self.samples(), self.steps()) if self.batch_first else (self.steps(), self.samples())
            call = self.one_of(f"view({a}, {b}, 2, {n.units})", f"unflatten(-1, (2, {n.units}))", f"reshape({a}, {b}, 2, -1)")
            lines = (f"both = {out}.{call}",)
            parts = [self.at("both", ends[0], "0"), self.at("both", ends[1], "1")]
            parts = [part.replace("[..., 0]", "[..., 0, :]").replace("[..., 1]", "[..., 1, :]") for part in parts]
        else:
            lines = (f"fwd = {out}[:, :, :{n.units}]", f"bwd = {out}[:, :, {n.units}:]")
            parts = [self.at("fwd", ends[0]), self.at("bwd", ends[1])]
        if self.chance(0.2):
            return Reading(parts[self.rng.randrange(2)], "H", "output", lines, "one half of output")
        return self.joined(parts, "H", "output", lines, "halves of output")

    def whole_ends(self) -> Reading:
        parts = [self.at(self.names.output, False), self.at(self.names.output, True)]
        return self.joined(parts, "DH", "output", (), "both ends of output")

    def added_halves(self) -> Reading:
        n, out = self.names, self.names.output
        lines = (f"merged = {out}[..., :{n.units}] + {out}[..., {n.units}:]",)
        if self.chance(0.5):
            return Reading(self.at("merged", True), "H", "output", lines, "added halves")
        return Reading(self.pool("merged"), "H", "output", lines, "added halves")

    def pool(self, tensor: str) -> str:
        axis, torch = self.step_axis if self.setup.batched else 0, self.names.torch
        return self.one_of(
            f"{tensor}.mean({axis})",
            f"{tensor}.mean(dim={axis})",
            f"{tensor}.sum({axis})",
            f"{torch}.mean({tensor}, {axis})",
            f"{tensor}.max({axis})[0]",
            f"{torch}.max({tensor}, dim={axis})[0]",
            f"{tensor}.max(dim={axis}).values",
            f"{tensor}.amax({axis})",
            f"{torch}.sum({tensor}, dim={axis}) / {tensor}.size({axis})",
        )

    def pooled(self) -> Reading:
        out, torch = self.names.output, self.names.torch
        if self.setup.batched and self.chance(0.25):
            order = "permute(0, 2, 1)" if self.batch_first else "permute(1, 2, 0)"
            kind = self.one_of("avg", "max")
            pool = f"{self.names.functional}.adaptive_{kind}_pool1d({out}.{order}, 1).squeeze(-1)"
            return Reading(pool, "DH", "output", style="pool")
        if self.setup.batched and self.chance(0.25):
            axis = self.step_axis
            lines = (f"weights = {torch}.softmax({out}.sum(-1, keepdim=True), dim={axis})",)
            return Reading(f"(weights * {out}).sum({axis})", "DH", "output", lines, "attention")
        return Reading(self.pool(out), "DH", "output", style="pool")

    def all_steps(self) -> Reading:
        """Every step goes on: tagging."""
        out = self.names.output
        form = self.one_of(out, out, f"{out}.reshape(-1, {out}.size(2))", f"{out}.contiguous().view(-1, {out}.shape[2])")
        return Reading(out if not self.setup.batched else form, "DH", "output", style="all steps", sequence=True)

    def flattened_steps(self) -> Reading:
        out = self.names.output
        form = self.one_of(
            f"{out}.reshape({self.samples()}, -1)", f"{out}.contiguous().view({self.samples()}, -1)", f"{out}.flatten(1)"
        )
        return Reading(form, "TDH", "output", style="flattened steps")

    def other_layout_view(self) -> Reading:
        """A view where a transpose was meant."""
        out = self.names.output
        a, b = (self.steps(), self.samples()) if self.batch_first else (self.samples(), self.steps())
        last = "[-1]" if self.batch_first else "[:, -1]"
        return Reading(f"{out}.reshape({a}, {b}, -1){last}", "DH", "output", style="view as transpose")

    def wrong_split(self) -> Reading:
        """A split of the features that is not at H."""
        n, out = self.names, self.names.output
        half = f"{n.units} // 2"
        parts = [self.at(out, True, f":{half}"), self.at(out, False, f"{n.units}:{n.units} + {half}")]
        return self.joined(parts, "H/2", "output", (), "split off the half")

    # -- h_n and c_n ----------------------------------------------------------------------------------------------

    def rows(self, state: str) -> str:
        if self.chance(0.06):
            return f"{state}.size(0)"
        return self.one_of(f"{state}.size(1)", f"{state}.shape[1]")

    def state_axes(self, state: str, order: str = "") -> str:
        n = self.names
        units = n.units_of_cell if state == n.cell else n.units
        order = order or self.rng.choice(("LD", "LD", "LD", "DL"))
        first, second = (n.layers, n.directions) if order == "LD" else (n.directions, n.layers)
        return f"{state}.{self.one_of('view', 'reshape')}({first}, {second}, {self.rows(state)}, {units})"

    def top(self, state: str) -> str:
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
        return Reading(self.top(state), "H", needs, style="last of state")

    def first_entry(self, state: str, needs: str) -> Reading:
        form = self.one_of(f"{state}[0]", f"{state}[0]", f"{state}[:1].squeeze(0)", f"{state}[0, ...]", f"{state}.select(0, 0)")
        return Reading(form, "H", needs, style="first of state")

    def squeezed(self, state: str, needs: str) -> Reading:
        several = self.setup.layers * self.setup.directions > 1
        free = "squeeze(0) leaves an axis: harmless to a Linear by itself" if several else ""
        form = self.one_of(f"{state}.squeeze(0)", f"{self.names.torch}.squeeze({state}, 0)", f"{state}.squeeze(dim=0)")
        return Reading(form, "H", needs, style="squeeze", free=free)

    def last_two(self, state: str, needs: str) -> Reading:
        """Both directions of the last layer of a bidirectional RNN (or two layers of another)."""
        torch = self.names.torch
        rows = self.rows(state)
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
        if self.chance(0.25):
            text = self.one_of(f"{state}[:2].sum(0)", f"{state}[:2].mean(0)", f"{state}[0] + {state}[1]")
            return Reading(text, "H", needs, style="first two of state")
        return self.joined([f"{state}[0]", f"{state}[1]"], "H", needs, (), "first two of state")

    def every_entry(self, state: str, needs: str) -> Reading:
        torch, rows = self.names.torch, self.rows(state)
        if not self.setup.batched or self.chance(0.2):
            text = self.one_of(f"{state}.sum(0)", f"{state}.mean(0)", f"{state}.mean(dim=0)", f"{torch}.sum({state}, 0)")
            return Reading(text, "H", needs, style="pooled state")
        form = self.rng.randrange(4)
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
            return Reading(self.one_of("v[-1].sum(0)", "v[-1].mean(dim=0)"), "H", needs, lines, "view of state", self._by_accident())
        return self.joined(one, "H", needs, lines, "view of state", self._by_accident())

    def _by_accident(self) -> str:
        if self.setup.layers == 2 and self.setup.both:
            return "two layers and two directions: the exchanged view still holds the right entries, by accident"
        return ""

    def strided(self, state: str, needs: str) -> Reading:
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
        text = self.one_of(f"{state}[:, -1]", f"{state}[:, -1, :]", f"{state}[:, 0]", f"{state}[:, 0, :]")
        return Reading(text, "H", needs, style="state read as batch first")

    # -- joining --------------------------------------------------------------------------------------------------

    def joined(self, parts: list[str], width: str, needs: str, lines: Parts, style: str, free: str = "") -> Reading:
        """Two tensors of one shape (samples, features), joined along the features (or, wrongly, along the samples)."""
        torch = self.names.torch
        one, other = parts if self.chance(0.95) else parts[::-1]
        twice = "2DH" if width == "DH" else "H" if width == "H/2" else f"2{width}"
        if not self.setup.batched:
            return Reading(f"{torch}.cat(({one}, {other}), dim=-1)", twice, needs, lines, style, free)
        pair = self.one_of(f"({one}, {other})", f"[{one}, {other}]")
        chance = self.rng.random()
        if chance < 0.1:
            text = self.one_of(f"{torch}.cat({pair})", f"{torch}.cat({pair}, dim=0)", f"{torch}.cat({pair}, 0)")
            return Reading(text, width, needs, lines, style, free)
        if chance < 0.15:
            return Reading(f"{torch}.stack({pair}).reshape({one}.size(0), -1)", twice, needs, lines, style, free)
        if chance < 0.25:
            text = self.one_of(f"{one} + {other}", f"({one} + {other}) / 2", f"{torch}.stack({pair}).mean(0)")
            return Reading(text, width, needs, lines, style, free)
        text = self.one_of(
            *[f"{torch}.cat({pair}, dim=1)"] * 3,
            *[f"{torch}.cat({pair}, 1)"] * 3,
            *[f"{torch}.cat({pair}, dim=-1)"] * 3,
            f"{torch}.concat({pair}, dim=1)",
            f"{torch}.hstack({pair})",
            f"{torch}.stack({pair}, dim=1).flatten(1)",
            f"{torch}.stack({pair}, 1).view({one}.size(0), -1)",
        )
        return Reading(text, twice, needs, lines, style, free)

    # -- all ------------------------------------------------------------------------------------------------------

    def draw(self, with_lengths: bool) -> Reading:
        """Any reading that this configuration can be asked for."""
        n = self.names
        if not self.setup.batched:
            return self._unbatched()
        if with_lengths and self.chance(0.5):
            return self.by_lengths()
        of_output: list[Callable[[], Reading]] = [self.one_end] * 3 + [self.step_by_loop, self.pooled, self.pooled]
        of_output += [self.all_steps, self.flattened_steps, self.other_layout_view, self.whole_ends]
        state, needs = (n.hidden, "hidden")
        if self.setup.cell == "LSTM" and self.chance(0.06):
            state, needs = (n.cell, "cell")
        of_state = [self.last_entry] * 3 + [self.first_entry, self.first_two, self.last_two, self.every_entry]
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


def width_text(
    rng: random.Random, width: str, setup: Setup, sizes: dict[str, str], units: str, number: int | None
) -> str:
    """Text for the number of features of a reading, over the expressions in ``sizes``.

    Sometimes just the number, where ``number`` (the value of ``units``) is given.
    """
    factors = {
        "H": (units,),
        "2H": (units, "2"),
        "LH": (units, sizes["layers"]),
        "DH": (units, sizes["directions"]),
        "2DH": (units, sizes["directions"], "2"),
        "LDH": (units, sizes["layers"], sizes["directions"]),
        "TDH": (str(setup.steps), units, sizes["directions"]),
    }[width]
    count = {
        "H": 1, "2H": 2, "LH": setup.layers, "DH": setup.directions, "2DH": 2 * setup.directions,
        "LDH": setup.layers * setup.directions, "TDH": setup.steps * setup.directions,
    }[width]  # fmt: skip
    if number is not None and rng.random() < 0.25:
        return str(number * count)
    kept = [f"({factor})" if " // " in factor and len(factors) > 1 else factor for factor in factors if factor != "1"]
    if len(kept) > 1 and rng.random() < 0.5:
        kept = kept[1:] + kept[:1]
    return " * ".join(kept) if kept else "1"
