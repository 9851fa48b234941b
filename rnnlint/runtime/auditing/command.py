"""``rnnlint audit package.module:factory``: what a factory returns, and what is wrong with it otherwise."""

from __future__ import annotations

import contextlib
import importlib
import inspect
import random
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import nn

from rnnlint.runtime.auditing.audit import audited
from rnnlint.runtime.auditing.names import Names, UnknownNameError
from rnnlint.runtime.auditing.project import BadProjectError, Project
from rnnlint.runtime.auditing.raised import frames, said
from rnnlint.runtime.auditing.report import Report

LARGEST_SEED = 2**32 - 1  # numpy takes no larger one, torch and Python do


class BadInput(Exception):
    """What was asked for cannot be audited: one line says why, and ``frames`` where, in the user's own code."""

    def __init__(self, text: str, frames: Sequence[object] = ()) -> None:
        super().__init__("\n".join([text, *(f"  {frame}" for frame in frames)]))


@dataclass(frozen=True, slots=True)
class Audited:
    """One target: its report, or why there is none."""

    target: str
    report: Report | None = None
    refused: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """What every target is audited for."""

    allowed: Names
    selected: Names | None
    seed: int


def asked(allow: Sequence[str], select: Sequence[str], seed: int) -> Asked:
    """The choices of the command line and of the project around the current folder; raises :class:`BadInput`."""
    if not 0 <= seed <= LARGEST_SEED:
        raise BadInput(f"no such seed: {seed} is not from 0 to 2**32 - 1")
    try:
        project = Project.around(Path.cwd())
        chosen = Names.of(select, "--select") if select else project.selected
        return Asked(project.allowed | Names.of(allow, "--allow"), chosen, seed)
    except (UnknownNameError, BadProjectError) as wrong:
        raise BadInput(str(wrong)) from wrong


def run(targets: Sequence[str], asked: Asked) -> Iterator[Audited]:
    """The targets one after the other; one that cannot be audited loses no other.

    Modules are imported as ``python -m`` would, from the current folder first.  What the user's code prints goes to
    standard error, so that standard output is the report.
    """
    for target in targets:
        with contextlib.redirect_stdout(sys.stderr), _arguments(target):
            try:
                one = Audited(target, _run(target, asked))
            except BadInput as wrong:
                one = Audited(target, refused=str(wrong))
        yield one


def _run(target: str, asked: Asked) -> Report:
    # before the factory is called, because it draws the weights, and often the inputs
    _seed(asked.seed)
    model, inputs, keywords = _made(target)
    return audited(model, inputs, keywords, allowed=asked.allowed, selected=asked.selected)


def _seed(seed: int) -> None:
    torch.manual_seed(seed)
    random.seed(seed)
    numpy = sys.modules.get("numpy")
    if numpy is not None:
        numpy.random.seed(seed)


@contextlib.contextmanager
def _arguments(target: str) -> Iterator[None]:
    """Inside, a module that reads ``sys.argv`` does not take our arguments for its own."""
    before = sys.argv
    sys.argv = [target]
    try:
        yield
    finally:
        sys.argv = before


def _made(target: str) -> tuple[nn.Module, tuple[object, ...], dict[str, object]]:
    """The model, and the inputs and keywords it is called with."""
    factory = _factory(target)
    try:
        made = factory()
    except (Exception, SystemExit) as error:  # the factory may raise anything, and a parser of arguments exits
        raise BadInput(f"{target} raised {said(error)}", frames(error)) from error
    if not isinstance(made, tuple) or not made:
        raise BadInput(f"{target} returned a {type(made).__name__}, not a tuple of a model and its inputs")
    model, *inputs = made
    if not isinstance(model, nn.Module):
        raise BadInput(f"{target}: audit takes a model and its inputs, and a {type(model).__name__} is no nn.Module")
    # a dict alone is asked before a pair that ends with one, because a pair has two members and cannot be taken for it
    match inputs:
        case [Mapping() as keywords] if _named(keywords):
            _check(target, model, keywords)
            return model, (), dict(keywords)
        # a PackedSequence is a tuple as well, but one input
        case [args, Mapping() as keywords] if type(args) is tuple and _named(keywords):
            return model, args, dict(keywords)
    return model, tuple(inputs), {}


def _named(keywords: Mapping[object, object]) -> bool:
    return all(isinstance(key, str) for key in keywords)


def _check(target: str, model: nn.Module, keywords: Mapping[str, object]) -> None:
    """A dict is keywords; many a model takes one as its only argument, and would raise what is hard to read."""
    try:
        inspect.signature(model.forward).bind(**keywords)
    except TypeError as error:
        hint = "a dict alone is keywords; for one that is the model's argument, return (model, (inputs,), {})"
        raise BadInput(f"{target}: {type(model).__name__} {error}: {hint}") from error
    except ValueError:  # torch's own code has no signature
        pass


def _factory(target: str) -> Callable[[], object]:
    module_name, colon, name = target.partition(":")
    if not colon or not module_name or not name:
        raise BadInput(f"{target!r} is not of the form package.module:factory")
    folder = str(Path.cwd())
    if folder not in sys.path:
        # in front, as ``python -m`` does
        sys.path.insert(0, folder)
    try:
        module = importlib.import_module(module_name)
    except (Exception, SystemExit) as error:  # a module may raise anything while it is imported
        raise BadInput(f"cannot import {module_name}: {said(error)}", frames(error)) from error
    factory = getattr(module, name, None)
    if not callable(factory):
        raise BadInput(f"{module_name} has no function {name}")
    made: Callable[[], object] = factory
    return made
