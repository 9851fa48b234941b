"""Large and awkward projects: of a file with many statements each is looked at once, and no file costs another's."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from rnnlint import cli
from rnnlint.projects.bringing import Bringing
from rnnlint.projects.linking import linked
from rnnlint.projects.plan import Group, Member
from rnnlint.projects.summary import Statement, summarised


class Counted(frozenset[str]):
    """Words that are counted as they are gone through."""

    times = 0

    def __iter__(self) -> Iterator[str]:
        Counted.times += len(self)
        return super().__iter__()


def chain(count: int) -> tuple[Statement, ...]:
    """Constants, each made of the last."""
    made = "".join(f"C{number} = C{number - 1} + 1\n" for number in range(1, count))
    every = summarised(f"C0 = 0\n{made}").statements
    return tuple(Statement(one.binds, Counted(one.words)) for one in every)


def work(count: int) -> int:
    Counted.times = 0
    bringing = Bringing(chain(count))
    assert len(bringing.more({f"C{count - 1}"})) == count
    assert not any(bringing.more({f"C{number}"}) for number in range(count))
    return Counted.times


def test_a_long_chain_of_constants_is_gone_through_once() -> None:
    assert work(400) < 5 * work(100)


def test_what_a_name_brings() -> None:
    text = "A = 1\nB = A\ndef f():\n    return B\ndef g():\n    return 0\nD = {}\nD['x'] = g\nf.note = 2\n"
    statements = summarised(text).statements
    assert Bringing(statements).more({"f"}) == {0, 1, 2, 6}
    assert Bringing(statements).more({"D"}) == {3, 4, 5}
    after = Bringing(statements)
    assert (after.more({"B"}), after.more({"f"}), after.found) == ({0, 1}, {2, 6}, {0, 1, 2, 6})


MODEL = """\
class Tagger({base}):
    def __init__(self):
        super().__init__()
        self.rnn = nn.LSTM(3, 4, batch_first=True, bidirectional=True)

    def forward(self, x):
        output, _ = self.rnn(x)
        return output[:, -1]
"""
TORCH = "import torch.nn as nn\n"
AWKWARD: dict[str, str | bytes] = {
    "base.py": f"{TORCH}class Base(nn.LSTM:\n",
    "heir.py": f"{TORCH}from base import Base\n{MODEL.format(base='Base')}",
    "itself.py": f"import itself\nfrom itself import *\n{TORCH}{MODEL.format(base='nn.Module')}",
    "pkg/__init__.py": "from .pkg import Tagger\nfrom . import pkg\n",
    "pkg/pkg.py": f"import pkg\nfrom pkg import pkg\n{TORCH}{MODEL.format(base='nn.Module')}",
    "class.py": TORCH + MODEL.format(base="nn.Module"),
    "one/__init__.py": f"from two import *\n{TORCH}{MODEL.format(base='nn.Module')}",
    "two/__init__.py": "from one import *\nfrom ....... import nowhere\n",
    "latin.py": b"# \xe9\nWIDTH = 3\n",
    "user.py": f"from latin import WIDTH\n{TORCH}{MODEL.format(base='nn.Module')}",
}


def test_awkward_projects_lose_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    for name, text in AWKWARD.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    status = cli.main(["check", "--no-cache"])
    printed = capsys.readouterr()
    assert status == 2
    assert printed.err.startswith("rnnlint check: base.py: Python cannot parse it: ")
    assert printed.err.count("\n") == 1
    found = [line.partition(":")[0] for line in printed.out.splitlines() if " RNN102 " in line]
    assert found == ["class.py", "heir.py", "itself.py", "one/__init__.py", "pkg/pkg.py", "user.py"]
    assert "RNN901" not in printed.out


def test_a_path_that_begins_with_two_slashes_is_linked_as_any() -> None:
    """What is above ``//`` is ``//`` again, as what is above ``/`` is ``/``."""
    texts = {"//p/model.py": "from torch import nn\n", "//p/train.py": "import model\n"}
    found = linked(Group(tuple(map(Member, texts))), texts.__getitem__)
    assert list(found.parsed) == list(texts)
    assert found.links.keys >= {"//p/model", "//p", "//"}
