"""What docs/fixes.md says of the fixes that were read by hand is what their list says."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.measure import fixes
from tools.tsv import BadInput

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "fixes.md"
HEAD = "\t".join(fixes.COLUMNS)
ROW = "a/b\t0\tm.py\t3\tRNN102\ttrue\tunsafe\tright\tread"


def test_the_page_has_what_the_list_says() -> None:
    text = PAGE.read_text(encoding="utf-8")
    written = text[text.index(fixes.BEGIN) + len(fixes.BEGIN) : text.index(fixes.END)]
    assert written.strip() == fixes.section(fixes.read())


def test_it_is_written_between_its_markers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"before\n{fixes.BEGIN}\nold\n{fixes.END}\nafter\n", encoding="utf-8")
    monkeypatch.setattr("sys.argv", ["fixes", "--page", str(page)])
    assert fixes.main() == 0
    assert page.read_text(encoding="utf-8").startswith(f"before\n{fixes.BEGIN}\n\n{fixes.section(fixes.read())}")
    page.write_text("no markers\n", encoding="utf-8")
    assert fixes.main() == 2
    assert page.read_text(encoding="utf-8") == "no markers\n"


def test_what_is_counted(tmp_path: Path) -> None:
    shown = ROW.replace("unsafe\tright", "display\twrong").replace("true", "false")
    bare = ROW.replace("unsafe\tright", "\t").replace("RNN102", "RNN402")
    (tmp_path / "list.tsv").write_text("\n".join((HEAD, ROW, shown, bare, "")), encoding="utf-8")
    said = fixes.section(fixes.read(tmp_path / "list.tsv"))
    assert said.startswith("3 findings in 1 files of 1 repositories, all rules asked:\n2 true, 0 arguable, 1 false. ")
    assert "by default 1/2 = 50.0 % are not false" in said
    assert "1 have a fix that is applied: 1 right, 0 arguable, 0 wrong." in said
    assert "1 have one that is only shown: 0 right, 0 arguable, 1 wrong." in said
    assert "| RNN102 | 2 | 1 | 0 | 1 | 1 | 1 | 0 | 0 |" in said


@pytest.mark.parametrize(("old", "new"), [("true", "maybe"), ("right", ""), ("unsafe", ""), ("read", ""), ("3\t", "")])
def test_what_is_no_verdict(old: str, new: str, tmp_path: Path) -> None:
    (tmp_path / "list.tsv").write_text(f"{HEAD}\n{ROW.replace(old, new)}\n", encoding="utf-8")
    with pytest.raises(BadInput, match="line 2"):
        fixes.read(tmp_path / "list.tsv")
