"""``rnnlint audit package.module:factory``: what the factory returns, and what is wrong with it otherwise."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

from rnnlint.runtime.auditing.audit import audit
from rnnlint.runtime.auditing.report import Report, first_line


class BadInput(Exception):
    """What was asked for cannot be audited: one line says why."""


def run(target: str) -> Report:
    """The report on the model and inputs that ``package.module:factory`` returns; raises :class:`BadInput`.

    The module is imported as ``python -m`` would, from the current folder first.
    """
    model, *inputs = _made(target)
    try:
        return audit(model, *inputs)
    except TypeError as error:
        raise BadInput(f"{target}: {error}") from error


def _made(target: str) -> tuple[object, ...]:
    module_name, colon, name = target.partition(":")
    if not colon or not module_name or not name:
        raise BadInput(f"{target!r} is not of the form package.module:factory")
    folder = str(Path.cwd())
    if folder not in sys.path:
        sys.path.insert(0, folder)
    try:
        module = importlib.import_module(module_name)
    except Exception as error:  # a module may raise anything while it is imported
        raise BadInput(f"cannot import {module_name}: {_said(error)}") from error
    factory = getattr(module, name, None)
    if not callable(factory):
        raise BadInput(f"{module_name} has no function {name}")
    try:
        made = factory()
    except Exception as error:  # and so may the factory
        raise BadInput(f"{target} raised {_said(error)}") from error
    if not isinstance(made, tuple) or not made:
        raise BadInput(f"{target} returned a {type(made).__name__}, not a tuple of a model and its inputs")
    return made


def _said(error: Exception) -> str:
    return f"{type(error).__name__}: {first_line(error)}"
