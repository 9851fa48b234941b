"""Drawing a recurrent layer's configuration, and the many ways in which a file can spell it.

How often a way is drawn follows roughly how often people take it; what is seldom is drawn often enough that a few
thousand programs meet it beside everything else.  Likewise in all modules here that draw.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from rnnlint.cells import LAYERS

CELLS = LAYERS

ATTRIBUTE_NAMES = ("rnn", "lstm", "gru", "encoder", "recurrent", "layer", "seq_model", "hidden_layer")
OUTPUT_NAMES = ("out", "output", "outputs", "x", "hidden", "seq", "y", "states", "features")
STATE_NAMES = ("h", "hn", "h_n", "hidden", "state", "ht", "last", "enc", "final")
CELL_NAMES = ("c", "cn", "c_n", "cell")
SIZE_NAMES = {
    "inputs": ("input_size", "embed_dim", "n_features", "emb_dim"),
    "hidden": ("hidden_size", "hidden_dim", "nhid", "dim", "n_hidden"),
    "layers": ("num_layers", "n_layers", "nlayers", "depth"),
    "both": ("bidirectional", "bidir", "use_both", "bi"),
    "classes": ("num_classes", "n_out", "output_size", "classes"),
}


@dataclass(frozen=True, slots=True)
class Setup:
    """One configuration, and the sizes the program is run with (all sizes that could be confused differ)."""

    cell: str
    layers: int
    both: bool
    batch_first: bool
    inputs: int
    hidden: int
    proj: int
    # 5 samples and 7 steps: neither is a width, a number of rows of h_n (1, 2, 3, 4, 6), or the other
    classes: int = 3
    samples: int = 5
    steps: int = 7
    batched: bool = True

    @property
    def directions(self) -> int:
        """2 or 1."""
        return 2 if self.both else 1

    @property
    def units(self) -> int:
        """The width of one direction's half of output: proj_size, if there is one, else hidden_size."""
        return self.proj or self.hidden


def draw_setup(rng: random.Random) -> Setup:
    """A cell, 1-3 layers, one or both directions; sizes as people write them, but small."""
    cell = rng.choice(CELLS)
    # even, because hidden // 2 and proj_size are halves of it
    hidden = rng.choice((8, 10, 12, 16, 20, 32))
    return Setup(
        cell=cell,
        # three, because with two the one below the last is the first
        layers=rng.choice((1, 1, 2, 2, 3)),
        both=rng.random() < 0.55,
        batch_first=rng.random() < 0.65,
        inputs=rng.choice((4, 6, 9, 11)),
        hidden=hidden,
        proj=hidden // 2 if cell == "LSTM" and rng.random() < 0.1 else 0,
        # seldom: people hardly ever leave out the batch
        batched=rng.random() > 0.04,
    )


@dataclass(slots=True)
class Imports:
    """How the file names torch: ``header`` lines, and text for names of torch, nn and functional."""

    header: list[str]
    torch: str
    nn: str
    renamed: dict[str, str] = field(default_factory=dict)

    def of_nn(self, name: str) -> str:
        """Text for a name of ``torch.nn``, as this file has imported it."""
        return self.renamed.get(name, f"{self.nn}.{name}")


def draw_imports(rng: random.Random, cell: str) -> Imports:
    """One of the import forms met in real files."""
    alias = rng.choice((cell, "L", "Recurrent", "Core"))
    named = f"{cell} as {alias}" if alias != cell else cell
    alias_line = f"Layer = nn.{cell}"
    forms = (
        Imports(["import torch", "import torch.nn as nn"], "torch", "nn"),
        Imports(["import torch", "import torch.nn as nn"], "torch", "nn"),
        Imports(["import torch", "from torch import nn"], "torch", "nn"),
        Imports(["import torch"], "torch", "torch.nn"),
        Imports(["import torch as th", "from torch import nn as tnn"], "th", "tnn"),
        Imports(
            ["import torch", "from torch import nn", f"from torch.nn import {named}, Linear"],
            "torch",
            "nn",
            {cell: alias, "Linear": "Linear"},
        ),
        Imports(["import torch", "from torch import nn", "", alias_line], "torch", "nn", {cell: "Layer"}),
    )
    return rng.choice(forms)


@dataclass(slots=True)
class Spelled:
    """Where the configuration stands in the file, and the expressions that name it.

    ``inside`` are the expressions valid where the layer is built, ``later`` those valid where it is called.
    ``flag`` and ``depth`` are the parameters for bidirectional and the number of layers, if a default alone decides.
    ``parameters`` are pairs of name and default text of the constructor; ``arguments`` the values of a call site.
    """

    setup: Setup
    top: list[str] = field(default_factory=list)
    parameters: list[tuple[str, str]] = field(default_factory=list)
    arguments: dict[str, str] = field(default_factory=dict)
    before: list[str] = field(default_factory=list)
    inside: dict[str, str] = field(default_factory=dict)
    later: dict[str, str] = field(default_factory=dict)
    keywords: list[str] = field(default_factory=list)
    open_sizes: set[str] = field(default_factory=set)
    flag: str = ""
    depth: str = ""
    styles: set[str] = field(default_factory=set)


_WAYS_OF_A_CLASS = ("literal", "constant", "parameter", "parameter", "parameter", "attribute", "config", "kwargs")
_WAYS_OF_A_SCRIPT = ("literal", "literal", "constant", "constant", "config", "kwargs")


def spell(rng: random.Random, setup: Setup, in_class: bool, call_site: bool) -> Spelled:
    """Draws a way for every size and flag of ``setup``."""
    spelled = Spelled(setup)
    values: dict[str, int | bool] = {
        "inputs": setup.inputs,
        "hidden": setup.hidden,
        "layers": setup.layers,
        "both": setup.both,
        "classes": setup.classes,
    }
    halved = setup.both and not setup.proj and rng.random() < 0.2
    if halved:
        values["hidden"] = setup.hidden * 2
        spelled.styles.add("hidden // 2")
    favourite = rng.choice(("parameter", "constant", "config") if in_class else ("literal", "constant", "config"))
    for fact, value in values.items():
        way = rng.choice(_WAYS_OF_A_CLASS if in_class else _WAYS_OF_A_SCRIPT)
        # half of the sizes in one way, because files have a habit; the others mix them
        if rng.random() < 0.5:
            way = favourite
        # sizes stand in the call itself, because ``constructor`` writes them there
        if way == "kwargs" and fact not in ("layers", "both"):
            way = "literal"
        name = rng.choice(SIZE_NAMES[fact])
        _spell_one(rng, spelled, fact, name, repr(value), way, call_site)
        spelled.styles.add(way)
    if halved:
        for place in (spelled.inside, spelled.later):
            place["twice"] = place["hidden"]
            place["hidden"] = place["hidden"] + rng.choice((" // 2", " // 2", " // 2"))
    _kwargs(rng, spelled)
    _directions(rng, spelled, in_class)
    return spelled


def _spell_one(
    rng: random.Random, spelled: Spelled, fact: str, name: str, value: str, way: str, call_site: bool
) -> None:
    match way:
        case "constant":
            spelled.top.append(f"{name.upper()} = {value}")
            spelled.inside[fact] = spelled.later[fact] = name.upper()
        case "parameter":
            # Without a call site only sizes may lack a default: a flag that nothing declares has no one truth.
            open_size = not call_site and fact in ("inputs", "hidden", "classes") and rng.random() < 0.3
            default = "" if open_size or (call_site and rng.random() < 0.4) else value
            spelled.open_sizes |= {fact} if open_size else set()
            if default and call_site and fact in ("layers", "both") and rng.random() < 0.5:
                default = {"True": "False", "False": "True"}.get(value, str(int(value == "1") + 1))
            if default != value:
                spelled.arguments[name] = value
                spelled.styles.add("call site decides" if call_site else "open size")
            spelled.parameters.append((name, default))
            spelled.inside[fact] = name
            spelled.later[fact] = f"self.{name}"
            spelled.before.append(f"self.{name} = {name}")
            if fact == "both" and default == value:
                spelled.flag = name
            if fact == "layers" and not call_site:
                spelled.depth = name
        case "attribute":
            spelled.before.append(f"self.{name} = {value}")
            spelled.inside[fact] = spelled.later[fact] = f"self.{name}"
        case "config":
            # marked, until it is known whether the fields make a dataclass or a plain class (``_kwargs``)
            spelled.top.append(f"CONFIG {name}: {'bool' if fact == 'both' else 'int'} = {value}")
            spelled.inside[fact] = f"config.{name}"
            spelled.later[fact] = f"config.{name}"
        case "kwargs":
            key = "num_layers" if fact == "layers" else "bidirectional"
            spelled.keywords.append(f"{key}={value}")
            spelled.inside[fact] = spelled.later[fact] = value
        case _:
            spelled.inside[fact] = spelled.later[fact] = value


def _kwargs(rng: random.Random, spelled: Spelled) -> None:
    fields = [line.removeprefix("CONFIG ") for line in spelled.top if line.startswith("CONFIG ")]
    spelled.top = [line for line in spelled.top if not line.startswith("CONFIG ")]
    if fields and rng.random() < 0.5:
        body = [f"    {line}" for line in fields]
        spelled.top = ["@dataclass", "class Config:", *body, "", "", "config = Config()", *spelled.top]
        spelled.styles.add("dataclass")
    elif fields:
        body = [f"    {line.replace(': int', '').replace(': bool', '')}" for line in fields]
        spelled.top = ["class config:", *body, "", *spelled.top]
        spelled.styles.add("class as config")
    if spelled.keywords:
        pairs = [entry.split("=") for entry in spelled.keywords]
        dictionary = "{" + ", ".join(f'"{key}": {value}' for key, value in pairs) + "}"
        text = rng.choice((f"dict({', '.join(spelled.keywords)})", dictionary))
        spelled.top.append(f"options = {text}")


def _directions(rng: random.Random, spelled: Spelled, in_class: bool) -> None:
    for place in (spelled.inside, spelled.later):
        flag = place["both"]
        forms = (f"(2 if {flag} else 1)", f"(2 if {flag} else 1)", f"(int({flag}) + 1)", f"(1 + {flag})")
        place["directions"] = str(spelled.setup.directions) if flag in ("True", "False") else rng.choice(forms)
    if in_class and rng.random() < 0.35:
        spelled.before.append(f"self.num_directions = {spelled.inside['directions']}")
        spelled.inside["directions"] = spelled.later["directions"] = "self.num_directions"
        spelled.styles.add("num_directions")
