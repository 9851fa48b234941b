"""Places in notebooks are named as IPython's own tracebacks name them."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from rnnlint.runtime.auditing.places import Place
from tests.hosts.running import python

SESSION = """
import sys
from IPython.core.compilerop import CachingCompiler
from IPython.core.interactiveshell import InteractiveShell

class Kernel(CachingCompiler):  # names cells as a kernel does
    def get_code_name(self, raw_code, code, number):
        return f"/tmp/ipykernel_123/{abs(hash(raw_code))}.py"

class Named(InteractiveShell):
    compiler_class = Kernel

CELLS = (
    "import torch\\nfrom torch import nn\\nfrom rnnlint.runtime import audit",
    '''class Last(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn = nn.GRU(3, 5, batch_first=True, bidirectional=True)

    def forward(self, x):
        output, _ = self.rnn(x)
        return output[:, -1]
class Raising(Last):
    def forward(self, x):
        return super().forward(x) @ x''',
    "print(audit(Last(), torch.randn(4, 7, 3)))",
    "print(audit(Raising(), torch.randn(4, 7, 3)))",
    "Raising()(torch.randn(4, 7, 3))",
)
for kind in (InteractiveShell, Named):
    print("=-=-=")
    shell = kind.instance(colors="NoColor")
    for cell in CELLS:
        shell.run_cell(cell, store_history=True)
    kind.clear_instance()
"""


def test_a_session(tmp_path: Path) -> None:
    """As in a shell, and as a kernel names cells; in one process, since most of what it takes is importing torch."""
    pytest.importorskip("IPython", reason="one of the tools of the tests")
    done = python("-c", SESSION, cwd=tmp_path, IPYTHONDIR=str(tmp_path))
    _, *sessions = done.stdout.split("=-=-=")
    assert len(sessions) == 2, done.stderr
    for told in sessions:
        assert "\nCell In[2], line 8: RNN102 the backward half (features 5:10)" in told, told + done.stderr
        assert "\nCell In[2], line 7: rnn.weight_hh_l0_reverse: no gradient" in told
        assert re.search(
            r"^  Cell In\[2\], line 11 in forward: (return )?super\(\).forward\(x\) @ x$", told, re.MULTILINE
        )
        assert "\nCell In[2], line 11, in Raising.forward" in told, "IPython's own name of the place"


def test_names_of_cells(monkeypatch: pytest.MonkeyPatch) -> None:
    path = "/tmp/ipykernel_123/456.py"
    compiler = SimpleNamespace(_filename_map={path: 3})
    shell = SimpleNamespace(get_ipython=lambda: SimpleNamespace(compile=compiler))
    monkeypatch.setitem(sys.modules, "IPython", shell)
    assert str(Place(path, 5, 8)) == "Cell In[3], line 5"
    assert str(Place("<ipython-input-12-0a1b2c3d>", 5, 8)) == "Cell In[12], line 5"
    assert str(Place("/tmp/model.py", 5, 8)) == "/tmp/model.py:5:9"
    shell.get_ipython = lambda: None  # imported, but not running
    assert str(Place("/tmp/model.py", 5, 8)) == "/tmp/model.py:5:9"
    monkeypatch.delitem(sys.modules, "IPython")
    assert str(Place(path, 5)) == f"{path}:5"
