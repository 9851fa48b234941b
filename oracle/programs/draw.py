"""Drawing ordinary small models: one recurrent layer (or a stack), a reading of its results, a last Linear.

Everything a file can do differently is drawn: imports, where the configuration stands, names (misleading ones too),
the input's layout, how the call's results are unpacked, what is read of them and how it is wired to the Linear.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace

from oracle.programs import spelling
from oracle.programs.calling import Argument, constructor
from oracle.programs.sketch import Body, Sketch, words
from oracle.programs.spelling import Spelled
from oracle.programs.wiring import draw_body

# Classes more often than scripts and functions, because most rules are about models.
SHAPES = ("class", "class", "class", "helper", "base", "encoder", "encoder", "script", "function")


@dataclass(frozen=True, slots=True)
class Program:
    """A file's text, and the expressions whose value is its result, to be evaluated in its names.

    ``declared`` runs the configuration that the file declares, ``arms`` those in which a guard on a flag leads to the
    other arm than the declared default does.  ``doubtful`` runs those in which the flag of a configuration object does,
    or one that the file's call site leaves at its default: whether such an arm is alive is a matter of opinion.
    ``singles`` are all of these on one sample, where the model stands apart from what it is run on.
    ``in_batch`` is ``declared`` on a batch, of a program that does not say that its input has none.
    ``misread`` says that the text unpacks or indexes a result as what it is not, ``half`` that one half of output is
    taken by name, ``free`` why the truth of the run alone does not decide what should be reported, if it does not.
    """

    text: str
    declared: str
    arms: tuple[str, ...] = ()
    misread: bool = False
    half: bool = False
    doubtful: tuple[str, ...] = ()
    free: str = ""
    styles: frozenset[str] = frozenset()
    singles: tuple[str, ...] = ()
    in_batch: str = ""


def draw(rng: random.Random) -> Program:
    """One program; the same generator state gives the same program."""
    setup = spelling.draw_setup(rng)
    shape = rng.choice(SHAPES)
    in_class = shape not in ("script", "function")
    # fewer than half, because the linter is to judge classes that nothing in their file calls
    call_site = in_class and rng.random() < 0.4
    imports = spelling.draw_imports(rng, setup.cell)
    spelled = spelling.spell(rng, setup, in_class, call_site)
    own = "self." if in_class else ""
    styles = {shape, setup.cell, *spelled.styles}
    sketch = Sketch(rng, setup, shape, imports, spelled, call_site, own, styles)
    return _assemble(sketch)


def _indent(lines: Sequence[str], depth: int = 1) -> list[str]:
    return [("    " * depth + line) if line else "" for line in lines]


def _signature(parameters: Sequence[tuple[str, str]]) -> str:
    ordered = [name for name, default in parameters if not default]
    ordered += [f"{name}={default}" for name, default in parameters if default]
    return "".join(f", {parameter}" for parameter in ordered)


def _return(sketch: Sketch, result: str) -> list[str]:
    torch = sketch.imports.torch
    form = sketch.rng.randrange(12)
    if form == 0:
        return [f"logits = {result}", "return logits"]
    if form == 1:
        return [f"return {torch}.log_softmax({result}, dim=-1)"]
    if form == 2:
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


def _classes(sketch: Sketch, body: Body, inputs: str) -> list[str]:
    """The file's classes, the model's named ``Model``."""
    module = sketch.imports.of_nn("Module")
    signature = _signature(sketch.spelled.parameters)
    build = sketch.spelled.before + body.build
    done = _return(sketch, body.result)
    if sketch.shape == "helper":
        sketch.styles.add("helper method")
        names = sorted(_assigned(body.unpacked) & words("\n".join([*body.read, *done])))
        extra = inputs.removeprefix("x")
        arguments = ", ".join(names) + (extra if "lengths" in "".join([*body.read, *done]) else "")
        arguments = arguments.removeprefix(", ")
        helper = [f"    def summarise(self, {arguments}):", *_indent(body.read + done, 2), ""]
        forward = [
            f"    def forward(self, {inputs}):",
            *_indent([*body.unpacked, f"return self.summarise({arguments})"], 2),
        ]
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


def _with_encoder(sketch: Sketch, body: Body, inputs: str, done: list[str]) -> list[str]:
    """The recurrent layer in a module of its own; the model reads what that module's forward returns."""
    module = sketch.imports.of_nn("Module")
    names = sorted(_assigned(body.unpacked) & words("\n".join([*body.read, *done])))
    # by how ``wiring`` names them: the layer, an embedding (``embedding``, ``embed``, ``emb``), a layer below
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
            encoder_build.append(f"self.rnn = {constructor(encoder, inner.inside)}")
        else:  # an Embedding or a first layer, whose only sizes are literals and the input's
            name, made = line.split("(", 1)
            encoder_build.append(f"{name}({made.replace(spelled.inside['inputs'], 'n_in')}")
    unpacked = list(body.unpacked)
    directions = f"({2} if self.rnn.bidirectional else 1)"
    unpacked = [
        line.replace(
            f"{spelled.later['layers']} * {spelled.later['directions']}", f"self.rnn.num_layers * {directions}"
        ).replace(f", {spelled.later['hidden']})", ", self.rnn.hidden_size)")
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
            found |= words(line.split(" = ")[0])
    return found


def _arguments(spelled: Spelled, rng: random.Random) -> str:
    required = [name for name, default in spelled.parameters if not default]
    if rng.random() < 0.3:
        first = [f"{name}={spelled.arguments[name]}" for name in required]
    else:
        first = [spelled.arguments[name] for name in required]
    return ", ".join(first + [f"{name}={value}" for name, value in spelled.arguments.items() if name not in required])


def _assemble(sketch: Sketch) -> Program:
    rng, spelled = sketch.rng, sketch.spelled
    body, argument, lengths, guarded = draw_body(sketch)
    inputs = "x, lengths" if lengths else "x"
    torch = sketch.imports.torch
    given, sizes = _given(argument, sketch.setup.samples, sketch.setup.steps, torch, lengths)
    arms: tuple[str, ...] = ()
    doubtful: tuple[str, ...] = ()
    if sketch.shape in ("script", "function"):
        lines, declared = _script(sketch, body, inputs, given, [given.split(f", {sizes}")[0], sizes])
    else:
        lines = _classes(sketch, body, inputs)
        arguments = _arguments(spelled, rng)
        declared = f"Model({arguments})({given})"
        # only a parameter's default can be turned round from outside; its other value leads to the other arm
        if guarded and spelled.flag:
            others = [f"{spelled.flag}={not sketch.setup.both}"]
            if spelled.depth:
                # every number of layers that is drawn, because the default of that parameter is open as well
                others = [f"{others[0]}, {spelled.depth}={count}" for count in (1, 2, 3)]
            arms = tuple(f"Model({', '.join(filter(None, (arguments, other)))})({given})" for other in others)
            if sketch.call_site:
                arms, doubtful = (), arms
        flag = spelled.inside["both"]
        if guarded and flag.startswith("config."):
            opposite = f'setattr(config, "{flag.removeprefix("config.")}", {not sketch.setup.both})'
            doubtful = (f"{opposite} or {declared}",)
        if sketch.call_site:
            sketch.styles.add("call site")
            lines += ["", "", *_call_site(rng, arguments, given)]
    visible = sketch.call_site or sketch.shape == "script"
    if sketch.shape != "script" and sketch.setup.batched:
        alone, _ = _given(argument, 1, sketch.setup.steps, torch, lengths)
        singles = tuple(run.replace(given, alone) for run in (declared, *arms, *doubtful))
    else:
        singles = ()
    # where the call stands in the file, its shape says so
    in_batch = ""
    if not sketch.setup.batched and not visible:
        sketch.free = "nothing in the file says that the input has no batch"
        several, _ = _given(replace(argument, batched=True), sketch.setup.samples, sketch.setup.steps, torch, lengths)
        in_batch = declared.replace(given, several)
    text = (
        "\n".join(_header(sketch, [*spelled.top, *body.helpers, *lines]) + _spaced(spelled.top) + body.helpers + lines)
        + "\n"
    )
    return Program(
        text,
        _plain(declared, torch),
        tuple(_plain(arm, torch) for arm in arms),
        sketch.misread,
        sketch.half,
        tuple(_plain(arm, torch) for arm in doubtful),
        sketch.free,
        frozenset(sketch.styles - {""}),
        tuple(_plain(run, torch) for run in singles),
        _plain(in_batch, torch),
    )


def _given(argument: Argument, samples: int, steps: int, torch: str, lengths: bool) -> tuple[str, str]:
    """The driver's arguments for so many samples and steps, and the lengths among them."""
    sizes = f"{torch}.full(({samples},), {steps})"
    tensor = argument.of(samples, steps)
    return f"{tensor}, {sizes}" if lengths else tensor, sizes


def _plain(expression: str, torch: str) -> str:
    """An expression for the driver, which knows torch by its own name."""
    return expression.replace(f"{torch}.", "torch.")


def _spaced(top: list[str]) -> list[str]:
    return [*top, "", ""] if top else []


def _header(sketch: Sketch, lines: Sequence[str]) -> list[str]:
    text = "\n".join(lines)
    header = list(sketch.imports.header)
    if "@dataclass" in text:
        header.insert(0, "from dataclasses import dataclass\n")
    # after the last import, because aliases of classes (``Layer = nn.GRU``) stand below it in the header
    imports = [index for index, line in enumerate(header) if line.startswith(("import", "from"))]
    place = imports[-1] + 1
    # by the text, because what needs an import is drawn in many places
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


def _script(sketch: Sketch, body: Body, inputs: str, given: str, arguments: list[str]) -> tuple[list[str], str]:
    build = [line.removeprefix("self.") for line in body.build]
    if sketch.shape == "script":
        made = [f"x = {arguments[0]}"] + ([f"lengths = {arguments[1]}"] if inputs != "x" else [])
        return [*build, *made, *body.unpacked, *body.read, f"logits = {body.result}"], "logits"
    forward = body.unpacked + body.read + _return(sketch, body.result)
    if sketch.chance(0.5):
        return [f"def run({inputs}):", *_indent(build + forward)], f"run({given})"
    return [*build, "", "", f"def run({inputs}):", *_indent(forward)], f"run({given})"
