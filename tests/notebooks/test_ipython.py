"""What of a cell is IPython's: the reader loses nothing that IPython runs."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given

from rnnlint.notebooks import Why, read
from tests.notebooks.written import code, notebook, sources
from tools.notebooks.against_ipython import difference, ipython_text

PAIRS = {
    "%matplotlib inline": "",
    "!ls": "",
    "?x": "",
    "??x": "",
    "x?": "",
    "x.y??": "",
    "x = 1\n%cd ..\ny": "x = 1\n\ny",
    "if x:\n    %cd ..": "if x:\n    pass",
    "if x:\n\t!ls\nelse:\n\tx = !ls": "if x:\n\tpass\nelse:\n\tx = get_ipython()",
    "for x in y:\n    x?": "for x in y:\n    pass",
    "!ls \\\n  -l\nx": "\n\nx",
    "x = !ls \\\n  -l\ny": "x = get_ipython()\n\ny",
    "x, y = %some magic": "x, y = get_ipython()",
    "x[1] = %env HOME": "x[1] = get_ipython()",
    "x = y == z": "x = y == z",
    "x = %time f(x)": "x =       f(x)",
    "x = %timeit -o f(x)": "x =            f(x)",
    "%time x = f(y)": "x = f(y)",
    "  %time f(y)": "f(y)",
    "if x:\n  %time h = f(y)": "if x:\n  h = f(y)",
    "%timeit -n 10 -r3 f(y)": "f(y)",
    "%timeit x = f(y)": "",  # which binds nothing outside
    "%prun -s cumulative x = f(y)": "x = f(y)",
    "%time !ls": "",
    "%time f(x) = 3": "",
    "%time": "",
    "%time f(x, \\\n  y)\nz": "f(x, \\\n  y)\nz",
    "x = %time f(x, \\\n  y)": "x =       f(x, \\\n  y)",
    "%time f(x, \\\n  = y": "\n",
    "%%time\nx = 1": "\nx = 1",
    "\n\n%%capture out\nx = 1": "\n\n\nx = 1",
    "%%time\n%%capture\n!ls\nx": "\n\n\nx",
    "%%timeit n = 3\nf(n)": "\nf(n)",
    "%%time?": "",
    "# what for\n%%time\nx": "# what for\n\nx",
    "x = '''\n%time f()\n!ls\n'''": "x = '''\n%time f()\n!ls\n'''",
    'x = """\n!ls """ + \\\n"%s"\n!ls': 'x = """\n!ls """ + \\\n"%s"\n',
    "x = (a\n% b)\n%cd": "x = (a\n% b)\n",
    "x = a \\\n% b\n%cd": "x = a \\\n% b\n",
    "f('(', \"'\")\n!echo don't (\nx = '#' # '\n!ls": "f('(', \"'\")\n\nx = '#' # '\n",
    'f("\'\\"")  # f?\n!ls': 'f("\'\\"")  # f?\n',
    "x = {'a': [1,\n  2]}\n!ls": "x = {'a': [1,\n  2]}\n",
    "x != y\n!ls": "x != y\n",
    "f(x=1, y=2)\nx += 1\n!ls": "f(x=1, y=2)\nx += 1\n",
    "  x = 1\n\n  if x:\n    y\n  !ls": "x = 1\n\nif x:\n  y\n",
    ">>> x = 1\n>>> if x:\n...   y": "x = 1\nif x:\n  y",
    ">>> x = 1\n\n >>> y\n...": "x = 1\n\ny\n",
    "In [3]: x = 1\n   ...: y": "x = 1\ny",
    "await x\nasync with y:\n  !ls": "await x\nasync with y:\n  pass",
    "%autoreload 2\nfrom __future__ import annotations": "\nfrom __future__ import annotations",
    "pip install torch": "",
    "import x\npip install 'torch\n!ls\nx": "import x\n\n\nx",
    "if x:\n    pip install torch": "if x:\n    pass",
    "conda install -c pytorch torch": "",
    "cd ..": "",
    "time x(1)": "",
    "/f x": "",
    ",f x": "",
    ";f x": "",
}


@pytest.mark.parametrize("source", PAIRS)
def test_what_a_cell_is(source: str) -> None:
    found = read(notebook(code(source)))
    assert found.taken_out == ()
    assert found.text == PAIRS[source] + "\n"
    ast.parse(found.text)


@pytest.mark.parametrize("source", [source for source in PAIRS if not source.startswith(("/", ",", ";"))])
def test_ipython_makes_the_same_of_it(source: str) -> None:
    assert difference(source) == ""


def test_most_of_them_are_run_by_ipython() -> None:
    assert len([source for source in PAIRS if ipython_text(source) is not None]) > len(PAIRS) - 12


@given(sources())
def test_nothing_is_lost_that_ipython_runs(source: str) -> None:
    if "\x0c" not in source and "\u2028" not in source and "\r" not in source:  # which end lines to IPython
        assert difference(source) == ""


@pytest.mark.parametrize("source", ["x = 1\nprint 'x'", "x = [\n%time", "%time\nx = (", "if x:\n!ls", "x = ="])
def test_what_is_neither_goes(source: str) -> None:
    assert ipython_text(source) is None
    (taken,) = read(notebook(code(source))).taken_out
    assert taken.why is Why.SYNTAX


def test_columns_of_statements_behind_magics() -> None:
    found = read(notebook(code("if x:\n    %time h = f(y)\nz = %time f(y)"), code("   a = 1\n   b")))
    lines = found.text.split("\n")
    for number, word in ((2, "f(y)"), (3, "f(y)"), (4, "1"), (5, "b")):
        spot = found.spot(number, lines[number - 1].index(word))
        assert found.source(spot.cell, spot.line, spot.line)[0][spot.column :] == word
