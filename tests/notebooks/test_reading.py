"""Notebooks as modules: which cells there are, what is taken out of them, and where a line of the module stands."""

from __future__ import annotations

import ast
import json
import re

import pytest
from hypothesis import given

from rnnlint.notebooks import NotANotebook, Notebook, Why, read
from tests.notebooks.written import code, markdown, notebook, notebooks, of_sources


def _taken(found: Notebook) -> list[tuple[int, Why]]:
    return [(one.cell, one.why) for one in found.taken_out]


class TestModule:
    def test_code_cells_in_order_are_one_module(self) -> None:
        found = read(notebook(markdown("# A title"), code("import torch\n"), code(["x = 1\n", "y = 2"])))
        assert found.text == "import torch\n\nx = 1\ny = 2\n"
        assert [(at.cell, at.line) for at in found.lines] == [(2, 1), (2, 2), (3, 1), (3, 2)]

    def test_cells_of_every_kind_are_counted_from_one(self) -> None:
        raw = {"cell_type": "raw", "metadata": {}, "source": "x"}
        found = read(notebook(markdown("a"), raw, code("%%bash\nls"), code("x = 1")))
        spot = found.spot(1, 4)
        assert (spot.cell, spot.line, spot.column) == (4, 1, 4)

    def test_a_place_below_the_last_line_is_in_the_last_line(self) -> None:
        found = read(notebook(code("x = 1")))
        assert (found.spot(9).cell, found.spot(9).line) == (1, 1)
        assert (read(notebook()).spot(1).cell, read(notebook()).spot(1).line) == (1, 1)

    def test_the_source_of_a_cell_is_as_it_stands_there(self) -> None:
        found = read(notebook(code("%time x = 1\r\ny = 2")))
        assert found.source(1, 1, 2) == ("%time x = 1", "y = 2")
        assert found.source(7, 1, 1) == ()

    @pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
    def test_line_ends(self, end: str) -> None:
        assert read(notebook(code(end.join(["x = 1", "y = 2"])))).text == "x = 1\ny = 2\n"

    def test_what_other_programs_take_for_the_end_of_a_line_is_none(self) -> None:
        source = "x = '\u2028\x1c'\n\x0cy = 2"
        assert read(notebook(code(source))).text == source + "\n"

    def test_a_byte_order_mark_is_no_matter(self) -> None:
        assert read("\ufeff" + notebook(code("x = 1"))).text == "x = 1\n"

    def test_nbformat_3(self) -> None:
        first = {"cell_type": "code", "input": ["x = 1"], "language": "python", "outputs": []}
        heading = {"cell_type": "heading", "level": 1, "source": ["y"]}
        sheets = [{"cells": [heading, first]}, {"metadata": {}}, 3, {"cells": [first]}]
        found = read(json.dumps({"metadata": {"name": ""}, "nbformat": 3, "worksheets": sheets}))
        assert [at.cell for at in found.lines] == [2, 3]

    @pytest.mark.parametrize("indent", [None, 0, 1, 4])
    def test_every_line_knows_in_which_line_of_the_json_it_is_written(self, indent: int | None) -> None:
        cells = (
            code(["x = 'é'\n", "y = 2"]),
            markdown(["a\n", "b"]),
            code("z = 3\nw = 4"),
            code(["a = (\n", "1)\r", "b"]),
        )
        text = notebook(*cells, indent=indent)
        written = text.split("\n")
        found = read(text)
        for at in found.lines:
            held = json.dumps(found.cells[at.cell][at.line - 1])[1:-1]
            assert held in written[at.file_line - 1]
        apart = len({at.file_line for at in found.lines})
        assert apart == (1 if indent is None else 6)
        assert found.spot(2).file_line == found.lines[1].file_line

    def test_where_a_name_is_there_twice_the_last_counts(self) -> None:
        cell = '{"cell_type": "markdown", "source": "x", "source": ["y = 1"], "cell_type": "code"}'
        assert read(f'{{"cells": [], "cells": [{cell}]}}').text == "y = 1\n"

    def test_outputs_are_not_kept(self) -> None:
        found = read(notebook(code("x = 1", outputs=[{"data": {"image/png": "A" * 10**6}}])))
        assert len(repr(found)) < 1000


class TestTakenOut:
    @pytest.mark.parametrize(
        "wrong", ["if (:", "print 'x'", "return x", "x = \x00", "'\ud800'", "break", "(" * 500, "- " * 10**5]
    )
    def test_a_cell_that_is_not_python_goes_alone(self, wrong: str) -> None:
        found = read(notebook(code("x = 1"), code(["y = 2\n", wrong]), code("z = 3")))
        assert found.text == "x = 1\nz = 3\n"
        assert _taken(found) == [(2, Why.SYNTAX)]

    def test_imports_from_the_future_may_stand_anywhere(self) -> None:
        found = read(notebook(code("x = 1"), code("import os\nfrom __future__ import annotations")))
        assert found.taken_out == ()

    def test_where_it_is_not_python(self) -> None:
        (taken,) = read(notebook(code("x = 1\ny = 2\nz = = 3"))).taken_out
        assert taken.line == 3
        assert taken.reason

    @pytest.mark.parametrize("magic", ["%%bash", "%%html", "%%writefile model.py", "%%R -i x", "%%javascript", "%%sql"])
    def test_cells_of_magics(self, magic: str) -> None:
        found = read(notebook(code(f"\n{magic}\nimport torch"), code("# a title\n" + magic + "\nx"), code("x = 1")))
        assert found.text == "x = 1\n"
        assert [(one.cell, one.reason) for one in found.taken_out] == [(1, magic.split()[0]), (2, magic.split()[0])]

    def test_a_cell_of_another_language(self) -> None:
        other = {"metadata": {"vscode": {"languageId": "sql"}}}
        assert _taken(read(notebook(code("select 1", **other)))) == [(1, Why.LANGUAGE)]

    @pytest.mark.parametrize(
        "cell", [3, None, "x", [], {"cell_type": "code"}, code("x") | {"source": [1]}, {"source": None}]
    )
    def test_what_holds_no_text(self, cell: object) -> None:
        found = read(notebook(cell, code("x = 1")))
        assert found.text == "x = 1\n"
        assert found.spot(1).cell == 2
        assert _taken(found) == [(1, Why.NO_TEXT)]

    def test_cells_without_lines(self) -> None:
        assert read(notebook(code([]), code(""), {"cell_type": 3, "source": []})).text == "\n"


class TestLanguages:
    @pytest.mark.parametrize("language", ["R", "julia", "scala", "javascript"])
    @pytest.mark.parametrize("key", ["language_info", "kernelspec"])
    def test_a_notebook_of_another_language_is_not_analysed(self, language: str, key: str) -> None:
        name = "name" if key == "language_info" else "language"
        found = read(notebook(code("x = 1"), metadata={key: {name: language}}))
        assert (found.text, found.taken_out) == ("", ())
        assert found.not_analysed == f"its cells are in {language}, not in Python"

    @pytest.mark.parametrize(
        "metadata",
        [{}, {"kernelspec": {"name": "x"}}, {"language_info": {"name": "python"}, "kernelspec": {"language": "R"}},
         {"kernelspec": {"language": "Python"}}, {"kernelspec": 3}, {"language_info": {"name": None}}],
    )  # fmt: skip
    def test_all_others_are(self, metadata: dict[str, object]) -> None:
        assert read(notebook(code("x = 1"), metadata=metadata)).text == "x = 1\n"


class TestNoNotebooks:
    @pytest.mark.parametrize(
        "text",
        ["", "\ufeff", "{", "null", "[]", "3", "{}", '{"cells": 3}', '{"nbformat": 4}', "import torch",
         '{"cells": []} x', '{"cells": [}', '{"cells": [],}', '{"cells" []}', '{1: 2}', '{"cells": [{"source": "\n"}]}',
         "[" * 10**5,
         '{"x": ' + "[" * 10**5, "<<<<<<< HEAD\n{}\n"],
    )  # fmt: skip
    def test_one_clear_line(self, text: str) -> None:
        with pytest.raises(NotANotebook, match=r"^this is no notebook: ") as said:
            read(text)
        assert "\n" not in str(said.value)

    def test_the_place_is_said(self) -> None:
        with pytest.raises(NotANotebook, match="line 2, column 1"):
            read('{"cells":\n?}')

    def test_numbers_that_are_too_long_for_python(self) -> None:
        assert read('{"cells": [], "x": %s, "y": NaN}' % ("9" * 5000)).text == ""


class TestLaws:
    @given(notebooks())
    def test_the_module_parses_and_every_line_maps_back(self, text: str) -> None:
        found = read(text)
        ast.parse(found.text)
        module = found.text.split("\n")
        assert len(found.lines) == len(module) - 1
        assert sorted({(at.cell, at.line) for at in found.lines}) == [(at.cell, at.line) for at in found.lines]
        for number, (at, line) in enumerate(zip(found.lines, module[:-1], strict=True), start=1):
            source = found.source(at.cell, at.line, at.line)[0]
            spot = found.spot(number, len(line))
            assert spot.column <= len(source)
            # each line is the cell's own from some column on, unless IPython's is left out to its end
            own = source[at.shift :] == line or line.strip() in ("", "pass") or line.endswith("get_ipython()")
            assert own or source.endswith(line.split()[-1])

    @given(notebooks())
    def test_no_cell_is_lost(self, text: str) -> None:
        found = read(text)
        cells = json.loads(text.removeprefix("\ufeff"))["cells"]
        held = {number for number, cell in enumerate(cells, 1) if cell["cell_type"] == "code" and cell["source"] != []}
        assert {*found.cells, *(one.cell for one in found.taken_out)} == held
        assert len(found.cells) + len(found.taken_out) == len(held)
        for number, lines in found.cells.items():
            assert re.split(r"\r\n|\r|\n", "".join(cells[number - 1]["source"])) == list(lines)


def test_each_cell_stands_for_itself() -> None:
    """What one cell leaves open goes on in no other."""
    found = read(of_sources(["x = 1 \\", "(2)", "'''", "y", "'''", "if x:", "    z = 1", "z"]))
    assert found.text == "(2)\ny\nz = 1\nz\n"
