"""``rnnlint audit`` with all its options, and what it says of targets that cannot be audited."""

from __future__ import annotations

import itertools
import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from rnnlint import cli

HEAD = """
import random
import numpy
import torch
from torch import nn
import torch.nn.functional as F

class Model(nn.Module):
    def __init__(self, both=False):
        super().__init__()
        self.rnn = nn.GRU(3, 5, batch_first=True, bidirectional=both)
        self.head = nn.Linear(10 if both else 5, 2)

"""
MODELS = (
    HEAD
    + """\
class Last(Model):
    def forward(self, x):
        return self.head(self.rnn(x)[0][:, -1])

class Keyed(Model):
    def forward(self, x, *, scale, lengths=None):
        return self.head(self.rnn(x)[0][:, -1]) * scale

class Batch(Model):
    def forward(self, batch):
        return self.head(self.rnn(batch["x"])[0][:, -1])

class Normed(Model):
    def forward(self, x):
        output = torch.renorm(self.rnn(x)[0], 2, 0, 9.0)
        return self.head(output[:, -1]), self.head(self.rnn(x)[1][-1])

class Lost(Model):
    def forward(self, x):
        return self.head(torch.renorm(self.rnn(x)[0], 2, 0, 9.0)[:, -1])

def deep(x, levels):
    if levels == 0:
        return F.linear(x, torch.ones(2, 99))
    return deep(x, levels - 1)

class Raising(Model):
    def forward(self, x):
        return deep(self.rnn(x)[0], 5)

class Loud(Last):
    def forward(self, x):
        print("what the model prints")
        return super().forward(x)

x = torch.ones(4, 7, 3)
def right(): return Last(), torch.randn(4, 7, 3)
def wrong(): return Last(both=True), torch.randn(4, 7, 3)
def keywords(): return Keyed(), (torch.randn(4, 7, 3),), {"scale": 2}
def named(): return Keyed(), {"x": torch.randn(4, 7, 3), "scale": 2}
def batch(): return Batch(), {"x": torch.randn(4, 7, 3)}
def one_dict(): return Batch(), ({"x": torch.randn(4, 7, 3)},), {}
def normed(): return Normed(), torch.randn(4, 7, 3)
def lost(): return Lost(), torch.randn(4, 7, 3)
def none(): return nn.Linear(3, 2), torch.randn(4, 7, 3)
def raising(): return Raising(), torch.randn(4, 7, 3)
def loud(): return Loud(), torch.randn(4, 7, 3)
def drawn():
    raise ValueError(f"{float(torch.rand(()))} {random.random()} {numpy.random.rand()}")
def raises():
    raise ValueError("no weights\\nhere")
def silent():
    raise ValueError
def leaves():
    import argparse
    argparse.ArgumentParser().parse_args(["--nonsense"])
def scripted(): return torch.jit.script(Last()), torch.randn(4, 7, 3)
"""
)

Audit = Callable[..., tuple[int, str, str]]
_NAMES = itertools.count()


@pytest.fixture
def audit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Audit:
    """Run the command in a folder with the models above, as the module ``m``; (status, stdout, stderr)."""
    name = f"models_{next(_NAMES)}"
    (tmp_path / f"{name}.py").write_text(MODELS, encoding="utf-8")
    (tmp_path / f"{name}_broken.py").write_text("import os\n\nimport nothing_of_that_name\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))

    def run(*arguments: str) -> tuple[int, str, str]:
        try:
            status = cli.main(
                ["audit", *(one.replace("m:", f"{name}:").replace("m_", f"{name}_") for one in arguments)]
            )
        except SystemExit as end:
            status = int(str(end.code))
        out, err = capsys.readouterr()
        return status, out.replace(name, "m"), err.replace(name, "m")

    return run


LAST = next(number for number, line in enumerate(MODELS.splitlines(), 1) if "[0][:, -1]" in line)


def line_of(text: str) -> int:
    return next(number for number, line in enumerate(MODELS.splitlines(), 1) if text in line)


class TestTargets:
    def test_several(self, audit: Audit) -> None:
        status, out, err = audit("m:right", "m:wrong", "m:none")
        assert status == 1
        assert err == ""
        heads = [line for line in out.splitlines() if line.startswith("rnnlint audit")]
        assert heads == [
            "rnnlint audit m:right: 0 findings, 0 concerns",
            "rnnlint audit m:wrong: 1 finding, 1 concern",
            "rnnlint audit m:none: 0 findings, 1 concern",
        ]

    def test_one_that_fails_loses_no_other(self, audit: Audit) -> None:
        status, out, err = audit("m:raises", "m:wrong", "m_broken:x", "m:right", "m:raising")
        assert status == 2
        assert err == (
            "rnnlint audit: m:raises raised ValueError: no weights\n"
            f'  m.py:{line_of("no weights")} in raises: raise ValueError("no weights\\nhere")\n'
            "rnnlint audit: cannot import m_broken: ModuleNotFoundError: No module named 'nothing_of_that_name'\n"
            "  m_broken.py:3: import nothing_of_that_name\n"
        )
        assert "rnnlint audit m:wrong: 1 finding, 1 concern" in out
        assert "rnnlint audit m:right: 0 findings, 0 concerns" in out
        assert "rnnlint audit m:raising: 0 findings, 0 concerns, and the model raised" in out

    def test_statuses(self, audit: Audit) -> None:
        assert [audit(*targets)[0] for targets in (["m:right"], ["m:wrong"], ["m:none"], ["m:raising"])] == [0, 1, 1, 2]

    @pytest.mark.parametrize("target", ["keywords", "named", "one_dict"])
    def test_keywords(self, audit: Audit, target: str) -> None:
        assert audit(f"m:{target}") == (0, "rnnlint audit: 0 findings, 0 concerns\n", "")

    def test_a_dict_that_the_model_takes_whole_is_explained(self, audit: Audit) -> None:
        status, out, err = audit("m:batch")
        assert (status, out) == (2, "")
        assert err == (
            "rnnlint audit: m:batch: Batch missing a required argument: 'batch': a dict alone is keywords;"
            " for one that is the model's argument, return (model, (inputs,), {})\n"
        )

    def test_what_the_model_prints_is_no_part_of_the_report(self, audit: Audit) -> None:
        status, out, err = audit("m:loud", "--output-format", "json")
        assert status == 0
        assert json.loads(out)["targets"][0]["ok"]
        assert "what the model prints" in err


class TestRaising:
    def test_the_users_own_last_frames(self, audit: Audit) -> None:
        _, out, _ = audit("m:raising")
        said = out.splitlines()[1:]
        assert said[0].startswith("the model raised RuntimeError: ")
        first, deeper, last = map(line_of, ("return deep(self.rnn", "return deep(x, levels", "F.linear(x"))
        assert [line.split(": ")[0] for line in said[1:4]] == [
            f"  m.py:{first} in forward",
            f"  m.py:{deeper} in deep",
            f"  m.py:{last} in deep",
        ]
        assert said[3].endswith("F.linear(x, torch.ones(2, 99))")
        assert "Traceback" not in out

    def test_an_exception_without_a_text(self, audit: Audit) -> None:
        assert audit("m:silent")[2].splitlines()[0] == "rnnlint audit: m:silent raised ValueError"

    def test_a_factory_that_exits(self, audit: Audit) -> None:
        status, out, err = audit("m:leaves", "m:right")
        assert status == 2
        assert "rnnlint audit: m:leaves raised SystemExit: 2" in err
        assert "m:right: 0 findings" in out


class TestNothingJudged:
    @pytest.mark.parametrize("target", ["none", "lost", "scripted"])
    def test_does_not_look_clean(self, audit: Audit, target: str) -> None:
        status, out, _ = audit(f"m:{target}")
        assert status == 1
        assert "0 concerns" not in out.splitlines()[0]
        assert "[nothing-judged]" in out

    def test_why(self, audit: Audit) -> None:
        assert "no recurrent module of torch was called" in audit("m:none")[1]
        at = f"m.py:{line_of('return self.head(torch.renorm')}"
        lost = f"3 operations on recurrent results were not followed, first torch.renorm at {at}"
        said = f"nothing was judged: {lost} [nothing-judged]"
        assert said in audit("m:lost")[1]
        assert "note: Last was not followed: it is scripted" in audit("m:scripted")[1]

    def test_can_be_meant(self, audit: Audit) -> None:
        assert audit("m:none", "--allow", "nothing-judged") == (
            0,
            "rnnlint audit: 0 findings, 0 concerns, 1 waived\n",
            "",
        )


class TestCoverage:
    def test_how_much_was_not_followed(self, audit: Audit) -> None:
        status, out, _ = audit("m:normed")
        assert status == 0
        assert out.splitlines()[-1] == (
            "note: 3 operations on recurrent results were not followed,"
            f" first torch.renorm at m.py:{line_of('output = torch.renorm')}"
        )

    def test_verbose_says_where_and_why(self, audit: Audit) -> None:
        _, out, _ = audit("m:normed", "--verbose")
        at = line_of("output = torch.renorm")
        assert "judged: 2 calls of recurrent modules, 2 of 5 operations on the results\n" in out
        why = "torch.renorm is not followed"
        assert f"not followed: torch.renorm at m.py:{at}: {why}\n" in out
        assert f"not followed: Tensor.__getitem__ at m.py:{at + 1}" in out

    def test_nothing_is_said_where_all_was_followed(self, audit: Audit) -> None:
        assert "not followed" not in audit("m:wrong", "--verbose")[1]


class TestChoices:
    def test_allow(self, audit: Audit) -> None:
        assert audit("m:wrong", "--allow", "RNN1,one-step-read") == (
            0,
            "rnnlint audit: 0 findings, 0 concerns, 2 waived\n",
            "",
        )
        assert audit("m:wrong", "--allow", "RNN102")[0] == 1
        assert audit("m:wrong", "--allow", "last-step-of-bidirectional", "--allow", "one-step-read")[0] == 0

    def test_verbose_lists_what_is_waived(self, audit: Audit) -> None:
        out = audit("m:wrong", "--allow", "RNN102,one-step-read", "-v")[1].splitlines()
        assert [line.rsplit(" ", 1)[1] for line in out if line.startswith("waived: m.py:")] == ["allow)", "allow)"]

    def test_select(self, audit: Audit) -> None:
        assert audit("m:wrong", "--select", "RNN3")[:2] == (0, "rnnlint audit: 0 findings, 0 concerns\n")
        assert "1 finding, 0 concerns" in audit("m:wrong", "--select", "RNN1")[1]
        assert "0 findings, 1 concern" in audit("m:wrong", "--select", "one-step-read")[1]
        assert audit("m:none", "--select", "RNN3")[0] == 1, "nothing was judged, whatever was asked"

    def test_a_rule_that_no_run_can_answer(self, audit: Audit) -> None:
        out = audit("m:wrong", "--select", "RNN402")[1]
        assert "note: RNN402 is for the linter: one run does not show that a batch is padded" in out

    @pytest.mark.parametrize(
        ("arguments", "said"),
        [
            (["--allow", "RNN193"], "unknown name 'RNN193' in --allow: did you mean 'RNN103'?"),
            (
                ["--allow", "random-evalution"],
                "unknown name 'random-evalution' in --allow: did you mean 'random-evaluation'?",
            ),
            (
                ["--select", "rnn102,last-step"],
                "unknown name 'last-step' in --select: did you mean 'last-step-of-padded'?",
            ),
            (["--select", "RNN1,"], "an empty name in --select"),
            (["--seed", "-1"], "no such seed: -1 is not from 0 to 2**32 - 1"),
            (["--seed", "4294967296"], "no such seed: 4294967296 is not from 0 to 2**32 - 1"),
            (["--seed", "1.5"], "argument --seed: invalid int value: '1.5'"),
            (["--output-format", "xml"], "argument --output-format: invalid choice: 'xml'"),
        ],
        ids=str,
    )
    def test_bad_input_is_one_line(self, audit: Audit, arguments: list[str], said: str) -> None:
        status, out, err = audit("m:right", *arguments)
        assert (status, out) == (2, "")
        assert err.startswith(f"rnnlint audit: {said}")
        assert err.count("\n") == 1

    def test_the_seed_decides(self, audit: Audit) -> None:
        drawn = [audit("m:drawn", "--seed", seed)[2].split("ValueError: ")[1] for seed in ("0", "0", "4294967295")]
        assert drawn[0] == drawn[1]
        assert not set(drawn[0].split("\n")[0].split()) & set(drawn[2].split("\n")[0].split())
        assert audit("m:drawn")[2].split("ValueError: ")[1] == drawn[0]


class TestJson:
    def test_all_of_it(self, audit: Audit) -> None:
        status, out, err = audit("m:wrong", "m:raises", "m:raising", "m:normed", "--output-format", "json")
        assert status == 2
        assert err.startswith("rnnlint audit: m:raises raised ValueError")
        wrong, raises, raising, normed = json.loads(out)["targets"]
        (finding,), (concern,) = wrong["findings"], wrong["concerns"]
        assert (finding["code"], finding["name"], finding["line"]) == ("RNN102", "last-step-of-bidirectional", LAST)
        assert Path(finding["file"]).name.endswith("m.py")
        assert (concern["name"], concern["modules"]) == ("one-step-read", ["rnn.weight_hh_l0_reverse"])
        assert not wrong["ok"]
        assert raises["refused"].startswith("m:raises raised ValueError: no weights")
        assert not raises["ok"]
        assert raising["error"]["type"] == "RuntimeError"
        assert [frame["function"] for frame in raising["error"]["frames"]] == ["forward", "deep", "deep"]
        assert normed["ok"]
        assert normed["coverage"]["operations"] == 5
        assert normed["coverage"]["unfollowed"][0]["operation"] == "torch.renorm"

    def test_waived(self, audit: Audit) -> None:
        _, out, _ = audit("m:wrong", "--allow", "RNN102,one-step-read", "--output-format", "json")
        (target,) = json.loads(out)["targets"]
        assert target["ok"]
        assert [(one["name"], one["by"]) for one in target["waived"]] == [
            ("last-step-of-bidirectional", "allow"),
            ("one-step-read", "allow"),
        ]


class TestProject:
    def write(self, text: str) -> None:
        Path("pyproject.toml").write_text(text, encoding="utf-8")

    def test_allow(self, audit: Audit) -> None:
        self.write('[tool.rnnlint.audit]\nallow = ["RNN102", "one-step-read"]\n')
        assert audit("m:wrong")[:2] == (0, "rnnlint audit: 0 findings, 0 concerns, 2 waived\n")

    def test_select_gives_way_to_the_command_line(self, audit: Audit) -> None:
        self.write('[tool.rnnlint.audit]\nselect = ["RNN3"]\n')
        assert audit("m:wrong")[0] == 0
        assert audit("m:wrong", "--select", "RNN1")[0] == 1

    def test_another_project(self, audit: Audit) -> None:
        self.write("this is [ no TOML, and none of our business")
        assert audit("m:right")[0] == 0

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ("[tool.rnnlint.audit]\nallow = 3", "allow of [tool.rnnlint.audit] is not a list of names"),
            ("[tool.rnnlint.audit]\nallow = [3]", "allow of [tool.rnnlint.audit] takes names, not 3"),
            (
                "[tool.rnnlint.audit]\nallows = []",
                "unknown key 'allows' in [tool.rnnlint.audit]: did you mean 'allow'?",
            ),
            (
                '[tool.rnnlint.audit]\nallow = ["mixed"]',
                "unknown name 'mixed' in allow of [tool.rnnlint.audit]: did you mean 'mixed-samples'?",
            ),
            ("[tool.rnnlint]\naudit = 3", "[tool.rnnlint.audit] is not a table"),
            ("[tool.rnnlint.audit", "pyproject.toml is not valid TOML: "),
        ],
        ids=str,
    )
    def test_bad_input_is_one_line(self, audit: Audit, text: str, said: str) -> None:
        self.write(text)
        status, out, err = audit("m:right")
        assert (status, out, err.count("\n")) == (2, "", 1)
        assert said in err
