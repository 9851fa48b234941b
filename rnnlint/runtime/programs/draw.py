"""Drawing ordinary small models: one recurrent layer (or a stack), a reading of its results, a last Linear.

Everything a file can do differently is drawn: imports, where the configuration stands, names (misleading ones too),
the input's layout, how the call's results are unpacked, what is read of them and how it is wired to the Linear.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace

from rnnlint.runtime.programs import spelling
from rnnlint.runtime.programs.readings import Drawer, Names, Reading, width_text
from rnnlint.runtime.programs.spelling import Imports, Setup, Spelled

SHAPES = ("class", "class", "class", "helper", "base", "encoder", "encoder", "script", "function")


@dataclass(frozen=True, slots=True)
class Program:
    """A file's text, and the expressions whose value is its result, to be evaluated in its names.

    ``declared`` runs the configuration that the file declares; ``arms`` those in which a guard on a flag leads to the
    other arm than the declared default does.  ``misread`` says that the text unpacks or indexes a result as what it is not; ``free`` why the
    truth of the run alone does not decide what should be reported, if it does not.
    """

    text: str
    declared: str
    arms: tuple[str, ...] = ()
    misread: bool = False
    free: str = ""
    styles: frozenset[str] = frozenset()


@dataclass(slots=True)
class _Body:
    """Lines of ``__init__`` and ``forward`` (or of a script), without indentation."""

    build: list[str]
    unpacked: list[str]
    read: list[str]
    result: str


@dataclass(slots=True)
class _Sketch:
    """What has been decided so far about one program."""

    rng: random.Random
    setup: Setup
    shape: str
    imports: Imports
    spelled: Spelled
    call_site: bool
    own: str
    styles: set[str]
    misread: bool = False
    free: str = ""
    functional: bool = False

    def chance(self, probability: float) -> bool:
        return self.rng.random() < probability

    def pick(self, *forms: str) -> str:
        return self.rng.choice(forms)


def draw(rng: random.Random) -> Program:
    """One program; the same generator state gives the same program."""
    setup = spelling.draw_setup(rng)
    shape = rng.choice(SHAPES)
    in_class = shape not in ("script", "function")
    call_site = in_class and rng.random() < 0.4
    imports = spelling.draw_imports(rng, setup.cell)
    spelled = spelling.spell(rng, setup, in_class, call_site)
    own = "self." if in_class else ""
    styles = {shape, setup.cell, *spelled.styles}
    sketch = _Sketch(rng, setup, shape, imports, spelled, call_site, own, styles)
    return _assemble(sketch)


# -- the recurrent layer and its call -----------------------------------------------------------------------------


def _constructor(sketch: _Sketch, sizes: dict[str, str]) -> str:
    setup = sketch.setup
    inputs, hidden, layers, both = sizes["inputs"], sizes["hidden"], sizes["layers"], sizes["both"]
    options = sketch.spelled.keywords
    given = " ".join(options)
    keyword = sketch.chance(0.2)
    arguments = [f"input_size={inputs}", f"hidden_size={hidden}"] if keyword else [inputs, hidden]
    by_keyword = []
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
        by_keyword.append("dropout=0.2")
    sketch.rng.shuffle(by_keyword)
    if options:
        by_keyword.append("**options")
    return f"{sketch.imports.of_nn(setup.cell)}({', '.join(arguments + by_keyword)})"


def _input(sketch: _Sketch) -> tuple[str, list[str], list[str], bool]:
    """The driver's argument, lines that build, lines that prepare ``x``, and whether lengths are passed."""
    setup, torch = sketch.setup, sketch.imports.torch
    build: list[str] = []
    lines: list[str] = []
    batch_first = setup.batch_first
    if setup.batched and sketch.chance(0.3):
        batch_first = not batch_first
        lines.append(
            sketch.pick("x = x.permute(1, 0, 2)", "x = x.transpose(0, 1)", f"x = {torch}.transpose(x, 0, 1)")
        )
        sketch.styles.add("input permuted")
    rows = (setup.samples, setup.steps) if batch_first else (setup.steps, setup.samples)
    rows = rows if setup.batched else (setup.steps,)
    if sketch.chance(0.35):
        name = sketch.pick("embedding", "embed", "emb")
        build.append(f"{sketch.own}{name} = {sketch.imports.of_nn('Embedding')}(50, {sketch.spelled.inside['inputs']})")
        lines.insert(0, sketch.pick("x = {0}(x)", "x = {0}(x)").format(f"{sketch.own}{name}"))
        sketch.styles.add("embedding")
        argument = f"{torch}.randint(0, 50, {rows})"
    else:
        argument = f"{torch}.rand{'n' if sketch.chance(0.5) else ''}({', '.join(map(str, (*rows, setup.inputs)))})"
    return argument, build, lines, setup.batched and sketch.chance(0.1)


def _call(sketch: _Sketch, layer: str, sizes: dict[str, str], argument: str) -> tuple[list[str], str]:
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


def _unpack(sketch: _Sketch, call: str, needs: str, out: str, state: str, cell: str) -> list[str]:
    lstm = sketch.setup.cell == "LSTM"
    if needs == "output":
        forms = [f"{out}, _ = {call}"] * 4 + [f"{out}, {state} = {call}", f"({out}, _) = {call}", f"{out} = {call}[0]"]
        forms += [f"{out}, *_ = {call}", f"{out}, *rest = {call}", f"res = {call}\n{out} = res[0]"]
        if lstm:
            forms += [f"{out}, ({state}, {cell}) = {call}"] * 3 + [f"{out}, (_, _) = {call}"]
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


# -- the reading --------------------------------------------------------------------------------------------------


def _compatible(yes: Reading, no: Reading) -> str | None:
    """A width text key that is right for an arm of both directions and an arm of one."""
    wide = {"2H": "DH", "DH": "DH", "LDH": "LDH", "H": "H"}.get(yes.width)
    narrow = {"H": ("DH", "H"), "DH": ("DH", "H"), "LDH": ("LDH",)}.get(no.width, ())
    return wide if wide in narrow else None


def _guarded(sketch: _Sketch, drawer: Drawer) -> tuple[Reading, Reading, str] | None:
    """Readings for the two arms of a guard on the flag, for which one Linear can serve."""
    arms = [replace(drawer, setup=replace(sketch.setup, both=both)) for both in (True, False)]
    for _ in range(20):
        yes, no = (arm.draw(with_lengths=False) for arm in arms)
        width = _compatible(yes, no)
        if width and not yes.sequence and not no.sequence and not {yes.needs, no.needs} & {"cell"}:
            return yes, no, width
    return None


def _activation(sketch: _Sketch, build: list[str], text: str, width: str) -> str:
    """The vector through what people put in front of the last layer; ``width`` is its number of features."""
    nn, torch, own = sketch.imports.of_nn, sketch.imports.torch, sketch.own
    form = sketch.rng.randrange(10)
    if form == 0:
        return f"{torch}.relu({text})"
    if form == 1:
        return f"{torch}.tanh({text})"
    if form == 2:
        sketch.functional = True
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
        sketch.functional = True
        return f"F.dropout({text}, 0.3)"
    return text


def _head(sketch: _Sketch, build: list[str], width: str, classes: str) -> str:
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


def _body(sketch: _Sketch) -> tuple[_Body, str, bool, bool]:
    """The model's lines; also the driver's argument, whether lengths are passed, and whether a guard was drawn."""
    rng, setup, spelled = sketch.rng, sketch.setup, sketch.spelled
    argument, build, prepare, lengths = _input(sketch)
    layer = sketch.own + rng.choice(spelling.ATTRIBUTE_NAMES)
    if sketch.shape == "encoder":
        layer = "self.rnn"
    sizes = spelled.later
    build.append(f"{layer} = {_constructor(sketch, spelled.inside)}")
    out = rng.choice(spelling.OUTPUT_NAMES)
    state = rng.choice([name for name in spelling.STATE_NAMES if name != out])
    cell = rng.choice(spelling.CELL_NAMES)
    stack: list[str] = []
    packed = lengths and sketch.chance(0.6)
    if setup.batched and not packed and sketch.chance(0.08):
        first = f"{sketch.own}first"
        inner = rng.choice(spelling.CELLS)
        flag = f", batch_first={setup.batch_first}" if setup.batch_first else ""
        nn = sketch.imports.of_nn if inner == setup.cell else lambda name: f"{sketch.imports.nn}.{name}"
        build.insert(-1, f"{first} = {nn(inner)}({spelled.inside['inputs']}, {spelled.inside['inputs']}{flag})")
        stack = [f"x, _ = {first}(x)"]
        sketch.styles.add("stacked layers")
    units = str(setup.proj) if setup.proj else sizes["hidden"]
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
    while packed and reading.needs == "output" and reading.style not in ("lengths", "pool"):
        reading = drawer.draw(lengths)
    arms = (reading,) if guard is None else guard[:2]
    needs = {arm.needs for arm in arms}
    sketch.free = next((arm.free for arm in arms if arm.free), "")
    sketch.styles |= {arm.style for arm in arms}
    source = "packed" if packed else "x"
    lines, call = _call(sketch, layer, sizes, source)
    if needs == {"output", "hidden"}:
        unpacked = [f"{out}, ({state}, {cell}) = {call}" if setup.cell == "LSTM" else f"{out}, {state} = {call}"]
    else:
        unpacked = _unpack(sketch, call, needs.pop(), out, state, cell)
    if "output" in {arm.needs for arm in arms}:
        unpacked += after if not packed else []
    if packed:
        flag = f", batch_first={setup.batch_first}" if setup.batch_first else ""
        module = f"{sketch.imports.nn}.utils.rnn"
        lines.append(f"packed = {module}.pack_padded_sequence(x, lengths{flag}, enforce_sorted=False)")
        if reading.needs == "output":
            unpacked.append(f"{out}, _ = {module}.pad_packed_sequence({out}{flag})")
            unpacked += after
        sketch.styles.add("packed")
    unpacked = prepare + stack + lines + unpacked
    read, vector, width_key = _vector(sketch, arms, guard, layer)
    in_cells = "cell" in {arm.needs for arm in arms}
    one = sizes["hidden"] if in_cells else units
    value = setup.hidden if in_cells else setup.units
    inside = spelled.inside
    one_inside = one if one == str(setup.proj) else inside["hidden"]
    # A number is no width of a model whose size is open, nor of one that is written for both values of a flag.
    number = None if "hidden" in spelled.open_sizes or guard is not None else value
    width = width_text(rng, width_key.removesuffix("/2"), setup, inside, one_inside, number)
    classes = inside["classes"]
    vector = _activation(sketch, build, vector, width)
    middle = ""
    if arms[0].needs == "output" and arms[0].style == "step of output" and len(arms) == 1 and sketch.chance(0.25):
        middle = sketch.pick("relu", "tanh", "late")
    head = _head(sketch, build, width, classes)
    if middle and f"({out}" not in vector and vector.count(out) == 1 and setup.batched:
        sketch.styles.add("Linear before the step")
        if middle == "late":
            read.append(f"scores = {head}({out})")
            result = arms[0].expression.replace(out, "scores")
            return _Body(build, unpacked, read, result), argument, lengths, guard is not None
        build.append(f"{sketch.own}mix = {sketch.imports.of_nn('Linear')}({width}, {width})")
        read.append(f"{out} = {sketch.imports.torch}.{middle}({sketch.own}mix({out}))")
    if sketch.chance(0.4):
        read.append(f"{sketch.pick('z', 'vec', 'summary', 'hidden_state', 'feat')} = {vector}")
        vector = read[-1].split(" = ")[0]
    return _Body(build, unpacked, read, f"{head}({vector})"), argument, lengths, guard is not None


def _vector(
    sketch: _Sketch, arms: Sequence[Reading], guard: tuple[Reading, Reading, str] | None, layer: str
) -> tuple[list[str], str, str]:
    """Lines, the expression of the vector and its width."""
    if guard is None:
        return list(arms[0].lines), arms[0].expression, arms[0].width
    flag = sketch.spelled.later["both"]
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


# -- the file -----------------------------------------------------------------------------------------------------


def _indent(lines: Sequence[str], depth: int = 1) -> list[str]:
    return [("    " * depth + line) if line else "" for line in lines]


def _signature(parameters: Sequence[tuple[str, str]]) -> str:
    ordered = [name for name, default in parameters if not default]
    ordered += [f"{name}={default}" for name, default in parameters if default]
    return "".join(f", {parameter}" for parameter in ordered)


def _return(sketch: _Sketch, result: str) -> list[str]:
    torch = sketch.imports.torch
    form = sketch.rng.randrange(12)
    if form == 0:
        return [f"logits = {result}", "return logits"]
    if form == 1:
        return [f"return {torch}.log_softmax({result}, dim=-1)"]
    if form == 2:
        sketch.functional = True
        return [f"return F.log_softmax({result}, -1)"]
    if form == 3:
        return [f"return {torch}.sigmoid({result})"]
    if form == 4:
        sketch.styles.add("dict result")
        return [f'return {{"logits": {result}}}']
    return [f"return {result}"]


def _class(name: str, parent: str, signature: str, build: list[str], forward: list[str], extra: list[str]) -> list[str]:
    lines = [f"class {name}({parent}):"]
    if build:
        lines += [f"    def __init__(self{signature}):", "        super().__init__()", *_indent(build, 2), ""]
    lines += extra
    if forward:
        lines += forward
    return lines


def _classes(sketch: _Sketch, body: _Body, inputs: str) -> list[str]:
    """The file's classes, the model's named ``Model``."""
    module = sketch.imports.of_nn("Module")
    signature = _signature(sketch.spelled.parameters)
    build = sketch.spelled.before + body.build
    done = _return(sketch, body.result)
    if sketch.shape == "helper":
        sketch.styles.add("helper method")
        names = sorted(_assigned(body.unpacked) & _words("\n".join([*body.read, *done])))
        extra = inputs.removeprefix("x")
        arguments = ", ".join(names) + (extra if "lengths" in "".join([*body.read, *done]) else "")
        arguments = arguments.removeprefix(", ")
        helper = [f"    def summarise(self, {arguments}):", *_indent(body.read + done, 2), ""]
        forward = [f"    def forward(self, {inputs}):", *_indent([*body.unpacked, f"return self.summarise({arguments})"], 2)]
        return _class("Model", module, signature, build, forward, helper)
    forward = [f"    def forward(self, {inputs}):", *_indent(body.unpacked + body.read + done, 2)]
    if sketch.shape == "base":
        base = _class("Base", module, signature, build, [], [])
        while base and not base[-1]:
            base.pop()
        return [*base, "", "", *_class("Model", "Base", "", [], forward, [])]
    if sketch.shape == "encoder":
        return _with_encoder(sketch, body, inputs, done)
    return _class("Model", module, signature, build, forward, [])


def _with_encoder(sketch: _Sketch, body: _Body, inputs: str, done: list[str]) -> list[str]:
    """The recurrent layer in a module of its own; the model reads what that module's forward returns."""
    module = sketch.imports.of_nn("Module")
    names = sorted(_assigned(body.unpacked) & _words("\n".join([*body.read, *done])))
    own = [line for line in body.build if line.startswith(("self.rnn =", "self.emb", "self.first"))]
    rest = [line for line in body.build if line not in own]
    spelled = sketch.spelled
    sizes = {"inputs": "n_in", "hidden": "width", "layers": "stack_depth", "both": "two_way"}
    optional = {entry.split("=")[0] for entry in spelled.keywords}
    keywords = {"layers": "num_layers", "both": "bidirectional"}
    passed = [(fact, parameter) for fact, parameter in sizes.items() if keywords.get(fact) not in optional]
    inner = Spelled(spelled.setup, inside=dict(spelled.inside), keywords=spelled.keywords)
    for fact, parameter in passed:
        inner.inside[fact] = parameter
    encoder = replace(sketch, spelled=inner, styles=set())
    encoder_build = []
    for line in own:
        if line.startswith("self.rnn ="):
            encoder_build.append(f"self.rnn = {_constructor(encoder, inner.inside)}")
        else:
            encoder_build.append(line.replace(f", {spelled.inside['inputs']})", ", n_in)") if "Embedding" in line else line)
    encoder_build = [line.replace(spelled.inside["inputs"], "n_in") if "first" in line else line for line in encoder_build]
    unpacked = list(body.unpacked)
    directions = f"({2} if self.rnn.bidirectional else 1)"
    unpacked = [
        line.replace(f"{spelled.later['layers']} * {spelled.later['directions']}", f"self.rnn.num_layers * {directions}")
        .replace(f", {spelled.later['hidden']})", ", self.rnn.hidden_size)")
        if line.startswith(("h0", "c0"))
        else line
        for line in unpacked
    ]
    argument = ", ".join(names)
    as_dict = len(names) > 0 and sketch.chance(0.2)
    if as_dict:
        sketch.styles.add("encoder returns a dict")
        returned = "{" + ", ".join(f'"{name}": {name}' for name in names) + "}"
        received = ["got = self.encoder({0})", *[f'{name} = got["{name}"]' for name in names]]
    else:
        returned = argument
        received = [f"{argument} = self.encoder({{0}})"]
    needs_lengths = any("lengths" in line for line in unpacked)
    call_inputs = inputs if needs_lengths else "x"
    received = [line.format(call_inputs) if "encoder" in line else line for line in received]
    parameters = "".join(f", {parameter}" for _, parameter in passed)
    values = ", ".join(spelled.inside[fact] for fact, _ in passed)
    encoder_forward = [f"    def forward(self, {call_inputs}):", *_indent([*unpacked, f"return {returned}"], 2)]
    build = [*spelled.before, f"self.encoder = Encoder({values})", *rest]
    forward = [f"    def forward(self, {inputs}):", *_indent([*received, *body.read, *done], 2)]
    return [
        *_class("Encoder", module, parameters, encoder_build, encoder_forward, []),
        "",
        "",
        *_class("Model", module, _signature(spelled.parameters), build, forward, []),
    ]


def _assigned(lines: Sequence[str]) -> set[str]:
    found: set[str] = set()
    for line in lines:
        if " = " in line:
            found |= _words(line.split(" = ")[0])
    return found


def _words(text: str) -> set[str]:
    kept = "".join(character if character.isalnum() or character in "_." else " " for character in text)
    return {word.split(".")[0] for word in kept.split()}


def _arguments(spelled: Spelled, rng: random.Random) -> str:
    required = [name for name, default in spelled.parameters if not default]
    if rng.random() < 0.3:
        first = [f"{name}={spelled.arguments[name]}" for name in required]
    else:
        first = [spelled.arguments[name] for name in required]
    return ", ".join(first + [f"{name}={value}" for name, value in spelled.arguments.items() if name not in required])


def _assemble(sketch: _Sketch) -> Program:
    rng, spelled = sketch.rng, sketch.spelled
    body, argument, lengths, guarded = _body(sketch)
    inputs = "x, lengths" if lengths else "x"
    torch = sketch.imports.torch
    sizes = f"{torch}.full(({sketch.setup.samples},), {sketch.setup.steps})"
    given = f"{argument}, {sizes}" if lengths else argument
    arms: tuple[str, ...] = ()
    if sketch.shape in ("script", "function"):
        lines, declared = _script(sketch, body, inputs, given, [argument, sizes])
    else:
        lines = _classes(sketch, body, inputs)
        arguments = _arguments(spelled, rng)
        declared = f"Model({arguments})({given})"
        if guarded and spelled.flag:
            others = [f"{spelled.flag}={not sketch.setup.both}"]
            if spelled.depth:
                others = [f"{others[0]}, {spelled.depth}={count}" for count in (1, 2, 3)]
            arms = tuple(f"Model({', '.join(filter(None, (arguments, other)))})({given})" for other in others)
        if sketch.call_site:
            sketch.styles.add("call site")
            lines += ["", "", *_call_site(rng, arguments, given)]
    visible = sketch.call_site or sketch.shape == "script"
    if not sketch.setup.batched and not visible:
        sketch.free = "nothing in the file says that the input has no batch"
    text = "\n".join(_header(sketch, [*spelled.top, *lines]) + _spaced(spelled.top) + lines) + "\n"
    return Program(text, declared.replace(f"{torch}.", "torch."), tuple(arm.replace(f"{torch}.", "torch.") for arm in arms),
                   sketch.misread, sketch.free, frozenset(sketch.styles - {""}))  # fmt: skip


def _spaced(top: list[str]) -> list[str]:
    return [*top, "", ""] if top else []


def _header(sketch: _Sketch, lines: Sequence[str]) -> list[str]:
    text = "\n".join(lines)
    header = list(sketch.imports.header)
    if "@dataclass" in text:
        header.insert(0, "from dataclasses import dataclass\n")
    imports = [index for index, line in enumerate(header) if line.startswith(("import", "from"))]
    place = imports[-1] + 1
    if "F." in text:
        header.insert(place, "import torch.nn.functional as F")
    if "rearrange(" in text:
        header.insert(place, "from einops import rearrange")
    return [*header, "", ""]


def _call_site(rng: random.Random, arguments: str, given: str) -> list[str]:
    run = [f"model = Model({arguments})", f"result = model({given})"]
    form = rng.randrange(3)
    if form == 0:
        return ['if __name__ == "__main__":', *_indent(run)]
    if form == 1:
        return ["def main():", *_indent([*run, "return result"]), "", "", 'if __name__ == "__main__":', "    main()"]
    return run


def _script(sketch: _Sketch, body: _Body, inputs: str, given: str, arguments: list[str]) -> tuple[list[str], str]:
    build = [line.removeprefix("self.") for line in body.build]
    if sketch.shape == "script":
        made = [f"x = {arguments[0]}"] + ([f"lengths = {arguments[1]}"] if inputs != "x" else [])
        return [*build, *made, *body.unpacked, *body.read, f"logits = {body.result}"], "logits"
    forward = body.unpacked + body.read + _return(sketch, body.result)
    if sketch.chance(0.5):
        return [f"def run({inputs}):", *_indent(build + forward)], f"run({given})"
    return [*build, "", "", f"def run({inputs}):", *_indent(forward)], f"run({given})"
