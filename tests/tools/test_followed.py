"""The page of what is followed says what the registries hold."""

from __future__ import annotations

from rnnlint.torch_api.registry import OPERATIONS
from tools import followed


def test_the_page_is_up_to_date() -> None:
    assert followed.PAGE.read_text(encoding="utf-8") == followed.page(), "run python -m tools.followed"


def test_every_name_stands_on_it() -> None:
    text = followed.page()
    for name in OPERATIONS:
        last = name.rpartition(".")[2]
        forms = (f"`{last}`", f"`.{last}`", f"`{name}`", f"`F.{last}`")
        assert any(form in text for form in forms), name
