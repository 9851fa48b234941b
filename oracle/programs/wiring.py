"""Wiring a reading of the results to the last Linear."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from oracle.programs import spelling
from oracle.programs.calling import Argument, constructor, draw_call, draw_input, unpack
from oracle.programs.drawer import Drawer
from oracle.programs.readings import Names, Reading, width_text
from oracle.programs.sketch import Body, Sketch, words


def _units(sketch: Sketch, layer: str) -> str:
    """Text for the width of one direction's half, where the results are read; sometimes twice that, a trap."""
    setup, sizes = sketch.setup, sketch.spelled.later
    if "twice" in sizes and sketch.chance(0.15):
        sketch.styles.add("width of both taken for one")
        return sizes["twice"]
    # six to two: mostly by the name of the size, seldom as a number or as an attribute of the layer
    forms = [str(setup.proj) if setup.proj else sizes["hidden"]] * 6
    forms += [str(setup.units)] if "hidden" not in sketch.spelled.open_sizes else []
    if not setup.proj:
        forms.append(f"{layer}.hidden_size" if sketch.shape != "encoder" else "self.encoder.rnn.hidden_size")
    return sketch.rng.choice(forms)


def _noise(sketch: Sketch, layer: str) -> list[str]:
    """A line that people have in front of the call and that changes nothing."""
    forms = ["batch_size = x.size(0)", "seq_len = x.shape[1]", "device = x.device", f"{layer}.flatten_parameters()"]
    forms += ["x = x.contiguous()", "assert x.dim() > 1", "# (batch, steps, features)"]
    return [sketch.rng.choice(forms)] if sketch.chance(0.25) else []


_INDEXED = re.compile(r"(torch\.cat\([\[(])?\w+\[-[12]\]")


def _pair_as_state(sketch: Sketch, arms: Sequence[Reading]) -> bool:
    """Whether the LSTM's pair is taken for the hidden state here, where indexing it does not raise."""
    indexed = all(
        # these two, because the pair has two entries: other indices raise
        arm.needs == "hidden" and arm.style in ("last of state", "last two of state") and _INDEXED.match(arm.expression)
        for arm in arms
    )
    if sketch.setup.cell != "LSTM" or not indexed or not sketch.setup.batched or not sketch.chance(0.3):
        return False
    sketch.misread = True
    sketch.styles.add("pair as state")
    return True


def _compatible(yes: Reading, no: Reading) -> str | None:
    """A width text key that is right for an arm of both directions and an arm of one."""
    wide = {"2H": "DH", "DH": "DH", "LDH": "LDH", "H": "H"}.get(yes.width)
    narrow = {"H": ("DH", "H"), "DH": ("DH", "H"), "LDH": ("LDH",)}.get(no.width, ())
    return wide if wide in narrow else None


def _guarded(sketch: Sketch, drawer: Drawer) -> tuple[Reading, Reading, str] | None:
    """Readings for the two arms of a guard on the flag, for which one Linear can serve."""
    arms = [replace(drawer, setup=replace(sketch.setup, both=both)) for both in (True, False)]
    # twenty tries, because not every pair of readings has a width in common; without one there is no guard
    for _ in range(20):
        yes, no = (arm.draw(with_lengths=False) for arm in arms)
        width = _compatible(yes, no)
        if width and not yes.sequence and not no.sequence and not {yes.needs, no.needs} & {"cell"}:
            return yes, no, width
    return None


def _activation(sketch: Sketch, build: list[str], text: str, width: str) -> str:
    """The vector through what people put in front of the last layer; ``width`` is its number of features."""
    nn, torch, own = sketch.imports.of_nn, sketch.imports.torch, sketch.own
    form = sketch.rng.randrange(10)
    if form == 0:
        return f"{torch}.relu({text})"
    if form == 1:
        return f"{torch}.tanh({text})"
    if form == 2:
        return f"F.relu({text})"
    if form == 3:
        build.append(f"{own}dropout = {nn('Dropout')}(0.5)")
        return f"{own}dropout({text})"
    if form == 4:
        build.append(f"{own}norm = {nn('LayerNorm')}({width})")
        return f"{own}norm({text})"
    if form == 5:
        build.append(f"{own}act = {nn('ReLU')}()")
        return f"{own}act({text})"
    if form == 6:
        return f"F.dropout({text}, 0.3)"
    return text


def _head(sketch: Sketch, build: list[str], width: str, classes: str) -> str:
    """The name of what holds the last Linear."""
    nn, own = sketch.imports.of_nn, sketch.own
    name = own + sketch.pick("fc", "fc", "linear", "head", "classifier", "out_layer", "decoder")
    form = sketch.rng.randrange(8)
    if form == 0:
        build.append(f"{name} = {nn('Sequential')}({nn('Dropout')}(0.2), {nn('Linear')}({width}, {classes}))")
    elif form == 1:
        inner = f"{nn('Linear')}({width}, 24), {nn('ReLU')}(), {nn('Linear')}(24, {classes})"
        build.append(f"{name} = {nn('Sequential')}({inner})")
    elif form == 2:
        build.append(f"{name} = {nn('Linear')}(in_features={width}, out_features={classes})")
    else:
        build.append(f"{name} = {nn('Linear')}({width}, {classes})")
    return name


def draw_body(sketch: Sketch) -> tuple[Body, Argument, bool, bool]:
    """The model's lines; also the driver's argument, whether lengths are passed, and whether a guard was drawn.

    Every step below draws from the sketch's generator: because a seed stands for a program, in the tests as in
    reports, another order of the steps is another program for every seed.
    """
    rng, setup, spelled = sketch.rng, sketch.setup, sketch.spelled
    argument, build, prepare, lengths = draw_input(sketch)
    layer = sketch.own + rng.choice(spelling.ATTRIBUTE_NAMES)
    if sketch.shape == "encoder":
        layer = "self.rnn"  # because another class reads ``self.encoder.rnn.hidden_size`` (see ``_units``)
    sizes = spelled.later
    build.append(f"{layer} = {constructor(sketch, spelled.inside)}")
    out = rng.choice(spelling.OUTPUT_NAMES)
    state = rng.choice([name for name in spelling.STATE_NAMES if name != out])
    cell = rng.choice(spelling.CELL_NAMES)
    packed = lengths and sketch.chance(0.6)
    stack = _layer_below(sketch, build) if setup.batched and not packed and sketch.chance(0.08) else []
    units = _units(sketch, layer)
    names = Names(
        out, state, cell, units, sizes["hidden"], sizes["layers"], sizes["directions"], "lengths",
        sketch.imports.torch, "F",
    )  # fmt: skip
    batch_first = setup.batch_first
    after: list[str] = []
    if setup.batched and sketch.chance(0.12):
        batch_first = not batch_first
        after = [sketch.pick(f"{out} = {out}.transpose(0, 1)", f"{out} = {out}.permute(1, 0, 2)")]
    drawer = Drawer(rng, setup, names, batch_first)
    guard = None
    if sketch.own and setup.batched and not setup.proj and not lengths and sketch.chance(0.2):
        guard = _guarded(sketch, drawer)
    reading = drawer.draw(lengths)
    # because a padded output holds zeros after a sample's end, which other readings would take for states
    while packed and reading.needs == "output" and reading.style not in ("lengths", "pool"):
        reading = drawer.draw(lengths)
    arms = (reading,) if guard is None else guard[:2]
    sketch.free = next((arm.free for arm in arms if arm.free), "")
    # the style's name is that of ``OutputDrawer.halves``
    sketch.half = any(arm.style == "one half of output" for arm in arms)
    sketch.styles |= {arm.style for arm in arms}
    called = _called(sketch, layer, names, arms, after, packed=packed)
    unpacked = prepare + _noise(sketch, layer) + stack + called
    read, vector, width_key = _vector(sketch, arms, guard, layer)
    width = _width(sketch, arms, guard is not None, width_key)
    body = _ending(sketch, Body(build, unpacked, read, vector, []), arms, names, width)
    return body, argument, lengths, guard is not None


def _layer_below(sketch: Sketch, build: list[str]) -> list[str]:
    """The line that calls another recurrent layer first; its constructor goes in front of the last of ``build``."""
    setup, spelled = sketch.setup, sketch.spelled
    first = f"{sketch.own}first"
    inner = sketch.rng.choice(spelling.CELLS)
    flag = f", batch_first={setup.batch_first}" if setup.batch_first else ""
    # because only the class of the layer that is read is imported by name
    nn = sketch.imports.of_nn if inner == setup.cell else lambda name: f"{sketch.imports.nn}.{name}"
    build.insert(-1, f"{first} = {nn(inner)}({spelled.inside['inputs']}, {spelled.inside['inputs']}{flag})")
    sketch.styles.add("stacked layers")
    return [f"x, _ = {first}(x)"]


def _called(
    sketch: Sketch, layer: str, names: Names, arms: Sequence[Reading], after: list[str], *, packed: bool
) -> list[str]:
    """Lines that call the layer and take its results apart; ``after`` is what is done to its output then."""
    setup = sketch.setup
    out, state, cell = names.output, names.hidden, names.cell
    needs = {arm.needs for arm in arms}
    lines, called = draw_call(sketch, layer, sketch.spelled.later, "packed" if packed else "x")
    if needs == {"output", "hidden"}:
        unpacked = [f"{out}, ({state}, {cell}) = {called}" if setup.cell == "LSTM" else f"{out}, {state} = {called}"]
    elif _pair_as_state(sketch, arms):
        unpacked = [f"_, {state} = {called}"]
    else:
        unpacked = unpack(sketch, called, arms[0].needs, out, state, cell)
    if "output" in needs and not packed:
        unpacked += after
    if packed:
        flag = f", batch_first={setup.batch_first}" if setup.batch_first else ""
        module = f"{sketch.imports.nn}.utils.rnn"
        lines.append(f"packed = {module}.pack_padded_sequence(x, lengths{flag}, enforce_sorted=False)")
        # because no guard is drawn beside lengths, there is one arm here
        if arms[0].needs == "output":
            unpacked.append(f"{out}, _ = {module}.pad_packed_sequence({out}{flag})")
            unpacked += after
        sketch.styles.add("packed")
    return lines + unpacked


def _width(sketch: Sketch, arms: Sequence[Reading], guarded: bool, key: str) -> str:
    """Text for the number of features of what is read; ``key`` is what a reading says of it."""
    setup, inside = sketch.setup, sketch.spelled.inside
    # because proj_size makes the hidden state narrower, and leaves the cell state as wide as hidden_size
    in_cells = "cell" in {arm.needs for arm in arms}
    value = setup.hidden if in_cells else setup.units
    one_inside = str(setup.proj) if setup.proj and not in_cells else inside["hidden"]
    # A number is no width of a model whose size is open, nor of one that is written for both values of a flag.
    number = None if "hidden" in sketch.spelled.open_sizes or guarded else value
    return width_text(sketch.rng, key.removesuffix("/2"), setup, inside, one_inside, number)


def _ending(sketch: Sketch, body: Body, arms: Sequence[Reading], names: Names, width: str) -> Body:
    """From the vector that is the body's result so far to the last Linear: helper, activation, another Linear."""
    build, read, vector, out = body.build, body.read, body.result, names.output
    helpers: list[str] = []
    results = {out, names.hidden, names.cell} & words(vector)
    # because a function of the module sees neither ``self``, nor lengths, nor more than the one result it is handed
    plain = len(arms) == 1 and not arms[0].lines and "self." not in vector and len(results) == 1
    if plain and "lengths" not in vector and sketch.chance(0.15):
        sketch.styles.add("helper function")
        name = sketch.pick("last_step", "summary_of", "pick", "get_last")
        helpers = [f"def {name}({results.pop()}):", f"    return {vector}", "", ""]
        vector = f"{name}({helpers[0].split('(')[1][:-2]})"
    vector = _activation(sketch, build, vector, width)
    stepwise = not helpers and len(arms) == 1 and arms[0].style == "step of output" and sketch.setup.batched
    # A script's last line is used by nothing: there the reading itself has to come before the Linear.
    forms = ("relu", "tanh") if sketch.shape == "script" else ("relu", "tanh", "late")
    middle = sketch.pick(*forms) if stepwise and sketch.chance(0.3) else ""
    head = _head(sketch, build, width, sketch.spelled.inside["classes"])
    if middle:
        sketch.styles.add("Linear before the step")
        if middle == "late":
            read.append(f"scores = {head}({out})")
            # because a name that merely contains it (``out2``) is another one
            result = re.sub(rf"\b{out}\b", "scores", arms[0].expression)
            return Body(build, body.unpacked, read, result, [])
        build.append(f"{sketch.own}mix = {sketch.imports.of_nn('Linear')}({width}, {width})")
        read.append(f"{out} = {sketch.imports.torch}.{middle}({sketch.own}mix({out}))")
    if sketch.chance(0.4):
        read.append(f"{sketch.pick('z', 'vec', 'summary', 'hidden_state', 'feat')} = {vector}")
        vector = read[-1].split(" = ")[0]
    return Body(build, body.unpacked, read, f"{head}({vector})", helpers)


def _vector(
    sketch: Sketch, arms: Sequence[Reading], guard: tuple[Reading, Reading, str] | None, layer: str
) -> tuple[list[str], str, str]:
    """Lines, the expression of the vector and its width."""
    if guard is None:
        return list(arms[0].lines), arms[0].expression, arms[0].width
    flag = sketch.spelled.later["both"]
    # a literal is no flag to ask; the layer's own attribute is
    if flag in ("True", "False"):
        flag = f"{layer}.bidirectional"
    sketch.styles.add("guard on the flag")
    yes, no, width = guard
    if not yes.lines and not no.lines and sketch.chance(0.3):
        return [f"picked = {yes.expression} if {flag} else {no.expression}"], "picked", width
    lines = [f"if {flag}:"]
    lines += [f"    {line}" for line in (*yes.lines, f"picked = {yes.expression}")]
    lines += ["else:"]
    lines += [f"    {line}" for line in (*no.lines, f"picked = {no.expression}")]
    return lines, "picked", width
