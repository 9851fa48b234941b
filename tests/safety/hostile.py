"""Files that are hard on a linter.  Each begins with an RNN, so that none is passed over before it is parsed."""

from __future__ import annotations

import re
import textwrap

HEAD = "import torch\nimport torch.nn as nn\n\nrnn = nn.LSTM(3, 4, batch_first=True, bidirectional=True)\n"

# A class around whatever is done to ``output`` and to ``self.size``.
MODEL = HEAD + (
    "\n\nclass Model(nn.Module):\n"
    "    def __init__(self, size=4):\n"
    "        super().__init__()\n"
    "        self.size = {size}\n"
    "        self.rnn = nn.GRU(3, self.size, batch_first=True)\n\n"
    "    def forward(self, x):\n"
    "        output, h_n = self.rnn(x)\n"
    "        return {result}\n"
)


def sized(size: str) -> str:
    return MODEL.format(size=size, result="output[:, -1]")


def returned(result: str) -> str:
    return MODEL.format(size="size", result=result)


def nested_functions(depth: int) -> str:
    lines = ["    " * level + f"def f{level}(x):" for level in range(depth)]
    return "\n".join([*lines, "    " * depth + "return rnn(x)[0][:, -1]", ""])


def elif_branches(count: int) -> str:
    branches = "".join(f"    elif kind == {i}:\n        out = rnn(x)[0][:, {i % 7}]\n" for i in range(1, count))
    return HEAD + f"\n\ndef f(x, kind):\n    if kind == 0:\n        out = x\n{branches}    return out\n"


def methods(count: int) -> str:
    body = "".join(
        f"    def m{i}(self, x):\n        return self.m{(i + 1) % count}(self.rnn(x)[0])\n\n" for i in range(count)
    )
    return HEAD + f"\n\nclass Many(nn.Module):\n    def __init__(self):\n        self.rnn = nn.GRU(4, 4)\n\n{body}"


# Python's own parser refuses these: flake8 says so itself, and no plugin is called.
NOT_PYTHON = {
    "missing comma": HEAD + "gru = nn.GRU(3, 4, batch_first=True bidirectional=True)\n",
    "unclosed bracket": HEAD + "x = (1,\n",
    "unclosed string": HEAD + "x = '''abc\n",
    "bad indentation": HEAD + "def f():\nreturn rnn\n",
    "tabs and spaces": HEAD + "if rnn:\n\tx = 1\n        y = 2\n",
    "unknown escape in a name": HEAD + "x = \\q\n",
    "null byte": HEAD + "x = '\0'\n",
    "5,000 nested parentheses": HEAD + "x = " + "(" * 5000 + "1" + ")" * 5000 + "\n",
    "5,000 nested calls": HEAD + "x = " + "rnn(" * 5000 + ")" * 5000 + "\n",
    "5,000 nested lists": HEAD + "x = " + "[" * 5000 + "]" * 5000 + "\n",
    "5,000 open brackets": HEAD + "x = " + "[(" * 2500,
    "5,000 closing brackets": HEAD + "x = " + "])" * 2500,
    "150 nested blocks": HEAD + "".join(" " * i + "if rnn:\n" for i in range(150)) + " " * 150 + "pass\n",
    "lone surrogate": HEAD + "x = \udc80\n",
    "a number of 10,000 digits": HEAD + "x = " + "9" * 10_000 + "\n",
}

# Python's parser overflows on these, depending on its version; flake8 calls it and ends.  Asked of the linter alone.
TOO_DEEP_FOR_PYTHON = {
    "5,000-term sum": HEAD + "x = " + " + ".join(["rnn"] * 5000) + "\n",
    "3,000-call chain": HEAD + "x = rnn" + ".f()" * 3000 + "\n",
    "3,000 subscripts": HEAD + "x = rnn" + "[0]" * 3000 + "\n",
    "3,000 attributes": HEAD + "x = rnn" + ".a" * 3000 + "\n",
    "1,000 signs": HEAD + "x = " + "-" * 1000 + "1\n",
    "1,000 powers": HEAD + "x = " + " ** ".join(["rnn"] * 1000) + "\n",
    "300 nested lambdas": HEAD + "x = " + "lambda: " * 300 + "rnn\n",
    "300 conditional expressions": HEAD + "x = " + "1 if rnn else " * 300 + "2\n",
    "20,000-branch elif": HEAD + "if x:\n    pass\n" + "elif x:\n    pass\n" * 20_000,
    "a continued sum of 4,000 lines": HEAD + "x = 1" + " + \\\n    1" * 4000 + "\n",
}

# Python reads these, pyflakes overflows on them.
TOO_DEEP_FOR_PYFLAKES = {
    "400-term sum": HEAD + "x = " + " + ".join(["rnn"] * 400) + "\n",
    "300-call chain": HEAD + "x = rnn" + ".f()" * 300 + "\n",
    "1,000-branch elif": elif_branches(1000),
}

PYTHON = {
    "150 nested parentheses": HEAD + "x = " + "(" * 150 + "rnn" + ")" * 150 + "\n",
    "90 nested calls": HEAD + "x = " + "rnn(" * 90 + ")" * 90 + "\n",
    "nested match patterns": HEAD + "match rnn:\n    case " + "A(" * 30 + "1" + ")" * 30 + ":\n        pass\n",
    "90-branch elif": elif_branches(90),
    "5,000-operand and": HEAD + "x = " + " and ".join(["rnn"] * 5000) + "\n",
    "5,000 comparisons": HEAD + "x = " + " < ".join(["rnn"] * 5000) + "\n",
    "5,000 strings in a row": HEAD + "x = (\n" + "    'a'\n" * 5000 + ")\n",
    "a literal of 1 MB": HEAD + f"x = '{'a' * 10**6}'\n",
    "bytes of 1 MB": HEAD + f"x = b'{'a' * 10**6}'\n",
    "a text of 1 MB": HEAD + '"""' + "word\n" * 200_000 + '"""\n',
    "a comment of 1 MB": HEAD + "# " + "a" * 10**6 + "\n",
    "a name of 100,000 letters": HEAD + "a" * 100_000 + " = rnn\n",
    "a dict of 11,000 entries": HEAD + "x = {\n" + "".join(f"    'k{i}': {i},\n" for i in range(11_000)) + "}\n",
    "a list of 21,000 numbers": HEAD + "x = [\n" + "    1,\n" * 21_000 + "]\n",  # more than the steps of one run
    "a formatted string of 2,000 parts": HEAD + "x = f'" + "{rnn}" * 2000 + "'\n",
    "600 methods": methods(600),
    "600 RNNs": HEAD + "".join(f"r{i} = nn.GRU({i + 1}, {i + 1})\n" for i in range(600)),
    "18 nested functions": HEAD + nested_functions(18),
    "18 nested loops": HEAD + "".join(" " * i + f"for i{i} in rnn:\n" for i in range(18)) + " " * 18 + "rnn(i0)\n",
    "14 flags": HEAD
    + "\n\ndef f(x, " + ", ".join(f"f{i}" for i in range(14)) + "):\n    out, _ = rnn(x)\n"
    + "".join(f"    if f{i}:\n        out = out + {i}\n" for i in range(14))
    + "    return out[:, -1]\n",
    "a size that is no number": sized("10 ** 10 ** 10"),
    "a shift that is no number": sized("1 << 10 ** 12"),
    "a factorial": sized("__import__('math').factorial(10 ** 9)"),
    "a string times a trillion": sized("len('a' * 10 ** 12)"),
    "a list times a trillion": sized("len([0] * 10 ** 12)"),
    "a tuple of a range of a trillion": sized("len(tuple(range(10 ** 12)))"),
    "a sum of a range of a trillion": sized("sum(i for i in range(10 ** 12))"),
    "a division by zero": sized("1 // 0"),
    "a modulo by zero": sized("1 % 0"),
    "a negative power of zero": sized("0 ** -1"),
    "a float that overflows": sized("int(1e308 * 10)"),
    "a negative size": sized("-4"),
    "a size that is text": sized("'four'"),
    "a size that is a list": sized("[4]"),
    "a size that is itself": sized("self.size"),
    "a step of zero": returned("output[:, ::0]"),
    "an index beyond every number": returned(f"output[:, {'9' * 3000}]"),
    "a view of a trillion axes": returned("output.view(*([1] * 10 ** 12))"),
    "90 unsqueezes": returned("output" + ".unsqueeze(0)" * 90),
    "a repeat of a trillion": returned("output.repeat(10 ** 12, 10 ** 12, 10 ** 12)[:, -1]"),
    "a cat of a trillion": returned("torch.cat([output] * 10 ** 12, dim=1)[:, -1]"),
    "chunks without end": returned("output.chunk(10 ** 12)[-1]"),
    "a comprehension of comprehensions": HEAD + "x = " + "[" * 9 + "rnn" + " for a in range(99)]" * 9 + "\n",
    "an unpacking of everything": HEAD + "a, *b, c = *range(10 ** 9), *range(10 ** 9)\nx = nn.GRU(c, c)\n",
}  # fmt: skip

# Programs that never end, hold themselves, or make no sense: name, colon, program.
_STRANGE = """
a cat of itself in a loop:
    y, _ = rnn(x)
    for _ in range(10 ** 9):
        y = torch.cat((y, y), 1)
    print(y[:, -1])
a function that calls itself:
    def f(x):
        return f(rnn(x)[0])
    f(1)
functions that call each other:
    def f(x):
        return g(x)
    def g(x):
        return f(rnn(x)[0])
    f(1)
a function that calls itself twice:
    def f(x):
        return f(f(x)) + f(rnn(x)[0])
    f(1)
a lambda that calls itself:
    f = lambda x: f(rnn(x)[0])
    f(1)
a default that calls its function:
    def f(x=lambda: f()):
        return x()
    f()
a class that holds itself:
    class A(nn.Module):
        def __init__(self):
            self.a = A()
            self.rnn = nn.GRU(2, 3)
        def forward(self, x):
            return self.a(self.rnn(x)[0])
an object that is its own attribute:
    class A(nn.Module):
        def __init__(self):
            self.a = self
            self.rnn = nn.GRU(2, 3)
        def forward(self, x):
            return self.a.a.a.forward(self.a.rnn(x)[0])
classes that hold each other:
    class A(nn.Module):
        def __init__(self):
            self.b = B()
        def forward(self, x):
            return self.b(rnn(x))
    class B(nn.Module):
        def __init__(self):
            self.a = A()
        def forward(self, x):
            return self.a(x)
classes that inherit from each other:
    class A(A):
        pass
    class B(C):
        pass
    class C(B):
        pass
    A()(rnn), C()(1)
a property of itself:
    class A(nn.Module):
        @property
        def rnn(self):
            return self.rnn
        def forward(self, x):
            return self.rnn(x)
__getattr__ of itself:
    class A(nn.Module):
        def __getattr__(self, name):
            return getattr(self, name)
        def forward(self, x):
            return self.rnn(x)
a decorator of itself:
    @f
    def f(g):
        return f(g)
a list that contains itself:
    a = [rnn]
    a.append(a)
    a[1][1][1][0](a)
    print(torch.cat(a), a == a)
    b = [*a, *a]
a dict that contains itself:
    d = {}
    d["d"] = d
    print(nn.LSTM(**d["d"]["d"]), {**d, **d})
a list that grows while it is walked:
    a = [1]
    for i in a:
        a.append(nn.GRU(i, i))
while True:
    x = 1
    while True:
        x, _ = rnn(x)
        x = x[:, -1:]
while that counts:
    n = 0
    while n < 10 ** 12:
        n += 1
    x = nn.GRU(n, n)
a power of a power in a loop:
    n = 2
    for i in range(10 ** 9):
        n = n ** n
    x = nn.GRU(n, n)
imports of itself:
    from model import *
    from . import rnn as rnn
    import model.rnn as nn
    nn.LSTM(1, 2)
everything is deleted:
    del nn, torch, rnn
    rnn(nn.GRU(1, 2))
torch is something else:
    torch = nn = 3
    nn.GRU(1, 2)(nn[0], *nn, **nn)
constructors of nothing:
    nn.GRU()
    nn.LSTM(*[], **{})
    nn.RNN(1, 2, 3, 4, 5, 6, 7, 8, 9, 10)
    nn.GRU(*rnn, **rnn)
    nn.LSTM(1, 2, num_layers=0)
calls of nothing:
    rnn()
    rnn(1, 2, 3, 4)
    rnn(*rnn)
    rnn(**{"a": 1})
    rnn[rnn](rnn)
    rnn.x.y.z()
"""

for _name, _program in re.findall(r"^(\S.*):\n((?:    .*\n)+)", _STRANGE, re.MULTILINE):
    PYTHON[_name] = HEAD + textwrap.dedent(_program)
