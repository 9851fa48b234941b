"""Drawing what a program takes of ``output``."""

from __future__ import annotations

from oracle.programs.readings import Parts, Pen, Reading


class OutputDrawer(Pen):
    """Readings of output: steps, halves, pools, views."""

    __slots__ = ()

    @property
    def step_axis(self) -> int:
        """The axis of ``output`` that steps run along, where it is read."""
        return 1 if self.batch_first else 0

    def samples(self) -> str:
        """Text for the number of samples of ``output``."""
        n = self.names
        forms = [f"{n.output}.size({1 - self.step_axis})", f"{n.output}.shape[{1 - self.step_axis}]"]
        if self.batch_first:
            forms.append(f"len({n.output})")
        return self.rng.choice(forms)

    def steps(self) -> str:
        """Text for its number of steps."""
        return self.one_of(
            f"{self.names.output}.size({self.step_axis})", f"{self.names.output}.shape[{self.step_axis}]"
        )

    def at(self, tensor: str, last: bool, features: str = "") -> str:
        """``tensor`` (three axes, the layout of output) at its last or first step, and a slice of its features."""
        torch, axis = self.names.torch, self.step_axis
        if not self.setup.batched:
            index = "-1" if last else "0"
            return f"{tensor}[{index}, {features}]" if features else f"{tensor}[{index}]"
        # the other axis, sometimes: samples taken for steps
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
        """One step of every sample: the last most of the time, else the first."""
        last = self.chance(0.8)
        return Reading(self.at(self.names.output, last), "DH", "output", style="step of output")

    def step_by_loop(self) -> Reading:
        """What a loop over the steps ends with."""
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
        # three in five right: the last step of the forward half and the first of the other
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
            call = self.one_of(
                f"view({a}, {b}, 2, {n.units})", f"unflatten(-1, (2, {n.units}))", f"reshape({a}, {b}, 2, -1)"
            )
            lines = (f"both = {out}.{call}",)
            parts = [self.at("both", ends[0], "0"), self.at("both", ends[1], "1")]
            parts = [part.replace("[..., 0]", "[..., 0, :]").replace("[..., 1]", "[..., 1, :]") for part in parts]
        else:
            lines = (f"fwd = {out}[:, :, :{n.units}]", f"bwd = {out}[:, :, {n.units}:]")
            parts = [self.at("fwd", ends[0]), self.at("bwd", ends[1])]
        # one of the two alone, which leaves a direction out
        if self.chance(0.2):
            return Reading(parts[self.rng.randrange(2)], "H", "output", lines, "one half of output")
        return self.joined(parts, "H", "output", lines, "halves of output")

    def whole_ends(self) -> Reading:
        """The first and the last step, joined with all their features: half of it has read one step."""
        parts = [self.at(self.names.output, False), self.at(self.names.output, True)]
        return self.joined(parts, "DH", "output", (), "both ends of output")

    def added_halves(self) -> Reading:
        """Both halves added at every step; then one step, or a pool, of the sum."""
        n, out = self.names, self.names.output
        lines = (f"merged = {out}[..., :{n.units}] + {out}[..., {n.units}:]",)
        if self.chance(0.5):
            return Reading(self.at("merged", True), "H", "output", lines, "added halves")
        return Reading(self.pool("merged"), "H", "output", lines, "added halves")

    def pool(self, tensor: str) -> str:
        """``tensor``, in the layout of ``output``, pooled over its steps."""
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
        """All steps pooled: a reduction, an adaptive pool of ``nn.functional``, or attention."""
        out, torch = self.names.output, self.names.torch
        if self.setup.batched and self.chance(0.25):
            order = "permute(0, 2, 1)" if self.batch_first else "permute(1, 2, 0)"
            kind = self.one_of("avg", "max")
            pool = f"{self.names.functional}.adaptive_{kind}_pool1d({out}.{order}, 1).squeeze(-1)"
            return Reading(pool, "DH", "output", style="pool")
        # no attention without a batch: its weights are written for three axes
        if self.setup.batched and self.chance(0.25):
            axis = self.step_axis
            lines = (f"weights = {torch}.softmax({out}.sum(-1, keepdim=True), dim={axis})",)
            return Reading(f"(weights * {out}).sum({axis})", "DH", "output", lines, "attention")
        return Reading(self.pool(out), "DH", "output", style="pool")

    def all_steps(self) -> Reading:
        """Every step goes on: tagging."""
        out = self.names.output
        form = self.one_of(
            out, out, f"{out}.reshape(-1, {out}.size(2))", f"{out}.contiguous().view(-1, {out}.shape[2])"
        )
        return Reading(out if not self.setup.batched else form, "DH", "output", style="all steps", sequence=True)

    def flattened_steps(self) -> Reading:
        """The features of all steps side by side; with the steps first, those of all samples."""
        out = self.names.output
        form = self.one_of(
            f"{out}.reshape({self.samples()}, -1)",
            f"{out}.contiguous().view({self.samples()}, -1)",
            f"{out}.flatten(1)",
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
