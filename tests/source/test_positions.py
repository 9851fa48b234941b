"""Where the nodes of a program stand, in characters, and what is written there."""

from __future__ import annotations

import ast
import subprocess
import sys

import pytest

from rnnlint.source import formatted, walking
from rnnlint.source import program as ir
from rnnlint.source.parse import NotAnalysed, Parsed, parse
from rnnlint.source.positions import Places


def parsed(text: str) -> Parsed:
    found = parse(text)
    assert not isinstance(found, NotAnalysed)
    return found


def texts(text: str, kind: type[ir.Node]) -> list[str]:
    """What is said of each node of a kind, in the order of the file."""
    file = parsed(text)
    return [file.text_of(node) for node in walking.walk(file.program.body) if isinstance(node, kind)]


def at(text: str, name: str) -> list[str]:
    """What stands in the text where each node of a name is said to."""
    file = parsed(text)
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    found = []
    for node in walking.walk(file.program.body):
        if isinstance(node, ir.Name) and node.id == name:
            span = file.span(node)
            assert span.line == span.end_line
            found.append(lines[span.line - 1][span.column : span.end_column])
    return found


@pytest.mark.parametrize(
    "text",
    [
        "y = x",
        "é = 'ü'; y = f(x, 'ß', x)",
        "y = '\U0001f600' + x",
        "y = (\n    'é',\n    x)",
        "y = 1\r\nz = x\r\n",
        "y = 1\rz = x\r",
        "\f\ny = x",
        "if y:\n\tz = x",
        "y = 'é' \\\n  + x",
        "y = '''é\n''' + x",
        "x",
    ],
)
def test_columns_are_characters(text: str) -> None:
    assert set(at(text, "x")) == {"x"}


def test_a_byte_order_mark_is_no_column() -> None:
    file = parsed("\ufeffx = 1")
    (statement,) = file.program.body
    assert (file.span(statement).line, file.span(statement).column) == (1, 0)


FORMATTED = {
    "twice": "y = f'{x} {x}'",
    "beside a text": "y = 'é' f'{x}' 'a' f'{ x }'",
    "on two lines": "y = ('a'\n  f'b{x}'\n  f'{x} {f(x)}')",
    "in three quotes": "y = f'''\n{x}\n  {f(x)} é {x}'''",
    "in an f-string": "y = f'{f\"{x}\"} {x}'",
    "in an f-string in three quotes": "y = f'''a\n{f\"b{x}\"}'''",
    "in a generator in an f-string": "y = f\"{', '.join(f'{x}={y}' for x in z)}\"",
    "with a format": "y = f'{x:>{w}} {x!r:10} {x=}'",
    "a tuple": "y = f'{x, 1} {(x, 2)}'",
    "in a call": "f('é', f'é{x}', x)",
    "a lambda": "y = f'{(lambda: x)()}'",
    "raw": "y = rf'\\{x}' + Rf'{x}'",
    "braces": "y = f'{{x}}{x}'",
    "a line that goes on": "y = f'''\\\n{x} {f(\n x)}'''",
}


@pytest.mark.parametrize("name", FORMATTED)
def test_places_in_f_strings(name: str) -> None:
    found = at(FORMATTED[name], "x")
    assert found
    assert set(found) == {"x"}


@pytest.mark.skipif(not formatted.WRONG, reason="Python has the places right")
def test_python_alone_has_some_of_them_wrong() -> None:
    """The meta-test: libcst says something else of a tuple without brackets."""
    wrong = set()
    for name, text in FORMATTED.items():
        tree = ast.parse(text)
        strings = tuple(node for node in ast.walk(tree) if isinstance(node, ast.JoinedStr))
        ours, pythons = Places(text, strings), Places(text)
        inside = [value.value for one in strings for value in one.values if isinstance(value, ast.FormattedValue)]
        nodes = [node for value in inside for node in ast.walk(value) if isinstance(node, ast.expr)]
        wrong |= {name for node in nodes if ours.span(node) != pythons.span(node)}
    assert wrong == {"a tuple"}


def test_libcst_is_imported_for_places_in_f_strings_alone() -> None:
    code = """
import sys
from rnnlint.source.parse import parse
file = parse("y = f'{x}'")
(statement,) = file.program.body
for node in (statement, statement.value, statement.value.parts[0]):
    file.text_of(node)
    print("libcst" in sys.modules)
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.split() == ["False", "False", str(formatted.WRONG)]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("y = a + b", ["a + b"]),
        ("y = (a + b)", ["(a + b)"]),
        ("y = ((a + b))", ["((a + b))"]),
        ("y = ( # one\n  a +  # two\n  b # (three\n)", ["(a + b)"]),
        ("y = a \\\n + b", ["a + b"]),
        ("f(a + b)", ["a + b"]),
        ("f((a + b))", ["(a + b)"]),
        ("f (a + b)", ["a + b"]),
        ("x[(a + b)]", ["(a + b)"]),
        ("f(*(a + b), k=(a + b))", ["(a + b)", "(a + b)"]),
        ("f()(a + b)", ["a + b"]),
        ("if(a + b): pass", ["(a + b)"]),
        ("y = c * (a + b)", ["c * (a + b)", "(a + b)"]),
        ("def f(): return(a + b)", ["(a + b)"]),
        ("class A(a + b): pass", ["a + b"]),
        ("y = (a + b)[0]", ["(a + b)"]),
        ("y = (a # )\n + b)", ["(a + b)"]),
        ("assert (a +\r\n b)", ["(a + b)"]),
    ],
)
def test_brackets_that_are_written_are_said(text: str, said: list[str]) -> None:
    assert texts(text, ir.Binary) == said


@pytest.mark.parametrize(
    ("text", "said", "column"),
    [
        ("y = a, b", "a, b", 4),
        ("y = (a, b)", "(a, b)", 5),
        ("y = (a), b", "(a), b", 4),
        ("y = ((a), b)", "((a), b)", 5),
        ("y = (a),", "(a),", 4),
        ("y = (a,)", "(a,)", 5),
        ("y = ( a, b )", "( a, b )", 6),
        ("y = ()", "()", 5),
        ("y = *a, b", "*a, b", 4),
    ],
)
def test_tuples_begin_with_their_first_element(text: str, said: str, column: int) -> None:
    file = parsed(text)
    (node,) = [node for node in walking.walk(file.program.body) if isinstance(node, ir.Display)]
    assert (file.text_of(node), file.span(node).column) == (said, column)


def test_a_generator_has_brackets_where_they_are_not_those_of_the_call() -> None:
    assert texts("f(a for a in b)", ir.Comprehension) == ["a for a in b"]
    assert texts("f((a for a in b), 1)", ir.Comprehension) == ["(a for a in b)"]


def test_a_long_line_of_comment_signs_costs_no_more_than_others() -> None:
    text = "y = (a\n" + "#" * 10_000 + "\n + b\n" + ("#" * 10_000 + "\n") * 100 + ")"
    assert texts(text, ir.Binary) == ["(a + b)"]
