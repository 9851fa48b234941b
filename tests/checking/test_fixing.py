"""``rnnlint check --fix`` and ``--diff`` on files of every kind: what is written, what is left, what is said of it."""

from __future__ import annotations

import io
import json
import os
import stat
import sys
from pathlib import Path

import pytest

from rnnlint.checking import fix_results, fixing, rewriting, watching
from tests.checking.running import Check, Ran

HEAD = """\
import torch
from torch import nn


class Reader(nn.Module):
    def __init__(self):
        super().__init__()
        self.gru = nn.GRU(3, 5, batch_first=True, bidirectional=True)
        self.fc = nn.Linear(10, 2)

    def forward(self, x):
"""
WRONG = f"""{HEAD}\
        out, h_n = self.gru(x)
        return self.fc(out[:, -1])
"""
RIGHT = WRONG.replace("out[:, -1]", "torch.cat((h_n[-2], h_n[-1]), -1)")
BOTH = "torch.cat((h_n[-2], h_n[-1]), -1)"
EVERY = ("--isolated", "--unsafe-fixes")


def body(lines: str) -> str:
    """A model whose forward is these lines."""
    return HEAD + "".join(f"        {line}\n" if line else "\n" for line in lines.splitlines())


@pytest.fixture
def fix(check: Check) -> Fix:
    return Fix(check)


class Fix:
    """``--fix --unsafe-fixes`` on one file."""

    def __init__(self, check: Check) -> None:
        self.check = check

    def __call__(self, before: str | bytes, name: str = "m.py", *options: str) -> tuple[Ran, bytes]:
        path = self.check.write(name, before)
        ran = self.check("--fix", *EVERY, *options, name)
        again = self.check("--fix", *EVERY, *options, name)
        assert "fixed" not in again.out
        return ran, path.read_bytes()


def given(text: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put a text into standard input."""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text)))


class TestWhatIsWritten:
    @pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
    def test_line_ends(self, fix: Fix, end: str) -> None:
        ran, after = fix(WRONG.replace("\n", end).encode())
        assert (ran.status, ran.err) == (0, "")
        assert after == RIGHT.replace("\n", end).encode()

    def test_mixed_line_ends_stay_where_they_are(self, fix: Fix) -> None:
        mixed = WRONG.replace("\n", "\r\n", 3).replace("super().__init__()\n", "super().__init__()\r")
        _, after = fix(mixed.encode())
        assert after == mixed.replace("out[:, -1]", "torch.cat((h_n[-2], h_n[-1]), -1)").encode()

    def test_lines_that_are_put_in_end_as_the_first(self, fix: Fix) -> None:
        text = body("return self.fc(self.gru(x)[0][:, -1])").replace("import torch\n", "").replace("\n", "\r\n")
        _, after = fix(text.encode())
        assert after.count(b"\n") == after.count(b"\r\n")
        assert b"import torch\r\nfrom torch import nn\r\n" in after
        assert b"        _, h_n = self.gru(x)\r\n        return" in after

    @pytest.mark.parametrize("mark", [b"\xef\xbb\xbf", b""])
    def test_byte_order_mark(self, fix: Fix, mark: bytes) -> None:
        assert fix(mark + WRONG.encode())[1] == mark + RIGHT.encode()

    def test_a_declared_encoding(self, fix: Fix) -> None:
        text = f"# -*- coding: latin-1 -*-\n# L\u00e4nge\n{WRONG}"
        assert fix(text.encode("latin-1"))[1] == text.replace(WRONG, RIGHT).encode("latin-1")

    def test_no_line_end_at_the_end(self, fix: Fix) -> None:
        assert fix(WRONG.rstrip("\n"))[1] == RIGHT.rstrip("\n").encode()

    @pytest.mark.parametrize(
        ("before", "after"),
        [
            (
                "out, h_n = self.gru(x)\ny = out[:, -1]; return self.fc(y)",
                "y = torch.cat((h_n[-2], h_n[-1]), -1); return",
            ),
            (
                "out, h_n = self.gru(x)\nif x.dim() == 3: return self.fc(out[:, -1])",
                "return self.fc(torch.cat((h_n[-2]",
            ),
            (
                "out, h_n = self.gru(x)\nreturn self.fc(\\\n    out[:, -1])",
                "self.fc(\\\n            torch.cat((h_n[-2]",
            ),
            (
                "out, h_n = self.gru(x)\nreturn self.fc(\n    # the last\n    out[:, -1],  # step\n)",
                "h_n[-1]), -1),  # step",
            ),
            (
                "out, h_n = self.gru(x)\nreturn self.fc(y := out[:, -1])",
                "self.fc(y := torch.cat((h_n[-2], h_n[-1]), -1))",
            ),
            (
                "out, h\u00f6he = self.gru(x)\nreturn self.fc(out[:, -1])",
                "torch.cat((h\u00f6he[-2], h\u00f6he[-1]), -1)",
            ),
            (
                "out, h_n = self.gru(x)\nreturn '\u4e16\U0001f600', self.fc(out[:, -1])",
                "'\u4e16\U0001f600', self.fc(torch.cat(",
            ),
            (
                "out, h_n = self.gru(x)\n\x0cdone = self.fc(out[:, -1])\nreturn done",
                "done = self.fc(torch.cat((h_n[-2]",
            ),
            ("out, h_n = self.gru(x)\nreturn self.fc((out[:, -1]))", "self.fc((torch.cat((h_n[-2], h_n[-1]), -1)))"),
            ("out, _ = self.gru(x)\nreturn self.fc(out[:, -1])", "out, h_n = self.gru(x)"),
            ("return self.fc(self.gru(x)[0][:, -1])", "_, h_n = self.gru(x)\n        return self.fc(torch.cat("),
            (
                "def inner(y):\n    out, h_n = self.gru(y)\n    return self.fc(out[:, -1])\nreturn inner(x)",
                "self.fc(torch.cat(",
            ),
            ('"""What it does."""\nreturn self.fc(self.gru(x)[0][:, -1])', '"""\n        _, h_n = self.gru(x)\n'),
        ],
    )
    def test_spellings(self, fix: Fix, before: str, after: str) -> None:
        ran, text = fix(body(before))
        assert after in text.decode(), (ran.out, ran.err, text.decode())
        assert ran.status == 0

    def test_tabs(self, fix: Fix) -> None:
        _, after = fix(WRONG.replace("    ", "\t"))
        assert after == RIGHT.replace("    ", "\t").encode()

    def test_a_decorated_method(self, fix: Fix) -> None:
        text = WRONG.replace("    def forward", "    @torch.no_grad()\n    def forward")
        assert fix(text)[1] == text.replace("out[:, -1]", "torch.cat((h_n[-2], h_n[-1]), -1)").encode()

    @pytest.mark.parametrize(
        "before",
        ["", "from __future__ import annotations\n", '"""A docstring."""\n\nfrom __future__ import annotations\n\n'],
    )
    def test_where_torch_is_imported(self, fix: Fix, before: str) -> None:
        _, after = fix(before + WRONG.removeprefix("import torch\n"))
        assert after.decode() == before + RIGHT

    def test_what_a_line_would_break_is_left(self, fix: Fix) -> None:
        text = body("if x.dim() == 3: \\\n    return self.fc(self.gru(x)[0][:, -1])")
        ran, after = fix(text)
        assert ran.status == 1
        assert after == text.encode()

    def test_formatted_strings(self, fix: Fix) -> None:
        _, after = fix(body('out, h_n = self.gru(x)\nreturn f"{self.fc(out[:, -1])}"'))
        assert after.decode() in (
            body('out, h_n = self.gru(x)\nreturn f"{self.fc(torch.cat((h_n[-2], h_n[-1]), -1))}"'),
            body('out, h_n = self.gru(x)\nreturn f"{self.fc(out[:, -1])}"'),
        )


class TestWhatIsLeft:
    @pytest.mark.parametrize("comment", ["# noqa", "# noqa: RNN102", "# ruff: noqa: RNN102"])
    def test_what_a_comment_suppresses(self, fix: Fix, comment: str) -> None:
        text = WRONG.replace("[:, -1])", f"[:, -1])  {comment}")
        if comment.startswith("# ruff"):
            text = f"{comment}\n{WRONG}"
        assert fix(text)[1] == text.encode()

    def test_what_a_baseline_knows(self, check: Check) -> None:
        path = check.write("m.py", WRONG)
        assert check("--isolated", "--baseline=known.json", "--update-baseline", "m.py").status == 0
        assert check("--fix", *EVERY, "--baseline=known.json", "m.py").status == 0
        assert path.read_text() == WRONG

    def test_what_is_not_selected(self, fix: Fix) -> None:
        assert fix(WRONG, "m.py", "--ignore=RNN102")[1] == WRONG.encode()

    def test_what_holds_under_a_condition(self, fix: Fix) -> None:
        text = WRONG.replace("def __init__(self)", "def __init__(self, both=False)").replace(
            "bidirectional=True", "bidirectional=both"
        )
        text = text.replace("nn.Linear(10, 2)", "nn.LazyLinear(2)")
        ran, after = fix(text, "m.py", "--all-configurations")
        assert "RNN102" in ran.out
        assert after == text.encode()

    def test_unsafe_fixes_are_asked_for(self, check: Check) -> None:
        path = check.write("m.py", WRONG)
        ran = check("--isolated", "--fix", "m.py")
        assert (ran.status, path.read_text()) == (1, WRONG)

    def test_a_character_that_the_encoding_has_not(self, check: Check) -> None:
        text = "# coding: ascii\n" + WRONG
        path = check.write("m.py", text)
        long = check("--fix", *EVERY, "m.py")
        assert (long.status, path.read_text()) == (0, text.replace(WRONG, RIGHT))

    def test_bytes_that_cannot_be_given_back(self, check: Check) -> None:
        twice = b"# coding: iso-2022-jp\n" + b"# \x1b$B$3\x1b(B\x1b$B$s\x1b(B\n" + WRONG.encode()
        path = check.write("m.py", twice)
        ran = check("--fix", *EVERY, "m.py")
        assert (
            ran.err
            == "rnnlint check: m.py:15: RNN102 is not fixed: it cannot be written back as it is in iso-2022-jp\n"
        )
        assert path.read_bytes() == twice

    def test_a_syntax_error_elsewhere(self, check: Check) -> None:
        right, broken = check.write("m.py", WRONG), check.write("n.py", WRONG + "def\n")
        ran = check("--fix", *EVERY, ".")
        assert ran.status == 2
        assert ran.refused == ["n.py"]
        assert right.read_text() == RIGHT
        assert broken.read_text() == WRONG + "def\n"


class TestFiles:
    def test_the_mode_stays(self, check: Check) -> None:
        path = check.write("m.py", WRONG)
        path.chmod(0o751)
        check("--fix", *EVERY, "m.py")
        assert (stat.S_IMODE(path.stat().st_mode), path.read_text()) == (0o751, RIGHT)

    def test_a_link_stays_one(self, check: Check) -> None:
        path, link = check.write("there/m.py", WRONG), check.folder / "m.py"
        link.symlink_to(path)
        check("--fix", *EVERY, "m.py")
        assert link.is_symlink()
        assert path.read_text() == RIGHT

    @pytest.mark.parametrize("asked", [["."], ["a.py", "m.py"], ["a.py"]])
    def test_a_file_and_a_link_to_it_are_mended_once(self, check: Check, asked: list[str]) -> None:
        path, link = check.write("m.py", WRONG), check.folder / "a.py"
        link.symlink_to("m.py")
        check.write("use.py", "from a import Reader\nmodel = Reader()\n")
        name = "a.py" if asked == ["a.py"] else "m.py"
        shown = check("--diff", "--unsafe-fixes", *asked)
        assert (shown.status, shown.out.count("+++"), f"+++ {name}" in shown.out) == (1, 1, True)
        ran = check("--fix", "--unsafe-fixes", "--output-format=full", *asked)
        assert (ran.status, ran.err) == (0, "")
        assert "1 fixed" in ran.out
        assert link.is_symlink()
        assert path.read_text() == RIGHT

    def test_what_is_left_is_said_of_links_as_well(self, check: Check) -> None:
        check.write("m.py", WRONG)
        (check.folder / "a.py").symlink_to("m.py")
        ran = check("--fix", ".")
        assert (ran.status, [name for name, *_ in ran.found]) == (1, ["a.py", "m.py"])

    def test_a_file_that_cannot_be_written(self, check: Check, monkeypatch: pytest.MonkeyPatch) -> None:
        path = check.write("m.py", WRONG)
        other = check.write("n.py", WRONG)
        monkeypatch.setattr(os, "access", lambda name, _: Path(name).name != "m.py")
        ran = check("--fix", *EVERY, ".")
        assert (ran.status, ran.err) == (2, "rnnlint check: m.py: is not fixed: it cannot be written\n")
        assert (path.read_text(), other.read_text()) == (WRONG, RIGHT)

    def test_a_file_that_changes_meanwhile(self, check: Check, monkeypatch: pytest.MonkeyPatch) -> None:
        path = check.write("m.py", WRONG)
        really = fixing.Fixing.fixed

        def fixed(self: fixing.Fixing, first: fix_results.Checked) -> tuple[fixing.Fixed, fix_results.Checked]:
            found = really(self, first)
            path.write_text("# another\n")
            return found

        monkeypatch.setattr(fixing.Fixing, "fixed", fixed)
        ran = check("--fix", *EVERY, "m.py")
        assert (ran.status, ran.err) == (2, "rnnlint check: m.py: is not fixed: it has changed meanwhile\n")
        assert path.read_text() == "# another\n"

    def test_an_interrupt_while_it_is_written(self, check: Check, monkeypatch: pytest.MonkeyPatch) -> None:
        path = check.write("m.py", WRONG)

        def interrupted(*_: object) -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr(Path, "replace", interrupted)
        assert check("--fix", *EVERY, "m.py").status == 130
        assert path.read_text() == WRONG
        assert [one.name for one in check.folder.iterdir() if "tmp" in one.name] == []


class TestStandardInput:
    def test_the_mended_text_is_printed(self, check: Check, monkeypatch: pytest.MonkeyPatch) -> None:
        given(WRONG.encode(), monkeypatch)
        ran = check("--fix", *EVERY, "--show-fixes", "-")
        assert (ran.status, ran.out) == (0, RIGHT)
        assert ran.err == "Fixed 1 finding:\n- -:\n    1 x RNN102 (last-step-of-bidirectional)\n"

    def test_what_is_left_is_said_beside_it(self, check: Check, monkeypatch: pytest.MonkeyPatch) -> None:
        given(WRONG.encode(), monkeypatch)
        ran = check("--fix", "--isolated", "-")
        assert (ran.status, ran.out) == (1, WRONG)
        assert ran.err.startswith("-:13:24: RNN102 ")

    def test_the_difference(self, check: Check, monkeypatch: pytest.MonkeyPatch) -> None:
        check.write("m.py", "# on the disk\n")
        given(WRONG.encode(), monkeypatch)
        ran = check("--diff", *EVERY, "--stdin-filename", "m.py", "-")
        assert ran.status == 1
        assert ran.out.startswith("--- m.py\n+++ m.py\n")
        assert "+        return self.fc(torch.cat((h_n[-2], h_n[-1]), -1))\n" in ran.out

    def test_what_cannot_be_read_is_given_back(self, check: Check, monkeypatch: pytest.MonkeyPatch) -> None:
        given((WRONG + "def\n").encode(), monkeypatch)
        ran = check("--fix", *EVERY, "-")
        assert (ran.status, ran.out) == (2, WRONG + "def\n")


class TestWhatIsSaid:
    def test_difference(self, check: Check) -> None:
        path = check.write("m.py", WRONG)
        ran = check("--diff", *EVERY, "m.py")
        assert (ran.status, ran.err) == (1, "Would fix 1 finding.\n")
        assert ran.out.splitlines()[:3] == ["--- m.py", "+++ m.py", "@@ -10,4 +10,4 @@"]
        assert path.read_text() == WRONG

    def test_a_difference_is_what_patch_takes(self, check: Check) -> None:
        import subprocess

        before = b"\xef\xbb\xbf" + WRONG.replace("class", "# \x0c \u2028\nclass").rstrip("\n").encode()
        path = check.write("m.py", before)
        ran = check("--diff", *EVERY, "m.py")
        subprocess.run(["git", "apply", "-p0"], input=ran.out.encode(), cwd=check.folder, check=True)
        assert path.read_bytes() == before.replace(b"out[:, -1]", b"torch.cat((h_n[-2], h_n[-1]), -1)")

    @pytest.mark.parametrize(
        ("options", "status"),
        [
            (("--fix", "--unsafe-fixes"), 0),
            (("--fix",), 1),
            (("--fix", "--exit-zero"), 0),
            (("--diff",), 0),
            (("--diff", "--unsafe-fixes"), 1),
            (("--diff", "--unsafe-fixes", "--exit-zero"), 0),
        ],
    )
    def test_exit_statuses(self, check: Check, options: tuple[str, ...], status: int) -> None:
        check.write("m.py", WRONG)
        assert check("--isolated", *options, "m.py").status == status

    def test_quiet(self, check: Check) -> None:
        check.write("m.py", WRONG)
        ran = check("--fix", "--quiet", "--show-fixes", "--output-format=full", *EVERY, "m.py")
        assert (ran.status, ran.out, ran.err) == (0, "", "")

    def test_full_says_how_many(self, check: Check) -> None:
        check.write("m.py", WRONG)
        assert check("--isolated", "--output-format=full", "m.py").out.splitlines()[-1] == (
            "1 fixable with --fix and --unsafe-fixes, which changes numbers."
        )
        assert check("--fix", "--output-format=full", *EVERY, "m.py").out == "No findings in 1 file; 1 fixed.\n"

    @pytest.mark.parametrize(
        ("options", "said"),
        [
            (["--fix", "--diff"], "--fix and --diff are two things"),
            (["--fix", "--add-noqa"], "--add-noqa and --fix are two things"),
            (["--unsafe-fixes"], "--unsafe-fixes says how --fix or --diff is done"),
            (["--show-fixes"], "--show-fixes says how --fix or --diff is done"),
            (["--fix", "--ignore-noqa"], "--fix and --ignore-noqa: what a comment suppresses is not fixed"),
        ],
    )
    def test_wrong_use(self, check: Check, options: list[str], said: str) -> None:
        path = check.write("m.py", WRONG)
        ran = check("--isolated", *options, "m.py")
        assert (ran.status, ran.out, len(ran.err.splitlines())) == (2, "", 1)
        assert said in ran.err
        assert path.read_text() == WRONG

    def test_watching(self, check: Check, monkeypatch: pytest.MonkeyPatch) -> None:
        path = check.write("m.py", WRONG)

        def twice(run: object, _: object) -> None:
            assert callable(run)
            run(), run()
            raise KeyboardInterrupt

        monkeypatch.setattr(watching, "watch", twice)
        assert check("--watch", "--fix", *EVERY, "m.py").status == 130
        assert path.read_text() == RIGHT


TWO = body(
    "out, h_n = self.gru(x)\ny = self.fc(out[:, -1])\n"
    "return y, self.fc(out[:, -1]), self.fc(torch.cat((h_n[0], h_n[0]), -1))"
)


class TestMany:
    def test_several_on_one_line_and_alike(self, fix: Fix) -> None:
        _, after = fix(TWO)
        assert after.count(b"out[:, -1]") == 0

    def test_those_that_fail_cost_no_others(self, check: Check, monkeypatch: pytest.MonkeyPatch) -> None:
        names = [f"m{number}.py" for number in range(5)]
        for name in names:
            check.write(name, WRONG)
        really = rewriting.rewritten
        broken = WRONG.replace("class Reader", "class Broken")
        check.write("m2.py", broken)

        def rewritten(content: bytes, edits: object, *, notebook: bool) -> bytes:
            found = really(content, edits, notebook=notebook)  # type: ignore[arg-type]
            return found if b"Broken" not in content else found + b"def\n"

        monkeypatch.setattr(fixing, "rewritten", rewritten)
        ran = check("--fix", *EVERY, ".")
        assert ran.err == "rnnlint check: m2.py:13: RNN102 is not fixed: the file could not be read any more\n"
        assert [(check.folder / name).read_text() for name in names] == [RIGHT, RIGHT, broken, RIGHT, RIGHT]

    def test_a_bound_is_said(self, check: Check, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(fixing, "_LEAST", 1)
        monkeypatch.setattr(fixing, "_FINDINGS", 1)
        monkeypatch.setattr(fixing, "wrong_with", lambda *_: fix_results.Wrong("it is a lie"))
        for number in range(4):
            check.write(f"m{number}.py", WRONG)
        ran = check("--fix", *EVERY, ".")
        assert ran.status == 1
        assert ran.err.startswith("rnnlint check: 4 findings not tried: too many to check the files again for each")


def test_without_a_cache_files_are_told_apart(check: Check) -> None:
    wrong = {f"{name}.py": WRONG.replace("Reader", name) for name in ("one", "other")}
    for name, text in wrong.items():
        check.write(name, text)
    ran = check("--fix", *EVERY, "--no-cache", ".")
    assert (ran.status, ran.err) == (0, "")
    for name, text in wrong.items():
        assert check.folder.joinpath(name).read_text() == text.replace("out[:, -1]", BOTH)


def test_the_edits_of_json_make_the_same_text(check: Check) -> None:
    check.write("m.py", WRONG.replace("out, h_n", "out, _"))
    (found,) = json.loads(check("--isolated", "--output-format=json", "m.py").out)
    fix = found["fix"]
    assert (fix["applicability"], fix["message"]) == ("unsafe", f"unpack and use {BOTH}")
    assert fix["note"].startswith("numbers change")
    lines = WRONG.replace("out, h_n", "out, _").splitlines(keepends=True)
    for edit in reversed(fix["edits"]):
        row, start, end = edit["location"]["row"], edit["location"]["column"], edit["end_location"]["column"]
        assert edit["end_location"]["row"] == row
        lines[row - 1] = lines[row - 1][: start - 1] + edit["content"] + lines[row - 1][end - 1 :]
    assert "".join(lines) == RIGHT


class TestNotebooks:
    def notebook(self, *sources: str) -> str:
        cells = [
            {
                "cell_type": "code",
                "execution_count": 3,
                "metadata": {"tags": ["a"]},
                "outputs": [{"name": "stdout", "output_type": "stream", "text": ["out[:, -1]\n"]}],
                "source": source.splitlines(keepends=True),
            }
            for source in sources
        ]
        whole = {"cells": cells, "metadata": {"kernelspec": {"name": "python3"}}, "nbformat": 4, "nbformat_minor": 5}
        return json.dumps(whole, indent=1) + "\n"

    def test_only_characters_of_the_cells_change(self, fix: Fix) -> None:
        before = self.notebook("%matplotlib inline\nimport torch\nfrom torch import nn\n", WRONG.partition("\n\n\n")[2])
        ran, after = fix(before, "n.ipynb")
        assert after.decode() == before.replace("self.fc(out[:, -1])", "self.fc(torch.cat((h_n[-2], h_n[-1]), -1))")
        assert (ran.status, ran.err) == (0, "")

    def test_lines_that_are_put_in(self, fix: Fix) -> None:
        before = self.notebook(
            "from torch import nn\n", body("return self.fc(self.gru(x)[0][:, -1])").partition("\n\n\n")[2]
        )
        _, after = fix(before, "n.ipynb")
        cells = ["".join(one["source"]) for one in json.loads(after)["cells"]]
        assert cells[0] == "import torch\nfrom torch import nn\n"
        assert "        _, h_n = self.gru(x)\n        return self.fc(torch.cat((h_n[-2], h_n[-1]), -1))\n" in cells[1]
        old, new = json.loads(before), json.loads(after)
        for one in (*old["cells"], *new["cells"]):
            del one["source"]
        assert old == new

    def test_the_difference_is_one_of_the_json(self, check: Check) -> None:
        check.write("n.ipynb", self.notebook(WRONG))
        ran = check("--diff", *EVERY, "n.ipynb")
        assert ran.status == 1
        assert '-    "        return self.fc(out[:, -1])\\n"\n' in ran.out


STEPS = """\
import torch
from torch import nn


class Steps(nn.Module):
    def __init__(self):
        super().__init__()
        self.cell = nn.GRUCell(3, 5)
        self.first = nn.Linear(3, 5)

    def forward(self, x, start):
        h = self.first(x[:, 0])
        found = []
        for step in x.unbind(1):
            {line}
            found.append(h)
        return torch.stack(found)
"""


def test_the_first_round_gets_what_every_round_got(check: Check) -> None:
    """Whatever the name that gets the state has held before the loop."""
    file = check.write("a.py", STEPS.format(line="h = self.cell(step, start)"))
    assert check(*EVERY, "--fix").status == 0
    mended = STEPS.format(line="h = self.cell(step, h)").replace(
        "        for step", "        h = start\n        for step"
    )
    assert file.read_text(encoding="utf-8") == mended


def test_what_a_round_reads_before_is_not_written_over(check: Check) -> None:
    text = STEPS.format(line="h = self.cell(step + h[:, :3], start)")
    file = check.write("a.py", text)
    check(*EVERY, "--fix")
    assert file.read_text(encoding="utf-8") == text


CHOSEN = """\
import torch
from torch import nn


class Reader(nn.Module):
    def __init__(self, kind="LSTM"):
        super().__init__()
        self.rnn = CHOICE
        self.fc = nn.Linear(10, 2)

    def forward(self, x):
        UNPACKED = self.rnn(x)
        return self.fc(out[:, -1])
"""
OPTIONS = "(3, 5, batch_first=True, bidirectional=True)"
EITHER = f"nn.LSTM{OPTIONS} if kind == 'LSTM' else nn.GRU{OPTIONS}"


class TestOneClassOfSeveralModules:
    """What is written for an LSTM is another thing where the class builds a GRU: ``h_n`` of a pair, or of a tensor."""

    @pytest.mark.parametrize("unpacked", ["out, state", "out, _", "out, (h, c)"])
    def test_what_mends_one_of_them_alone_is_no_fix(self, check: Check, unpacked: str) -> None:
        before = CHOSEN.replace("CHOICE", EITHER).replace("UNPACKED", unpacked)
        path = check.write("m.py", before)
        # h_n of a GRU is unpacked into a pair as well: what its two directions have read
        assert check("--fix", *EVERY, "m.py").status == 1
        assert path.read_text() == before

    def test_what_mends_all_of_them_is_one(self, check: Check) -> None:
        layers = f"nn.GRU(3, 5, 1 if kind == 'LSTM' else 2, {OPTIONS[7:]}"
        path = check.write("m.py", CHOSEN.replace("CHOICE", layers).replace("UNPACKED", "out, state"))
        assert check("--fix", *EVERY, "m.py").status == 0
        assert "torch.cat((state[-2], state[-1]), -1)" in path.read_text()

    def test_scripts_that_build_it_differently_count_as_well(self, check: Check) -> None:
        model = CHOSEN.replace("CHOICE", EITHER).replace("UNPACKED", "out, state")
        path = check.write("model.py", model)
        for kind in ("LSTM", "GRU"):
            check.write(f"train_{kind.lower()}.py", f"from model import Reader\nReader('{kind}')\n")
        check("--fix", *EVERY, ".")
        assert path.read_text() == model

    def test_what_is_wrong_of_one_of_them_alone_has_none(self, check: Check) -> None:
        """``h[-1]`` is the last layer's state of a GRU, and ``h[0][-1]``, which is that of an LSTM, another thing."""
        model = CHOSEN.replace("CHOICE", "nn.LSTM(3, 5) if kind == 'LSTM' else nn.GRU(3, 5)")
        model = model.replace("UNPACKED", "out, h").replace("nn.Linear(10, 2)", "nn.Linear(5, 2)")
        model = model.replace("out[:, -1]", "h[-1]") + "for kind in ('LSTM', 'GRU'):\n    Reader(kind)\n"
        path = check.write("m.py", model)
        assert "RNN302" in check("--fix", *EVERY, "m.py").out
        assert path.read_text() == model


@pytest.mark.parametrize(
    "other", ["out[-1:]", "torch.index_select(out, 0, torch.LongTensor([out.size(0) - 1]))", "elsewhere(out)"]
)
def test_what_holds_one_thing_or_another_is_mended_for_both_or_not(check: Check, other: str) -> None:
    """The squeeze takes nothing away from a mean, and the axis of one step from the other arm: out it must not go."""
    before = (
        WRONG.replace("batch_first=True, bidirectional=True", "")
        .replace("10, 2", "5, 2")
        .replace(
            "        return self.fc(out[:, -1])\n",
            f"        out = out.mean(0) if self.mean else {other}\n        return self.fc(torch.squeeze(out))\n",
        )
    )
    path = check.write("m.py", before)
    assert "RNN207" in [code for *_, code in check("--isolated", "m.py").found]
    check("--fix", *EVERY, "m.py")
    assert path.read_text() == before


@pytest.mark.parametrize(("layers", "fixed"), [("1", True), ("layers", False), ("config.layers", False)])
def test_a_rate_of_which_more_layers_would_make_use_stays(check: Check, layers: str, fixed: bool) -> None:
    """Whoever sets another number of layers wants it to act between them."""
    path = check.write(
        "m.py",
        "from torch import nn\n\n\nclass config:\n    layers = 1\n\n\nclass Model(nn.Module):\n"
        "    def __init__(self, layers=1):\n        super().__init__()\n"
        f"        self.rnn = nn.GRU(3, 5, {layers}, dropout=0.5)\n\n\nmodel = Model()\n",
    )
    assert [code for *_, code in check("--isolated", "m.py").found] == ["RNN503"]
    check("--fix", *EVERY, "m.py")
    assert ("dropout" not in path.read_text()) is fixed
