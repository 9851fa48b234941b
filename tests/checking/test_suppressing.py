"""Comments that suppress, on the command line; what each spelling means is tested beside flake8 and ruff."""

from __future__ import annotations

import os

import pytest

from tests.checking.running import Check
from tests.hosts.running import MISREAD

LINE = "return self.head(output[:, -1])"


def commented(comment: str) -> str:
    return MISREAD.replace(LINE, f"{LINE}  {comment}")


@pytest.mark.parametrize("comment", ["# noqa", "# noqa: RNN102", "# noqa: RNN1", "# ruff: ignore[RNN102]"])
def test_a_comment_suppresses(check: Check, comment: str) -> None:
    check.write("a.py", commented(comment))
    ran = check()
    assert (ran.status, ran.out) == (0, "")
    assert [row[3] for row in check("--ignore-noqa").found] == ["RNN102"]


@pytest.mark.parametrize(
    "comment", ["# flake8: noqa", "# ruff: noqa", "# ruff: noqa: RNN102", "# flake8: noqa: RNN102"]
)
def test_a_comment_suppresses_for_a_file(check: Check, comment: str) -> None:
    check.write("a.py", f"{comment}\n{MISREAD}")
    assert check().out == ""


def test_comments_in_vain_are_told_with_statistics(check: Check) -> None:
    check.write("a.py", commented("# noqa: RNN102, RNN201, E501"))
    check.write("b.py", "import torch\n\nx = 1  # noqa: RNN305\n")
    check.write("c.py", commented("# noqa: RNN900, F401"))
    ran = check("--statistics", "--exit-zero")
    assert ran.out == (
        "1 RNN102 last-step-of-bidirectional\na.py:12:42: unused noqa: RNN201\nb.py:3:8: unused noqa: RNN305\n"
    )
    assert "unused" not in check("--exit-zero").out
    # what is suppressed of a rule that this run does not report is not suppressed in vain
    assert "RNN102" not in check("--statistics", "--select=RNN2").out


@pytest.mark.skipif(os.name == "nt", reason="links need rights on Windows")
def test_a_file_and_a_link_to_it_get_their_comments_once(check: Check) -> None:
    file = check.write("a.py", MISREAD)
    (check.folder / "b.py").symlink_to("a.py")
    ran = check("--add-noqa")
    assert (ran.status, ran.err, ran.out) == (0, "", "1 line of 1 file got a comment\n")
    assert file.read_text().count("# noqa: RNN102") == 1
    assert (check.folder / "b.py").is_symlink()
    assert check().status == 0
