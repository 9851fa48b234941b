"""Writes docs/followed.md: what the linter follows of torch, einops, numpy and Python, read off its own registries.

python -m tools.followed
"""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Iterable, Iterator
from pathlib import Path

from rnnlint.interpret.python import builtins, data_loading, namespaces, standard_library
from rnnlint.torch_api import catalogue
from rnnlint.torch_api.modules import constructors
from rnnlint.torch_api.registry import OPERATIONS, Handler, Operation
from rnnlint.torch_api.tensors import attributes

PAGE = Path(__file__).resolve().parents[1] / "docs" / "followed.md"
_HEAD = """\
# What is followed

Written by `python -m tools.followed`. rnnlint knows what these names do to the axes of a tensor, or what they say of
it. Each operation of torch below has literal calls beside its registration, on which what rnnlint answers is held
against torch (`tests/oracle/test_names.py`). Of any other function, what goes into it counts as used, nothing is known
of what comes out, and `--rnnlint-show-unknown` names it.

Where the answer is *not known*, the operation is known for what it uses.
"""


def page() -> str:
    """The page."""
    lines = [_HEAD]
    for module in catalogue.DEFINED_IN:
        rows = list(_rows(module.__name__))
        if rows:
            title = inspect.cleandoc(module.__doc__ or "").splitlines()[0].rstrip(".:")
            lines += [f"## {title}", "", "| | what it does |", "|---|---|", *rows, ""]
    lines += ["## Layers", "", _wrapped(name.removeprefix("torch.nn.") for name in constructors.CONSTRUCTORS), ""]
    lines += ["## Attributes of a tensor", "", _wrapped(attributes.TENSOR_ATTRIBUTES), ""]
    calls = (*builtins.CALLS, *namespaces.CALLS, *standard_library.CALLS, *data_loading.CALLS)
    lines += ["## Python", "", _wrapped([*builtins.NAMES, *calls]), ""]
    return "\n".join(lines)


def _rows(module: str) -> Iterator[str]:
    by_handler: dict[Handler, list[tuple[str, Operation]]] = {}
    for name, operation in OPERATIONS.items():
        if inspect.unwrap(operation.run).__module__ == module:
            by_handler.setdefault(operation.run, []).append((name, operation))
    for handler, named in by_handler.items():
        what = inspect.cleandoc(handler.__doc__ or "").splitlines()[0].replace("|", "\\|")
        known = any(one.known for _, operation in named for one in operation.tries)
        yield f"| {_names(name for name, _ in named)} | {what}{'' if known else ' *Not known.*'} |"


def _names(names: Iterable[str]) -> str:
    """Functions by their qualified names, methods with a dot before them; one that is both stands once."""
    found = list(names)
    methods = {name.removeprefix("Tensor.") for name in found if name.startswith("Tensor.")}
    shown: dict[str, None] = {}
    for name in found:
        last = name.rpartition(".")[2]
        if name.startswith("Tensor."):
            shown.setdefault(f"`{last}`" if f"torch.{last}" in found else f"`.{last}`")
        elif name == f"torch.{last}" and last in methods:
            shown.setdefault(f"`{last}`")
        else:
            shown.setdefault(f"`{name.replace('torch.nn.functional.', 'F.')}`")
    return " ".join(shown)


def _wrapped(names: Iterable[str]) -> str:
    text = " ".join(f"`{name}`" for name in sorted(set(names)))
    return "\n".join(textwrap.wrap(text, 120, break_long_words=False, break_on_hyphens=False))


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
