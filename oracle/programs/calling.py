"""Building a recurrent layer, preparing its input, calling it and taking its results apart."""

from __future__ import annotations

from dataclasses import dataclass

from oracle.programs import spelling
from oracle.programs.sketch import Sketch


def constructor(sketch: Sketch, sizes: dict[str, str]) -> str:
    """The call that builds the layer; ``sizes`` are the texts of its sizes and of its flag where it is built."""
    setup = sketch.setup
    inputs, hidden, layers, both = sizes["inputs"], sizes["hidden"], sizes["layers"], sizes["both"]
    options = sketch.spelled.keywords
    given = " ".join(options)
    keyword = sketch.chance(0.2)
    arguments = [f"input_size={inputs}", f"hidden_size={hidden}"] if keyword else [inputs, hidden]
    by_keyword = []
    # what ``**options`` has must not stand in the call as well; 1 is torch's default
    if "num_layers" not in given and layers != "1":
        if not keyword and sketch.chance(0.3):
            arguments.append(layers)
        else:
            by_keyword.append(f"num_layers={layers}")
    if "bidirectional" not in given and both != "False":
        by_keyword.append(f"bidirectional={both}")
    if setup.batch_first or sketch.chance(0.1):
        by_keyword.append(f"batch_first={setup.batch_first}")
    if setup.proj:
        by_keyword.append(f"proj_size={setup.proj}")
        sketch.styles.add("proj_size")
    if setup.layers > 1 and sketch.chance(0.3):
        # off where the truth is taken (``dropout`` in oracle/programs/truth.py)
        by_keyword.append("dropout=0.2")
    sketch.rng.shuffle(by_keyword)
    if options:
        by_keyword.append("**options")
    return f"{_cell(sketch)}({', '.join(arguments + by_keyword)})"


def _cell(sketch: Sketch) -> str:
    """The layer's class: by name, from a dictionary, by ``getattr``, or one of two."""
    cell, of_nn = sketch.setup.cell, sketch.imports.of_nn
    other = sketch.rng.choice([name for name in spelling.CELLS if name != cell])
    # three of fourteen: seldom in real files, but there
    form = sketch.rng.randrange(14)
    if form == 0:
        sketch.styles.add("class from a dictionary")
        known = f'{{"{cell.lower()}": {of_nn(cell)}, "{other.lower()}": {sketch.imports.nn}.{other}}}'
        return f'{known}["{cell.lower()}"]'
    if form == 1:
        sketch.styles.add("class by getattr")
        return f'getattr({sketch.imports.nn}, "{cell}")'
    if form == 2:
        sketch.styles.add("one of two classes")
        return f"({of_nn(cell)} if {sketch.setup.layers} < 4 else {sketch.imports.nn}.{other})"
    return of_nn(cell)


@dataclass(frozen=True, slots=True)
class Argument:
    """The driver's input; ``text`` has places for its rows, as a tuple (``rows``) or without brackets (``sizes``)."""

    text: str
    batched: bool
    batch_first: bool

    def of(self, samples: int, steps: int) -> str:
        """The text of the input for so many samples and steps, in the layout that the program takes."""
        both = (samples, steps) if self.batch_first else (steps, samples)
        rows = both if self.batched else (steps,)
        return self.text.format(rows=rows, sizes=", ".join(map(str, rows)))


def draw_input(sketch: Sketch) -> tuple[Argument, list[str], list[str], bool]:
    """The driver's argument, lines that build, lines that prepare ``x``, and whether lengths are passed."""
    setup, torch = sketch.setup, sketch.imports.torch
    build: list[str] = []
    lines: list[str] = []
    batch_first = setup.batch_first
    if setup.batched and sketch.chance(0.3):
        batch_first = not batch_first
        lines.append(sketch.pick("x = x.permute(1, 0, 2)", "x = x.transpose(0, 1)", f"x = {torch}.transpose(x, 0, 1)"))
        sketch.styles.add("input permuted")
    if sketch.chance(0.35):
        name = sketch.pick("embedding", "embed", "emb")
        build.append(f"{sketch.own}{name} = {sketch.imports.of_nn('Embedding')}(50, {sketch.spelled.inside['inputs']})")
        lines.insert(0, sketch.pick("x = {0}(x)", "x = {0}(x)").format(f"{sketch.own}{name}"))
        sketch.styles.add("embedding")
        text = f"{torch}.randint(0, 50, {{rows}})"
    else:
        text = f"{torch}.rand{'n' if sketch.chance(0.5) else ''}({{sizes}}, {setup.inputs})"
    argument = Argument(text, setup.batched, batch_first)
    return argument, build, lines, setup.batched and sketch.chance(0.1)


def draw_call(sketch: Sketch, layer: str, sizes: dict[str, str], argument: str) -> tuple[list[str], str]:
    """Lines in front of the call of ``layer`` (an initial state, sometimes), and the expression that calls it."""
    setup, torch = sketch.setup, sketch.imports.torch
    if argument == "x" and setup.batched and sketch.chance(0.15):
        axis = 0 if setup.batch_first else 1
        count = f"{sizes['layers']} * {sizes['directions']}"
        units = str(setup.proj) if setup.proj else sizes["hidden"]
        lines = [f"h0 = {torch}.zeros({count}, x.size({axis}), {units})"]
        state = "h0"
        if setup.cell == "LSTM":
            lines.append(f"c0 = {torch}.zeros({count}, x.size({axis}), {sizes['hidden']})")
            state = "(h0, c0)"
        sketch.styles.add("initial state")
        return lines, f"{layer}(x, {state})"
    if sketch.chance(0.06):
        sketch.styles.add(".forward(")
        return [], f"{layer}.forward({argument})"
    return [], f"{layer}({argument})"


def unpack(sketch: Sketch, call: str, needs: str, out: str, state: str, cell: str) -> list[str]:
    """Lines that take ``call`` apart into the result that is needed ("output", "hidden" or "cell"), in some form."""
    lstm = sketch.setup.cell == "LSTM"
    if needs == "output":
        forms = [f"{out}, _ = {call}"] * 4 + [f"{out}, {state} = {call}", f"({out}, _) = {call}", f"{out} = {call}[0]"]
        forms += [f"{out}, *_ = {call}", f"{out}, *rest = {call}", f"res = {call}\n{out} = res[0]"]
        if lstm:
            forms += [f"{out}, ({state}, {cell}) = {call}"] * 3 + [f"{out}, (_, _) = {call}"]
        # two rows, because a tensor of any other number of rows raises when it is unpacked into two names
        elif sketch.setup.layers * sketch.setup.directions == 2 and sketch.setup.batched and sketch.chance(0.1):
            sketch.misread = True
            forms = [f"{out}, ({state}, {cell}) = {call}"]
    elif needs == "cell":
        forms = [f"_, (_, {cell}) = {call}", f"{out}, ({state}, {cell}) = {call}", f"{cell} = {call}[1][1]"]
    elif not lstm:
        forms = [f"_, {state} = {call}"] * 3 + [f"{out}, {state} = {call}"] * 3
        forms += [f"{state} = {call}[1]", f"res = {call}\n{state} = res[1]", f"*_, {state} = {call}"]
    else:
        forms = [f"_, ({state}, _) = {call}"] * 2 + [f"{out}, ({state}, {cell}) = {call}"] * 4
        forms += [
            f"_, ({state}, {cell}) = {call}",
            f"_, pair = {call}\n{state} = pair[0]",
            f"{state} = {call}[1][0]",
            f"{out}, pair = {call}\n{state}, {cell} = pair",
            f"{state}, {cell} = {call}[1]",
            f"_, [{state}, {cell}] = {call}",
            f"{state}, *_ = {call}[1]",
            f"_, {state} = {call}\nif isinstance({state}, tuple):\n    {state} = {state}[0]",
        ]
    return sketch.rng.choice(forms).split("\n")
