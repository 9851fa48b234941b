"""Where findings are printed: formats, files, counts, settings."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest

from rnnlint.checking import watching
from rnnlint.checking.progress import Progress
from tests.checking.running import Check
from tests.hosts.running import FINDING, MISREAD, RIGHT

TWO = MISREAD + "\n\nclass Other(Tagger):\n    pass\n" + MISREAD.replace("Tagger", "Third")


def test_json(check: Check) -> None:
    check.write("a.py", MISREAD)
    (one,) = json.loads(check("--output-format=json").out)
    assert (one["filename"], one["code"], one["location"]) == ("a.py", "RNN102", {"row": 12, "column": 26})


def test_several_formats_at_once(check: Check) -> None:
    check.write("a.py", MISREAD)
    ran = check("--output-format=json:out.json", "--output-format=json-lines:lines", "--output-format=concise")
    assert ran.found == [("a.py", *FINDING)]
    (one,) = json.loads(Path("out.json").read_text())
    assert one == json.loads(Path("lines").read_text())


def test_something_is_printed_beside_a_file(check: Check) -> None:
    check.write("a.py", MISREAD)
    assert check("--output-format=json:out.json").found == [("a.py", *FINDING)]
    check.write("rnnlint.toml", 'output-format = ["json:again.json", "json-lines"]\n')
    assert json.loads(check().out)["code"] == "RNN102"
    assert Path("again.json").read_bytes() == Path("out.json").read_bytes()


def test_a_file_is_replaced_as_a_whole_and_keeps_its_mode(check: Check) -> None:
    check.write("a.py", MISREAD)
    out = check.write("out.json", "x" * 10_000)
    out.chmod(0o640)
    link = check.folder / "link"
    link.symlink_to("out.json")
    check("--output-format=json:link")
    assert json.loads(out.read_text())
    assert link.is_symlink()
    assert stat.S_IMODE(out.stat().st_mode) == 0o640
    check("--output-format=json:new.json")
    mask = os.umask(0)
    os.umask(mask)
    assert stat.S_IMODE(Path("new.json").stat().st_mode) == 0o666 & ~mask
    assert {path.name for path in check.folder.iterdir()} == {"a.py", "link", "new.json", "out.json", ".rnnlint_cache"}


@pytest.mark.parametrize("target", ["json:no/such/folder", "json:.", "json:a\0b"])
def test_a_file_that_cannot_be_written_is_one_line_and_the_rest_is_printed(check: Check, target: str) -> None:
    check.write("a.py", MISREAD)
    ran = check(f"--output-format={target}", "--output-format=concise")
    assert ran.status == 2
    assert ran.found == [("a.py", *FINDING)]
    assert ran.err.count("\n") == 1
    assert "cannot be written" in ran.err


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["--output-format=jsn"], "--output-format: no format 'jsn' (did you mean json?)"),
        (
            ["--output-format=json:a", "--output-format=concise:a"],
            "--output-format: json and concise would both go to a",
        ),
        (["--select=RNN12"], "--select: unknown code 'RNN12': did you mean 'RNN102'?"),
        (["--config=none.toml"], "none.toml: "),
        (["--files-from=none"], "--files-from none: No such file or directory"),
        (["-", "--files-from=-"], "standard input cannot be both"),
        (["-", "--watch"], "--watch: standard input"),
        (["-j", "x"], "--jobs: "),
        ([""], "'': there is no such file or folder"),
        (["--add-noqa=x\ny", "a.py", "b.py"], "--add-noqa: the reason is not one line"),
        (["--config=foo.toml"], "foo.toml: its keys stand at the top, without [tool.rnnlint]\n"),
        (["--zzzz"], "unrecognized arguments: --zzzz\n"),
        (["--add-noq", "a.py"], "unrecognized arguments: --add-noq: did you mean --add-noqa?"),
    ],
)
def test_wrong_use_is_one_line(check: Check, given: list[str], said: str) -> None:
    check.write("a.py", MISREAD)
    check.write("b.py", MISREAD)
    check.write("foo.toml", "[tool.rnnlint]\njobs = 1\n")
    ran = check(*given)
    assert (ran.status, ran.out) == (2, "")
    assert ran.err.startswith(f"rnnlint check: {said}")
    assert ran.err.count("\n") == 1


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ('"sarfi"', "no format 'sarfi' (did you mean sarif?)"),
        ('["json", "full"]', "json and full would both go to standard output (give one of them a file: full:FILE)"),
        ('"sarif:"', "sarif: names no file"),
    ],
)
def test_a_wrong_format_is_said_of_whoever_has_written_it(check: Check, value: str, said: str) -> None:
    check.write("a.py", MISREAD)
    check.write("pyproject.toml", f"[tool.rnnlint]\noutput-format = {value}\n")
    check.write("other.toml", f"output-format = {value}\n")
    assert check().err == f"rnnlint check: pyproject.toml: output-format: {said}\n"
    assert check("--config=other.toml").err == f"rnnlint check: other.toml: output-format: {said}\n"
    assert check("--output-format=jsn").err.startswith("rnnlint check: --output-format: no format 'jsn'")
    assert check("--output-format=concise").found == [("a.py", *FINDING)]


def test_a_wrong_configuration_is_said_once_and_loses_no_other_file(check: Check) -> None:
    check.write("a.py", MISREAD)
    check.write("sub/pyproject.toml", "[tool.rnnlint]\nselct = []\n")
    for name in ("sub/b.py", "sub/c/d.py"):
        check.write(name, MISREAD)
    ran = check()
    assert (ran.status, ran.found) == (2, [("a.py", *FINDING)])
    assert ran.err == "rnnlint check: sub/pyproject.toml: unknown key 'selct': did you mean 'select'?\n"


def test_statistics(check: Check) -> None:
    check.write("a.py", TWO)
    check.write("b.py", MISREAD.replace("[:, -1]", "[:, 0]"))
    ran = check("--statistics", "--output-format=json:out.json")
    assert ran.status == 1
    assert ran.out == "2 RNN102 last-step-of-bidirectional\n1 RNN103 half-at-wrong-end\n"
    assert len(json.loads(Path("out.json").read_text())) == 3
    assert [one["count"] for one in json.loads(check("--statistics", "--output-format=json").out)] == [2, 1]


@pytest.mark.parametrize("form", ["github", "gitlab", "junit", "sarif", "html"])
def test_statistics_in_a_format_that_has_no_form_for_them(check: Check, form: str) -> None:
    check.write("a.py", MISREAD)
    ran = check("--statistics", f"--output-format={form}")
    said = f"rnnlint check: --statistics: {form} has no form for counts (give the findings a file: {form}:FILE)\n"
    assert (ran.status, ran.out, ran.err) == (2, "", said)
    ran = check("--statistics", f"--output-format={form}:out")
    assert (ran.status, ran.out) == (1, "1 RNN102 last-step-of-bidirectional\n")
    assert Path("out").read_text()


def test_show_settings(check: Check) -> None:
    check.write("a/b.py", "")
    check.write("a/rnnlint.toml", 'per-file-ignores = { "tests/*" = ["RNN"] }\njobs = 2\n')
    ran = check("a", "--show-settings", "--select=RNN2,RNN102")
    assert (ran.status, ran.err) == (0, "")
    lines = ran.out.splitlines()
    assert lines[:2] == [f"# settings of {check.folder}/a/b.py", "# a/rnnlint.toml"]
    assert 'select = ["RNN2", "RNN102"]  # --select' in lines
    assert 'per-file-ignores = { "tests/*" = ["RNN"] }  # a/rnnlint.toml' in lines
    assert "jobs = 2  # a/rnnlint.toml" in lines
    assert lines[-1].startswith("# on: RNN102, RNN201, ")


def test_what_is_selected(check: Check) -> None:
    check.write("a.py", MISREAD)
    assert check("--select=RNN2").found == []
    assert check("--ignore=RNN102").found == []
    assert check("--per-file-ignores=a.py:RNN1").found == []
    assert check("--select=RNN2", "--extend-select=RNN102").found == [("a.py", *FINDING)]
    check.write("rnnlint.toml", 'ignore = ["RNN1"]\n')
    assert check().found == []
    assert check("--isolated").found == [("a.py", *FINDING)]


def test_what_is_not_followed(check: Check) -> None:
    check.write("a.py", RIGHT + "\n\n    def other(self, x):\n        return vmap(self.rnn(x)[0])\n")
    assert check().found == []
    assert {row[3] for row in check("--show-unknown").found} == {"RNN900"}
    assert check("--select=RNN900").found == []


class _Terminal:
    def __init__(self) -> None:
        self.written = ""

    def isatty(self) -> bool:
        return True

    def write(self, text: str) -> int:
        self.written += text
        return len(text)

    def flush(self) -> None:
        pass


def test_progress_comes_after_a_while_and_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    times = iter([0.0, 0.5, 1.5, 1.55, 2.0])
    monkeypatch.setattr("time.monotonic", lambda: next(times))
    terminal = _Terminal()
    with Progress(terminal) as progress:  # type: ignore[arg-type]
        for done in range(1, 5):
            progress.show(done, 30)
    assert terminal.written == "\r2 of 30 files\r4 of 30 files\r             \r"


def test_watch_runs_again_after_each_change(check: Check) -> None:
    file = check.write("a.py", "1")
    runs: list[str] = []

    def wait(seconds: float) -> None:
        assert seconds >= watching.POLL
        if len(runs) == 3:
            raise KeyboardInterrupt
        file.write_text(f"{file.read_text()}1")

    with pytest.raises(KeyboardInterrupt):
        watching.watch(lambda: runs.append(file.read_text()), lambda: watching.state_of([str(file)]), wait)
    assert runs == ["1", "11", "111"]


def test_watch_goes_on_with_what_is_wrong(check: Check, monkeypatch: pytest.MonkeyPatch) -> None:
    file = check.write("a.py", MISREAD)
    texts = iter(["x = 1", ""])

    def wait(_: float) -> None:
        text = next(texts, None)
        if text is not None:
            check.write("rnnlint.toml", text)
        elif file.exists():
            file.unlink()
        else:
            raise KeyboardInterrupt

    monkeypatch.setattr("time.sleep", wait)
    ran = check("--watch")
    assert ran.status == 130
    assert ran.found == [("a.py", *FINDING)] * 2
    assert ran.err.count("unknown key 'x'") == 1


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["--update-baseline"], "--update-baseline: there is none"),
        (["--select", "XX", "."], "--select: unknown code 'XX'"),
        (["--config", "nope.toml", "."], "nope.toml: "),
        (["--baseline=none"], "none: there is no such file"),
        (["--files-from=none"], "--files-from none: "),
        (["--fix", "--diff"], "--fix and --diff are two things"),
    ],
)
def test_watch_ends_on_wrong_use(check: Check, monkeypatch: pytest.MonkeyPatch, given: list[str], said: str) -> None:
    check.write("a.py", MISREAD)
    monkeypatch.setattr("time.sleep", lambda _: pytest.fail("it waits"))
    ran = check("--watch", *given)
    assert (ran.status, ran.out) == (2, "")
    assert ran.err.startswith(f"rnnlint check: {said}")
    assert ran.err.count("\n") == 1
