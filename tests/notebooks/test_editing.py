"""Edits of a notebook's module, made in its JSON: nothing else of the file changes."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from rnnlint.notebooks import Edit, Notebook, changes, read, replaced
from tests.notebooks.written import code, markdown, notebook, notebooks


def _with(text: str, old: str, new: str) -> str:
    """The notebook's text after ``old`` was replaced by ``new`` in the module."""
    module = read(text).text
    assert old in module
    return replaced(text, changes(module, module.replace(old, new)))


class TestChanges:
    @pytest.mark.parametrize("indent", [None, 1, 4])
    def test_a_comment_at_the_end_of_a_line(self, indent: int | None) -> None:
        text = notebook(markdown("x = 1"), code(["x = 1\n", "y = 2"]), code("x = 1"), indent=indent)
        assert _with(text, "y = 2", "y = 2  # noqa: RNN102") == text.replace("y = 2", "y = 2  # noqa: RNN102")

    def test_what_stands_around_is_written_as_it_was(self) -> None:
        text = (
            '{"cells":[{"source":["a = \\"\\u00e9\\/\\ud83d\\ude00\\" # \\t\\r\\n","b"],"cell_type":"code" }  ]\r\n}\n'
        )
        assert _with(text, "# \t", "# \t ok") == text.replace("# \\t", "# \\t ok")
        assert _with(text, "b\n", 'b  # "\n') == text.replace('"b"', '"b  # \\""')

    def test_new_characters_are_escaped_where_the_file_is_ascii(self) -> None:
        assert '"x  # \\u00e9"' in _with('{"cells": [{"cell_type": "code", "source": "x"}]}', "x", "x  # é")
        assert '"é  # é"' in _with('{"cells": [{"cell_type": "code", "source": "é"}]}', "é\n", "é  # é\n")

    def test_a_line_without_its_indentation_and_prompts(self) -> None:
        text = notebook(code("  x = 1\n  y = 2"), code(">>> z = 3"), code("%time w = 4"))
        for old in ("y = 2", "z = 3", "w = 4"):
            assert _with(text, old, old + "  # ok") == text.replace(old, old + "  # ok")

    def test_lines_are_matched_by_number(self) -> None:
        with pytest.raises(ValueError, match="zip"):
            changes("a\n", "a\nb\n")


class TestEdits:
    def test_several_lines_are_strings_of_their_own(self) -> None:
        text = notebook(code(["a\n", "b\n", "c"]))
        new = replaced(text, [Edit(2, 0, 2, 1, "b1\nb2")])
        assert json.loads(new)["cells"][0]["source"] == ["a\n", "b1\n", "b2\n", "c"]
        assert new == text.replace('"b\\n",', '"b1\\n",\n    "b2\\n",')
        new = replaced(text, [Edit(2, 0, 2, 0, "b0\n")])
        assert json.loads(new)["cells"][0]["source"] == ["a\n", "b0\n", "b\n", "c"]
        new = replaced(notebook(code(["a"])), [Edit(1, 0, 1, 1, "b\nc\n")])
        assert json.loads(new)["cells"][0]["source"] == ["b\n", "c\n"]

    @pytest.mark.parametrize(
        ("edit", "left"),
        [(Edit(1, 0, 2, 0, ""), ["b\n", "c"]), (Edit(2, 0, 3, 0, ""), ["a\n", "c"]), (Edit(2, 0, 3, 1, ""), ["a\n"]),
         (Edit(1, 0, 3, 1, ""), [""])],
    )  # fmt: skip
    def test_whole_lines_go_with_their_strings(self, edit: Edit, left: list[str]) -> None:
        for indent in (None, 2):
            new = replaced(notebook(code(["a\n", "b\n", "c"]), indent=indent), [edit])
            assert new == notebook(code(left), indent=indent)

    def test_line_ends_are_those_of_the_cell(self) -> None:
        assert "x\\r\\ny\\r\\nz" in replaced(notebook(code("x\r\nz")), [Edit(1, 1, 1, 1, "\ny")])

    @pytest.mark.parametrize(
        ("edits", "said"),
        [
            ([Edit(1, 0, 1, 2, "x")], "line 1 of cell 1 is IPython's: !ls"),
            ([Edit(2, 0, 3, 0, "")], "from cell 1 into cell 2"),
            ([Edit(2, 3, 2, 1, "")], "ends before it begins"),
            ([Edit(2, 0, 2, 9, "")], "no column 9 in line 2"),
            ([Edit(4, 0, 4, 0, "")], "no column 0 in line 4"),
            ([Edit(2, 0, 2, 3, "y"), Edit(2, 2, 2, 4, "z")], "overlap"),
        ],
    )
    def test_what_cannot_be_done(self, edits: list[Edit], said: str) -> None:
        with pytest.raises(ValueError, match=said):
            replaced(notebook(code("!ls\nx = 1"), code("y")), edits)


def _own(found: Notebook, number: int) -> bool:
    at, line = found.lines[number - 1], found.text.split("\n")[number - 1]
    return found.cells[at.cell][at.line - 1][at.shift :] == line


class TestLaws:
    @given(notebooks(), st.data())
    def test_a_comment_comes_into_the_module_and_nowhere_else(self, text: str, data: st.DataObject) -> None:
        found = read(text)
        own = [number for number in range(1, len(found.lines) + 1) if _own(found, number)]
        assume(own)
        chosen = data.draw(st.sets(st.sampled_from(own), min_size=1, max_size=3))
        comment = data.draw(st.sampled_from(["  # noqa: RNN102", '  # "é\\']))
        module = found.text.split("\n")
        after = "\n".join(line + comment * (number in chosen) for number, line in enumerate(module, 1))
        new = replaced(text, changes(found.text, after))
        before, now = (json.loads(one.removeprefix("\ufeff")) for one in (text, new))
        for number in chosen:
            at = found.lines[number - 1]
            cell = before["cells"][at.cell - 1]
            lines = re.split(r"(\r\n|\r|\n)", "".join(cell["source"]))
            lines[2 * (at.line - 1)] += comment
            cell["source"] = "".join(lines)
        assert [_joined(cell) for cell in now["cells"]] == [_joined(cell) for cell in before["cells"]]
        # and what was written is there still, in its order
        assert _is_within(text, new)
        assert len(new) - len(text) in range(len(chosen) * len(comment), len(chosen) * (len(comment) + 8))

    @given(notebooks(), st.data())
    def test_any_stretch_of_a_cell(self, text: str, data: st.DataObject) -> None:
        found = read(text)
        own = [number for number in range(1, len(found.lines) + 1) if _own(found, number)]
        assume(own)
        line = data.draw(st.sampled_from(own))
        end_line = data.draw(
            st.sampled_from([n for n in own if found.lines[n - 1].cell == found.lines[line - 1].cell and n >= line])
        )
        module = found.text.split("\n")
        column = data.draw(st.integers(0, len(module[line - 1])))
        end_column = data.draw(st.integers(column if line == end_line else 0, len(module[end_line - 1])))
        new = data.draw(st.sampled_from(["", "z", "z\n", "\nz", "1\n2\n3", "\u00e9"]))
        edited = replaced(text, [Edit(line, column, end_line, end_column, new)])
        at, end = found.lines[line - 1], found.lines[end_line - 1]
        before, now = (json.loads(one.removeprefix("\ufeff")) for one in (text, edited))
        source = "".join(before["cells"][at.cell - 1]["source"])
        starts = [0, *(found_end.end() for found_end in re.finditer(r"\r\n|\r|\n", source))]
        first, last = starts[at.line - 1] + column + at.shift, starts[end.line - 1] + end_column + end.shift
        wanted = new.replace("\n", "\r\n") if "\r\n" in source else new
        assert "".join(now["cells"][at.cell - 1]["source"]) == source[:first] + wanted + source[last:]
        del before["cells"][at.cell - 1], now["cells"][at.cell - 1]
        assert now == before


def _joined(cell: dict[str, object]) -> dict[str, object]:
    source = cell["source"]
    return cell | {"source": source if isinstance(source, str) else "".join(source)}  # type: ignore[arg-type]


def _is_within(less: str, more: str) -> bool:
    characters = iter(more)
    return all(character in characters for character in less)
