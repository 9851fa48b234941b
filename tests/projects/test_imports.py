"""What imports name, read off a text: never less than Python's own tree says."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnlint.projects.imports import STAR, Import, imports_in, imports_of

NAMES = st.sampled_from(["a", "models", "Encoder", "_x", "é"])
DOTTED = st.lists(NAMES, min_size=1, max_size=3).map(".".join)
ALIASED = st.tuples(NAMES, st.none() | NAMES).map(lambda pair: " as ".join(filter(None, pair)))
LISTS = st.lists(ALIASED, min_size=1, max_size=3)
SPACE = st.sampled_from(["", "  # a comment, with commas", "  "])


@st.composite
def statements(draw: st.DrawFn) -> str:
    """An import as people write them: on one line, in brackets over several, behind a backslash, with comments."""
    kind = draw(st.sampled_from(["import", "from", "brackets", "backslash", "star"]))
    if kind == "import":
        names = draw(st.lists(st.tuples(DOTTED, st.none() | NAMES), min_size=1, max_size=3))
        return "import " + ", ".join(" as ".join(filter(None, pair)) for pair in names) + draw(SPACE)
    module = draw(st.sampled_from(["", ".", ".."])) + draw(DOTTED)
    if kind == "star":
        return f"from {module} import *"
    names_of = draw(LISTS)
    if kind == "brackets":
        return f"from {module} import (" + "".join(f"\n    {name},{draw(SPACE)}" for name in names_of) + "\n)"
    between = ", \\\n    " if kind == "backslash" else ", "
    return f"from {module} import {between.join(names_of)}" + draw(SPACE)


@st.composite
def texts(draw: st.DrawFn) -> str:
    lines: list[str] = []
    for one in draw(st.lists(statements(), max_size=5)):
        around = draw(st.sampled_from(["", "def f():", "if x:", "try:"])) if "import *" not in one else ""
        body = "\n".join(f"    {line}" for line in one.split("\n")) if around else one
        lines += [*([around] if around else []), body, *(["except E:", "    pass"] if around == "try:" else [])]
    return "\n".join(lines) + "\n"


@given(texts())
def test_nothing_that_is_imported_is_missed(text: str) -> None:
    tree = ast.parse(text)
    said = {(one.module, one.name, one.bound) for node in tree.body for one in imports_of(node)}
    assert said == {(one.module, one.name, one.bound) for one in imports_in(text)}


@pytest.mark.parametrize(
    ("text", "late"),
    [
        ("import a", False),
        ("def f():\n    import a", True),
        ("class C:\n    import a", False),
        ("class C:\n    def f(self):\n        import a", True),
        ("if TYPE_CHECKING:\n    import a", True),
        ("if typing.TYPE_CHECKING:\n    import a", True),
        ("if x:\n    import a", False),
        ("try:\n    import a\nexcept ImportError:\n    pass", False),
        ("try:\n    pass\nexcept ImportError:\n    import a", False),
        ("try:\n    pass\nfinally:\n    import a", False),
        ("with x:\n    import a", False),
        ("for x in y:\n    pass\nelse:\n    import a", False),
        ("match x:\n    case 1:\n        import a", False),
    ],
)
def test_what_is_imported_late(text: str, late: bool) -> None:
    (node,) = ast.parse(text).body
    assert list(imports_of(node)) == [Import("a", "", "a", late)]


def test_a_star_is_all_names() -> None:
    assert list(imports_in("from .models import *")) == [Import(".models", STAR, STAR)]
