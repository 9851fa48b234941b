"""``github``, ``gitlab`` and ``junit``: what the servers that read them take, whatever stands in a finding."""

from __future__ import annotations

import json
import re
from xml.etree import ElementTree

from hypothesis import given, settings

from rnnlint.diagnostics import Checked, Diagnostic, Place
from rnnlint.output.catalogue import Format, ordered, rendered
from tests.output.samples import CHECKED, NOTEBOOK, NOTHING, TAGGER, checks


class TestGitHub:
    def test_a_command_for_each(self) -> None:
        assert rendered(Format.GITHUB, Checked((TAGGER,))) == (
            "::error title=rnnlint (RNN102),file=models/tagger.py,line=7,endLine=7,col=26,endColumn=39::"
            f"models/tagger.py:7:26: RNN102 {TAGGER.message}"
            "%0A  models/tagger.py:3:55: two directions: bidirectional=True"
            "%0A  models/tagger.py:3:37: steps are axis 1: batch_first=True"
            "%0A  models/tagger.py:6:21: output comes from here"
            f"%0A  read: {TAGGER.read}%0A  wanted: {TAGGER.wanted}\n"
        )

    def test_a_notebook_is_shown_at_a_line_of_its_json(self) -> None:
        said = rendered(Format.GITHUB, Checked((NOTEBOOK,)))
        assert said.startswith("::error title=rnnlint (RNN102),file=train.ipynb,line=118::train.ipynb:cell 3:7:26: ")

    def test_several_lines_have_no_columns(self) -> None:
        one = Diagnostic(Place("a.py", 0, 3, 4, 5, 1), "RNN101", "name", "message")
        assert rendered(Format.GITHUB, Checked((one,))) == (
            "::error title=rnnlint (RNN101),file=a.py,line=3,endLine=5::a.py:3:5: RNN101 message\n"
        )

    def test_what_is_special_is_escaped(self) -> None:
        one = Diagnostic(Place("a,b:100%\n.py", 0, 1, 0, 1, 1), "RNN101", "name", "100%: a, b\r\n::stop::")
        assert rendered(Format.GITHUB, Checked((one,))) == (
            "::error title=rnnlint (RNN101),file=a%2Cb%3A100%25\\n.py,line=1,endLine=1,col=1,endColumn=2::"
            "a,b:100%25\\n.py:1:1: RNN101 100%25: a, b\\r\\n::stop::\n"
        )

    def test_what_was_not_understood_and_what_could_not_be_read(self) -> None:
        said = rendered(Format.GITHUB, CHECKED).splitlines()
        assert said[0].startswith("::notice title=rnnlint (RNN900),")
        assert said[-1] == "::error title=rnnlint,file=gone.py::gone.py: No such file or directory"

    @given(checks)
    @settings(max_examples=settings().max_examples // 3)
    def test_a_line_for_each(self, checked: Checked) -> None:
        said = rendered(Format.GITHUB, checked).split("\n")[:-1]
        assert len(said) == len(checked.diagnostics) + len(checked.refused)
        for line in said:
            command, properties, _ = re.fullmatch(r"::(\w+) (.*?)::(.*)", line, re.DOTALL).groups()  # type: ignore[union-attr]
            assert command in ("error", "notice")
            assert all(re.fullmatch(r"\w+=[^:,]*", one) for one in properties.split(","))
            assert not re.search(r"%(?!25|0A|3A|2C)", line)


class TestGitLab:
    def test_a_problem_for_each(self) -> None:
        (said,) = json.loads(rendered(Format.GITLAB, Checked((TAGGER,))))
        assert re.fullmatch(r"[0-9a-f]{32}", said.pop("fingerprint"))
        assert said == {
            "check_name": "RNN102",
            "description": f"RNN102: {TAGGER.message}",
            "location": {
                "path": "models/tagger.py",
                "positions": {"begin": {"line": 7, "column": 26}, "end": {"line": 7, "column": 39}},
            },
            "severity": "major",
        }

    def test_a_notebook_is_shown_at_a_line_of_its_json(self) -> None:
        (said,) = json.loads(rendered(Format.GITLAB, Checked((NOTEBOOK,))))
        assert said["location"]["positions"]["begin"] == {"line": 118, "column": 1}
        assert said["description"].startswith("RNN102: cell 3:7:26: ")

    def test_nothing_found(self) -> None:
        assert rendered(Format.GITLAB, NOTHING) == "[]\n"

    @given(checks)
    @settings(max_examples=settings().max_examples // 3)
    def test_no_two_problems_are_taken_for_one(self, checked: Checked) -> None:
        said = json.loads(rendered(Format.GITLAB, checked))
        assert len({one["fingerprint"] for one in said}) == len(said) == len(checked.diagnostics)
        assert all(one["severity"] in ("info", "minor", "major", "critical", "blocker") for one in said)


class TestJUnit:
    def test_a_suite_a_file_and_a_failure_a_finding(self) -> None:
        root = ElementTree.fromstring(rendered(Format.JUNIT, CHECKED))
        assert root.attrib == {"name": "rnnlint", "tests": "5", "failures": "3", "errors": "2"}
        names = [suite.attrib["name"] for suite in root]
        assert names == ["a b/größe.py", "models/tagger.py", "train.ipynb", "rnnlint"]
        (case,) = root[1]
        assert case.attrib == {
            "classname": "models/tagger.py",
            "name": "RNN102 last-step-of-bidirectional (7:26)",
            "file": "models/tagger.py",
            "line": "7",
        }
        (failure,) = case
        assert failure.attrib == {"type": "RNN102", "message": TAGGER.message}
        assert failure.text is not None
        assert failure.text.splitlines()[:2] == [
            f"models/tagger.py:7:26: RNN102 {TAGGER.message}",
            "models/tagger.py:3:55: two directions: bidirectional=True",
        ]
        assert [error.attrib["message"] for error in root[3].iter("error")] == [
            "source code cannot contain null bytes",
            "No such file or directory",
        ]

    def test_nothing_found_is_a_test_that_passes(self) -> None:
        root = ElementTree.fromstring(rendered(Format.JUNIT, NOTHING))
        assert root.attrib == {"name": "rnnlint", "tests": "1", "failures": "0", "errors": "0"}
        assert [len(case) for case in root.iter("testcase")] == [0]

    @given(checks)
    @settings(max_examples=settings().max_examples // 3)
    def test_it_is_xml_whatever_is_in_a_finding(self, checked: Checked) -> None:
        said = rendered(Format.JUNIT, checked)
        assert said.isascii()
        root = ElementTree.fromstring(said)
        cases = list(root.iter("testcase"))
        assert len(cases) == (len(checked.diagnostics) + len(checked.refused) or 1)
        assert root.attrib["failures"] == str(len(checked.diagnostics)) == str(len(list(root.iter("failure"))))
        assert root.attrib["errors"] == str(len(checked.refused)) == str(len(list(root.iter("error"))))
        shown = [failure.attrib["message"] for failure in root.iter("failure")]
        for message, one in zip(shown, ordered(checked).diagnostics, strict=True):
            if one.message.isprintable():
                assert message == one.message
