"""How a program that only defines models can be run: with sizes and inputs that its models take."""

from __future__ import annotations

import contextlib
import inspect
import io
import itertools
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import nn

from oracle.variations.running import Drive, dies, executable, run

_SIZE = "6"  # one for all, so that what has to be as wide is
_INPUTS = ("torch.randn(4, 7, {width})", "torch.randint(2, (4, 7))", "torch.tensor([7, 5, 3, 2])", "3")
"""Features and tokens of 4 samples of 7 steps, or of 7 of 4; lengths; and a number of steps."""

_MOST = 3  # inputs: of more there would be thousands of combinations


def guessed(text: str) -> Drive | None:
    """What calls each model of a program that by itself runs no recurrent module; None where there is nothing to call.

    Found by trying: the first inputs on which the model as it is written does not raise.
    """
    if dies(text) or run(text).tells:
        return None
    scope: dict[str, Any] = {"__name__": "__main__"}
    with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        # what a program needs that is not here is no reason to stop others
        with contextlib.suppress(Exception, SystemExit):
            exec(compile(executable(text), "<defined>", "exec"), scope)
        found = [call for name, model in list(scope.items()) if _is_model(model) for call in _calls(name, model)]
    if not found:
        return None

    def drive(scope: dict[str, Any]) -> object:
        return tuple(eval(call, {**scope, "torch": torch}) for call in found)

    return drive


def _is_model(value: object) -> bool:
    return isinstance(value, type) and issubclass(value, nn.Module) and value.__module__ == "__main__"


def _calls(name: str, model: type[nn.Module]) -> Iterator[str]:
    with contextlib.suppress(Exception):
        sizes = [_SIZE] * len(_required(model.__init__)[1:])  # but for self
        built = model(*map(int, sizes))
        rnn = next(one for one in built.modules() if isinstance(one, nn.RNNBase))
        wanted = len(_required(built.forward))
        inputs = [one.format(width=rnn.input_size) for one in _INPUTS]
        for given in itertools.product(inputs, repeat=wanted) if wanted <= _MOST else ():
            with contextlib.suppress(Exception):
                built(*(eval(one, {"torch": torch}) for one in given))
                yield f"{name}({', '.join(sizes)})({', '.join(given)})"
                return


def _required(function: Callable[..., object]) -> list[inspect.Parameter]:
    return [
        one
        for one in inspect.signature(function).parameters.values()
        if one.default is one.empty and one.kind in (one.POSITIONAL_ONLY, one.POSITIONAL_OR_KEYWORD)
    ]
