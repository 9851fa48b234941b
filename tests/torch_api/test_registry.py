"""A name is registered once."""

from __future__ import annotations

import pytest

from rnnlint.torch_api import catalogue
from rnnlint.torch_api.registry import OPERATIONS, operation


def test_a_second_handler_of_a_name_is_refused() -> None:
    assert catalogue  # which registers them all
    before = dict(OPERATIONS)

    def handler(*_: object) -> object:
        raise AssertionError

    with pytest.raises(ValueError, match=r"torch\.flip is registered twice"):
        operation("flip", "input dims")(handler)  # type: ignore[arg-type]
    assert before == OPERATIONS
