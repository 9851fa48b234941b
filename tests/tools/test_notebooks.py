"""The tool that says what becomes of real notebooks, on notebooks made for it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.hosts.running import MISREAD
from tests.notebooks.written import code, markdown, notebook
from tools.notebooks.__main__ import BEGIN, END, main

HEAD = "repository\tcommit\tpath"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the notebooks of a list."""
    lists = {
        "good.ipynb": notebook(markdown("# A"), code("%time 1"), code(MISREAD), code("print 'x'")),
        "plain.ipynb": notebook(code("x = 1"), code("%%bash\nls")),
        "R.ipynb": notebook(code("x <- 1"), metadata={"language_info": {"name": "R"}}),
        "broken.ipynb": "{",
    }
    for name, text in lists.items():
        where = tmp_path / "files" / "a+b" / "c0" / name
        where.parent.mkdir(parents=True, exist_ok=True)
        where.write_text(text, encoding="utf-8")
    rows = [f"a/b\tc0\t{name}" for name in lists]
    (tmp_path / "list.tsv").write_text("\n".join([HEAD, *rows]) + "\n", encoding="utf-8")
    (tmp_path / "judged.tsv").write_text(f"{HEAD}\tcell\tline\tcode\tverdict\treason\n", encoding="utf-8")
    return tmp_path


def _run(folder: Path, *more: str) -> int:
    lists = ["--list", str(folder / "list.tsv"), "--judged", str(folder / "judged.tsv")]
    return main([str(folder / "files"), *lists, *more])


def _rows(text: str) -> dict[str, list[str]]:
    lines = [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("| ")]
    return {cells[0]: cells[1:] for cells in lines}


def test_the_figures(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _run(folder) == 0
    rows = _rows(capsys.readouterr().out)
    assert rows["notebooks"] == ["4"]
    assert rows["analysed"] == ["2 (50.0 %)"]
    assert rows["code cells"] == ["5"]
    assert rows["read as Python"] == ["3 (60.0 %)"]
    assert rows["Python 2: `print` without parentheses"] == ["1", "1"]
    assert rows["`%%bash`"] == ["1", "1"]
    assert rows["its cells are in R, not in Python"] == ["1"]
    assert rows["this is no notebook: it is not valid JSON"] == ["1"]
    assert rows["recurrent modules built"] == ["1"]
    assert rows["cells that IPython runs and that are lost or read otherwise"] == ["0"]
    assert rows["RNN102"] == ["0", "0", "0", "1"]


def test_findings_are_judged(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _run(folder, "--no-ipython", "--out", str(folder / "judged.tsv")) == 0
    listed = (folder / "judged.tsv").read_text(encoding="utf-8")
    assert "a/b\tc0\tgood.ipynb\t3\t12\tRNN102\t\t" in listed
    assert _run(folder) == 2
    assert "verdict is one of true, arguable, false" in capsys.readouterr().err
    (folder / "judged.tsv").write_text(listed.replace("RNN102\t\t", "RNN102\tfalse\t"), encoding="utf-8")
    assert _run(folder) == 0
    assert _rows(capsys.readouterr().out)["RNN102"] == ["0", "0", "1", "0"]


def test_the_page(folder: Path) -> None:
    page = folder / "page.md"
    page.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n", encoding="utf-8")
    assert _run(folder, "--page", str(page)) == 0
    text = page.read_text(encoding="utf-8")
    assert text.startswith(f"before\n{BEGIN}\n\n| what | number |\n")
    assert text.endswith(f"|\n\n{END}\nafter\n")
    assert "old" not in text


def test_every_notebook_below_a_folder(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "list.tsv").write_text(HEAD + "\n", encoding="utf-8")
    assert _run(folder) == 2
    assert _run(folder, "--every") == 0
    assert _rows(capsys.readouterr().out)["notebooks"] == ["4"]


def test_what_is_not_there(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "files" / "a+b" / "c0" / "R.ipynb").unlink()
    assert _run(folder) == 2
    assert "R.ipynb: not there" in capsys.readouterr().err
    assert main(["fetch", str(folder), "--list", str(folder / "list.tsv"), "--remote", str(folder)]) == 2
    assert "cannot be had: a/b c0: " in capsys.readouterr().out
