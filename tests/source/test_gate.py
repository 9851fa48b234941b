"""Which files that name a recurrent module are looked into: what can build one, pack a batch, or drop a tensor."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from rnnlint import linter
from rnnlint.judge import judged
from rnnlint.linter import lint
from rnnlint.report import NOTHING
from rnnlint.settings import Settings
from rnnlint.source.gate import builds
from rnnlint.source.prefilter import mentions_rnn
from rnnlint.source.tree import tree_of

ROOT = Path(__file__).resolve().parents[2]
HEAD = "import torch\nfrom torch import nn\n\n"

BUILD = {
    "called": "rnn = nn.LSTM(3, 4)",
    "called in full": "rnn = torch.nn.GRU(3, 4)",
    "of its module": "import torch.nn.modules.rnn\nrnn = torch.nn.modules.rnn.LSTM(3, 4)",
    "of another name for its module": "import torch.nn as layers\nrnn = layers.LSTM(3, 4)",
    "imported from its module": "from torch.nn.modules.rnn import LSTM\nrnn = LSTM(3, 4)",
    "imported from the module of modules": "from torch.nn.modules import LSTM as Layer\nrnn = Layer(3, 4)",
    "of its module under another name": "import torch.nn.modules.rnn as r\nrnn = r.LSTM(3, 4)",
    "of the module of modules": "from torch.nn.modules import rnn\nmodule = rnn.LSTM(3, 4)",
    "imported": "from torch.nn import LSTM\nrnn = LSTM(3, 4)",
    "imported in brackets": "from torch.nn import (\n    GRU,\n    LSTM,\n)\nrnn = LSTM(3, 4)",
    "imported under another name": "from torch.nn import LSTM as Layer\nrnn = Layer(3, 4)",
    "imported with a star": "from torch.nn import *\nrnn = LSTM(3, 4)",
    "imported beside a class of that name": (
        "from torch.nn import (\n    GRU, LSTM\n)\nrnn = LSTM(3, 4)\nclass LSTM(LSTM):\n    pass"
    ),
    "imported with a star beside a class of that name": (
        "from torch.nn import *\nrnn = LSTM(3, 4)\nclass LSTM:\n    pass"
    ),
    "stored in a class, and asked for by name": "class A:\n    layer = nn.LSTM\nrnn = getattr(A, 'layer')(3, 4)",
    "by its name, of a module by its name": "rnn = getattr(getattr(torch, 'nn'), 'LSTM')(3, 4)",
    "a cell": "cell = nn.GRUCell(3, 4)",
    "a base": "rnn = nn.RNNBase('LSTM', 3, 4)",
    "inherited": "class Mine(nn.LSTM):\n    pass\nrnn = Mine(3, 4)",
    "in a function": "def f(a, b):\n    if a:\n        with b:\n            return [nn.LSTM(3, 4)]",
    "a default": "def f(rnn=nn.LSTM(3, 4)):\n    return rnn",
    "a class as a default": "def f(layer=nn.LSTM):\n    return layer(3, 4)",
    "a decorator": "@wrapped(nn.LSTM(3, 4))\ndef f():\n    pass",
    "a lambda": "make = lambda: nn.LSTM(3, 4)",
    "a comprehension": "rnns = [nn.LSTM(3, 4) for _ in range(2)]",
    "values of a dict": "CELLS = {'lstm': nn.LSTM, 'gru': nn.GRU}\nrnn = CELLS['lstm'](3, 4)",
    "values of dict()": "CELLS = dict(lstm=nn.LSTM)\nrnn = CELLS['lstm'](3, 4)",
    "a tuple that is gone through": "for layer in (nn.LSTM, nn.GRU):\n    rnn = layer(3, 4)",
    "handed on": "rnn = make(nn.LSTM, 3, 4)",
    "stored": "LAYER = nn.LSTM\nrnn = LAYER(3, 4)",
    "stored in a class": "class A:\n    layer = nn.LSTM\n    def f(self):\n        return self.layer(3, 4)",
    "chosen": "layer = nn.LSTM if deep else nn.GRU\nrnn = layer(3, 4)",
    "in an f-string": "print(f'{nn.LSTM(3, 4)} is built')",
    "in an f-string of several lines": "print(f'''\n{x} {nn.LSTM(3, 4)}''')",
    "behind letters of two bytes": "x = {'é': 1, 'ü': nn.LSTM(3, 4)}",
    "compared and called": "rnn = nn.LSTM(3, 4) if kind == nn.LSTM else None",
    "by its name": "rnn = getattr(nn, 'LSTM')(3, 4)",
    "of its members": "rnn = vars(nn)['LSTM'](3, 4)",
    "of its members in full": "rnn = torch.nn.__dict__['LSTM'](3, 4)",
    "as a text that is run": "rnn = eval('nn.' + 'LSTM')(3, 4)",
    "by a name that is open": "# LSTM\nrnn = getattr(torch.nn, kind)(3, 4)",
    "by a name, of another name for its module": "import torch.nn as layers  # LSTM\nrnn = getattr(layers, kind)(3, 4)",
    "by a name, of what is handed on": "# LSTM\ndef make(of, kind):\n    return getattr(of, kind)(3, 4)\nmake(nn, 'x')",
    "by a name, with its arguments in a tuple": "# LSTM\nrnn = getattr(*which)(3, 4)",
    "a batch is packed": "# LSTM\npacked = nn.utils.rnn.pack_padded_sequence(x, lengths)",
    "a packed batch is made": "# LSTM\nimport torch.nn.utils.rnn as r\npacked = r.PackedSequence(x, sizes)",
    "a packed batch is made and read": (
        "# LSTM\nclass A:\n    def f(self, x):\n        packed = nn.utils.rnn.PackedSequence(x)\n"
        "        return packed[:, -1]\n"
    ),
    "a packed batch is made for another method": (
        "# LSTM\nclass A:\n    def f(self, x):\n        return nn.utils.rnn.PackedSequence(x)\n"
        "    def g(self, x):\n        return self.f(x)[:, -1]\n"
    ),
    "a packed batch is made for another class": (
        "# LSTM\nclass A(nn.Module):\n    def forward(self, x):\n        return nn.utils.rnn.PackedSequence(x)\n"
        "print(A()(x)[:, -1])\n"
    ),
    "a packed batch is made by an inner function": (
        "# LSTM\nclass A:\n    def f(self, x):\n        def g():\n            return nn.utils.rnn.PackedSequence(x)\n"
        "        return g()[:, -1]\n"
    ),
    "a packed batch is made for whoever calls": (
        "# LSTM\nclass A(nn.Module):\n    def forward(self, x):\n        return nn.utils.rnn.PackedSequence(x)\n"
        "    def last(self, x):\n        return self(x)[:, -1]\n"
    ),
    "a tensor is dropped": "# LSTM\nx = torch.zeros(3)\nx.detach()",
    "a packed batch is made, changed and returned": (
        "# LSTM\nclass A(nn.Module):\n    def forward(self, x):\n        packed = nn.utils.rnn.PackedSequence(x)\n"
        "        packed = packed[:, -1]\n        return packed\n"
    ),
    "a packed batch is made in each round": (
        "# LSTM\nclass A(nn.Module):\n    def forward(self, x):\n        packed = x\n        for _ in x:\n"
        "            y = packed[:, -1]\n            packed = nn.utils.rnn.PackedSequence(x)\n        return packed\n"
    ),
    "a packed batch is made for an heir": (
        "# LSTM\nclass A(nn.Module):\n    def forward(self, x):\n        return nn.utils.rnn.PackedSequence(x)\n"
        "class B(A):\n    pass\nprint(B()(x)[:, -1])\n"
    ),
    "a packed batch is made for a method that reads it": (
        "# LSTM\nclass A:\n    def f(self, x):\n        return nn.utils.rnn.PackedSequence(x)\n"
        "    def g(self, x):\n        packed = self.f(x)\n        return packed[:, -1]\n"
    ),
    "packing, of a star": "# LSTM\nfrom mine import *\npacked = pack_padded_sequence(x, lengths)",
    "imported by one of two": (
        "try:\n    from fast import LSTM\nexcept ImportError:\n    from torch.nn import LSTM\nrnn = LSTM(3, 4)"
    ),
    "of one of two modules": (
        "try:\n    import fast as layers\nexcept ImportError:\n    import torch.nn as layers\nrnn = layers.LSTM(3, 4)"
    ),
    "of a module that was bound again": "import fast\nfast = nn\nrnn = fast.LSTM(3, 4)",
    "of what a function is given": "import fast\ndef f(fast):\n    return fast.LSTM(3, 4)\nf(nn)",
    "handed to a class of the file": "class A:\n    def __init__(self, of):\n        self.rnn = of(3, 4)\nA(nn.LSTM)",
    "handed elsewhere, and called": "import other\ndef f():\n    layer = nn.LSTM\n    other.f(layer)\n    layer(3, 4)",
    "by a name that is open, of what is handed on under its name": (
        "# LSTM\nimport torch.nn as layers\ndef make(of, kind):\n    return getattr(of, kind)(3, 4)\nmake(layers, 'x')"
    ),
    "by a name that is put together": "# LSTM\nrnn = getattr(nn, f'{kind}Cell')(3, 4)",
    "after lines that end otherwise": "a = 1\r\nb = 2\r\nrnn = nn.LSTM(3, 4)\r\n",
    "a class of the file's own, of an inner import": "def f():\n    from torch.nn import LSTM\n    return LSTM(3, 4)\n",
}

BUILD_NONE = {
    "a comment": "x = 1  # nn.LSTM(3, 4)",
    "a docstring": 'def f():\n    """Like nn.LSTM(3, 4)."""',
    "a text": "print('nn.LSTM(3, 4)', 'LSTM')",
    "the text of an f-string": "print(f'an LSTM of {size}')",
    "imported": "from torch.nn import LSTM",
    "an annotation of a parameter": "def f(rnn: nn.LSTM, *more: nn.GRU):\n    return rnn",
    "an annotation inside one": "def f(rnn: Optional[nn.LSTM | nn.GRU] = None) -> list[nn.GRU]:\n    return [rnn]",
    "an annotation of an attribute": "class A:\n    rnn: nn.LSTM",
    "isinstance": "if isinstance(x, nn.LSTM) or isinstance(x, (nn.RNN, nn.GRU)):\n    pass",
    "issubclass": "issubclass(x, nn.RNNBase)",
    "keys of a dict": "SIZES = {nn.LSTM: 4, nn.GRU: 3}",
    "what is looked for": "if type(x) == nn.LSTM or type(x) in (nn.GRU, nn.RNN) or kind is nn.GRU:\n    pass",
    "a pattern": "match x:\n    case nn.LSTM():\n        pass",
    "only its name": "print(nn.LSTM.__name__)",
    "stored to be compared": "class A:\n    kind = nn.LSTM\n    def f(self, x):\n        return type(x) == self.kind",
    "another's": "import torch.ao.nn.quantized as nnq\nrnn = nnq.LSTM(3, 4)",
    "another's in full": "rnn = torch.ao.nn.quantized.dynamic.LSTM(3, 4)",
    "a class of the file": "class LSTM(nn.Module):\n    pass\nrnn = LSTM()",
    "an attribute of the object's own": "class A(nn.Module):\n    def f(self, x):\n        return self.LSTM(x)",
    "a longer name": "# LSTM\nrnn = nn.MyLSTM(3, 4)\nother = nn.LSTMs(3, 4)",
    "a keyword": "rnn = make(LSTM=True)",
    "getattr of something else": "# LSTM\ny = getattr(self, kind), getattr(x, 'weight'), getattr(nn, 'Linear')(3, 4)",
    "a tensor is kept": "# LSTM\nx = torch.zeros(3)\ny = x.detach()",
    "a packed batch is given away": (
        "# LSTM\nclass A(nn.Module):\n    def forward(self, x):\n        if x:\n"
        "            packed = nn.utils.rnn.PackedSequence(x)\n            return packed, x\n"
        "        return nn.utils.rnn.PackedSequence(x)\n"
    ),
    "a packed batch is made in one of two ways": (
        "# LSTM\nclass A(nn.Module):\n    def forward(self, x):\n        y = self.layer(x)\n        if self.packs:\n"
        "            y = nn.utils.rnn.PackedSequence(y)\n        else:\n            y = y.transpose(0, 1)\n"
        "        return y\nclass B(A):\n    def __init__(self):\n        super(B, self).__init__()\n"
    ),
    "a packed batch is given away by two": (
        "# LSTM\nclass A(nn.Module):\n    def packed(self, x):\n        y = nn.utils.rnn.PackedSequence(x)\n"
        "        return y\n    def forward(self, x):\n        return self.packed(x)\n"
    ),
    "one of another file": "from mine.layers import LSTM, GRU as Other\nrnn = LSTM(3, 4)",
    "one of the file beside": "def f():\n    from ..layers import LSTM\n    return LSTM(3, 4)",
    "one of nowhere": "rnn = LSTM(3, 4)",
    "of another package": "import mine.layers as layers\nrnn = layers.LSTM(3, 4)",
    "a member of another's": "from mine import Kind\nkind = Kind.LSTM",
    "a member of an enum": "class Kind(Enum):\n    LSTM = 'lstm'\nkind = Kind.LSTM",
    "another's under another name": "from mine import LSTM as Layer\nrnn = Layer(3, 4)",
    "under another name that only compares": "from torch.nn import LSTM as Layer\nprint(isinstance(x, Layer))",
    "members of something else": "# LSTM\nx = vars(self)['LSTM'], self.__dict__, vars(torch)['nn']",
    "a model's own eval": "# LSTM\nmodel.eval()",
    "handed elsewhere": "from mine import register\n@register(nn.LSTM)\ndef f():\n    pass\nregister(kinds=[nn.GRU])",
    "handed elsewhere under a name": (
        "import torch\ndef f(model):\n    kinds = {nn.LSTM, nn.Linear}\n"
        "    return torch.quantization.quantize_dynamic(model, kinds)"
    ),
    "by a name, to be handed elsewhere": (
        "# LSTM\nfrom mine import quantized\ndef f(model, names):\n"
        "    return quantized(model, which=set([getattr(torch.nn, name) for name in names]))"
    ),
    "by a name, called with nothing": "# LSTM\nact = getattr(nn, kind)()",
    "an attribute of torch": "# LSTM\ndtype = getattr(torch, kind)\nf(nn)",
    "a weight by its name": "# LSTM\nf(nn)\nweight = getattr(x, f'weight_ih_l{layer}')",
    "getattr, where nn is only asked": "# LSTM\nx = getattr(y, kind), getattr(nn, 'Linear'), self.nn(x)",
    "stored to be compared, beside a getattr": (
        "class A:\n    kind = nn.LSTM\n    def f(self, x):\n        return type(x) == self.kind, getattr(x, 'size')"
    ),
    "packing is imported": "# LSTM\nfrom torch.nn.utils.rnn import pack_padded_sequence, PackedSequence",
}


@pytest.mark.parametrize("name", BUILD)
def test_what_builds(name: str) -> None:
    text = HEAD + BUILD[name]
    assert mentions_rnn(text)
    assert builds(text, tree_of(text))


@pytest.fixture
def _everything_is_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """What mentions an RNN is run, whether or not the gate finds anything in it."""
    monkeypatch.setattr("rnnlint.source.parse.holders", lambda *_: None)


@pytest.mark.usefixtures("_everything_is_run")
@pytest.mark.parametrize("name", BUILD_NONE)
def test_what_builds_none(name: str) -> None:
    text = HEAD + BUILD_NONE[name]
    assert mentions_rnn(text)
    assert not builds(text, tree_of(text))
    assert judged(text, Settings()) == NOTHING


@pytest.mark.parametrize("name", BUILD_NONE)
def test_one_place_that_builds_is_enough(name: str) -> None:
    """The meta-test: what is passed over hides nothing beside it."""
    text = f"{HEAD}{BUILD_NONE[name]}\n\nrnn = nn.RNN(3, 4)\n"
    assert builds(text, tree_of(text))


FILES = [*sorted((ROOT / "fixtures").rglob("*.py")), *sorted((ROOT / "rnnlint").rglob("*.py"))[::3]]
"""Of rnnlint, which builds no RNN and mentions them all over, each third file: all of it is 100 files to be run."""


@pytest.mark.usefixtures("_everything_is_run")
def test_nothing_is_lost_on_the_projects_own_files() -> None:
    passed, accepted = 0, 0
    for path in FILES:
        text = path.read_text(encoding="utf-8")
        if not mentions_rnn(text):
            continue
        if builds(text, tree_of(text)):
            accepted += 1
            continue
        passed += 1
        report = judged(text, Settings(all_configurations=True))
        assert (report.findings, report.modules.seen, report.internal) == ((), 0, ()), path
    assert passed > 10  # the meta-tests: it lets some through, and not all
    assert accepted > 10


def test_the_tree_that_a_host_hands_over_is_read_instead_of_the_text(monkeypatch: pytest.MonkeyPatch) -> None:
    text = (ROOT / "fixtures/rules/RNN102/model.py").read_text(encoding="utf-8")
    tree = ast.parse(text)
    expected = lint(text)
    assert expected.findings

    def fail(*_: object) -> ast.Module:
        raise AssertionError("parsed again")

    monkeypatch.setattr(linter, "tree_of", fail)
    monkeypatch.setattr("rnnlint.source.parse.tree_of", fail)
    assert lint(text, tree=tree) == expected
