"""Programs that double something in each line, or hold it in something new: name to what comes first, and a line.

``{i}`` is the number of the line, ``{j}`` the next one.  What a line makes is twice as large as what the line
before made.
"""

from __future__ import annotations

_TEXT = """\
import torch
import torch.nn as nn
import options as a

rnn = nn.LSTM(3, 4, batch_first=True, bidirectional=True)


def f(x, n, size=4):
    output, (h_n, c_n) = rnn(x)
    {start}
    {lines}
    if a.q1: nn.GRU(3, s)(x)
    if a.q2: torch.zeros(s)
    if a.q3: output[s]
    if a.q4: output[:, s]
    if a.q5: output.view(s, -1)
    if a.q6: print(s == 1, s > 3, s in (1, 2))
    if a.q7: rnn(x, s)
    if a.q8: torch.cat(s, 1)
    if a.q9: print([one for one in s])
    return s


class Last(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn = nn.GRU(3, 4, batch_first=True, bidirectional=True)

    def forward(self, x):
        return self.rnn(x)[0][:, -1]
"""

SHAPES = {
    "tuples": ("s = (output, h_n)", "s = (s, s)"),
    "tuples of parameters": ("s = (x, n)", "s = (s, s)"),
    "tuples added": ("s = (1, 2)", "s = s + s"),
    "shapes added": ("s = x.shape", "s = s + s"),
    "lists of lists": ("s = [output, h_n]", "s = [s, s]"),
    "lists of tuples of lists": ("s = [output]", "s = [(s, s), (s, s)]"),
    "lists added": ("s = [output, h_n]", "s = s + s"),
    "lists extended": ("s = [1, 2]", "s.extend(s)"),
    "lists spread": ("s = [1, 2]", "s = [*s, *s]"),
    "lists repeated": ("s = [1, 2]", "s = s * 2"),
    "slices": ("s = [1, 2]", "s = s[:] + s[0:]"),
    "dicts": ("s = {'a': output}", "s = {'a': s, 'b': s}"),
    "dicts in tuples": ("s = {'a': output}", "s = {'a': (s, s), 'b': (s, s)}"),
    "dicts by comprehension": ("s = {}", "s = {k: (s, s) for k in range(2)}"),
    "dicts by keyword": ("s = {'x': x}", "s = dict(**s, k{i}=s)"),
    "sets": ("s = {1, 2}", "s = {(one, one) for one in s} | s"),
    "strings": ("s = 'ab' * 5000", "s = s + s"),
    "strings repeated": ("s = 'ab'", "s = s * 2"),
    "strings formatted": ("s = 'ab'", "s = '%s%s' % (s, s)"),
    "f-strings": ("s = 'ab'", "s = f'{s}{s}'"),
    "bytes": ("s = b'ab' * 5000", "s = s + s"),
    "numbers": ("s = 3", "s = s * s"),
    "numbers shifted": ("s = 3", "s = s << s"),
    "open numbers": ("s = n", "s = s - s % 2"),
    "open numbers multiplied": ("s = n", "s = s * s"),
    "declared numbers": ("s = size", "s = s * s - s"),
    "attributes": ("s = a", "s = s.b + s.c"),
    "calls of what is not known": ("s = a", "s = s(s)"),
    "items of what is not known": ("s = a", "s = s['k' * 100] + s['l' * 100]"),
    "conditions": ("s = n", "s = not (s == 'a' and s)"),
    "comprehensions": ("s = [1, 2]", "s = [(one, one) for one in s]"),
    "comprehensions of comprehensions": ("s = [output]", "s = [[one for one in s], [one for one in s]]"),
    "nested generators": ("s = [1, 2]", "s = [one for _ in range(2) for one in s]"),
    "conditional expressions": ("s = 1", "s = (s, 1) if a.b > {i} else (s, s)"),
    "branches": ("s = (1,)", "s, = [(s, s)] if a[{i}] else [(s, 1)]"),
    "pairs in branches": ("s, t = output, h_n", "if a[{i}]: s, t = (s, t), (t, s)\n    else: s, t = (t, t), (s, s)"),
    "loops": ("s = output", "for _ in range(2): s = (s, s)"),
    "open loops": ("s = output", "for _ in range(n): s = (s, s)"),
    "while": ("s = output", "while a[{i}]: s = (s, s)"),
    "functions": ("pair = lambda one: (one, one)\n    s = output", "s = pair(s)"),
    "nested functions": ("s = lambda z: z", "def g{i}(z, g=s): return g(z), g(z)\n    s = g{i}\n    s(h_n)"),
    "lambdas": ("s = lambda z: z", "g{i} = s\n    s = lambda z: g{i}(g{i}(z))\n    s(output)"),
    "decorators": (
        "def twice(g): return lambda z: (g(z), g(z))\n    s = lambda z: z",
        "@twice\n    def g{i}(z): return s(z), s(z)\n    s = g{i}",
    ),
    "recursion": ("def r(z, k): return (r(z, k - 1), r(z, k - 1)) if k else z\n    s = output", "s = r(s, {i})"),
    "subclasses": (
        "class C0(nn.Module): pass\n    s = C0",
        "class C{j}(C{i}):\n        def __init__(self): super().__init__(), super().__init__()\n    s = C{j}",
    ),
    "objects": (
        "class N:\n        def __init__(self, l, r): self.l, self.r = l, r\n    s = N(output, h_n)",
        "s = N(s, s)",
    ),
    "modules": ("s = nn.Linear(8, 8)", "s = nn.Sequential(s, s)\n    s(output)"),
    "walrus": ("s = output", "s = (t := s, t)"),
    "unpacking": ("s = a", "p, *q = s\n    s = (p, q, s)"),
    "zip": ("s = [1]", "s = list(zip(s, s))"),
    "sums": ("s = [[output], [h_n]]", "s = [sum(s, []), sum(s, [])]"),
    "cat": ("s = output", "s = torch.cat((s, s[:, :1], s), 1)"),
    "stack": ("s = output", "s = torch.stack((s, s), 1)"),
    "arithmetic of tensors": ("s = output", "s = s + s.flip(1) * s"),
    "repeats": ("s = output", "s = s.repeat(1, 2, 1)"),
    "orders": ("s = output", "s = s[s.sum(-1).sum(-1).argsort()]"),
    "masks": ("s = a.b", "s = s * (s > 0)"),
}  # fmt: skip


def program(shape: str, lines: int) -> str:
    """A file with a function of so many lines, and a mistake (RNN102) in its last line."""
    start, line = SHAPES[shape]
    written = "\n    ".join(line.replace("{i}", str(number)).replace("{j}", str(number + 1)) for number in range(lines))
    return _TEXT.replace("{start}", start).replace("{lines}", written)
